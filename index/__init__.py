"""Keeps and finds: rows, vectors, shots and footage; retention and erasure."""
