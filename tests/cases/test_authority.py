"""The rules of authority, without stores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.authority import (
    DEFAULT_LIMITS,
    Narrowing,
    authority_ends_ns,
    check_standing,
    check_worker,
    narrowed,
)
from core.clocks import HOUR_NS
from core.errors import CaseNotActive, Forbidden, OutOfScope
from core.types import CameraSpan, CaseState, Role, TimeSpan
from tests.builders import T0_NS, account, at, case, span

NOW_NS = at(7200)


def spans_of(parts: tuple[CameraSpan, ...]) -> list[tuple[int, float, float]]:
    return [
        (p.camera_id, (p.span.start_ns - T0_NS) / 1e9, (p.span.end_ns - T0_NS) / 1e9) for p in parts
    ]


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("emergency", [False, True])
def test_only_active_cases_and_fresh_emergencies_give_authority(
    state: CaseState, emergency: bool
) -> None:
    ends_ns = authority_ends_ns(case(state=state, emergency=emergency), DEFAULT_LIMITS)
    gives = state is CaseState.ACTIVE or (state is CaseState.REQUESTED and emergency)
    assert (ends_ns is not None) is gives


def test_an_emergency_stands_for_48_hours_and_not_a_moment_longer() -> None:
    urgent = case(state=CaseState.REQUESTED, emergency=True, expires_ns=at(100 * 3600))
    check_standing(urgent, at(48 * 3600) - 1, DEFAULT_LIMITS)
    with pytest.raises(CaseNotActive, match="emergency that nobody approved"):
        check_standing(urgent, at(48 * 3600), DEFAULT_LIMITS)


def test_an_approved_emergency_stands_until_its_expiry() -> None:
    approved = case(state=CaseState.ACTIVE, emergency=True, expires_ns=at(100 * 3600))
    assert check_standing(approved, at(60 * 3600), DEFAULT_LIMITS) == at(100 * 3600)


def test_an_emergency_that_expires_earlier_ends_earlier() -> None:
    urgent = case(state=CaseState.REQUESTED, emergency=True, expires_ns=at(3600))
    assert authority_ends_ns(urgent, DEFAULT_LIMITS) == at(3600)


def test_a_clock_set_back_before_the_request_gives_nothing() -> None:
    with pytest.raises(CaseNotActive, match="begins"):
        check_standing(case(), T0_NS - 1, DEFAULT_LIMITS)


def test_a_worker_without_the_role_any_more_is_refused() -> None:
    with pytest.raises(Forbidden, match="investigator"):
        check_worker(account(1, roles=(Role.APPROVER,)), case(requester=1))


def test_a_disabled_worker_is_refused() -> None:
    with pytest.raises(Forbidden, match="disabled"):
        check_worker(account(1, disabled=True), case(requester=1))


def test_a_stranger_learns_the_same_of_any_case() -> None:
    with pytest.raises(Forbidden, match="you do not work in it, or there is none"):
        check_worker(account(9), case(requester=1))


def test_nothing_named_means_all_grants_merged() -> None:
    granted = [CameraSpan(2, span()), CameraSpan(1, span(0, 60)), CameraSpan(1, span(60, 90))]
    asked = narrowed(case(grants=granted), Narrowing(), NOW_NS)
    assert spans_of(asked) == [(1, 0.0, 90.0), (2, 0.0, 3600.0)]


def test_a_span_without_cameras_cuts_each_camera_that_has_some_of_it() -> None:
    granted = [CameraSpan(1, span(0, 60)), CameraSpan(2, span(30, 120))]
    asked = narrowed(case(grants=granted), Narrowing(span=span(40, 100)), NOW_NS)
    assert spans_of(asked) == [(1, 40.0, 60.0), (2, 40.0, 100.0)]


def test_a_span_that_no_camera_has_throughout_is_out_of_scope() -> None:
    granted = [CameraSpan(1, span(0, 60)), CameraSpan(2, span(90, 120))]
    with pytest.raises(OutOfScope, match="not granted throughout"):
        narrowed(case(grants=granted), Narrowing(span=span(40, 100)), NOW_NS)


def test_a_named_camera_must_have_the_span_itself() -> None:
    granted = [CameraSpan(1, span(0, 60)), CameraSpan(2, span(0, 3600))]
    with pytest.raises(OutOfScope, match="not granted throughout"):
        narrowed(case(grants=granted), Narrowing((1,), span(40, 100)), NOW_NS)


def test_a_camera_that_is_not_granted_is_out_of_scope() -> None:
    with pytest.raises(OutOfScope, match="camera 3 is not granted"):
        narrowed(case(cameras=(1, 2)), Narrowing((1, 3)), NOW_NS)


def test_a_case_whose_grants_reach_past_now_reads_nothing() -> None:
    with pytest.raises(OutOfScope, match="future"):
        narrowed(case(), Narrowing(), at(3600) - 1)


minutes = st.integers(0, 40)
some_span = st.tuples(minutes, minutes).filter(lambda p: p[0] < p[1])
some_grant = st.tuples(st.integers(1, 3), some_span)


def grants_of(parts: list[tuple[int, tuple[int, int]]]) -> list[CameraSpan]:
    return [CameraSpan(c, span(60 * a, 60 * b)) for c, (a, b) in parts]


@given(
    parts=st.lists(some_grant, min_size=1, max_size=6),
    cameras=st.sets(st.integers(1, 4), max_size=2),
    wanted=st.none() | some_span,
)
def test_what_comes_out_was_granted_and_asked_for(
    parts: list[tuple[int, tuple[int, int]]],
    cameras: set[int],
    wanted: tuple[int, int] | None,
) -> None:
    """Minute by minute against sets: never more than granted, and all of it or `OutOfScope`."""
    granted = {(c, m) for c, (a, b) in parts for m in range(a, b)}
    asked = Narrowing(tuple(cameras), wanted and span(60 * wanted[0], 60 * wanted[1]))
    within = set(range(41)) if wanted is None else set(range(*wanted))
    try:
        out = narrowed(case(grants=grants_of(parts)), asked, NOW_NS)
    except OutOfScope:
        everyone = {m for _, m in granted}
        complete = (
            all(within <= {m for c, m in granted if c == camera} for camera in cameras)
            if cameras
            else within <= everyone
        )
        known = cameras <= {c for c, _ in granted}
        assert not (known and (complete or wanted is None))
        return
    got = {
        (p.camera_id, m)
        for p in out
        for m in range(
            (p.span.start_ns - T0_NS) // (60 * 10**9), (p.span.end_ns - T0_NS) // (60 * 10**9)
        )
    }
    assert got == {(c, m) for c, m in granted if m in within and (not cameras or c in cameras)}


@given(hours=st.integers(1, 1000))
def test_authority_never_outlives_the_expiry(hours: int) -> None:
    for state in CaseState:
        ends = authority_ends_ns(
            case(state=state, emergency=True, expires_ns=T0_NS + hours * HOUR_NS), DEFAULT_LIMITS
        )
        assert ends is None or ends <= T0_NS + hours * HOUR_NS


def test_instants_are_half_open() -> None:
    last = TimeSpan(at(3600) - 1, at(3600))
    assert narrowed(case(), Narrowing((1,), last), NOW_NS) == (CameraSpan(1, last),)
