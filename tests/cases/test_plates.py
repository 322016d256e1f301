"""Plates inside a case: by pattern alone, with pictures, in scope, and in the log."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.answers import VectorQuery
from cases.events import EventKind
from cases.plates import NO_PLATE, NOT_ALIKE, joined, least_llr
from cases.ranking import Match
from cases.search import SearchRequest
from core.arrays import F32
from core.errors import Forbidden, InvalidInput, TooLarge
from core.plates.explaining import Outcome
from core.types import Candidate, Family, Hits, ObjectClass, SearchAnswer, Verdict
from tests.builders import BOX, MODEL_KEY, at, span, unit_rows
from tests.cases.world import ANN, ZOE, World, opened_world
from tests.core.plates.builders import CALM

TEXT = "京A12345"
RIDER = ObjectClass.EBIKE_RIDER


class Twice:
    """A `Calibration` that says ten times the cosine, less five."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        return np.asarray(10 * cosine - 5, np.float32)


def drive(world: World) -> World:
    """Case 1 grants cameras 1 and 2; cars and riders with plates pass all three."""
    world.open_case()
    world.person(1, 600.0, tracklet_id=301, looks="", class_id=ObjectClass.CAR, text=TEXT)
    world.person(1, 700.0, tracklet_id=302, looks="", class_id=ObjectClass.CAR, text="沪B88888")
    world.person(
        2, 800.0, tracklet_id=303, looks="rider", class_id=RIDER, text="京A12845", sure=0.6
    )
    world.person(2, 900.0, tracklet_id=304, looks="rider", class_id=RIDER)
    world.person(3, 600.0, tracklet_id=305, looks="rider", class_id=RIDER, text=TEXT)
    return world


@pytest.fixture
def case1(world: World) -> World:
    return drive(world)


@pytest.fixture
def calibrated(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path / "own", template, calibrations={MODEL_KEY: Twice()}) as made:
        yield drive(made)


def by_plate(world: World, plate: str = TEXT, **narrowed: object) -> SearchAnswer:
    return world.search.search(ANN, 1, SearchRequest(plate=plate, **narrowed))  # type: ignore[arg-type]


def with_picture(world: World, plate: str = TEXT, *, k: int = 50) -> dict[int, Candidate]:
    """By plate and a picture of the rider; candidates by tracklet, best first."""
    made = world.search.probe_from_upload(ANN, 1, b"rider", None, Family.PERSON)
    asked = SearchRequest((made.probe_id,), plate=plate, k=k)
    answer = world.search.search(ANN, 1, asked)
    return {candidate.tracklet_id: candidate for candidate in answer.candidates}


def found(answer: SearchAnswer) -> list[int]:
    return [candidate.tracklet_id for candidate in answer.candidates]


# --- by plate alone ----------------------------------------------------------------------------


def test_the_likeliest_plate_comes_first_and_none_is_dropped(case1: World) -> None:
    assert found(by_plate(case1)) == [301, 303, 302]


@pytest.mark.parametrize(
    "typed", ["京A12345", "京a·12345", "京Ａ１２３４５", "京A-123 45", "*2345", "京?123??"]
)
def test_a_plate_may_be_typed_in_many_ways(case1: World, typed: str) -> None:
    assert found(by_plate(case1, typed))[0] == 301


def test_a_candidate_by_plate_has_no_appearance(case1: World) -> None:
    best = by_plate(case1).candidates[0]
    assert (best.cosine, best.llr, best.probe_id, best.notes) == (None, None, None, ())
    assert best.plate_llr is not None
    assert best.belief == best.plate_llr > 5


def test_a_candidate_says_text_chances_layout_and_colour(case1: World) -> None:
    reading = by_plate(case1).candidates[0].plate
    assert reading is not None
    assert (reading.text, reading.layout, reading.colour, reading.reads) == (
        TEXT,
        "cn_blue",
        "blue",
        3,
    )
    assert len(reading.chances) == len(TEXT)
    assert min(reading.chances) > 0.9


def test_a_candidate_shows_the_evidence_in_its_shot(case1: World) -> None:
    best = by_plate(case1).candidates[0]
    assert best.plate is not None
    assert best.plate.shot_id == best.shot_id == 3010
    assert best.plate.corners[0] == (20 - BOX[0], 80 - BOX[1])
    assert case1.door.shot_jpeg(ANN, 1, 3010)


def test_a_candidate_is_explained_sign_by_sign(case1: World) -> None:
    other = by_plate(case1).candidates[1]
    assert other.plate is not None
    differs = [sign for sign in other.plate.signs if sign.outcome is not Outcome.SAME]
    assert [(sign.asked, sign.read, sign.outcome) for sign in differs] == [
        ("3", "8", Outcome.SUBSTITUTED)
    ]


def test_families_narrow_what_a_plate_brings_up(case1: World) -> None:
    assert found(by_plate(case1, families=(Family.RIDER,))) == [303]
    assert found(by_plate(case1, families=(Family.PERSON,))) == []


def test_cameras_and_span_narrow_what_a_plate_brings_up(case1: World) -> None:
    assert found(by_plate(case1, cameras=(2,))) == [303]
    assert found(by_plate(case1, span=span(650, 750))) == [302]


def test_a_plate_outside_the_case_is_not_found(case1: World) -> None:
    assert 305 not in found(by_plate(case1))


def test_rejected_plates_come_last(case1: World) -> None:
    case1.search.decide(ANN, 1, 301, Verdict.REJECT)
    assert found(by_plate(case1))[-1] == 301


def test_an_answer_is_shown_again_with_its_plates(case1: World) -> None:
    answer = by_plate(case1)
    again = case1.search.shown_again(ANN, 1, answer.search_id)
    assert again.candidates == answer.candidates


def test_a_plate_whose_row_is_gone_is_no_answer(case1: World) -> None:
    case1.store.tracks.erase(1, span(590, 650), at(7200))
    assert 301 not in found(by_plate(case1))


def test_only_so_many_are_given(case1: World) -> None:
    assert found(by_plate(case1, k=1)) == [301]


# --- with a picture ----------------------------------------------------------------------------


def test_appearance_and_plate_add_up(calibrated: World) -> None:
    candidates = with_picture(calibrated)
    assert next(iter(candidates)) == 303  # looks alike, and its plate may be misread
    best = candidates[303]
    assert best.llr == pytest.approx(5.0, abs=0.01)
    assert best.plate_llr is not None
    assert best.belief == pytest.approx(5.0 + best.plate_llr, abs=0.01)
    beliefs = [candidate.belief or 0.0 for candidate in candidates.values()]
    assert beliefs == sorted(beliefs, reverse=True)


def test_who_looks_alike_and_has_no_plate_says_so(calibrated: World) -> None:
    without = with_picture(calibrated)[304]
    assert (without.plate_llr, without.plate, without.notes) == (0.0, None, (NO_PLATE,))


def test_a_plate_of_nobody_alike_counts_no_more_than_the_least_alike(calibrated: World) -> None:
    only = with_picture(calibrated)[301]
    assert only.cosine is None
    assert only.llr is not None
    assert only.llr <= 0
    assert only.notes == (NOT_ALIKE,)
    assert only.plate_llr is not None
    assert only.plate_llr > 5


def test_the_plate_of_who_looks_alike_is_asked_even_if_it_was_no_hit(calibrated: World) -> None:
    """With k = 1 a plate's hits are 17 at most; here all have one, so it is computed the same."""
    many = with_picture(calibrated)
    one = with_picture(calibrated, k=1)
    assert one[303].plate_llr == pytest.approx(many[303].plate_llr, abs=1e-3)


def test_without_a_calibration_the_lists_are_interleaved(case1: World) -> None:
    candidates = with_picture(case1)
    assert set(list(candidates)[:2]) == {301, 303}
    assert candidates[303].llr is None
    assert candidates[303].plate_llr is not None


def test_a_search_by_picture_alone_shows_plates_and_asks_none(case1: World) -> None:
    made = case1.search.probe_from_upload(ANN, 1, b"rider", None, Family.PERSON)
    answer = case1.search.search(ANN, 1, SearchRequest((made.probe_id,)))
    (of,) = [one for one in answer.candidates if one.tracklet_id == 303]
    assert of.plate is not None
    assert (of.plate.text, of.plate.signs, of.plate_llr, of.notes) == ("京A12845", (), None, ())


@CALM
@given(
    cosines=st.lists(st.floats(-1, 1), max_size=6),
    llrs=st.dictionaries(st.integers(0, 9), st.floats(-7, 30), max_size=8),
    calibrated=st.booleans(),
    least=st.floats(-10, 0),
)
def test_joining_gives_every_tracklet_once_in_the_order_of_its_sum(
    cosines: list[float], llrs: dict[int, float], calibrated: bool, least: float
) -> None:
    matches = [
        Match(i, i, 1, MODEL_KEY, cosine, 10 * cosine if calibrated else None)
        for i, cosine in enumerate(sorted(cosines, reverse=True))
    ]
    one = joined(matches, llrs, by_looks=True, least=least)
    assert sorted(j.tracklet_id for j in one) == sorted({*range(len(cosines)), *llrs})
    if calibrated:
        sums = [(j.llr or 0.0) + (j.plate_llr or 0.0) for j in one]
        assert sums == sorted(sums, reverse=True)


def test_the_least_ratio_is_that_of_a_full_list_and_never_above_0() -> None:
    query = VectorQuery(Family.PERSON, MODEL_KEY, unit_rows(1), (1,))
    full = Hits(np.array([[1, 2]]), np.array([[1, 2]]), np.array([[0.9, 0.3]], np.float32))
    half = Hits(np.array([[1, -1]]), np.array([[1, -1]]), np.array([[0.9, -np.inf]], np.float32))
    high = Hits(np.array([[1, 2]]), np.array([[1, 2]]), np.array([[0.9, 0.8]], np.float32))
    calibrations = {MODEL_KEY: Twice()}
    assert least_llr([query], [full], calibrations) == pytest.approx(-2.0)
    assert least_llr([query], [half], calibrations) == 0.0
    assert least_llr([query], [high], calibrations) == 0.0
    assert least_llr([], [], calibrations) == 0.0


# --- refusals and the log ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", InvalidInput),
        ("*", InvalidInput),
        ("???", InvalidInput),
        ("*?*", InvalidInput),
        ("京A12345" * 30, TooLarge),
        ("🚗🚗🚗", InvalidInput),
        ("'; DROP TABLE plates;--", InvalidInput),
        ("^京A[0-9]{5}$", InvalidInput),
        ("A%_", InvalidInput),
        ("\x00", InvalidInput),
    ],
)
def test_what_asks_for_no_plate_is_refused(typed: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="plate"):
        SearchRequest(plate=typed)


def test_a_search_for_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="and no plate"):
        SearchRequest()


def test_a_stranger_cannot_search_by_plate(case1: World) -> None:
    with pytest.raises(Forbidden):
        case1.search.search(ZOE, 1, SearchRequest(plate=TEXT))
    assert [e.event.kind for e in case1.denials()] == [EventKind.SEARCH]


def test_the_log_says_what_was_typed_and_what_it_was_taken_for(case1: World) -> None:
    by_plate(case1, "京a·1?34*")
    search, answered = case1.entries()[-2:]
    assert search.event.kind == EventKind.SEARCH
    assert search.event.detail["plate"] == "京a·1?34*"
    assert search.event.detail["plate_pattern"] == "京A1?34*"
    assert search.event.detail["probe_ids"] == []
    assert answered.event.kind == EventKind.SEARCH_ANSWERED
    assert list(answered.event.detail["tracklet_ids"]) == [301, 303, 302]


# --- one tracklet's plate ----------------------------------------------------------------------


def test_a_tracklets_plate_is_read_through_the_door(case1: World) -> None:
    reading = case1.door.plate(ANN, 1, 301)
    assert reading is not None
    assert (reading.text, reading.shot_id, reading.signs) == (TEXT, 3010, ())
    assert case1.kinds()[-1] == EventKind.READ_TRACKLETS


def test_a_tracklet_without_a_plate_has_none(case1: World) -> None:
    assert case1.door.plate(ANN, 1, 304) is None


def test_a_plate_outside_the_case_looks_like_none(case1: World) -> None:
    assert case1.door.plate(ANN, 1, 305) is None
    assert case1.door.plate(ANN, 1, 999) is None
    with pytest.raises(Forbidden):
        case1.door.plate(ZOE, 1, 301)
