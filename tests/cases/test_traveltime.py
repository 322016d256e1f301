"""Travel times: densities that sum to one and mean what they say."""

import numpy as np
import pytest

from cases.transit import DEFAULT_SPEEDS
from cases.traveltime import TravelTimes, log_density_here
from core.types import Family

TIMES = TravelTimes(DEFAULT_SPEEDS)
GRID_S = np.arange(-400.0, 40_000.0, 0.25)


def density(family: Family, distance_m: float, sigma_s: float = 0.0) -> np.ndarray:
    size = np.ones_like(GRID_S)
    return np.exp(TIMES.log_density(family, GRID_S, distance_m * size, sigma_s * size))


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("distance_m", [0.0, 60.0, 800.0, 5000.0])
@pytest.mark.parametrize("sigma_s", [0.0, 20.0])
def test_a_travel_time_is_certain_to_have_some_value(
    family: Family, distance_m: float, sigma_s: float
) -> None:
    # The tail of a stay begins at its full height, its blurred start adds a little.
    assert density(family, distance_m, sigma_s).sum() * 0.25 == pytest.approx(1.0, abs=0.03)


def test_a_change_of_carrier_is_certain_to_take_some_time() -> None:
    size = np.ones_like(GRID_S)
    nats = TIMES.log_density_changed(
        (Family.PERSON, Family.RIDER), GRID_S, 600.0 * size, 1.0 * size
    )
    assert np.exp(nats).sum() * 0.25 == pytest.approx(1.0, abs=0.03)


def test_walkers_are_expected_when_a_walk_takes_that_long() -> None:
    assert GRID_S[density(Family.PERSON, 800.0).argmax()] == pytest.approx(800 / 1.34, rel=0.35)


def test_riders_come_sooner_than_walkers() -> None:
    walk, ride = (density(family, 800.0) for family in (Family.PERSON, Family.RIDER))
    at_180_s = int(np.searchsorted(GRID_S, 180.0))
    assert ride[at_180_s] > 3 * walk[at_180_s]


def test_worse_clocks_make_a_time_less_telling() -> None:
    at_60_s = int(np.searchsorted(GRID_S, 800 / 1.34))
    sharp, blurred = density(Family.PERSON, 800.0), density(Family.PERSON, 800.0, 300.0)
    assert blurred[at_60_s] < sharp[at_60_s]
    assert blurred[int(np.searchsorted(GRID_S, 0.0))] > sharp[int(np.searchsorted(GRID_S, 0.0))]


def test_an_hour_more_is_unlikely_but_never_impossible() -> None:
    late = TIMES.log_density(Family.PERSON, np.array([4200.0]), np.array([800.0]), np.array([0.0]))
    assert -16 < float(late[0]) < -9


def test_what_no_speed_explains_is_not_feasible() -> None:
    pair = (Family.PERSON, Family.PERSON)
    gaps, ways = np.array([10.0, 10.0, 130.0]), np.array([0.0, 900.0, 900.0])
    told = TIMES.feasible(pair, gaps, ways, np.zeros(3))
    assert told.tolist() == [True, False, True]


def test_a_gap_in_one_view_is_certain_to_have_some_length() -> None:
    gaps = np.arange(0.0, 20_000.0, 0.1)
    assert np.exp(log_density_here(gaps, usual_s=8.0)).sum() * 0.1 == pytest.approx(1.0, abs=0.01)
