"""Small pictures: of few heights, never larger, looking like what they were made of."""

import cv2
import numpy as np
import pytest

from core.arrays import U8
from core.errors import MediaCorrupt
from ingest.surface import HostSurface, encoded
from ingest.thumbnails import HEIGHTS_PX, height_for, small_frame, thumbnail


def halves(height: int, width: int) -> U8:
    """Red above blue, BGR."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2] = (0, 0, 200)
    pixels[height // 2 :] = (200, 0, 0)
    return pixels


def decoded(jpeg: bytes | None) -> U8:
    assert jpeg is not None
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def assert_halves(pixels: U8) -> None:
    height = len(pixels)
    for rows, wanted in ((slice(0, height // 4), (0, 0, 200)), (slice(-height // 4, None), 0)):
        middle = pixels[rows].reshape(-1, 3).mean(axis=0)
        colour = (200, 0, 0) if wanted == 0 else wanted
        assert np.abs(middle - colour).max() < 12


@pytest.mark.parametrize(
    ("wanted", "given"), [(1, 96), (96, 96), (97, 192), (160, 192), (768, 768), (769, None)]
)
def test_the_next_height_that_is_enough_is_taken(wanted: int, given: int | None) -> None:
    assert height_for(wanted) == given


@pytest.mark.parametrize("height", HEIGHTS_PX)
@pytest.mark.parametrize("size", [(1080, 1920), (777, 301), (3000, 1999)])
def test_a_thumbnail_has_the_height_and_the_shape(size: tuple[int, int], height: int) -> None:
    small = thumbnail(encoded(halves(*size)), height)

    if size[0] <= height:
        assert small is None
        return
    pixels = decoded(small)
    assert pixels.shape[:2] == (height, round(size[1] * height / size[0]))
    assert_halves(pixels)


def test_a_picture_that_is_small_already_stays_the_original() -> None:
    assert thumbnail(encoded(halves(96, 40)), 96) is None
    assert thumbnail(encoded(halves(4, 4)), 96) is None


def test_the_slimmest_picture_keeps_a_pixel_of_width() -> None:
    assert decoded(thumbnail(encoded(halves(2000, 2)), 96)).shape == (96, 1, 3)


@pytest.mark.parametrize("cut", [0, 4, 300])
def test_a_kept_picture_that_broke_is_corrupt(cut: int) -> None:
    with pytest.raises(MediaCorrupt):
        thumbnail(encoded(halves(480, 640))[:cut], 96)


def test_a_frame_is_made_small_from_its_surface() -> None:
    surface = HostSurface.of_bgr(halves(720, 1280))

    pixels = decoded(small_frame(surface, 192))

    assert pixels.shape == (192, 341, 3)
    assert_halves(pixels)
    assert small_frame(surface, 768) is None
