"""Readings by their grams, the rarest first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64, I64
from index.plates.asking import Window
from index.plates.parts import Part

MOST_POSTINGS = 3_000_000
"""Postings that are looked up in one search, unless the rarest window alone has more."""

_LEAST_RARITY = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where one segment's postings of each window's grams begin and end, both (K,) per window."""

    part: Part
    starts: Sequence[I64]
    ends: Sequence[I64]

    def sizes(self) -> I64:
        """How many postings each window has here."""
        spans = zip(self.starts, self.ends, strict=True)
        return np.array([(ends - starts).sum() for starts, ends in spans], np.int64)


def places_of(part: Part, windows: Sequence[Window]) -> Places:
    """The postings of `windows` in a sealed part; grams that no reading has are empty."""
    keys, bounds = part.columns.derived["gram_keys"], part.columns.derived["gram_starts"]
    starts, ends = [], []
    for window in windows:
        at = np.searchsorted(keys, window.keys.astype(keys.dtype))
        there = keys[np.minimum(at, len(keys) - 1)] == window.keys if len(keys) else at < 0
        starts.append(bounds[np.where(there, at, 0)].astype(np.int64) * there)
        ends.append(bounds[np.where(there, at + 1, 0)].astype(np.int64) * there)
    return Places(part, starts, ends)


def rarest(sizes: I64) -> list[int]:
    """The windows to be looked up, the rarest first, within `MOST_POSTINGS`."""
    order = np.argsort(sizes, kind="stable")
    within = max(1, int((np.cumsum(sizes[order]) <= MOST_POSTINGS).sum()))
    return [int(number) for number in order[:within]]


def rarities(sizes: I64, rows: int) -> F64:
    """What each window is worth, in nats: how rarely one of `rows` has it."""
    return np.log(rows / np.maximum(sizes, 1)).clip(_LEAST_RARITY)


def counted(places: Places, weights: Sequence[tuple[int, F64]]) -> tuple[I64, F32]:
    """The rows in the scope that have any of the weighed windows, ascending, and how much of it.

    `weights` are (window, (K,)): the worth of each of its grams.
    """
    postings = places.part.columns.derived["gram_rows"]
    slices, worths, lengths = [], [], []
    for number, worth in weights:
        for low, high, one in zip(
            places.starts[number].tolist(), places.ends[number].tolist(), worth, strict=True
        ):
            if low < high:
                slices.append(postings[low:high])
                worths.append(one)
                lengths.append(high - low)
    if not slices:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    found = np.concatenate(slices)
    worth = np.repeat(np.array(worths, np.float32), lengths) * (found & 255)
    sums = np.bincount(found >> 8, weights=worth)
    rows = places.part.inside(np.flatnonzero(sums))
    return rows, sums[rows].astype(np.float32)
