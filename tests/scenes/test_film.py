"""A city's pictures and clips."""

import errno
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

from core.arrays import F64
from core.errors import Conflict, InvalidInput, StorageFull
from scenes import exposures
from scenes import film as filming
from scenes.backdrop import Backdrop, backdrop
from scenes.city import City, plan_city
from scenes.exposures import Exposure, frames
from scenes.film import FPS, film, film_city
from scenes.plan import Actor, Leg
from scenes.splits import Split


@lru_cache(maxsize=1)
def small() -> City:
    """Ten seconds of two street cameras under an even sky: no shadows far from their casters."""
    city = plan_city(
        4, split=Split.TEST, cameras=2, seconds=10, theft=False, light="day", weather="overcast"
    )
    assert all(camera.kind == "street" for camera in city.cameras)
    return city


@lru_cache(maxsize=4)
def still(camera: int) -> Backdrop:
    return backdrop(small(), small().cameras[camera])


@pytest.fixture(autouse=True)
def one_backdrop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cities here differ in who moves alone: their backdrops are painted once."""
    monkeypatch.setattr(exposures, "backdrop", lambda _, camera: still(camera.row))


def alone(*legs: Leg) -> City:
    return replace(small(), legs=legs)


def standing(xy_m: F64, number: int = 0) -> Leg:
    """One of the city's walkers who stands at a place for the whole time."""
    walkers = [one.actor for one in small().legs if one.actor.person and not one.actor.cycle]
    actor: Actor = replace(walkers[number], actor_id=1 + number)
    return Leg(actor, np.array([-1.0, 20.0]), np.stack([xy_m, xy_m]), np.zeros(2), "stand")


def ahead(metres: float, aside: float = 0.0) -> F64:
    """A place on the ground before camera 0, on the picture's middle column."""
    view = small().cameras[0].view
    cos, sin = np.cos(view.heading_rad), np.sin(view.heading_rad)
    spot = np.array(view.position_m[:2]) + metres * np.array([cos, sin])
    return np.asarray(spot + aside * np.array([sin, -cos]))


def middle_m() -> float:
    """How far the middle of camera 0's picture is on the ground."""
    view = small().cameras[0].view
    return view.position_m[2] / float(np.tan(view.tilt_rad))


def picture(city: City, number: int = 0) -> Exposure:
    (exposure,) = frames(city, 0, first=number, count=1)
    return exposure


def test_a_picture_is_the_same_wherever_one_begins() -> None:
    later = [exposure for exposure in frames(small(), 0, first=3, count=3)]
    again = picture(replace(small()), 5)
    assert np.array_equal(later[2].rgb, again.rgb)
    assert later[2].at_s == again.at_s == 0.5
    for name in ("actor", "class_id", "xyxy", "visibility"):
        assert np.array_equal(getattr(later[2].boxes, name), getattr(again.boxes, name))


def test_boxes_hold_all_that_movers_change() -> None:
    full, empty = picture(small(), 40), picture(alone(), 40)
    assert len(full.boxes) > 0
    assert len(empty.boxes) == 0
    changed = np.abs(full.rgb.astype(int) - empty.rgb).max(axis=2) > 30
    inside = np.zeros(changed.shape, np.bool_)
    for left, top, right, bottom in full.boxes.xyxy.tolist():
        # Contact shadows and blur spill a little over.
        inside[max(int(top) - 3, 0) : int(bottom) + 8, max(int(left) - 6, 0) : int(right) + 7] = (
            True
        )
    assert changed.sum() > 50
    assert (changed & inside).sum() > 0.97 * changed.sum()


def test_box_fits_somebody_tightly() -> None:
    full, empty = picture(alone(standing(ahead(middle_m())))), picture(alone())
    assert full.boxes.visibility.tolist() == [pytest.approx(1.0)]
    changed = np.abs(full.rgb.astype(int) - empty.rgb).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    left, top, right, bottom = full.boxes.xyxy[0].tolist()
    assert top == pytest.approx(rows.min(), abs=3)
    assert bottom == pytest.approx(rows.max() + 1, abs=4)
    assert left == pytest.approx(columns.min(), abs=4)
    assert right == pytest.approx(columns.max() + 1, abs=4)


def test_somebody_nearer_hides_who_is_behind() -> None:
    pair = alone(standing(ahead(middle_m()), 0), standing(ahead(middle_m() - 1.2), 1))
    boxes = picture(pair).boxes
    visible = dict(zip(boxes.actor.tolist(), boxes.visibility.tolist(), strict=True))
    assert visible[2] == pytest.approx(1.0)
    assert visible.get(1, 0.0) < 0.8


def test_somebody_behind_a_house_is_not_seen() -> None:
    assert len(picture(alone(standing(ahead(120.0)))).boxes) == 0


def test_half_outside_is_visible_by_half() -> None:
    view = small().cameras[0].view
    edge_m = middle_m() * view.size_hw[1] / 2 / view.focal_px / float(np.cos(view.tilt_rad))
    boxes = picture(alone(standing(ahead(middle_m(), edge_m)))).boxes
    assert len(boxes) == 1
    assert 0.1 < float(boxes.visibility[0]) < 0.9
    assert boxes.xyxy[0, 2] == view.size_hw[1]


def test_parked_cycles_are_painted_without_a_box() -> None:
    cycle = next(one.actor for one in small().legs if one.actor.cycle)
    parked = replace(standing(ahead(middle_m())), actor=replace(cycle, person=None))
    full, empty = picture(alone(parked)), picture(alone())
    assert len(full.boxes) == 0
    assert (np.abs(full.rgb.astype(int) - empty.rgb).max(axis=2) > 40).sum() > 20


@pytest.mark.parametrize(
    ("camera", "first", "count"), [(2, 0, 1), (-1, 0, 1), (0, 90, 11), (0, -1, 1)]
)
def test_pictures_that_the_city_lacks_are_refused(camera: int, first: int, count: int) -> None:
    with pytest.raises(InvalidInput, match="want"):
        frames(small(), camera, first=first, count=count)


# --- clips -------------------------------------------------------------------------------------


@pytest.fixture
def short() -> City:
    """A city of one second: `plan_city` makes none so short."""
    return replace(small(), seconds=1.0)


def test_clip_has_every_picture_at_its_time(short: City, tmp_path: Path) -> None:
    truth = film(short, 0, tmp_path)
    with av.open(str(truth.clip)) as container:
        stream = container.streams.video[0]
        decoded = list(container.decode(stream))
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == FPS
    assert [one.time for one in decoded] == pytest.approx([n / FPS for n in range(10)])
    assert decoded[0].key_frame
    last = decoded[-1].to_ndarray(format="rgb24").astype(int)
    assert np.abs(last - picture(short, 9).rgb).mean() < 8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["camera-0.mp4", "camera-0.npz"]


def test_second_call_films_only_what_is_missing(short: City, tmp_path: Path) -> None:
    shares: list[float] = []
    film_city(short, tmp_path, workers=1, progress=shares.append)
    assert shares == [pytest.approx(0.5), pytest.approx(1.0)]
    before = (tmp_path / "camera-0.mp4").stat().st_mtime_ns
    (tmp_path / "camera-1.npz").unlink()
    truth = film_city(short, tmp_path, workers=1, progress=shares.append)
    assert (tmp_path / "camera-0.mp4").stat().st_mtime_ns == before
    assert len(shares) == 3
    assert [camera.pictures for camera in truth.cameras] == [10, 10]


@pytest.mark.slow
def test_processes_give_the_same_film(short: City, tmp_path: Path) -> None:
    one = film_city(short, tmp_path / "one", workers=1)
    two = film_city(short, tmp_path / "two", workers=2)
    for here, there in zip(one.cameras, two.cameras, strict=True):
        assert here.clip.read_bytes() == there.clip.read_bytes()
        assert np.array_equal(here.boxes.xyxy, there.boxes.xyxy)


def test_folder_of_another_city_is_refused(short: City, tmp_path: Path) -> None:
    (tmp_path / "camera-0.mp4").write_bytes(b"")
    with pytest.raises(Conflict, match=r"camera-0\.mp4"):
        film_city(short, tmp_path)
    (tmp_path / "camera-0.mp4").unlink()
    (tmp_path / "city.json").write_text("{}")
    with pytest.raises(Conflict, match="seed 4"):
        film_city(short, tmp_path)


def test_full_disk_names_the_file_and_leaves_nothing(
    short: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(StorageFull, match=r"camera-0\.npz"):
        film(short, 0, tmp_path)
    monkeypatch.setattr(filming, "_encode", full)
    with pytest.raises(StorageFull, match=r"camera-0\.mp4"):
        film(short, 0, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_workers_are_refused(short: City, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="workers"):
        film_city(short, tmp_path, workers=0)
