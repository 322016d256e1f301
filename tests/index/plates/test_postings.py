"""What is kept to narrow readings down."""

import numpy as np
import pytest

from core.arrays import F32
from core.errors import TooLarge
from core.plates.alphabet import ABSENT, index_of
from index.plates.packing import packed
from index.plates.postings import EDGE, MOST_ROWS, gram_key, planes, postings_of
from index.segments import Array
from tests.core.plates.builders import logs, reading
from tests.index.plates.builders import readings


def kept(*reads: F32) -> dict[str, Array]:
    count = len(reads)
    return postings_of([packed(readings(reads), [""] * count, [""] * count)], count)


def keys(*texts: str) -> list[int]:
    """The grams of three signs; `^` and `$` are the ends."""
    columns = [[EDGE if sign in "^$" else int(index_of(sign)[0]) for sign in t] for t in texts]
    return sorted(int(gram_key(*three)) for three in columns)


def torn(text: str, place: int, other: str) -> F32:
    """A reading that is in two minds about one sign."""
    swapped = text[:place] + other + text[place + 1 :]
    return logs((np.exp(reading(text)) + np.exp(reading(swapped))) / 2)


def test_a_sure_reading_has_its_signs_in_threes_and_its_ends() -> None:
    found = kept(reading("京A123"))
    assert found["gram_keys"].tolist() == keys("^京A", "京A1", "A12", "123", "23$")


def test_a_doubted_sign_gives_the_grams_of_both() -> None:
    found = kept(torn("A12", 1, "7"))
    assert found["gram_keys"].tolist() == keys("^A1", "A12", "12$", "^A7", "A72", "72$")


def test_a_posting_tells_the_row_and_the_root_of_the_chance() -> None:
    found = kept(reading("K99"), torn("A12", 1, "7"))
    start = found["gram_starts"][found["gram_keys"].tolist().index(keys("A12")[0])]
    row, level = divmod(int(found["gram_rows"][start]), 256)
    assert row == 1
    assert (level / 255) ** 2 == pytest.approx(0.5 * 0.97**2, abs=0.02)


def test_a_void_position_is_passed_over() -> None:
    read = reading("A1X2")
    read[2] = reading("X", absent=0.8)[0]
    assert kept(read)["gram_keys"].tolist() == keys("^A1", "A12", "12$")


def test_a_gram_that_a_reading_has_twice_is_kept_once() -> None:
    found = kept(reading("11111"))
    assert found["gram_keys"].tolist() == keys("^11", "111", "11$")
    assert np.diff(found["gram_starts"]).tolist() == [1, 1, 1]


def test_postings_of_a_gram_ascend_by_row_over_all_blocks() -> None:
    blocks = [packed(readings([reading("A12")] * 3), [""] * 3, [""] * 3)] * 2
    found = postings_of(blocks, 6)
    low, high = found["gram_starts"][:2]
    assert (found["gram_rows"][low:high] >> 8).tolist() == list(range(6))


def test_planes_have_the_two_likeliest_signs_of_each_position() -> None:
    rows = packed(readings([torn("A12", 1, "7")]), [""], [""])
    first, second = planes(rows).reshape(2, -1)
    assert first[[0, 2]].tolist() == index_of("A2").tolist()
    assert {first[1], second[1]} == set(index_of("17").tolist())
    assert (first[3:] == EDGE).all()


def test_kept_planes_end_with_the_longest_reading() -> None:
    assert kept(reading("A12"), reading("K9999"))["signs"].shape == (2 * 5 * 2,)


def test_readings_without_a_sign_have_postings_of_nothing() -> None:
    void = np.full((1, ABSENT + 1), -np.inf, np.float32)
    void[0, ABSENT] = 0.0
    assert len(kept(void)["gram_rows"]) == 0


def test_more_rows_than_a_posting_can_name_are_refused() -> None:
    with pytest.raises(TooLarge, match="want at most 16777216 readings"):
        postings_of([], MOST_ROWS + 1)
