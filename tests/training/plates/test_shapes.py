"""Tests of where letters come from: fonts, pens and the file that keeps them."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import NotFound
from core.plates.alphabet import ALPHABET
from tests.training.plates.builders import letters
from training.plates.fonts import FACES, LATIN, located
from training.plates.letters import (
    HEIGHT_PX,
    LEVELS_PER_PX,
    MARGIN_PX,
    Letters,
    field_of,
    made,
)
from training.plates.strokes import CHARACTERS, HANDS, drawn
from training.plates.wording import LETTERING


def test_located_names_the_packages_that_are_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"apt-get install .*fonts-opendin.*fonts-roadgeek"):
        located(LATIN, roots=[tmp_path])


def test_located_finds_files_in_any_folder_below(tmp_path: Path) -> None:
    file = tmp_path / "deep" / LATIN[0].file
    file.parent.mkdir()
    file.touch()
    assert located(LATIN[:1], roots=[tmp_path]) == {LATIN[0].name: file}


def test_every_face_says_its_licence() -> None:
    assert all(face.licence and face.package.startswith("fonts-") for face in FACES)


@pytest.mark.parametrize("hand", list(HANDS))
def test_pen_fills_its_box_from_top_to_bottom(hand: str) -> None:
    for sign in CHARACTERS:
        inked = np.flatnonzero(drawn(HANDS[hand], sign, 96).max(axis=1) > 127)
        assert inked[0] <= 2, sign
        assert inked[-1] >= 93, sign


def test_pen_draws_a_nine_as_a_turned_six() -> None:
    hand = HANDS["pen_cn"]
    six, nine = (drawn(hand, sign, 96).astype(int) for sign in "69")
    assert np.abs(six[::-1, ::-1] - nine).mean() < 6


def test_field_counts_pixels_from_the_edge() -> None:
    field = field_of(np.full((288, 144), 255, np.uint8))
    middle = field[MARGIN_PX + HEIGHT_PX // 2].astype(int)
    steps = np.diff(middle[MARGIN_PX + 1 : MARGIN_PX + 6])
    assert np.abs(steps - LEVELS_PER_PX).max() <= 2
    assert middle[MARGIN_PX - 1] < 128 < middle[MARGIN_PX]


def test_letters_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "letters.npz"
    field = letters().fields["pen_cn"]["A"]
    Letters({"one": {"A": field}}, {"sign": [field, field[:4]]}).save(path)
    again = Letters.load(path)
    assert np.array_equal(again.fields["one"]["A"], field)
    assert [strip.shape for strip in again.words["sign"]] == [field.shape, field[:4].shape]


def test_missing_letters_say_how_they_are_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"python -m training\.plates\.letters"):
        Letters.load(tmp_path / "none.npz")


@pytest.mark.slow
def test_fonts_have_every_letter_of_the_alphabet() -> None:
    try:
        located()
    except NotFound as error:
        pytest.skip(str(error))
    content = made(LETTERING)
    assert set(ALPHABET) <= {sign for fields in content.fields.values() for sign in fields}
    assert all(strip.max() > 127 for strips in content.words.values() for strip in strips)
