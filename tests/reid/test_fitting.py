"""Fitted calibrations against the analytic ratio of synthetic scores."""

import numpy as np
import pytest

from core.arrays import F64
from core.errors import InvalidInput
from reid.calibration import KnotCalibration
from reid.fitting import Method, fit_calibration, supported_llr
from reid.measures import calibration_error, cllr, min_cllr

METHODS: list[Method] = ["logistic", "isotonic"]


def gaussian_scores(same: int, different: int, seed: int = 0) -> tuple[F64, F64]:
    """Cosines N(0.6, 0.1) against N(0.2, 0.1): the true ratio is 40 (x - 0.4)."""
    random = np.random.default_rng(seed)
    return random.normal(0.6, 0.1, same), random.normal(0.2, 0.1, different)


def fitted(
    same: F64, different: F64, *, method: Method = "logistic", subjects: int = 5000
) -> KnotCalibration:
    return fit_calibration(
        same,
        different,
        model="m@0",
        subjects=subjects,
        fitted_on="synthetic",
        at_ns=5,
        method=method,
    )


@pytest.mark.parametrize(("method", "within"), [("logistic", 0.3), ("isotonic", 0.8)])
def test_ratio_follows_the_analytic_one(method: Method, within: float) -> None:
    calibration = fitted(*gaussian_scores(5000, 50_000), method=method)
    cosine = np.linspace(0.3, 0.5, 21, dtype=np.float32)
    assert np.abs(calibration.llr(cosine) - 40 * (cosine - 0.4)).max() < within


@pytest.mark.parametrize("method", METHODS)
def test_held_out_scores_are_calibrated(method: Method) -> None:
    calibration = fitted(*gaussian_scores(5000, 50_000), method=method)
    same, different = gaussian_scores(5000, 50_000, seed=1)
    same_llr = calibration.llr(same.astype(np.float32)).astype(np.float64)
    different_llr = calibration.llr(different.astype(np.float32)).astype(np.float64)
    assert cllr(same_llr, different_llr) - min_cllr(same, different) < 0.01
    assert calibration_error(same_llr, different_llr) < 0.01


@pytest.mark.parametrize("method", METHODS)
def test_imbalance_of_pairs_is_no_prior(method: Method) -> None:
    cosine = np.array([0.35, 0.4, 0.45], np.float32)
    even = fitted(*gaussian_scores(4000, 4000), method=method).llr(cosine)
    uneven = fitted(*gaussian_scores(4000, 80_000), method=method).llr(cosine)
    assert np.abs(even - uneven).max() < 0.5


@pytest.mark.parametrize("method", METHODS)
def test_ratio_never_falls(method: Method) -> None:
    random = np.random.default_rng(3)
    bumpy = np.concatenate([random.normal(0.5, 0.05, 300), random.normal(0.1, 0.05, 60)])
    calibration = fitted(bumpy, random.normal(0.2, 0.2, 3000), method=method)
    llr = calibration.llr(np.linspace(-1, 1, 201, dtype=np.float32))
    assert (np.diff(llr) >= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_perfectly_separated_scores_stay_within_the_bound(method: Method) -> None:
    same, different = np.linspace(0.8, 0.9, 30), np.linspace(0.0, 0.1, 300)
    llr = fitted(same, different, method=method, subjects=100).llr(np.array([-1, 1], np.float32))
    lowest, highest = supported_llr(30, 300, 100)
    assert lowest <= llr[0] < 0 < llr[1] <= np.float32(highest)


def test_bound_grows_with_the_logarithm_of_pairs() -> None:
    assert supported_llr(98, 998, 1000) == pytest.approx((-np.log(100), np.log(1000)))


def test_bound_counts_subjects_not_their_repeated_pairs() -> None:
    # 4 subjects make 6 pairs of subjects, however many pictures each has.
    assert supported_llr(10_000, 10_000, 4) == pytest.approx((-np.log(6), np.log(8)))


def test_isotonic_follows_a_ratio_that_is_no_line() -> None:
    # Unequal spreads: the analytic ratio is a parabola, rising above x = 0.2 - 0.4 * s.
    random = np.random.default_rng(5)
    same, different = random.normal(0.6, 0.1, 20_000), random.normal(0.2, 0.2, 200_000)
    cosine = np.array([0.35, 0.45, 0.55], np.float32)
    true = np.log(2) - (cosine - 0.6) ** 2 / 0.02 + (cosine - 0.2) ** 2 / 0.08
    found = fitted(same, different, method="isotonic", subjects=20_000).llr(cosine)
    assert np.abs(found - true).max() < 0.25


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_fall_with_likeness_raise(method: Method) -> None:
    same, different = gaussian_scores(100, 100)
    with pytest.raises(InvalidInput, match="not more often the same"):
        fitted(different, same, method=method)


def test_too_few_pairs_raise() -> None:
    with pytest.raises(InvalidInput, match="got 19 same, 100 different"):
        fitted(*gaussian_scores(19, 100))


def test_infinite_cosine_raises() -> None:
    same, different = gaussian_scores(100, 100)
    same[0] = np.inf
    with pytest.raises(InvalidInput, match="finite"):
        fitted(same, different)


def test_provenance_states_what_it_was_fitted_on() -> None:
    provenance = fitted(*gaussian_scores(100, 200), subjects=50).provenance
    assert (provenance.fitted_on, provenance.at_ns, provenance.method) == (
        "synthetic",
        5,
        "logistic",
    )
    assert (provenance.subjects, provenance.same, provenance.different) == (50, 100, 200)
    assert 0 < provenance.cllr_bits < 0.3
