"""A search's answer survives being written as JSON and read back."""

import json

import pytest

from cases import kept
from core.errors import StorageCorrupt
from core.types import CameraSpan, Candidate, Coverage, SearchAnswer
from tests.builders import T0_NS, span


def search() -> kept.KeptSearch:
    candidate = Candidate(101, 1, "person", span(10, 20), 0.75, None, 1010, (1010, 1011), 7)
    coverage = Coverage(((CameraSpan(1, span(0, 5)), "outage"),), 3600.0, 3595.0)
    return kept.KeptSearch(1, T0_NS, 2, (7,), SearchAnswer(9, (candidate,), coverage, 42))


def test_what_was_written_reads_the_same() -> None:
    row = json.loads(json.dumps(kept.written(search())))
    assert kept.read(row) == search()


def test_the_pictures_of_an_answer_are_listed_once() -> None:
    assert kept.written(search())["shot_ids"] == [1010, 1011]


@pytest.mark.parametrize("lost", ["candidates", "coverage", "actor", "audit_seq"])
def test_a_row_that_lacks_something_is_corrupt(lost: str) -> None:
    row = kept.written(search())
    del row[lost]
    with pytest.raises(StorageCorrupt, match=lost):
        kept.read(row)
