"""Subjects on their ways through a town: who passes which camera when, in order of time.

Everybody goes from camera to camera along the ways between them, towards a place of their own; then
they rest there, or leave for good and somebody else comes. Kept are the subjects who are in town
and the cameras, whatever the hours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from scipy.spatial import cKDTree

from core.arrays import F64, I32, I64, Bool
from core.errors import InvalidInput
from core.types import ObjectClass

CLASSES = len(ObjectClass)
"""A subject's class is its number modulo this, so that it needs no table."""


@dataclass(frozen=True, slots=True)
class Travel:
    """How one class moves: metres a second, usual way, rest at its end, share of all passings."""

    speed_mps: float
    way_m: float
    share: float
    rest_s: float = 900.0


TRAVEL = {
    ObjectClass.PERSON: Travel(1.4, 900.0, 0.17),
    ObjectClass.BICYCLE_RIDER: Travel(4.2, 2200.0, 0.06),
    ObjectClass.EBIKE_RIDER: Travel(6.0, 3200.0, 0.15),
    ObjectClass.MOTORCYCLE_RIDER: Travel(8.5, 4500.0, 0.02),
    ObjectClass.CAR: Travel(9.0, 5500.0, 0.46),
    ObjectClass.VAN: Travel(8.5, 5000.0, 0.07),
    ObjectClass.BUS: Travel(6.5, 8000.0, 0.02, 300.0),
    ObjectClass.TRUCK: Travel(7.5, 6000.0, 0.05),
}
_SPEED_MPS, _WAY_M, _REST_S = (
    np.array([getattr(TRAVEL[kind], name) for kind in ObjectClass])
    for name in ("speed_mps", "way_m", "rest_s")
)
_SPEED_SIGMA = 0.12  # of the log, between subjects
_HOP_SIGMA = 0.15  # of the log, from one way to the next
_STOP_SHARE, _STOP_S = 0.25, 20.0  # how often a light or a talk holds somebody up, and how long
_WAY_SIGMA = 0.6
_TO_THE_MIDDLE = 0.12  # of a way's start's distance from it: the middle of a town is busier
_STAYS = 0.5  # share of ways after which a subject rests and goes on
_DETOUR = 0.2  # how far from the shortest way a choice of road may be
_LEAST_HOP_S = 1.0
_PILOTS, _PILOT_S = 200, 1800.0


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Where C cameras stand and which M at most are next to each, all (C, M): -1 is none."""

    places_m: F64
    neighbours: I32
    distance_m: F64

    def __len__(self) -> int:
        return len(self.places_m)


def ways_between(places_m: F64, edges: I32, distance_m: F64) -> Ways:
    """The ways (E,) between cameras, those left out that lead past another camera.

    Raises `InvalidInput` for a camera that no way leaves.
    """
    count = len(places_m)
    direct = _direct(count, edges, distance_m)
    edges, distance_m = edges[direct], distance_m[direct]
    order = np.argsort(edges[:, 0], kind="stable")
    start, end, length = edges[order, 0], edges[order, 1], distance_m[order]
    degree = np.bincount(start, minlength=count)
    if not degree.all():
        raise InvalidInput(f"ways: want one from every camera, got none from {degree.argmin()}")
    column = np.arange(len(start)) - np.repeat(np.cumsum(degree) - degree, degree)
    neighbours = np.full((count, degree.max()), -1, np.int32)
    lengths = np.full(neighbours.shape, np.inf)
    neighbours[start, column], lengths[start, column] = end, length
    return Ways(places_m, neighbours, lengths)


def _direct(count: int, edges: I32, distance_m: F64) -> Bool:
    """Which edges (E,) no two others replace; all of them where not every pair has one."""
    if len(edges) != count * (count - 1):
        return np.ones(len(edges), np.bool_)
    table = np.zeros((count, count))
    table[edges[:, 0], edges[:, 1]] = distance_m
    past = np.zeros((count, count), np.bool_)
    for middle in range(count):
        over = table[:, middle, None] + table[middle]
        over[middle], over[:, middle] = np.inf, np.inf
        past |= over <= table + 0.5
    return ~past[edges[:, 0], edges[:, 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Passings:
    """Subjects that came past cameras, all (N,): seconds since the start, and how fast they were.

    `number` counts all passings of the town.
    """

    number: I64
    subject: I64
    camera: I64
    at_s: F64
    speed_mps: F64

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, rows: I64 | Bool | slice) -> Self:
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence["Passings"]) -> "Passings":
        """All of them, in that order; there must be one."""
        return cls(
            *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls))
        )


def town_of(ways: Ways, rng: np.random.Generator, *, passings_per_s: float) -> "Town":
    """A town with as many subjects as make that many passings, each class its share.

    How often somebody passes a camera hangs on the roads: a few of each class try it out.
    """
    pilot = Town(ways, rng, [_PILOTS] * CLASSES)
    seen = np.zeros(CLASSES)
    for step, passings in enumerate(pilot.steps(2 * _PILOT_S, step_s=_PILOT_S)):
        if step:  # the first one is for settling down
            seen += np.bincount(passings.subject % CLASSES, minlength=CLASSES)
    each_per_s = np.maximum(seen, 1) / (_PILOTS * _PILOT_S)
    share = np.array([TRAVEL[kind].share for kind in ObjectClass])
    return Town(ways, rng, np.ceil(passings_per_s * share / each_per_s).astype(int).tolist())


class Town:
    """Who is on the way now. `steps` moves everybody on; made anew it does the same again."""

    def __init__(self, ways: Ways, rng: np.random.Generator, counts: Sequence[int]) -> None:
        """`counts` says how many of each class there are."""
        self._ways = ways
        self._rng = rng
        self._tree = cKDTree(ways.places_m)
        self._made = np.zeros(CLASSES, np.int64)
        self._numbered = 0
        self._middle_m = ways.places_m.mean(axis=0)
        self._settle(counts)

    def __len__(self) -> int:
        """Subjects in town."""
        return len(self._subject)

    def steps(self, seconds: float, *, step_s: float) -> Iterator[Passings]:
        """All passings of so many seconds, step by step, each in order of time."""
        for number in range(int(np.ceil(seconds / step_s))):
            yield self._step(min((number + 1) * step_s, seconds))

    # --- the start ---

    def _settle(self, counts: Sequence[int]) -> None:
        """Fill the town about as if it had gone on for long."""
        kind = np.repeat(np.arange(CLASSES), counts)
        self._subject = self._newcomers(kind)
        self._speed = self._speeds(kind)
        self._camera = self._rng.integers(0, len(self._ways), len(kind))
        self._before = np.full(len(kind), -1, np.int64)
        self._goal = self._goals(self._camera, kind)
        # Those that travel are somewhere on their first hop, the others somewhere in their rest.
        hop_m = float(np.median(self._ways.distance_m[np.isfinite(self._ways.distance_m)]))
        travel_s = _WAY_M[kind] / _SPEED_MPS[kind]
        travels = self._rng.random(len(kind)) < travel_s / (travel_s + _STAYS * _REST_S[kind])
        wait_s = np.where(travels, hop_m / self._speed, _REST_S[kind])
        self._due_s = self._rng.random(len(kind)) * wait_s

    def _newcomers(self, kind: I64) -> I64:
        """Fresh subjects of these classes, counted by class."""
        order = np.argsort(kind, kind="stable")
        count = np.bincount(kind, minlength=CLASSES)
        serial = np.empty(len(kind), np.int64)
        serial[order] = np.arange(len(kind)) - np.repeat(np.cumsum(count) - count, count)
        serial += self._made[kind]
        self._made += count
        return serial * CLASSES + kind

    def _speeds(self, kind: I64) -> F64:
        return _SPEED_MPS[kind] * np.exp(_SPEED_SIGMA * self._rng.standard_normal(len(kind)))

    def _goals(self, camera: I64, kind: I64) -> I64:
        """A camera to go to, some way off in any direction, rather towards the middle."""
        places = self._ways.places_m[camera]
        way_m = _WAY_M[kind] * np.exp(_WAY_SIGMA * self._rng.standard_normal(len(kind)))
        turn = self._rng.uniform(0, 2 * np.pi, len(kind))
        wish = places + way_m[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        wish += _TO_THE_MIDDLE * (self._middle_m - places)
        return np.asarray(self._tree.query(wish)[1], np.int64)

    # --- moving on ---

    def _step(self, until_s: float) -> Passings:
        made: list[tuple[I64, I64, F64, F64]] = []
        while len(due := np.flatnonzero(self._due_s < until_s)):
            speed = self._speed[due] * np.exp(_HOP_SIGMA * self._rng.standard_normal(len(due)))
            seen = (self._subject[due], self._camera[due], self._due_s[due].copy(), speed)
            made.append(seen)
            self._go_on(due, speed)
        columns = [np.concatenate(column) for column in zip(*made, strict=True)] if made else None
        if columns is None:
            none = np.empty(0, np.int64)
            return Passings(none, none, none, np.empty(0), np.empty(0))
        order = np.lexsort((columns[0], columns[2]))
        subject, camera, at_s, speed = (column[order] for column in columns)
        number = np.arange(self._numbered, self._numbered + len(order))
        self._numbered += len(order)
        return Passings(number, subject, camera, at_s, speed)

    def _go_on(self, due: I64, speed: F64) -> None:
        """Send those who just passed a camera to their next one."""
        there = self._camera[due] == self._goal[due]
        if there.any():
            self._arrive(due[there])
        self._travel(due, speed)

    def _arrive(self, rows: I64) -> None:
        """Some rest and go on; in the place of the others somebody else appears elsewhere."""
        kind = self._subject[rows] % CLASSES
        stays = self._rng.random(len(rows)) < _STAYS
        self._due_s[rows] += np.where(stays, self._rng.exponential(_REST_S[kind]), 0.0)
        gone = rows[~stays]
        self._subject[gone] = self._newcomers(kind[~stays])
        self._speed[gone] = self._speeds(kind[~stays])
        self._camera[gone] = self._rng.integers(0, len(self._ways), len(gone))
        self._before[rows] = -1
        self._goal[rows] = self._goals(self._camera[rows], kind)

    def _travel(self, rows: I64, speed: F64) -> None:
        camera = self._camera[rows]
        column = self._chosen(rows)
        length_m = self._ways.distance_m[camera, column]
        stops = self._rng.random(len(rows)) < _STOP_SHARE
        stop_s = np.where(stops, self._rng.exponential(_STOP_S, len(rows)), 0.0)
        self._due_s[rows] += np.maximum(length_m / speed + stop_s, _LEAST_HOP_S)
        self._before[rows] = camera
        self._camera[rows] = self._ways.neighbours[camera, column]

    def _chosen(self, rows: I64) -> I64:
        """Which neighbour of their camera brings each nearer to its goal, (N,); never back."""
        camera = self._camera[rows]
        neighbours = self._ways.neighbours[camera]
        goal = self._ways.places_m[self._goal[rows]]
        ahead = self._ways.places_m[neighbours] - goal[:, None]
        cost = self._ways.distance_m[camera] + np.hypot(ahead[..., 0], ahead[..., 1])
        cost *= 1 + _DETOUR * self._rng.random(cost.shape)
        back = neighbours == self._before[rows, None]
        only = np.isfinite(cost).sum(axis=1) == 1
        cost[back & ~only[:, None]] = np.inf
        return np.asarray(cost.argmin(axis=1))
