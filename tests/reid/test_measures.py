"""Measures of log-likelihood ratios against closed forms."""

import numpy as np
import pytest

from core.arrays import F64
from core.errors import InvalidInput
from reid.measures import calibration_error, cllr, empirical_cross_entropy, min_cllr


def values(*numbers: float) -> F64:
    return np.array(numbers, np.float64)


def gaussian_llrs(count: int) -> tuple[F64, F64]:
    """Perfect ratios: N(+m, 2m) against N(-m, 2m) is its own ratio (here m = 3)."""
    random = np.random.default_rng(7)
    return random.normal(3, 6**0.5, count), random.normal(-3, 6**0.5, count)


def test_cllr_of_zero_ratios_is_one_bit() -> None:
    assert cllr(values(0, 0), values(0)) == pytest.approx(1)


def test_cllr_of_known_ratios_follows_the_formula() -> None:
    # Odds 3:1 for the same pair cost log2(1 + 1/3); 1:3 for the different one the same.
    assert cllr(values(np.log(3)), values(-np.log(3))) == pytest.approx(np.log2(4 / 3))


def test_cllr_punishes_misleading_ratios() -> None:
    assert cllr(values(-5), values(5)) > 7


def test_cross_entropy_weighs_kinds_by_the_prior() -> None:
    # Prior odds 1:3; both ratios 1, so posterior odds are the prior's: entropy of (1/4, 3/4).
    found = empirical_cross_entropy(values(0), values(0), prior_log_odds=-np.log(3))
    assert found == pytest.approx(-(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75)))


def test_min_cllr_of_separated_scores_is_zero() -> None:
    assert min_cllr(values(2, 3), values(0, 1)) == 0


def test_min_cllr_of_equal_scores_is_one_bit() -> None:
    assert min_cllr(values(1, 1), values(1, 1, 1)) == pytest.approx(1)


def test_min_cllr_is_unchanged_by_a_monotone_map() -> None:
    same, different = gaussian_llrs(500)
    assert min_cllr(same, different) == pytest.approx(min_cllr(same**3, different**3))


def test_min_cllr_of_perfect_ratios_is_nearly_cllr() -> None:
    same, different = gaussian_llrs(5000)
    assert 0 <= cllr(same, different) - min_cllr(same, different) < 0.01


def test_calibration_error_of_perfect_ratios_is_small() -> None:
    assert calibration_error(*gaussian_llrs(5000)) < 0.01


def test_calibration_error_of_overstated_ratios_is_large() -> None:
    same, different = gaussian_llrs(5000)
    assert calibration_error(same + 3, different + 3) > 0.1


def test_calibration_error_of_ratios_that_say_nothing_is_none() -> None:
    assert calibration_error(np.zeros(4), np.zeros(9)) == pytest.approx(0)


def test_pairs_of_one_kind_raise() -> None:
    with pytest.raises(InvalidInput, match="1 same and 0 different"):
        cllr(values(1), values())


def test_nan_ratio_raises() -> None:
    with pytest.raises(InvalidInput, match="NaN"):
        cllr(values(float("nan")), values(1))
