"""The fast exact search: contiguous rows through a kernel, in chunks that bound the memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.arrays import F32
from core.types import Hits
from index.catalogue import Places
from index.ranking import Shortlist, error_bound, hits_of
from index.segments import Columns

Kernel = Callable[[F32, F32, F32], None]
"""Fills scores (Q, N) of contiguous rows (N, D) with queries (Q, D)."""

Block = tuple[int, Columns, int, int]

_CHUNK_SCORES = 1 << 22  # 16 MB
_PIECE_ROWS = 1 << 14
# Below this many products a second thread costs more than it gives.
_WORTH_THREADS = 1 << 24


def scan(places: Places, queries: F32, k: int, *, kernel: Kernel, threads: int) -> Hits:
    """The k best tracklets among `places` per query."""
    margin = error_bound(queries.shape[1])
    shortlists = [Shortlist(places, k, margin) for _ in queries]
    for chunk in _chunks(places, max(_CHUNK_SCORES // len(queries), _PIECE_ROWS)):
        scores = _scores(chunk, queries, kernel, threads)
        for shortlist, row in zip(shortlists, scores, strict=True):
            shortlist.offer(row, chunk[0][0])
    winners = [s.best(query) for s, query in zip(shortlists, queries, strict=True)]
    return hits_of(winners, k)


def _chunks(places: Places, limit: int) -> Iterator[list[Block]]:
    """All blocks in order, in groups of at most `limit` rows; a long block is divided."""
    chunk: list[Block] = []
    rows = 0
    for position, columns, low, high in places.blocks():
        while rows + high - low > limit:
            cut = low + limit - rows
            if cut > low:
                chunk.append((position, columns, low, cut))
            yield chunk
            position, low, chunk, rows = position + cut - low, cut, [], 0
        chunk.append((position, columns, low, high))
        rows += high - low
    if chunk:
        yield chunk


def _scores(chunk: list[Block], queries: F32, kernel: Kernel, threads: int) -> F32:
    """Scores (Q, N) of a chunk."""
    first = chunk[0][0]
    last, _, low, high = chunk[-1]
    scores = np.empty((len(queries), last + high - low - first), np.float32)

    def fill(block: Block) -> None:
        position, columns, low, high = block
        out = scores[:, position - first : position - first + high - low]
        _fill(columns, low, high, (queries, out), kernel)

    if threads > 1 and scores.size * queries.shape[1] >= _WORTH_THREADS:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, _pieces(chunk)))
    else:
        for block in chunk:
            fill(block)
    return scores


def _pieces(chunk: list[Block]) -> Iterator[Block]:
    """The same blocks divided so that threads share them evenly."""
    for position, columns, low, high in chunk:
        for start in range(low, high, _PIECE_ROWS):
            yield position + start - low, columns, start, min(start + _PIECE_ROWS, high)


def _fill(columns: Columns, low: int, high: int, product: tuple[F32, F32], kernel: Kernel) -> None:
    queries, out = product
    if columns.order is None:
        kernel(columns.vectors[low:high], queries, out)
        return
    # An open segment's vectors lie as they came. Gathering costs more than scoring in order.
    rows = columns.order[low:high]
    if 4 * len(rows) < len(columns):
        kernel(columns.vectors[rows], queries, out)
    else:
        whole = np.empty((len(queries), len(columns)), np.float32)
        kernel(columns.vectors, queries, whole)
        np.take(whole, rows, axis=1, out=out)
