"""The detector for a model's declaration."""

from collections.abc import Callable, Mapping

from core.errors import ModelMismatch
from core.runtime.session import ModelSession, Shape
from core.types import ModelSpec
from detectors.classes import LabelMap
from detectors.nanodet import NanodetDecoder
from detectors.onnx_detector import CONFIDENCE_FLOOR, OnnxDetector
from detectors.raw import Decoder, LabelChoice
from detectors.yolo_end_to_end import YoloEndToEndDecoder
from detectors.yolov8 import Yolov8Decoder
from detectors.yolox import YoloxDecoder

_FAMILIES: Mapping[str, Callable[[ModelSpec, LabelChoice, Mapping[str, Shape]], Decoder]] = {
    "yolox": YoloxDecoder.fitted,
    "yolov8": Yolov8Decoder.fitted,
    "yolo_end_to_end": YoloEndToEndDecoder.fitted,
    "nanodet": NanodetDecoder.fitted,
}


def build_detector(
    spec: ModelSpec,
    session: ModelSession,
    *,
    confidence_floor: float = CONFIDENCE_FLOOR,
    nms_iou: float | None = None,
    batch: int = 8,
) -> OnnxDetector:
    """A detector that runs `session` and reads its outputs as `spec.decoder` says.

    `ModelMismatch` if the model is no detector, its outputs are not of that family, or none of
    its labels is one that we look for. `nms_iou` None takes the family's own.
    """
    if spec.task != "detect":
        raise ModelMismatch(f"{spec.name}: want task detect, got {spec.task}")
    labels = LabelMap.of(spec)
    decoder = build_decoder(spec, session.output_shapes, labels.choice)
    return OnnxDetector(
        session,
        decoder,
        labels,
        confidence_floor=confidence_floor,
        nms_iou=nms_iou,
        batch=batch,
    )


def build_decoder(
    spec: ModelSpec, output_shapes: Mapping[str, Shape], choice: LabelChoice
) -> Decoder:
    """The decoder of `spec.decoder`, fitted to the model's outputs."""
    fitted = _FAMILIES.get(spec.decoder)
    if fitted is None:
        raise ModelMismatch(
            f"{spec.name}: want a decoder of {sorted(_FAMILIES)}, got {spec.decoder!r}"
        )
    return fitted(spec, choice, output_shapes)
