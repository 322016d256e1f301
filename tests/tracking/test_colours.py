"""Colours of a box's bands: what they are, and what they leave out."""

import numpy as np
import pytest

from core.arrays import F32, U8
from tests.tracking.looks import NoisySurface
from tracking.colours import BANDS, band_colours, colour_distances


class Flag(NoisySurface):
    """Crops with a red upper half, a blue lower one, and white sides."""

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        height, width = hw
        crops = np.full((len(xyxy), 3, height, width), 255, np.uint8)
        upper, lower = np.array([200, 0, 0], np.uint8), np.array([0, 0, 200], np.uint8)
        crops[:, :, : height // 2, 2:-2] = upper[:, None, None]
        crops[:, :, height // 2 :, 2:-2] = lower[:, None, None]
        return crops


ONE = np.array([[10, 10, 50, 90]], np.float32)


def test_bands_go_from_top_to_bottom_and_leave_out_the_sides() -> None:
    bands = band_colours(Flag(), ONE).reshape(BANDS, 3)
    assert np.ptp(bands[: BANDS // 2], axis=0) == pytest.approx(0)
    assert np.ptp(bands[BANDS // 2 :], axis=0) == pytest.approx(0)
    red, blue = bands[0], bands[-1]
    assert min(red[1:]) > 1  # CIELAB: a* red, b* yellow
    assert blue[2] < -1
    assert 0 <= blue[0] < red[0] <= 1


def test_no_boxes_give_no_rows() -> None:
    assert band_colours(Flag(), np.empty((0, 4), np.float32)).shape == (0, 3 * BANDS)


def test_distance_is_the_root_mean_square() -> None:
    tracks = np.array([[0, 0], [1, 1]], np.float32)
    boxes = np.array([[3, 4], [1, 1], [0, 0]], np.float32)
    expected = [[np.sqrt(12.5), 1, 0], [np.sqrt(6.5), 0, 1]]
    assert colour_distances(tracks, boxes) == pytest.approx(np.array(expected))
