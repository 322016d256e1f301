"""How hard the city is, by what never saw it: nothing here depends on what was trained on it.

    python -m benchmarks.hardness --json FILE [--data DIR] [--seeds 3] [--first-seed 1000]

The figures and their bounds were frozen before anything was trained; `docs/city.md` gives them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.judging import TruthBoxes, with_interval
from benchmarks.passages import Album, likeness, ranks
from core.arrays import F32, U8, Bool, checked
from core.protocols import Embedder
from core.types import ModelSpec
from reid.fake import COLOUR_SPEC

SMALL_PX = 60.0
PARTLY_HIDDEN = 0.7
_HUE_BINS, _SATURATION_BINS, _VALUE_BINS = 12, 4, 4
_DIM = _HUE_BINS * _SATURATION_BINS * _VALUE_BINS


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure must lie between."""

    least: float = 0.0
    most: float = 1.0

    def holds(self, figure: float) -> bool:
        return self.least <= figure <= self.most


BOUNDS: Mapping[str, Bound] = {
    "hardness.small": Bound(least=1 / 3),
    "hardness.partly_hidden": Bound(least=1 / 4),
    "hardness.colour_histogram.rank1": Bound(most=0.5),
    "hardness.colour_stripes.rank1": Bound(most=0.5),
    "hardness.retail_0248.rank1": Bound(least=0.4, most=0.9),
}


def broken_bounds(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures that lie outside of their bounds; those not measured are not judged."""
    return {
        key: figures[key]
        for key, bound in BOUNDS.items()
        if key in figures and not bound.holds(figures[key])
    }


def box_figures(cameras: Iterable[TruthBoxes]) -> dict[str, float]:
    """Shares of small and of partly hidden boxes among those that count, over all cameras.

    Only boxes that a detector is asked for: the far and the hidden ones would flatter the city.
    """
    counted = [truth.rows(truth.counted) for truth in cameras]
    height = np.concatenate([np.empty(0, np.float32), *(truth.height_px for truth in counted)])
    visible = np.concatenate([np.empty(0, np.float32), *(truth.visibility for truth in counted)])
    if not len(height):
        return {}
    return {
        "hardness.boxes": len(height),
        "hardness.small": float((height < SMALL_PX).mean()),
        "hardness.partly_hidden": float((visible < np.float32(PARTLY_HIDDEN)).mean()),
    }


def found_first(pages: Album, embedder: Embedder) -> Bool:
    """Whether each query that counts finds its subject first (Q,)."""
    if not len(pages):
        return np.empty(0, np.bool_)
    first = ranks(pages, likeness(pages, embedder)).first_match
    return np.asarray(first[first > 0] == 1, np.bool_)


def rank_figures(
    albums: Iterable[Album], embedders: Mapping[str, Embedder], *, prefix: str = "hardness"
) -> dict[str, float]:
    """Rank-1 of each embedder over the queries of all cities, as `PREFIX.NAME.rank1`."""
    kept = list(albums)
    figures: dict[str, float] = {}
    for name, embedder in embedders.items():
        hits = [np.empty(0, np.bool_), *(found_first(pages, embedder) for pages in kept)]
        figures |= with_interval(f"{prefix}.{name}.rank1", np.concatenate(hits))
    return figures


# --- a plain colour histogram -------------------------------------------------------------------


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
