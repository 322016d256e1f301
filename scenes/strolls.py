"""Walks in time: how somebody moves along a footway, with stops and waits, as a `Leg`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from scenes.pavements import Footway, aside
from scenes.plan import Actor, Leg, Pose
from scenes.signals import Signals

_TURN_S = 0.7


@dataclass(frozen=True, slots=True)
class Stop:
    """A stand of `rest_s` seconds at `reach_m` on the way, turned left by `turn_rad`."""

    reach_m: float
    rest_s: float
    turn_rad: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Stroll:
    """K knots of a walk: when, how far along the way, and turned how much from its direction."""

    at_s: F64
    reach_m: F64
    turn_rad: F64


def stroll(
    way: Footway,
    start_s: float,
    speed_mps: float,
    *,
    stops: Sequence[Stop] = (),
    signals: Signals | None = None,
    kerb_m: float = 0.7,
) -> Stroll:
    """The walk in time. With `signals` red lights are waited for, `kerb_m` before the kerb; without
    they are ignored."""
    events: list[tuple[float, Stop | tuple[int, float]]] = [(stop.reach_m, stop) for stop in stops]
    if signals is not None:
        events += [
            (max(low - kerb_m, 0.0), (arm, (high - low + kerb_m) / speed_mps))
            for arm, low, high in way.crossings
        ]
    knots: list[tuple[float, float, float]] = [(start_s, 0.0, 0.0)]
    for reach, event in sorted(events, key=lambda item: item[0]):
        _walk_on(knots, way, min(reach, way.length_m - 0.1), speed_mps)
        now = knots[-1][0]
        if isinstance(event, Stop):
            _rest(knots, event.rest_s, event.turn_rad)
        elif signals is not None:
            _rest(knots, signals.walk_from_s(event[0], now, event[1]) - now, 0.0)
    _walk_on(knots, way, way.length_m, speed_mps)
    at_s, reach_m, turn_rad = np.array(knots).T
    return Stroll(at_s, reach_m, turn_rad)


def _walk_on(
    knots: list[tuple[float, float, float]], way: Footway, to_m: float, speed_mps: float
) -> None:
    at_s, reach, _ = knots[-1]
    if to_m <= reach + 1e-6:
        return
    between = way.reach_m[(way.reach_m > reach + 0.05) & (way.reach_m < to_m - 0.05)]
    points = [*between.tolist(), to_m]
    knots += [(at_s + (point - reach) / speed_mps, point, 0.0) for point in points]


def _rest(knots: list[tuple[float, float, float]], rest_s: float, turn_rad: float) -> None:
    if rest_s <= 0.05:
        return
    at_s, reach, _ = knots[-1]
    if turn_rad and rest_s > 3 * _TURN_S:
        knots.append((at_s + _TURN_S, reach, turn_rad))
        knots.append((at_s + rest_s - _TURN_S, reach, turn_rad))
    knots.append((at_s + rest_s, reach, 0.0))


def walked(
    actor: Actor,
    way: Footway,
    walk: Stroll,
    *,
    aside_m: float = 0.0,
    ahead_m: float = 0.0,
    pose: Pose = "walk",
    still: Pose = "stand",
) -> Leg:
    """The leg of an actor who goes `aside_m` to the left of the way and `ahead_m` before it."""
    line = aside(way, aside_m)
    step = np.gradient(line, axis=0)
    heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    reach = np.clip(walk.reach_m + ahead_m, 0.0, way.length_m)
    xy = np.column_stack([np.interp(reach, way.reach_m, line[:, side]) for side in (0, 1)])
    turned = np.interp(reach, way.reach_m, heading) + walk.turn_rad
    return Leg(actor, walk.at_s, xy, turned, pose, still)
