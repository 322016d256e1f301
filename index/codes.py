"""Vectors in a byte per number, and how far they lie from the truth.

A search is bound by how fast the memory gives the rows. Codes are a quarter of them, and their
error is known: they say which rows cannot win, and only the vectors of the few others are read.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, U8

_LEVELS = np.float32(255)
# Scales end at whole powers of the eighth root of two, so that most segments of a model share one:
# a search handles those together.
_STEPS = 8

Blocks = Callable[[], Iterable[F32]]
"""Gives vectors (N, D) in blocks, the same each time."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A code stands for `low + (code + 0.5) / 255 * width`, as FAISS's uniform 8-bit quantizer."""

    low: float
    width: float

    def encoded(self, vectors: F32) -> U8:
        """The codes of vectors, (N, D)."""
        levels = (vectors - np.float32(self.low)) / np.float32(self.width) * _LEVELS
        return np.asarray(np.clip(levels, 0, _LEVELS), np.uint8)

    def decoded(self, codes: U8) -> F32:
        """What codes stand for, (N, D)."""
        levels = (codes + np.float32(0.5)) / _LEVELS
        return np.asarray(np.float32(self.low) + levels * np.float32(self.width), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """`codes` (N, D) of vectors; no decoded row lies further than `error` from its vector."""

    scale: Scale
    codes: U8
    error: float


def fitted(vectors: Blocks) -> tuple[Scale, float]:
    """A scale that holds all vectors, and how far at most a row's code lies from its vector.

    The codes themselves are made block by block when they are written: merging a county's hour
    must not take memory by its size.
    """
    scale = _fitting(vectors())
    return scale, max(_apart(scale, block) for block in vectors())


def _apart(scale: Scale, block: F32) -> float:
    rows = (scale.decoded(scale.encoded(block)) - block).astype(np.float64)
    return float(np.linalg.norm(rows, axis=1).max())


def _fitting(blocks: Iterable[F32]) -> Scale:
    ends = [(float(block.min()), float(block.max())) for block in blocks]
    low = -_rounded_up(-min(low for low, _ in ends))
    high = _rounded_up(max(high for _, high in ends))
    return Scale(low, high - low)


def _rounded_up(end: float) -> float:
    """The next power that is not less; 0 for what is not above it."""
    return 2.0 ** (math.ceil(math.log2(end) * _STEPS) / _STEPS) if end > 0 else 0.0
