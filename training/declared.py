"""What the bundled models declare of themselves; the recipes train to it."""

from collections.abc import Mapping

from core.types import ModelSpec, ObjectClass

NAMES: Mapping[str, str] = {
    "detector": "city-detector",
    "person": "city-person",
    "vehicle": "city-vehicle",
}
LABELS = tuple(kind.label for kind in ObjectClass)
DETECTOR_HW = (384, 640)
EMBEDDER_HW: Mapping[str, tuple[int, int]] = {"person": (128, 64), "vehicle": (96, 128)}
DIM = 128
MEAN, STD = 0.5, 0.25

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


def spec_of(kind: str, sha256: str, version: str = "1") -> ModelSpec:
    """The declaration of a detector, person or vehicle model."""
    if kind == "detector":
        return detector_spec(sha256, version)
    return embedder_spec(kind, sha256, version)
