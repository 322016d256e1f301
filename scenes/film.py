"""A city on film: its pictures, its clips, and what is true of them."""

from scenes.exposures import FPS, Exposure, Seen, frames

__all__ = ["FPS", "Exposure", "Seen", "frames"]
