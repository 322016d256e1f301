"""Vectors in a byte per number, and how far they lie from the truth.

A search is bound by how fast the memory gives the rows. Codes are a quarter of them, and their
error is known: they say which rows cannot win, and only the vectors of the few others are read.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from core.arrays import F32, U8

_LEVELS = 255
# Room at both ends, so that the scale of one hour fits the next.
_ROOM = 1 / 16
# How much less error a scale of its own must bring a segment: a search handles those together that
# share one.
_WORTH_ITS_OWN = 1.25

Blocks = Callable[[], Iterable[F32]]
"""Gives vectors (N, D) in blocks, the same each time."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """`codes` (N, D) of vectors: `low + (code + 0.5) / 255 * width`, each number on its own.

    `scale` (2 * D,) is all `low`, then all `width`, as FAISS's 8-bit scalar quantizer wants them.
    No decoded row lies further than `error` from its vector.
    """

    scale: F32
    codes: U8
    error: float
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.scale.tobytes())

    def decoded(self) -> F32:
        """What the codes stand for, (N, D)."""
        return _decoded(self.codes, self.scale)


def encoded(vectors: Blocks, rows: int, usual: F32 | None = None) -> Codes:
    """The codes of all vectors, by the `usual` scale unless one of their own is much better."""
    own = _by_scale(vectors, rows, _fitting(vectors()))
    if usual is None or len(usual) != len(own.scale):
        return own
    common = _by_scale(vectors, rows, usual)
    return common if common.error <= _WORTH_ITS_OWN * own.error else own


def _by_scale(vectors: Blocks, rows: int, scale: F32) -> Codes:
    codes = np.empty((rows, len(scale) // 2), np.uint8)
    error, start = 0.0, 0
    for block in vectors():
        part = codes[start : start + len(block)]
        part[:] = _encoded(block, scale)
        apart = np.linalg.norm((_decoded(part, scale) - block).astype(np.float64), axis=1)
        error = max(error, float(apart.max()))
        start += len(block)
    return Codes(scale, codes, error)


def _fitting(blocks: Iterable[F32]) -> F32:
    """A scale that holds all numbers, with some room."""
    ends = [(block.min(axis=0), block.max(axis=0)) for block in blocks]
    low = np.min([low for low, _ in ends], axis=0)
    high = np.max([high for _, high in ends], axis=0)
    # A number that is the same in all rows still needs a width to be divided by.
    room = np.maximum((high - low) * np.float32(_ROOM), np.float32(1e-6))
    return np.concatenate([low - room, high - low + 2 * room]).astype(np.float32)


def _encoded(block: F32, scale: F32) -> U8:
    low, width = np.split(scale, 2)
    levels = np.clip((block - low) / width * np.float32(_LEVELS), 0, _LEVELS)
    return np.asarray(levels, np.uint8)


def _decoded(codes: U8, scale: F32) -> F32:
    low, width = np.split(scale, 2)
    return np.asarray(low + (codes + np.float32(0.5)) / np.float32(_LEVELS) * width, np.float32)
