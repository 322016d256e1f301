"""The walkers of a city: alone and in groups, with errands, stops, doors and changes of mind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from scenes.cast import Cast
from scenes.pavements import Footway, Pavements, Spot
from scenes.placing import CityCamera, heights_px
from scenes.plan import Actor, Leg
from scenes.roads import RoadGraph
from scenes.signals import Signals
from scenes.strolls import Stop, stroll, walked

_GROUPS = (0.52, 0.34, 0.14)  # alone, two, three
_SPEED_MPS = (1.28, 0.17, 0.9, 1.7)  # mean, deviation, slowest, fastest
_SHOULDER_M = 0.62
_DOORS = 0.45
_STOPS = 0.42
_PHONES = 0.45
_BACK = 0.14
_CHANGED = 0.06
_WATCHED = 5.0  # how much likelier a way goes on to a watched junction than to another


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when walkers and traffic are wanted: junctions `watched`, `seconds` from 0 on."""

    roads: RoadGraph
    signals: Signals
    cameras: tuple[CityCamera, ...]
    seconds: float

    @property
    def watched(self) -> list[int]:
        return [camera.node for camera in self.cameras]


def people_count(stage: Stage) -> int:
    """How many keep the views about as full at any length: some are there at the start, others
    come later."""
    return round(len(stage.cameras) * (7.5 + 0.048 * stage.seconds))


def crowd(stage: Stage, cast: Cast, rng: np.random.Generator) -> list[Leg]:
    """The legs of all walkers; a walker has several after a pause indoors or a change of jacket."""
    pavements = Pavements(stage.roads)
    legs: list[Leg] = []
    wanted = people_count(stage)
    while wanted > 0:
        size = min(int(rng.choice(3, p=_GROUPS)) + 1, wanted)
        wanted -= size
        legs += _outing(stage, pavements, [cast.walker() for _ in range(size)], rng)
    return [part for leg in legs for part in _redressed(stage, cast, leg, rng)]


def _outing(
    stage: Stage, pavements: Pavements, actors: Sequence[Actor], rng: np.random.Generator
) -> list[Leg]:
    """A group's way, and for some the way back."""
    mean, deviation, slow, fast = _SPEED_MPS
    speed = float(np.clip(rng.normal(mean - 0.08 * len(actors), deviation), slow, fast))
    way = errand(stage, pavements, rng)
    lasts = way.length_m / speed
    start_s = float(rng.uniform(-0.8 * lasts, max(stage.seconds - 12.0, 1.0)))
    legs = _together(stage, way, actors, (start_s, speed), rng)
    ends_s = legs[0].span_s[1]
    if rng.random() < _BACK and ends_s < stage.seconds - 30:
        again = float(ends_s + rng.uniform(8, 30))
        legs += _together(stage, _reversed(way), actors, (again, speed), rng)
    return legs


def errand(stage: Stage, pavements: Pavements, rng: np.random.Generator) -> Footway:
    """A way of some streets over watched junctions, from a door or street to another."""
    nodes = wander(stage.roads, stage.watched, int(rng.integers(2, 6)), rng)
    streets = stage.roads.streets_of(nodes)
    ends = [_spot(stage.roads, street, rng) for street in (streets[0], streets[-1])]
    return pavements.walk(streets, ends[0], ends[1])


def wander(
    roads: RoadGraph, watched: Sequence[int], streets: int, rng: np.random.Generator
) -> list[int]:
    """Junctions of a way of `streets` streets that keeps to `watched` ones where it can and never
    takes a street twice."""
    way = [int(rng.choice(np.asarray(watched)))]
    liked = set(watched)
    used: set[tuple[int, int]] = set()
    for turn in range(streets):
        if turn == streets - 1:
            way.reverse()
        near = [
            int(node)
            for node in roads.weights[[way[-1]]].indices
            if (min(way[-1], int(node)), max(way[-1], int(node))) not in used
        ]
        if not near:
            break
        weight = np.array([_WATCHED if node in liked and node not in way else 1.0 for node in near])
        chosen = int(rng.choice(near, p=weight / weight.sum()))
        used.add((min(way[-1], chosen), max(way[-1], chosen)))
        way.append(chosen)
    return way if rng.random() < 0.5 else way[::-1]


def _spot(roads: RoadGraph, street: int, rng: np.random.Generator) -> Spot:
    along = float(roads.length_m[street] * rng.uniform(0.3, 0.7))
    return Spot(street, along, int(rng.choice([-1, 1])), bool(rng.random() < _DOORS))


def _reversed(way: Footway) -> Footway:
    length = way.length_m
    crossings = tuple((arm, length - high, length - low) for arm, low, high in way.crossings[::-1])
    return Footway(way.xy_m[::-1].copy(), length - way.reach_m[::-1], crossings)


def _together(
    stage: Stage,
    way: Footway,
    actors: Sequence[Actor],
    start: tuple[float, float],
    rng: np.random.Generator,
) -> list[Leg]:
    """One leg an actor, side by side; `start` is when they set out and how fast they go."""
    stops = _stops(stage.roads, way, rng)
    walk = stroll(way, *start, stops=stops, signals=stage.signals)
    right = -float(np.clip(rng.normal(0.35, 0.5), -0.6, 1.0))
    legs = []
    for place, actor in enumerate(actors):
        aside = right + (place - (len(actors) - 1) / 2) * _SHOULDER_M
        still = "phone" if rng.random() < _PHONES else "stand"
        ahead = float(rng.normal(0, 0.15)) if len(actors) > 1 else 0.0
        legs.append(
            walked(
                actor,
                way,
                walk,
                aside_m=float(np.clip(aside, -1.15, 1.15)),
                ahead_m=ahead,
                still="phone" if still == "phone" else "stand",
            )
        )
    return legs


def _stops(roads: RoadGraph, way: Footway, rng: np.random.Generator) -> list[Stop]:
    """Before a shop window, or to look at the phone; never on a zebra."""
    if rng.random() > _STOPS:
        return []
    reach = float(rng.uniform(0.15, 0.85)) * way.length_m
    if any(low - 3 < reach < high + 3 for _, low, high in way.crossings):
        return []
    turn = _to_window_rad(roads, way, reach) if rng.random() < 0.6 else float(rng.uniform(-1, 1))
    return [Stop(reach, float(rng.uniform(4, 22)), turn)]


def _to_window_rad(roads: RoadGraph, way: Footway, reach_m: float) -> float:
    """How far to turn left from the way's direction to face away from the nearest street."""
    row = int(np.searchsorted(way.reach_m, reach_m))
    row = min(max(row, 1), len(way.xy_m) - 2)
    here, ahead = way.xy_m[row], way.xy_m[row + 1] - way.xy_m[row - 1]
    offset = here - roads.nodes_m[roads.edges[:, 0]]
    along = (offset * roads.along).sum(axis=1)
    across = (offset * roads.left).sum(axis=1)
    beside = (along > 0) & (along < roads.length_m)
    street = int(np.argmin(np.where(beside, np.abs(across), np.inf)))
    out = roads.left[street] * np.sign(across[street])
    cross, dot = ahead[0] * out[1] - ahead[1] * out[0], float(ahead @ out)
    return float(np.arctan2(cross, dot))


def _redressed(stage: Stage, cast: Cast, leg: Leg, rng: np.random.Generator) -> list[Leg]:
    """For a few the leg in two, in another jacket from where no camera looks on."""
    if rng.random() > _CHANGED:
        return [leg]
    seen = _seen(stage.cameras, leg.xy_m)
    first, last = np.flatnonzero(seen)[[0, -1]] if seen.any() else (0, 0)
    unseen = [row for row in range(first + 1, last) if not seen[row]]
    if not unseen:
        return [leg]
    row = unseen[len(unseen) // 2]
    parts = ((leg.actor, slice(0, row + 1)), (cast.changed(leg.actor), slice(row, None)))
    return [
        Leg(actor, leg.at_s[part], leg.xy_m[part], leg.heading_rad[part], leg.pose, leg.still)
        for actor, part in parts
    ]


def _seen(cameras: Sequence[CityCamera], xy_m: F64) -> F64:
    """Whether any camera has a place (K, 2) in its picture, (K,)."""
    return np.stack([heights_px(camera.view, xy_m) > 8 for camera in cameras]).any(axis=0)
