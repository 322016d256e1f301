"""What is written beside the clips, and read again."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import NotFound, StorageCorrupt
from scenes.city import City
from scenes.truth import (
    CITY_FILE,
    Boxes,
    boxes_path,
    clip_path,
    described,
    read_boxes,
    read_truth,
    write_boxes,
)
from tests.scenes.towns import town


def boxes(count: int = 3) -> Boxes:
    return Boxes(
        np.arange(count, dtype=np.int64),
        np.full(count, 7, np.int64),
        np.zeros(count, np.int32),
        np.tile(np.array([[1, 2, 30, 90]], np.float32), (count, 1)),
        np.full(count, 0.5, np.float32),
    )


def filmed(folder: Path, city: City) -> Path:
    """A folder as film_city leaves it, but for the pictures."""
    (folder / CITY_FILE).write_text(described(city, fps=10))
    for camera in city.cameras:
        clip_path(folder, camera.row).write_bytes(b"")
        write_boxes(boxes_path(folder, camera.row), boxes())
    return folder


def test_truth_comes_back_as_it_was(tmp_path: Path) -> None:
    city = town()
    truth = read_truth(filmed(tmp_path, city))
    assert (truth.seed, truth.split, truth.start_ns) == (city.seed, "TEST", city.start_ns)
    assert truth.theft == city.theft
    assert truth.subjects == city.subjects
    assert [one.name for one in truth.cameras] == [one.name for one in city.cameras]
    assert [one.lon_lat_deg for one in truth.cameras] == [one.lon_lat_deg for one in city.cameras]
    assert truth.roads.tolist() == city.camera_ways()[0].tolist()
    assert truth.cameras[0].pictures == 900
    read = truth.cameras[0].boxes
    for name in Boxes.__slots__:
        assert np.array_equal(getattr(read, name), getattr(boxes(), name))


def test_every_actor_has_an_identity_and_its_plate(tmp_path: Path) -> None:
    city = town()
    truth = read_truth(filmed(tmp_path, city))
    for leg in city.legs:
        told = truth.actors[leg.actor.actor_id]
        assert (told.identity, told.plate) == (leg.actor.identity, leg.actor.plate)
        assert told.class_id == int(leg.actor.kind)


def test_ways_are_told_in_utc_too(tmp_path: Path) -> None:
    city = town()
    told = json.loads((filmed(tmp_path, city) / CITY_FILE).read_text())
    seen = told["subjects"][0]["appearances"][0]
    first = city.subjects[0].appearances[0]
    assert seen["in_ns"] == pytest.approx(city.start_ns + first.in_s * 1e9, abs=1000)


def test_no_film_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"city\.json"):
        read_truth(tmp_path)


def test_missing_camera_is_not_found(tmp_path: Path) -> None:
    boxes_path(filmed(tmp_path, town()), 2).unlink()
    with pytest.raises(NotFound, match="camera 2"):
        read_truth(tmp_path)


@pytest.mark.parametrize("text", ["", "[1]", '{"format": "other"}', '{"format": "casetrace-city"}'])
def test_foreign_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CITY_FILE).write_text(text)
    with pytest.raises(StorageCorrupt, match=r"city\.json"):
        read_truth(tmp_path)


def test_file_that_lacks_something_is_refused(tmp_path: Path) -> None:
    path = filmed(tmp_path, town()) / CITY_FILE
    told = json.loads(path.read_text())
    del told["cameras"][0]["name"]
    path.write_text(json.dumps(told))
    with pytest.raises(StorageCorrupt, match="name"):
        read_truth(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not boxes", b"PK\x03\x04broken"])
def test_damaged_boxes_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "camera-0.npz"
    path.write_bytes(content)
    with pytest.raises(StorageCorrupt, match=r"camera-0\.npz"):
        read_boxes(path)
