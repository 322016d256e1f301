"""A plain colour histogram: the embedder that a harder city must not be found with."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np

from core.arrays import F32, U8, checked
from core.types import ModelSpec
from reid.fake import COLOUR_SPEC

_HUE_BINS, _SATURATION_BINS, _VALUE_BINS = 12, 4, 4
_DIM = _HUE_BINS * _SATURATION_BINS * _VALUE_BINS


class HistogramEmbedder:
    """An `Embedder` by one histogram of hue, saturation and value over the middle of the crop."""

    @property
    def spec(self) -> ModelSpec:
        return HISTOGRAM_SPEC

    def embed(self, crops: U8) -> F32:
        """Unit rows (N, 192); their cosine is the Bhattacharyya coefficient."""
        checked("crops", crops, np.uint8, "N", 3, *HISTOGRAM_SPEC.input_hw)
        rows = [np.empty((0, _DIM), np.float32), *(_histogram(crop)[None] for crop in crops)]
        return np.concatenate(rows)


def _histogram(crop: U8) -> F32:
    width = crop.shape[2]
    body = np.ascontiguousarray(crop[:, :, width // 5 : width - width // 5].transpose(1, 2, 0))
    counts = cv2.calcHist(
        [cv2.cvtColor(body, cv2.COLOR_RGB2HSV)],
        [0, 1, 2],
        None,
        [_HUE_BINS, _SATURATION_BINS, _VALUE_BINS],
        [0, 180, 0, 256, 0, 256],
    )
    row = np.sqrt(counts.ravel())
    return np.asarray(row / np.linalg.norm(row), np.float32)


_DEFINITION = "histogram of 12 hues, 4 saturations, 4 values, centre 60 %"
HISTOGRAM_SPEC = replace(
    COLOUR_SPEC,
    name="colour-histogram",
    sha256=hashlib.sha256(_DEFINITION.encode()).hexdigest(),
    dim=_DIM,
)
"""As that of the colour stripes, its `sha256` is that of the definition."""
