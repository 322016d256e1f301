"""From pictures and their vehicles to reads with time and place."""

import numpy as np

from core.plates.alphabet import likeliest_text
from core.types import no_detections
from detectors.plate_finder import OnnxPlateFinder, boxes_of
from detectors.plate_reader import OnnxPlateReader
from detectors.plate_sight import read_plates
from tests.detectors.plate_models import (
    BlockFinderSession,
    BrightnessReaderSession,
    street,
    vehicles,
)

CAR = (200.0, 150.0, 500.0, 400.0)
FINDER, READER = OnnxPlateFinder(BlockFinderSession()), OnnxPlateReader(BrightnessReaderSession())


def test_read_knows_its_time_its_corners_and_its_vehicle() -> None:
    surfaces = [street(), street((300, 300, 360, 320))]
    cars = vehicles(CAR, CAR, frames=(0, 1))
    (one,) = read_plates(FINDER, READER, surfaces, cars, np.array([7, 9], np.int64))
    assert (one.row, one.read.device_ns) == (1, 9)
    assert np.allclose(boxes_of(one.read.corners[None]), [[300, 300, 360, 320]], atol=2)
    assert len(likeliest_text(one.read.log_probs)) == 8


def test_no_vehicles_are_no_sightings() -> None:
    assert read_plates(FINDER, READER, [street()], no_detections(), np.zeros(1, np.int64)) == []
