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
    """Where one segment's postings of all windows' grams begin and end, window by window, (K,)."""

    part: Part
    starts: I64
    ends: I64

    def sizes(self, firsts: I64) -> I64:
        """How many postings each window has here; `firsts` are the places of their first grams."""
        return np.add.reduceat(self.ends - self.starts, firsts)


def firsts_of(windows: Sequence[Window]) -> I64:
    """Where each window's grams begin among those of all."""
    lengths = [len(window.keys) for window in windows]
    return np.cumsum([0, *lengths[:-1]])


def places_of(part: Part, keys: I64) -> Places:
    """The postings of the grams `keys` (K,) in a sealed part; those that no reading has are
    empty."""
    kept, bounds = part.columns.derived["gram_keys"], part.columns.derived["gram_starts"]
    if not len(kept):
        none = np.zeros(len(keys), np.int64)
        return Places(part, none, none)
    at = np.minimum(np.searchsorted(kept, keys.astype(kept.dtype)), len(kept) - 1)
    starts = bounds[at].astype(np.int64)
    ends = bounds[at + 1].astype(np.int64)
    return Places(part, starts, np.where(kept[at] == keys, ends, starts))


def rarest(sizes: I64) -> list[int]:
    """The windows to be looked up, the rarest first, within `MOST_POSTINGS`."""
    order = np.argsort(sizes, kind="stable")
    within = max(1, int((np.cumsum(sizes[order]) <= MOST_POSTINGS).sum()))
    return [int(number) for number in order[:within]]


def rarities(sizes: I64, rows: int) -> F64:
    """What each window is worth, in nats: how rarely one of `rows` has it."""
    return np.log(rows / np.maximum(sizes, 1)).clip(_LEAST_RARITY)


def counted(places: Places, weights: F64) -> tuple[I64, F32]:
    """The rows in the scope that have any gram of some weight, ascending, and how much of it.

    `weights` (K,) are the worth of each gram; one without is not looked up.
    """
    asked = np.flatnonzero(weights)
    starts, lengths = places.starts[asked], (places.ends - places.starts)[asked]
    firsts = np.cumsum(lengths) - lengths
    every = np.arange(int(lengths.sum())) + np.repeat(starts - firsts, lengths)
    found = places.part.columns.derived["gram_rows"][every]
    worth = np.repeat(weights[asked].astype(np.float32), lengths) * (found & 255)
    sums = np.bincount(found >> 8, weights=worth)
    rows = places.part.inside(np.flatnonzero(sums))
    return rows, sums[rows].astype(np.float32)
