"""An even beat over frames that come as they come."""

from fractions import Fraction

import numpy as np
import pytest

from core.clocks import NS
from core.errors import InvalidInput
from ingest.cadence import Cadence


def taken(cadence: Cadence, times_ns: list[int]) -> list[int]:
    """Which of the frames at those times are looked at."""
    return [k for k, at_ns in enumerate(times_ns) if cadence.due(at_ns)]


def steady(fps: float, count: int) -> list[int]:
    return [int(k * NS / Fraction(fps)) for k in range(count)]


def test_the_first_frame_is_taken() -> None:
    assert Cadence(5).due(123_456_789)


def test_zero_takes_every_frame() -> None:
    assert taken(Cadence(0), steady(25, 10)) == list(range(10))


@pytest.mark.parametrize(("fps", "step"), [(5, 5), (12.5, 2), (25, 1), (1, 25), (2.5, 10)])
def test_a_divisor_of_the_rate_takes_every_nth(fps: float, step: int) -> None:
    assert taken(Cadence(fps), steady(25, 100)) == list(range(0, 100, step))


def test_a_slow_camera_gives_all_its_frames() -> None:
    assert taken(Cadence(10), steady(4, 20)) == list(range(20))


@pytest.mark.parametrize("fps", [4, 6, 7, 10, 11])
def test_an_odd_rate_is_met_exactly_over_time(fps: int) -> None:
    assert len(taken(Cadence(fps), steady(25, 25 * 60))) == pytest.approx(fps * 60, abs=1)


def test_the_rate_does_not_drift_in_an_hour() -> None:
    rate = Fraction(30000, 1001)
    times = [int(k * NS / rate) for k in range(int(rate * 3600))]
    assert len(taken(Cadence(6), times)) == pytest.approx(6 * 3600, abs=1)


@pytest.mark.parametrize("seed", range(5))
def test_jitter_neither_doubles_nor_loses(seed: int) -> None:
    jitter = np.random.default_rng(seed).integers(-12_000_000, 12_000_000, 1500)
    times = (np.array(steady(25, 1500)) + jitter).tolist()
    chosen = taken(Cadence(5), times)
    assert len(chosen) == pytest.approx(300, abs=2)
    assert set(np.diff(chosen)) <= {4, 5, 6}


def test_after_a_pause_there_is_no_burst() -> None:
    times = [*steady(25, 25), *(10 * NS + at_ns for at_ns in steady(25, 25))]
    chosen = taken(Cadence(5), times)
    assert chosen[:5] == [0, 5, 10, 15, 20]
    assert chosen[5:] == [25, 30, 35, 40, 45]


def test_a_reset_begins_with_the_next_frame() -> None:
    cadence = Cadence(1)
    assert cadence.due(0)
    assert not cadence.due(NS // 25)
    cadence.reset()
    assert cadence.due(2 * NS // 25)
    assert not cadence.due(3 * NS // 25)


def test_time_that_goes_back_starts_the_beat_again() -> None:
    cadence = Cadence(1)
    assert cadence.due(100 * NS)
    assert cadence.due(50 * NS)
    assert not cadence.due(50 * NS + NS // 25)


@pytest.mark.parametrize("fps", [-1, float("inf"), float("nan")])
def test_an_impossible_rate_is_refused(fps: float) -> None:
    with pytest.raises(InvalidInput, match="fps: want 0"):
        Cadence(fps)
