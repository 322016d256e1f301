"""Authority, the reading door, search, transit, trajectory and audit."""
