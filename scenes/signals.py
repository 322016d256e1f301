"""Traffic lights: who may drive into a junction, and when walkers may cross an arm."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F64, Bool
from scenes.roads import RoadGraph

CYCLE_S = 30.0
GREEN_S = 12.5
"""The other axis is green for as long; between the two all wait 2.5 s."""

_LIT_SHARE = 0.75  # of junctions with four streets or more
_CLEAR_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """One light an arm, row 2 * street + end: `lit` (2E,) whether there is one, `since_s` (2E,)
    a time at which it turned green."""

    lit: Bool
    since_s: F64

    def red(self, arm: int, at_s: F64) -> Bool:
        """Whether traffic must wait at the arm's zebra before the junction, (T,)."""
        waits = np.mod(at_s - self.since_s[arm], CYCLE_S) >= GREEN_S
        return np.asarray(waits & self.lit[arm], np.bool_)

    def walk_from_s(self, arm: int, at_s: float, crossing_s: float) -> float:
        """When somebody who comes to the arm's kerb at `at_s` may begin to cross."""
        if not self.lit[arm]:
            return at_s
        phase = float(np.mod(at_s - self.since_s[arm], CYCLE_S))
        first, last = GREEN_S + _CLEAR_S, max(CYCLE_S - crossing_s, GREEN_S + 2 * _CLEAR_S)
        if phase < first:
            return at_s + first - phase
        return at_s if phase <= last else at_s + CYCLE_S + first - phase


def plan_signals(roads: RoadGraph, rng: np.random.Generator) -> Signals:
    """Lights at most large junctions; arms that run on into each other are green together."""
    arms = roads.arms
    lit = np.zeros(2 * len(roads.edges), np.bool_)
    since = np.zeros(2 * len(roads.edges))
    for node in np.unique(arms.node):
        mine = np.flatnonzero(arms.node == node)
        start, chosen = float(rng.uniform(0, CYCLE_S)), rng.random() < _LIT_SHARE
        if len(mine) < 4 or not chosen:
            continue
        rows = 2 * arms.edge[mine] + arms.end[mine]
        turn = np.r_[0.0, np.cumsum(arms.gap_rad[mine][:-1])]
        across = np.abs(np.sin(turn)) > np.sin(np.pi / 4)
        lit[rows] = True
        since[rows] = start + across * CYCLE_S / 2
    return Signals(lit, since)
