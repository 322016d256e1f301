"""Tests of plates made level, from a whole picture and from a surface: one and the same view."""

import cv2
import numpy as np
import pytest

from core.arrays import F32, U8
from core.errors import InvalidInput
from core.plates.rectifying import (
    INSET,
    NEARBY,
    nearby_corners,
    rectified,
    rectified_plates,
)
from ingest.surface import HostSurface

SIZE_HW = (48, 160)
STEEP = np.array([[0.1, 0.1], [0.8, 0.2], [0.8, 0.6], [0.1, 0.4]], np.float32)


def corners_of(wide_px: float) -> F32:
    return np.asarray(STEEP * wide_px + 5, np.float32)


def plate(corners: F32, wide_px: float) -> U8:
    """A white plate on black, its edges at the corners."""
    rgb = np.zeros((round(wide_px * 0.8), round(wide_px * 1.4), 3), np.uint8)
    cv2.fillPoly(rgb, [np.rint((corners - 0.5) * 16).astype(np.int32)], (255, 255, 255), shift=4)
    return rgb


def noise(hw: tuple[int, int] = (200, 300)) -> U8:
    coarse = np.random.default_rng(0).integers(0, 256, (hw[0] // 5, hw[1] // 5, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, hw[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


@pytest.mark.parametrize("wide_px", [60.0, 900.0])
def test_level_plate_lies_inside_its_inset(wide_px: float) -> None:
    corners = corners_of(wide_px)
    level = rectified(plate(corners, wide_px), corners, SIZE_HW)[..., 0]
    height, width = SIZE_HW
    x, y = round(INSET[0] * width), round(INSET[1] * height)
    assert level[y + 2 : height - y - 2, x + 3 : width - x - 3].min() > 200
    assert level[: y - 2].max() < 60
    assert level[:, : x - 3].max() < 60


@pytest.mark.parametrize("wide_px", [70.0, 120.0])
def test_plate_of_a_surface_is_the_same_as_of_the_whole_picture(wide_px: float) -> None:
    rgb, corners = noise(), corners_of(wide_px)
    whole = rectified(rgb, corners, SIZE_HW).transpose(2, 0, 1)
    piece = rectified_plates(HostSurface.of_rgb(rgb), corners[None], SIZE_HW)[0]
    assert np.abs(piece.astype(int) - whole).max() <= 2


def test_plate_beyond_the_picture_repeats_its_border() -> None:
    surface = HostSurface.of_rgb(np.full((40, 60, 3), 77, np.uint8))
    beyond = np.array([[[50, 30], [90, 30], [90, 44], [50, 44]]], np.float32)
    assert (rectified_plates(surface, beyond, SIZE_HW) == 77).all()


def test_no_corners_give_no_plates() -> None:
    surface = HostSurface.of_rgb(noise())
    assert rectified_plates(surface, np.empty((0, 4, 2), np.float32), SIZE_HW).shape[0] == 0


def test_corners_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidInput, match="corners: want float32"):
        rectified_plates(HostSurface.of_rgb(noise()), np.zeros((2, 4), np.float32), SIZE_HW)


LEVEL = np.array([[[10, 20], [110, 20], [110, 50], [10, 50]]], np.float32)


def test_nearby_corners_are_sheared_and_turned_about_the_middle() -> None:
    left, right, against, clockwise, *_ = nearby_corners(LEVEL)[0] - LEVEL[0]
    # A shear moves the upper edge against the lower one, by 0.15 of the height in all.
    assert np.allclose(left[:, 0], [-2.25, -2.25, 2.25, 2.25], atol=1e-4)
    assert np.allclose(right, -left, atol=1e-4)
    assert np.allclose(left[:, 1], 0, atol=1e-4)
    # y grows downwards: clockwise, the right edge sinks.
    assert clockwise[1, 1] > 1 > -1 > clockwise[0, 1]
    assert against[0, 1] > 1 > -1 > against[1, 1]
    assert np.allclose(nearby_corners(LEVEL).mean(axis=2), LEVEL.mean(axis=1)[:, None], atol=1e-4)


def test_nearby_corners_are_narrower_and_wider_lower_and_higher() -> None:
    sizes = np.ptp(nearby_corners(LEVEL)[0, 4:], axis=1)
    wanted = [(94, 30), (106, 30), (100, 26.4), (100, 33.6)]
    assert np.allclose(sizes, wanted, atol=1e-3)


def test_nearby_corners_turn_with_the_plate() -> None:
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]], np.float32)  # a quarter
    wanted = nearby_corners(LEVEL) @ turn
    assert np.allclose(nearby_corners(np.asarray(LEVEL @ turn, np.float32)), wanted, atol=1e-3)


def test_no_corners_have_none_nearby() -> None:
    assert nearby_corners(np.empty((0, 4, 2), np.float32)).shape == (0, NEARBY, 4, 2)
