import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import F64
from core.plates.alignment import NONE, align
from tests.core.plates.builders import CALM

SCORES = st.integers(-5, 5).map(float)


def matrix(rows: list[list[float]], columns: int) -> F64:
    return np.array(rows, dtype=np.float64).reshape(len(rows), columns)


def test_align_pairs_equal_signs_and_leaves_the_odd_one_alone() -> None:
    match = np.where(np.equal.outer(list("ABC"), list("AC")), 1.0, -9.0)
    pairs = align(match, np.full(3, -1.0), np.full((4, 2), -1.0))
    assert pairs == [(0, 0), (1, NONE), (2, 1)]


def test_align_adds_where_it_costs_least() -> None:
    add = np.array([[-5.0], [-1.0], [-3.0]])
    pairs = align(np.full((2, 1), -99.0), np.zeros(2), add)
    assert pairs == [(0, NONE), (NONE, 0), (1, NONE)]


def test_align_prefers_a_pair_to_two_gaps_of_the_same_score() -> None:
    assert align(np.full((1, 1), -2.0), np.full(1, -1.0), np.full((2, 1), -1.0)) == [(0, 0)]


def test_align_of_nothing_is_nothing() -> None:
    assert align(np.zeros((0, 0)), np.zeros(0), np.zeros((1, 0))) == []


@st.composite
def tables(draw: st.DrawFn) -> tuple[F64, F64, F64]:
    rows, columns = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    numbers = [draw(SCORES) for _ in range(rows * columns + rows + (rows + 1) * columns)]
    match, drop, add = np.split(np.array(numbers), [rows * columns, rows * columns + rows])
    return match.reshape(rows, columns), drop, add.reshape(rows + 1, columns)


def best_score(match: F64, drop: F64, add: F64, i: int = 0, j: int = 0) -> float:
    """The greatest sum, by trying every way."""
    rows, columns = match.shape
    scores = []
    if i < rows and j < columns:
        scores.append(match[i, j] + best_score(match, drop, add, i + 1, j + 1))
    if i < rows:
        scores.append(drop[i] + best_score(match, drop, add, i + 1, j))
    if j < columns:
        scores.append(add[i, j] + best_score(match, drop, add, i, j + 1))
    return float(max(scores, default=0.0))


@given(tables())
@CALM
def test_align_finds_the_best_of_all_ways(table: tuple[F64, F64, F64]) -> None:
    match, drop, add = table
    score, met = 0.0, 0
    for i, j in align(match, drop, add):
        met += i != NONE
        score += match[i, j] if NONE not in (i, j) else drop[i] if j == NONE else add[met, j]
    assert score == best_score(match, drop, add)
