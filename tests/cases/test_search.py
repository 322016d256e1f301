"""Probes and searches: what comes up, in what order, and what stands in the log."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cases.events import EventKind
from cases.search import SearchRequest
from core.arrays import F32
from core.errors import (
    CaseNotActive,
    CaseTraceError,
    Conflict,
    Forbidden,
    InvalidBox,
    InvalidInput,
    MediaCorrupt,
    ModelMissing,
    NotFound,
    OutOfScope,
    TooLarge,
)
from core.types import (
    CameraSpan,
    CaseState,
    ClockCorrection,
    Family,
    ObjectClass,
    Probe,
    SearchAnswer,
    TimeSpan,
    Verdict,
)
from tests.builders import MODEL_KEY, at, span
from tests.cases.world import ANN, APPROVER, BEN, ZOE, World, opened_world, vector


def probe(world: World, looks: str = "thief", family: Family = Family.PERSON) -> Probe:
    return world.search.probe_from_upload(ANN, 1, looks.encode(), None, family)


def search(world: World, *looks: str, **narrowed: object) -> SearchAnswer:
    """Ann's search of case 1 with a probe per look."""
    ids = tuple(probe(world, look).probe_id for look in looks or ("thief",))
    return world.search.search(ANN, 1, SearchRequest(ids, **narrowed))  # type: ignore[arg-type]


def found(answer: SearchAnswer) -> list[int]:
    return [candidate.tracklet_id for candidate in answer.candidates]


@pytest.fixture
def case1(world: World) -> World:
    """Case 1 grants cameras 1 and 2, with the thief (101, 102) and a passer-by at each."""
    world.open_case()
    world.person(1, 700.0, tracklet_id=201, looks="passer")
    world.person(2, 900.0, tracklet_id=202, looks="passer~thief")
    return world


# --- probes ------------------------------------------------------------------------------------


def test_an_upload_keeps_only_the_pixels_of_its_box(case1: World) -> None:
    made = case1.search.probe_from_upload(ANN, 1, b"thief", (10, 20, 110, 220), Family.PERSON)
    assert case1.door.probe_jpeg(ANN, 1, made.probe_id) == b"thief [10.0, 20.0, 110.0, 220.0]"


def test_an_upload_is_named_in_the_log_by_its_hash(case1: World) -> None:
    probe(case1)
    (entry,) = case1.entries()
    assert entry.event.kind == EventKind.PROBE_ADDED
    assert entry.event.detail["upload_sha256"] == hashlib.sha256(b"thief").hexdigest()


def test_a_probe_leaves_without_its_vectors_and_keeps_them(case1: World) -> None:
    made = probe(case1)
    assert made.vectors == {MODEL_KEY: b""}
    (kept,) = case1.store.cases.probes(1)
    assert np.frombuffer(kept.vectors[MODEL_KEY], np.float32) == pytest.approx(vector("thief"))
    assert case1.search.probes(BEN, 1) == [made]


@pytest.mark.parametrize(
    ("content", "box", "family", "error"),
    [
        (b"text file", None, Family.PERSON, MediaCorrupt),
        (b"thief", (0, 0, 2000, 100), Family.PERSON, InvalidBox),
        (b"thief", (50, 50, 50, 90), Family.PERSON, InvalidBox),
        (b"thief", (0, 0, float("nan"), 9), Family.PERSON, InvalidBox),
        (b"thief", None, Family.VEHICLE, ModelMissing),
        (b"x" * ((32 << 20) + 1), None, Family.PERSON, TooLarge),
    ],
    ids=["no picture", "outside", "empty", "not finite", "no model", "too large"],
)
def test_a_bad_upload_is_refused_and_leaves_no_probe(
    case1: World,
    content: bytes,
    box: tuple[float, float, float, float] | None,
    family: Family,
    error: type[CaseTraceError],
) -> None:
    with pytest.raises(error):
        case1.search.probe_from_upload(ANN, 1, content, box, family)
    assert case1.store.cases.probes(1) == []
    assert case1.probe_pictures(1) == 0


def test_a_probe_that_failed_says_so_in_the_log(case1: World) -> None:
    with pytest.raises(MediaCorrupt):
        case1.search.probe_from_upload(ANN, 1, b"text file", None, Family.PERSON)
    assert [e.event.detail.get("reason") for e in case1.entries()] == [None, "media_corrupt"]


def test_a_stranger_cannot_add_a_probe(case1: World) -> None:
    with pytest.raises(Forbidden):
        case1.search.probe_from_upload(ZOE, 1, b"thief", None, Family.PERSON)
    assert len(case1.denials()) == 1


def test_a_probe_from_a_frame_says_where_and_when(case1: World) -> None:
    made = case1.search.probe_from_frame(ANN, 1, 1, at(5), (0, 0, 40, 80), Family.PERSON)
    assert (made.origin, made.camera_id, made.device_ns) == ("frame", 1, at(5))
    assert case1.kinds() == ["read_frame", "probe_added"]


def test_a_box_outside_the_frame_is_refused(case1: World) -> None:
    with pytest.raises(InvalidBox, match="inside the picture of 1280x720"):
        case1.search.probe_from_frame(ANN, 1, 1, at(5), (0, 0, 1281, 80), Family.PERSON)


def test_a_probe_from_a_frame_outside_the_grant_is_out_of_scope(case1: World) -> None:
    with pytest.raises(OutOfScope):
        case1.search.probe_from_frame(ANN, 1, 3, at(5), (0, 0, 40, 80), Family.PERSON)
    assert case1.store.cases.probes(1) == []


def test_a_probe_from_a_shot_has_its_tracklets_family(case1: World) -> None:
    case1.person(1, 1000.0, tracklet_id=301, class_id=ObjectClass.EBIKE_RIDER)
    made = case1.search.probe_from_shot(ANN, 1, 3010)
    assert (made.origin, made.family, made.tracklet_id) == ("shot", "rider", 301)


def test_a_probe_from_a_shot_outside_the_case_is_not_found(case1: World) -> None:
    with pytest.raises(NotFound):
        case1.search.probe_from_shot(ANN, 1, 1030)


# --- searches ----------------------------------------------------------------------------------


def test_the_most_alike_come_first(case1: World) -> None:
    answer = search(case1)
    assert found(answer)[:2] == [101, 102]
    assert set(found(answer)) == {101, 102, 201, 202}
    assert [c.cosine for c in answer.candidates[:2]] == pytest.approx([1.0, 1.0])


def test_a_candidate_says_where_when_and_why(case1: World) -> None:
    candidate = search(case1).candidates[0]
    assert (candidate.camera_id, candidate.class_label, candidate.shot_id) == (1, "person", 1010)
    assert candidate.span == TimeSpan(at(100), at(104) + 1)
    assert (candidate.shot_ids, candidate.llr, candidate.verdict) == ((1010,), None, None)


def test_candidates_are_told_in_corrected_time(case1: World) -> None:
    case1.store.cameras.correct_clock(1, ClockCorrection(0, 90.0, 0.5), at(7000))
    candidate = search(case1, cameras=(1,)).candidates[0]
    assert candidate.span.start_ns == at(10)


def test_probes_of_one_subject_bring_up_what_any_of_them_is_like(case1: World) -> None:
    answer = search(case1, "thief", "passer")
    by_id = {c.tracklet_id: c for c in answer.candidates}
    probes = {p.probe_id: i for i, p in enumerate(case1.search.probes(ANN, 1))}
    assert [probes[by_id[i].probe_id or 0] for i in (101, 201)] == [0, 1]
    assert by_id[201].cosine == pytest.approx(1.0)


def test_a_person_is_found_as_a_rider_too(case1: World) -> None:
    case1.person(2, 1200.0, tracklet_id=301, class_id=ObjectClass.EBIKE_RIDER)
    assert 301 in found(search(case1))
    assert 301 not in found(search(case1, families=(Family.PERSON,)))


def test_nothing_outside_the_case_comes_up(case1: World) -> None:
    assert 103 not in found(search(case1))  # the thief at camera 3, which is not granted


def test_a_search_can_be_narrowed(case1: World) -> None:
    assert found(search(case1, cameras=(2,))) == [102, 202]
    assert found(search(case1, span=span(0, 200))) == [101]


def test_a_search_beyond_the_case_is_out_of_scope(case1: World) -> None:
    with pytest.raises(OutOfScope):
        search(case1, cameras=(3,))
    with pytest.raises(OutOfScope):
        search(case1, span=span(0, 3601))


def test_k_limits_the_answer(case1: World) -> None:
    assert found(search(case1, k=1)) == [101]


@pytest.mark.parametrize(("ids", "k"), [((), 5), ((1,), 0), (tuple(range(33)), 5), ((1,), 501)])
def test_a_request_out_of_bounds_is_refused(ids: tuple[int, ...], k: int) -> None:
    with pytest.raises(InvalidInput):
        SearchRequest(ids, k=k)


def test_hits_whose_row_is_gone_are_dropped_and_others_move_up(case1: World) -> None:
    case1.store.tracks.erase(1, span(50, 150), at(7000))
    assert found(search(case1, k=2))[0] == 102
    assert len(found(search(case1, k=2))) == 2


def test_an_unknown_probe_is_not_found(case1: World) -> None:
    with pytest.raises(NotFound, match="probe 77: none in case 1"):
        case1.search.search(ANN, 1, SearchRequest((77,)))


def test_a_stranger_learns_nothing_of_probes(case1: World) -> None:
    known = probe(case1).probe_id
    for probe_id in (known, 77):
        before = case1.newest_seq()
        with pytest.raises(Forbidden, match="you do not work in it"):
            case1.search.search(ZOE, 1, SearchRequest((probe_id,)))
        assert len(case1.denials(before)) == 1
        assert len(case1.entries(before)) == 1


def test_families_that_no_model_compares_conflict(case1: World) -> None:
    with pytest.raises(Conflict, match="a model that is in use"):
        search(case1, families=(Family.VEHICLE,))


def test_every_answer_comes_with_its_coverage(case1: World) -> None:
    case1.store.tracks.erase(2, span(0, 600), at(7000))
    coverage = search(case1).coverage
    missing = [(p.camera_id, p.span, why) for p, why in coverage.missing]
    assert missing == [(2, span(0, 600), "erased")]
    assert coverage.asked_s - coverage.searched_s == 600.0


def test_the_log_holds_what_was_asked_and_what_was_given(case1: World) -> None:
    answer = search(case1, k=1)
    asked, given = (e.event for e in case1.entries(1))
    assert (asked.kind, given.kind) == (EventKind.SEARCH, EventKind.SEARCH_ANSWERED)
    assert asked.detail["compared"] == [f"person:{MODEL_KEY}", f"rider:{MODEL_KEY}"]
    assert given.detail["tracklet_ids"] == [101]
    assert given.detail["search_seq"] == answer.audit_seq == 2


def test_a_search_with_a_stale_version_is_refused(case1: World) -> None:
    made = probe(case1)
    with pytest.raises(CaseNotActive, match="changed since"):
        case1.search.search(ANN, 1, SearchRequest((made.probe_id,), version=9))


# --- verdicts ----------------------------------------------------------------------------------


def test_what_was_rejected_comes_last_and_says_so(case1: World) -> None:
    case1.search.decide(ANN, 1, 101, Verdict.REJECT, "other shoes")
    answer = search(case1)
    assert found(answer)[0] == 102
    assert (answer.candidates[-1].tracklet_id, answer.candidates[-1].verdict) == (
        101,
        Verdict.REJECT,
    )


def test_another_persons_confirmation_is_not_told(case1: World) -> None:
    case1.search.decide(BEN, 1, 101, Verdict.CONFIRM)
    assert search(case1).candidates[0].verdict is None


def test_another_persons_decisions_are_shown_after_ones_own(case1: World) -> None:
    case1.search.decide(BEN, 1, 101, Verdict.CONFIRM)
    assert case1.search.decisions(ANN, 1) == []
    case1.search.decide(ANN, 1, 101, Verdict.UNSURE)
    assert [d.actor for d in case1.search.decisions(ANN, 1)] == [BEN.account_id, ANN.account_id]


def test_a_decision_on_what_is_outside_the_case_is_not_found(case1: World) -> None:
    with pytest.raises(NotFound, match="tracklet 103"):
        case1.search.decide(ANN, 1, 103, Verdict.CONFIRM)
    assert case1.store.cases.decisions(1) == []


def test_a_note_stays_out_of_the_log_so_that_it_can_be_erased(case1: World) -> None:
    case1.search.decide(ANN, 1, 101, Verdict.CONFIRM, "torn left sleeve")
    assert "sleeve" not in repr(case1.entries())
    assert case1.store.cases.decisions(1)[0].note == "torn left sleeve"


def test_confirmed_tracklets_become_probes_once(case1: World) -> None:
    case1.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    first = case1.search.probes_from_confirmed(ANN, 1)
    again = case1.search.probes_from_confirmed(ANN, 1)
    assert [p.tracklet_id for p in first] == [101]
    assert again == first


def test_searching_again_from_what_was_confirmed_finds_the_rest(case1: World) -> None:
    case1.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    ids = tuple(p.probe_id for p in case1.search.probes_from_confirmed(ANN, 1))
    answer = case1.search.search(ANN, 1, SearchRequest(ids))
    assert found(answer)[:2] == [101, 102]


# --- kept answers --------------------------------------------------------------------------------


def test_a_kept_answer_is_shown_again_as_it_was(case1: World) -> None:
    answer = search(case1)
    shown = case1.search.shown_again(BEN, 1, answer.search_id)
    assert (shown.candidates, shown.coverage) == (answer.candidates, answer.coverage)
    assert case1.search.searches(ANN, 1) == [answer.search_id]


def test_a_kept_answer_leaves_out_what_was_erased_since(case1: World) -> None:
    answer = search(case1)
    case1.store.tracks.erase(1, span(50, 150), at(7000))
    assert 101 not in found(case1.search.shown_again(ANN, 1, answer.search_id))


def test_a_kept_answer_has_todays_verdicts(case1: World) -> None:
    answer = search(case1)
    case1.search.decide(ANN, 1, 101, Verdict.REJECT)
    shown = case1.search.shown_again(ANN, 1, answer.search_id)
    assert shown.candidates[-1].tracklet_id == 101


def test_an_answer_of_another_case_is_not_found(case1: World) -> None:
    answer = search(case1)
    case1.open_case()
    with pytest.raises(NotFound, match=f"search {answer.search_id}: none in case 2"):
        case1.search.shown_again(ANN, 2, answer.search_id)


def test_a_search_that_was_rejected_in_the_middle_leaves_nothing(case1: World) -> None:
    """The approver rejects between the search and its keeping: what came after is erased too."""
    made = probe(case1)
    put = case1.store.cases.put_search

    def reject_first(*args: object) -> None:
        case1.desk.reject(APPROVER, 1, "approved by mistake")
        put(*args)  # type: ignore[arg-type]

    case1.store.cases.put_search = reject_first  # type: ignore[method-assign, assignment]
    with pytest.raises(CaseNotActive):
        case1.search.search(ANN, 1, SearchRequest((made.probe_id,)))
    assert case1.store.cases.get(1).state is CaseState.REJECTED
    assert case1.store.cases.searches(1) == []


# --- calibration ---------------------------------------------------------------------------------


class Doubled:
    """A `Calibration` that says twice the cosine."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        return np.asarray(2 * cosine, np.float32)


@pytest.fixture
def calibrated(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path, template, calibrations={MODEL_KEY: Doubled()}) as world:
        world.open_case()
        yield world


def test_a_calibrated_model_gives_llr(calibrated: World) -> None:
    assert search(calibrated).candidates[0].llr == pytest.approx(2.0)


def test_a_case_of_one_minute_finds_only_what_was_there_then(world: World) -> None:
    world.open_case(grants=[CameraSpan(c, span(290, 350)) for c in (1, 2, 3)])
    made = probe(world)
    assert found(world.search.search(ANN, 1, SearchRequest((made.probe_id,)))) == [102]
