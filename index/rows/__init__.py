"""Rows behind one engine: SQLite in a file, or PostgreSQL by URL. `store.SqlStore` is the door."""
