"""Ways on wheels: lanes and cycle strips joined over junctions, how fast each bend can be taken,
and where one has to stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.arrays import F64
from scenes.roads import CYCLE_STRIP_M, LANE_M, PARKING_STRIP_M, ZEBRA_M, RoadGraph

STEP_M = 0.5

_SIDEWAYS_MPS2 = 2.2  # what passengers find comfortable in a bend
_SLOWING_MPS2 = 2.0
_CREEP_MPS = 2.2
_MERGE_M = 9.0
_BEFORE_ZEBRA_M = 1.2

Offset = Callable[[int], float]
"""How far to the right of the middle line one keeps in a street row, metres."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A zebra at `reach_m`, of arm 2 * street + end; `enters` whether its light counts here."""

    arm: int
    reach_m: float
    enters: bool


@dataclass(frozen=True, slots=True, eq=False)
class Driveway:
    """P points `STEP_M` apart: `xy_m` (P, 2), `heading_rad` (P,) without wrapping, `limit_mps`
    (P,) so that each bend ahead can still be taken; and the gates in their order."""

    xy_m: F64
    heading_rad: F64
    limit_mps: F64
    gates: tuple[Gate, ...]

    @property
    def length_m(self) -> float:
        return (len(self.xy_m) - 1) * STEP_M

    def at(self, reach_m: F64) -> tuple[F64, F64]:
        """Places (K, 2) and headings (K,) at ways of `reach_m` (K,)."""
        rows = np.arange(len(self.xy_m)) * STEP_M
        xy = np.column_stack([np.interp(reach_m, rows, self.xy_m[:, side]) for side in (0, 1)])
        return xy, np.interp(reach_m, rows, self.heading_rad)


def lane(roads: RoadGraph, number: int) -> Offset:
    """The middle of lane `number`, 0 the one at the right; streets with fewer have the leftmost."""

    def offset(street: int) -> float:
        return (max(int(roads.lanes[street]) - 1 - number, 0) + 0.5) * LANE_M

    return offset


def cycle_strip(roads: RoadGraph) -> Offset:
    """The middle of the cycle strip."""
    return lambda street: float(roads.lanes[street]) * LANE_M + CYCLE_STRIP_M / 2


def kerbside_m(roads: RoadGraph, street: int, width_m: float) -> float:
    """Where the middle of something parked is, from the street's middle line."""
    spare = PARKING_STRIP_M - width_m if roads.parking[street] else 0.0
    return float(roads.half_width_m[street]) - width_m / 2 - max(spare, 0.2) / 2


@dataclass(frozen=True, slots=True)
class Parked:
    """Where a way begins: travelled metres into its first street, and how far from its middle."""

    along_m: float
    aside_m: float


def driveway(
    roads: RoadGraph, nodes: Sequence[int], offset: Offset, *, start: Parked | None = None
) -> Driveway:
    """The way over junctions `nodes`; from the first one's zebra or from where one is parked."""
    lines = [_line(roads, pair, offset) for pair in pairwise(nodes)]
    if start is not None:
        lines[0] = _merged(roads, (nodes[0], nodes[1]), offset, start)
    points, gates, reach = [], [], 0.0
    for number, line in enumerate(lines):
        if number:
            bend = _bend(lines[number - 1], line)
            reach += _length(np.concatenate([lines[number - 1][-1:], bend, line[:1]]))
            gates.append(Gate(_arm(roads, nodes[number], nodes[number + 1]), reach - 0.5, False))
            points.append(bend)
        points.append(line)
        reach += _length(line)
        stop = reach - ZEBRA_M - _BEFORE_ZEBRA_M
        gates.append(Gate(_arm(roads, nodes[number + 1], nodes[number]), stop, True))
    return _even(np.concatenate(points), tuple(gates))


def _arm(roads: RoadGraph, node: int, other: int) -> int:
    street = roads.streets_of([node, other])[0]
    return 2 * street + int(roads.edges[street, 1] == node)


def _along(roads: RoadGraph, pair: tuple[int, int], travelled_m: F64, right_m: F64 | float) -> F64:
    """Points of a street in the direction of travel, to the right of its middle line."""
    street = roads.streets_of(pair)[0]
    if roads.edges[street, 0] == pair[0]:
        return roads.at(street, travelled_m, -np.asarray(right_m))
    return roads.at(street, roads.length_m[street] - travelled_m, np.asarray(right_m))


def _reach(roads: RoadGraph, pair: tuple[int, int]) -> tuple[float, float]:
    """Where the street's first zebra begins and where its last one ends, as travelled."""
    street = roads.streets_of(pair)[0]
    first = int(roads.edges[street, 1] == pair[0])
    near = roads.setback_m[street]
    return float(near[first]), float(roads.length_m[street] - near[1 - first])


def _line(roads: RoadGraph, pair: tuple[int, int], offset: Offset) -> F64:
    street = roads.streets_of(pair)[0]
    return _along(roads, pair, np.array(_reach(roads, pair)), offset(street))


def _merged(roads: RoadGraph, pair: tuple[int, int], offset: Offset, start: Parked) -> F64:
    """From the kerb into the lane, along a smooth step."""
    street = roads.streets_of(pair)[0]
    last = _reach(roads, pair)[1]
    share = np.linspace(0, 1, 13)
    travelled = start.along_m + share * min(_MERGE_M, max(last - start.along_m - 1.0, 1.0))
    blend = share * share * (3 - 2 * share)
    right = start.aside_m + (offset(street) - start.aside_m) * blend
    merge = _along(roads, pair, travelled, right)
    return np.concatenate([merge, _along(roads, pair, np.array([last]), offset(street))])


def _bend(before: F64, after: F64) -> F64:
    """Points of a cubic Bezier curve between two lines, without its ends."""
    start, end = before[-1], after[0]
    reach = 0.4 * float(np.linalg.norm(end - start))
    leave, arrive = _unit(before[-1] - before[-2]), _unit(after[1] - after[0])
    handles = np.stack([start, start + reach * leave, end - reach * arrive, end])
    share = np.linspace(0, 1, 12)[1:-1, None]
    rest = 1 - share
    weights = np.hstack([rest**3, 3 * share * rest**2, 3 * share**2 * rest, share**3])
    return np.asarray(weights @ handles)


def _unit(vector: F64) -> F64:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _length(points: F64) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _even(points: F64, gates: tuple[Gate, ...]) -> Driveway:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    points = points[np.r_[True, steps > 1e-6]]
    reach = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    even = np.arange(int(reach[-1] / STEP_M) + 1) * STEP_M
    xy = np.column_stack([np.interp(even, reach, points[:, side]) for side in (0, 1)])
    step = np.gradient(xy, axis=0)
    heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    return Driveway(xy, heading, _limits(heading), gates)


def _limits(heading: F64) -> F64:
    """The fastest at each point, so that bends are taken gently and brakes never squeal."""
    bend = np.abs(np.gradient(heading)) / STEP_M
    bend = np.convolve(np.pad(bend, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    limit = np.maximum(np.sqrt(_SIDEWAYS_MPS2 / np.maximum(bend, 1e-4)), _CREEP_MPS)
    # v^2 falls by 2 a per metre: a running minimum of v^2 + 2 a s from behind.
    fall = 2 * _SLOWING_MPS2 * STEP_M * np.arange(len(limit))
    squared = np.minimum.accumulate((limit**2 + fall)[::-1])[::-1] - fall
    return np.asarray(np.sqrt(np.maximum(squared, _CREEP_MPS**2)), np.float64)
