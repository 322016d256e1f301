"""Frames to boxes of our classes."""
