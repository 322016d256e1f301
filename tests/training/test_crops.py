"""Crops by identity: of different cameras first, and every batch of distinct identities."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="casetrace[train] is not installed")

from tests.training.builders import crop, write_crops
from training.crops import Album, Batches, Draw, album_of, chosen_views, cut, plain_view, view_of
from training.packs import read_packs, write_pack

HW = (64, 32)


def album(people: int = 4, cameras: int = 4) -> Album:
    crops = [crop(f"p{who}", camera=camera) for who in range(people) for camera in range(cameras)]
    return album_of(crops, "person")


def test_pack_is_read_back_as_it_was(tmp_path: Path) -> None:
    one, two = crop("a", camera=1), crop("b", camera=2)
    write_pack(tmp_path / "1.npz", [one, two])
    read = read_packs([tmp_path / "1.npz"])
    assert [(c.person, c.vehicle, c.camera) for c in read] == [("a", "a/on", 1), ("b", "b/on", 2)]
    assert [c.jpeg for c in read] == [one.jpeg, two.jpeg]
    assert read[0].box == one.box


def test_crop_without_shift_is_just_the_box() -> None:
    plain = plain_view(crop("a", colour=(200, 30, 30)), (32, 16))
    assert plain.shape == (32, 16, 3)
    assert np.abs(plain.astype(int) - [200, 30, 30]).max() < 40  # JPEG's error at the edges


def test_view_has_the_models_size_and_is_repeatable() -> None:
    one, two = (view_of(crop("a"), HW, np.random.default_rng(5)) for _ in range(2))
    assert one.shape == (*HW, 3)
    assert (one == two).all()


def test_box_at_the_border_is_cut_there() -> None:
    rgb = np.zeros((10, 10, 3), np.uint8)
    assert cut(rgb, (0.95, 0.95, 1.0, 1.0), (4, 4)).shape == (4, 4, 3)


def test_identities_with_too_few_crops_are_left_out() -> None:
    crops = [*(crop("often", camera=c) for c in range(4)), crop("once")]
    assert album_of(crops, "person").names == ("often",)
    assert album_of(crops, "vehicle", least=1).names == ("often/on", "once/on")


def test_views_of_an_identity_come_from_different_cameras_first() -> None:
    crops = [crop("a", camera=camera) for camera in (0, 0, 0, 0, 1, 2)]
    rows = chosen_views(album_of(crops, "person"), 0, 3, np.random.default_rng(0))
    assert sorted(crops[row].camera for row in rows) == [0, 1, 2]


def test_batch_has_distinct_identities_and_equal_views() -> None:
    draw = Draw(anchors=1, beside=2, views=2)
    (batch,) = Batches(album(), HW, seed=1, count=1, draw=draw)
    assert batch["crops"].shape == (6, 3, *HW)
    assert sorted(np.bincount(batch["who"].numpy(), minlength=4).tolist()) == [0, 2, 2, 2]


def test_companions_are_the_nearest_ones_where_they_are_known() -> None:
    nearest = np.array([[0, 1], [1, 0], [2, 3], [3, 2]], np.int64)
    draw = Draw(anchors=1, beside=1, views=1)
    for seed in range(5):
        (batch,) = Batches(album(), HW, seed=seed, count=1, draw=draw, nearest=nearest)
        assert sorted(batch["who"].tolist()) in ([0, 1], [2, 3])


def test_packs_for_looking_are_apart(tmp_path: Path) -> None:
    from training.embedder import pack_files

    folder = write_crops(tmp_path)
    assert [f.stem for f in pack_files([folder], held_out=True)] == ["000020"]
    assert [f.stem for f in pack_files([folder], held_out=False)] == ["000001"]
