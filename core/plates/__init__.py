"""Words and mathematics of plates that all folders share; see the modules, each one job."""
