"""A small honest embedder for tests: colours by body part. No weights, no training.

It tells a red coat over blue trousers from the reverse. It does not tell two people in black
apart, and says so by giving them similar vectors.
"""

import hashlib

import numpy as np

from core.arrays import F32, F64, I64, U8, checked
from core.types import ModelSpec

_BINS = 4  # per channel: 64 colours
_STRIPES = 3  # head, torso, legs
_DIM = _STRIPES * _BINS**3
_DEFINITION = f"colour histogram, {_STRIPES} stripes, {_BINS} linear bins a channel, centre 60 %"

COLOUR_SPEC = ModelSpec(
    name="colour-stripes",
    version="1",
    sha256=hashlib.sha256(_DEFINITION.encode()).hexdigest(),
    licence="AGPL-3.0-or-later",
    task="embed",
    family="person",
    decoder="",
    input_hw=(96, 48),
    layout="NCHW",
    colour="RGB",
    scale=1.0,
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    dim=_DIM,
)
"""Its `sha256` is that of the definition: there is no file."""


class ColourEmbedder:
    """An `Embedder` by soft colour histograms of three stripes; unit rows (N, 192)."""

    @property
    def spec(self) -> ModelSpec:
        return COLOUR_SPEC

    def embed(self, crops: U8) -> F32:
        """Unit rows (N, 192) of RGB crops (N, 3, 96, 48); none for none."""
        checked("crops", crops, np.uint8, "N", 3, *COLOUR_SPEC.input_hw)
        if not len(crops):
            return np.empty((0, _DIM), np.float32)
        return np.stack([_histogram(crop) for crop in crops])


def _histogram(crop: U8) -> F32:
    """Unit row (192,) of one crop; the outer fifth on each side is mostly background."""
    width = crop.shape[2]
    body = crop[:, :, width // 5 : width - width // 5]
    stripes = np.array_split(body, _STRIPES, axis=1)
    counts = np.concatenate([_colours(stripe.reshape(3, -1)) for stripe in stripes])
    # Square roots make the cosine of two rows their Bhattacharyya coefficient.
    row = np.sqrt(counts)
    return np.asarray(row / np.linalg.norm(row), np.float32)


def _colours(pixels: U8) -> F64:
    """How much of each of the 64 colours (64,): a pixel counts for its eight nearest bins."""
    place = pixels.astype(np.float64) / 255 * (_BINS - 1)
    low = np.minimum(place.astype(np.int64), _BINS - 2)
    share = place - low
    counts = np.zeros(_BINS**3)
    for corner in range(8):
        up = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])[:, None]
        weight = np.where(up, share, 1 - share).prod(axis=0)
        counts += np.bincount(_bin_of(low + up), weight, minlength=_BINS**3)
    return counts


def _bin_of(steps: I64) -> I64:
    return np.asarray((steps[0] * _BINS + steps[1]) * _BINS + steps[2], np.int64)
