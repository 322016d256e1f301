"""From frames to boxes in source pixels, with a session whose outputs the test wrote."""

import numpy as np
import pytest

from core.arrays import F32
from core.errors import InvalidInput, ModelMismatch
from core.types import ObjectClass
from detectors.build import build_detector
from detectors.onnx_detector import OnnxDetector
from tests.detectors.builders import (
    BICYCLE,
    CAR,
    PERSON,
    WrittenSession,
    detector_spec,
    frame,
    grey,
)

Row = tuple[float, float, float, float, float, int]
MAN: Row = (10, 20, 20, 44, 0.9, PERSON)


def session(*rows: Row) -> WrittenSession:
    """An end-to-end model over 64x64 that sees the same in every picture."""
    table: F32 = np.zeros((max(1, len(rows)), 6), np.float32)
    table[: len(rows)] = np.array(rows, np.float32).reshape(-1, 6)
    return WrittenSession(detector_spec("yolo_end_to_end"), {"output0": table})


def detector(*rows: Row, batch: int = 8) -> OnnxDetector:
    written = session(*rows)
    return build_detector(written.spec, written, batch=batch)


def test_boxes_come_back_in_source_pixels() -> None:
    # 128x64 is halved and laid in the middle of 64x64, 16 rows down.
    found = detector((10, 20, 20, 44, 0.9, PERSON)).detect([frame(grey((64, 128)))])
    assert found.xyxy.tolist() == [[20, 8, 40, 56]]
    assert found.confidence.tolist() == [np.float32(0.9)]
    assert found.class_id.tolist() == [ObjectClass.PERSON]


def test_boxes_are_clipped_to_the_picture() -> None:
    found = detector((-5, -5, 30, 70, 0.9, PERSON)).detect([frame(grey((64, 64)))])
    assert found.xyxy.tolist() == [[0, 0, 30, 64]]


def test_box_in_the_padding_is_dropped() -> None:
    found = detector((10, 2, 20, 14, 0.9, PERSON)).detect([frame(grey((64, 128)))])
    assert len(found) == 0


def test_no_frames_give_no_boxes_and_no_run() -> None:
    written = session(MAN)
    assert len(build_detector(written.spec, written).detect([])) == 0
    assert written.blobs == []


def test_frames_of_different_sizes_share_a_batch() -> None:
    written = session(MAN)
    frames = [frame(grey((64, 64))), frame(grey((64, 128))), frame(grey((128, 64)))]
    found = build_detector(written.spec, written).detect(frames)
    assert [len(blob) for blob in written.blobs] == [3]
    assert found.frame_index.tolist() == [0, 1, 2]
    assert found.xyxy[0].tolist() == [10, 20, 20, 44]
    assert found.xyxy[1].tolist() == [20, 8, 40, 56]


def test_no_more_frames_than_the_batch_are_held_at_once() -> None:
    written = session(MAN)
    found = build_detector(written.spec, written, batch=2).detect([frame(grey((64, 64)))] * 5)
    assert [len(blob) for blob in written.blobs] == [2, 2, 1]
    assert found.frame_index.tolist() == [0, 1, 2, 3, 4]


def test_model_sees_the_padding_that_it_was_trained_with() -> None:
    written = session()
    build_detector(written.spec, written).detect([frame(grey((64, 128), 30))])
    column = written.blobs[0][0, 0, :, 32]
    assert column[[0, 15, 48, 63]].tolist() == [114.0] * 4
    assert column[[16, 47]].tolist() == [30.0] * 2


def test_rider_is_made_in_source_pixels() -> None:
    rows: list[Row] = [(20, 5, 35, 45, 0.8, PERSON), (10, 25, 45, 50, 0.6, BICYCLE)]
    found = detector(*rows).detect([frame(grey((64, 64)))])
    assert found.class_id.tolist() == [ObjectClass.BICYCLE_RIDER]
    assert found.xyxy.tolist() == [[10, 5, 45, 50]]


def test_family_that_suppresses_is_suppressed() -> None:
    spec = detector_spec("yolov8")
    output = np.zeros((8, 84), np.float32)
    output[:, 0] = (30, 30, 10, 20, 0.9, 0, 0, 0)
    output[:, 1] = (31, 30, 10, 20, 0.8, 0, 0, 0)
    written = WrittenSession(spec, {"output0": output})
    assert len(build_detector(spec, written).detect([frame(grey((64, 64)))])) == 1
    lenient = build_detector(spec, written, nms_iou=0.95)
    assert len(lenient.detect([frame(grey((64, 64)))])) == 2


def test_floor_is_low_enough_for_the_tracker() -> None:
    found = detector((1, 1, 9, 20, 0.11, PERSON), (30, 1, 60, 20, 0.09, CAR))
    assert found.detect([frame(grey((64, 64)))]).class_id.tolist() == [ObjectClass.PERSON]


def test_outputs_of_fewer_pictures_are_a_mismatch() -> None:
    class Halving(WrittenSession):
        def run(self, blob: F32) -> list[F32]:
            return super().run(blob[::2])

    written = session(MAN)
    halving = Halving(written.spec, written.outputs)
    with pytest.raises(ModelMismatch, match="want outputs of 2 pictures, got 1"):
        build_detector(halving.spec, halving).detect([frame(grey((64, 64)))] * 2)


def test_boxes_that_are_none_are_no_empty_street() -> None:
    with pytest.raises(ModelMismatch, match="want finite boxes"):
        detector((np.nan, 2, 20, 40, 0.9, PERSON)).detect([frame(grey((64, 64)))])


def test_confidence_rounded_above_one_is_one() -> None:
    found = detector((1, 2, 20, 40, 1.0005, PERSON)).detect([frame(grey((64, 64)))])
    assert found.confidence.tolist() == [1.0]


@pytest.mark.parametrize("floor", [0.0, 1.0])
def test_floor_outside_its_range_is_refused(floor: float) -> None:
    written = session()
    with pytest.raises(InvalidInput, match="confidence_floor"):
        build_detector(written.spec, written, confidence_floor=floor)


def test_batch_of_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="batch"):
        detector(batch=0)
