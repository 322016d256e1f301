"""The first pass over codes: which few rows may be among the best, told with certainty.

FAISS's scanner decodes, multiplies and keeps the best rows in one call per range. The rows kept are
scored exactly from the best down, until the k-th best tracklet lies above all that is left by more
than the codes' error. Then nothing that was passed over can win.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import faiss
import numpy as np

from core.arrays import F32, I64
from index.catalogue import Places, Rows
from index.codes import Scale
from index.ranking import Shortlist, error_bound
from index.sharing import pieces_of, shared

_KEPT_ROWS = (128, 2048)
"""How many rows a pass keeps; the second where the first did not settle it."""

_ROWS_EACH = 4
"""How many rows a pass keeps at least for each of many tracklets wanted: they have several each."""

_TAKEN_ROWS = 24
"""How many rows are scored exactly at once; half as many as tracklets are wanted, if that is more,
for each time the best are put in order again."""


class Scanners:
    """FAISS's scanners by scale and dimension, lent to one thread at a time.

    Its wrapper never frees a scanner, so they are kept and used again: as many as threads search at
    once, for each of the few scales.
    """

    def __init__(self) -> None:
        self._idle: dict[tuple[Scale, int], list[_Scanner]] = {}

    def borrow(self, scale: Scale, dim: int) -> "_Scanner":
        """One for codes of that scale; `give_back` it."""
        try:
            return self._idle[scale, dim].pop()
        except (KeyError, IndexError):
            return _Scanner(scale, dim)

    def give_back(self, scanner: "_Scanner") -> None:
        self._idle.setdefault((scanner.scale, scanner.dim), []).append(scanner)


class _Scanner:
    def __init__(self, scale: Scale, dim: int) -> None:
        self.scale = scale
        self.dim = dim
        quantizer: Any = faiss.ScalarQuantizer(dim, faiss.ScalarQuantizer.QT_8bit_uniform)
        trained = np.array([scale.low, scale.width], np.float32)
        faiss.copy_array_to_vector(trained, quantizer.trained)
        self._scanner: Any = quantizer.select_InvertedListScanner(
            faiss.METRIC_INNER_PRODUCT, None, False, None, False
        )
        self._quantizer = quantizer  # the scanner reads its numbers as long as it lives
        self.scan = self._scanner.scan_codes

    def ask(self, query: F32) -> None:
        """Score by this query from now on; it must stay where it is meanwhile."""
        self._scanner.set_query(faiss.swig_ptr(query))
        self._scanner.set_list(0, 0.0)


def settle(
    shortlist: Shortlist, places: Places, scanners: Scanners, pool: ThreadPoolExecutor | None
) -> bool:
    """Offer all of `places` that may win; False if they are too many to tell."""
    error = max(part.columns.codes.error for part in places.rows if part.columns.codes)
    margin = 1.002 * error + 2 * error_bound(len(shortlist.query))
    for kept in dict.fromkeys(max(rows, _ROWS_EACH * shortlist.k) for rows in _KEPT_ROWS):
        scores, positions = _best(places, shortlist.query, kept, (scanners, pool))
        if _offered(shortlist, places, scores, positions, margin=margin):
            return True
    return False


def _offered(
    shortlist: Shortlist,
    places: Places,
    scores: F32,
    positions: I64,
    *,
    margin: float,
) -> bool:
    """Offer rows from the best down until no other can win; whether it came to that."""
    taken = max(_TAKEN_ROWS, shortlist.k // 2)
    for start in range(0, len(positions), taken):
        hope = shortlist.floor - margin
        if scores[start] < hope:
            return True
        part = slice(start, start + taken)
        shortlist.take(places, positions[part][scores[part] >= hope])
    return len(positions) == len(places) or bool(scores[-1] < shortlist.floor - margin)


def _best(
    places: Places, query: F32, kept: int, means: tuple[Scanners, ThreadPoolExecutor | None]
) -> tuple[F32, I64]:
    """Scores by the codes and positions of the best rows, best first."""
    scanners, pool = means
    heaps: list[tuple[F32, I64]] = []

    def drain(pieces: Iterator[tuple[Rows, int]]) -> None:
        heaps.append(_scanned(pieces, query, kept, scanners))

    products = len(places) * len(query)
    shared(pieces_of(places.rows, places.starts), drain, pool, products=products)
    scores = np.concatenate([heap[0] for heap in heaps])
    positions = np.concatenate([heap[1] for heap in heaps])
    order = np.argsort(-scores)[: min(kept, len(places))]
    return scores[order], positions[order]


def _scanned(
    pieces: Iterator[tuple[Rows, int]], query: F32, kept: int, scanners: Scanners
) -> tuple[F32, I64]:
    """The heap of the best rows among `pieces`; an empty place is -inf and -1."""
    scores = np.full(kept, -np.inf, np.float32)
    positions = np.full(kept, -1, np.int64)
    heap = faiss.swig_ptr(scores), faiss.swig_ptr(positions), kept
    lent: dict[Scale, _Scanner] = {}
    try:
        for (columns, low, high), start in pieces:
            codes = columns.codes
            assert codes is not None  # noqa: S101 - the caller chose parts that have them
            scanner = lent.get(codes.scale)
            if scanner is None:
                scanner = lent[codes.scale] = scanners.borrow(codes.scale, len(query))
                scanner.ask(query)
            rows = faiss.swig_ptr(codes.codes[low:high])
            numbers = np.arange(start, start + high - low)
            scanner.scan(high - low, rows, faiss.swig_ptr(numbers), *heap)
    finally:
        for scanner in lent.values():
            scanners.give_back(scanner)
    return scores, positions
