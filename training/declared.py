"""What the bundled models declare of themselves; the recipes train to it."""

from collections.abc import Mapping
from dataclasses import replace

from core.plates.layouts import LAYOUTS
from core.types import ModelSpec, ObjectClass, Task
from detectors.plate_reader import COLOUR_LABEL

NAMES: Mapping[str, str] = {
    "detector": "city-detector",
    "person": "city-person",
    "vehicle": "city-vehicle",
    "finder": "plate-finder",
    "reader": "plate-reader",
}
LABELS = tuple(kind.label for kind in ObjectClass)
DETECTOR_HW = (384, 640)
EMBEDDER_HW: Mapping[str, tuple[int, int]] = {"person": (128, 64), "vehicle": (96, 128)}
DIM = 128
MEAN, STD = 0.5, 0.25
FINDER_HW = (192, 256)
READER_HW = (48, 160)
POSITIONS = 8
"""P of a read: no layout has more characters."""
LAYOUT_NAMES = tuple(one.name for one in LAYOUTS)
COLOURS = tuple(dict.fromkeys(ground for one in LAYOUTS for ground, _ in one.colours))
"""Of the ground, as layouts name them."""

_LICENCE = "AGPL-3.0-or-later"


def detector_spec(sha256: str, version: str = "1") -> ModelSpec:
    """The detector's declaration."""
    return ModelSpec(
        name=NAMES["detector"],
        version=version,
        sha256=sha256,
        licence=_LICENCE,
        task="detect",
        family="",
        decoder="yolov8",
        input_hw=DETECTOR_HW,
        layout="NCHW",
        colour="RGB",
        scale=1 / 255,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        labels=LABELS,
    )


def embedder_spec(family: str, sha256: str, version: str = "1") -> ModelSpec:
    """The declaration of the embedder of one family (`person`, `vehicle`)."""
    return ModelSpec(
        name=NAMES[family],
        version=version,
        sha256=sha256,
        licence=_LICENCE,
        task="embed",
        family=family,
        decoder="",
        input_hw=EMBEDDER_HW[family],
        layout="NCHW",
        colour="RGB",
        scale=1 / 255,
        mean=(MEAN, MEAN, MEAN),
        std=(STD, STD, STD),
        dim=DIM,
    )


def finder_spec(sha256: str, version: str = "1") -> ModelSpec:
    """The declaration of the plate finder."""
    return _plate_spec("finder", "plate_find", FINDER_HW, sha256, version)


def reader_spec(sha256: str, version: str = "1") -> ModelSpec:
    """The declaration of the plate reader; labels are its layouts, then its colours."""
    spec = _plate_spec("reader", "plate_read", READER_HW, sha256, version)
    return replace(spec, labels=(*LAYOUT_NAMES, *(COLOUR_LABEL + one for one in COLOURS)))


def _plate_spec(
    kind: str, task: Task, input_hw: tuple[int, int], sha256: str, version: str
) -> ModelSpec:
    return ModelSpec(
        name=NAMES[kind],
        version=version,
        sha256=sha256,
        licence=_LICENCE,
        task=task,
        family="",
        decoder="",
        input_hw=input_hw,
        layout="NCHW",
        colour="RGB",
        scale=1 / 255,
        mean=(MEAN, MEAN, MEAN),
        std=(STD, STD, STD),
    )


def spec_of(kind: str, sha256: str, version: str = "1") -> ModelSpec:
    """The declaration of a model by its kind, a key of `NAMES`."""
    makers = {"detector": detector_spec, "finder": finder_spec, "reader": reader_spec}
    if kind in makers:
        return makers[kind](sha256, version)
    return embedder_spec(kind, sha256, version)
