"""Rows of plates with defaults, for tests of the index."""

from collections.abc import Sequence

import numpy as np

from core.arrays import F32
from core.plates.alphabet import COLUMNS
from core.plates.likelihood import stacked
from core.types import PlateRows
from tests.builders import at
from tests.core.plates.builders import reading


def plate_rows(
    texts: Sequence[str],
    *,
    first_id: int = 1,
    plate_ids: Sequence[int] | None = None,
    tracklet_ids: Sequence[int] | None = None,
    camera_id: int = 1,
    start_s: float = 0.0,
    sure: float = 0.97,
) -> PlateRows:
    """A reading of each text, a second apart; ids count up and are the tracklets' too."""
    ids = range(first_id, first_id + len(texts)) if plate_ids is None else plate_ids
    numbers = np.array(ids, np.int64)
    return PlateRows(
        numbers,
        numbers if tracklet_ids is None else np.array(tracklet_ids, np.int64),
        np.full(len(texts), camera_id, np.int64),
        np.array([at(start_s + second) for second in range(len(texts))], np.int64),
        readings([reading(text, sure=sure) for text in texts]),
        ["cn_blue"] * len(texts),
        ["blue"] * len(texts),
    )


def readings(rows: Sequence[F32]) -> F32:
    """Readings (N, P, A) of any lengths; one position where there are none."""
    return stacked(rows) if rows else np.zeros((0, 1, COLUMNS), np.float32)
