"""Measured claims; each writes JSON."""
