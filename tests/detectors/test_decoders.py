"""Each output family's arithmetic, on outputs worked out by hand."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from core.arrays import F32
from core.errors import ModelMismatch
from core.runtime.session import Shape
from core.types import ModelSpec
from detectors.nanodet import NanodetDecoder, mean_distances
from detectors.raw import LabelChoice, RawBoxes
from detectors.yolo_end_to_end import YoloEndToEndDecoder
from detectors.yolov8 import Yolov8Decoder
from detectors.yolox import YoloxDecoder
from tests.detectors.builders import ALL_BUT_DOG, CAR, DOG, PERSON, detector_spec

FLOOR = 0.1
PLACES = 64 + 16 + 4  # of a 64x64 picture at strides 8, 16 and 32


def alone(decoded: list[RawBoxes]) -> tuple[list[float], float, int]:
    """The one box of the one picture: corners, confidence to six digits, label."""
    (found,) = decoded
    assert len(found) == 1
    return found.xyxy[0].tolist(), round(float(found.confidence[0]), 6), int(found.label[0])


# --- YOLOv8 ------------------------------------------------------------------------------------


def yolov8() -> Yolov8Decoder:
    return Yolov8Decoder.fitted(detector_spec(), ALL_BUT_DOG, {"output0": (1, 8, PLACES)})


def yolov8_output(*places: tuple[int, tuple[float, ...], tuple[float, ...]]) -> F32:
    """(1, 8, A) with (place, centre and size, scores)."""
    output = np.zeros((1, 8, PLACES), np.float32)
    for place, box, scores in places:
        output[0, :, place] = (*box, *scores)
    return output


def test_yolov8_box_is_centre_and_size() -> None:
    output = yolov8_output((5, (30, 20, 10, 16), (0.9, 0, 0.2, 0)))
    xyxy, confidence, label = alone(yolov8().decode([output], FLOOR))
    assert xyxy == [25, 12, 35, 28]
    assert (confidence, label) == (0.9, PERSON)


def test_yolov8_place_of_another_label_is_dropped() -> None:
    output = yolov8_output((5, (30, 20, 10, 16), (0.5, 0, 0, 0.6)))
    assert len(yolov8().decode([output], FLOOR)[0]) == 0


def test_yolov8_place_at_the_floor_is_dropped() -> None:
    output = yolov8_output((5, (30, 20, 10, 16), (0.1, 0, 0, 0)))
    assert len(yolov8().decode([output], 0.1)[0]) == 0


def test_yolov8_pictures_stay_apart() -> None:
    one = yolov8_output((0, (30, 20, 10, 16), (0.9, 0, 0, 0)))
    other = yolov8_output((0, (8, 8, 4, 4), (0, 0, 0.8, 0)), (1, (8, 8, 4, 4), (0.7, 0, 0, 0)))
    decoded = yolov8().decode([np.concatenate([one, other])], FLOOR)
    assert [found.label.tolist() for found in decoded] == [[PERSON], [CAR, PERSON]]


# --- YOLOX -------------------------------------------------------------------------------------


def yolox() -> YoloxDecoder:
    return YoloxDecoder.fitted(detector_spec("yolox"), ALL_BUT_DOG, {"output": (1, PLACES, 9)})


def yolox_output(place: int, row: tuple[float, ...]) -> F32:
    output = np.zeros((1, PLACES, 9), np.float32)
    output[0, place] = row
    return output


def test_yolox_box_starts_at_its_cell() -> None:
    # Place 11 is column 3, row 1 of stride 8; sizes are exponents of 2 and 3 strides.
    row = (0.5, 0.25, np.log(2), np.log(3), 0.8, 0.5, 0, 0, 0)
    xyxy, confidence, label = alone(yolox().decode([yolox_output(11, row)], FLOOR))
    assert np.allclose(xyxy, [3.5 * 8 - 8, 1.25 * 8 - 12, 3.5 * 8 + 8, 1.25 * 8 + 12])
    assert (confidence, label) == (0.4, PERSON)


def test_yolox_coarser_cells_come_after_the_finer() -> None:
    # Place 64 + 16 + 3 is column 1, row 1 of stride 32.
    row = (0, 0, 0, 0, 1, 0, 0, 1, 0)
    xyxy, _, label = alone(yolox().decode([yolox_output(83, row)], FLOOR))
    assert xyxy == [16, 16, 48, 48]
    assert label == CAR


def test_yolox_confidence_is_objectness_times_score() -> None:
    row = (0, 0, 0, 0, 0.3, 0.3, 0, 0, 0)
    assert len(yolox().decode([yolox_output(0, row)], 0.1)[0]) == 0


def test_yolox_absurd_size_does_not_overflow() -> None:
    row = (0, 0, 1000, 1000, 1, 1, 0, 0, 0)
    xyxy, _, _ = alone(yolox().decode([yolox_output(0, row)], FLOOR))
    assert np.isfinite(xyxy).all()


# --- YOLO26 and v10 ----------------------------------------------------------------------------


def end_to_end() -> YoloEndToEndDecoder:
    spec = detector_spec("yolo_end_to_end")
    return YoloEndToEndDecoder.fitted(spec, ALL_BUT_DOG, {"output0": (1, 300, 6)})


def test_end_to_end_rows_are_taken_as_they_are() -> None:
    rows = [(1, 2, 11, 22, 0.9, CAR), (5, 5, 9, 9, 0.8, DOG), (0, 0, 0, 0, 0.0, 0)]
    xyxy, confidence, label = alone(end_to_end().decode([np.array([rows], np.float32)], FLOOR))
    assert xyxy == [1, 2, 11, 22]
    assert (confidence, label) == (0.9, CAR)


def test_end_to_end_needs_no_suppression() -> None:
    assert end_to_end().nms_iou is None


def test_end_to_end_label_beyond_the_declared_is_a_mismatch() -> None:
    with pytest.raises(ModelMismatch, match="want labels 0 to 3, got 4"):
        end_to_end().decode([np.array([[(1, 2, 11, 22, 0.9, 4)]], np.float32)], FLOOR)


# --- NanoDet -----------------------------------------------------------------------------------

STEPS = 8  # distances of 0 to 7 strides


def nanodet() -> NanodetDecoder:
    shapes = {name: output.shape for name, output in nanodet_outputs().items()}
    return NanodetDecoder.fitted(detector_spec("nanodet"), ALL_BUT_DOG, shapes)


def nanodet_outputs() -> dict[str, F32]:
    places = {8: 64, 16: 16, 32: 4}
    scores = {f"cls_pred_stride_{s}": np.zeros((1, n, 4), np.float32) for s, n in places.items()}
    sides = {f"dis_pred_stride_{s}": np.zeros((1, n, 32), np.float32) for s, n in places.items()}
    return {**scores, **sides}


def certain(*steps: int) -> F32:
    """Logits (4 * 8,) that leave no doubt about the four distances."""
    logits = np.full((4, STEPS), -50, np.float32)
    logits[np.arange(4), list(steps)] = 50
    return logits.ravel()


def test_nanodet_box_reaches_from_its_centre_to_the_sides() -> None:
    outputs = nanodet_outputs()
    outputs["cls_pred_stride_16"][0, 6] = (0, 0, 0.7, 0.1)  # column 2, row 1
    outputs["dis_pred_stride_16"][0, 6] = certain(1, 0, 2, 1)
    xyxy, confidence, label = alone(nanodet().decode(list(outputs.values()), FLOOR))
    assert np.allclose(xyxy, [40 - 16, 24, 40 + 32, 24 + 16])
    assert (confidence, label) == (0.7, CAR)


def test_nanodet_distance_is_the_mean_of_its_distribution() -> None:
    logits = np.full((1, 4 * STEPS), -50, np.float32).reshape(1, 4, STEPS)
    logits[..., [2, 4]] = 0  # as likely 2 as 4
    assert np.allclose(mean_distances(logits.reshape(1, -1)), 3)


def test_nanodet_large_logits_do_not_overflow() -> None:
    assert np.allclose(mean_distances(np.full((1, 32), 1e4, np.float32)), 3.5)


# --- all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, 7.0, -3.0], ids=["nan", "logit", "negative logit"])
@pytest.mark.parametrize("family", ["yolov8", "yolox", "end_to_end", "nanodet"])
def test_confidences_that_are_none_are_no_empty_street(family: str, bad: float) -> None:
    decode = {
        "yolov8": lambda: yolov8().decode(
            [yolov8_output((0, (9, 9, 4, 4), (bad, 0, 0, 0)))], FLOOR
        ),
        "yolox": lambda: yolox().decode([yolox_output(0, (0, 0, 0, 0, bad, 1, 0, 0, 0))], FLOOR),
        "end_to_end": lambda: end_to_end().decode(
            [np.array([[(1, 2, 11, 22, bad, 0)]], np.float32)], FLOOR
        ),
        "nanodet": lambda: nanodet().decode(_bad_nanodet(bad), FLOOR),
    }
    with pytest.raises(ModelMismatch, match="want confidences of 0 to 1"):
        decode[family]()


def _bad_nanodet(bad: float) -> list[F32]:
    outputs = nanodet_outputs()
    outputs["cls_pred_stride_32"][0, 0, 0] = bad
    return list(outputs.values())


@pytest.mark.parametrize(
    ("fitted", "shapes"),
    [
        (Yolov8Decoder.fitted, {"o": (1, PLACES, 9)}),
        (Yolov8Decoder.fitted, {"o": (1, 84, PLACES)}),
        (Yolov8Decoder.fitted, {"o": (1, 8, 8400)}),
        (YoloxDecoder.fitted, {"o": (1, 8, PLACES)}),
        (YoloxDecoder.fitted, {"o": (1, PLACES, 9), "more": (1,)}),
        (YoloEndToEndDecoder.fitted, {"o": (1, 8, PLACES)}),
        (NanodetDecoder.fitted, {"o": (1, 8, PLACES)}),
        (NanodetDecoder.fitted, {}),
    ],
)
def test_outputs_of_another_family_are_a_mismatch(
    fitted: Callable[[ModelSpec, LabelChoice, Mapping[str, Shape]], object],
    shapes: Mapping[str, Shape],
) -> None:
    with pytest.raises(ModelMismatch, match=r"tiny: decoder tiny wants .*, got "):
        fitted(detector_spec("tiny"), ALL_BUT_DOG, shapes)


def test_nanodet_distances_of_uneven_length_are_a_mismatch() -> None:
    shapes = {name: output.shape for name, output in nanodet_outputs().items()}
    shapes["dis_pred_stride_8"] = (1, 64, 28)
    with pytest.raises(ModelMismatch, match="want one number of distances"):
        NanodetDecoder.fitted(detector_spec("nanodet"), ALL_BUT_DOG, shapes)


def test_dynamic_lengths_fit_any() -> None:
    Yolov8Decoder.fitted(detector_spec(), ALL_BUT_DOG, {"o": (None, 8, None)})


def test_label_choice_keeps_only_its_own() -> None:
    choice = LabelChoice.of(3, [2, 0])
    assert choice.rows.tolist() == [0, 2]
    scores = np.array([[0.1, 0.9, 0.2], [0.1, 0.2, 0.3]], np.float32)
    confidence, label, chosen = choice.best(scores)
    assert label.tolist() == [1, 2]
    assert chosen.tolist() == [False, True]
    assert confidence.tolist() == pytest.approx([0.9, 0.3])
