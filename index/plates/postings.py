"""What is kept beside sealed readings to narrow them down: postings of grams, and planes of signs.

A gram is three signs side by side, or two at an end with `EDGE` beyond. A reading has each gram
that its three likeliest signs per position make with a chance of `LEAST_CHANCE` or more. What a
reader does not doubt and still confuses is left to the question (`index.plates.asking`), so that a
confusion learned tomorrow needs no file written anew.

    gram_keys    (G,)      the grams, ascending
    gram_starts  (G + 1,)  where each one's postings begin
    gram_rows    (Q,)      row << 8 | 255 * sqrt(chance), ascending within a gram
    signs        (2P, N)   the likeliest sign at each position, then the second likeliest;
                           P is the longest reading's
"""

from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np

from core.arrays import I64, U8, Bool
from core.errors import TooLarge
from core.plates.alphabet import ABSENT, COLUMNS
from index.plates.packing import CELL_BYTES, HEAD_BYTES, POSITIONS, VOID, cells_of, level_of
from index.segments import Array

EDGE = ABSENT
"""Stands in a gram for the end of the plate, and in a plane for a void position."""

LEAST_CHANCE = 0.03
MOST_ROWS = 1 << 24
_LEAST_LEVEL = level_of(LEAST_CHANCE)
_ALTERNATIVES = 3
_BLOCK_ROWS = 8192


def gram_key(first: int | Array, second: int | Array, third: int | Array) -> Array:
    """One number for three columns of the alphabet, `EDGE` among them."""
    return np.asarray((np.asarray(first) * COLUMNS + second) * COLUMNS + third, np.int64)


def postings_of(blocks: Iterable[U8], rows: int) -> dict[str, Array]:
    """The columns above for packed readings given in blocks, `rows` in all."""
    if rows > MOST_ROWS:
        raise TooLarge(f"segment: want at most {MOST_ROWS} readings, got {rows}")
    signs = np.empty((2 * POSITIONS, rows), np.uint8)
    found: list[Array] = [np.empty(0, np.uint64)]
    first = 0
    for block in _small(blocks):
        signs[:, first : first + len(block)] = planes(block)
        found.append(_grams(block, first))
        first += len(block)
    entries = _strongest(np.sort(np.concatenate(found)))
    keys, starts = np.unique(entries >> np.uint64(32), return_index=True)
    used = max(1, int((signs[:POSITIONS] != EDGE).any(axis=1).sum()))
    return {
        "gram_keys": keys.astype("<u4"),
        "gram_starts": np.append(starts, len(entries)).astype("<u4"),
        "gram_rows": entries.astype("<u4"),
        "signs": np.concatenate([signs[:used], signs[POSITIONS : POSITIONS + used]]).ravel(),
    }


def planes(rows: U8) -> U8:
    """The likeliest and second likeliest sign of each position of packed readings, (20, N), void
    ones last; `EDGE` where there is none, or the second has less than `LEAST_CHANCE`."""
    cells = rows[:, HEAD_BYTES:].reshape(len(rows), POSITIONS, CELL_BYTES)
    cells = cells[np.arange(len(rows))[:, None], _void_last(cells[..., 7] >= VOID)]
    signs = np.where(cells[..., 7:] >= VOID, np.uint8(EDGE), cells[..., :2])
    signs[..., 1][cells[..., 4] > _LEAST_LEVEL] = EDGE
    return np.ascontiguousarray(signs.transpose(2, 1, 0).reshape(2 * POSITIONS, len(rows)))


def _small(blocks: Iterable[U8]) -> Iterator[U8]:
    for block in blocks:
        for start in range(0, len(block), _BLOCK_ROWS):
            yield block[start : start + _BLOCK_ROWS]


def _grams(rows: U8, first: int) -> Array:
    """key << 32 | row << 8 | level of every gram of some packed readings."""
    signs, chances, lengths = _present(rows)
    numbers = np.broadcast_to(np.arange(first, first + len(rows))[:, None], signs.shape[:2])
    real = np.arange(signs.shape[1] - 2) + 2 <= lengths[:, None] + 1
    found = []
    for one, two, three in product(range(_ALTERNATIVES), repeat=3):
        chance = chances[:, :-2, one] * chances[:, 1:-1, two] * chances[:, 2:, three]
        likely = np.nonzero((chance >= LEAST_CHANCE) & real)
        a, b, c = signs[:, :-2, one], signs[:, 1:-1, two], signs[:, 2:, three]
        key = gram_key(a[likely], b[likely], c[likely]).astype(np.uint64)
        level = np.rint(255 * np.sqrt(np.minimum(chance[likely], 1))).astype(np.uint64)
        row = numbers[:, :-2][likely].astype(np.uint64)
        found.append(key << np.uint64(32) | row << np.uint64(8) | level)
    return np.concatenate(found)


def _present(rows: U8) -> tuple[Array, Array, Array]:
    """Signs and chances (N, P + 2, 3) of the positions that exist, an edge at either end, and how
    many they are (N,)."""
    cells = cells_of(rows)
    void = cells.absent >= 0.5
    order = _void_last(void)[..., None]
    lengths = (~void).sum(axis=1)
    count, positions = void.shape
    signs = np.full((count, positions + 2, _ALTERNATIVES), EDGE, np.int64)
    chances = np.zeros((count, positions + 2, _ALTERNATIVES), np.float32)
    chances[:, [0, -1], 0] = 1.0
    signs[:, 1:-1] = np.take_along_axis(cells.signs[..., :_ALTERNATIVES], order, axis=1)
    chances[:, 1:-1] = np.take_along_axis(cells.weights[..., :_ALTERNATIVES], order, axis=1)
    chances[:, 1:-1] /= np.maximum(1 - np.take_along_axis(cells.absent[..., None], order, 1), 1e-6)
    ends = np.arange(count), lengths + 1
    signs[ends], chances[ends] = EDGE, (1.0, *[0.0] * (_ALTERNATIVES - 1))
    return signs, chances, lengths


def _void_last(void: Bool) -> I64:
    """The order of positions (N, P) that puts the void ones (N, P) behind the others."""
    return np.argsort(void, axis=1, kind="stable")


def _strongest(entries: Array) -> Array:
    """Of sorted entries those that are the last of their gram and row."""
    last = np.ones(len(entries), np.bool_)
    last[:-1] = np.diff(entries >> np.uint64(8)) != 0
    return entries[last]
