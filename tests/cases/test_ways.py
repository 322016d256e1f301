"""Ways through candidates against all ways counted one by one."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.ways import FLOOR, Lattice, best_ways, chances


def lattice_of(seed: int, count: int, fixed: tuple[int, ...] = (), blocked: float = 0.3) -> Lattice:
    rng = np.random.default_rng(seed)
    hop = rng.normal(0, 2, (count, count))
    hop[rng.random((count, count)) < blocked] = -np.inf
    marks = np.zeros(count, np.bool_)
    marks[list(fixed)] = True
    return Lattice(
        rng.normal(0, 3, count), hop, rng.normal(-1, 1, count), rng.normal(-1, 1, count), marks
    )


def every_way(lattice: Lattice) -> list[tuple[float, tuple[int, ...]]]:
    ways = []
    rows = range(len(lattice))
    for size in range(1, len(lattice) + 1):
        for way in combinations(rows, size):
            if not set(np.flatnonzero(lattice.fixed)) <= set(way):
                continue
            worth = _end(lattice.first, lattice, way[0]) + _end(lattice.last, lattice, way[-1])
            worth += sum(lattice.own[row] for row in way)
            worth += sum(_hop(lattice, a, b) for a, b in pairwise(way))
            if worth > -np.inf:
                ways.append((float(worth), way))
    return sorted(ways, reverse=True)


def _end(worths: np.ndarray, lattice: Lattice, row: int) -> float:
    worth = float(worths[row])
    return max(worth, FLOOR) if lattice.fixed[row] else worth


def _hop(lattice: Lattice, a: int, b: int) -> float:
    hop = float(lattice.hop[a, b])
    return max(hop, FLOOR) if lattice.fixed[a] and lattice.fixed[b] else hop


CASES = st.tuples(
    st.integers(0, 10_000), st.integers(1, 8), st.sets(st.integers(0, 7), max_size=3)
).map(lambda t: lattice_of(t[0], t[1], tuple(i for i in t[2] if i < t[1])))


@given(CASES, st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_the_best_ways_are_the_best_of_all(lattice: Lattice, k: int) -> None:
    found, counted = best_ways(lattice, k), every_way(lattice)
    assert [worth for _, worth in found.ways] == pytest.approx([w for w, _ in counted[:k]])
    if counted:
        assert found.best == counted[0][1]


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_chances_are_the_shares_of_all_ways(lattice: Lattice) -> None:
    weights = np.zeros(len(lattice))
    whole = 0.0
    for worth, way in every_way(lattice):
        weights[list(way)] += np.exp(worth)
        whole += float(np.exp(worth))
    wanted = weights / whole if whole else weights
    np.testing.assert_allclose(chances(lattice), wanted, atol=1e-9)


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_the_best_way_without_a_candidate_is_the_best_of_those(lattice: Lattice) -> None:
    found, counted = best_ways(lattice, 1), every_way(lattice)
    for row in np.flatnonzero(~lattice.fixed).tolist():
        left = [(worth, way) for worth, way in counted if row not in way]
        worth, rows = found.without(row)
        assert worth == pytest.approx(left[0][0] if left else -np.inf)
        assert rows == (left[0][1] if left else ())


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_the_best_way_through_a_candidate_is_the_best_of_those(lattice: Lattice) -> None:
    found, counted = best_ways(lattice, 1), every_way(lattice)
    for row, worth in enumerate(found.through().tolist()):
        left = [(w, way) for w, way in counted if row in way]
        assert worth == pytest.approx(left[0][0] if left else -np.inf)
        if left:
            assert found.way_through(row) == left[0][1]


def test_fixed_points_are_kept_though_nothing_explains_the_hop() -> None:
    lattice = lattice_of(1, 3, fixed=(0, 2), blocked=1.0)
    assert best_ways(lattice, 1).best == (0, 2)
    assert chances(lattice).tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_no_candidates_have_no_ways() -> None:
    lattice = lattice_of(1, 0)
    assert best_ways(lattice, 3).ways == ()
    assert len(chances(lattice)) == 0
