"""One file of commands a noun."""
