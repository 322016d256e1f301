"""What a finder's cells are taken for."""

import numpy as np
import pytest

from core.arrays import F32
from core.errors import ModelMismatch
from detectors.plate_cells import MOST_PLATES, found_plates, is_plate

HW = (12, 16)
BOX = np.array([[10, 8], [34, 8], [34, 16], [10, 16]], np.float32)


def cells(*hills: tuple[int, int, float, F32]) -> F32:
    """Cells with a chance and corners at (row, column), nothing elsewhere."""
    whole = np.zeros((9, *HW), np.float32)
    for row, column, chance, corners in hills:
        whole[0, row, column] = chance
        whole[1:, row, column] = corners.reshape(8)
    return whole


def moved(corners: F32, right: float, down: float) -> F32:
    return np.asarray(corners + np.array([right, down]), np.float32)


def test_cells_without_a_hill_are_no_plates() -> None:
    corners, confidence = found_plates(cells((3, 5, 0.2, BOX)), 0.3)
    assert corners.shape == (0, 4, 2)
    assert confidence.shape == (0,)


def test_hill_is_a_plate_with_its_corners() -> None:
    corners, confidence = found_plates(cells((3, 5, 0.8, BOX)), 0.3)
    assert confidence.tolist() == [np.float32(0.8)]
    assert np.allclose(corners[0], BOX)


def test_neighbours_have_their_say_by_their_squared_chance() -> None:
    # Weights 0.64 and 0.16: a fifth of the way.
    corners, _ = found_plates(cells((3, 5, 0.8, BOX), (3, 6, 0.4, BOX + 10)), 0.3)
    assert np.allclose(corners, BOX[None] + 2, atol=1e-4)


def test_plates_come_surest_first() -> None:
    there = cells((2, 2, 0.5, BOX - 8), (8, 12, 0.9, BOX + 20), (8, 3, 0.7, moved(BOX, -8, 22)))
    _, confidence = found_plates(there, 0.3)
    assert confidence.tolist() == pytest.approx([0.9, 0.7, 0.5])


def test_plate_seen_twice_is_one() -> None:
    _, confidence = found_plates(cells((3, 4, 0.9, BOX), (3, 7, 0.8, BOX + 1)), 0.3)
    assert confidence.tolist() == [np.float32(0.9)]


def test_no_crop_has_more_plates_than_a_few() -> None:
    small = np.array([[0, 0], [3, 0], [3, 2], [0, 2]], np.float32)
    hills = [
        (row, column, 0.9, moved(small, 4 * column, 4 * row))
        for row in range(0, 12, 2)
        for column in range(0, 16, 2)
    ]
    assert len(found_plates(cells(*hills), 0.3)[0]) == MOST_PLATES


@pytest.mark.parametrize(
    ("corners", "holds"),
    [
        (BOX, True),
        (BOX[::-1], False),  # the wrong way round: a mirror image
        (BOX[[0, 2, 1, 3]], False),  # crossed
        (np.array([[0, 0], [10, 0], [4, 2], [0, 8]], np.float32), False),  # dented
        (BOX * 0.05, False),  # next to nothing
    ],
)
def test_plate_goes_round_clockwise_without_a_dent(corners: F32, holds: bool) -> None:
    assert is_plate(corners) is holds


def test_cells_that_are_no_numbers_are_no_empty_street() -> None:
    with pytest.raises(ModelMismatch, match="want finite cells"):
        found_plates(cells((3, 5, np.nan, BOX)), 0.3)
