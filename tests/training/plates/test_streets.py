"""Plates in the city's streets: where the painter hung them, never where they may be hidden."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import F32
from scenes.city import City, plan_city
from scenes.splits import Split, rng_for
from training.declared import FINDER_HW
from training.plates import streets
from training.plates.packs import decoded, read_finder, read_reader
from training.plates.streets import Street, finder_samples, reader_samples, street


@pytest.fixture(scope="module")
def city() -> City:
    return plan_city(5, split=Split.TRAIN, cameras=1, seconds=20, theft=False, light="day")


@pytest.fixture(scope="module")
def seen(city: City) -> list[Street]:
    camera = city.cameras[0]
    return [street(city, camera, at, rng_for(5, Split.TRAIN, 1, at)) for at in range(6)]


def test_a_street_is_the_same_for_the_same_draws(city: City, seen: list[Street]) -> None:
    again = street(city, city.cameras[0], 3, rng_for(5, Split.TRAIN, 1, 3))
    assert np.array_equal(again.rgb, seen[3].rgb)
    assert again.covered == seen[3].covered


def test_each_plate_is_brighter_or_darker_than_its_own_ink(seen: list[Street]) -> None:
    """Where the corners say that a plate is, its ground and ink are: much contrast across."""
    rich = [
        np.ptp(decoded(one.jpeg).astype(float).mean(axis=2), axis=1).mean()
        for street_ in seen
        for one in reader_samples(street_, np.random.default_rng(0))
        if one.wide_px > 30
    ]
    assert rich
    assert np.median(rich) > 50


def test_samples_of_a_finder_hold_whole_plates_in_their_window(seen: list[Street]) -> None:
    found = [one for each in seen for one in finder_samples(each, np.random.default_rng(1))]
    plates = np.concatenate([one.corners for one in found])
    assert len(plates) > 5
    assert any(not len(one.corners) for one in found)
    assert decoded(found[0].jpeg).shape == (*FINDER_HW, 3)
    wide = np.linalg.norm(plates[:, 1] - plates[:, 0], axis=1)
    assert wide.min() >= 11
    assert (np.array([_area(one) for one in plates]) > 0).all()


def test_what_may_be_hidden_is_nobodys_sample(seen: list[Street]) -> None:
    covered = sum(len(one.covered) for one in seen)
    assert covered
    for one in seen:
        everything = Street(one.rgb, one.exposure, one.plates, frozenset(range(len(one.plates))))
        rng = np.random.default_rng(2)
        assert not list(reader_samples(everything, rng))
        assert not any(len(each.corners) for each in finder_samples(everything, rng))


def test_a_pack_is_written_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streets, "_CAMERAS", 1)
    monkeypatch.setattr(streets, "_PICTURES", 6)
    for folder in ("finder", "reader"):
        (tmp_path / folder).mkdir()
    streets.write_pack(7, tmp_path / "finder", tmp_path / "reader")
    assert read_finder([tmp_path / "finder" / "000007.npz"])
    read = read_reader([tmp_path / "reader" / "000007.npz"])
    assert all(one.layout and one.colour and one.text for one in read)


def _area(corners: F32) -> float:
    """Above 0 where the corners go round clockwise, as a picture's do."""
    assert cv2.isContourConvex(corners)
    x, y = corners.T.astype(float)
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
