"""How well the likeliest signs of readings fit a pattern, many readings at a time.

Byte by byte, so that a core looks through a million readings in some milliseconds. A sign has four
points where it is the likeliest, three where it is the second likeliest or the likeliest is its
look-alike: in nats a doubt costs about a third of what a wrong sign costs. Between two signs of a
block the reading may have missed or added one, for a point (and the missed one's own).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from core.arrays import U8
from index.plates.asking import Block

SCORED_ROWS = 1 << 14
"""Readings scored at once: what is worked on stays in the processor's cache."""
_GLANCED_ROWS = 1 << 18  # more: long steps are worth more than the cache to threads that share
_LIKELIEST, _DOUBTED = 4, 3
_NEVER_READ = np.uint8(255)
_GROUND = np.uint8(16)  # points are counted from here, so that a byte never falls below nothing
_SHORT = 2  # signs; with so few a slip leaves nothing to tell by
_TWO_HALVES = 6


Known = Sequence[tuple[int, int, tuple[int, ...]]]


def quick_scores(planes: U8, blocks: Sequence[Block]) -> U8:
    """How many likeliest signs of readings given as planes (2P, N) are those of the blocks, (N,).

    Each half of a block counts where it fits best, so that a sign that was missed or added costs
    itself and not all behind it. A tenth of the work of `sign_scores`.
    """
    count = planes.shape[1]
    scores = np.zeros(count, np.uint8)
    likeliest = planes[: len(planes) // 2]
    halves = [(_side_by_side(half), block.offsets) for block in blocks for half in _halves(block)]
    chunks = max(1, -(-count // _GLANCED_ROWS))
    size = max(1, -(-count // chunks))
    for start in range(0, count, size):
        chunk = slice(start, start + size)
        for (first, signs), offsets in halves:
            places = range(first + offsets[0], first + offsets[-1] + 1)
            scores[chunk] += _hits(likeliest[:, chunk], signs, places)
    return scores


def _halves(block: Block) -> Iterator[Known]:
    """The known signs, in two parts where they are many enough to tell apart."""
    middle = (len(block.signs) + 1) // 2 if len(block.signs) >= _TWO_HALVES else len(block.signs)
    yield block.signs[:middle]
    if block.signs[middle:]:
        yield block.signs[middle:]


def _side_by_side(signs: Known) -> tuple[int, U8]:
    """The first one's place, and all from it on, (S, 1); a sign never read where none is known."""
    first, last = signs[0][0], signs[-1][0]
    side_by_side = np.full((last - first + 1, 1), _NEVER_READ, np.uint8)
    for place, sign, _ in signs:
        side_by_side[place - first] = sign
    return first, side_by_side


def _hits(likeliest: U8, signs: U8, places: range) -> U8:
    """How many of the signs (S, 1) stand where they should, (N,), the first of them at the place
    where most do. Few and long steps: threads that share a search wait for each other in between.
    """
    best = np.zeros(likeliest.shape[1], np.uint8)
    for place in places:
        low, high = max(0, place), min(len(likeliest), place + len(signs))
        if low < high:
            same = likeliest[low:high] == signs[low - place : high - place]
            hits = np.add.reduce(same.view(np.uint8), axis=0, dtype=np.uint8)
            np.maximum(best, hits, out=best)
    return best


def sign_scores(planes: U8, blocks: Sequence[Block]) -> U8:
    """The points of readings given as planes (2P, N), (N,): each block's where it fits best."""
    scores = np.zeros(planes.shape[1], np.uint8)
    for start in range(0, len(scores), SCORED_ROWS):
        chunk = slice(start, start + SCORED_ROWS)
        for block in blocks:
            scores[chunk] += _block_scores(planes[:, chunk], block)
    return scores


def _block_scores(planes: U8, block: Block) -> U8:
    """The points of one block, (N,), over all ways to lay it down."""
    ways = np.full((len(block.offsets), planes.shape[1]), _GROUND, np.uint8)
    for number, (place, sign, alike) in enumerate(block.signs):
        if number and len(block.signs) > _SHORT:
            ways = _slipped(ways)
        ways += _points(planes, sign, alike, range(place, place + len(ways)), block.offsets[0])
    return np.asarray(ways.max(axis=0) - _GROUND)


def _slipped(ways: U8) -> U8:
    """Each offset's points, or a point less than those of the offsets beside it."""
    less = ways - np.uint8(1)
    best = ways.copy()
    np.maximum(best[:-1], less[1:], out=best[:-1])
    np.maximum(best[1:], less[:-1], out=best[1:])
    return best


def _points(planes: U8, sign: int, alike: Sequence[int], places: range, offset: int) -> U8:
    """The points of a sign at each of the positions `places` plus `offset`, (places, N)."""
    positions = len(planes) // 2
    points = np.zeros((len(places), planes.shape[1]), np.uint8)
    low, high = max(0, places[0] + offset), min(positions, places[-1] + offset + 1)
    if low >= high:
        return points
    likeliest = planes[low:high]
    same = likeliest == sign
    near = planes[positions + low : positions + high] == sign
    near |= same
    for other in alike:
        near |= likeliest == other
    inside = points[low - places[0] - offset : high - places[0] - offset]
    np.multiply(near.view(np.uint8), np.uint8(_DOUBTED), out=inside)
    inside += same
    return points
