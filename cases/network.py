"""Where a subject may come by next: the cameras of a scope as places on the roads between cameras.

Subjects are taken to go by the shortest way to ends that lie around them, the rarer the farther.
So the chance to come by a camera is the share of ends whose way leads past it (betweenness as seen
from one place: Freeman, Sociometry 40, 1977), and the chance to be seen there NEXT is that, times
the chance that all cameras on the way missed the subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from cases.transit import DETOUR, VIEW_REACH_M
from core.arrays import F64, I64
from core.errors import InvalidInput
from core.geometry import haversine_m
from core.types import Camera, CameraGraph, Family

TRIP_M: Mapping[str, float] = {Family.PERSON: 700.0, Family.RIDER: 2000.0, Family.VEHICLE: 4000.0}
"""How fast ends become rarer with their distance. Own assumptions, half of a usual trip."""

SEEN_AGAIN = 0.95
"""The most that all cameras together can have: somebody may always stay unseen."""
WANDERS = 0.1
"""Share of hops that keep to no shortest way: a second trip, a road that nobody imported."""

_NEIGHBOURS = 6  # roads drawn from a camera that no imported road reaches
_AROUND_M = 5000.0  # roads beyond the scope by more than this matter to nobody in it
_METRES_PER_DEGREE = 111_195.0
_NO_WAY_M = 1e-6  # a road of 0 m must stay a road; so many of them still make no way


@dataclass(frozen=True, eq=False)
class ShortestWays:
    """The shortest ways from a scope's cameras (C,) to the nodes (N,) of the roads near them.

    `distance_m` and `least_m` (C, C) are usual and least ways, inf where nothing tells. All of it
    hangs on cameras and roads alone: what was searched there is nothing to it, and who passed.
    """

    camera_ids: I64
    node_ids: I64
    distance_m: F64
    least_m: F64
    to_nodes_m: F64  # (C, N)
    parents: I64  # (C, N): the node before, on the shortest way; -1 at its start or unreached

    @cached_property
    def scope_nodes(self) -> I64:
        """The nodes (C,) that the scope's cameras are."""
        return np.searchsorted(self.node_ids, self.camera_ids)

    @cached_property
    def levels(self) -> "list[_Level]":
        """The trees of `parents`, level by level."""
        return _levels_of(self.parents)

    def passes(self, family: str) -> F64:
        """The share (C, N) of ends whose way from the camera leads past the node."""
        if family not in self._passes:
            self._passes[family] = _passes(self, TRIP_M[family])
        return self._passes[family]

    @cached_property
    def _passes(self) -> dict[str, F64]:
        return {}

    def ready(self) -> "ShortestWays":
        """Itself, with the shares of all families computed: otherwise that is done when asked."""
        for family in Family:
            self.passes(family)
        return self


@dataclass(frozen=True, eq=False)
class CameraNetwork:
    """The scope's cameras (C,) among the nodes (N,) of the roads near them.

    `unseen` (N,) is the chance that a subject who comes by a node is not seen there: 1 outside the
    scope.
    """

    ways: ShortestWays
    unseen: F64

    @property
    def camera_ids(self) -> I64:
        """The scope's cameras, ascending."""
        return self.ways.camera_ids

    @property
    def node_ids(self) -> I64:
        """The nodes' cameras, ascending."""
        return self.ways.node_ids

    def row_of(self, camera_ids: I64) -> I64:
        """Rows of cameras of the scope, (M,); -1 for others."""
        rows = np.searchsorted(self.camera_ids, camera_ids)
        rows = np.minimum(rows, len(self.camera_ids) - 1)
        return np.where(self.camera_ids[rows] == camera_ids, rows, -1)

    def seen_next(self, family: str) -> F64:
        """The chance (C, C) that a subject seen at the row is seen next at the column.

        Rows sum to at most `SEEN_AGAIN`; the same camera has none here.
        """
        if family not in self._seen:
            self._seen[family] = self._next(family)
        return self._seen[family]

    @cached_property
    def _seen(self) -> dict[str, F64]:
        return {}

    def _next(self, family: str) -> F64:
        nodes, distance_m = self.ways.scope_nodes, self.ways.distance_m
        straight = self.ways.passes(family)[:, nodes] * self._unseen_before[:, nodes]
        straight *= 1 - self.unseen[nodes]
        np.fill_diagonal(straight, 0.0)
        around = np.exp(distance_m * (-1 / (3 * TRIP_M[family]))) + 1e-6  # 0 where no way is known
        np.fill_diagonal(around, 0.0)
        around /= np.maximum(around.sum(axis=1, keepdims=True), 1e-12)
        chance = (1 - WANDERS) * straight + WANDERS * around
        total = chance.sum(axis=1, keepdims=True)
        chance *= np.minimum(1.0, SEEN_AGAIN / np.maximum(total, 1e-12))
        return np.asarray(chance, np.float64)

    def passed_unseen(self, family: str, camera_id: int) -> F64:
        """The chance (N,) that a subject seen there comes by each node next, and is not seen."""
        row = int(self.row_of(np.array([camera_id]))[0])
        if row < 0:
            raise InvalidInput(f"camera {camera_id}: want one of the scope")
        chance = self.ways.passes(family)[row] * self._unseen_before[row] * self.unseen
        chance[self.ways.scope_nodes[row]] = 0.0
        return np.asarray(chance, np.float64)

    def between(self, start: int, end: int) -> list[int]:
        """Cameras of the scope on the shortest way from camera to camera, in order."""
        rows = self.row_of(np.array([start, end]))
        if (rows < 0).any():
            return []
        passed: list[int] = []
        in_scope = set(self.camera_ids.tolist())
        before = self.ways.parents[rows[0]]
        node = int(before[self.ways.scope_nodes[rows[1]]])
        while node >= 0 and self.node_ids[node] != start:
            if int(self.node_ids[node]) in in_scope:
                passed.append(int(self.node_ids[node]))
            node = int(before[node])
        return passed[::-1]

    @cached_property
    def _unseen_before(self) -> F64:
        """The chance (C, N) to be unseen on the way to each node."""
        return _missed(self.ways, self.unseen)

    def ready(self) -> "CameraNetwork":
        """Itself, with the chances of all families computed: otherwise that is done when asked."""
        for family in Family:
            self.seen_next(family)
        return self


def network_of(ways: ShortestWays, unseen: Mapping[int, float]) -> CameraNetwork:
    """The network on these ways, `unseen` giving each camera's chance to miss who comes by."""
    chances = np.ones(len(ways.node_ids))
    chances[ways.scope_nodes] = [unseen.get(int(i), 0.0) for i in ways.camera_ids]
    return CameraNetwork(ways, chances)


def shortest_ways(graph: CameraGraph, cameras: Mapping[int, Camera]) -> ShortestWays:
    """The ways between a scope's cameras, and from them to all that is near.

    `cameras` are the scope's; the positions of others are not known here and not needed where roads
    were imported. A camera that no road reaches is joined to the nearest ones of the scope.
    """
    camera_ids = np.array(sorted(cameras), np.int64)
    if not len(camera_ids):
        raise InvalidInput("cameras: want one at least, got none")
    node_ids = np.union1d(camera_ids, graph.camera_ids)
    roads = _joined(node_ids, cameras, _roads(graph, node_ids))
    weights = _matrix(*roads, len(node_ids))
    scope_nodes = np.searchsorted(node_ids, camera_ids)
    around = np.isfinite(dijkstra(weights, indices=scope_nodes, min_only=True, limit=_AROUND_M))
    node_ids, weights = node_ids[around], weights[around][:, around]
    scope_nodes = np.searchsorted(node_ids, camera_ids)
    lengths, before = dijkstra(weights, indices=scope_nodes, return_predecessors=True)
    parents = np.where(before < 0, -1, before).astype(np.int64)
    road_m = np.asarray(lengths, np.float64)
    distance_m, least_m = _ways(road_m[:, scope_nodes], camera_ids, cameras, graph)
    return ShortestWays(camera_ids, node_ids, distance_m, least_m, road_m, parents)


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Nodes as far below their roots as each other: their places in one row of all trees (C * N,),
    and their parents'."""

    places: I64
    parents: I64


def _levels_of(parents: I64) -> list[_Level]:
    """The trees (C, N) of `CameraNetwork.parents` level by level, from below the roots down."""
    rows, nodes = parents.shape
    before = np.where(parents >= 0, parents + np.arange(rows)[:, None] * nodes, -1).ravel()
    depth = _depths(before, np.int16 if nodes < 2**15 else np.int32)
    order = np.argsort(depth, kind="stable")
    bounds = np.searchsorted(depth[order], np.arange(1, depth.max(initial=0) + 1))
    return [_Level(places, before[places]) for places in np.split(order, bounds)[1:]]


def _missed(ways: ShortestWays, unseen: F64) -> F64:
    """The chance (C, N) to be seen by no camera between the first node and each other."""
    missed = np.zeros(ways.parents.size)  # in logs
    unseen = np.log(np.maximum(unseen, 1e-6))
    for level in ways.levels[1:]:  # the start itself has been seen
        missed[level.places] = missed[level.parents] + unseen[level.parents % len(unseen)]
    return np.exp(missed, out=missed).reshape(ways.parents.shape)


def _passes(ways: ShortestWays, trip_m: float) -> F64:
    passes = np.exp(ways.to_nodes_m * (-1 / trip_m))  # of ends at each node; 0 where no way leads
    ends = passes.ravel()
    for level in reversed(ways.levels):
        np.add.at(ends, level.parents, ends[level.places])
    total = passes[np.arange(len(passes)), ways.scope_nodes][:, None]
    passes /= np.maximum(total, 1e-12)
    return passes


def _depths(parents: I64, kind: type[np.signedinteger[Any]]) -> "NDArray[np.signedinteger[Any]]":
    """How many steps each lies below its root (N,), by jumps that double.

    Of a narrow `kind` if that holds them: it is sorted ten times as fast.
    """
    depths: NDArray[np.signedinteger[Any]] = (parents >= 0).astype(kind)
    above = np.where(parents >= 0, parents, np.arange(len(parents))).astype(np.int32)
    while True:
        gained = depths[above]
        if not gained.any():
            return depths
        depths = depths + gained
        above = above[above]


def _roads(graph: CameraGraph, node_ids: I64) -> tuple[I64, I64, F64]:
    ids = graph.camera_ids
    starts = np.searchsorted(node_ids, ids[graph.edges[:, 0]])
    ends = np.searchsorted(node_ids, ids[graph.edges[:, 1]])
    return starts, ends, graph.distance_m.astype(np.float64)


def _joined(
    node_ids: I64, cameras: Mapping[int, Camera], roads: tuple[I64, I64, F64]
) -> tuple[I64, I64, F64]:
    """The roads, and straight ones from cameras that have none to the nearest cameras."""
    starts, ends, metres = roads
    has_road = np.zeros(len(node_ids), np.bool_)
    has_road[starts] = has_road[ends] = True
    placed = [i for i in sorted(cameras) if cameras[i].lon_lat_deg is not None]
    if len(placed) < 2:
        return roads
    places = np.array([cameras[i].lon_lat_deg for i in placed], np.float64)
    nodes = np.searchsorted(node_ids, np.array(placed, np.int64))
    flat_m = places * _METRES_PER_DEGREE
    flat_m[:, 0] *= np.cos(np.radians(places[:, 1].mean()))
    count = min(_NEIGHBOURS + 1, len(placed))
    away_m, near = (np.asarray(part) for part in cKDTree(flat_m).query(flat_m, k=count))
    lonely = ~has_road[nodes]
    from_row = np.repeat(np.flatnonzero(lonely), count - 1)
    to_row = near[lonely, 1:].ravel()
    length_m = np.maximum(DETOUR * away_m[lonely, 1:].ravel(), 1.0)
    return (
        np.r_[starts, nodes[from_row], nodes[to_row]],
        np.r_[ends, nodes[to_row], nodes[from_row]],
        np.r_[metres, length_m, length_m],
    )


def _matrix(starts: I64, ends: I64, metres: F64, count: int) -> "csr_array[np.float64]":
    order = np.lexsort((metres, ends, starts))
    starts, ends, metres = starts[order], ends[order], metres[order]
    first = np.ones(len(starts), np.bool_)
    first[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    shape = (count, count)
    weights = np.maximum(metres[first], _NO_WAY_M)
    return csr_array((weights, (starts[first], ends[first])), shape=shape)


def _ways(
    road_m: F64, camera_ids: I64, cameras: Mapping[int, Camera], graph: CameraGraph
) -> tuple[F64, F64]:
    """Usual and least ways (C, C), by the rules of `Roads.way`."""
    imported = np.isin(camera_ids, graph.camera_ids[np.unique(graph.edges)])
    by_road = np.isfinite(road_m) & imported[:, None] & imported[None, :]
    apart_m = np.where(road_m < 1000 * _NO_WAY_M, 0.0, road_m)  # 0 where views overlap
    distance_m, least_m = np.where(by_road, apart_m, np.inf), np.where(by_road, apart_m, 0.0)
    places = np.array(
        [cameras[int(i)].lon_lat_deg or (np.nan, np.nan) for i in camera_ids], np.float64
    )
    line_m = np.asarray(haversine_m(places[:, None], places[None, :]), np.float64)
    by_line = ~by_road & np.isfinite(line_m)
    distance_m = np.where(by_line, DETOUR * line_m, distance_m)
    least_m = np.where(by_line, np.maximum(0.0, line_m - 2 * VIEW_REACH_M), least_m)
    np.fill_diagonal(distance_m, 0.0)
    np.fill_diagonal(least_m, 0.0)
    return distance_m, least_m
