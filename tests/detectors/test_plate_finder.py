"""Plates of vehicles in source pixels, each once and on the vehicle it belongs to."""

import numpy as np
import pytest

from core.arrays import F32
from core.errors import InvalidInput, ModelMismatch
from core.types import ObjectClass, no_detections
from detectors.plate_finder import OnnxPlateFinder, boxes_of
from tests.detectors.plate_models import (
    BlockFinderSession,
    BrightnessReaderSession,
    street,
    vehicles,
)

CAR = (200.0, 150.0, 500.0, 400.0)
PLATE = (320, 330, 380, 350)


def finder(**options: bool | int | float) -> OnnxPlateFinder:
    return OnnxPlateFinder(BlockFinderSession(), **options)  # type: ignore[arg-type]


def test_corners_are_source_pixels() -> None:
    corners, confidence, rows = finder().find([street(PLATE)], vehicles(CAR))
    assert rows.tolist() == [0]
    assert confidence[0] > 0.9
    assert np.allclose(boxes_of(corners), [PLATE], atol=2)


def test_second_look_makes_corners_exact() -> None:
    # The car is 1000 px wide and shown 128 wide: the first look is good to 4 px or so.
    car, plate = (100.0, 100.0, 1100.0, 850.0), (603, 701, 665, 724)
    surface = street(plate, hw=(1000, 1200))
    far = finder(second_look=False).find([surface], vehicles(car))[0]
    near = finder().find([surface], vehicles(car))[0]
    wanted = np.array([plate], np.float32)
    assert np.abs(boxes_of(near) - wanted).max() <= 1.5
    assert np.abs(boxes_of(near) - wanted).max() < np.abs(boxes_of(far) - wanted).max()


def test_vehicle_as_small_as_its_window_is_not_looked_at_twice() -> None:
    session = BlockFinderSession()
    OnnxPlateFinder(session).find([street((60, 60, 90, 70))], vehicles((40, 40, 110, 90)))
    assert session.runs == [1]


def test_several_plates_of_one_vehicle_are_all_found() -> None:
    both = street((250, 200, 300, 216), (320, 330, 380, 350))
    _, _, rows = finder().find([both], vehicles(CAR))
    assert rows.tolist() == [0, 0]


def test_persons_are_not_looked_at() -> None:
    person = vehicles(CAR, kind=ObjectClass.PERSON)
    assert len(finder().find([street(PLATE)], person)[0]) == 0


def test_plate_beside_its_window_s_vehicle_is_not_its_own() -> None:
    # The rider's window is as wide as the input's shape wants, the car's plate lies in it.
    corners, _, rows = finder().find(
        [street((250, 300, 290, 314))], vehicles((100, 100, 180, 400), (200, 150, 500, 400))
    )
    assert rows.tolist() == [1]
    assert len(corners) == 1


def test_plate_in_two_boxes_belongs_to_the_nearer_vehicle() -> None:
    far, near = (200.0, 100.0, 400.0, 260.0), (180.0, 160.0, 420.0, 400.0)
    _, _, rows = finder().find([street((280, 230, 320, 244))], vehicles(far, near))
    assert rows.tolist() == [1]


def test_vehicles_find_plates_in_their_own_picture() -> None:
    empty, full = street(), street(PLATE)
    _, _, rows = finder().find([empty, full], vehicles(CAR, CAR, frames=(0, 1)))
    assert rows.tolist() == [1]


def test_nothing_to_look_at_gives_nothing() -> None:
    corners, confidence, rows = finder().find([], no_detections())
    assert corners.shape == (0, 4, 2)
    assert corners.dtype == confidence.dtype == np.float32
    assert rows.dtype == np.int64


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_batches_are_held_to_their_bound(batch: int) -> None:
    session = BlockFinderSession()
    boxes = [CAR] * 5
    OnnxPlateFinder(session, batch=batch, second_look=False).find([street()], vehicles(*boxes))
    assert sum(session.runs) == 5
    assert max(session.runs) == batch


@pytest.mark.parametrize("options", [{"batch": 0}, {"least_confidence": 0.0}])
def test_senseless_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(options))):
        finder(**options)


def test_model_of_another_task_is_refused() -> None:
    with pytest.raises(ModelMismatch, match="want task plate_find"):
        OnnxPlateFinder(BrightnessReaderSession())


def test_cells_of_another_shape_are_a_mismatch() -> None:
    class Other(BlockFinderSession):
        def run(self, blob: F32) -> list[F32]:
            return [super().run(blob)[0][:, :8]]

    with pytest.raises(ModelMismatch, match=r"want cells \(1, 9, h, w\)"):
        OnnxPlateFinder(Other()).find([street(PLATE)], vehicles(CAR))
