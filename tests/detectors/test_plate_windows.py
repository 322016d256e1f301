"""Where a finder looks, and how pixels get there."""

import numpy as np
import pytest

from detectors.plate_windows import AROUND, cut, window_around
from ingest.surface import HostSurface

INPUT_HW = (96, 128)
PICTURE_HW = (480, 640)


def around(*box: float, picture_hw: tuple[int, int] = PICTURE_HW) -> tuple[int, int, int, int]:
    window = window_around(0, np.array(box, np.float32), picture_hw, INPUT_HW)
    return window.left, window.top, window.right, window.bottom


def test_window_holds_the_box_and_its_margin_in_the_inputs_shape() -> None:
    left, top, right, bottom = around(300, 200, 400, 250)
    assert right - left == round(100 * (1 + 2 * AROUND))
    assert (right - left) / (bottom - top) == pytest.approx(128 / 96, rel=0.02)
    assert left + right == pytest.approx(700, abs=1)


def test_upright_box_is_looked_at_with_what_stands_beside_it() -> None:
    left, top, right, bottom = around(300, 100, 340, 200)
    assert bottom - top == round(100 * (1 + 2 * AROUND))
    assert (right - left) / (bottom - top) == pytest.approx(128 / 96, rel=0.02)


def test_window_is_moved_into_the_picture() -> None:
    left, _, right, bottom = around(0, 440, 60, 480)
    assert (left, bottom) == (0, 480)
    assert right - left == round(60 * (1 + 2 * AROUND))


def test_window_larger_than_the_picture_is_cut() -> None:
    assert around(0, 0, 640, 480) == (0, 0, 640, 480)
    assert around(0, 0, 50, 400, picture_hw=(400, 50)) == (0, 0, 50, 400)


def test_box_without_an_inside_still_has_a_window() -> None:
    left, top, right, bottom = around(700, 500, 700, 500)
    assert 0 <= left < right <= 640
    assert 0 <= top < bottom <= 480


def test_cut_window_lies_in_the_upper_left_and_its_border_repeats() -> None:
    rgb = np.zeros((100, 50, 3), np.uint8)
    rgb[:, 49] = 200
    window = window_around(0, np.array([0, 0, 50, 100], np.float32), (100, 50), INPUT_HW)
    slot = np.empty((*INPUT_HW, 3), np.uint8)
    across, down = cut(HostSurface.of_rgb(rgb), window, slot)
    assert across == down == 0.96
    assert slot[:, :40].max() == 0
    assert slot[:, 60:].min() > 150
