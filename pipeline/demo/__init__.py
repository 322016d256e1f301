"""The demo: a theft in a synthetic city, filmed, watched, and found by the whole product."""

from pipeline.demo.cache import default_cache
from pipeline.demo.film import Film
from pipeline.demo.footprint import MemoryWatch, Share, Steps, Telling, Timing
from pipeline.demo.story import DemoPlan, DemoReport, demo_settings, prepared_film, worked
from pipeline.demo.studio import films
from pipeline.demo.way import Stay, Stop, Way

__all__ = [
    "DemoPlan",
    "DemoReport",
    "Film",
    "MemoryWatch",
    "Share",
    "Stay",
    "Steps",
    "Stop",
    "Telling",
    "Timing",
    "Way",
    "default_cache",
    "demo_settings",
    "films",
    "prepared_film",
    "worked",
]
