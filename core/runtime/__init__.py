"""Runs models: the catalogue of model files and the sessions that execute them."""
