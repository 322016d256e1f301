"""The likelihood of packed readings: the same model, fed without the way over logarithms."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.arrays import F32, U8
from core.plates.likelihood import PlateLikelihood, Readings, present
from core.plates.patterns import Pattern
from index.plates.packing import cells_of

BLOCK_ROWS = 512
"""Readings at once: what is worked on stays in the processor's cache, and threads share evenly."""


class PackedLikelihood:
    """Asks packed readings for patterns; holds no state but what it was made of."""

    def __init__(self, likelihood: PlateLikelihood) -> None:
        self._likelihood = likelihood
        self._kinds_seen = likelihood.background.seen(likelihood.confusion)

    def llr(self, pattern: Pattern, rows: U8) -> F32:
        """The log-likelihood ratio of `pattern` for packed readings, (N,)."""
        cells = cells_of(rows)
        seen = cells.chances()
        there = present(cells.absent)
        chance = self._likelihood.background.chance(seen @ self._kinds_seen, there)
        return self._likelihood.llr_of(pattern, Readings(seen, cells.absent, chance))


def blocks_of(rows: Sequence[U8]) -> Iterator[U8]:
    """Packed rows of several segments, as blocks of `BLOCK_ROWS`."""
    together = np.concatenate(rows)
    for start in range(0, len(together), BLOCK_ROWS):
        yield together[start : start + BLOCK_ROWS]
