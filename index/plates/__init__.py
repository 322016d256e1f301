"""Readings of plates in segments: how they are packed, narrowed down, scored and found."""
