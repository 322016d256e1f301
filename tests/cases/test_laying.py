"""Laying ways: what was left out is bounded as stated."""

import math

import numpy as np
import pytest

from cases.hops import FAMILIES, HopModel, Pool, joined
from cases.laying import _pruned
from cases.ways import best_ways
from core.types import Family
from tests.cases.test_hops import model

PERSON = FAMILIES.index(Family.PERSON)


def drawn(rng: np.random.Generator, count: int, *, fixed: bool) -> Pool:
    """Candidates anywhere on the line of five cameras in twenty minutes; the first one fixed."""
    start_s = np.sort(rng.uniform(0, 1200, count))
    marks = np.zeros(count, np.bool_)
    marks[0] = fixed
    return Pool(
        np.arange(1, count + 1),
        rng.integers(0, 5, count),
        np.full(count, PERSON),
        start_s,
        start_s + 5.0,
        np.full(count, 0.5),
        np.full(count, 0.02),
        rng.normal(2, 2, count),
        marks,
    )


def worth_with(hops: HopModel, chain: Pool, extra: Pool) -> float:
    """Of the way of all of `chain` and the extra one."""
    both = joined((chain, extra))
    both = both.taken(np.argsort(both.start_s, kind="stable"))
    lattice = hops.lattice(both)
    rows = np.arange(len(both))
    steps = lattice.hop[rows[:-1], rows[1:]].sum()
    return float(lattice.first[0] + lattice.own.sum() + steps + lattice.last[-1])


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_no_one_left_out_makes_the_best_way_better_by_more_than_stated(
    seed: int, fixed: bool
) -> None:
    hops = model()
    every = drawn(np.random.default_rng(seed), 9, fixed=fixed)
    kept, left = np.array([0, 2, 4, 6, 8]), np.array([1, 3, 5, 7])
    pool = every.taken(kept)
    ways = best_ways(hops.lattice(pool), 1)
    told = _pruned(hops, every, left, (pool, ways), every.own)
    chain = pool.taken(np.array(ways.best))
    alone = worth_with(hops, chain, every.taken(np.array([], np.int64)))
    gains = [worth_with(hops, chain, every.taken(np.array([row]))) - alone for row in left]
    assert max(gains, default=-math.inf) <= told.lost + 1e-9
    assert (told.candidates, told.kept) == (9, 5)
