"""Which pictures a search shows: read once, told as it was kept, forgotten in time."""

from collections.abc import Mapping

import pytest

from cases.shown import SEARCHES_KEPT_IN_MIND, Shown, ShownLately
from core.errors import NotFound
from tests.builders import case

Row = dict[str, object]


def row(**changes: object) -> Row:
    made: Row = {
        "actor": 1,
        "case_version": 1,
        "at_ns": 50,
        "audit_seq": 7,
        "shot_ids": [10, 11],
    }
    return made | changes


class Kept:
    """Searches 1 to `count` of case 1, and which were read."""

    def __init__(self, count: int = 100) -> None:
        self.count = count
        self.read: list[int] = []

    def __call__(self, case_id: int, search_id: int) -> Mapping[str, object]:
        self.read.append(search_id)
        if case_id != 1 or search_id > self.count:
            raise NotFound(f"search {search_id}: none in case {case_id}")
        return row(audit_seq=search_id)


def test_a_search_is_read_once_for_all_its_pictures() -> None:
    kept = Kept()
    lately = ShownLately(kept)

    told = [lately.of(1, 5) for _ in range(3)]

    assert kept.read == [5]
    assert told == [Shown(1, 1, 50, 5, frozenset({10, 11}))] * 3


def test_a_search_of_another_case_is_not_mixed_up_with_it() -> None:
    lately = ShownLately(Kept())
    lately.of(1, 5)

    with pytest.raises(NotFound, match="none in case 2"):
        lately.of(2, 5)


def test_what_is_not_there_yet_is_asked_for_again() -> None:
    kept = Kept(count=0)
    lately = ShownLately(kept)
    with pytest.raises(NotFound):
        lately.of(1, 1)
    kept.count = 1

    assert lately.of(1, 1) is not None


def test_the_search_whose_pictures_were_asked_for_longest_ago_is_forgotten() -> None:
    kept = Kept()
    lately = ShownLately(kept)
    for search_id in range(1, SEARCHES_KEPT_IN_MIND + 1):
        lately.of(1, search_id)
    lately.of(1, 1)
    lately.of(1, 99)  # one too many: 2 goes
    kept.read.clear()

    for search_id in (1, 3, 99, 2):
        lately.of(1, search_id)

    assert kept.read == [2]


@pytest.mark.parametrize(
    "changes",
    [{"actor": None}, {"at_ns": "50"}, {"audit_seq": None}, {"shot_ids": None}],
    ids=str,
)
def test_a_row_that_does_not_say_so_shows_nothing(changes: Row) -> None:
    assert Shown.of(row(**changes)) is None


@pytest.mark.parametrize(
    ("shot_id", "actor", "version", "covered"),
    [(10, 1, 1, True), (12, 1, 1, False), (10, 2, 1, False), (10, 1, 2, False)],
)
def test_a_picture_is_covered_for_who_searched_while_the_case_is_the_same(
    shot_id: int, actor: int, version: int, covered: bool
) -> None:
    shown = Shown.of(row())
    assert shown is not None

    assert shown.covers(shot_id, actor, case(version=version)) is covered
