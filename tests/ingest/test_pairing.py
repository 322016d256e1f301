"""Small and large pictures of one camera, matched in time."""

from fractions import Fraction

import numpy as np

from core.clocks import NS
from core.types import ClockSource
from ingest.pairing import Pairer, Sight
from ingest.surface import HostSurface
from ingest.timeline import Stamp

MS = 1_000_000
PICTURE = HostSurface.of_rgb(np.zeros((16, 16, 3), np.uint8))


def sight(
    at_ms: int,
    *,
    came_ms: int | None = None,
    clock: ClockSource = ClockSource.RECEIPT,
    ahead_s: int = 0,
) -> Sight:
    """A picture taken at `at_ms` by our clock; the camera's runs `ahead_s` ahead of it."""
    stamp = Stamp(
        device_ns=at_ms * MS + ahead_s * NS,
        receipt_ns=(at_ms if came_ms is None else came_ms) * MS,
        steady_ns=at_ms * MS,
        clock=clock,
        sigma_s=0.1,
        epoch=1,
    )
    return Sight(PICTURE, stamp, at_ms * 90, Fraction(1, 90_000))


def times(pairs: list[tuple[Sight, Sight | None]]) -> list[tuple[int, int | None]]:
    return [(large.pts // 90, None if small is None else small.pts // 90) for large, small in pairs]


def test_the_nearest_small_picture_is_taken() -> None:
    pairer = Pairer()
    for at_ms in (0, 40, 80):
        pairer.small(sight(at_ms))
    assert times(pairer.large(sight(45))) == [(45, 40)]


def test_a_large_picture_waits_for_a_small_one_that_is_not_older() -> None:
    pairer = Pairer()
    pairer.small(sight(0))
    assert pairer.large(sight(40)) == []
    pairer.small(sight(41))
    assert times(pairer.large(sight(80))) == [(40, 41)]


def test_a_large_picture_does_not_wait_for_ever() -> None:
    pairer = Pairer(wait_s=0.5)
    pairer.small(sight(0))
    assert pairer.large(sight(40)) == []
    assert times(pairer.large(sight(540))) == [(40, 0)]


def test_few_large_pictures_are_held() -> None:
    pairer = Pairer(most_large=2, wait_s=100)
    assert [len(pairer.large(sight(at_ms))) for at_ms in (0, 1, 2, 3)] == [0, 0, 1, 1]


def test_a_large_picture_without_a_near_small_one_goes_alone() -> None:
    pairer = Pairer(within_s=0.25)
    pairer.small(sight(1000))
    assert times(pairer.large(sight(700))) == [(700, None)]


def test_a_missing_small_stream_leaves_all_large_pictures_alone() -> None:
    pairer = Pairer(wait_s=0.1)
    found = [pair for at_ms in range(0, 1000, 40) for pair in pairer.large(sight(at_ms))]
    assert {small for _, small in found} == {None}
    assert times([*found, *pairer.flush()]) == [(at_ms, None) for at_ms in range(0, 1000, 40)]


def test_streams_of_one_camera_clock_are_compared_by_it() -> None:
    pairer = Pairer()
    rtcp = ClockSource.RTCP
    # The small stream is delivered 200 ms late, but its camera time says what it saw.
    for at_ms in (0, 40, 80):
        pairer.small(sight(at_ms, came_ms=at_ms + 200, clock=rtcp, ahead_s=90))
    assert times(pairer.large(sight(42, clock=rtcp, ahead_s=90))) == [(42, 40)]


def test_streams_of_different_clocks_are_compared_by_ours() -> None:
    pairer = Pairer()
    for at_ms in (0, 40, 80):
        pairer.small(sight(at_ms))
    large = sight(42, clock=ClockSource.RTCP, ahead_s=90)
    assert times(pairer.large(large)) == [(42, 40)]
