"""`python -m api`: the same as `casetrace`."""

from api.cli import main

main()
