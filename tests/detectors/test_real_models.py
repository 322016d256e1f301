"""The public models on real footage. Wanted boxes were read off the pictures, or are the
reference implementation's where named."""

import numpy as np
import pytest

from core.arrays import F32
from core.geometry import iou
from core.types import ObjectClass
from tests.detectors.builders import frame
from tests.detectors.weights import DETECTORS, detector, picture

pytestmark = pytest.mark.testdata

CONFIDENT = 0.25

ONE_MAN = ("intel/one-by-one-person-detection.mp4", 330, [(380, 6, 543, 380)])
TWO_MEN = ("epfl_lab/Double1.mp4", 97, [(557, 2, 668, 295), (254, 2, 337, 202)])
SHOPPERS = (
    "mmptrack_retail/dev/cam1_f000-209.mp4",
    100,
    [(121, 234, 249, 359), (344, 85, 405, 290), (16, 174, 137, 342)],
)

# Ultralytics 8.4 on the same file and picture at confidence 0.1: xyxy and confidence.
REFERENCE = [
    (121.32, 235.16, 248.91, 357.96, 0.869),
    (345.46, 88.66, 404.70, 289.40, 0.591),
    (349.55, 140.08, 405.97, 288.78, 0.402),
    (16.32, 174.40, 136.96, 340.12, 0.337),
    (358.20, 87.65, 396.55, 156.37, 0.208),
    (33.28, 174.60, 122.49, 288.52, 0.192),
]


CAR = (285, 0, 396, 73)


def seen(name: str, clip: str, index: int) -> tuple[F32, F32]:
    """Boxes of people and their confidence, in one picture."""
    found = detector(name).detect([frame(picture(clip, index))])
    assert set(found.class_id.tolist()) <= {int(each) for each in ObjectClass}
    people = found.class_id == ObjectClass.PERSON
    return found.xyxy[people], found.confidence[people]


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize(("clip", "index", "wanted"), [ONE_MAN, TWO_MEN, SHOPPERS])
def test_everybody_is_seen_where_they_are(
    name: str, clip: str, index: int, wanted: list[tuple[float, float, float, float]]
) -> None:
    xyxy, confidence = seen(name, clip, index)
    overlaps = iou(np.array(wanted, np.float32), xyxy[confidence > CONFIDENT])
    assert overlaps.max(axis=1).min() > 0.6


@pytest.mark.parametrize("name", DETECTORS)
def test_cars_are_cars(name: str) -> None:
    found = detector(name).detect([frame(picture("intel/car-detection.mp4", 100))])
    cars = found.xyxy[(found.confidence > CONFIDENT) & (found.class_id == ObjectClass.CAR)]
    assert iou(np.array([CAR], np.float32), cars).max(initial=0) > 0.8


def test_yolov8_gives_what_its_reference_implementation_gives() -> None:
    xyxy, confidence = seen("yolov8n-int8", SHOPPERS[0], SHOPPERS[1])
    order = np.argsort(-confidence)
    wanted = np.array(REFERENCE, np.float32)
    assert np.abs(xyxy[order] - wanted[:, :4]).max() < 1
    assert np.abs(confidence[order] - wanted[:, 4]).max() < 0.01
