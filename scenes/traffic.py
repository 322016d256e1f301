"""Vehicles and riders in time: they follow, yield, wait at lights and zebras, and never overlap.

A small simulation in the manner of Gipps (Transportation Research B 15, 1981): each looks ahead
along its own way and drives so that it can still stop behind what it finds there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64, I64, Bool
from scenes.driveways import STEP_M, Driveway
from scenes.plan import Actor, Leg, Pose

TICK_S = 0.4

_LOOK_M = np.array([0.4, 1.6, 3.2, 5.0, 7.0, 9.5, 12.5, 16.0, 20.0, 25.0])
_SLACK_M = np.array([0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 1.8, 2.0, 2.4, 2.8])
"""What is seen at each look counts if that near, so that nothing hides between two looks."""
_BESIDE_M = 0.25
_GAP_M = 1.6
_PUSH_MPS2, _BRAKE_MPS2, _HARD_MPS2 = 1.6, 2.6, 6.0
_SKIN_M = 0.12
_STOP_MPS2 = 3.4
_FAR_M = 60.0
_ROUNDS = 2
_STUCK_S = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """One mover on its way: `start_s` when it comes to be, `hold_s` until when it stands parked.

    `size_m` is length and width.
    """

    actor: Actor
    way: Driveway
    size_m: tuple[float, float]
    cruise_mps: float
    start_s: float
    hold_s: float = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Movers that keep to their own plan, by tick: `xy_m` (F, T, 2) NaN while absent, `heading_rad`
    (F, T), `half_m` (F, 2) half their length and width."""

    xy_m: F64
    heading_rad: F64
    half_m: F64


def bodies(movers: Sequence[tuple[Leg, tuple[float, float]]], ticks_s: F64) -> Bodies:
    """What legs, each with its length and width, look like to traffic."""
    if not movers:
        empty = np.zeros((0, len(ticks_s)))
        return Bodies(np.zeros((0, len(ticks_s), 2)), empty, np.zeros((0, 2)))
    legs = [leg for leg, _ in movers]
    xy = np.stack([leg.positions(ticks_s) for leg in legs])
    heading = np.stack([np.interp(ticks_s, leg.at_s, leg.heading_rad) for leg in legs])
    return Bodies(xy, heading, np.array([size_m for _, size_m in movers]) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Closures:
    """When zebras are closed to traffic, by tick: `walked` (A, T) somebody crosses or is about to,
    `red` (A, T) the light says so."""

    walked: Bool
    red: Bool


def drive(trips: Sequence[Trip], fixed: Bodies, closed: Closures, ticks_s: F64) -> list[Leg]:
    """The legs of all trips that go well. Those that would get stuck or touch another are left
    out, and the others then drive as if they had never been."""
    chosen = list(trips)
    for number in range(_ROUNDS):
        run = _Run(chosen, fixed, closed, ticks_s)
        run.drive()
        bad = run.touching() | run.stuck()
        if not bad.any():
            break
        if number == _ROUNDS - 1:
            return [leg for row in np.flatnonzero(~bad) if (leg := run.leg(int(row)))]
        chosen = [trip for trip, out in zip(chosen, bad, strict=True) if not out]
    return [leg for row in range(len(chosen)) if (leg := run.leg(row)) is not None]


class _Run:
    """One pass over the ticks. Rows are trips; ways lie behind each other in flat arrays."""

    def __init__(
        self, trips: Sequence[Trip], fixed: Bodies, closed: Closures, ticks_s: F64
    ) -> None:
        self.trips, self.fixed, self.closed, self.ticks_s = trips, fixed, closed, ticks_s
        count, ways = len(trips), [trip.way for trip in trips]
        self.points = np.array([len(way.xy_m) for way in ways], np.int64)
        self.first = np.r_[0, np.cumsum(self.points)[:-1]].astype(np.int64)
        self.xy = np.concatenate([way.xy_m for way in ways] or [np.zeros((0, 2))])
        self.heading = np.concatenate([way.heading_rad for way in ways] or [np.zeros(0)])
        self.limit = np.concatenate([way.limit_mps for way in ways] or [np.zeros(0)])
        self.half = np.array([trip.size_m for trip in trips]).reshape(-1, 2) / 2
        self.cruise = np.array([trip.cruise_mps for trip in trips])
        self.start = np.array([trip.start_s for trip in trips])
        self.hold = np.array([trip.hold_s for trip in trips])
        self.gate_m, self.gate_arm, self.gate_lit = _gates(ways)
        self.reach = np.full((count, len(ticks_s)), np.nan)
        self.speed = np.zeros(count)
        self.present = [np.flatnonzero(np.isfinite(column)) for column in fixed.xy_m[:, :, 0].T]
        steps = np.linalg.norm(np.diff(fixed.xy_m, axis=1, prepend=np.nan), axis=2)
        self.fixed_mps = np.nan_to_num(steps / TICK_S)

    def drive(self) -> None:
        now = np.full(len(self.trips), np.nan)
        over = np.zeros(len(self.trips), np.bool_)
        for tick, at_s in enumerate(self.ticks_s):
            waiting = np.isnan(now) & ~over & (self.start <= at_s)
            if waiting.any():
                self._enter(now, np.flatnonzero(waiting), tick)
            live = np.isfinite(now)
            self.reach[live, tick] = now[live]
            rows = np.flatnonzero(live & (self.hold <= at_s))
            if len(rows):
                self.speed[rows] = self._speeds(rows, now, tick)
                now[rows] += self.speed[rows] * TICK_S
                done = rows[now[rows] >= (self.points[rows] - 1) * STEP_M]
                now[done], over[done] = np.nan, True

    def _enter(self, now: F64, waiting: I64, tick: int) -> None:
        """Those whose time has come appear where there is room for them."""
        for row in waiting:
            live = np.flatnonzero(np.isfinite(now))
            present = self.present[tick]
            others = np.concatenate(
                [self.xy[self._points_at(live, now[live])], self.fixed.xy_m[present, tick]]
            )
            half = np.concatenate([self.half[live], self.fixed.half_m[present]])[:, 0]
            away = np.linalg.norm(others - self.xy[self.first[row]], axis=1)
            if (away > half + self.half[row, 0] + 2.0).all():
                now[row] = 0.0
                parked = self.hold[row] > self.ticks_s[tick]
                limit = min(self.cruise[row], self.limit[self.first[row]])
                self.speed[row] = 0.0 if parked else limit

    def _points_at(self, rows: I64, reach: F64) -> I64:
        """Rows of `xy` next to ways `reach` of trips `rows`, which broadcast."""
        place = np.minimum((reach * (1 / STEP_M) + 0.5).astype(np.int64), self.points[rows] - 1)
        return np.asarray(place + self.first[rows], np.int64)

    def _speeds(self, rows: I64, now: F64, tick: int) -> F64:
        """The speed of each until the next tick."""
        reach, before = now[rows], self.speed[rows]
        gap, leader = self._ahead(rows, now, tick)
        stop = self._closed_gate(rows, reach, tick)
        squared = leader**2 + 2 * _BRAKE_MPS2 * np.maximum(gap - _GAP_M, 0.0)
        free = np.sqrt(np.minimum(squared, 2 * _BRAKE_MPS2 * np.maximum(stop, 0.0)))
        limit = np.minimum(self.cruise[rows], self.limit[self._points_at(rows, reach)])
        least = np.where(free < 0.05, 0.0, before - _HARD_MPS2 * TICK_S)
        speed = np.minimum(np.minimum(limit, free), before + _PUSH_MPS2 * TICK_S)
        speed = np.maximum(speed, least)
        return np.where(speed < 0.08, 0.0, speed)

    def _ahead(self, rows: I64, now: F64, tick: int) -> tuple[F64, F64]:
        """How far each can go until it meets another, and that one's speed along the same way."""
        present, live = self.present[tick], np.flatnonzero(np.isfinite(now))
        others = np.concatenate([rows, live[self.hold[live] > self.ticks_s[tick]]])
        where = self._points_at(others, now[others])
        xy = np.concatenate([self.xy[where], self.fixed.xy_m[present, tick]])
        heading = np.concatenate([self.heading[where], self.fixed.heading_rad[present, tick]])
        half = np.concatenate([self.half[others], self.fixed.half_m[present]])
        look = now[rows, None] + self.half[rows, :1] + _LOOK_M
        points = self.xy[self._points_at(rows[:, None], look)]
        hit = _hits(points, xy, (heading, half), self.half[rows, 1])
        mine = np.arange(len(rows))
        hit[mine, :, mine] = False
        hit[look > (self.points[rows, None] - 1) * STEP_M] = False
        _settle(hit, len(rows))
        found = hit.any(axis=2)
        first = found.argmax(axis=1)
        who = hit[mine, first].argmax(axis=1)
        moving = np.concatenate([self.speed[others], self.fixed_mps[present, tick]])
        along = moving[who] * np.maximum(np.cos(heading[who] - heading[mine]), 0.0)
        none = ~np.asarray(found)[mine, first]
        return np.where(none, np.inf, _LOOK_M[first]), np.where(none, 0.0, along)

    def _closed_gate(self, rows: I64, reach: F64, tick: int) -> F64:
        """How far each still has to the next closed gate that it can stop at, infinite if none."""
        away = self.gate_m[rows] - (reach + self.half[rows, 0])[:, None]
        brake = (self.speed[rows] ** 2 / (2 * _STOP_MPS2))[:, None] - 1.5
        mine, gate = np.nonzero((away > -0.4) & (away < _FAR_M) & (away >= brake))
        arm, lit = self.gate_arm[rows[mine], gate], self.gate_lit[rows[mine], gate]
        shut = self.closed.walked[arm, tick] | (lit & self.closed.red[arm, tick])
        nearest = np.full(len(rows), np.inf)
        np.minimum.at(nearest, mine[shut], away[mine[shut], gate[shut]])
        return nearest

    def stuck(self) -> Bool:
        """Trips that stand in the street for longer than any light is red."""
        step = np.diff(self.reach, axis=1)
        idle = (step < 0.02) & (self.ticks_s[None, 1:] > self.hold[:, None])
        longest = np.zeros(len(self.trips))
        since = np.zeros(len(self.trips))
        for column in idle.T:
            since = np.where(column, since + TICK_S, 0.0)
            longest = np.maximum(longest, since)
        return longest > _STUCK_S

    def touching(self) -> Bool:
        """Trips to give up so that nobody touches anybody: of each two that do, the later one."""
        count = len(self.trips)
        if not count:
            return np.zeros(0, np.bool_)
        places = [trip.way.at(reach) for trip, reach in zip(self.trips, self.reach, strict=True)]
        xy = _with_halves(np.stack([*(xy for xy, _ in places), *self.fixed.xy_m]))
        turned = (heading for _, heading in places)
        heading = _with_halves(np.stack([*turned, *self.fixed.heading_rad]))
        half = np.concatenate([self.half, self.fixed.half_m]) - _SKIN_M
        out = np.zeros(count, np.bool_)
        for row in range(count):
            before = np.r_[np.flatnonzero(~out[:row]), np.arange(count, len(xy))]
            away = np.linalg.norm(xy[before] - xy[row], axis=2)
            near = (
                away < (np.linalg.norm(half[before], axis=1) + np.linalg.norm(half[row]))[:, None]
            )
            which, tick = np.nonzero(near)
            a = (xy[row, tick], heading[row, tick], half[row])
            b = (xy[before[which], tick], heading[before[which], tick], half[before[which]])
            out[row] = overlapping(a, b).any()
        return out

    def leg(self, row: int) -> Leg | None:
        """What trip `row` did; None if it never got onto the road for two ticks."""
        ticks = np.flatnonzero(np.isfinite(self.reach[row]))
        if len(ticks) < 2:
            return None
        trip = self.trips[row]
        xy, heading = trip.way.at(self.reach[row, ticks])
        pose: Pose = "sit" if trip.actor.cycle is not None else "stand"
        return Leg(trip.actor, self.ticks_s[ticks], xy, heading, pose, pose)


def _with_halves(ticks: F64) -> F64:
    """Values (n, T, ...) at the ticks, and then those halfway between."""
    return np.concatenate([ticks, (ticks[:, 1:] + ticks[:, :-1]) / 2], axis=1)


Boxed = tuple[F64, F64, F64]
"""Places (P, 2), headings (P,), and half length and width, (P, 2) or one for all (2,)."""


def _gates(ways: Sequence[Driveway]) -> tuple[F64, I64, Bool]:
    """Reach, arm and whether the light counts, (n, G) each; what is missing lies infinitely far."""
    most = max((len(way.gates) for way in ways), default=0)
    reach = np.full((len(ways), most), np.inf)
    arm = np.zeros((len(ways), most), np.int64)
    enters = np.zeros((len(ways), most), np.bool_)
    for row, way in enumerate(ways):
        for column, gate in enumerate(way.gates):
            reach[row, column], arm[row, column] = gate.reach_m, gate.arm
            enters[row, column] = gate.enters
    return reach, arm, enters


def _hits(points: F64, others: F64, turned: tuple[F64, F64], own: F64) -> Bool:
    """Whether looks (m, K, 2) fall on others, (m, K, J): those at (J, 2), by heading and half
    size; `own` (m,) is half one's own width."""
    heading, half = turned
    x = points[:, :, None, 0] - others[:, 0]
    y = points[:, :, None, 1] - others[:, 1]
    cos, sin = np.cos(heading), np.sin(heading)
    wide = half[:, 1] + own[:, None, None] + _BESIDE_M
    hit = np.abs(x * cos + y * sin) < half[:, 0] + _SLACK_M[:, None]
    return np.asarray(hit & (np.abs(y * cos - x * sin) < wide), np.bool_)


def _settle(hit: Bool, count: int) -> None:
    """Of two in each other's way the earlier one goes on, unless they all but touch."""
    ways = hit[:, :, :count].any(axis=1)
    mutual = ways & ways.T
    if mutual.any():
        hit[:, 1:, :count] &= ~np.triu(mutual, 1)[:, None]


def overlapping(a: Boxed, b: Boxed) -> Bool:
    """Whether rectangles overlap pair by pair, (P,) (separating axes)."""
    apart = np.zeros(len(a[0]), np.bool_)
    offset = b[0] - a[0]
    turn = b[1] - a[1]
    cos, sin = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    for (_, heading, half), (_, _, other) in ((a, b), (b, a)):
        along = np.abs(offset[:, 0] * np.cos(heading) + offset[:, 1] * np.sin(heading))
        across = np.abs(offset[:, 1] * np.cos(heading) - offset[:, 0] * np.sin(heading))
        long, wide, other_long, other_wide = (
            half[..., 0],
            half[..., 1],
            other[..., 0],
            other[..., 1],
        )
        apart |= along > long + other_long * cos + other_wide * sin
        apart |= across > wide + other_long * sin + other_wide * cos
    return ~apart
