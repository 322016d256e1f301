"""What the networks are fed: labels that follow the picture through every distortion."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from core.arrays import F32
from core.plates.alphabet import ABSENT, text_of
from tests.training.plates.builders import letters
from training.declared import FINDER_HW, POSITIONS, READER_HW
from training.plates.batches import (
    FinderBatches,
    ReaderBatches,
    cells_of,
    columns_of,
    is_seen,
    moved,
    seen_anew,
)
from training.plates.networks import STRIDE_PX
from training.plates.packs import FinderSample, decoded, draw_finder, draw_reader, encoded

BOX = np.array([[100, 80], [160, 80], [160, 100], [100, 100]], np.float32)


def test_columns_end_with_absent_ones() -> None:
    columns = columns_of("京A12")
    assert columns.shape == (POSITIONS,)
    assert text_of(columns) == "京A12"
    assert (columns[4:] == ABSENT).all()


def test_batches_of_one_seed_are_the_same() -> None:
    samples = draw_reader(letters(), 0, count=6)
    one, other = (next(iter(ReaderBatches(samples, seed=3, count=2, rows=4))) for _ in range(2))
    assert one["pictures"].shape == (4, 3, *READER_HW)
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_finder_batches_have_cells() -> None:
    samples = draw_finder(letters(), 0, count=4)
    (batch,) = FinderBatches(samples, seed=3, count=1, rows=3)
    assert batch["pictures"].shape == (3, 3, *FINDER_HW)
    assert batch["heat"].shape == (3, FINDER_HW[0] // STRIDE_PX, FINDER_HW[1] // STRIDE_PX)
    assert batch["corners"].shape == (3, 8, *batch["heat"].shape[1:])


def test_plate_seen_anew_stays_a_plate_of_its_size() -> None:
    (sample,) = draw_reader(letters(), 0, count=1)
    picture = decoded(sample.jpeg)
    again = seen_anew(picture, np.random.default_rng(0))
    assert again.shape == picture.shape
    assert not np.array_equal(again, picture)


def test_moved_piece_keeps_its_corners_on_the_plate() -> None:
    rgb = np.full((3, *FINDER_HW), 30, np.uint8)
    rgb[:, 80:100, 100:160] = 250
    sample = FinderSample(encoded(rgb), BOX[None])
    for seed in range(8):
        picture, corners = moved(sample, np.random.default_rng(seed))
        for one in corners:
            column, row = one.mean(axis=0).astype(int).tolist()
            if 0 <= row < FINDER_HW[0] and 0 <= column < FINDER_HW[1]:
                assert picture[row, column].max() > np.median(picture)


@pytest.mark.parametrize(("shift", "seen"), [(0, True), (-80, True), (-125, False)])
def test_plate_counts_while_most_of_it_is_there(shift: float, seen: bool) -> None:
    moved_box = np.asarray(BOX + np.array([shift if shift > -100 else -140.0, 0]), np.float32)
    assert is_seen(moved_box) is seen


def test_plate_too_small_to_be_found_is_not_asked_for() -> None:
    assert not is_seen(np.asarray(BOX * 0.12, np.float32))


def cells(*plates: F32) -> tuple[F32, F32]:
    return cells_of(np.stack(plates) if plates else np.empty((0, 4, 2), np.float32))


def test_belief_is_one_at_the_middle_and_falls_along_the_plate() -> None:
    heat, corners = cells(BOX)
    row, column = 90 // STRIDE_PX, 130 // STRIDE_PX
    assert heat[row, column] == heat.max() == 1
    assert 1 > heat[row, column + 3] > heat[row, column + 6]
    assert heat[row, column + 3] > heat[row + 3, column]  # a plate is wider than high
    assert corners[:, row, column].tolist() == BOX.reshape(8).tolist()


def test_cell_belongs_to_the_nearer_plate() -> None:
    beside = np.asarray(BOX + np.array([70, 0]), np.float32)
    heat, corners = cells(BOX, beside)
    assert (heat == 1).sum() == 2
    assert corners[0, 90 // STRIDE_PX, 200 // STRIDE_PX] == beside[0, 0]


def test_piece_without_plates_has_no_belief() -> None:
    assert not cells()[0].any()
