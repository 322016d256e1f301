"""Where the demo's films are made: in the synthetic city."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

from pipeline.demo.footprint import Share
from scenes.city import City
from scenes.film import film_city

Filming = Callable[[City, Path, Share], object]
"""Films a city into an empty folder; is to tell how much is done."""

_WORKERS = 2


def films(city: City, folder: Path, share: Share) -> None:
    """Film a city on two cores. Whatever breaks it off, nobody films on."""
    try:
        film_city(city, folder, workers=_WORKERS, progress=share)
    except BaseException:
        for worker in multiprocessing.active_children():
            worker.terminate()
            worker.join()
        raise
