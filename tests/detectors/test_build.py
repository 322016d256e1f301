"""The declaration alone chooses the decoder, and a model that does not fit it is refused."""

import dataclasses

import numpy as np
import pytest

from core.errors import ModelMismatch
from core.runtime.catalogue import bundled_catalogue
from core.runtime.session import Shape
from detectors.build import build_decoder, build_detector
from detectors.classes import LabelMap
from detectors.nanodet import NanodetDecoder
from detectors.yolo_end_to_end import YoloEndToEndDecoder
from detectors.yolov8 import Yolov8Decoder
from detectors.yolox import YoloxDecoder
from tests.detectors.builders import ALL_BUT_DOG, WrittenSession, detector_spec

NANODET: dict[str, Shape] = {
    **{f"cls_pred_stride_{s}": (1, n, 4) for s, n in ((8, 64), (16, 16), (32, 4))},
    **{f"dis_pred_stride_{s}": (1, n, 32) for s, n in ((8, 64), (16, 16), (32, 4))},
}


@pytest.mark.parametrize(
    ("decoder", "shapes", "kind"),
    [
        ("yolov8", {"o": (1, 8, 84)}, Yolov8Decoder),
        ("yolox", {"o": (1, 84, 9)}, YoloxDecoder),
        ("yolo_end_to_end", {"o": (1, 300, 6)}, YoloEndToEndDecoder),
        ("nanodet", NANODET, NanodetDecoder),
    ],
)
def test_declared_decoder_is_built(decoder: str, shapes: dict[str, Shape], kind: type) -> None:
    assert isinstance(build_decoder(detector_spec(decoder), shapes, ALL_BUT_DOG), kind)


def test_unknown_decoder_lists_those_there_are() -> None:
    with pytest.raises(ModelMismatch, match=r"want a decoder of .*yolov8.*, got 'ssd'"):
        build_decoder(detector_spec("ssd"), {}, ALL_BUT_DOG)


def test_model_of_another_family_is_refused_when_built() -> None:
    spec = detector_spec("yolox")
    session = WrittenSession(spec, {"output0": np.zeros((8, 84), np.float32)})
    with pytest.raises(ModelMismatch, match=r"\(any, 84, 9\), got output0 \(any, 8, 84\)"):
        build_detector(spec, session)


def test_embedder_is_no_detector() -> None:
    spec = dataclasses.replace(detector_spec(), task="embed")
    with pytest.raises(ModelMismatch, match="want task detect, got embed"):
        build_detector(spec, WrittenSession(spec, {}))


def test_every_bundled_detector_has_labels_of_ours() -> None:
    specs = [entry.spec for entry in bundled_catalogue().entries.values()]
    for spec in specs:
        if spec.task == "detect":
            ours = 8 if spec.name == "city-detector" else 6  # people, cycles, cars, buses, trucks
            assert len(LabelMap.of(spec).choice.rows) == ours
