import numpy as np
import pytest

from core.errors import InvalidInput
from core.plates.layouts import KINDS, LAYOUTS, Layout, fits, kind_shares, layout_named


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_layout_rows_hold_the_first_form(layout: Layout) -> None:
    assert sum(layout.rows) == len(layout.forms[0])
    assert all(kind in KINDS for form in layout.forms for kind in form)


def test_layout_names_are_unique_and_shares_add_up_to_one() -> None:
    assert len({layout.name for layout in LAYOUTS}) == len(LAYOUTS)
    assert sum(layout.share for layout in LAYOUTS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("京A12345", "cn_blue"),
        ("粤BD12345", "cn_green"),
        ("粤B12345D", "cn_green_large"),
        ("苏E1234挂", "cn_trailer"),
        ("苏E1234学", "cn_learner"),
        ("京A1234警", "cn_police"),
        ("京X1234应急", "cn_emergency"),
        ("VA12345", "cn_military"),
        ("WJ京12345", "cn_armed_police"),
        ("粤Z7C59港", "cn_border"),
        ("014578使", "cn_embassy"),
        ("沪A0023领", "cn_consulate"),
        ("民航A0012", "cn_airport"),
        ("A12345", "cn_ebike"),
        ("RK828AG", "eu"),
        ("AB12CDE", "uk"),
        ("6RJN062", "us"),
        ("AZJ6991", "br_old"),
        ("ABC1D23", "br_mercosur"),
    ],
)
def test_a_plate_fits_its_layout(text: str, name: str) -> None:
    assert any(fits(text, form) for form in layout_named(name).forms)


def test_shares_of_each_kind_sum_to_one() -> None:
    for shares in kind_shares().values():
        assert shares.sum() == pytest.approx(1.0)
        assert np.all(shares >= 0)


def test_layout_named_lists_the_names_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"want one of cn_blue, .*, got martian"):
        layout_named("martian")
