"""Pictures as a model wants them: layout, colour order, normalisation. On the hot path."""

import cv2
import numpy as np

from core.arrays import F32, U8, checked
from core.types import ModelSpec


def blob_of(pictures: U8, spec: ModelSpec) -> F32:
    """RGB pictures (B, h, w, 3) as the input of `spec`: (B, 3, h, w) or (B, h, w, 3).

    (p * scale - mean) / std is one multiplication and one addition per pixel, each left out where
    it changes nothing.
    """
    checked("pictures", pictures, np.uint8, "B", *spec.input_hw, 3)
    std = np.array(spec.std, np.float32)
    gain = np.float32(spec.scale) / std
    offset = -np.array(spec.mean, np.float32) / std
    if spec.layout == "NHWC":
        return _interleaved(pictures, spec, gain, offset)
    blob = np.empty((len(pictures), 3, *spec.input_hw), np.float32)
    for picture, planes in zip(pictures, blob, strict=True):
        # OpenCV takes the channels apart several times faster than a strided copy does.
        channels = cv2.split(picture)
        for row, plane in enumerate(planes):
            plane[:] = channels[_channel(spec, row)]
            _normalise(plane, gain[row], offset[row])
    return blob


def _interleaved(pictures: U8, spec: ModelSpec, gain: F32, offset: F32) -> F32:
    ordered = pictures[..., ::-1] if spec.colour == "BGR" else pictures
    blob = ordered.astype(np.float32)
    _normalise(blob, gain, offset)
    return np.ascontiguousarray(blob)


def _channel(spec: ModelSpec, row: int) -> int:
    """The RGB channel that the model has in that row."""
    return 2 - row if spec.colour == "BGR" else row


def _normalise(values: F32, gain: F32 | np.float32, offset: F32 | np.float32) -> None:
    if np.any(gain != 1):
        values *= gain
    if np.any(offset != 0):
        values += offset
