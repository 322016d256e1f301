"""Whether somebody could have gone from one camera to another in the time between two sightings."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from core.arrays import F64
from core.geometry import haversine_m
from core.types import Camera, CameraGraph, Family, SpeedPrior

DETOUR = 1.3
"""Way per straight line where no road was imported. Own assumption: Newell (Traffic Flow on
Transportation Networks, 1980) gives 1.2 for random points of a city, and short trips wind more than
long ones (Giacomin & Levinson, Environment and Planning B 42, 2015)."""

VIEW_REACH_M = 30.0
"""How far from its camera a subject can be and still be told apart. Own assumption; it shortens
straight lines at both ends, since positions are the cameras', not the subject's."""

SLACK_SIGMAS = 3.0
"""Clock errors within three sigmas never make a hop impossible."""

DEFAULT_SPEEDS: Mapping[str, SpeedPrior] = {
    # Usual: 1.34 m/s (Weidmann, Transporttechnik der Fussgaenger, ETH 1993). Fastest: a runner;
    # the 800 m world record is 7.9 m/s. Slowest: a third of the usual, own assumption.
    Family.PERSON: SpeedPrior(Family.PERSON, 0.45, 1.34, 8.0),
    # The family holds bicycles and motorcycles. Own assumptions: an easy bicycle, a bicycle in a
    # city (16 km/h), a motorcycle that does not care (110 km/h).
    Family.RIDER: SpeedPrior(Family.RIDER, 1.5, 4.5, 30.6),
    # Own assumptions: a queue, a city street (30 km/h), 160 km/h.
    Family.VEHICLE: SpeedPrior(Family.VEHICLE, 1.0, 8.3, 44.4),
}


@dataclass(frozen=True, slots=True)
class Way:
    """From one camera to another: the usual length, the least it can be, and how that is known."""

    distance_m: float
    least_m: float
    known_by: str


@dataclass(frozen=True, slots=True)
class Travel:
    """How a hop could be. `fastest_s` and `slowest_s` are None where no distance is known."""

    distance_m: float | None
    fastest_s: float | None
    slowest_s: float | None
    feasible: bool
    why: str


class Roads:
    """Shortest ways between the cameras of one graph; each start is worked out once."""

    def __init__(self, graph: CameraGraph, cameras: Mapping[int, Camera]) -> None:
        self._cameras = cameras
        self._row = {int(camera_id): row for row, camera_id in enumerate(graph.camera_ids)}
        self._weights = _weights(graph)
        self._from: dict[int, F64] = {}

    def way(self, start: int, end: int) -> Way | None:
        """The shortest way from camera `start` to camera `end`; None if nothing tells.

        By road where roads lead there, else along a straight line between the cameras' positions:
        usually `DETOUR` times as long, at the least from view to view.
        """
        if start == end:
            return Way(0.0, 0.0, "the same camera")
        road_m = self._road_m(start, end)
        if math.isfinite(road_m):
            return Way(road_m, road_m, "by road")
        a, b = (self._position(camera_id) for camera_id in (start, end))
        if a is None or b is None:
            return None
        line_m = float(haversine_m(a, b))
        return Way(DETOUR * line_m, max(0.0, line_m - 2 * VIEW_REACH_M), "as the crow flies")

    def _road_m(self, start: int, end: int) -> float:
        a, b = self._row.get(start), self._row.get(end)
        if a is None or b is None:
            return math.inf
        if a not in self._from:
            reached = dijkstra(self._weights, directed=True, indices=[a])[0]
            self._from[a] = np.asarray(reached, np.float64)
        return float(self._from[a][b])

    def _position(self, camera_id: int) -> F64 | None:
        camera = self._cameras.get(camera_id)
        known = camera is not None and camera.lon_lat_deg is not None
        return np.array(camera.lon_lat_deg, np.float64) if camera and known else None


@dataclass(frozen=True, slots=True)
class Transit:
    """Judges hops by ways and speeds. `speeds` by family; those missing take the defaults."""

    roads: Roads
    speeds: Mapping[str, SpeedPrior]

    @classmethod
    def of(cls, graph: CameraGraph, cameras: Mapping[int, Camera]) -> "Transit":
        """With the graph's roads and its own speeds where it states them."""
        stated = {prior.family: prior for prior in graph.speeds}
        return cls(Roads(graph, cameras), {**DEFAULT_SPEEDS, **stated})

    def judge(
        self,
        start: int,
        end: int,
        gap_s: float,
        *,
        families: Iterable[str],
        sigma_s: float = 0.0,
    ) -> Travel:
        """Whether somebody of `families` could go from camera to camera in `gap_s`.

        `sigma_s` is that of both clocks together. A change of family on the way (walking, then
        riding) allows the slowest of the one to the fastest of the other. A negative gap means
        that both saw the subject at once, which only overlapping views (no distance) explain.
        A longer time than the slowest takes is feasible: people stop.
        """
        slack_s = SLACK_SIGMAS * sigma_s
        way = self.roads.way(start, end)
        if way is None:
            return Travel(None, None, None, True, "no road and no position: cannot be judged")
        prior = self._range(families)
        fastest_s, slowest_s = way.least_m / prior.fast_mps, way.distance_m / prior.slow_mps
        feasible = way.least_m == 0 or fastest_s <= gap_s + slack_s
        why = _why(way, gap_s, slack_s, prior, feasible)
        return Travel(way.distance_m, fastest_s, slowest_s, feasible, why)

    def _range(self, families: Iterable[str]) -> SpeedPrior:
        priors = [self.speeds[family] for family in sorted(set(families))]
        return SpeedPrior(
            " or ".join(prior.family for prior in priors),
            min(prior.slow_mps for prior in priors),
            min(prior.usual_mps for prior in priors),
            max(prior.fast_mps for prior in priors),
        )


def _why(way: Way, gap_s: float, slack_s: float, prior: SpeedPrior, feasible: bool) -> str:
    length = f"{way.distance_m:.0f} m {way.known_by}"
    clocks = f", clocks within {slack_s:.1f} s" if slack_s else ""
    if way.least_m == 0 and way.distance_m == 0:
        return f"{way.known_by}{clocks}" if way.known_by != "by road" else "views that overlap"
    if not feasible:
        least_s = way.least_m / prior.fast_mps
        return f"{length} in {gap_s:.1f} s{clocks}: a {prior.family} takes {least_s:.1f} s at least"
    if gap_s > way.distance_m / prior.slow_mps:
        return f"{length} in {gap_s:.0f} s: longer than a slow {prior.family} takes"
    if gap_s <= 0:
        return f"{length} at the same time{clocks}: within what clocks and views allow"
    return f"{length} in {gap_s:.0f} s{clocks}: {way.distance_m / gap_s:.1f} m/s"


def _weights(graph: CameraGraph) -> "csr_array[np.float64]":
    """Metres from row to column; of parallel roads the shortest, and a road of 0 m stays a road."""
    count = len(graph.camera_ids)
    order = np.lexsort((graph.distance_m, graph.edges[:, 1], graph.edges[:, 0]))
    edges, metres = graph.edges[order], graph.distance_m[order].astype(np.float64)
    first = np.ones(len(edges), np.bool_)
    first[1:] = (edges[1:] != edges[:-1]).any(axis=1)
    rows, columns = edges[first, 0], edges[first, 1]
    return csr_array((metres[first], (rows, columns)), shape=(count, count))
