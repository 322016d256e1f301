"""Settings, wiring and running."""
