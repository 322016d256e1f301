"""A report's map: roads and cameras as lines and dots on a plane. No tiles, nothing fetched."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cases.report_content import Place, RoadMap

Point = tuple[float, float]

_EARTH_M = 6_371_008.8
_MARGIN = 0.07
_NEAR = 0.5  # how much of the way's own extent is shown around it
_SCALES_M = tuple(digit * 10**power for power in range(1, 6) for digit in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Dot:
    """A camera: `number` is that of its first sighting, 0 where there is none."""

    at: Point
    label: str
    number: int
    numbers: str = ""  # all of its sightings


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in a frame of width 1 and height `height`, y downwards."""

    height: float
    roads: tuple[tuple[Point, Point], ...]
    way: tuple[tuple[Point, Point, bool], ...]  # from, to, and whether it is feasible
    dots: tuple[Dot, ...]
    scale_m: int
    scale_width: float


def drawn(
    roads: RoadMap, way: Sequence[int], feasible: Sequence[bool], *, height: float = 0.5
) -> Drawing | None:
    """The map around the cameras `way` in order; None if fewer than one of them has a place."""
    places = {place.camera_id: place for place in roads.places}
    shown = [places[i] for i in way if i in places]
    if not shown:
        return None
    flat = {i: _flat(place, shown[0]) for i, place in places.items()}
    frame = _Frame.around([flat[place.camera_id] for place in shown], height)
    lines = (
        (frame.put(flat[a]), frame.put(flat[b]))
        for a, b in roads.roads
        if frame.near(flat[a]) or frame.near(flat[b])
    )
    scale_m = max((m for m in _SCALES_M if m * frame.scale <= 0.25), default=_SCALES_M[0])
    return Drawing(
        height,
        tuple(lines),
        tuple(_hops(way, feasible, flat, frame)),
        tuple(_dots(way, places, flat, frame)),
        scale_m,
        scale_m * frame.scale,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Metres to shares of the width: `middle` comes to the middle of the frame."""

    middle: Point
    scale: float
    height: float

    @classmethod
    def around(cls, points: Sequence[Point], height: float) -> "_Frame":
        xs, ys = [x for x, _ in points], [y for _, y in points]
        reach_x = max(max(xs) - min(xs), 100.0) * (1 + _NEAR)
        reach_y = max(max(ys) - min(ys), 60.0) * (1 + _NEAR)
        room = 1 - 2 * _MARGIN
        scale = min(room / reach_x, (height - 2 * _MARGIN) / reach_y)
        return cls(((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2), scale, height)

    def put(self, point: Point) -> Point:
        x = 0.5 + (point[0] - self.middle[0]) * self.scale
        y = self.height / 2 - (point[1] - self.middle[1]) * self.scale
        return round(x, 5), round(y, 5)

    def near(self, point: Point) -> bool:
        x, y = self.put(point)
        return -0.2 <= x <= 1.2 and -0.2 <= y <= self.height + 0.2

    def holds(self, point: Point) -> bool:
        x, y = self.put(point)
        return 0.01 <= x <= 0.99 and 0.01 <= y <= self.height - 0.01


def _flat(place: Place, origin: Place) -> Point:
    """Metres east and north of the first camera; a city is flat enough for that."""
    lon_deg, lat_deg = place.lon_lat_deg or (0.0, 0.0)
    lon0_deg, lat0_deg = origin.lon_lat_deg or (0.0, 0.0)
    east_deg, north_deg = lon_deg - lon0_deg, lat_deg - lat0_deg
    shrink = math.cos(math.radians(lat0_deg))
    return math.radians(east_deg) * _EARTH_M * shrink, math.radians(north_deg) * _EARTH_M


def _hops(
    way: Sequence[int], feasible: Sequence[bool], flat: Mapping[int, Point], frame: _Frame
) -> Iterable[tuple[Point, Point, bool]]:
    for (a, b), fits in zip(pairwise(way), feasible, strict=True):
        if a in flat and b in flat and a != b:
            yield frame.put(flat[a]), frame.put(flat[b]), fits


def _dots(
    way: Sequence[int],
    places: Mapping[int, Place],
    flat: Mapping[int, Point],
    frame: _Frame,
) -> Iterable[Dot]:
    numbers: dict[int, list[int]] = {}
    for number, camera_id in enumerate(way, 1):
        numbers.setdefault(camera_id, []).append(number)
    for camera_id, place in places.items():
        if frame.holds(flat[camera_id]):
            own = numbers.get(camera_id, [])
            text = ", ".join(map(str, own))
            yield Dot(frame.put(flat[camera_id]), place.name, own[0] if own else 0, text)
