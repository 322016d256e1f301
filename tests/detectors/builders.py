"""Declarations, pictures and a session whose outputs a test writes itself."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from core.arrays import F32, U8
from core.runtime.session import Shape
from core.types import ClockSource, Frame, ModelSpec
from detectors.raw import LabelChoice, RawBoxes
from ingest.surface import HostSurface

LABELS = ("person", "bicycle", "car", "dog")
"""A short COCO: three labels that are looked for and one that is not."""

PERSON, BICYCLE, CAR, DOG = range(4)
ALL_BUT_DOG = LabelChoice.of(4, [PERSON, BICYCLE, CAR])


def detector_spec(
    decoder: str = "yolov8",
    *,
    input_hw: tuple[int, int] = (64, 64),
    labels: Sequence[str] = LABELS,
    layout: str = "NCHW",
    colour: str = "RGB",
    scale: float = 1.0,
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
    std: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> ModelSpec:
    return ModelSpec(
        name="tiny",
        version="1",
        sha256="a" * 64,
        licence="AGPL-3.0-or-later",
        task="detect",
        family="",
        decoder=decoder,
        input_hw=input_hw,
        layout="NHWC" if layout == "NHWC" else "NCHW",
        colour="BGR" if colour == "BGR" else "RGB",
        scale=scale,
        mean=mean,
        std=std,
        labels=tuple(labels),
    )


class WrittenSession:
    """Gives each row of a batch the outputs that a test wrote, and keeps the blobs it was given."""

    def __init__(
        self, spec: ModelSpec, outputs: Mapping[str, F32], shapes: Mapping[str, Shape] | None = None
    ) -> None:
        self.spec = spec
        self.outputs = outputs
        self.blobs: list[F32] = []
        self._shapes = shapes

    @property
    def output_shapes(self) -> Mapping[str, Shape]:
        if self._shapes is not None:
            return self._shapes
        return {name: (None, *output.shape) for name, output in self.outputs.items()}

    def run(self, blob: F32) -> list[F32]:
        self.blobs.append(blob)
        return [np.repeat(output[None], len(blob), axis=0) for output in self.outputs.values()]


def frame(rgb: U8) -> Frame:
    """A frame of RGB pixels (h, w, 3)."""
    surface = HostSurface.of_rgb(rgb)
    return Frame(1, surface, 0, Fraction(1, 25), 0, 0, ClockSource.RECEIPT, 0.0, 1)


def grey(hw: tuple[int, int], value: int = 120) -> U8:
    return np.full((*hw, 3), value, np.uint8)


def boxes(*rows: tuple[float, float, float, float, float, int]) -> RawBoxes:
    """Raw boxes of (x1, y1, x2, y2, confidence, label)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return RawBoxes(
        np.ascontiguousarray(table[:, :4]), table[:, 4], np.array([r[5] for r in rows], np.int64)
    )
