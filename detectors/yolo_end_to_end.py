"""YOLO26 and YOLOv10, end-to-end head: (B, N, 6), corners in model pixels, confidence, label.

The network picked one box per thing itself: nothing is suppressed afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32
from core.errors import ModelMismatch
from core.runtime.session import Shape
from core.types import ModelSpec
from detectors.raw import LabelChoice, RawBoxes, check_confidences, check_outputs


@dataclass(frozen=True, slots=True, eq=False)
class YoloEndToEndDecoder:
    spec: ModelSpec
    labels: LabelChoice
    nms_iou: float | None = None

    @staticmethod
    def fitted(
        spec: ModelSpec, labels: LabelChoice, output_shapes: Mapping[str, Shape]
    ) -> "YoloEndToEndDecoder":
        """The decoder for a model with these outputs; `ModelMismatch` if they are another's."""
        check_outputs({"?output": (None, None, 6)}, output_shapes, spec)
        return YoloEndToEndDecoder(spec, labels)

    def decode(self, outputs: Sequence[F32], floor: float) -> list[RawBoxes]:
        return [self._one(picture, floor) for picture in outputs[0]]

    def _one(self, picture: F32, floor: float) -> RawBoxes:
        check_confidences(picture[:, 4], self.spec)
        found = picture[picture[:, 4] > floor]
        label = np.rint(found[:, 5]).astype(np.int64)
        known = len(self.labels.chosen)
        if len(label) and not 0 <= label.min() <= label.max() < known:
            raise ModelMismatch(
                f"{self.spec.name}: want labels 0 to {known - 1}, "
                f"got {label.min()} to {label.max()}"
            )
        keep = self.labels.chosen[label]
        return RawBoxes(np.ascontiguousarray(found[keep, :4]), found[keep, 4], label[keep])
