"""Several cities' scores as figures: what is averaged over what."""

import numpy as np
import pytest

from benchmarks.judging import judged_picture
from benchmarks.scores import CityScore, Ratios, figures_of
from benchmarks.thefts import WayScore
from benchmarks.tracks import TrackScore
from reid.metrics import RankMetrics
from tests.benchmarks.test_judging import CAR, FAR, PERSON, TALL, found, truth


def ranked(*first: int) -> RankMetrics:
    """Queries by the rank of their one true match; 0 does not count."""
    firsts = np.array(first, np.int64)
    precision = np.array([1 / one if one else np.nan for one in first])
    return RankMetrics(firsts, precision)


def test_nothing_scored_gives_no_figures() -> None:
    assert figures_of([]) == {}
    assert figures_of([CityScore()]) == {}


def test_ap50_is_the_mean_over_classes() -> None:
    judged = judged_picture(truth(TALL, FAR, kinds=(PERSON, CAR)), found(TALL))
    figures = figures_of([CityScore(judged=(judged,))])
    assert figures["detect.ap50"] == 0.5
    assert (figures["detect.ap50.person"], figures["detect.ap50.car"]) == (1, 0)
    assert figures["detect.ap50.car.n"] == 1


def test_tracks_are_the_mean_and_the_worst_of_all_cameras() -> None:
    good, bad = TrackScore(0.9, 0.8, 0.7, 0.6), TrackScore(0.5, 0.4, 0.3, 0.2)
    figures = figures_of([CityScore(tracks=(good,)), CityScore(tracks=(bad,))])
    assert figures["track.idf1"] == pytest.approx(0.7)
    assert figures["track.hota.worst"] == 0.4
    assert figures["track.cameras"] == 2


def test_ranks_are_of_the_queries_of_all_cities() -> None:
    cities = [
        CityScore(ranks=(("person", ranked(1, 1, 0)),)),
        CityScore(ranks=(("person", ranked(2)),)),
    ]
    figures = figures_of(cities)
    assert figures["reid.person.rank1"] == pytest.approx(2 / 3)
    assert figures["reid.person.rank1.n"] == 3
    assert figures["reid.person.map"] == pytest.approx((1 + 1 + 0.5) / 3)


def test_ranks_without_a_query_that_counts_are_left_out() -> None:
    assert figures_of([CityScore(ranks=(("rider", ranked(0)),))]) == {}


def test_ratios_that_say_nothing_cost_one_bit() -> None:
    mute = Ratios(np.zeros(4), np.zeros(4))
    figures = figures_of([CityScore(ratios=(("person", mute),))])
    assert figures["calibration.cllr"] == pytest.approx(1)
    assert figures["calibration.logloss"] == pytest.approx(np.log(2))
    assert figures["calibration.ece"] == pytest.approx(0)
    assert figures["calibration.cllr.n"] == 8


def test_ratios_are_given_together_and_by_family() -> None:
    sure, mute = Ratios(np.full(4, 20.0), np.full(4, -20.0)), Ratios(np.zeros(4), np.zeros(4))
    figures = figures_of([CityScore(ratios=(("person", sure), ("vehicle", mute)))])
    assert figures["calibration.person.cllr"] == pytest.approx(0, abs=1e-6)
    assert figures["calibration.cllr"] == pytest.approx(0.5, abs=1e-6)


def test_hops_are_counted_over_all_cases() -> None:
    right, wrong = WayScore(3, 3, 3, 1.0), WayScore(1, 3, 0, 1.0)
    cities = [CityScore(way=right, looked_at=10), CityScore(way=wrong, looked_at=20)]
    figures = figures_of(cities)
    assert (figures["case.hop_precision"], figures["case.hop_recall"]) == (0.75, 0.5)
    assert (figures["case.exact"], figures["case.exact.n"]) == (0.5, 2)
    assert figures["case.looked_at"] == 15


def test_case_that_laid_nothing_out_has_no_precision() -> None:
    figures = figures_of([CityScore(way=WayScore(0, 3, 0, 1.0))])
    assert (figures["case.hop_precision"], figures["case.hop_recall"]) == (0, 0)
