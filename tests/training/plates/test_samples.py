"""Tests of what the networks are given: shapes, sameness by seed, labels that hold."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.plates.alphabet import ALPHABET
from tests.training.plates.builders import letters
from training.declared import FINDER_HW
from training.plates import sheet
from training.plates.finder import finder_samples
from training.plates.letters import Letters
from training.plates.reader import SHOTS, reader_samples
from training.plates.vehicles import sample_scene


def test_reader_samples_are_the_same_however_they_are_asked_for() -> None:
    whole = reader_samples(letters(), 5, range(4))
    single = reader_samples(letters(), 5, [3])
    assert np.array_equal(whole.pictures[3], single.pictures[0])
    assert whole.texts[3] == single.texts[0]


def test_reader_samples_differ_by_seed() -> None:
    one, other = (reader_samples(letters(), seed, range(2)) for seed in (1, 2))
    assert not np.array_equal(one.pictures, other.pictures)


def test_reader_rows_in_a_group_show_one_plate_anew() -> None:
    drawn = reader_samples(letters(), 5, range(2 * SHOTS))
    assert len(set(drawn.texts[:SHOTS])) == 1
    assert drawn.texts[0] != drawn.texts[SHOTS]
    assert not np.array_equal(drawn.pictures[0], drawn.pictures[1])


def test_reader_samples_say_what_is_on_them() -> None:
    drawn = reader_samples(letters(), 6, range(40))
    assert drawn.pictures.shape == (40, 3, 48, 160)
    assert all(4 <= len(text) <= 8 and set(text) <= set(ALPHABET) for text in drawn.texts)
    assert ((drawn.wide_px >= 12) & (drawn.wide_px <= 200)).all()


def test_no_reader_samples_are_no_samples() -> None:
    assert reader_samples(letters(), 6, []).pictures.shape == (0, 3, 48, 160)


def test_finder_samples_are_the_same_however_they_are_asked_for() -> None:
    whole = finder_samples(letters(), 5, range(3))
    single = finder_samples(letters(), 5, [2])
    assert np.array_equal(whole.pictures[2], single.pictures[0])
    assert np.array_equal(whole.corners[2], single.corners[0])


def test_finder_corners_go_round_clockwise_inside_the_picture() -> None:
    drawn = finder_samples(letters(), 7, range(30))
    assert drawn.counts.sum() > 10
    assert (drawn.counts == 0).any()
    for corners, count in zip(drawn.corners, drawn.counts, strict=True):
        for one in corners[:count]:
            assert cv2.contourArea(one, oriented=True) > 0
            middle = one.mean(axis=0)
            assert (middle > 0).all()
            assert (middle < FINDER_HW[::-1]).all()
        assert not corners[count:].any()


def test_scene_offers_no_place_behind_a_nearer_vehicle() -> None:
    for seed in range(40):
        scene = sample_scene(FINDER_HW, letters(), np.random.default_rng(seed))
        for one in range(len(scene.places)):
            for other in range(one):
                apart = np.abs(scene.places[one].at - scene.places[other].at).max()
                assert apart > 4


@pytest.mark.parametrize("what", sorted(sheet.TILES))
def test_sheet_is_written(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "letters.npz", tmp_path / "new" / "sheet.png"
    kept = letters()
    Letters(kept.fields, {name: strips[:26] for name, strips in kept.words.items()}).save(path)
    asked = ["sheet", "--out", str(out), "--what", what, "--count", "3", "--letters", str(path)]
    monkeypatch.setattr(sys, "argv", asked)
    sheet.main()
    assert cv2.imread(str(out)) is not None


def test_sheet_fills_the_last_row() -> None:
    tiles = [np.full((4, 5, 3), 9, np.uint8)] * 5
    assert sheet.sheet(tiles, columns=3).shape == (8, 15, 3)
