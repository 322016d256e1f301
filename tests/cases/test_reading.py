"""The door: what it lets through, what it writes first, and what it refuses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cases.answers import Pursuit, VectorSearch
from cases.authority import CaseLimits, Narrowing
from cases.search import SearchRequest
from core.errors import (
    CaseNotActive,
    Forbidden,
    InvalidInput,
    NotFound,
    OutOfScope,
    StorageFull,
    TooLarge,
)
from core.types import (
    Account,
    AuditEntry,
    CameraSpan,
    CaseState,
    ClockCorrection,
    Family,
    Outcome,
    Role,
    Scope,
    TimeSpan,
)
from tests.builders import account, at, probe, span
from tests.cases.world import ANN, APPROVER, AUDITOR, BEN, SEEN_AT_S, ZOE, World, opened_world

Read = Callable[[World, Account], object]

READS: dict[str, Read] = {
    "tracklets": lambda w, who: w.door.tracklets(who, 1),
    "shots": lambda w, who: w.door.shots(who, 1, tracklet_ids=[101]),
    "shot_jpeg": lambda w, who: w.door.shot_jpeg(who, 1, 1010),
    "pictures": lambda w, who: w.door.pictures(who, 1, [1010, 1020]),
    "footage": lambda w, who: w.door.footage(who, 1),
    "frame_jpeg": lambda w, who: w.door.frame_jpeg(who, 1, 1, at(5)),
    "frame": lambda w, who: w.door.frame(who, 1, 1, at(5)),
    "clip": lambda w, who: w.door.clip(who, 1, 1, span(0, 60)),
    "proxy": lambda w, who: w.door.proxy(who, 1, 1, span(0, 60)),
    "coverage": lambda w, who: w.door.coverage(who, 1),
    "marks": lambda w, who: w.door.marks(who, 1),
    "pursue": lambda w, who: w.door.pursue(who, 1, Pursuit(VectorSearch(7, (), 5))),
    "probe_jpeg": lambda w, who: w.door.probe_jpeg(who, 1, 1),
}
every_read = pytest.mark.parametrize("read", READS.values(), ids=READS.keys())


def with_probe(world: World) -> World:
    """Case 1 with a probe that is number 1."""
    world.open_case()
    key = world.probe_files.put(1, 1, b"a picture")
    world.store.cases.put_probe(replace(probe(1, case_id=1), key=key))
    return world


@every_read
def test_each_read_answers_a_member_under_one_entry(world: World, read: Read) -> None:
    with_probe(world)
    assert read(world, BEN)
    (entry,) = world.entries()
    assert (entry.event.outcome, entry.event.actor, entry.event.case_id) == (
        Outcome.ALLOW,
        BEN.account_id,
        1,
    )


@every_read
@pytest.mark.parametrize("actor", [ZOE, APPROVER, AUDITOR], ids=lambda a: str(a.name))
def test_each_read_refuses_a_stranger_under_one_deny(
    world: World, read: Read, actor: Account
) -> None:
    with_probe(world)
    with pytest.raises(Forbidden):
        read(world, actor)
    assert [entry.event.outcome for entry in world.entries()] == [Outcome.DENY]


@every_read
def test_no_read_answers_when_its_entry_cannot_be_written(
    world: World, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_probe(world)
    touched: list[str] = []

    def full(_make: object) -> AuditEntry:
        raise StorageFull("the disk is full")

    def touch(*_args: object, **_kwargs: object) -> object:
        touched.append("read")
        return []

    monkeypatch.setattr(world.store.audit, "append", full)
    for name in ("tracklets", "shots", "footage", "activity"):
        monkeypatch.setattr(world.store.tracks, name, touch)
    with pytest.raises(StorageFull):
        read(world, ANN)
    assert touched == []


@every_read
def test_no_answer_leaves_when_the_case_changed_meanwhile(world: World, read: Read) -> None:
    with_probe(world)
    _close_during_reads(world)
    with pytest.raises(CaseNotActive, match="closed"):
        read(world, ANN)
    assert [entry.event.outcome for entry in world.entries()] == [Outcome.ALLOW, Outcome.DENY]


def _close_during_reads(world: World) -> None:
    """Case 1 is closed by somebody else just after each audit entry, before the read."""
    append = world.store.audit.append

    def append_and_close(make: Callable[[AuditEntry | None], AuditEntry]) -> AuditEntry:
        entry = append(make)
        case = world.store.cases.get(1)
        if case.state is CaseState.ACTIVE:
            world.store.cases.put(replace(case, version=case.version + 1, state=CaseState.CLOSED))
        return entry

    world.store.audit.append = append_and_close  # type: ignore[method-assign]


def test_a_version_that_the_asker_saw_earlier_is_refused(world: World) -> None:
    world.open_case(version=3)
    with pytest.raises(CaseNotActive, match="changed since; want version 3, got 2"):
        world.door.tracklets(ANN, 1, version=2)
    assert len(world.denials()) == 1


def test_an_amendment_in_the_middle_of_a_search_keeps_its_answer_back(world: World) -> None:
    case = world.open_case()

    def amended(*_args: object) -> object:
        world.desk.amend(ANN, 1, "fewer cameras", grants=case.grants[:1])
        return []

    world.store.tracks.activity = amended  # type: ignore[method-assign, assignment]
    with pytest.raises(CaseNotActive, match="changed since"):
        world.door.coverage(BEN, 1)


def test_a_stranger_is_told_the_same_of_a_case_that_does_not_exist(world: World) -> None:
    with pytest.raises(Forbidden, match="you do not work in it, or there is none"):
        world.door.tracklets(ANN, 99)
    assert [entry.event.case_id for entry in world.denials()] == [99]


def test_the_requester_without_the_role_any_more_is_refused(world: World) -> None:
    world.open_case()
    with pytest.raises(Forbidden, match="investigator"):
        world.door.tracklets(account(1, roles=(Role.APPROVER,)), 1)


def test_reads_stay_within_the_granted_cameras(world: World) -> None:
    world.open_case(cameras=(1, 3))
    assert {part.camera_id for part in world.door.tracklets(ANN, 1)} == {1, 3}


def test_reads_stay_within_the_granted_time(world: World) -> None:
    world.open_case(grants=[CameraSpan(c, span(250, 400)) for c in (1, 2, 3)])
    assert [part.tracklet_id for part in world.door.tracklets(ANN, 1)] == [102]


def test_a_narrower_read_says_so_in_its_entry(world: World) -> None:
    world.open_case()
    world.door.tracklets(ANN, 1, within=Narrowing((1,), span(0, 60)))
    (entry,) = world.entries()
    assert entry.event.detail == {
        "case_version": 1,
        "cameras": [1],
        "start_ns": at(0),
        "end_ns": at(60),
    }


def test_the_scope_is_in_device_time_by_todays_clock_history(world: World) -> None:
    """Camera 1 runs 90 s ahead: its person of device second 100 was there at UTC second 10."""
    world.open_case(grants=[CameraSpan(1, span(0, 60))])
    assert world.door.tracklets(ANN, 1) == []
    world.store.cameras.correct_clock(1, ClockCorrection(0, 90.0, 0.5), at(7000))
    assert [part.tracklet_id for part in world.door.tracklets(ANN, 1)] == [101]


def test_a_scope_ends_with_its_case(world: World) -> None:
    case = world.open_case()
    seen: list[Scope] = []

    def noted(scope: Scope) -> list[object]:
        seen.append(scope)
        return []

    world.store.tracks.footage = noted  # type: ignore[method-assign, assignment]
    world.door.footage(ANN, 1)
    (scope,) = seen
    assert (scope.case_id, scope.case_version, scope.actor) == (1, 1, ANN.account_id)
    assert scope.expires_ns == case.expires_ns


def test_a_camera_deleted_since_is_read_as_nothing_and_named_in_coverage(world: World) -> None:
    world.open_case(cameras=(1, 2))
    world.store.cameras.delete(1)
    assert {part.camera_id for part in world.door.tracklets(ANN, 1)} == {2}
    coverage = world.door.coverage(ANN, 1)
    assert [(part.camera_id, why) for part, why in coverage.missing] == [(1, "camera deleted")]


@pytest.mark.parametrize("shot_id", [1030, 9999], ids=["outside the case", "nowhere"])
def test_a_shot_outside_looks_like_one_that_does_not_exist(world: World, shot_id: int) -> None:
    world.open_case(cameras=(1, 2))
    with pytest.raises(NotFound, match=f"shot {shot_id}: none in case 1"):
        world.door.shot_jpeg(ANN, 1, shot_id)
    assert [entry.event.detail.get("reason") for entry in world.entries()] == [None, "not_found"]


def test_pictures_come_in_the_order_asked_with_their_family(world: World) -> None:
    world.open_case()
    pictures = world.door.pictures(ANN, 1, [1020, 1010])
    assert [(p.shot.shot_id, p.family, p.jpeg) for p in pictures] == [
        (1020, Family.PERSON, b"thief"),
        (1010, Family.PERSON, b"thief"),
    ]


@pytest.mark.parametrize(("shots", "tracklets"), [(None, None), ([1010], [101])])
def test_shots_are_asked_for_by_ids_of_one_kind(
    world: World, shots: list[int] | None, tracklets: list[int] | None
) -> None:
    world.open_case()
    with pytest.raises(InvalidInput, match="ids of one kind"):
        world.door.shots(ANN, 1, shot_ids=shots, tracklet_ids=tracklets)


def test_nothing_leaves_in_bulk(world: World) -> None:
    world.open_case()
    with pytest.raises(TooLarge, match="at most 500, got 501"):
        world.door.pictures(ANN, 1, [1010] * 501)
    with pytest.raises(TooLarge, match="1 to 10000"):
        world.door.tracklets(ANN, 1, limit=10_001)


def test_a_probe_of_another_case_is_not_found(world: World) -> None:
    with_probe(world)
    world.open_case()
    with pytest.raises(NotFound, match="probe 1: none in case 2"):
        world.door.probe_jpeg(ANN, 2, 1)


# --- footage -------------------------------------------------------------------------------------


def test_a_frame_is_asked_for_at_the_device_time_of_the_instant(world: World) -> None:
    world.open_case()
    world.store.cameras.correct_clock(1, ClockCorrection(0, 90.0, 0.5), at(7000))
    assert world.door.frame(ANN, 1, 1, at(10)).device_ns == at(100)


def test_a_frame_outside_the_grant_is_out_of_scope(world: World) -> None:
    world.open_case(grants=[CameraSpan(1, span(0, 60))])
    with pytest.raises(OutOfScope):
        world.door.frame(ANN, 1, 1, at(60))


def test_a_picture_shown_before_the_grant_began_is_not_given(world: World) -> None:
    world.open_case(grants=[CameraSpan(1, span(100, 200))])
    world.footage.early_s = 0.04
    assert world.door.frame(ANN, 1, 1, at(101))
    with pytest.raises(NotFound, match="no picture is kept"):
        world.door.frame(ANN, 1, 1, at(100))


def test_an_instant_without_footage_is_not_found(world: World) -> None:
    world.open_case()
    world.store.tracks.erase(1, None, at(7000))
    with pytest.raises(NotFound, match="no picture is kept"):
        world.door.frame(ANN, 1, 1, at(5))


def test_a_clip_outside_the_grant_is_out_of_scope(world: World) -> None:
    world.open_case(grants=[CameraSpan(1, span(0, 60))])
    with pytest.raises(OutOfScope):
        world.door.clip(ANN, 1, 1, span(30, 61))


def test_a_clip_longer_than_the_limit_is_too_large(world: World) -> None:
    world.open_case()
    with pytest.raises(TooLarge, match="at most 900 s"):
        world.door.clip(ANN, 1, 1, span(0, 901))


def test_a_listing_of_more_footage_than_the_limit_is_too_large(
    tmp_path: Path, template: Path
) -> None:
    limits = CaseLimits(max_footage_hours=1)
    with opened_world(tmp_path, template, limits=limits) as world:
        world.open_case(cameras=(1, 2))
        assert world.door.footage(ANN, 1, within=Narrowing((1,)))
        with pytest.raises(TooLarge, match=r"at most 1 camera hours, got 2\.0"):
            world.door.footage(ANN, 1)


def test_a_clip_across_a_clock_correction_is_asked_for_in_two(world: World) -> None:
    world.open_case()
    world.store.cameras.correct_clock(1, ClockCorrection(at(30), 40.0, 0.1), at(7000))
    with pytest.raises(InvalidInput, match="ask for two"):
        world.door.clip(ANN, 1, 1, span(0, 60))


# --- pictures that a search covers ---------------------------------------------------------------


def searched(world: World, actor: Account = ANN) -> int:
    """A search of case 1 by `actor` that shows shots 1010 and 1020."""
    world.open_case()
    probe = world.search.probe_from_upload(actor, 1, b"thief", None, Family.PERSON)
    return world.search.search(actor, 1, SearchRequest((probe.probe_id,))).search_id


def test_a_picture_of_an_answer_needs_no_entry_of_its_own(world: World) -> None:
    search_id = searched(world)
    before = world.newest_seq()
    assert world.door.shot_jpeg(ANN, 1, 1010, search_id=search_id) == b"thief"
    assert world.entries(before) == []


@pytest.mark.parametrize(
    ("actor", "shot_id", "later_s"),
    [(BEN, 1010, 0.0), (ANN, 1010, 3601.0)],
    ids=["somebody else", "an hour later"],
)
def test_a_picture_that_the_search_does_not_cover_gets_an_entry(
    world: World, actor: Account, shot_id: int, later_s: float
) -> None:
    search_id = searched(world)
    before = world.newest_seq()
    world.clock.advance(later_s)
    assert world.door.shot_jpeg(actor, 1, shot_id, search_id=search_id)
    assert world.kinds(before) == ["read_shot"]


def test_a_picture_beside_the_answer_gets_an_entry(world: World) -> None:
    search_id = searched(world)
    world.person(1, 700.0, tracklet_id=104, looks="passer-by")
    before = world.newest_seq()
    world.door.shot_jpeg(ANN, 1, 1040, search_id=search_id)
    assert world.kinds(before) == ["read_shot"]


def test_a_covered_picture_still_needs_a_case_that_stands(world: World) -> None:
    search_id = searched(world)
    world.desk.close(ANN, 1)
    before = world.newest_seq()
    with pytest.raises(CaseNotActive):
        world.door.shot_jpeg(ANN, 1, 1010, search_id=search_id)
    assert len(world.denials(before)) == 1


def test_an_unknown_search_covers_nothing(world: World) -> None:
    world.open_case()
    world.door.shot_jpeg(ANN, 1, 1010, search_id=12345)
    assert world.kinds() == ["read_shot"]


def test_a_span_is_read_to_the_nanosecond(world: World) -> None:
    first_ns = at(SEEN_AT_S[1])
    world.open_case(grants=[CameraSpan(1, TimeSpan(first_ns + 4 * 10**9, first_ns + 10**10))])
    assert world.door.tracklets(ANN, 1)  # its last box
    world.open_case(grants=[CameraSpan(1, TimeSpan(first_ns + 4 * 10**9 + 1, first_ns + 10**10))])
    assert world.door.tracklets(ANN, 2) == []
