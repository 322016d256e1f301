"""A search's answer survives being written as JSON and read back."""

import json
from dataclasses import replace

import pytest

from cases import kept
from core.errors import StorageCorrupt
from core.plates.explaining import Outcome, SignMatch
from core.types import CameraSpan, Candidate, Coverage, PlateReading, SearchAnswer
from tests.builders import T0_NS, span


def search() -> kept.KeptSearch:
    candidate = Candidate(101, 1, "person", span(10, 20), 0.75, None, 1010, (1010, 1011), 7)
    coverage = Coverage(((CameraSpan(1, span(0, 5)), "outage"),), 3600.0, 3595.0)
    return kept.KeptSearch(1, T0_NS, 2, (7,), SearchAnswer(9, (candidate,), coverage, 42))


def test_what_was_written_reads_the_same() -> None:
    row = json.loads(json.dumps(kept.written(search())))
    assert kept.read(row) == search()


def test_a_plate_in_an_answer_reads_the_same() -> None:
    signs = (
        SignMatch("B", "8", 2, 0.3, -0.25, Outcome.SUBSTITUTED),
        SignMatch("1", "", -1, 0.0, -4.0, Outcome.MISSING),
    )
    reading = PlateReading(
        7, "京A8", (0.9, 0.8, 0.7), "cn_blue", "blue", 4, 1010, ((1.5, 2.0), (3.0, 2.0)), signs
    )
    (plain,) = search().answer.candidates
    found = replace(plain, cosine=None, probe_id=None, plate_llr=4.5, plate=reading, notes=("why",))
    asked = replace(search(), plate="京A B1", answer=replace(search().answer, candidates=(found,)))
    assert kept.read(json.loads(json.dumps(kept.written(asked)))) == asked


def test_a_reconstructions_candidate_reads_the_same() -> None:
    (plain,) = search().answer.candidates
    found = replace(plain, transit_llr=1.5, probability=0.8)
    made = replace(search(), answer=replace(search().answer, candidates=(found,)))
    assert kept.read(json.loads(json.dumps(kept.written(made)))) == made


def test_a_row_from_before_plates_were_read_reads_without_one() -> None:
    row = kept.written(search())
    del row["plate"]
    for name in ("plate", "plate_llr", "notes", "transit_llr", "probability"):
        del row["candidates"][0][name]
    assert kept.read(row) == search()


def test_the_pictures_of_an_answer_are_listed_once() -> None:
    assert kept.written(search())["shot_ids"] == [1010, 1011]


@pytest.mark.parametrize("lost", ["candidates", "coverage", "actor", "audit_seq"])
def test_a_row_that_lacks_something_is_corrupt(lost: str) -> None:
    row = kept.written(search())
    del row[lost]
    with pytest.raises(StorageCorrupt, match=lost):
        kept.read(row)
