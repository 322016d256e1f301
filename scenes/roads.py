"""The town's streets: a seeded graph with real coordinates, pavements, zebras and shortest ways.

A street is an edge. Its cross-section, from the middle line outwards on both sides: `lanes` lanes,
a strip for cycles, on some streets a parking strip, the kerb, the pavement, the house fronts.
Traffic keeps to the right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from core.arrays import F32, F64, I32, I64, Bool, checked, same_length
from core.errors import InvalidInput
from scenes.splits import Split, rng_for

LANE_M = 3.2
CYCLE_STRIP_M = 1.2
PARKING_STRIP_M = 2.2
PAVEMENT_M = 3.5
ZEBRA_M = 4.0
"""How much of a street's length a zebra crossing takes."""
FRONT_M = 3.0
"""From a zebra's near side to where the house fronts begin; before, the corners are cut."""
BULGE_RAD = float(np.radians(200))
"""Between arms that are further apart a corner lies on the outside of a bend."""
MAX_NODES = 250_000

_BLOCK_M = 92.0
_JITTER = 0.16  # of a block; more than a fifth could make streets cross
_DROPPED = 0.14
_DIAGONALS = 0.05
_CORNER_M = 2.5  # between where two kerbs would meet and the zebra
_CUT_M = 3.0  # at least, of a corner of houses, along each front
_STRAIGHT_RAD = np.radians(160)  # arms that run on have no corner between them
_WGS84_A_M, _WGS84_E2 = 6_378_137.0, 6.694379990141e-3
_REGIONS_DEG = ((104.9, 30.9), (13.6, 52.2), (-3.1, 40.2), (139.2, 36.3), (18.9, 50.1))
_ROADS_STREAM = 101
_EXACT_CAMERAS = 400


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """N junctions and E streets between them.

    `nodes_m` (N, 2) east and north of `centre_lon_lat_deg`; `edges` (E, 2) rows of nodes, a street
    runs from its first to its second; `lanes` (E,) each way; `parking` (E,) whether both sides
    have a parking strip.
    """

    centre_lon_lat_deg: tuple[float, float]
    nodes_m: F64
    edges: I32
    lanes: I32
    parking: Bool

    def __post_init__(self) -> None:
        checked("nodes_m", self.nodes_m, np.float64, "N", 2)
        checked("edges", self.edges, np.int32, "E", 2)
        checked("lanes", self.lanes, np.int32, "E")
        checked("parking", self.parking, np.bool_, "E")
        same_length(edges=self.edges, lanes=self.lanes, parking=self.parking)
        if len(self.edges) and not 0 <= self.edges.min() <= self.edges.max() < len(self.nodes_m):
            raise InvalidInput(f"edges: want rows of {len(self.nodes_m)} junctions")

    @cached_property
    def length_m(self) -> F64:
        """Middle to middle of the junctions, (E,)."""
        return np.asarray(np.linalg.norm(self._span_m, axis=1))

    @cached_property
    def along(self) -> F64:
        """Unit vectors from each street's first junction to its second, (E, 2)."""
        return self._span_m / self.length_m[:, None]

    @cached_property
    def left(self) -> F64:
        """Unit vectors to the left of `along`, (E, 2)."""
        return np.column_stack([-self.along[:, 1], self.along[:, 0]])

    @property
    def _span_m(self) -> F64:
        span: F64 = self.nodes_m[self.edges[:, 1]] - self.nodes_m[self.edges[:, 0]]
        return span

    @cached_property
    def half_width_m(self) -> F64:
        """From a street's middle line to its kerb, (E,)."""
        return self.lanes * LANE_M + CYCLE_STRIP_M + self.parking * PARKING_STRIP_M

    @cached_property
    def arms(self) -> "Arms":
        """Every street's two ends, in turn around their junctions."""
        return _arms(self)

    @cached_property
    def setback_m(self) -> F64:
        """From a junction's middle along a street to where its zebra begins, (E, 2): at the
        street's first and at its second junction."""
        return _setbacks(self)

    def at(self, edge: I64 | int, along_m: F64 | float, aside_m: F64 | float = 0.0) -> F64:
        """Points (..., 2) that lie `along_m` down a street and `aside_m` to its left."""
        start = self.nodes_m[self.edges[edge, 0]]
        reach = np.asarray(along_m)[..., None] * self.along[edge]
        point: F64 = start + reach + np.asarray(aside_m)[..., None] * self.left[edge]
        return point

    def to_lon_lat(self, xy_m: F64) -> F64:
        """WGS84 degrees (..., 2) of local metres (..., 2)."""
        return np.asarray(self.centre_lon_lat_deg) + np.degrees(xy_m / self._radii_m)

    def to_local(self, lon_lat_deg: F64) -> F64:
        """Local metres (..., 2) of WGS84 degrees (..., 2)."""
        offset = np.radians(np.asarray(lon_lat_deg) - np.asarray(self.centre_lon_lat_deg))
        return np.asarray(offset * self._radii_m)

    @cached_property
    def _radii_m(self) -> F64:
        """Metres per radian of longitude and of latitude on the ellipsoid at the centre."""
        sin, cos = (f(np.radians(self.centre_lon_lat_deg[1])) for f in (np.sin, np.cos))
        root = np.sqrt(1 - _WGS84_E2 * sin**2)
        return np.array([_WGS84_A_M * cos / root, _WGS84_A_M * (1 - _WGS84_E2) / root**3])

    @cached_property
    def weights(self) -> csr_array:
        """Lengths between neighbouring junctions, a symmetric (N, N) matrix."""
        return _symmetric(self.edges, self.length_m, len(self.nodes_m))

    def distances_m(self, starts: I64) -> F64:
        """Shortest ways (S, N) from some junctions to all; infinite where no street leads."""
        return np.asarray(dijkstra(self.weights, directed=False, indices=starts), np.float64)

    def route(self, start: int, end: int) -> list[int]:
        """Junctions of the shortest way, both ends among them. Raises `InvalidInput` if none."""
        return route(self.weights, start, end)

    def neighbours(self, node: int) -> list[int]:
        """Junctions a street away."""
        low, high = self.weights.indptr[node : node + 2]
        return [int(other) for other in self.weights.indices[low:high]]

    def streets_of(self, nodes: Sequence[int]) -> list[int]:
        """Rows of the streets between junctions that follow each other on a way."""
        return [self._street_rows[min(pair), max(pair)] for pair in pairwise(nodes)]

    @cached_property
    def _street_rows(self) -> dict[tuple[int, int], int]:
        ends = np.sort(self.edges, axis=1).tolist()
        return {(low, high): row for row, (low, high) in enumerate(ends)}

    def zebras_m(self) -> F64:
        """Corners (2E, 4, 2) of the zebras: each street's at its first, then at its second end;
        the first two corners lie at one kerb, the others at the other one."""
        near = self.setback_m
        along = np.stack([near[:, 0], self.length_m - near[:, 1] - ZEBRA_M], 1).reshape(-1)
        return self._strips(np.repeat(np.arange(len(self.edges)), 2), along, along + ZEBRA_M, 0.0)

    def carriageways_m(self) -> F64:
        """Corners (E, 4, 2) of the streets from kerb to kerb, from mouth to mouth."""
        return self._between_mouths(0.0)

    def pavements_m(self) -> F64:
        """Corners (E, 4, 2) of the streets from house front to house front, from mouth to mouth;
        the carriageway lies on top."""
        return self._between_mouths(PAVEMENT_M)

    def _between_mouths(self, wider_m: float) -> F64:
        rows = np.arange(len(self.edges))
        near = self.setback_m
        return self._strips(rows, near[:, 0], self.length_m - near[:, 1], wider_m)

    def _strips(self, rows: I64, low_m: F64, high_m: F64, wider_m: float) -> F64:
        aside = self.half_width_m[rows] + wider_m
        ends = [(low_m, aside), (high_m, aside), (high_m, -aside), (low_m, -aside)]
        return np.stack([self.at(rows, along, side) for along, side in ends], axis=1)

    def junction_m(self, node: int, wider_m: float = 0.0) -> F64:
        """The outline (K, 2), counter-clockwise, of a junction: between the kerbs at the mouths of
        its streets, or with the pavements (`wider_m` above 0) between the house fronts."""
        arms = self.arms
        outline: list[F64] = []
        around = self.meeting_m(wider_m)
        for row in np.flatnonzero(arms.node == node):
            edge, end = arms.edge[row], arms.end[row]
            aside = (self.half_width_m[edge] + wider_m) * (1 if end == 0 else -1)
            for side in (-1, 1):
                out = self.setback_m[edge, end]
                if wider_m:
                    out = self.front_from_m[edge, end, int((side > 0) == (end == 1))]
                along = out if end == 0 else self.length_m[edge] - out
                outline.append(self.at(edge, along, side * aside))
            if arms.gap_rad[row] > BULGE_RAD:
                outline.append(around[row])
        return np.stack(outline)

    def meeting_m(self, wider_m: float = 0.0) -> F64:
        """Where an arm's left kerb meets the right kerb of the next arm, or lines `wider_m` behind
        the kerbs do, (2E, 2) by row of `arms`; says nothing where the two run on into each
        other."""
        arms = self.arms
        edge = arms.edge
        outward = self.along[edge] * np.where(arms.end == 0, 1, -1)[:, None]
        left = np.column_stack([-outward[:, 1], outward[:, 0]])
        out, _ = self.meeting_along_m(wider_m)
        aside = self.half_width_m[edge] + wider_m
        return np.asarray(self.nodes_m[arms.node] + out[:, None] * outward + aside[:, None] * left)

    def meeting_along_m(self, wider_m: float) -> tuple[F64, F64]:
        """How far out along each arm, and along its next one, that is; 0 where they run on."""
        arms = self.arms
        mine = self.half_width_m[arms.edge] + wider_m
        theirs = mine[arms.next]
        sin, cos = np.sin(arms.gap_rad), np.cos(arms.gap_rad)
        meets = np.abs(sin) > np.sin(_STRAIGHT_RAD)
        sin = np.where(meets, sin, 1.0)
        here = np.where(meets, (theirs + mine * cos) / sin, 0.0)
        return here, np.where(meets, (mine + theirs * cos) / sin, 0.0)

    @cached_property
    def front_from_m(self) -> F64:
        """From a junction's middle along a street to where its house fronts begin, (E, 2, 2): at
        its first and second junction, on its left and right."""
        arms = self.arms
        least = np.repeat(self.setback_m[:, :, None] + FRONT_M, 2, axis=2)
        here, there = self.meeting_along_m(PAVEMENT_M)
        left, right = arms.end, 1 - arms.end  # of the street, seen out of the junction
        np.maximum.at(least, (arms.edge, arms.end, left), here + _CUT_M)
        far = arms.next
        np.maximum.at(least, (arms.edge[far], arms.end[far], right[far]), there + _CUT_M)
        return np.minimum(least, 0.45 * self.length_m[:, None, None])

    def frontages_m(self) -> F64:
        """House fronts as lines (2E, 2, 2): each street's left, then its right side; walking from
        the first point to the second the street lies on the right."""
        rows = np.arange(len(self.edges))
        aside = self.half_width_m + PAVEMENT_M
        near, far = self.front_from_m[:, 0], self.length_m[:, None] - self.front_from_m[:, 1]
        ends = [(near[:, 0], aside), (far[:, 0], aside), (far[:, 1], -aside), (near[:, 1], -aside)]
        corners = np.stack([self.at(rows, along, side) for along, side in ends], axis=1)
        return corners.reshape(-1, 2, 2)

    def walls_m(self) -> F64:
        """The outlines of all blocks of houses as lines (W, 2, 2): the fronts, then the pieces
        that cut or go around the blocks' corners; the street lies on the right."""
        fronts, arms = self.frontages_m(), self.arms
        first = arms.end == 0
        left = np.where(first[:, None], fronts[2 * arms.edge, 0], fronts[2 * arms.edge + 1, 0])
        right = np.where(first[:, None], fronts[2 * arms.edge + 1, 1], fronts[2 * arms.edge, 1])
        right = right[arms.next]
        bulges = arms.gap_rad > BULGE_RAD
        corner = self.meeting_m(PAVEMENT_M)[bulges]
        pieces = [(right[~bulges], left[~bulges]), (right[bulges], corner), (corner, left[bulges])]
        return np.concatenate([fronts, *(np.stack(piece, axis=1) for piece in pieces)])


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """2E ends of streets, sorted by junction and, around it, counter-clockwise.

    `node`, `edge` and `end` (0 first, 1 second junction of the street), `next` the row of the arm
    that follows counter-clockwise and `gap_rad` (0, 2 pi] the angle to it.
    """

    node: I64
    edge: I64
    end: I64
    next: I64
    gap_rad: F64


def _arms(roads: RoadGraph) -> Arms:
    count = len(roads.edges)
    edge, end = np.tile(np.arange(count), 2), np.repeat([0, 1], count)
    node = roads.edges[edge, end].astype(np.int64)
    outward = roads.along[edge] * np.where(end == 0, 1, -1)[:, None]
    turn = np.arctan2(outward[:, 1], outward[:, 0])
    order = np.lexsort((turn, node))
    node, edge, end, turn = node[order], edge[order], end[order], turn[order]
    first = np.flatnonzero(np.r_[True, node[1:] != node[:-1]])
    following = np.arange(1, 2 * count + 1)
    following[np.r_[first[1:], 2 * count] - 1] = first
    gap = np.mod(turn[following] - turn, 2 * np.pi)
    return Arms(node, edge, end, following, np.where(gap < 1e-9, 2 * np.pi, gap))


def _setbacks(roads: RoadGraph) -> F64:
    arms = roads.arms
    here, there = roads.meeting_along_m(0.0)
    setback = np.maximum(here, 0.0)
    np.maximum.at(setback, arms.next, there)
    setback += _CORNER_M
    result = np.zeros((len(roads.edges), 2))
    result[arms.edge, arms.end] = np.minimum(setback, 0.35 * roads.length_m[arms.edge])
    return result


def plan_roads(seed: int, split: Split, *, nodes: int = 49) -> RoadGraph:
    """A town of at least `nodes` junctions; the same arguments give the same town.

    A jittered grid of blocks, some streets left out, some diagonals. Every junction is reached from
    every other one and has two streets or more.
    """
    if not 9 <= nodes <= MAX_NODES:
        raise InvalidInput(f"nodes: want 9 to {MAX_NODES}, got {nodes}")
    rng = rng_for(seed, split, _ROADS_STREAM)
    columns = int(np.ceil(np.sqrt(nodes)))
    rows = int(np.ceil(nodes / columns))
    places = _grid_places(rng, rows, columns)
    kept = _thinned(rng, _grid_edges(rng, rows, columns), rows * columns)
    lanes = np.where(rng.random(len(kept)) < 0.12, 2, 1).astype(np.int32)
    parking = (rng.random(len(kept)) < 0.6) & (lanes == 1)
    region = _REGIONS_DEG[int(rng.integers(len(_REGIONS_DEG)))]
    centre = (region[0] + float(rng.uniform(-0.2, 0.2)), region[1] + float(rng.uniform(-0.2, 0.2)))
    return RoadGraph(centre, places, kept, lanes, parking)


def _grid_places(rng: np.random.Generator, rows: int, columns: int) -> F64:
    y, x = np.divmod(np.arange(rows * columns), columns)
    places = np.column_stack([x - (columns - 1) / 2, y - (rows - 1) / 2]).astype(np.float64)
    places += rng.uniform(-_JITTER, _JITTER, places.shape)
    turn = rng.uniform(0, np.pi / 2)
    cos, sin = np.cos(turn), np.sin(turn)
    turned: F64 = _BLOCK_M * places @ np.array([[cos, sin], [-sin, cos]])
    return turned


def _grid_edges(rng: np.random.Generator, rows: int, columns: int) -> I32:
    row = np.arange(rows * columns).reshape(rows, columns)
    across = np.column_stack([row[:, :-1].ravel(), row[:, 1:].ravel()])
    up = np.column_stack([row[:-1].ravel(), row[1:].ravel()])
    rising = np.column_stack([row[:-1, :-1].ravel(), row[1:, 1:].ravel()])
    falling = np.column_stack([row[:-1, 1:].ravel(), row[1:, :-1].ravel()])
    chance = rng.random(len(rising))
    slanted = [rising[chance < _DIAGONALS], falling[chance > 1 - _DIAGONALS]]
    return np.concatenate([across, up, *slanted]).astype(np.int32)


def _thinned(rng: np.random.Generator, edges: I32, nodes: int) -> I32:
    """Without some of the streets, never cutting the town apart nor leaving dead ends."""
    weight = rng.uniform(1, 2, len(edges))
    tree = minimum_spanning_tree(csr_array((weight, edges.T), shape=(nodes, nodes))).tocoo()
    needed = np.isin(
        edges[:, 0] * np.int64(nodes) + edges[:, 1], tree.row * np.int64(nodes) + tree.col
    )
    degree = np.bincount(edges.ravel(), minlength=nodes)
    keep = np.ones(len(edges), np.bool_)
    for row in np.flatnonzero(~needed & (rng.random(len(edges)) < 2 * _DROPPED)):
        if (degree[edges[row]] > 2).all():
            degree[edges[row]] -= 1
            keep[row] = False
    return edges[keep]


def _symmetric(pairs: NDArray[np.integer], weight: F64, count: int) -> csr_array:
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return csr_array((np.tile(weight, 2), both.T), shape=(count, count))


def route(weights: csr_array, start: int, end: int) -> list[int]:
    """Rows of the shortest way through a graph. Raises `InvalidInput` if there is none."""
    _, befores = dijkstra(weights, directed=False, indices=[start], return_predecessors=True)
    before = befores[0]
    way = [end]
    while way[-1] != start:
        if before[way[-1]] < 0:
            raise InvalidInput(f"route: want connected places, got {start} and {end}")
        way.append(int(before[way[-1]]))
    return way[::-1]


def camera_roads(roads: RoadGraph, edge: I64, along_m: F64) -> tuple[I32, F32]:
    """Ways between C cameras that stand `along_m` down street `edge`: `edges` (E, 2) one way each
    and `distance_m` (E,), as a `CameraGraph` wants them.

    Up to 400 cameras every pair has its exact distance. Beyond, only neighbours are linked: those
    whose nearest-camera cells touch (Mehlhorn, Information Processing Letters 27, 1988), by the
    shortest way over the touching place.
    """
    count = len(roads.nodes_m)
    pairs, weight = _with_cameras(roads, edge, along_m)
    graph = _symmetric(pairs, weight, count + len(edge))
    cameras = count + np.arange(len(edge))
    if len(edge) <= _EXACT_CAMERAS:
        distance = dijkstra(graph, directed=False, indices=cameras)[:, count:]
        start, end = np.nonzero(np.isfinite(distance) & ~np.eye(len(edge), dtype=np.bool_))
        return np.column_stack([start, end]).astype(np.int32), distance[start, end].astype(
            np.float32
        )
    reach, _, nearest = dijkstra(
        graph, directed=False, indices=cameras, min_only=True, return_predecessors=True
    )
    return _touching(pairs, weight, np.asarray(reach), np.asarray(nearest, np.int64) - count)


def _with_cameras(roads: RoadGraph, edge: I64, along_m: F64) -> tuple[I64, F64]:
    """Streets cut at their cameras: links between junctions and cameras, with their lengths."""
    count, streets = len(roads.nodes_m), len(roads.edges)
    rows = np.arange(streets)
    place = np.concatenate([roads.edges[:, 0], roads.edges[:, 1], count + np.arange(len(edge))])
    street = np.concatenate([rows, rows, edge])
    where = np.concatenate([np.full(streets, -1.0), roads.length_m + 1.0, along_m])
    order = np.lexsort((where, street))
    same = street[order][1:] == street[order][:-1]
    where = np.clip(where, 0.0, roads.length_m[street])[order]
    pairs = np.column_stack([place[order][:-1], place[order][1:]])[same].astype(np.int64)
    return pairs, np.maximum(np.diff(where)[same], 1e-3)


def _touching(pairs: I64, weight: F64, reach: F64, nearest: I64) -> tuple[I32, F32]:
    ends = nearest[pairs]
    apart = (ends[:, 0] != ends[:, 1]) & (ends >= 0).all(axis=1)
    length = (reach[pairs].sum(axis=1) + weight)[apart]
    ends = np.sort(ends[apart], axis=1)
    order = np.lexsort((length, ends[:, 1], ends[:, 0]))
    ends, length = ends[order], length[order]
    first = np.r_[True, (ends[1:] != ends[:-1]).any(axis=1)] if len(ends) else np.zeros(0, np.bool_)
    both = np.concatenate([ends[first], ends[first][:, ::-1]])
    return both.astype(np.int32), np.tile(length[first], 2).astype(np.float32)


def camera_places(roads: RoadGraph, count: int, rng: np.random.Generator) -> tuple[I64, F64]:
    """Streets (C,) and metres down them (C,) for `count` cameras, spread over the whole town:
    street by street in random order, again from the start when there are more cameras."""
    order = np.concatenate(
        [rng.permutation(len(roads.edges)) for _ in range(-(-count // len(roads.edges)))]
    )[:count].astype(np.int64)
    return order, roads.length_m[order] * rng.uniform(0.2, 0.8, count)
