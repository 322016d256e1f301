"""The recipes that made the bundled models, in the order of `make train`; not in the wheel."""
