"""YOLOX, raw grid: (B, A, 5 + L), centre and size per cell, objectness, one score per label.

Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv 2107.08430. Scores are sigmoids already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32
from core.runtime.session import Shape
from core.types import ModelSpec
from detectors.raw import LabelChoice, RawBoxes, check_confidences, check_outputs, grid_centres

_STRIDES = (8, 16, 32)
_WIDEST = 10.0  # exp of it times a stride is beyond any picture; larger ones overflow


@dataclass(frozen=True, slots=True, eq=False)
class YoloxDecoder:
    """`corners` (A, 2) of the cells in cells, and their `stride` (A, 1) in model pixels."""

    spec: ModelSpec
    labels: LabelChoice
    corners: F32
    stride: F32
    nms_iou: float | None = 0.45  # as its authors do

    @staticmethod
    def fitted(
        spec: ModelSpec, labels: LabelChoice, output_shapes: Mapping[str, Shape]
    ) -> "YoloxDecoder":
        """The decoder for a model with these outputs; `ModelMismatch` if they are another's."""
        grids = [grid_centres(spec.input_hw, stride, offset=0) for stride in _STRIDES]
        corners = np.concatenate(grids)
        wanted = {"?output": (None, len(corners), 5 + len(spec.labels))}
        check_outputs(wanted, output_shapes, spec)
        stride = np.repeat(np.array(_STRIDES, np.float32), [len(grid) for grid in grids])
        return YoloxDecoder(spec, labels, corners, stride[:, None])

    def decode(self, outputs: Sequence[F32], floor: float) -> list[RawBoxes]:
        return [self._one(picture, floor) for picture in outputs[0]]

    def _one(self, picture: F32, floor: float) -> RawBoxes:
        objectness = picture[:, 4]
        check_confidences(objectness, self.spec)
        # A product with something below 1 is below the floor where the objectness is.
        place = np.flatnonzero(objectness > floor)
        cells = picture[place]
        check_confidences(cells[:, 5:], self.spec)
        confidence, label, looked_for = self.labels.best(cells[:, 5:])
        confidence = confidence * cells[:, 4]
        keep = looked_for & (confidence > floor)
        cells, place = cells[keep], place[keep]
        centre = (cells[:, :2] + self.corners[place]) * self.stride[place]
        half = np.exp(np.minimum(cells[:, 2:4], _WIDEST)) * self.stride[place] / 2
        xyxy = np.concatenate([centre - half, centre + half], axis=1)
        return RawBoxes(xyxy, confidence[keep], label[keep])
