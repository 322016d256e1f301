"""From pictures and their vehicles to reads with time and place."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from core.arrays import U8
from core.plates.alphabet import ALPHABET, COLUMNS, likeliest_text
from core.plates.rectifying import NEARBY
from core.types import ModelSpec, PlateRead, no_detections
from detectors.plate_finder import OnnxPlateFinder, boxes_of
from detectors.plate_reader import OnnxPlateReader
from detectors.plate_sight import read_at, read_plates, silence_of
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


@dataclass
class Doubter:
    """Reads A or B of one sign: at first with the chance `first` of A, later ones with 0.9 of B."""

    first: float
    asked: list[int] = field(default_factory=list)

    @property
    def spec(self) -> ModelSpec:
        return READER.spec

    def read(self, rectified: U8) -> list[PlateRead]:
        sure = self.first if not self.asked else 0.1
        self.asked.append(len(rectified))
        chances = np.full((1, COLUMNS), 1e-9)
        chances[0, ALPHABET.index("A")], chances[0, ALPHABET.index("B")] = sure, 1 - sure
        log_probs = np.asarray(np.log(chances), np.float32)
        nowhere = np.zeros((4, 2), np.float32)
        return [PlateRead(log_probs, "any", "any", 0, nowhere) for _ in rectified]


CORNERS = np.array([[[300, 300], [360, 300], [360, 320], [300, 320]]], np.float32)


def test_a_sure_read_stands() -> None:
    reader = Doubter(0.97)
    (read,) = read_at(reader, [street()], CORNERS)
    assert (likeliest_text(read.log_probs), reader.asked) == ("A", [1, 0])
    assert np.array_equal(read.corners, CORNERS[0])


def test_a_doubted_read_is_read_again_with_corners_nearby_and_their_logarithms_meet() -> None:
    reader = Doubter(0.8)
    (read,) = read_at(reader, [street()], CORNERS)
    assert reader.asked == [1, NEARBY]
    chances = np.exp(read.log_probs[0])
    odds = (0.8 / 0.2) ** (1 / (1 + NEARBY)) * (0.1 / 0.9) ** (NEARBY / (1 + NEARBY))
    assert chances[ALPHABET.index("A")] == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(read.corners, CORNERS[0])


def test_silence_is_the_mean_of_what_is_read_on_even_pictures() -> None:
    doubter = Doubter(0.25)
    silence = silence_of(doubter)
    assert doubter.asked == [5]
    a_and_b = np.exp(silence[0, [ALPHABET.index("A"), ALPHABET.index("B")]])
    assert a_and_b == pytest.approx([0.25, 0.75], abs=1e-3)
    assert np.exp(silence.min()) == pytest.approx(1e-4, rel=1e-3)
