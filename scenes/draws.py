"""Random numbers as a function of what they are for: the same whoever asks, whenever, in any batch.

Each number is a hash of a key and its place (SplitMix64: Steele, Lea & Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), so that a city of millions keeps none of them.
"""

import numpy as np
from numpy.typing import NDArray

from core.arrays import F32, F64, I64
from scenes.splits import Split, rng_for

U64 = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1
_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)
_BLOCK_ROWS = 64  # of 256 places: both buffers stay in the cache
_COINS = 32  # half a word: two numbers come of each
_MEAN, _SIGMA = np.float32(_COINS / 2), np.float32(_COINS**0.5 / 2)


class Draws:
    """The numbers of one purpose inside one city. `split` and `seed` as in `scenes.splits`."""

    def __init__(self, seed: int, split: Split, *purpose: int) -> None:
        """Raises `InvalidInput` for a seed out of range."""
        self._root = rng_for(seed, split, *purpose).integers(0, _WORD, dtype=np.uint64)

    def normals(self, numbers: I64, places: int) -> F32:
        """About standard normal, (N, places): how many of 32 coins fell heads."""
        starts = self._starts(numbers)
        steps = _steps((places + 1) // 2)
        drawn = np.empty((len(numbers), places), np.float32)
        spare = np.empty((min(_BLOCK_ROWS, len(numbers)), len(steps)), np.uint64)
        for first in range(0, len(numbers), _BLOCK_ROWS):
            part = slice(first, first + _BLOCK_ROWS)
            words = starts[part, None] + steps
            _mix(words, spare[: len(words)])
            heads = np.bitwise_count(words.astype("<u8", copy=False).view("<u4"))[:, :places]
            np.subtract(heads, _MEAN, out=drawn[part], dtype=np.float32)
        drawn /= _SIGMA
        return drawn

    def uniforms(self, numbers: I64, places: int = 1) -> F64:
        """From 0 up to, and without, 1: (N, places)."""
        words = self._starts(numbers)[:, None] + _steps(places)
        _mix(words, np.empty_like(words))
        return np.asarray((words >> np.uint64(11)) * 2.0**-53, np.float64)

    def _starts(self, numbers: I64) -> U64:
        words = numbers.astype(np.uint64)
        words *= np.uint64(_GOLDEN)
        words += self._root
        _mix(words, np.empty_like(words))
        return words


def _steps(places: int) -> U64:
    return np.arange(1, places + 1, dtype=np.uint64) * np.uint64(_GOLDEN)


def _mix(words: U64, spare: U64) -> None:
    """Replace `words` by their hashes; `spare` is overwritten."""
    for shift, factor in _ROUNDS:
        np.right_shift(words, np.uint64(shift), out=spare)
        words ^= spare
        words *= np.uint64(factor)
    np.right_shift(words, _LAST_SHIFT, out=spare)
    words ^= spare
