"""How good log-likelihood ratios are: a proper scoring rule, its best case, and calibration error.

Natural logs in, bits out where the literature counts bits. `same` and `different` are the ratios
of pairs of one and of two subjects, each (N,).
"""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from core.arrays import F64, Bool
from core.errors import InvalidInput

_LN2 = float(np.log(2))


def cllr(same: F64, different: F64) -> float:
    """Bits lost per comparison at even odds: 0 is perfect, 1 says nothing, above 1 misleads.

    Brummer & du Preez, "Application-independent evaluation of speaker detection", 2006.
    """
    return empirical_cross_entropy(same, different, prior_log_odds=0.0)


def empirical_cross_entropy(same: F64, different: F64, *, prior_log_odds: float) -> float:
    """Bits lost per comparison when the prior odds are `prior_log_odds` (natural log).

    Ramos & Gonzalez-Rodriguez, "Reliable support", Forensic Science International 2013.
    """
    _want_both(same, different)
    prior = float(expit(prior_log_odds))
    missed = np.logaddexp(0, -(same + prior_log_odds)).mean()
    misled = np.logaddexp(0, different + prior_log_odds).mean()
    return float(prior * missed + (1 - prior) * misled) / _LN2


def min_cllr(same: F64, different: F64) -> float:
    """The `cllr` that the best monotone recalibration of these very scores would have.

    `cllr - min_cllr` is what calibration loses; `min_cllr` is what the embedder loses. The
    recalibration is by pool-adjacent-violators and may reach infinite ratios at zero cost.
    """
    _want_both(same, different)
    posterior, is_same = _pooled(same, different)
    with np.errstate(divide="ignore"):
        missed = -np.log2(posterior[is_same]).mean()
        misled = -np.log2(1 - posterior[~is_same]).mean()
    return float(missed + misled) / 2


def calibration_error(same: F64, different: F64, *, bins: int = 15) -> float:
    """Expected gap between stated and true share of same pairs at even odds, 0 to 1.

    Bins hold equal weight; each class weighs one half in all, however many pairs it has; pairs of
    equal ratio share a bin, else their order would decide
    (Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015).
    """
    _want_both(same, different)
    stated = expit(np.concatenate([same, different]))
    truth = np.concatenate([np.ones(len(same)), np.zeros(len(different))])
    weight = _even_weights(len(same), len(different))
    distinct, row = np.unique(stated, return_inverse=True)
    total = np.bincount(row, weight, minlength=len(distinct))
    middle = total.cumsum() - total / 2
    bin_of = np.minimum((middle * bins).astype(np.int64), bins - 1)[row]
    gap = np.bincount(bin_of, weight * (stated - truth), minlength=bins)
    return float(np.abs(gap).sum())


def _pooled(same: F64, different: F64) -> tuple[F64, Bool]:
    """Posterior of every pair at even odds by isotonic regression, and which pairs are same."""
    scores = np.concatenate([same, different])
    is_same = np.arange(len(scores)) < len(same)
    # Pairs of equal score must share a posterior: regress over distinct scores.
    distinct, row = np.unique(scores, return_inverse=True)
    weight = _even_weights(len(same), len(different))
    total = np.bincount(row, weight, minlength=len(distinct))
    share = np.bincount(row, weight * is_same, minlength=len(distinct)) / total
    fitted = isotonic_regression(share, weights=total).x
    return np.asarray(fitted[row], np.float64), is_same


def _even_weights(same: int, different: int) -> F64:
    """One half of the weight for each class, (same + different,)."""
    return np.concatenate([np.full(same, 0.5 / same), np.full(different, 0.5 / different)])


def _want_both(same: F64, different: F64) -> None:
    if not len(same) or not len(different):
        raise InvalidInput(
            f"want pairs of both kinds, got {len(same)} same and {len(different)} different"
        )
    if np.isnan(same).any() or np.isnan(different).any():
        raise InvalidInput("ratios: want numbers, got NaN")
