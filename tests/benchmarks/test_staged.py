"""Painted cities: chosen as a film's passages are, kept, and read back."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.judging import TruthBoxes
from benchmarks.pages import Page, PaintedCity, read_cities, read_city, write_city
from benchmarks.staged import Staging, stage, streamed, truth_of
from core.errors import NotFound
from core.types import Family
from scenes.film import Seen
from scenes.splits import Split


def page(camera: int, *shots: bytes, family: Family = Family.PERSON) -> Page:
    return Page(family, 7, camera, "night", "rain", 61.5, shots)


def boxes(*heights: float) -> TruthBoxes:
    count = len(heights)
    return TruthBoxes(
        np.arange(count),
        np.full(count, 3),
        np.zeros(count, np.int32),
        np.array([[0, 0, 20, height] for height in heights], np.float32).reshape(-1, 4),
        np.ones(count, np.float32),
    )


def city() -> PaintedCity:
    return PaintedCity((page(0, b"one", b"two"), page(1, b"three")), (boxes(30, 60), boxes()))


def test_a_painted_city_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_city(tmp_path / "1.npz", city())
    found = read_city(tmp_path / "1.npz")
    assert [one.shots for one in found.pages] == [(b"one", b"two"), (b"three",)]
    assert {(one.identity, one.light, one.height_px) for one in found.pages} == {(7, "night", 61.5)}
    assert [one.height_px.tolist() for one in found.boxes] == [[30, 60], []]


def test_albums_hold_the_passages_of_one_family() -> None:
    vehicle = page(2, b"four", family=Family.VEHICLE)
    painted = PaintedCity((*city().pages, vehicle), ())
    assert painted.album(Family.VEHICLE).camera.tolist() == [2]
    assert painted.album(Family.PERSON).pictures == ((b"one", b"two"), (b"three",))


def test_what_is_no_painted_city_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "1.npz").write_bytes(b"half")
    with pytest.raises(NotFound, match=r"1\.npz: want a painted city"):
        read_city(tmp_path / "1.npz")


def test_an_empty_folder_says_what_would_fill_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"training\.calibrate"):
        read_cities(tmp_path)


def test_kept_cities_come_in_the_order_asked_for(tmp_path: Path) -> None:
    staging = Staging(tmp_path, Split.TEST)
    for seed in (5, 9):
        write_city(staging.file(seed), city())
    assert list(stage(staging, (9, 5), workers=1)) == [9, 5]


def test_truth_keeps_the_numbers_of_the_painted_pictures() -> None:
    seen = Seen(
        np.array([4], np.int64),
        np.array([0], np.int32),
        np.array([[1, 2, 3, 40]], np.float32),
        np.array([1], np.float32),
    )
    assert truth_of({0: seen, 5: seen}).picture.tolist() == [0, 5]
    assert len(truth_of({})) == 0


def test_a_streamed_picture_is_a_jpeg() -> None:
    assert streamed(np.zeros((8, 8, 3), np.uint8)).startswith(b"\xff\xd8")
