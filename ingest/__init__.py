"""Pixels and packets in: streams, files, uploads, stills; and the recorder."""
