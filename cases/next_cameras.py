"""Where to look next: cameras that the subject may have come by after the last sighting, unseen.

A suggestion for the eye. It asks for nothing by itself, and nothing runs again.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from cases.network import CameraNetwork
from core.arrays import F64
from core.clocks import ns_of, s_of
from core.types import Camera, CameraSpan, Coverage, NextCamera, Sighting, SpeedPrior, TimeSpan

MAX_NEXT = 12
MAX_LOOKED_AT = 60
_CENTRAL = 1.645  # standard deviations on each side of the central 90 %
_QUANTILE = 2.576  # as in `cases.traveltime`

IN_SCOPE, DOWN, OUTSIDE = "in_scope", "down", "outside"


def next_cameras(
    last: Sighting,
    network: CameraNetwork,
    cameras: Mapping[int, Camera],
    coverage: Coverage,
    granted: Sequence[CameraSpan],
    *,
    prior: SpeedPrior,
    latest_ns: int,
) -> list[NextCamera]:
    """The likeliest, at most `MAX_NEXT`, best first, shares of all of them.

    `cameras` hold what may be named, also outside the scope; `granted` are the case's grants.
    Nothing is suggested later than `latest_ns` (UTC).
    """
    chance = _chances(network, last, cameras)
    found: list[NextCamera] = []
    for node in np.argsort(-chance, kind="stable")[: 4 * MAX_NEXT]:
        camera_id = int(network.node_ids[node])
        if chance[node] <= 0 or camera_id not in cameras:
            continue
        distance_m = _distance_m(network, last.camera_id, int(node))
        expected = _expected(last, distance_m, prior, latest_ns)
        if expected is None:
            continue
        unseen_s, standing = _standing(camera_id, expected, coverage, granted)
        found.append(
            NextCamera(camera_id, float(chance[node]), expected, standing, distance_m, unseen_s)
        )
    return found[:MAX_NEXT]


def likeliest_nodes(network: CameraNetwork, family: str, camera_id: int, most: int) -> list[int]:
    """Ids of the cameras, in the scope or not, that the subject may have come by unseen."""
    chance = network.passed_unseen(family, camera_id)
    return [int(network.node_ids[n]) for n in np.argsort(-chance, kind="stable")[:most]]


def _chances(network: CameraNetwork, last: Sighting, cameras: Mapping[int, Camera]) -> F64:
    chance = network.passed_unseen(last.family, last.camera_id)
    known = np.isin(network.node_ids, np.array(sorted(cameras), np.int64))
    chance = np.where(known, chance, 0.0)
    return np.asarray(chance / max(float(chance.sum()), 1e-12), np.float64)


def _distance_m(network: CameraNetwork, start: int, node: int) -> float | None:
    row = int(network.row_of(np.array([start]))[0])
    metres = float(network.ways.to_nodes_m[row, node])
    return metres if math.isfinite(metres) else None


def _expected(
    last: Sighting, distance_m: float | None, prior: SpeedPrior, latest_ns: int
) -> TimeSpan | None:
    """When a subject of the family usually comes there, the central 90 %."""
    left_ns = last.span.end_ns
    if distance_m is None:
        return TimeSpan(left_ns, latest_ns) if left_ns < latest_ns else None
    spread = math.log(prior.fast_mps / prior.slow_mps) / (2 * _QUANTILE)
    usual_s = distance_m / prior.usual_mps
    start = left_ns + ns_of(usual_s * math.exp(-_CENTRAL * spread))
    end = min(left_ns + ns_of(usual_s * math.exp(_CENTRAL * spread) + 1.0), latest_ns)
    return TimeSpan(start, end) if start < end else None


def _standing(
    camera_id: int, expected: TimeSpan, coverage: Coverage, granted: Sequence[CameraSpan]
) -> tuple[float, str]:
    """How many seconds of that time were not searched, and why the subject was not seen."""
    allowed = [
        cut
        for part in granted
        if part.camera_id == camera_id
        for cut in [part.span.intersection(expected)]
        if cut is not None
    ]
    searched_s = sum(span.duration_s for span in allowed)
    lost_s = sum(
        cut.duration_s
        for part, _ in coverage.missing
        if part.camera_id == camera_id
        for span in allowed
        for cut in [part.span.intersection(span)]
        if cut is not None
    )
    whole_s = s_of(expected.end_ns - expected.start_ns)
    if not allowed:
        return whole_s, OUTSIDE
    unseen_s = whole_s - searched_s + lost_s
    return unseen_s, DOWN if lost_s > 0.5 * searched_s else IN_SCOPE
