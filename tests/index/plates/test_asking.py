"""What the files are asked for a pattern."""

import pytest

from core.plates.alphabet import COLUMNS, index_of
from core.plates.confusion import default_confusion
from core.plates.patterns import parse_pattern
from index.plates.asking import Question, question
from index.plates.postings import EDGE, gram_key


def asked(query: str) -> Question:
    return question(parse_pattern(query), default_confusion())


def likeliest(query: str) -> list[str]:
    """The gram of each window that needs no slip; `^` stands for either end."""
    shown = []
    for window in asked(query).windows:
        key = int(window.keys[window.roots.argmax()])
        columns = [key // COLUMNS**2, key // COLUMNS % COLUMNS, key % COLUMNS]
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        provinces = {int(index_of(sign)[0]): sign for sign in "京粤"} | {EDGE: "^"}
        shown.append("".join(provinces.get(c) or signs[c] for c in columns))
    return shown


@pytest.mark.parametrize(
    ("query", "grams", "covered"),
    [
        ("京A12345", ["^京A", "京A1", "A12", "123", "234", "345", "45^"], True),
        ("京A?2345", ["^京A", "234", "345", "45^"], True),
        ("*A?2345", ["234", "345", "45^"], False),
        ("粤B*88", ["^粤B", "88^"], True),
        ("*345*", ["345"], True),
        ("345", ["345"], True),
        ("12", [], False),
        ("A?1", [], False),
        ("*12*3", [], False),
    ],
)
def test_windows_are_signs_side_by_side(query: str, grams: list[str], covered: bool) -> None:
    assert likeliest(query) == grams
    assert asked(query).covered == covered


def test_a_window_asks_for_look_alikes_by_the_root_of_their_chance() -> None:
    (window,) = asked("A20").windows
    confused = default_confusion().seen_given_true[0, index_of("D")[0]]
    place = window.keys.tolist().index(int(gram_key(*index_of("A2D").tolist())))
    assert window.roots[place] == pytest.approx(confused**0.5)
    assert window.roots.max() == 1


@pytest.mark.parametrize(
    ("query", "offsets"),
    [
        ("京A12345", [range(-1, 2)]),
        ("A12345", [range(-1, 5)]),
        ("*京A12345", [range(-1, 4)]),
        ("12", [range(9)]),
        ("粤B*88", [range(2), range(9)]),
        ("*3?5*", [range(8)]),
    ],
)
def test_blocks_may_begin_where_a_plate_has_room(query: str, offsets: list[range]) -> None:
    assert [block.offsets for block in asked(query).blocks] == offsets


def test_a_block_knows_its_signs_by_place() -> None:
    (block,) = asked("*3?5*").blocks
    assert [(place, sign) for place, sign, _ in block.signs] == [(0, 3), (2, 5)]
