"""What every `Detector` promises."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from core.arrays import U8
from core.protocols import Detector
from core.types import Detections, ObjectClass
from detectors.build import build_detector
from detectors.fake import ColourDetector
from tests.detectors.builders import WrittenSession, detector_spec, frame
from tests.detectors.weights import detector


def written() -> Detector:
    """The real detector around a session that sees a man and a car in every picture."""
    spec = detector_spec("yolo_end_to_end")
    rows = np.array([(10, 20, 20, 44, 0.9, 0), (30, 20, 60, 40, 0.5, 2)], np.float32)
    return build_detector(spec, WrittenSession(spec, {"output0": rows}), batch=2)


def real(name: str) -> object:
    return pytest.param(lambda: detector(name), id=name, marks=pytest.mark.testdata)


makers = pytest.mark.parametrize(
    "make",
    [
        pytest.param(ColourDetector, id="colour"),
        pytest.param(written, id="written"),
        real("yolov8n-int8"),
        real("yolox-nano"),
        real("nanodet-m"),
    ],
)
MakeDetector = Callable[[], Detector]


def street(seed: int, hw: tuple[int, int] = (240, 320)) -> U8:
    """A noisy picture with some coloured shapes: nobody in it, and much that may look so."""
    random = np.random.default_rng(seed)
    picture = random.integers(90, 140, (*hw, 3), dtype=np.uint8)
    for _ in range(4):
        y, x = random.integers(0, [hw[0] - 90, hw[1] - 90])
        height, width = random.integers(20, 90, 2)
        picture[y : y + height, x : x + width] = random.integers(0, 256, 3)
    return picture


def seen(make: MakeDetector, pictures: Sequence[U8]) -> Detections:
    return make().detect([frame(picture) for picture in pictures])


@makers
def test_no_frames_give_no_boxes(make: MakeDetector) -> None:
    assert len(seen(make, [])) == 0


@makers
def test_batch_of_n_is_n_batches_of_one(make: MakeDetector) -> None:
    pictures = [street(seed) for seed in range(5)]
    together = seen(make, pictures)
    for index, picture in enumerate(pictures):
        alone, part = seen(make, [picture]), together.of_frame(index)
        assert part.class_id.tolist() == alone.class_id.tolist()
        assert np.allclose(part.xyxy, alone.xyxy, atol=0.1)
        assert np.allclose(part.confidence, alone.confidence, atol=1e-3)


@makers
def test_boxes_lie_inside_their_picture(make: MakeDetector) -> None:
    sizes = [(240, 320), (480, 120)]
    found = seen(make, [street(seed, hw) for seed, hw in enumerate(sizes)])
    for index, (height, width) in enumerate(sizes):
        xyxy = found.of_frame(index).xyxy
        assert (xyxy >= 0).all()
        assert (xyxy <= [width, height, width, height]).all()
        assert (xyxy[:, 2:] > xyxy[:, :2]).all()


@makers
def test_classes_are_ours_and_confidences_confidences(make: MakeDetector) -> None:
    found = seen(make, [street(seed) for seed in range(3)])
    assert set(found.class_id.tolist()) <= {int(each) for each in ObjectClass}
    assert ((found.confidence > 0) & (found.confidence <= 1)).all()


@makers
def test_smallest_picture_is_looked_at(make: MakeDetector) -> None:
    found = seen(make, [np.zeros((1, 1, 3), np.uint8)])
    assert (found.xyxy <= 1).all()


@makers
def test_spec_declares_a_detector(make: MakeDetector) -> None:
    spec = make().spec
    assert spec.task == "detect"
    assert spec.labels
    assert len(spec.sha256) == 64
