"""Where people walk: the pavements on both sides of the streets, around corners, over zebras."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from core.arrays import F64, I64
from core.errors import InvalidInput
from scenes.roads import BULGE_RAD, PAVEMENT_M, ZEBRA_M, RoadGraph

WALK_ASIDE_M = 2.0
"""From the kerb to the middle of where people walk: poles and trees stand nearer to the kerb."""
STEP_M = 1.0

_FINE_M = 0.5
_ROUNDING_M = 1.2
_ELSEWHERE_M = 2000.0  # longer than any way, so that only the wanted streets are taken
_ZEBRA_COST_M = 12.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the pavement: metres down a street, on its left (1) or right (-1); with a door
    the way begins or ends at the house front there."""

    street: int
    along_m: float
    side: int
    door: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Footway:
    """A way on foot: points (P, 2) about a metre apart, and the zebras on it.

    `reach_m` (P,) is the way to each point. `crossings` are (arm of the zebra, metres where its
    kerb is left, metres where the other one is reached).
    """

    xy_m: F64
    reach_m: F64
    crossings: tuple[tuple[int, float, float], ...]

    @property
    def length_m(self) -> float:
        return float(self.reach_m[-1])


@dataclass(frozen=True, eq=False)
class Pavements:
    """Four mouths a street: row 4 * street + 2 * end + (0 on the left, 1 on the right)."""

    roads: RoadGraph

    @cached_property
    def mouths_m(self) -> F64:
        """Where each zebra meets the pavement, (4E, 2)."""
        roads = self.roads
        near = roads.setback_m + ZEBRA_M / 2
        along = np.stack([near[:, 0], near[:, 0], *[roads.length_m - near[:, 1]] * 2], axis=1)
        aside = np.outer(roads.half_width_m + WALK_ASIDE_M, [1, -1, 1, -1])
        streets = np.repeat(np.arange(len(roads.edges)), 4)
        return roads.at(streets, along.ravel(), aside.ravel())

    @cached_property
    def links(self) -> I64:
        """Pairs of mouths, (L, 2): 2E along the streets, then 2E zebras, then the corners."""
        street = 4 * np.arange(len(self.roads.edges))[:, None]
        along = np.concatenate([street + np.array([0, 2]), street + np.array([1, 3])])
        zebras = (street + np.arange(4)).reshape(-1, 2)
        arms = self.roads.arms
        left = 4 * arms.edge + 2 * arms.end + np.where(arms.end == 0, 0, 1)
        right = 4 * arms.edge + 2 * arms.end + np.where(arms.end == 0, 1, 0)
        return np.concatenate([along, zebras, np.column_stack([left, right[arms.next]])])

    def walk(self, streets: Sequence[int], start: Spot, end: Spot) -> Footway:
        """The way from a spot on the first of `streets` to one on the last, along those only.

        Raises `InvalidInput` when they do not meet.
        """
        if len(set(streets)) == 1 and start.side == end.side:
            mouths: list[int] = []
        else:
            mouths = self._mouths_between(streets, start, end)
        points, zebras = self._through(mouths)
        points, zebras = [self.place_m(start), *points, self.place_m(end)], [*zebras, -1]
        if start.door:
            points, zebras = [self.front_m(start), *points], [-1, *zebras]
        if end.door:
            points, zebras = [*points, self.front_m(end)], [*zebras, -1]
        return _footway(points, zebras)

    def _through(self, mouths: list[int]) -> tuple[list[F64], list[int]]:
        """The points of a way through mouths, and for the piece before each the zebra or -1."""
        points: list[F64] = []
        zebras: list[int] = []
        for before, mouth in pairwise([-1, *mouths]):
            if (before, mouth) in self._bulges:
                points.append(self._bulges[before, mouth])
                zebras.append(-1)
            points.append(self.mouths_m[mouth])
            zebras.append(_zebra_of(before, mouth))
        return points, zebras

    @cached_property
    def _bulges(self) -> dict[tuple[int, int], F64]:
        """For corners on the outside of a bend the point that the way must go around by."""
        bulges = self.roads.arms.gap_rad > BULGE_RAD
        corners = self.links[-len(bulges) :][bulges].tolist()
        points = self.roads.meeting_m(WALK_ASIDE_M)[bulges]
        there = {(a, b): point for (a, b), point in zip(corners, points, strict=True)}
        return there | {(b, a): point for (a, b), point in there.items()}

    def place_m(self, spot: Spot) -> F64:
        """Metres (2,) of a spot, in the middle of where people walk."""
        aside = spot.side * (float(self.roads.half_width_m[spot.street]) + WALK_ASIDE_M)
        return self.roads.at(spot.street, spot.along_m, aside)

    def front_m(self, spot: Spot) -> F64:
        """Metres (2,) of the house front beside a spot."""
        aside = spot.side * (float(self.roads.half_width_m[spot.street]) + PAVEMENT_M)
        return self.roads.at(spot.street, spot.along_m, aside)

    def _mouths_between(self, streets: Sequence[int], start: Spot, end: Spot) -> list[int]:
        cost = self._cost_m.copy()
        elsewhere = np.ones(len(self.roads.edges), np.bool_)
        elsewhere[list(streets)] = False
        cost[: 2 * len(elsewhere)] += np.tile(elsewhere * _ELSEWHERE_M, 2)
        count = len(self.mouths_m)
        pairs = np.concatenate([self.links, self.links[:, ::-1]])
        graph = csr_array((np.tile(cost, 2), pairs.T), shape=(count, count))
        first, last = self._reach_m(start), self._reach_m(end)
        far, before = dijkstra(graph, directed=False, indices=list(first), return_predecessors=True)
        leave, arrive = list(first.values()), list(last.values())
        total = np.array(leave)[:, None] + far[:, list(last)] + np.array(arrive)[None, :]
        row, column = np.unravel_index(int(np.argmin(total)), total.shape)
        if not np.isfinite(total[row, column]):
            raise InvalidInput(f"streets: want connected ones, got {streets}")
        way = [list(last)[column]]
        while way[-1] != list(first)[row]:
            way.append(int(before[row, way[-1]]))
        return way[::-1]

    def _reach_m(self, spot: Spot) -> dict[int, float]:
        """The two mouths that a spot's pavement leads to, and how far they are."""
        mouths = 4 * spot.street + np.array([0, 2]) + (0 if spot.side > 0 else 1)
        away = np.linalg.norm(self.mouths_m[mouths] - self.place_m(spot), axis=1)
        return dict(zip(mouths.tolist(), away.tolist(), strict=True))

    @cached_property
    def _cost_m(self) -> F64:
        ends = self.mouths_m[self.links]
        length: F64 = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        streets = len(self.roads.edges)
        length[2 * streets : 4 * streets] += _ZEBRA_COST_M
        return length


def _footway(points: list[F64], zebras: list[int]) -> Footway:
    corners = np.stack(points)
    steps = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    reach = np.r_[0.0, np.cumsum(steps)]
    fine = np.linspace(0, reach[-1], max(int(reach[-1] / _FINE_M), 2) + 1)
    xy = np.column_stack([np.interp(fine, reach, corners[:, side]) for side in (0, 1)])
    xy = _rounded(xy)
    crossings = tuple(
        (arm, float(reach[i]), float(reach[i + 1])) for i, arm in enumerate(zebras) if arm >= 0
    )
    return Footway(xy, fine, crossings)


def _rounded(xy: F64) -> F64:
    """Corners made round; both ends stay where they are."""
    sigma = _ROUNDING_M / _FINE_M
    around = int(4 * sigma)
    padded = np.pad(xy, ((around, around), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(gaussian_filter1d(padded, sigma, axis=0)[around:-around], np.float64)


def _zebra_of(a: int, b: int) -> int:
    """2 * street + end if mouths `a` and `b` are the two sides of a zebra, else -1."""
    return a // 2 if a >= 0 and a // 2 == b // 2 else -1


def extended(way: Footway, points_m: F64) -> Footway:
    """The way with straight pieces to further points (P, 2) at its end."""
    beyond = _footway([way.xy_m[-1], *points_m], [-1] * len(points_m))
    xy = np.concatenate([way.xy_m, beyond.xy_m[1:]])
    steps = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    xy = xy[np.r_[True, steps > 1e-6]]
    reach = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))]
    return Footway(xy, reach, way.crossings)


def part(way: Footway, low_m: float, high_m: float) -> Footway:
    """The piece of a way between two reaches; its zebras are those that it crosses wholly."""
    inside = (way.reach_m > low_m + 0.05) & (way.reach_m < high_m - 0.05)
    reach = np.r_[low_m, way.reach_m[inside], high_m]
    xy = np.column_stack([np.interp(reach, way.reach_m, way.xy_m[:, side]) for side in (0, 1)])
    kept = [
        (arm, a - low_m, b - low_m) for arm, a, b in way.crossings if a >= low_m and b <= high_m
    ]
    return Footway(xy, reach - low_m, tuple(kept))


def aside(way: Footway, offset_m: F64 | float) -> F64:
    """The way's points moved to its left by `offset_m`, (P, 2)."""
    along = np.gradient(way.xy_m, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    left = np.column_stack([-along[:, 1], along[:, 0]])
    moved: F64 = way.xy_m + left * np.reshape(offset_m, (-1, 1))
    return moved
