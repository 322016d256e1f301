"""Where street lamps stand."""

import numpy as np

from core.arrays import F64
from scenes.roads import ZEBRA_M, RoadGraph

KERB_M = 0.4
"""From the kerb to a lamp's pole, on the pavement."""
SPACING_M = 24.0
_FIRST_M = 3.0  # from a zebra


def lamps_m(roads: RoadGraph) -> F64:
    """The feet (L, 2) of all lamps: down each street, in turn on its left and on its right."""
    feet = []
    for edge in range(len(roads.edges)):
        low = roads.setback_m[edge, 0] + ZEBRA_M + _FIRST_M
        high = roads.length_m[edge] - roads.setback_m[edge, 1] - ZEBRA_M - _FIRST_M
        count = max(round((high - low) / SPACING_M), 1) + 1
        along = np.linspace(low, high, count) if high > low else np.array([(low + high) / 2])
        side = np.where((np.arange(len(along)) + edge) % 2 == 0, 1.0, -1.0)
        feet.append(roads.at(edge, along, side * (roads.half_width_m[edge] + KERB_M)))
    return np.concatenate(feet) if feet else np.zeros((0, 2))


def near(lamps: F64, xy_m: tuple[float, float], *, reach_m: float) -> F64:
    """Those of the lamps (L, 2) that stand within `reach_m` of a place."""
    away = np.linalg.norm(lamps - np.asarray(xy_m), axis=1)
    return np.asarray(lamps[away < reach_m])
