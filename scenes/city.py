"""A city for a seed: its roads, its cameras, and everybody's ways for some minutes."""

from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np

from core.arrays import F32, F64, I32, Bool
from core.clocks import DAY_NS, NS, parse_utc
from core.errors import InvalidInput
from scenes.cast import Cast
from scenes.crowd import Stage, crowd
from scenes.fleet import clock, closures, fleet
from scenes.heist import MIN_CAMERAS, MIN_SECONDS, Heist, plan_theft
from scenes.lens import Optics
from scenes.light import Hour, Weather
from scenes.placing import CityCamera, hidden, place_cameras, watched_junctions
from scenes.plan import Leg, Placed
from scenes.roads import RoadGraph, camera_roads, plan_roads
from scenes.signals import plan_signals
from scenes.splits import Split, rng_for
from scenes.theft import Subject, Theft, VehicleKind
from scenes.traffic import bodies, drive

__all__ = ["City", "CityCamera", "Optics", "plan_city"]

MAX_CAMERAS = 64
SECONDS = (10.0, 900.0)

_FAR_M = 150.0
"""Beyond it somebody is under ten pixels high in every camera of ours."""
_BESIDE_M = 9.0  # half a bus, and the shadow that it casts
_LOOK_S = 0.5
_FIRST_DAY_NS = parse_utc("2025-03-03T00:00:00Z")
_STARTS_H = {"day": (7.5, 17.0), "dusk": (18.0, 19.5), "night": (20.5, 23.0)}
_HOURS: dict[Hour, float] = {"day": 0.62, "dusk": 0.2, "night": 0.18}
_WEATHERS: dict[Weather, float] = {"clear": 0.45, "overcast": 0.27, "rain": 0.18, "fog": 0.1}
_PLAN, _LIGHT = 1, 2
_ATTEMPTS = 32


@dataclass(frozen=True, eq=False)
class City:
    """Everything about `seconds` of one city; `start_ns` is UTC at `at_s` 0.

    `legs` may begin before 0 and end after `seconds`. `subjects` is the truth about who is wanted:
    the thief, if there is a `theft`.
    """

    seed: int
    split: Split
    start_ns: int
    seconds: float
    roads: RoadGraph
    cameras: tuple[CityCamera, ...]
    legs: tuple[Leg, ...]
    light: Hour
    weather: Weather
    subjects: tuple[Subject, ...] = ()
    theft: Theft | None = None
    _near: dict[int, dict[int, list[Leg]]] = field(default_factory=dict, repr=False, init=False)

    def placed(self, at_s: float, camera: int) -> list[Placed]:
        """Who may be in that camera's picture, or throw a shadow into it, in any order."""
        if camera not in self._near:
            self._near[camera] = _near_by_second(self.cameras[camera], self.legs, self.seconds)
        near = self._near[camera].get(int(at_s), [])
        return [one for leg in near if (one := leg.placed(at_s)) is not None]

    def camera_ways(self) -> tuple[I32, F32]:
        """Ways by road between cameras: rows (E, 2) and metres (E,), for a `CameraGraph`."""
        streets = np.array([camera.street for camera in self.cameras], np.int64)
        along = np.array([camera.along_m for camera in self.cameras])
        return camera_roads(self.roads, streets, along)


def _near_by_second(
    camera: CityCamera, legs: tuple[Leg, ...], seconds: float
) -> dict[int, list[Leg]]:
    """The legs that come near the view, by whole second."""
    near: dict[int, list[Leg]] = {}
    times = np.arange(0.0, seconds + 1.0, _LOOK_S)
    for leg in legs:
        low, high = np.searchsorted(times, leg.span_s)
        mine = times[max(low - 1, 0) : high + 1]
        inside = _may_show(camera, leg.positions(np.clip(mine, *_inner(leg))))
        # Who shows at a look may have come, or still be there, until the looks next to it.
        shown = mine[inside, None] + np.array([-_LOOK_S, 0.0, _LOOK_S])
        for second in np.unique(np.floor(shown).astype(np.int64)).tolist():
            near.setdefault(second, []).append(leg)
    return near


def _inner(leg: Leg) -> tuple[float, float]:
    first, last = leg.span_s
    return first, float(np.nextafter(last, first))


def _may_show(camera: CityCamera, xy_m: F64) -> Bool:
    """Whether places (T, 2) lie in the camera's opening angle or just beside it, and not well
    behind a house, (T,)."""
    view = camera.view
    offset = xy_m - np.asarray(view.position_m[:2])
    cos, sin = np.cos(view.heading_rad), np.sin(view.heading_rad)
    ahead = offset @ [cos, sin]
    across = np.abs(offset @ [-sin, cos])
    # A ray in the picture's corner is the further aside the steeper it falls: by 1 / cos(tilt).
    slope = view.size_hw[1] / 2 / view.focal_px / np.cos(view.tilt_rad) * 1.15
    wide = across < slope * np.maximum(ahead, 0.0) + _BESIDE_M
    near = np.flatnonzero(wide & (ahead > -_BESIDE_M) & (ahead < _FAR_M))
    beside = offset[near][:, ::-1] * [-1, 1]
    beside *= _BESIDE_M / np.maximum(np.linalg.norm(beside, axis=1, keepdims=True), 1.0)
    sides = [xy_m[near] + share * beside for share in (-1.0, 0.0, 1.0)]
    behind = np.all([hidden(view, side, camera.walls_m) for side in sides], axis=0)
    shows = np.zeros(len(xy_m), np.bool_)
    shows[near[~behind]] = True
    return shows


def plan_city(
    seed: int,
    *,
    split: Split = Split.TEST,
    cameras: int = 6,
    seconds: float = 180,
    theft: bool = True,
    light: Hour | None = None,
    weather: Weather | None = None,
    getaway: VehicleKind | None = None,
) -> City:
    """The city of a seed; the same arguments give the same city, down to the last step.

    `light`, `weather` and the vehicle of the thief's `getaway` are drawn where they are None.
    Raises `InvalidInput` for arguments out of range.
    """
    _check(cameras, seconds, theft=theft, light=light, weather=weather)
    hour, sky, start_ns = _sky(rng_for(seed, split, _LIGHT), light, weather)
    side = int(np.ceil(np.sqrt(cameras))) + 4
    roads = plan_roads(seed, split, nodes=side * side)
    for attempt in range(_ATTEMPTS):
        rng = rng_for(seed, split, _PLAN, attempt)
        placed = place_cameras(roads, watched_junctions(roads, cameras, rng), rng)
        stage = Stage(roads, plan_signals(roads, rng), placed, float(seconds))
        cast = Cast(rng)
        heist = plan_theft(stage, cast, rng, vehicle=getaway) if theft else None
        if heist is not None or not theft:
            break
    else:
        raise InvalidInput(f"seed: want one whose cameras can see a theft, got {seed}")
    legs = _everybody(stage, cast, heist, rng)
    city = City(seed, split, start_ns, float(seconds), roads, placed, legs, hour, sky)
    if heist is None:
        return city
    return replace(city, subjects=(heist.subject,), theft=heist.theft)


def _everybody(
    stage: Stage, cast: Cast, heist: Heist | None, rng: np.random.Generator
) -> tuple[Leg, ...]:
    """The legs of the theft first, then walkers, then traffic, which drives around them all."""
    ticks = clock(stage)
    legs, crossings = (heist.legs, heist.crossings) if heist else ((), ())
    thief = legs[0].actor if legs else None
    walkers = crowd(stage, cast, rng, first=[cast.lookalike(thief)] if thief else [])
    fixed = bodies(heist.bodies if heist else (), ticks)
    closed = closures(stage, (*crossings, *walkers.crossings))
    return (*legs, *walkers.legs, *drive(fleet(stage, cast, rng), fixed, closed, ticks))


def _check(
    cameras: int, seconds: float, *, theft: bool, light: Hour | None, weather: Weather | None
) -> None:
    if not 1 <= cameras <= MAX_CAMERAS:
        raise InvalidInput(f"cameras: want 1 to {MAX_CAMERAS}, got {cameras}")
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise InvalidInput(f"seconds: want {SECONDS[0]:g} to {SECONDS[1]:g}, got {seconds}")
    if theft and (cameras < MIN_CAMERAS or seconds < MIN_SECONDS):
        raise InvalidInput(
            f"theft: want {MIN_CAMERAS} cameras and {MIN_SECONDS:g} seconds at least, "
            f"got {cameras} and {seconds}"
        )
    if light is not None and light not in get_args(Hour):
        raise InvalidInput(f"light: want one of {get_args(Hour)}, got {light!r}")
    if weather is not None and weather not in get_args(Weather):
        raise InvalidInput(f"weather: want one of {get_args(Weather)}, got {weather!r}")


def _sky(
    rng: np.random.Generator, light: Hour | None, weather: Weather | None
) -> tuple[Hour, Weather, int]:
    """Hour, weather and a start on some day of 2025 at a time that suits the light."""
    hour = light or list(_HOURS)[int(rng.choice(len(_HOURS), p=list(_HOURS.values())))]
    drawn = list(_WEATHERS)[int(rng.choice(len(_WEATHERS), p=list(_WEATHERS.values())))]
    day = int(rng.integers(0, 200))
    second = int(3600 * rng.uniform(*_STARTS_H[hour]))
    return hour, weather or drawn, _FIRST_DAY_NS + day * DAY_NS + second * NS
