"""What the detector of coloured shapes sees, and what it does not."""

import cv2
import numpy as np
import pytest

from core.arrays import U8
from core.types import ObjectClass
from detectors.fake import ColourDetector, shapes
from tests.detectors.builders import frame, grey

RED, BLUE, BROWNISH = (210, 30, 30), (30, 40, 210), (130, 120, 110)
SIZE = (360, 640)


def painted(*rectangles: tuple[int, int, int, int, tuple[int, int, int]]) -> U8:
    picture = grey(SIZE)
    for x1, y1, x2, y2, colour in rectangles:
        picture[y1:y2, x1:x2] = colour
    return picture


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (30, 80, ObjectClass.PERSON),
        (50, 60, ObjectClass.BICYCLE_RIDER),
        (120, 60, ObjectClass.CAR),
    ],
)
def test_outline_says_the_class(width: int, height: int, wanted: ObjectClass) -> None:
    found = ColourDetector().detect([frame(painted((50, 40, 50 + width, 40 + height, RED)))])
    assert found.class_id.tolist() == [wanted]
    assert np.allclose(found.xyxy, [[50, 40, 50 + width, 40 + height]], atol=1)


def test_two_colours_that_touch_are_one_subject() -> None:
    found = ColourDetector().detect(
        [frame(painted((50, 40, 80, 80, RED), (50, 80, 80, 120, BLUE)))]
    )
    assert len(found) == 1


def test_shapes_apart_are_subjects_apart() -> None:
    found = ColourDetector().detect(
        [frame(painted((50, 40, 80, 120, RED), (90, 40, 120, 120, RED)))]
    )
    assert len(found) == 2


def test_dull_shape_is_not_seen() -> None:
    assert len(ColourDetector().detect([frame(painted((50, 40, 80, 120, BROWNISH)))])) == 0


def test_speck_is_not_seen() -> None:
    assert len(ColourDetector().detect([frame(painted((50, 40, 54, 44, RED)))])) == 0


def test_confidence_is_how_much_of_its_box_a_shape_fills() -> None:
    picture = grey(SIZE)
    cv2.ellipse(picture, (300, 180), (40, 80), 0, 0, 360, RED, -1)
    (full,) = shapes(painted((50, 40, 80, 120, RED)))[1]
    (round_one,) = shapes(picture)[1]
    assert full == 1
    assert round_one == pytest.approx(np.pi / 4, abs=0.02)


def test_boxes_are_source_pixels_of_a_larger_picture() -> None:
    large = cv2.resize(
        painted((50, 40, 80, 120, RED)), (1280, 720), interpolation=cv2.INTER_NEAREST
    )
    found = ColourDetector().detect([frame(large.astype(np.uint8))])
    assert np.allclose(found.xyxy, [[100, 80, 160, 240]], atol=3)
