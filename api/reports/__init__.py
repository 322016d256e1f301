"""A case's report in words: as HTML of one file and as PDF, in Chinese and English."""
