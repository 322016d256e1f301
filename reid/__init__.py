"""Shots to unit vectors, calibration of their likeness, and ranking metrics."""
