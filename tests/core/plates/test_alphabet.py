import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.plates.alphabet import (
    ABSENT,
    ALPHABET,
    COLUMNS,
    DIGITS,
    LETTERS,
    PROVINCES,
    SPECIALS,
    index_of,
    likely_right,
    text_of,
)
from tests.core.plates.builders import CALM


def test_alphabet_has_each_sign_once_in_its_documented_order() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 10 + 26 + 31 + 15
    assert ALPHABET == DIGITS + LETTERS + PROVINCES + SPECIALS
    assert COLUMNS == ABSENT + 1 == 83


@given(st.text(alphabet=ALPHABET, max_size=12))
@CALM
def test_text_of_columns_is_the_text_they_came_from(text: str) -> None:
    assert text_of(index_of(text)) == text


def test_text_of_leaves_absent_out() -> None:
    assert text_of(np.array([10, ABSENT, 1])) == "A1"


def test_index_of_nothing_is_empty() -> None:
    assert index_of("").tolist() == []


def test_index_of_a_sign_outside_the_alphabet_names_it() -> None:
    with pytest.raises(InvalidInput, match="got 'é'"):
        index_of("Aé")


@pytest.mark.parametrize("column", [-1, COLUMNS])
def test_text_of_a_column_that_does_not_exist_raises(column: int) -> None:
    with pytest.raises(InvalidInput, match=f"want 0 to 82, got {column}"):
        text_of([column])


def test_signs_that_are_likely_right_are_counted_without_those_that_are_absent() -> None:
    chances = np.full((3, COLUMNS), 1e-9)
    chances[0, 3], chances[1, 40], chances[2, ABSENT] = 0.9, 0.4, 1.0
    assert likely_right(np.log(chances).astype(np.float32)) == pytest.approx(1.3)
    assert likely_right(np.zeros((0, COLUMNS), np.float32)) == 0.0
