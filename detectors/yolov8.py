"""YOLOv8 and YOLO11, raw head: (B, 4 + L, A), centre and size in model pixels, then label scores.

Documented by Ultralytics' ONNX export; scores are sigmoids already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32
from core.runtime.session import Shape
from core.types import ModelSpec
from detectors.raw import LabelChoice, RawBoxes, check_confidences, check_outputs

_STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True, eq=False)
class Yolov8Decoder:
    spec: ModelSpec
    labels: LabelChoice
    nms_iou: float | None = 0.7  # as its authors do

    @staticmethod
    def fitted(
        spec: ModelSpec, labels: LabelChoice, output_shapes: Mapping[str, Shape]
    ) -> "Yolov8Decoder":
        """The decoder for a model with these outputs; `ModelMismatch` if they are another's."""
        height, width = spec.input_hw
        places = sum((height // stride) * (width // stride) for stride in _STRIDES)
        check_outputs({"?output": (None, 4 + len(spec.labels), places)}, output_shapes, spec)
        return Yolov8Decoder(spec, labels)

    def decode(self, outputs: Sequence[F32], floor: float) -> list[RawBoxes]:
        return [self._one(picture, floor) for picture in outputs[0]]

    def _one(self, picture: F32, floor: float) -> RawBoxes:
        # Rows of the labels looked for lie together in memory: a tenth of the picture is read.
        looked_for = picture[4 + self.labels.rows]
        check_confidences(looked_for, self.spec)
        place = np.flatnonzero(looked_for.max(axis=0) > floor)
        found = picture[:, place].T  # (K, 4 + L)
        confidence, label, keep = self.labels.best(found[:, 4:])
        boxes = found[keep, :4]
        centre, half = boxes[:, :2], boxes[:, 2:] / 2
        xyxy = np.concatenate([centre - half, centre + half], axis=1)
        return RawBoxes(xyxy, confidence[keep], label[keep])
