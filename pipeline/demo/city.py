"""Which city the demo shows: one whose cameras see the thief large and long at every stop."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from core.arrays import F64
from core.errors import InvalidInput
from pipeline.demo.way import Stop, stops_of
from scenes.city import City, plan_city
from scenes.splits import MAX_SEED, Split, rng_for
from scenes.theft import VehicleKind

CAMERAS, SECONDS = (3, 12), (75.0, 300.0)
"""What the demo may be asked for: more would not fit its five minutes and its memory."""
VARIATIONS = 32
GETAWAY: VehicleKind = "ebike"
"""A car that stood in view before the theft would be one tracklet from long before it."""

_LEAST_PX, _LEAST_S = 48.0, 1.5
"""A person would hardly draw a box round somebody smaller, or notice somebody in less time."""
_LEAST_STOPS = 3
_STEP_S = 0.1


def check_plan(seed: int, cameras: int, seconds: float) -> None:
    """`InvalidInput` for what is out of range."""
    if not 0 <= seed <= MAX_SEED:
        raise InvalidInput(f"seed: want 0 to {MAX_SEED}, got {seed}")
    if not CAMERAS[0] <= cameras <= CAMERAS[1]:
        raise InvalidInput(f"cameras: want {CAMERAS[0]} to {CAMERAS[1]}, got {cameras}")
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise InvalidInput(f"seconds: want {SECONDS[0]:g} to {SECONDS[1]:g}, got {seconds:g}")


def variations(seed: int, cameras: int, seconds: float) -> Iterator[tuple[City | None, str]]:
    """Cities of a seed in an order that is always the same, the seed's own first.

    Each is given with what speaks against it, empty if nothing does; None if there was no theft
    that its cameras could see.
    """
    for variation in range(VARIATIONS):
        varied = seed_of(seed, variation)
        try:
            city = plan_city(varied, cameras=cameras, seconds=seconds, light="day", getaway=GETAWAY)
        except InvalidInput as error:
            yield None, str(error)
            continue
        yield city, weakness(city)


def seed_of(seed: int, variation: int) -> int:
    """The city's seed: the asked one, then others that follow from it."""
    if not variation:
        return seed
    return int(rng_for(seed, Split.TEST, variation).integers(0, MAX_SEED))


def weakness(city: City) -> str:
    """Why this theft is no fair question, empty if it is one. What hides the thief for a moment is
    not looked at: that is known once it is filmed."""
    stops = stops_of(city.subjects[0].appearances)
    if len(stops) < _LEAST_STOPS:
        return f"the thief passes {len(stops)} cameras only"
    for stop, after in pairwise(stops):
        if after.in_s < stop.out_s:
            return f"{city.cameras[after.camera].name} sees the thief while another one does"
    for stop in stops:
        if (clear_s := _clear_s(city, stop)) < _LEAST_S:
            name = city.cameras[stop.camera].name
            return f"{name} sees the thief for {clear_s:.1f} s only in good size"
    return ""


def _clear_s(city: City, stop: Stop) -> float:
    times = np.arange(stop.in_s, stop.out_s, _STEP_S)
    return float((_heights_px(city, stop.camera, times) >= _LEAST_PX).sum() * _STEP_S)


def _heights_px(city: City, camera: int, at_s: F64) -> F64:
    """How tall the thief is in a camera's picture, by instant (T,); 0 where not in it."""
    wanted = city.subjects[0].actor_ids
    tall = np.zeros(len(at_s))
    for leg in (leg for leg in city.legs if leg.actor.actor_id in wanted):
        on_it = (at_s >= leg.span_s[0]) & (at_s < leg.span_s[1])
        tall[on_it] = city.cameras[camera].heights_px(leg.positions(at_s[on_it]))
    return tall
