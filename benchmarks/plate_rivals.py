"""What others search plates by: the best text of each read, equal or at the least edit distance."""

import numpy as np
from numpy.typing import NDArray

from core.arrays import I64, U8, Bool
from core.plates.alphabet import ABSENT, COLUMNS

_BLOCK_ROWS = 1 << 18


def likeliest_signs(log_probs: NDArray[np.float32], longest: int) -> U8:
    """The best text of each reading (N, P, A), (N, longest), ended by `ABSENT`."""
    best = log_probs.argmax(axis=2)
    order = np.argsort(best == ABSENT, axis=1, kind="stable")
    texts = np.full((len(best), longest), ABSENT, np.uint8)
    width = min(longest, best.shape[1])
    texts[:, :width] = np.take_along_axis(best, order, axis=1)[:, :width]
    return texts


def edit_distances(query: I64, texts: U8) -> U8:
    """The Levenshtein distance of a query (L,) to each text (N, P), (N,).

    Bit-parallel (Myers 1999, in the form of Hyyro 2003), many texts at a time.
    """
    distances = np.empty(len(texts), np.uint8)
    for start in range(0, len(texts), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        distances[block] = _distances(query, texts[block])
    return distances


def _distances(query: I64, texts: U8) -> U8:
    mask = np.zeros(COLUMNS, np.uint16)
    for place, sign in enumerate(query.tolist()):
        mask[sign] |= np.uint16(1 << place)
    one, last = np.uint16(1), np.uint16(1 << (len(query) - 1))
    up = np.full(len(texts), (1 << len(query)) - 1, np.uint16)
    down = np.zeros(len(texts), np.uint16)
    score = np.full(len(texts), len(query), np.int16)
    for column in texts.T:
        real = column != ABSENT
        equal = mask[column]
        diagonal = (((equal & up) + up) ^ up) | equal | down
        rises = down | ~(diagonal | up)
        falls = up & diagonal
        score += (((rises & last) != 0).astype(np.int16) - ((falls & last) != 0)) * real
        rises = rises << one | one
        up = np.where(real, falls << one | ~(diagonal | rises), up)
        down = np.where(real, rises & diagonal, down)
    return score.astype(np.uint8)


def expected_recall(distances: U8, true: Bool, k: int, *, at_most: int = 255) -> float:
    """The chance that one of the `true` rows is among the first k by distance, ties in any order.

    Rows farther than `at_most` are not found at all.
    """
    if not true.any() or (best := int(distances[true].min())) > at_most:
        return 0.0
    nearer = int((distances < best).sum())
    tied, right = int((distances == best).sum()), int((true & (distances == best)).sum())
    slots = min(max(0, k - nearer), tied)
    missed = np.prod([(tied - right - i) / (tied - i) for i in range(slots)]) if slots else 1.0
    return float(1 - max(0.0, missed))
