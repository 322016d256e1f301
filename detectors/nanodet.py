"""NanoDet (GFL head): per stride label scores (B, A, L) and distances to the sides (B, A, 4 * R).

Each distance is a distribution over R whole strides; its mean counts. Li et al., Generalized
Focal Loss, arXiv 2006.04388. Scores are sigmoids already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32
from core.errors import ModelMismatch
from core.runtime.session import Shape
from core.types import ModelSpec
from detectors.raw import (
    LabelChoice,
    RawBoxes,
    check_confidences,
    check_outputs,
    grid_centres,
)

_STRIDES = (8, 16, 32)
_SIDES = 4


@dataclass(frozen=True, slots=True, eq=False)
class NanodetDecoder:
    """`centres` per stride (A, 2), in model pixels."""

    spec: ModelSpec
    labels: LabelChoice
    centres: tuple[F32, ...]
    nms_iou: float | None = 0.6  # as its authors do

    @staticmethod
    def fitted(
        spec: ModelSpec, labels: LabelChoice, output_shapes: Mapping[str, Shape]
    ) -> "NanodetDecoder":
        """The decoder for a model with these outputs; `ModelMismatch` if they are another's."""
        centres = tuple(grid_centres(spec.input_hw, s, offset=0.5) * s for s in _STRIDES)
        places = {f"stride_{s}": len(c) for s, c in zip(_STRIDES, centres, strict=True)}
        wanted: dict[str, Shape] = {
            **{f"cls_pred_{name}": (None, n, len(spec.labels)) for name, n in places.items()},
            **{f"dis_pred_{name}": (None, n, None) for name, n in places.items()},
        }
        check_outputs(wanted, output_shapes, spec)
        steps = {shape[2] for name, shape in output_shapes.items() if name.startswith("dis_")}
        if len(steps) != 1 or any(n is not None and n % _SIDES for n in steps):
            raise ModelMismatch(
                f"{spec.name}: want one number of distances per place, a multiple of {_SIDES}, "
                f"got {steps}"
            )
        return NanodetDecoder(spec, labels, centres)

    def decode(self, outputs: Sequence[F32], floor: float) -> list[RawBoxes]:
        scores, distances = outputs[: len(_STRIDES)], outputs[len(_STRIDES) :]
        return [
            self._one([s[row] for s in scores], [d[row] for d in distances], floor)
            for row in range(len(scores[0]))
        ]

    def _one(self, scores: Sequence[F32], distances: Sequence[F32], floor: float) -> RawBoxes:
        strides = [
            self._stride(index, scores[index], distances[index], floor)
            for index in range(len(_STRIDES))
        ]
        return RawBoxes(
            np.concatenate([boxes.xyxy for boxes in strides]),
            np.concatenate([boxes.confidence for boxes in strides]),
            np.concatenate([boxes.label for boxes in strides]),
        )

    def _stride(self, index: int, scores: F32, distances: F32, floor: float) -> RawBoxes:
        looked_for = scores[:, self.labels.rows]
        check_confidences(looked_for, self.spec)
        place = np.flatnonzero(looked_for.max(axis=1) > floor)
        confidence, label, keep = self.labels.best(scores[place])
        place = place[keep]
        sides = mean_distances(distances[place]) * _STRIDES[index]
        centre = self.centres[index][place]
        xyxy = np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], axis=1)
        return RawBoxes(xyxy, confidence[keep], label[keep])


def mean_distances(logits: F32) -> F32:
    """Left, top, right and bottom (K, 4) in strides: the mean under a softmax of (K, 4 * R)."""
    steps = logits.reshape(len(logits), _SIDES, logits.shape[1] // _SIDES)
    weight = np.exp(steps - steps.max(axis=2, keepdims=True))
    weight /= weight.sum(axis=2, keepdims=True)
    return np.asarray(weight @ np.arange(steps.shape[2], dtype=np.float32), np.float32)
