"""What every `PlateFinder` promises."""

from collections.abc import Callable

import numpy as np
import pytest

from core.protocols import PlateFinder
from core.types import no_detections
from detectors.plate_finder import OnnxPlateFinder
from tests.detectors.plate_models import BlockFinderSession, street, vehicles

makers = pytest.mark.parametrize(
    "make", [pytest.param(lambda: OnnxPlateFinder(BlockFinderSession(), batch=2), id="blocks")]
)
MakeFinder = Callable[[], PlateFinder]

STREETS = [
    street((320, 330, 380, 350)),
    street((250, 200, 300, 216), (320, 330, 380, 350)),
    street((100, 90, 130, 100), (330, 330, 370, 344)),
]
CAR, VAN = (200.0, 150.0, 500.0, 400.0), (60.0, 40.0, 180.0, 130.0)


@makers
def test_no_vehicles_have_no_plates(make: MakeFinder) -> None:
    corners, confidence, rows = make().find(STREETS, no_detections())
    assert corners.shape == (0, 4, 2)
    assert confidence.shape == rows.shape == (0,)


@makers
def test_rows_ascend_and_every_number_is_in_its_range(make: MakeFinder) -> None:
    seen = vehicles(CAR, CAR, VAN, CAR, frames=(0, 1, 2, 2))
    corners, confidence, rows = make().find(STREETS, seen)
    assert len(corners) == len(confidence) == len(rows) >= 4
    assert (np.diff(rows) >= 0).all()
    assert ((confidence > 0) & (confidence <= 1)).all()
    assert np.isfinite(corners).all()


@makers
def test_batch_of_pictures_equals_pictures_alone(make: MakeFinder) -> None:
    finder = make()
    together = finder.find(STREETS, vehicles(CAR, CAR, CAR, frames=(0, 1, 2)))
    for number, surface in enumerate(STREETS):
        corners, confidence, _ = finder.find([surface], vehicles(CAR))
        mine = together[2] == number
        assert np.allclose(together[0][mine], corners, atol=0.5)
        assert np.allclose(together[1][mine], confidence, atol=1e-4)
