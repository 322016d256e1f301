"""Tiles hold the boxes that can be seen in them, and nothing else; torch is not needed to cut."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="casetrace[train] is not installed")

from tests.training.builders import boxes, labelled, write_pictures
from training.declared import DETECTOR_HW
from training.tiles import TILE_HW, Sampler, Tile, batch_of, read_pictures, whole


def bright(tile: Tile) -> float:
    """The share of bright pixels inside the tile's boxes, of all bright ones."""
    mask = tile.rgb.mean(axis=2) > 150
    inside = np.zeros_like(mask)
    for left, top, right, bottom in np.rint(tile.xyxy).astype(int).tolist():
        inside[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
    return float((mask & inside).sum() / max(1, mask.sum()))


def test_whole_picture_is_laid_in_as_a_detector_sees_it() -> None:
    tile = whole(labelled(boxes((100, 60, 140, 160))))
    assert tile.rgb.shape == (*DETECTOR_HW, 3)
    assert tile.xyxy.tolist() == [[100, 72, 140, 172]]  # 12 rows of padding above
    assert bright(tile) > 0.98


@pytest.mark.parametrize("seed", range(8))
def test_boxes_of_a_window_lie_on_their_subjects(seed: int) -> None:
    sampler = Sampler([labelled(boxes((300, 150, 340, 250)))])
    tile = sampler._window(np.random.default_rng(seed), TILE_HW)
    assert tile.rgb.shape == (*TILE_HW, 3)
    if len(tile.xyxy):
        assert bright(tile) > 0.95


@pytest.mark.parametrize("seed", range(4))
def test_mosaic_keeps_its_boxes_inside(seed: int) -> None:
    sampler = Sampler([labelled(boxes((300, 150, 340, 250), (20, 20, 60, 120)))])
    tile = sampler.tile(np.random.default_rng(seed), mosaic=1.0)
    assert tile.rgb.shape == (*TILE_HW, 3)
    assert (tile.xyxy >= 0).all()
    assert (tile.xyxy <= TILE_HW[0]).all()
    assert (tile.xyxy[:, 2:] > tile.xyxy[:, :2]).all()


def test_same_seed_draws_the_same_tile() -> None:
    sampler = Sampler([labelled(boxes((300, 150, 340, 250)))])
    one, two = (sampler.tile(np.random.default_rng(3), mosaic=0.5) for _ in range(2))
    assert (one.rgb == two.rgb).all()
    assert one.xyxy.tolist() == two.xyxy.tolist()


def test_picture_without_boxes_gives_a_tile_without() -> None:
    sampler = Sampler([labelled(boxes()), labelled(boxes())])
    assert not len(sampler.tile(np.random.default_rng(0), mosaic=0.0).xyxy)


def test_batch_counts_its_boxes_by_picture() -> None:
    tile = Tile(np.zeros((*TILE_HW, 3), np.uint8), boxes((0, 0, 144, 288)), np.array([3], np.int32))
    none = Tile(tile.rgb, boxes(), np.zeros(0, np.int32))
    batch = batch_of([tile, none, tile])
    assert batch["batch_idx"].tolist() == [0, 2]
    assert batch["bboxes"].tolist() == [[0.25, 0.5, 0.5, 1.0]] * 2
    assert batch["cls"].tolist() == [[3], [3]]


def test_dataset_in_yolos_format_is_read_back(tmp_path: Path) -> None:
    read = read_pictures(write_pictures(tmp_path), "val")
    assert len(read) == 2
    assert np.allclose(read[0].xyxy[:, 2:] - read[0].xyxy[:, :2], [[40, 100]], atol=0.01)
