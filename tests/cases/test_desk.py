"""Cases from the request to the end: two people, the clock, and what a rejection erases."""

from dataclasses import replace

import pytest

from cases.events import EventKind
from cases.papers import CaseRequest
from cases.search import SearchRequest
from core.clocks import HOUR_NS
from core.errors import (
    CaseNotActive,
    CaseTraceError,
    Conflict,
    Forbidden,
    InvalidInput,
    OutOfScope,
    SamePerson,
    StorageError,
)
from core.types import Account, CameraSpan, Case, CaseState, Family, Outcome, TimeSpan, Verdict
from tests.builders import T0_NS, span
from tests.cases.world import ADMIN, ANN, APPROVER, AUDITOR, BEN, BOTH, PEOPLE, ZOE, World, request


def test_a_request_waits_and_gives_no_authority(world: World) -> None:
    case = world.desk.request(ANN, request())
    assert (case.state, case.version, case.approver) == (CaseState.REQUESTED, 1, None)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


def test_requests_are_numbered_from_one(world: World) -> None:
    assert [world.desk.request(ANN, request()).case_id for _ in range(3)] == [1, 2, 3]


def test_the_entry_of_a_request_says_what_was_asked(world: World) -> None:
    world.desk.request(ANN, request())
    (entry,) = world.entries()
    assert entry.event.kind == EventKind.CASE_REQUESTED
    assert entry.event.purpose == "find where the thief went after 07:55"
    assert entry.event.detail["grants"] == [[c, span().start_ns, span().end_ns] for c in (1, 2)]


@pytest.mark.parametrize("actor", [APPROVER, AUDITOR, ADMIN], ids=lambda a: str(a.name))
def test_a_request_by_anybody_but_an_investigator_is_forbidden(
    world: World, actor: Account
) -> None:
    with pytest.raises(Forbidden, match="investigator"):
        world.desk.request(actor, request())
    assert len(world.denials()) == 1
    assert world.store.cases.all() == []


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"offence": " "}, InvalidInput, "offence"),
        ({"legal_basis": "x"}, InvalidInput, "legal_basis"),
        ({"purpose": "........"}, InvalidInput, "purpose"),
        ({"reference": ""}, InvalidInput, "reference"),
        ({"grants": ()}, InvalidInput, "grants"),
        ({"grants": (CameraSpan(99, span()),)}, InvalidInput, "no camera 99"),
        ({"grants": (CameraSpan(1, span(0, 9000)),)}, OutOfScope, "end before now"),
        ({"expires_ns": T0_NS}, InvalidInput, "expires"),
        ({"members": frozenset({99})}, InvalidInput, "no account 99"),
        ({"members": frozenset({4})}, InvalidInput, "approver is no enabled investigator"),
    ],
)
def test_a_bad_request_is_named_and_leaves_no_case(
    world: World, changes: dict[str, object], error: type[CaseTraceError], says: str
) -> None:
    with pytest.raises(error, match=says):
        world.desk.request(ANN, request(**changes))
    assert world.store.cases.all() == []


def test_approval_by_another_makes_it_active(world: World) -> None:
    asked = world.desk.request(ANN, request())
    case = world.desk.approve(APPROVER, asked.case_id, "fits", version=asked.version)
    assert (case.state, case.approver, case.version) == (CaseState.ACTIVE, APPROVER.account_id, 2)
    assert world.door.tracklets(ANN, case.case_id)


def test_one_cannot_approve_ones_own_case(world: World) -> None:
    asked = world.desk.request(BOTH, request())
    with pytest.raises(SamePerson):
        world.desk.approve(BOTH, asked.case_id)
    (denial,) = world.denials()
    assert denial.event.detail["reason"] == "same_person"
    assert world.store.cases.get(asked.case_id).state is CaseState.REQUESTED


@pytest.mark.parametrize("decide", ["approve", "reject"])
def test_a_member_can_neither_approve_nor_reject(world: World, decide: str) -> None:
    members = frozenset({BOTH.account_id})
    asked = world.desk.request(ANN, request(members=members))
    with pytest.raises(SamePerson):
        getattr(world.desk, decide)(BOTH, asked.case_id, "no such thing")


def test_who_approved_cannot_become_a_member(world: World) -> None:
    asked = world.desk.request(ANN, request())
    world.desk.approve(BOTH, asked.case_id)
    with pytest.raises(SamePerson, match="who approved it"):
        world.desk.add_member(ANN, asked.case_id, BOTH.account_id)


@pytest.mark.parametrize("actor", [ANN, BEN, ZOE, AUDITOR, ADMIN], ids=lambda a: str(a.name))
def test_nobody_but_an_approver_approves(world: World, actor: Account) -> None:
    asked = world.desk.request(ANN, request())
    with pytest.raises(Forbidden):
        world.desk.approve(actor, asked.case_id)
    assert len(world.denials()) == 1


def test_a_second_approval_conflicts(world: World) -> None:
    asked = world.desk.request(ANN, request())
    world.desk.approve(APPROVER, asked.case_id)
    with pytest.raises(Conflict, match="is active"):
        world.desk.approve(BOTH, asked.case_id)


def test_a_version_that_the_approver_has_not_read_is_not_approved(world: World) -> None:
    asked = world.desk.request(ANN, request())
    world.desk.amend(ANN, asked.case_id, "one more camera", grants=[CameraSpan(3, span())])
    with pytest.raises(Conflict, match="now version 2"):
        world.desk.approve(APPROVER, asked.case_id, version=asked.version)


def test_a_request_that_has_expired_cannot_be_approved(world: World) -> None:
    asked = world.desk.request(ANN, request())
    world.clock.now_ns = asked.expires_ns
    with pytest.raises(Conflict, match="expired"):
        world.desk.approve(APPROVER, asked.case_id)


# --- emergencies -------------------------------------------------------------------------------


def emergency(world: World) -> Case:
    far = world.clock() + 80 * HOUR_NS
    return world.desk.request(ANN, request(emergency=True, expires_ns=far))


def test_an_emergency_is_read_at_once_and_for_48_hours_only(world: World) -> None:
    case = emergency(world)
    assert world.door.tracklets(ANN, case.case_id)
    world.clock.advance(48 * 3600 - 1)
    assert world.door.tracklets(ANN, case.case_id)
    world.clock.advance(2)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


def test_an_approved_emergency_is_read_after_48_hours(world: World) -> None:
    case = emergency(world)
    world.desk.approve(APPROVER, case.case_id)
    world.clock.advance(48 * 3600 + 1)
    assert world.door.tracklets(ANN, case.case_id)


def test_an_amended_emergency_does_not_begin_anew(world: World) -> None:
    case = emergency(world)
    world.clock.advance(47 * 3600)
    world.desk.amend(ANN, case.case_id, "one more camera", grants=[CameraSpan(3, span())])
    world.clock.advance(3601)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


def test_an_emergency_that_ran_out_cannot_be_declared_again(world: World) -> None:
    emergency(world)
    world.clock.advance(48 * 3600)
    with pytest.raises(Conflict, match="ordinary way"):
        emergency(world)


def test_an_emergency_that_was_rejected_cannot_be_declared_again(world: World) -> None:
    world.desk.reject(APPROVER, emergency(world).case_id, "no danger to anybody")
    with pytest.raises(Conflict, match="ordinary way"):
        emergency(world)
    assert world.desk.request(ANN, request()).state is CaseState.REQUESTED


# --- amendments and members ----------------------------------------------------------------------


def approved(world: World, **changes: object) -> Case:
    asked = world.desk.request(ANN, request(**changes))
    return world.desk.approve(APPROVER, asked.case_id)


def test_asking_for_more_waits_for_approval_again(world: World) -> None:
    case = approved(world)
    wider = world.desk.amend(
        ANN, case.case_id, "he went east", grants=[*case.grants, CameraSpan(3, span())]
    )
    assert (wider.state, wider.approver, wider.version) == (CaseState.REQUESTED, None, 3)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


def test_asking_for_less_stays_active(world: World) -> None:
    case = approved(world)
    less = world.desk.amend(ANN, case.case_id, "enough", grants=[CameraSpan(1, span(0, 600))])
    assert (less.state, less.approver) == (CaseState.ACTIVE, APPROVER.account_id)


def test_an_amendment_obeys_the_same_rules_as_a_request(world: World) -> None:
    case = approved(world)
    future = CameraSpan(1, TimeSpan(T0_NS, world.clock() + 1))
    with pytest.raises(OutOfScope):
        world.desk.amend(ANN, case.case_id, "what comes next", grants=[future])
    assert len(world.denials()) == 1
    assert world.store.cases.get(case.case_id).grants == case.grants


def test_a_member_who_joins_can_read(world: World) -> None:
    case = approved(world)
    with pytest.raises(Forbidden):
        world.door.tracklets(ZOE, case.case_id)
    world.desk.add_member(ANN, case.case_id, ZOE.account_id)
    assert world.door.tracklets(ZOE, case.case_id)


def test_a_stranger_cannot_join_alone(world: World) -> None:
    case = approved(world)
    with pytest.raises(Forbidden):
        world.desk.add_member(ZOE, case.case_id, ZOE.account_id)


def test_adding_a_member_twice_changes_nothing(world: World) -> None:
    case = approved(world)
    assert world.desk.add_member(ANN, case.case_id, BEN.account_id) == case


def test_a_step_that_fails_says_so_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = approved(world)
    before = world.newest_seq()

    def broken(_case: Case) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(world.store.cases, "put", broken)
    with pytest.raises(StorageError):
        world.desk.close(ANN, case.case_id)
    said = [(e.event.kind, e.event.outcome) for e in world.entries(before)]
    assert said == [("case_closed", Outcome.ALLOW), ("case_closed", Outcome.DENY)]


# --- ends ----------------------------------------------------------------------------------------


def with_products(world: World) -> Case:
    """An emergency with a probe, a search and a decision."""
    case = emergency(world)
    probe = world.search.probe_from_upload(ANN, case.case_id, b"thief", None, Family.PERSON)
    world.search.search(ANN, case.case_id, SearchRequest((probe.probe_id,)))
    world.search.decide(ANN, case.case_id, 101, Verdict.CONFIRM)
    return case


def left_of(world: World, case_id: int) -> tuple[int, int, int, int]:
    rows = world.store.cases
    return (
        len(rows.probes(case_id)),
        len(rows.searches(case_id)),
        len(rows.decisions(case_id)),
        world.probe_pictures(case_id),
    )


def test_a_rejection_stops_use_and_erases_what_the_case_produced(world: World) -> None:
    case = with_products(world)
    assert left_of(world, case.case_id) == (1, 1, 1, 1)
    world.desk.reject(APPROVER, case.case_id, "no danger to anybody")
    assert left_of(world, case.case_id) == (0, 0, 0, 0)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


def test_a_rejection_leaves_other_cases_alone(world: World) -> None:
    other = approved(world)
    world.search.probe_from_upload(ANN, other.case_id, b"thief", None, Family.PERSON)
    world.desk.reject(APPROVER, with_products(world).case_id, "no danger to anybody")
    assert left_of(world, other.case_id) == (1, 0, 0, 1)


def test_a_rejection_interrupted_while_erasing_is_finished_by_the_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = with_products(world)

    def broken(_case_id: int) -> None:
        raise StorageError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(world.probe_files, "erase_case", broken)
        with pytest.raises(StorageError):
            world.desk.reject(APPROVER, case.case_id, "no danger to anybody")
    assert world.store.cases.get(case.case_id).state is CaseState.REJECTED
    assert world.desk.sweep() == 3
    assert left_of(world, case.case_id) == (0, 0, 0, 0)


def test_an_approval_can_be_withdrawn(world: World) -> None:
    case = approved(world, hold=True)
    rejected = world.desk.reject(APPROVER, case.case_id, "approved by mistake")
    assert (rejected.state, rejected.hold) == (CaseState.REJECTED, False)


def test_a_closed_case_reads_nothing_and_holds_nothing(world: World) -> None:
    case = approved(world, hold=True)
    closed = world.desk.close(BEN, case.case_id, "solved")
    assert (closed.state, closed.hold) == (CaseState.CLOSED, False)
    with pytest.raises(CaseNotActive):
        world.door.tracklets(ANN, case.case_id)


@pytest.mark.parametrize("step", ["close", "amend", "reject"])
def test_an_ended_case_takes_no_more_steps(world: World, step: str) -> None:
    case = approved(world)
    world.desk.close(ANN, case.case_id)
    actor = APPROVER if step == "reject" else ANN
    with pytest.raises(Conflict):
        getattr(world.desk, step)(actor, case.case_id, "once more")


# --- papers --------------------------------------------------------------------------------------


def test_papers_are_seen_by_those_inside_and_those_who_decide_or_audit(world: World) -> None:
    approved(world)
    seen = {person.name for person in PEOPLE if world.desk.visible(person)}
    assert seen == {"ann", "ben", "approver", "both", "auditor"}


@pytest.mark.parametrize("case_id", [1, 99])
def test_a_stranger_is_told_the_same_of_a_case_that_exists_and_one_that_does_not(
    world: World, case_id: int
) -> None:
    approved(world)
    with pytest.raises(Forbidden, match=f"case {case_id}: you do not work in it, or there is none"):
        world.desk.get(ZOE, case_id)
    assert len(world.denials()) == 1


def test_reading_the_papers_is_logged(world: World) -> None:
    case = approved(world)
    before = world.newest_seq()
    assert world.desk.get(BEN, case.case_id) == case
    assert world.kinds(before) == ["read_case"]


def test_desk_knows_until_when_a_case_can_be_read(world: World) -> None:
    case = approved(world)
    assert world.desk.ends_ns(case) == case.expires_ns
    assert world.desk.ends_ns(replace(case, state=CaseState.CLOSED)) is None


def test_a_request_keeps_no_more_than_it_says(world: World) -> None:
    asked = request()
    case = world.desk.request(ANN, asked)
    kept = CaseRequest(
        case.reference,
        case.offence,
        case.legal_basis,
        case.purpose,
        case.grants,
        case.expires_ns,
        case.members,
    )
    assert kept == asked
