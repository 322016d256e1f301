"""Rows in SQLite or PostgreSQL behind the store's protocols."""
