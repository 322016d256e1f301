"""Waits between attempts, with the randomness in the test's hand."""

from ingest.reconnect import Backoff, BackoffPolicy

POLICY = BackoffPolicy(first_s=1.0, cap_s=8.0, healthy_s=10.0)


def longest(_low: float, high: float) -> float:
    return high


def test_waits_double_up_to_the_cap() -> None:
    backoff = Backoff(POLICY, uniform=longest)
    assert [backoff.failed() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_the_jitter_reaches_down_to_nothing() -> None:
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return low

    backoff = Backoff(POLICY, uniform=uniform)
    assert backoff.failed() == 0.0
    assert bounds == [(0.0, 1.0)]


def test_a_healthy_spell_starts_afresh() -> None:
    backoff = Backoff(POLICY, uniform=longest)
    for _ in range(5):
        backoff.failed()
    assert backoff.failed(lasted_s=10.0) == 1.0


def test_a_short_spell_does_not_start_afresh() -> None:
    backoff = Backoff(POLICY, uniform=longest)
    backoff.failed()
    assert backoff.failed(lasted_s=9.9) == 2.0


def test_a_refusal_waits_the_longest_at_once() -> None:
    assert Backoff(POLICY, uniform=longest).refused() == 8.0


def test_a_year_of_failures_stays_at_the_cap() -> None:
    backoff = Backoff(POLICY, uniform=longest)
    assert {backoff.failed() for _ in range(5000)} == {1.0, 2.0, 4.0, 8.0}
