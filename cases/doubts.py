"""Which confirmed sightings the rest speaks against: somebody may look at them again.

People err, and a wrong confirmation leads every later answer astray: it is on all ways, and is
searched with. So each is judged as if nobody had confirmed it, by all else that people said.
"""

from dataclasses import replace

import numpy as np

from cases.hops import Pool
from cases.laying import Laid
from cases.ways import chances
from core.arrays import F64
from core.types import Doubted

DOUBTED = 0.1
"""Below this chance a confirmed sighting is told. Of verdicts one in fifty is wrong, own
assumption: then of those told at this chance one in six is."""

MAX_JUDGED = 40
"""Confirmed sightings that are judged, those with the least evidence of their own."""


def doubted(laid: Laid, sure: frozenset[int]) -> tuple[Doubted, ...]:
    """The confirmed tracklets with a chance below `DOUBTED`, the least first.

    Judged among the best ways and the other fixed points; those `sure` are not judged, nor is the
    only fixed point.
    """
    on_ways = {row for way, _ in laid.ways.ways for row in way}
    rows = sorted({*np.flatnonzero(laid.pool.fixed).tolist(), *on_ways})
    pool = laid.pool.taken(np.array(rows, np.int64))
    ids = pool.tracklet_ids
    fixed = np.flatnonzero(pool.fixed & (ids >= 0)).tolist() if pool.fixed.sum() > 1 else []
    asked = [row for row in fixed if int(ids[row]) not in sure]
    asked.sort(key=lambda row: (pool.own[row], ids[row]))
    judged = asked[:MAX_JUDGED]
    ratios = laid.everybody.ratios(pool) if judged else None
    found = [Doubted(int(ids[row]), _unconfirmed(laid, pool, ratios, row)) for row in judged]
    told = [one for one in found if one.probability < DOUBTED]
    return tuple(sorted(told, key=lambda one: (one.probability, one.tracklet_id)))


def _unconfirmed(laid: Laid, pool: Pool, ratios: F64 | None, row: int) -> float:
    """The chance of a fixed row of a pool if it were not fixed."""
    others = pool.fixed.copy()
    others[row] = False
    lattice = laid.everybody.lattice(replace(pool, fixed=others), ratios)
    return float(chances(lattice)[row])
