"""Guessing gets slower, and others are not slowed by it."""

import pytest

from cases.throttle import Throttle
from core.errors import AuthenticationFailed
from tests.builders import SetClock


def failed(times: int, *, free: int = 3) -> tuple[Throttle, SetClock]:
    clock = SetClock()
    throttle = Throttle(clock, free=free)
    for _ in range(times):
        throttle.failed("ann")
    return throttle, clock


def test_the_first_failures_cost_nothing() -> None:
    failed(2)[0].check("ann")


@pytest.mark.parametrize(("failures", "wait_s"), [(3, 1), (4, 2), (5, 4), (11, 256), (40, 300)])
def test_the_wait_doubles_up_to_five_minutes(failures: int, wait_s: int) -> None:
    throttle, clock = failed(failures)
    clock.advance(wait_s - 0.001)
    with pytest.raises(AuthenticationFailed, match="wait"):
        throttle.check("ann")
    clock.advance(0.001)
    throttle.check("ann")


def test_another_key_does_not_wait() -> None:
    failed(9)[0].check("ben")


def test_a_success_forgets_the_failures() -> None:
    throttle, _ = failed(9)
    throttle.cleared("ann")
    throttle.failed("ann")
    throttle.check("ann")


def test_keys_are_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.throttle._MAX_KEYS", 2)
    throttle = Throttle(SetClock(), free=1)
    for key in ("ann", "ben", "zoe"):
        throttle.failed(key)
    throttle.check("ann")
    with pytest.raises(AuthenticationFailed):
        throttle.check("ben")
