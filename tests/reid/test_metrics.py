"""Ranking metrics against numbers worked out by hand."""

import numpy as np
import pytest

from core.arrays import I64
from core.errors import InvalidInput
from reid.metrics import (
    Labels,
    RankMetrics,
    average_precision,
    rank_metrics,
    trapezoid_precision,
)


def ints(*values: int) -> I64:
    return np.array(values, np.int64)


def labels(*rows: tuple[int, int]) -> Labels:
    """Rows of (identity, camera)."""
    return Labels(ints(*(i for i, _ in rows)), ints(*(c for _, c in rows)))


def one_query(scores: list[float], gallery: Labels) -> RankMetrics:
    """Identity 1 of camera 1 asks."""
    return rank_metrics(np.array([scores]), labels((1, 1)), gallery)


def test_average_precision_is_the_mean_precision_at_matches() -> None:
    # Matches at ranks 1, 3, 6: precisions 1/1, 2/3, 3/6.
    matches = np.array([1, 0, 1, 0, 0, 1], bool)
    assert average_precision(matches) == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)


def test_trapezoid_precision_halves_between_steps() -> None:
    # At rank 1: (1 + 1)/2. At rank 3: (1/2 + 2/3)/2. At rank 6: (2/5 + 3/6)/2.
    matches = np.array([1, 0, 1, 0, 0, 1], bool)
    expected = (1 + (1 / 2 + 2 / 3) / 2 + (2 / 5 + 1 / 2) / 2) / 3
    assert trapezoid_precision(matches) == pytest.approx(expected)


def test_trapezoid_precision_of_a_late_first_match_starts_at_zero() -> None:
    assert trapezoid_precision(np.array([0, 1], bool)) == pytest.approx((0 + 1 / 2) / 2)


def test_same_camera_rows_of_the_identity_are_left_out() -> None:
    # The best row is the query's own camera: left out, so the true match is second, not third.
    gallery = labels((1, 1), (2, 2), (1, 2))
    metrics = one_query([0.9, 0.8, 0.7], gallery)
    assert metrics.first_match.tolist() == [2]


def test_other_identities_of_the_same_camera_stay_in() -> None:
    metrics = one_query([0.9, 0.8], labels((2, 1), (1, 2)))
    assert metrics.first_match.tolist() == [2]


def test_query_without_a_true_match_does_not_count() -> None:
    queries = labels((1, 1), (3, 1))
    scores = np.array([[0.9, 0.1], [0.9, 0.1]])
    metrics = rank_metrics(scores, queries, labels((1, 2), (2, 2)))
    assert metrics.queries == 1
    assert metrics.rank(1) == 1.0
    assert metrics.mean_ap == 1.0


def test_cmc_counts_queries_found_by_each_rank() -> None:
    metrics = RankMetrics(ints(1, 3, 0, 2), np.array([1, 1 / 3, np.nan, 1 / 2]))
    assert metrics.cmc(4).tolist() == pytest.approx([1 / 3, 2 / 3, 1, 1])
    assert metrics.mean_ap == pytest.approx((1 + 1 / 3 + 1 / 2) / 3)


def test_equal_scores_rank_in_gallery_order() -> None:
    metrics = one_query([0.5, 0.5], labels((2, 2), (1, 2)))
    assert metrics.first_match.tolist() == [2]


def test_no_counted_query_gives_nan() -> None:
    metrics = one_query([0.5], labels((2, 2)))
    assert np.isnan(metrics.rank(1))
    assert np.isnan(metrics.mean_ap)


def test_scores_of_another_shape_raise() -> None:
    with pytest.raises(InvalidInput, match=r"want \(1, 2\) as labelled, got \(1, 1\)"):
        one_query([0.5], labels((1, 1), (1, 2)))


def test_nan_score_raises() -> None:
    with pytest.raises(InvalidInput, match="NaN"):
        one_query([float("nan")], labels((1, 2)))


def test_rank_zero_raises() -> None:
    with pytest.raises(InvalidInput, match="rank"):
        one_query([0.5], labels((1, 2))).rank(0)
