"""Tests of the way from a plate to a picture: hanging, posing, taking."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.arrays import U8
from tests.training.plates.builders import letters
from training.plates.cameras import Taken, sample_taken, taken
from training.plates.designs import plate_of
from training.plates.mounting import mounted
from training.plates.poses import jittered_corners, sample_corners, upright_box

PLAIN = Taken(
    gain=(1.0, 1.0, 1.0), gamma=1.0, vivid=1.0, infrared=False, plate_gain=1.0, shadow=1.0,
    glare=0.0, haze=0.0, focus_px=0.0, smear_px=0.0, smear_angle=0.0, sharpened=0.0, noise=0.0,
    enlarged=1.0, jpeg=(), video=False,
)  # fmt: skip


def stripes(height: int = 40, width: int = 100) -> U8:
    rgb = np.full((height, width, 3), 60, np.uint8)
    rgb[:, ::8] = (200, 120, 40)
    return rgb


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_plain_camera_changes_nothing() -> None:
    assert np.array_equal(taken(stripes(), PLAIN, rng()), stripes())


@pytest.mark.parametrize(
    "spoilt",
    [
        {"focus_px": 2.0}, {"smear_px": 6.0}, {"noise": 9.0}, {"haze": 0.4}, {"glare": 0.8},
        {"shadow": 0.4}, {"jpeg": (30,)}, {"video": True}, {"gamma": 1.5}, {"vivid": 0.2},
        {"sharpened": 1.5, "focus_px": 1.0}, {"gain": (0.4, 0.5, 0.6)},
    ],
)  # fmt: skip
def test_each_fault_changes_the_picture_but_not_its_size(spoilt: dict[str, object]) -> None:
    seen = taken(stripes(), replace(PLAIN, **spoilt), rng())  # type: ignore[arg-type]
    assert seen.shape == stripes().shape
    assert not np.array_equal(seen, stripes())


def test_enlarged_picture_is_larger() -> None:
    assert taken(stripes(), replace(PLAIN, enlarged=2.0), rng()).shape == (80, 200, 3)


def test_infrared_is_grey_even_with_noise() -> None:
    seen = taken(stripes(), replace(PLAIN, infrared=True, noise=8.0), rng()).astype(int)
    assert np.ptp(seen, axis=2).max() <= 1


def test_thrown_light_reaches_only_what_is_lit() -> None:
    lit = np.zeros((40, 100), np.uint8)
    lit[:, 50:] = 255
    seen = taken(stripes(), replace(PLAIN, plate_gain=2.0), rng(), lit)
    assert np.array_equal(seen[:, :50], stripes()[:, :50])
    assert seen[0, 51, 0] == 120  # twice 60


def test_smear_keeps_the_light() -> None:
    flat = np.full((40, 100, 3), 90, np.uint8)
    assert np.abs(taken(flat, replace(PLAIN, smear_px=7.3), rng()).astype(int) - 90).max() <= 1


def test_blur_stays_in_proportion_to_the_plate() -> None:
    widest = [
        max(sample_taken(rng(s), wide).focus_px for s in range(200)) for wide in (20.0, 120.0)
    ]
    assert widest[0] < 1.0 < widest[1]


def test_corners_are_as_wide_as_asked() -> None:
    for seed in range(20):
        corners = sample_corners(rng(seed), 3.1, 80.0)
        sides = np.linalg.norm(corners[[1, 2]] - corners[[0, 3]], axis=1)
        assert sides.mean() == pytest.approx(80, rel=1e-3)


def test_corners_go_round_clockwise_without_crossing() -> None:
    for seed in range(100):
        corners = sample_corners(rng(seed), 3.1, 80.0)
        assert cv2.isContourConvex(corners)
        assert cv2.contourArea(corners, oriented=True) > 0


def test_corners_without_spread_stay() -> None:
    corners = sample_corners(rng(), 3.1, 80.0)
    assert np.allclose(jittered_corners(corners, rng(), 0.0), corners)


def test_upright_box_holds_every_corner() -> None:
    corners = sample_corners(rng(4), 3.1, 80.0)
    box = upright_box(corners)
    assert (box[0] <= corners.min(axis=0)).all()
    assert (box[2] >= corners.max(axis=0)).all()


@pytest.mark.parametrize("seed", range(12))
def test_mounted_corners_lie_on_the_canvas(seed: int) -> None:
    plate = plate_of(letters(), rng(seed), "us")
    hung = mounted(plate, letters(), rng(seed), 90)
    height, width = hung.rgba.shape[:2]
    assert hung.rgba.shape[2] == 4
    assert (hung.corners.min(axis=0) >= -1).all()
    assert (hung.corners.max(axis=0) <= (width + 1, height + 1)).all()
    assert hung.corners[1, 0] - hung.corners[0, 0] == 90
