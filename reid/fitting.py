"""Fits calibrations from the cosines of pairs known to be of one subject, or of two.

Material must be of cameras and people held out from the embedder's training, and never of a case.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit

from core.arrays import F64, I64, Bool, checked
from core.errors import InvalidInput
from reid.calibration import KnotCalibration, Provenance
from reid.measures import cllr

Method = Literal["logistic", "isotonic"]
Knots = tuple[F64, F64]

_FEWEST_PAIRS = 20  # of each kind, under this no curve is worth a claim
_FEWEST_PER_BIN = 10
_MOST_BINS = 200


def fit_calibration(
    same: F64,
    different: F64,
    *,
    model: str,
    subjects: int,
    fitted_on: str,
    at_ns: int,
    method: Method = "logistic",
) -> KnotCalibration:
    """The calibration of embedder `model` from cosines of same (S,) and different (D,) pairs.

    `logistic` fits a line with the prior taken out (Brummer & du Preez 2006): two parameters, for
    little material. `isotonic` pools adjacent violators over bins of 10 pairs or more: any rising
    shape, for much material. Ratios never leave `supported_llr`.
    Raises `InvalidInput` with too few pairs, or when alike pairs are not more often the same.
    """
    checked("same", same, np.float64, "S")
    checked("different", different, np.float64, "D")
    if min(len(same), len(different)) < _FEWEST_PAIRS or subjects < 2:
        raise InvalidInput(
            f"calibration: want {_FEWEST_PAIRS} pairs of each kind and 2 subjects at least, got "
            f"{len(same)} same, {len(different)} different, {subjects} subjects"
        )
    if not (np.isfinite(same).all() and np.isfinite(different).all()):
        raise InvalidInput("cosines: want finite numbers")
    fit: Callable[[F64, F64, tuple[float, float]], Knots]
    fit = _logistic_knots if method == "logistic" else _isotonic_knots
    cosine, ratio = fit(same, different, supported_llr(len(same), len(different), subjects))
    loss = cllr(np.interp(same, cosine, ratio), np.interp(different, cosine, ratio))
    provenance = Provenance(fitted_on, at_ns, method, subjects, len(same), len(different), loss)
    return KnotCalibration(model, tuple(cosine.tolist()), tuple(ratio.tolist()), provenance)


def supported_llr(same: int, different: int, subjects: int) -> tuple[float, float]:
    """The lowest and highest ratio that so much material can support.

    With D different pairs, none of which scored so high, the next one may: by Laplace's rule its
    chance is at least 1 / (D + 2), so no ratio above ln(D + 2) is shown; below, likewise, none
    under -ln(S + 2). Pairs that share a subject are not independent: S counts as `subjects` at
    most, D as the number of pairs of subjects.
    """
    same = min(same, subjects)
    different = min(different, subjects * (subjects - 1) // 2)
    return -float(np.log(same + 2)), float(np.log(different + 2))


def _logistic_knots(same: F64, different: F64, limits: tuple[float, float]) -> Knots:
    """A rising line cut at `limits`: its two ends are the knots."""
    slope, offset = _logistic_line(same, different)
    if slope <= 0:
        raise InvalidInput(
            f"calibration: more alike is not more often the same (slope {slope:.3g})"
        )
    ratio = np.array(limits)
    return (ratio - offset) / slope, ratio


def _logistic_line(same: F64, different: F64) -> tuple[float, float]:
    """Slope and offset that lose the fewest bits at even odds, classes weighing the same."""
    middle = float(same.mean() + different.mean()) / 2
    spread = float(np.concatenate([same, different]).std()) or 1.0
    s, d = (same - middle) / spread, (different - middle) / spread
    # Without a ridge, scores that separate perfectly push the slope to infinity.
    ridge = 1.0 / (len(same) + len(different))

    def loss(line: F64) -> tuple[float, F64]:
        at_s, at_d = line[0] * s + line[1], line[0] * d + line[1]
        value = np.logaddexp(0, -at_s).mean() + np.logaddexp(0, at_d).mean()
        miss, misled = -expit(-at_s) / len(s), expit(at_d) / len(d)
        slope = miss @ s + misled @ d + ridge * line[0]
        gradient = np.array([slope, miss.sum() + misled.sum()])
        return float(value + ridge * line[0] ** 2 / 2), gradient

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x
    slope = float(found[0]) / spread
    return slope, float(found[1]) - slope * middle


def _isotonic_knots(same: F64, different: F64, limits: tuple[float, float]) -> Knots:
    """Pooled blocks of pairs: a knot at the mean cosine of each, at its smoothed ratio."""
    scores = np.concatenate([same, different])
    is_same = np.arange(len(scores)) < len(same)
    bin_of = _equal_bins(scores, is_same)
    in_same = np.bincount(bin_of[is_same], minlength=bin_of.max() + 1).astype(np.float64)
    in_both = np.bincount(bin_of).astype(np.float64)
    sums = np.bincount(bin_of, scores)
    weight = in_same / len(same) + (in_both - in_same) / len(different)
    pooled = isotonic_regression(in_same / len(same) / weight, weights=weight)
    first = pooled.blocks[:-1]
    s, n, total = (np.add.reduceat(part, first) for part in (in_same, in_both, sums))
    if len(s) < 2:
        raise InvalidInput("calibration: more alike is not more often the same")
    # Half a pair of each kind in every block keeps a pure one finite (Jeffreys' prior).
    ratio = np.log((s + 0.5) / (len(same) + 1)) - np.log((n - s + 0.5) / (len(different) + 1))
    return total / n, np.maximum.accumulate(np.clip(ratio, *limits))


def _equal_bins(scores: F64, is_same: Bool) -> I64:
    """The bin of each score (N,), ascending with it, of equal weight when each kind weighs half.

    Equal scores share a bin and none is empty. Plain counts would crowd all same pairs into the
    last bin, since there are always far more different ones.
    """
    fewest = min(int(is_same.sum()), int((~is_same).sum()))
    bins = max(2, min(_MOST_BINS, fewest // _FEWEST_PER_BIN))
    order = np.argsort(scores, kind="stable")
    weight = np.where(is_same, 0.5 / is_same.sum(), 0.5 / (~is_same).sum())[order]
    middle = weight.cumsum() - weight / 2
    edges = scores[order][np.searchsorted(middle, np.arange(1, bins) / bins)]
    place = np.searchsorted(np.unique(edges), scores, side="right")
    return np.asarray(np.unique(place, return_inverse=True)[1], np.int64)
