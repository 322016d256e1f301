import numpy as np
import pytest

from core.errors import InvalidInput
from scenes.numberplates import (
    STYLES,
    PlateStyle,
    plate_picture,
    plate_size_m,
    sample_plate,
)


@pytest.mark.parametrize("style", STYLES)
def test_a_sampled_plate_can_be_drawn(style: PlateStyle) -> None:
    picture = plate_picture(sample_plate(np.random.default_rng(1), style), style)
    width_m, height_m = plate_size_m(style)
    assert picture.shape[1] / picture.shape[0] == pytest.approx(width_m / height_m, rel=0.02)


@pytest.mark.parametrize("style", STYLES)
def test_plates_of_one_seed_are_the_same_text(style: PlateStyle) -> None:
    one, other = (sample_plate(np.random.default_rng(7), style) for _ in range(2))
    assert one == other


def test_plates_hardly_ever_repeat() -> None:
    rng = np.random.default_rng(2)
    texts = [sample_plate(rng, "blue") for _ in range(500)]
    assert len(set(texts)) == len(texts)


def test_another_letter_is_another_picture() -> None:
    one, other = plate_picture("京A12345", "blue"), plate_picture("京A12346", "blue")
    differs = (one != other).any(axis=(0, 2))
    assert differs.any()
    assert not differs[: len(differs) * 4 // 5].any()


def test_letters_stand_out_from_their_ground() -> None:
    for style in STYLES:
        text = sample_plate(np.random.default_rng(3), style)
        grey = plate_picture(text, style).mean(axis=2)
        assert grey.max() - grey.min() > 90


def test_a_picture_is_shared_and_cannot_be_written() -> None:
    picture = plate_picture("京A12345", "blue")
    assert picture is plate_picture("京A12345", "blue")
    assert not picture.flags.writeable


@pytest.mark.parametrize("text", ["", "京A1234", "京A1234?"])
def test_a_text_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="want 7 characters like blue"):
        plate_picture(text, "blue")
