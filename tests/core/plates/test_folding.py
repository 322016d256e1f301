# ruff: noqa: RUF001 - full-width and foreign signs are what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.plates.folding import comparable, folded
from core.plates.layouts import layout_named
from tests.core.plates.builders import CALM


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("京A·12345", "京A12345"),
        (" 京a １２-345 ", "京A12345"),
        ("京A•1２３４５", "京A12345"),
        ("滬A12345", "沪A12345"),
        ("粵Z1234港", "粤Z1234港"),
        ("ab–12 cd", "AB12CD"),
        ("TÜ-Ö 77", "TUO77"),
        ("А123ВС", "A123BC"),
        ("ΥΖΑ-4471", "YZA4471"),
        ("京A\u200b12345\ufeff", "京A12345"),
        ("京？＊", "京?*"),
        ("", ""),
    ],
)
def test_folded_brings_each_way_to_type_a_plate_to_one(typed: str, canonical: str) -> None:
    assert folded(typed) == canonical


SIGNS = st.one_of(
    st.integers(0x20, 0x24F), st.integers(0x370, 0x52F), st.integers(0x2000, 0x2FFFF)
).map(chr)


@given(st.lists(SIGNS, max_size=12).map("".join))
@CALM
def test_folded_twice_is_folded_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_folded_keeps_what_has_no_place_on_a_plate() -> None:
    assert folded("a%🚗;") == "A%🚗;"


@pytest.mark.parametrize("layout", ["us", "eu", "uk", "br_old", "br_mercosur"])
def test_comparable_writes_twins_alike_where_the_layout_cannot_tell(layout: str) -> None:
    assert comparable("OI-01", layout_named(layout)) == "0101"


def test_comparable_puts_twins_right_by_position_in_china() -> None:
    assert comparable("京AO12I4", layout_named("cn_blue")) == "京A01214"


def test_comparable_leaves_a_text_that_fits_no_form() -> None:
    assert comparable("京AO1", layout_named("cn_blue")) == "京AO1"
