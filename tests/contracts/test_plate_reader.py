"""What every `PlateReader` promises."""

from collections.abc import Callable

import numpy as np
import pytest

from core.arrays import U8
from core.plates.alphabet import COLUMNS
from core.protocols import PlateReader
from detectors.plate_reader import OnnxPlateReader
from tests.detectors.plate_models import BrightnessReaderSession

makers = pytest.mark.parametrize(
    "make",
    [pytest.param(lambda: OnnxPlateReader(BrightnessReaderSession(), batch=2), id="brightness")],
)
MakeReader = Callable[[], PlateReader]


def plates(reader: PlateReader, count: int) -> U8:
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, 3, *reader.spec.input_hw), np.uint8)


@makers
def test_no_plates_are_no_reads(make: MakeReader) -> None:
    reader = make()
    assert list(reader.read(plates(reader, 0))) == []


@makers
def test_every_row_of_a_read_is_a_distribution(make: MakeReader) -> None:
    reader = make()
    for read in reader.read(plates(reader, 3)):
        assert read.log_probs.shape[1] == COLUMNS
        assert np.allclose(np.exp(read.log_probs).sum(axis=1), 1, atol=1e-3)


@makers
def test_batch_of_plates_equals_plates_alone(make: MakeReader) -> None:
    reader = make()
    several = plates(reader, 5)
    for row, read in enumerate(reader.read(several)):
        (alone,) = reader.read(several[row : row + 1])
        assert np.allclose(read.log_probs, alone.log_probs, atol=1e-3)
        assert (read.layout, read.colour) == (alone.layout, alone.colour)
