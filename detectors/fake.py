"""A small honest detector for tests: it sees saturated shapes on dull ground.

A connected patch of strong colours of any hue is one subject; its outline says which: upright
(at least 1.6 times as tall as wide) a person, lying (1.3 times as wide as tall) a car, in between
a bicycle rider. Hue means nothing here: it is what tells two subjects apart later. Two patches
that touch are one subject to it, and a person in grey is none.
"""

import hashlib
from collections.abc import Sequence

import cv2
import numpy as np

from core.arrays import F32, I32, U8
from core.geometry import clipped
from core.types import Detections, Frame, ModelSpec, ObjectClass, no_detections

UPRIGHT = 1.6
LYING = 1.3
STRONG_SATURATION = 110  # of 255; compression tints grey by less
BRIGHT_ENOUGH = 50  # of 255; the hue of black is noise
SMALLEST_PX = 5  # a side, in the picture that it looks at
CONFIDENCE_FLOOR = 0.1

_DEFINITION = f"shapes {UPRIGHT} {LYING} {STRONG_SATURATION} {BRIGHT_ENOUGH} {SMALLEST_PX}"

COLOUR_SHAPES = ModelSpec(
    name="colour-shapes",
    version="1",
    sha256=hashlib.sha256(_DEFINITION.encode()).hexdigest(),
    licence="AGPL-3.0-or-later",
    task="detect",
    family="",
    decoder="",
    input_hw=(360, 640),
    layout="NHWC",
    colour="RGB",
    scale=1.0,
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    labels=("person", "bicycle_rider", "car"),
)
"""Its `sha256` is that of the definition: there is no file."""


class ColourDetector:
    """A `Detector` of coloured shapes. Confidence is how much of its box a shape fills."""

    @property
    def spec(self) -> ModelSpec:
        return COLOUR_SHAPES

    def detect(self, frames: Sequence[Frame]) -> Detections:
        """Boxes of coloured shapes in source pixels, clipped to the picture, by frame."""
        if not frames:
            return no_detections()
        found = [_seen_in(frame) for frame in frames]
        counts = [len(xyxy) for xyxy, _, _ in found]
        return Detections(
            np.concatenate([xyxy for xyxy, _, _ in found]),
            np.concatenate([confidence for _, confidence, _ in found]),
            np.concatenate([class_id for _, _, class_id in found]),
            np.repeat(np.arange(len(frames), dtype=np.int32), counts),
        )


def _seen_in(frame: Frame) -> tuple[F32, F32, I32]:
    picture = np.empty((*COLOUR_SHAPES.input_hw, 3), np.uint8)
    letterbox = frame.surface.letterbox(picture)
    xyxy, confidence = shapes(picture)
    class_id = classes(xyxy)
    return clipped(letterbox.to_source(xyxy), frame.surface.size), confidence, class_id


def shapes(picture: U8) -> tuple[F32, F32]:
    """Boxes (N, 4) of the coloured shapes of an RGB picture (h, w, 3), and their confidence."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    strong = (hsv[..., 1] >= STRONG_SATURATION) & (hsv[..., 2] >= BRIGHT_ENOUGH)
    # Two colours blur to grey where they meet inside a subject; a pixel of that is bridged.
    mask = cv2.morphologyEx(strong.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    x, y, width, height, pixels = stats[1:].T  # the first is the ground
    confidence = pixels / np.maximum(width * height, 1)
    large = (width >= SMALLEST_PX) & (height >= SMALLEST_PX) & (confidence > CONFIDENCE_FLOOR)
    xyxy = np.stack([x, y, x + width, y + height], axis=1)
    return xyxy[large].astype(np.float32), confidence[large].astype(np.float32)


def classes(xyxy: F32) -> I32:
    """The class of each box (N, 4) by its outline, (N,)."""
    width, height = (xyxy[:, 2:] - xyxy[:, :2]).T
    chosen = np.full(len(xyxy), ObjectClass.BICYCLE_RIDER, np.int32)
    chosen[height >= UPRIGHT * width] = ObjectClass.PERSON
    chosen[width >= LYING * height] = ObjectClass.CAR
    return chosen
