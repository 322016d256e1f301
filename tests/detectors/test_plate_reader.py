"""Level plates to reads; outputs that are not ours are refused."""

import numpy as np
import pytest

from core.arrays import F32, U8
from core.errors import InvalidInput, ModelMismatch
from core.plates.alphabet import COLUMNS, likeliest_text
from detectors.plate_reader import OnnxPlateReader
from tests.detectors.plate_models import (
    READER_HW,
    BlockFinderSession,
    BrightnessReaderSession,
)


def plates(*brightness: int) -> U8:
    return np.stack([np.full((3, *READER_HW), level, np.uint8) for level in brightness])


def test_read_has_text_layout_and_colour() -> None:
    read, other = OnnxPlateReader(BrightnessReaderSession()).read(plates(30, 110))
    assert likeliest_text(read.log_probs) == "3" * 8
    assert (read.layout, read.colour) == ("eu", "blue")  # 3 is odd, and a multiple of three
    assert likeliest_text(other.log_probs) == "B" * 8


def test_time_and_place_are_left_to_the_caller() -> None:
    (read,) = OnnxPlateReader(BrightnessReaderSession()).read(plates(30))
    assert read.device_ns == 0
    assert not read.corners.any()


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_order_is_kept_whatever_the_batch(batch: int) -> None:
    reads = OnnxPlateReader(BrightnessReaderSession(), batch=batch).read(plates(10, 20, 30, 40, 50))
    assert [likeliest_text(read.log_probs)[0] for read in reads] == list("12345")


def test_no_plates_are_no_reads() -> None:
    nothing = np.empty((0, 3, *READER_HW), np.uint8)
    assert OnnxPlateReader(BrightnessReaderSession()).read(nothing) == []


def test_plates_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidInput, match="rectified: want uint8"):
        OnnxPlateReader(BrightnessReaderSession()).read(np.zeros((1, 3, 32, 128), np.uint8))


def test_model_with_another_alphabet_is_refused() -> None:
    with pytest.raises(ModelMismatch, match=rf"\(any, P, {COLUMNS}\)"):
        OnnxPlateReader(BrightnessReaderSession(columns=COLUMNS - 1))


def test_model_that_does_not_name_its_layouts_is_refused() -> None:
    with pytest.raises(ModelMismatch, match="for its labels"):
        OnnxPlateReader(BrightnessReaderSession(labels=("eu",)))


def test_model_of_another_task_is_refused() -> None:
    with pytest.raises(ModelMismatch, match="want task plate_read"):
        OnnxPlateReader(BlockFinderSession())


def test_rows_that_are_no_chances_are_a_mismatch() -> None:
    class Broken(BrightnessReaderSession):
        def run(self, blob: F32) -> list[F32]:
            characters, *others = super().run(blob)
            return [characters + 1, *others]

    with pytest.raises(ModelMismatch, match="chances add up to one"):
        OnnxPlateReader(Broken()).read(plates(30))


def test_batch_of_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="batch"):
        OnnxPlateReader(BrightnessReaderSession(), batch=0)
