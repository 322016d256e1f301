"""How well a ranking finds the same subject again: rank-k (CMC) and mean average precision.

The protocol is Market-1501's (Zheng et al., "Scalable Person Re-identification: A Benchmark",
ICCV 2015): for each query, gallery rows of the same identity in the same camera are left out,
because finding the same picture again proves nothing; a query with no true match left does not
count.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import F64, I64, Bool, checked, same_length
from core.errors import InvalidInput


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Who (`identity`, (N,)) and where (`camera`, (N,)) each row of a query set or gallery is."""

    identity: I64
    camera: I64

    def __post_init__(self) -> None:
        checked("identity", self.identity, np.int64, "N")
        checked("camera", self.camera, np.int64, "N")
        same_length(identity=self.identity, camera=self.camera)

    def __len__(self) -> int:
        return len(self.identity)


@dataclass(frozen=True, slots=True, eq=False)
class RankMetrics:
    """Per query: `first_match` (Q,), the 1-based rank of its first true match, 0 if not counted;
    `average_precision` (Q,), NaN if not counted. Kept apart so that intervals can be drawn."""

    first_match: I64
    average_precision: F64

    @property
    def queries(self) -> int:
        """How many queries count: those with a true match in the gallery."""
        return int((self.first_match > 0).sum())

    @property
    def mean_ap(self) -> float:
        """Mean average precision over the queries that count; NaN if there are none."""
        counted = self.average_precision[self.first_match > 0]
        return float(counted.mean()) if len(counted) else float("nan")

    def rank(self, k: int) -> float:
        """Share of counted queries with a true match among the first `k`; NaN if none count."""
        return float(self.cmc(k)[-1])

    def cmc(self, deepest: int) -> F64:
        """Cumulative match characteristic at ranks 1 to `deepest`, (deepest,)."""
        if deepest < 1:
            raise InvalidInput(f"rank: want 1 or more, got {deepest}")
        first = self.first_match[self.first_match > 0]
        if not len(first):
            return np.full(deepest, np.nan)
        found = np.bincount(first[first <= deepest], minlength=deepest + 1)
        return np.asarray(found[1:].cumsum() / len(first), np.float64)


def rank_metrics(scores: NDArray[Any], queries: Labels, gallery: Labels) -> RankMetrics:
    """Metrics of `scores` (Q, G), larger is more alike; equal scores rank in gallery order.

    `InvalidInput` if the shape differs from the labels or a score is not a number.
    """
    if scores.shape != (len(queries), len(gallery)):
        raise InvalidInput(
            f"scores: want ({len(queries)}, {len(gallery)}) as labelled, got {scores.shape}"
        )
    if np.isnan(scores).any():
        raise InvalidInput("scores: want numbers, got NaN")
    first = np.zeros(len(queries), np.int64)
    precision = np.full(len(queries), np.nan)
    for row, (identity, camera) in enumerate(zip(queries.identity, queries.camera, strict=True)):
        same = gallery.identity == identity
        kept = ~(same & (gallery.camera == camera))
        order = np.argsort(-scores[row, kept].astype(np.float64), kind="stable")
        matches = same[kept][order]
        if matches.any():
            first[row] = int(matches.argmax()) + 1
            precision[row] = average_precision(matches)
    return RankMetrics(first, precision)


def average_precision(matches: Bool) -> float:
    """Average precision of one ranked list (G,) that holds a true match.

    The mean of the precision at each true match (non-interpolated), as later re-identification
    code computes it. Market-1501's own MATLAB evaluation takes the trapezoid under the
    precision-recall curve instead: see `trapezoid_precision`.
    """
    at = np.flatnonzero(matches) + 1
    return float((np.arange(1, len(at) + 1) / at).mean())


def trapezoid_precision(matches: Bool) -> float:
    """Average precision as the area under the precision-recall polygon, (G,) ranked matches.

    Between two recalls the mean of the precision just before and at the match counts, starting
    from a precision of 1: the `compute_AP` of Market-1501's evaluation.
    """
    at = np.flatnonzero(matches) + 1
    found = np.arange(1, len(at) + 1)
    before = np.where(at > 1, (found - 1) / np.maximum(at - 1, 1), 1.0)
    return float(((before + found / at) / 2).mean())
