"""Boxes over time to tracklets of one camera, with their best shots."""
