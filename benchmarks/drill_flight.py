"""A thief's two hours past the cameras of a town, without pixels: on foot, mounted, on foot again.

From the scene on foot past two to four cameras, in view of the last of them onto an e-bike or into
a car, on through the town, off again in view of a camera, on foot to a hideout, and after a rest
out once more. He moves by the same laws as everybody else in `scenes.travel`, somewhat faster on
foot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.arrays import F64, I64
from core.errors import InvalidInput
from core.types import ObjectClass
from scenes.population import STAGED
from scenes.travel import TRAVEL, Passings, Ways

CAR_SHARE = 0.35
"""How often the getaway is a car, as in the filmed thefts."""

_HURRY = 1.35  # how much faster on foot than others
_SPEED_SIGMA, _HOP_SIGMA = 0.12, 0.15  # as others: between subjects, and from way to way
_STOP_SHARE, _STOP_S = 0.25, 20.0
_DETOUR = 0.2
_VIEW_M = 11.0  # of somebody's way on foot in one view, as in `scenes.tracklets`
_UNLOCK_S, _ENTER_S = (0.8, 2.5), (1.5, 5.0)  # from the last look on foot to the first mounted
_REST_S = (900.0, 2400.0)
_RIDE_M = {ObjectClass.EBIKE_RIDER: (1200.0, 2600.0), ObjectClass.CAR: (1600.0, 3200.0)}
_WALK_M = 900.0
_FEWEST_PASSED = 3
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Change:
    """Subject `before` becomes subject `after` in view of the camera of a row, at `at_s`."""

    kind: Literal["mounts", "dismounts"]
    camera: int
    at_s: float
    before: int
    after: int


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """All passings of the thief in order of time, the first one at the scene."""

    passings: Passings
    changes: tuple[Change, ...]
    vehicle: ObjectClass

    @property
    def subjects(self) -> I64:
        """All numbers that the thief goes by, ascending."""
        return np.unique(self.passings.subject)

    @property
    def riders(self) -> Mapping[int, int]:
        """The rider and who that is on foot; a car hides its driver."""
        person = _subject(ObjectClass.PERSON)
        hides = self.vehicle is ObjectClass.CAR
        return {} if hides else {_subject(self.vehicle): person}


def plan_flight(ways: Ways, scene: int, rng: np.random.Generator, *, at_s: float) -> Flight:
    """A flight from camera row `scene`, where the theft is seen at `at_s`.

    `InvalidInput` where no way out of it passes enough cameras.
    """
    vehicle = ObjectClass.CAR if rng.random() < CAR_SHARE else ObjectClass.EBIKE_RIDER
    for _ in range(_TRIES):
        mover = _Mover(ways, rng, scene, at_s)
        _fled(mover, vehicle)
        if mover.passed_since_mount() >= _FEWEST_PASSED:
            return mover.flight(vehicle)
    raise InvalidInput(f"scene: want a camera with ways out, got row {scene}")


def _fled(mover: "_Mover", vehicle: ObjectClass) -> None:
    rng = mover.rng
    mover.appear(ObjectClass.PERSON)
    mover.go(_WALK_M, most=int(rng.integers(1, 4)))
    mover.change("mounts", vehicle)
    mover.go(float(rng.uniform(*_RIDE_M[vehicle])), most=12)
    mover.change("dismounts", ObjectClass.PERSON)
    mover.go(_WALK_M, most=int(rng.integers(0, 3)))
    mover.rest(float(rng.uniform(*_REST_S)))
    mover.go(_WALK_M, most=int(rng.integers(1, 4)))


def _subject(kind: ObjectClass) -> int:
    """The number of the thief as one of that class; of no other subject."""
    return STAGED + int(kind)


@dataclass(slots=True)
class _Seen:
    subject: int
    camera: int
    at_s: float
    speed_mps: float


@dataclass(slots=True)
class _Mover:
    """Where the thief is, and what is behind."""

    ways: Ways
    rng: np.random.Generator
    camera: int
    at_s: float
    before: int = -1
    kind: ObjectClass = ObjectClass.PERSON
    speed_mps: float = 0.0
    seen: list[_Seen] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def appear(self, kind: ObjectClass) -> None:
        """Be seen here and now, as one of that class from now on."""
        self.kind = kind
        hurry = _HURRY if kind is ObjectClass.PERSON else 1.0
        usual = TRAVEL[kind].speed_mps * hurry
        self.speed_mps = usual * float(np.exp(_SPEED_SIGMA * self.rng.standard_normal()))
        self._pass()

    def go(self, way_m: float, *, most: int) -> None:
        """Towards a place so far off, past so many cameras at most."""
        turn = self.rng.uniform(0, 2 * np.pi)
        goal = self.ways.places_m[self.camera] + way_m * np.array([np.cos(turn), np.sin(turn)])
        for _ in range(most):
            column = self._chosen(goal)
            if column is None:
                return
            speed = self.speed_mps * float(np.exp(_HOP_SIGMA * self.rng.standard_normal()))
            held_s = self.rng.exponential(_STOP_S) if self.rng.random() < _STOP_SHARE else 0.0
            metres = float(self.ways.distance_m[self.camera, column])
            self.at_s += max(metres / speed, 1.0) + held_s
            self.before = self.camera
            self.camera = int(self.ways.neighbours[self.camera, column])
            self._pass()

    def change(self, kind: Literal["mounts", "dismounts"], into: ObjectClass) -> None:
        """Get on or off where the last passing ends, in view of its camera."""
        last = self.seen[-1]
        waits = _ENTER_S if ObjectClass.CAR in (self.kind, into) else _UNLOCK_S
        slow_mps = min(last.speed_mps, TRAVEL[ObjectClass.PERSON].speed_mps)
        self.at_s += _VIEW_M / slow_mps + float(self.rng.uniform(*waits))
        self.appear(into)
        after = self.seen[-1].subject
        self.changes.append(Change(kind, self.camera, self.at_s, last.subject, after))

    def rest(self, seconds: float) -> None:
        """Out of all cameras' sight; from then on any way is as good."""
        self.at_s += seconds
        self.before = -1

    def passed_since_mount(self) -> int:
        """Cameras passed between getting on and getting off."""
        mounted = [one for one in self.seen if one.subject != _subject(ObjectClass.PERSON)]
        return len(mounted) - 1

    def flight(self, vehicle: ObjectClass) -> Flight:
        columns = [(one.subject, one.camera, one.at_s, one.speed_mps) for one in self.seen]
        subject, camera, at_s, speed_mps = (
            np.array(column) for column in zip(*columns, strict=True)
        )
        number: I64 = STAGED + np.arange(len(columns), dtype=np.int64)
        passings = Passings(number, subject, camera, at_s, speed_mps)
        return Flight(passings, tuple(self.changes), vehicle)

    def _pass(self) -> None:
        speed = self.speed_mps * float(np.exp(_HOP_SIGMA * self.rng.standard_normal()))
        self.seen.append(_Seen(_subject(self.kind), self.camera, self.at_s, speed))

    def _chosen(self, goal: F64) -> int | None:
        """The neighbour that leads nearer to the goal; None once none does."""
        neighbours = self.ways.neighbours[self.camera]
        here_m = float(np.hypot(*(self.ways.places_m[self.camera] - goal)))
        ahead_m = np.hypot(*(self.ways.places_m[neighbours] - goal).T)
        cost = self.ways.distance_m[self.camera] + ahead_m
        cost = cost * (1 + _DETOUR * self.rng.random(len(cost)))
        known = {one.camera for one in self.seen[-3:]}
        cost[(ahead_m >= here_m) | (neighbours < 0) | np.isin(neighbours, list(known))] = np.inf
        best = int(cost.argmin())
        return best if np.isfinite(cost[best]) else None


def numbered_from(passings: Passings, first: int) -> Passings:
    """The same passings under other numbers: other things befall them."""
    number = np.arange(first, first + len(passings), dtype=np.int64)
    return Passings(number, passings.subject, passings.camera, passings.at_s, passings.speed_mps)
