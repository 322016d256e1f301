"""A synthetic street with ground truth."""
