"""What every output family ends in: boxes in model pixels, with the model's own labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.arrays import F32, I64, Bool, checked, same_length
from core.errors import ModelMismatch
from core.runtime.session import Shape
from core.types import ModelSpec

_ROUNDING = 0.01  # half precision may end a little above 1


@dataclass(frozen=True, slots=True, eq=False)
class RawBoxes:
    """Boxes of one picture: `xyxy` (N, 4) model pixels, `label` (N,) rows of `spec.labels`."""

    xyxy: F32
    confidence: F32
    label: I64

    def __post_init__(self) -> None:
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("confidence", self.confidence, np.float32, "N")
        checked("label", self.label, np.int64, "N")
        same_length(xyxy=self.xyxy, confidence=self.confidence, label=self.label)

    def __len__(self) -> int:
        return len(self.xyxy)

    def rows(self, which: I64 | Bool) -> "RawBoxes":
        """Those boxes only, in that order."""
        return RawBoxes(self.xyxy[which], self.confidence[which], self.label[which])


class Decoder(Protocol):
    """One output family. It looks at confidences first and at boxes only where there is one."""

    @property
    def nms_iou(self) -> float | None:
        """Above which overlap two boxes of a label are one thing; None if the model saw to it."""

    def decode(self, outputs: Sequence[F32], floor: float) -> list[RawBoxes]:
        """Per picture the boxes above `floor`, before any suppression.

        `ModelMismatch` for confidences that are none: they would look like an empty street.
        """


@dataclass(frozen=True, slots=True, eq=False)
class LabelChoice:
    """Which of a model's labels are looked for: `rows` ascending, `chosen` (L,) the same as flags.

    A place belongs to its best label, and one whose best label is not looked for is dropped.
    """

    rows: I64
    chosen: Bool

    @staticmethod
    def of(count: int, rows: Sequence[int]) -> "LabelChoice":
        chosen = np.zeros(count, np.bool_)
        chosen[list(rows)] = True
        return LabelChoice(np.flatnonzero(chosen), chosen)

    def best(self, scores: F32) -> tuple[F32, I64, Bool]:
        """The highest of `scores` (K, L), its label, and whether that is looked for; (K,) each."""
        label = scores.argmax(axis=1)
        return scores[np.arange(len(scores)), label], label, self.chosen[label]


def check_confidences(scores: NDArray[Any], spec: ModelSpec) -> None:
    """`ModelMismatch` unless all lie in 0 to 1: logits, NaN or coordinates are no confidences."""
    if not scores.size:
        return
    low, high = float(scores.min()), float(scores.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # so written, NaN fails too
        raise ModelMismatch(
            f"{spec.name}: want confidences of 0 to 1 from decoder {spec.decoder}, "
            f"got {low:g} to {high:g}"
        )


def check_outputs(wanted: Mapping[str, Shape], got: Mapping[str, Shape], spec: ModelSpec) -> None:
    """`ModelMismatch` unless the outputs, in order, can have the wanted shapes.

    A name that starts with `?` stands for any.
    """
    fits = len(wanted) == len(got) and all(
        (w_name.startswith("?") or w_name == g_name) and _can_be(g_shape, w_shape)
        for (w_name, w_shape), (g_name, g_shape) in zip(wanted.items(), got.items(), strict=True)
    )
    if not fits:
        raise ModelMismatch(
            f"{spec.name}: decoder {spec.decoder} wants {_drawn(wanted)}, got {_drawn(got)}"
        )


def _can_be(got: Shape, wanted: Shape) -> bool:
    return len(got) == len(wanted) and all(
        g is None or w is None or g == w for g, w in zip(got, wanted, strict=True)
    )


def _drawn(shapes: Mapping[str, Shape]) -> str:
    drawn = (
        f"{name.lstrip('?')} ({', '.join('any' if s is None else str(s) for s in shape)})"
        for name, shape in shapes.items()
    )
    return "; ".join(drawn) or "none"


def grid_centres(input_hw: tuple[int, int], stride: int, offset: float) -> F32:
    """Where the cells of one stride lie, x and y in cells plus `offset`, row by row, (A, 2)."""
    rows, columns = input_hw[0] // stride, input_hw[1] // stride
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32) + np.float32(offset)


def no_boxes() -> RawBoxes:
    return RawBoxes(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))
