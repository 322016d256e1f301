"""Reads gather by tracklet, each part takes a vote, and its evidence is the frame of its best."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import F32, I64, U8
from core.clocks import NS
from core.errors import InvalidInput
from core.ids import IdSource
from core.plates.alphabet import COLUMNS, likeliest_text
from core.protocols import Surface
from core.runtime.models import ModelFolder
from core.types import (
    ClockSource,
    CutShot,
    Detections,
    Frame,
    ObjectClass,
    Plate,
    PlateRead,
    StatedPlate,
    Tracklet,
)
from detectors.plate_voting import MOST_READS
from ingest.surface import HostSurface
from pipeline.build import load_plate_models
from pipeline.plates import PlateModels, PlatePass, plate_rows
from pipeline.settings import Settings
from tests.builders import at
from tests.plates import PaintedPlateFinder, PaintedPlateReader, paint_plate

TEXT, OTHER = "京A12345", "沪B9876F"
SIZE_HW = (360, 640)
CAR = (100, 120, 260, 220)


def models() -> PlateModels:
    return PlateModels(PaintedPlateFinder(), PaintedPlateReader())


def plate_pass(*, read: bool = True) -> PlatePass:
    return PlatePass(IdSource(1, lambda: 1_800_000_000 * NS), models() if read else None)


def shown(at_s: float, *plates: tuple[str, int, int], stated: Sequence[StatedPlate] = ()) -> Frame:
    """A frame with painted plates (text, left, top)."""
    picture = np.full((*SIZE_HW, 3), 90, np.uint8)
    for text, left, top in plates:
        paint_plate(picture, left, top, text)
    surface = HostSurface.of_rgb(picture)
    scale = Fraction(1, 1000)
    return Frame(1, surface, 0, scale, at(at_s), at(at_s), ClockSource.RTCP, 0.0, 1, tuple(stated))


def cars(*boxes: Sequence[float]) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(count, 4),
        np.full(count, 0.9, np.float32),
        np.full(count, ObjectClass.CAR, np.int32),
        np.zeros(count, np.int32),
    )


def part_of(tracklet_id: int = 7, *, part: int = 0, start_s: float = 0.0) -> Tracklet:
    times = np.array([at(start_s + i) for i in range(5)], np.int64)
    boxes = np.tile(np.array(CAR, np.float32), (5, 1))
    kind = int(ObjectClass.CAR)
    return Tracklet(tracklet_id, part, 1, 1, kind, times, boxes, np.ones(5, np.float32))


def one(plates: Sequence[Plate]) -> Plate:
    (plate,) = plates
    return plate


def test_what_is_read_becomes_the_plate_of_its_tracklet() -> None:
    watch = plate_pass()
    weights = watch.read(shown(0, (TEXT, 140, 180)), cars(CAR), [7])
    plates, _ = watch.part_of(part_of(), ())
    plate = one(plates)
    assert weights[0] > 0
    assert likeliest_text(plate.log_probs) == TEXT
    assert (plate.tracklet_id, plate.part, plate.camera_id, plate.reads) == (7, 0, 1, 1)
    assert (plate.layout, plate.colour, plate.device_ns) == ("cn_blue", "blue", at(0))


def test_evidence_is_the_very_frame_and_corners_of_the_best_read() -> None:
    watch = plate_pass()
    watch.read(shown(1, (TEXT, 140, 180)), cars(CAR), [7])
    plates, (shot,) = watch.part_of(part_of(), ())
    plate = one(plates)
    assert (
        (plate.shot_id, plate.device_ns) == (shot.shot_id, shot.device_ns) == (shot.shot_id, at(1))
    )
    assert plate.corners is not None
    assert np.abs(plate.corners[0] - [140, 180]).max() <= 1
    picture = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    left, top = plate.corners[0] - np.array(shot.xyxy[:2])
    assert picture[round(top) + 1, round(left) + 1].min() > 200  # the plate's white frame


def test_evidence_shows_a_plate_that_reaches_beyond_its_box() -> None:
    watch = plate_pass()
    watch.read(shown(0, (TEXT, 140, 180)), cars((100, 120, 260, 196)), [7])
    _, (shot,) = watch.part_of(part_of(), ())
    assert shot.xyxy[2] == 260
    assert shot.xyxy[3] >= 201


def test_a_shot_that_shows_the_read_is_its_evidence() -> None:
    watch = plate_pass()
    watch.read(shown(0, (TEXT, 140, 180)), cars(CAR), [7])
    same = CutShot(55, at(0), (100.0, 120.0, 260.0, 220.0), 0.5, b"jpeg")
    plates, evidence = watch.part_of(part_of(), (replace(same, device_ns=at(1)), same))
    assert (one(plates).shot_id, evidence) == (55, ())


def test_two_vehicles_of_one_frame_keep_their_own() -> None:
    watch = plate_pass()
    right = (320, 120, 480, 220)
    watch.read(shown(0, (TEXT, 140, 180), (OTHER, 360, 180)), cars(CAR, right), [7, 8])
    texts = [likeliest_text(one(watch.part_of(part_of(i), ())[0]).log_probs) for i in (7, 8)]
    assert texts == [TEXT, OTHER]


def test_of_two_on_one_vehicle_the_one_counts_that_can_be_read() -> None:
    watch = PlatePass(IdSource(1, lambda: 1_800_000_000 * NS), PlateModels(LampFirst(), DimFirst()))
    watch.read(shown(0, (TEXT, 140, 180)), cars(CAR), [7])
    assert likeliest_text(one(watch.part_of(part_of(), ())[0]).log_probs) == TEXT


class LampFirst(PaintedPlateFinder):
    """Takes a lamp for a plate, and is surer of it than of the plate."""

    def find(self, surfaces: Sequence[Surface], vehicles: Detections) -> tuple[F32, F32, I64]:
        corners, _, _ = super().find(surfaces, vehicles)
        sure = np.array([0.9, 0.5], np.float32)
        return np.concatenate([corners - 40, corners]), sure, np.zeros(2, np.int64)


class DimFirst(PaintedPlateReader):
    """Sees nothing on what it reads first: a lamp."""

    def read(self, rectified: U8) -> Sequence[PlateRead]:
        first, *others = super().read(rectified)
        dim = np.full_like(first.log_probs, -np.log(COLUMNS))
        return [replace(first, log_probs=dim), *others]


def test_a_later_part_is_fused_with_what_was_read_before() -> None:
    watch = plate_pass()
    for at_s in (0.0, 0.4, 0.8):
        watch.read(shown(at_s, (TEXT, 140, 180)), cars(CAR), [7])
    first = one(watch.part_of(part_of(), ())[0])
    watch.read(shown(6, (TEXT, 140, 180)), cars(CAR), [7])
    second = one(watch.part_of(part_of(part=1, start_s=5), ())[0])
    assert (first.reads, second.reads) == (3, 4)
    assert second.device_ns == at(6)
    assert second.plate_id != first.plate_id


def test_a_part_in_which_nothing_was_read_has_no_plate() -> None:
    watch = plate_pass()
    watch.read(shown(0, (TEXT, 140, 180)), cars(CAR), [7])
    watch.part_of(part_of(), ())
    watch.read(shown(6), cars(CAR), [7])
    assert watch.part_of(part_of(part=1, start_s=5), ()) == ((), ())


def test_reads_are_bounded_by_the_best() -> None:
    watch = plate_pass()
    for number in range(MOST_READS + 5):
        watch.read(shown(number / 5, (TEXT, 140, 180)), cars(CAR), [7])
    assert one(watch.part_of(part_of(), ())[0]).reads == MOST_READS


def test_a_tracklet_that_ended_is_forgotten() -> None:
    watch = plate_pass()
    watch.read(shown(0, (TEXT, 140, 180)), cars(CAR), [7])
    watch.forget(7)
    assert watch.part_of(part_of(), ()) == ((), ())


# --- what a device states ---


def test_a_stated_plate_is_a_read_without_corners() -> None:
    watch = plate_pass(read=False)
    watch.read(shown(0, stated=[StatedPlate(TEXT, (0.9,), "blue")]), cars(CAR), [7])
    plates, (shot,) = watch.part_of(part_of(), ())
    plate = one(plates)
    assert likeliest_text(plate.log_probs) == TEXT
    assert plate.corners is None
    assert plate.shot_id == shot.shot_id
    assert shot.xyxy == CAR


def test_a_stated_plate_joins_our_own_read() -> None:
    watch = plate_pass()
    stated = [StatedPlate(TEXT, (0.9,))]
    watch.read(shown(0, (TEXT, 140, 180), stated=stated), cars(CAR), [7])
    plate = one(watch.part_of(part_of(), ())[0])
    assert plate.reads == 2
    assert plate.corners is not None


@pytest.mark.parametrize(
    ("box", "whose"),
    [(None, 8), ((130.0, 160.0, 190.0, 180.0), 7), ((600.0, 10.0, 630.0, 20.0), 8)],
    ids=["no box: the largest", "the vehicle that holds it", "on none: the largest"],
)
def test_a_stated_plate_goes_to_the_vehicle_it_must_mean(
    box: tuple[float, float, float, float] | None, whose: int
) -> None:
    watch = plate_pass(read=False)
    frame = shown(0, stated=[StatedPlate(TEXT, xyxy=box)])
    watch.read(frame, cars(CAR, (300, 100, 580, 340)), [7, 8])
    got = [i for i in (7, 8) if watch.part_of(part_of(i), ())[0]]
    assert got == [whose]


def test_a_stated_plate_without_a_vehicle_is_nobodys() -> None:
    watch = plate_pass(read=False)
    assert watch.read(shown(0, stated=[StatedPlate(TEXT)]), cars(), []).tolist() == []


# --- for the index, and the settings ---


def test_rows_for_the_index_are_one_for_each_plate() -> None:
    assert plate_rows([]) is None


@pytest.mark.parametrize("names", [("finder", ""), ("", "reader")])
def test_settings_name_both_models_or_neither(tmp_path: Path, names: tuple[str, str]) -> None:
    folder = ModelFolder(tmp_path)
    finder, reader = names
    settings = Settings(data_dir=tmp_path, plate_finder=finder, plate_reader=reader)
    with pytest.raises(InvalidInput, match="both named or neither"):
        load_plate_models(settings, folder)


def test_settings_that_name_none_read_no_plates(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, plate_finder="", plate_reader="")
    assert load_plate_models(settings, ModelFolder(tmp_path)) is None
