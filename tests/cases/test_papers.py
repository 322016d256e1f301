"""What a request must say, and how much it may ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.authority import CaseLimits
from cases.papers import (
    checked_expiry,
    checked_field,
    checked_grants,
    same_reference,
    widens,
)
from core.clocks import DAY_NS, HOUR_NS
from core.errors import InvalidInput, OutOfScope, TooLarge
from core.types import CameraSpan, Case, TimeSpan
from tests.builders import T0_NS, at, case, span

NOW_NS = T0_NS + 80 * HOUR_NS
LIMITS = CaseLimits()


def grant(camera_id: int = 1, start_s: float = 0.0, end_s: float = 3600.0) -> CameraSpan:
    return CameraSpan(camera_id, span(start_s, end_s))


def hours(camera_id: int, start: float, end: float) -> CameraSpan:
    return grant(camera_id, start * 3600, end * 3600)


@pytest.mark.parametrize("said", ["theft", "盗窃", "  robbery,\nat night  "])
def test_an_offence_that_says_something_passes(said: str) -> None:
    assert checked_field("offence", said) == " ".join(said.split())


@pytest.mark.parametrize("said", ["", "   ", "x", "....", "aaaaaaa", "--- ---", "盗", "o" * 2001])
@pytest.mark.parametrize("field", ["offence", "legal_basis", "purpose", "reference"])
def test_a_field_that_says_nothing_is_named(field: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: want"):
        checked_field(field, said)


def test_grants_are_merged_by_camera_and_time() -> None:
    asked = [grant(2), grant(1, 1800, 5400), grant(1)]
    kept = checked_grants(asked, {1, 2}, NOW_NS, LIMITS)
    assert kept == (grant(1, 0, 5400), grant(2))


def test_no_grants_are_refused() -> None:
    with pytest.raises(InvalidInput, match="grants: want one"):
        checked_grants([], {1}, NOW_NS, LIMITS)


def test_a_grant_of_an_unknown_camera_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no camera 9"):
        checked_grants([grant(9)], {1}, NOW_NS, LIMITS)


@given(beyond_ns=st.integers(1, 10 * DAY_NS))
def test_a_grant_that_reaches_past_now_is_out_of_scope(beyond_ns: int) -> None:
    future = CameraSpan(1, TimeSpan(T0_NS, NOW_NS + beyond_ns))
    with pytest.raises(OutOfScope, match="end before now"):
        checked_grants([future], {1}, NOW_NS, LIMITS)


def test_a_grant_up_to_this_moment_passes() -> None:
    last = CameraSpan(1, TimeSpan(NOW_NS - HOUR_NS, NOW_NS))
    assert checked_grants([last], {1}, NOW_NS, LIMITS) == (last,)


def test_hours_count_once_however_many_cameras() -> None:
    many = [hours(camera_id, 0, 72) for camera_id in range(500)]
    assert len(checked_grants(many, frozenset(range(500)), NOW_NS, LIMITS)) == 500


def test_more_hours_together_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match=r"at most 72 hours together, got 72\.50"):
        checked_grants([hours(1, 0, 40), hours(2, 40, 72.5)], {1, 2}, NOW_NS, LIMITS)


def test_more_cameras_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match="at most 500 cameras, got 501"):
        checked_grants(map(grant, range(501)), frozenset(range(501)), NOW_NS, LIMITS)


def test_more_rows_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match="at most 2, got 3"):
        checked_grants([grant()] * 3, {1}, NOW_NS, CaseLimits(max_grants=2))


@pytest.mark.parametrize("field", ["max_cameras", "max_hours", "emergency_hours"])
def test_limits_can_be_less_but_not_more(field: str) -> None:
    CaseLimits(**{field: 1})
    with pytest.raises(InvalidInput, match=field):
        CaseLimits(**{field: 501})


@pytest.mark.parametrize("ahead_ns", [-1, 0, 90 * DAY_NS + 1])
def test_an_expiry_that_is_past_or_too_far_is_refused(ahead_ns: int) -> None:
    with pytest.raises(InvalidInput, match="expires"):
        checked_expiry(NOW_NS + ahead_ns, NOW_NS, LIMITS)


@pytest.mark.parametrize(("a", "b", "same"), [("2026-04", " 2026/04", True), ("a-1", "a-2", False)])
def test_references_are_compared_without_their_punctuation(a: str, b: str, same: bool) -> None:
    assert same_reference(a, b) is same


def test_a_part_of_the_same_grants_does_not_widen() -> None:
    before = case(grants=[grant(1, 0, 3600), grant(2)])
    after = case(grants=[grant(1, 600, 1200)])
    assert not widens(before, after)


@pytest.mark.parametrize(
    "after",
    [
        case(grants=[grant(1, 0, 3601)]),
        case(grants=[grant(2)]),
        case(grants=[grant(1)], expires_ns=at(25 * 3600)),
        case(grants=[grant(1)], hold=True),
    ],
    ids=["longer", "another camera", "later expiry", "a hold"],
)
def test_asking_for_more_widens(after: Case) -> None:
    assert widens(case(grants=[grant(1)]), after)
