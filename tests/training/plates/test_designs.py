"""Tests of clean plates: texts that fit, colours that are named, sheets of the right shape."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.plates.alphabet import ALPHABET
from core.plates.layouts import LAYOUTS, fits, layout_named
from tests.training.plates.builders import bars, letters
from training.plates.blank import Blank, Punch
from training.plates.designs import SHARES, plate_of, sample_plate, sample_text
from training.plates.press import Type, in_line


@pytest.mark.parametrize("layout", [one.name for one in LAYOUTS])
def test_sampled_text_fits_a_form_of_its_layout(layout: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        text = sample_text(layout, rng)
        assert any(fits(text, form) for form in layout_named(layout).forms), text


def test_every_layout_is_learnt() -> None:
    assert set(SHARES) == {one.name for one in LAYOUTS}


@pytest.mark.parametrize("layout", list(SHARES))
def test_plate_has_the_layouts_shape_and_colour(layout: str) -> None:
    known = layout_named(layout)
    for seed in range(4):
        plate = plate_of(letters(), np.random.default_rng(seed), layout)
        height, width = plate.rgb.shape[:2]
        assert width / height == pytest.approx(known.size_mm[0] / known.size_mm[1], rel=0.02)
        assert plate.colour in {ground for ground, _ in known.colours}
        assert set(plate.text) <= set(ALPHABET)


@pytest.mark.parametrize("layout", list(SHARES))
def test_given_text_is_the_text(layout: str) -> None:
    text = sample_text(layout, np.random.default_rng(8))
    assert plate_of(letters(), np.random.default_rng(1), layout, text).text == text


def test_letters_stand_out_from_the_ground() -> None:
    plate = plate_of(letters(), np.random.default_rng(1), "cn_blue")
    assert plate.rgb.max(axis=2).std() > 20


def test_unknown_layout_is_refused() -> None:
    with pytest.raises((InvalidInput, KeyError)):
        plate_of(letters(), np.random.default_rng(1), "xx_none")


def test_sampled_plates_follow_the_shares() -> None:
    rng = np.random.default_rng(2)
    assert sample_plate(letters(), rng, {"uk": 1.0, "us": 0.0}).layout == "uk"


def test_line_stays_in_its_box() -> None:
    blank = Blank((300.0, 100.0), (255, 255, 255))
    kind = Type("pen_cn", Punch(raised=0), (0, 0, 0))
    in_line(blank, ["WWWW", "MMMM"], (60.0, 20.0, 180.0, 60.0), letters(), kind)
    dark = np.flatnonzero(blank.finished((1, 0), 0)[..., 0].min(axis=0) < 128) / blank.scale
    assert dark.min() >= 57
    assert dark.max() <= 243


def test_line_tells_where_groups_part() -> None:
    blank = Blank((300.0, 100.0), (255, 255, 255))
    kind = Type("pen_cn", Punch(raised=0), (0, 0, 0))
    (middle,) = in_line(blank, ["HH", "HH"], (0.0, 20.0, 300.0, 60.0), letters(), kind)
    assert middle == pytest.approx(150, abs=3)


def test_relief_is_lit_from_one_side() -> None:
    blank = Blank((300.0, 100.0), (120, 120, 120))
    punch = Punch(raised=1.0)
    blank.letter(letters().fields["pen_cn"]["H"], (100, 20, 40, 60), (120, 120, 120), punch)
    lit = blank.finished((1.0, 0.0), 0.8).astype(int)[round(50 * blank.scale), :, 0]
    assert lit.max() > 130
    assert lit.min() < 110


def test_words_are_cut_at_the_edge() -> None:
    blank = Blank((300.0, 100.0), (255, 255, 255))
    blank.words(bars(), (250, 80, 100, 40), (0, 0, 0), keep_shape=False)
    assert blank.rgb[-1, round(260 * blank.scale) :].min() < 60
