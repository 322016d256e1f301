"""The walkers of a city: alone and in groups, with errands, stops, doors and changes of mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from core.arrays import F64, Bool
from scenes.cast import Cast
from scenes.pavements import Footway, Pavements, Spot
from scenes.placing import CityCamera
from scenes.plan import Actor, Leg, Pose
from scenes.roads import RoadGraph
from scenes.signals import Signals
from scenes.strolls import Stop, Stroll, stroll, walked

_GROUPS = (0.30, 0.36, 0.34)  # alone, two, three
_SPEED_MPS = (1.28, 0.17, 0.9, 1.7)  # mean, deviation, slowest, fastest
_SHOULDER_M = 0.58
_DOORS = 0.45
_STOPS = 0.42
_PHONES = 0.45
_BACK = 0.14
_CHANGED = 0.06
_NOTICED_PX = 8.0
_WATCHED = 5.0  # how much likelier a way goes on to a watched junction than to another


@dataclass(frozen=True)
class Stage:
    """Where and when walkers and traffic are wanted: junctions `watched`, `seconds` from 0 on."""

    roads: RoadGraph
    signals: Signals
    cameras: tuple[CityCamera, ...]
    seconds: float

    @property
    def watched(self) -> list[int]:
        return [camera.node for camera in self.cameras]

    @cached_property
    def shown_nodes(self) -> Bool:
        """Junctions whose middle is in some picture, (N,)."""
        return seen(self.cameras, self.roads.nodes_m)

    @cached_property
    def shown_streets(self) -> Bool:
        """Streets whose middle third is, in part, in some picture, (E,)."""
        rows = np.arange(len(self.roads.edges))
        thirds = [self.roads.at(rows, self.roads.length_m * share) for share in (0.3, 0.5, 0.7)]
        shown = np.stack([seen(self.cameras, third) for third in thirds])
        return np.asarray(shown.any(axis=0), np.bool_)


def people_count(stage: Stage) -> int:
    """How many keep the views about as full at any length: some are there at the start, others
    come later."""
    return round(len(stage.cameras) * (13.0 + 0.074 * stage.seconds))


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody is on the zebra of an arm (2 * street + end)."""

    arm: int
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """All walkers: their legs (several after a pause indoors or a change of jacket), and when
    they are on which zebra."""

    legs: tuple[Leg, ...]
    crossings: tuple[Crossing, ...]


def crowd(
    stage: Stage, cast: Cast, rng: np.random.Generator, *, first: Sequence[Actor] = ()
) -> Crowd:
    """As many walkers as keep the views full, those of `first` among them."""
    pavements = Pavements(stage.roads)
    legs: list[Leg] = []
    crossings: list[Crossing] = []
    wanted = people_count(stage)
    while wanted > 0:
        size = min(int(rng.choice(3, p=_GROUPS)) + 1, wanted)
        wanted -= size
        group = [*first[:1], *(cast.walker() for _ in range(size))][:size]
        first = first[1:]
        outing = _outing(stage, pavements, group, rng)
        legs += [part for leg in outing.legs for part in _redressed(stage, cast, leg, rng)]
        crossings += outing.crossings
    return Crowd(tuple(legs), tuple(crossings))


def crossed(way: Footway, walk: Stroll) -> list[Crossing]:
    """When a walk is on each zebra of its way."""
    found = []
    for arm, low, high in way.crossings:
        first = int(np.searchsorted(walk.reach_m, low - 0.3, side="right")) - 1
        last = int(np.searchsorted(walk.reach_m, high))
        ends = walk.at_s[max(first, 0)], walk.at_s[min(last, len(walk.at_s) - 1)]
        found.append(Crossing(arm, float(ends[0]), float(ends[1])))
    return found


def _outing(
    stage: Stage, pavements: Pavements, actors: Sequence[Actor], rng: np.random.Generator
) -> Crowd:
    """A group's way, and for some the way back."""
    mean, deviation, slow, fast = _SPEED_MPS
    speed = float(np.clip(rng.normal(mean - 0.08 * len(actors), deviation), slow, fast))
    way = errand(stage, pavements, rng)
    lasts = way.length_m / speed
    start_s = float(rng.uniform(-0.8 * lasts, max(stage.seconds - 12.0, 1.0)))
    there = _together(stage, way, actors, (start_s, speed), rng)
    ends_s = there.legs[0].span_s[1]
    if rng.random() > _BACK or ends_s > stage.seconds - 30:
        return there
    again = float(ends_s + rng.uniform(8, 30))
    back = _together(stage, _reversed(way), actors, (again, speed), rng)
    return Crowd(there.legs + back.legs, there.crossings + back.crossings)


def errand(stage: Stage, pavements: Pavements, rng: np.random.Generator) -> Footway:
    """A way of some streets over watched junctions, from a door or street to another."""
    nodes = wander(stage, int(rng.integers(2, 6)), rng)
    streets = stage.roads.streets_of(nodes)
    ends = [_spot(stage, street, rng) for street in (streets[0], streets[-1])]
    return pavements.walk(streets, ends[0], ends[1])


def wander(stage: Stage, streets: int, rng: np.random.Generator) -> list[int]:
    """Junctions of a way of about `streets` streets through the view of one camera drawn from all:
    it keeps to watched junctions where it can and never takes a street twice."""
    roads, watched = stage.roads, set(stage.watched)
    camera = stage.cameras[int(rng.integers(len(stage.cameras)))]
    way = [int(node) for node in roads.edges[camera.street]]
    for _ in range(streets - 1):
        if rng.random() < 0.5:
            way.reverse()
        taken = {*pairwise(way), *pairwise(way[::-1])}
        near = [node for node in roads.neighbours(way[-1]) if (way[-1], node) not in taken]
        if near:
            liked = [_WATCHED if node in watched and node not in way else 1.0 for node in near]
            way.append(int(rng.choice(near, p=np.array(liked) / sum(liked))))
    return way


def _spot(stage: Stage, street: int, rng: np.random.Generator) -> Spot:
    """In mid-street; at a door, unless nobody would see it when somebody came out of nothing."""
    roads = stage.roads
    along = float(roads.length_m[street] * rng.uniform(0.3, 0.7))
    door = bool(stage.shown_streets[street]) or bool(rng.random() < _DOORS)
    return Spot(street, along, int(rng.choice([-1, 1])), door)


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
) -> Crowd:
    """One leg an actor, side by side; `start` is when they set out and how fast they go."""
    stops = _stops(stage.roads, way, rng)
    kerb_m = float(rng.uniform(0.5, 3.0))
    walk = stroll(way, *start, stops=stops, signals=stage.signals, kerb_m=kerb_m)
    right = -float(np.clip(rng.normal(0.35, 0.5), -0.6, 1.0))
    legs = []
    for place, actor in enumerate(actors):
        aside = right + (place - (len(actors) - 1) / 2) * _SHOULDER_M
        still: Pose = "phone" if rng.random() < _PHONES else "stand"
        ahead = float(rng.normal(0, 0.15)) if len(actors) > 1 else 0.0
        aside = float(np.clip(aside, -1.15, 1.15))
        legs.append(walked(actor, way, walk, aside_m=aside, ahead_m=ahead, still=still))
    return Crowd(tuple(legs), tuple(crossed(way, walk)))


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
    watched = seen(stage.cameras, leg.xy_m)
    first, last = np.flatnonzero(watched)[[0, -1]] if watched.any() else (0, 0)
    unseen = [row for row in range(first + 1, last) if not watched[row]]
    if not unseen:
        return [leg]
    row = unseen[len(unseen) // 2]
    parts = ((leg.actor, slice(0, row + 1)), (cast.changed(leg.actor), slice(row, None)))
    return [
        Leg(actor, leg.at_s[part], leg.xy_m[part], leg.heading_rad[part], leg.pose, leg.still)
        for actor, part in parts
    ]


def seen(cameras: Sequence[CityCamera], xy_m: F64) -> Bool:
    """Whether any camera has somebody at a place (K, 2) in its picture, (K,)."""
    tall = np.stack([camera.heights_px(xy_m) for camera in cameras])
    return np.asarray((tall > _NOTICED_PX).any(axis=0), np.bool_)
