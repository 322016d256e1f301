"""The fast exact search: contiguous rows through a kernel, in chunks that bound the memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.arrays import F32, I64
from core.types import Hits
from index.catalogue import Places
from index.ranking import Shortlist, error_bound, hits_of
from index.segments import Columns

Fill = Callable[[F32, F32], None]
"""Given contiguous rows (N, D), fills scores (Q, N) for the queries that it was made for."""

Block = tuple[int, Columns, int, int]

_CHUNK_SCORES = 1 << 22  # 16 MB
_PIECE_ROWS = 1 << 14
# Below this many products a second thread costs more than it gives.
_WORTH_THREADS = 1 << 24


def scan(places: Places, queries: F32, k: int, *, fill: Fill, threads: int) -> Hits:
    """The k best tracklets among `places` per query."""
    margin = error_bound(queries.shape[1])
    shortlists = [Shortlist(k, margin) for _ in queries]
    for chunk in _chunks(places, max(_CHUNK_SCORES // len(queries), _PIECE_ROWS)):
        scores = _scores(chunk, queries, fill, threads)
        tracklets = np.concatenate([part.tracklet_ids[low:high] for _, part, low, high in chunk])
        for shortlist, row in zip(shortlists, scores, strict=True):
            shortlist.offer(row, tracklets, chunk[0][0])
    winners = [s.best(places, query) for s, query in zip(shortlists, queries, strict=True)]
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


def _scores(chunk: list[Block], queries: F32, fill: Fill, threads: int) -> F32:
    """Scores (Q, N) of a chunk."""
    first = chunk[0][0]
    last, _, low, high = chunk[-1]
    scores = np.empty((len(queries), last + high - low - first), np.float32)

    def score(block: Block) -> None:
        position, columns, low, high = block
        out = scores[:, position - first : position - first + high - low]
        if columns.order is None:
            fill(columns.vectors[low:high], out)
        else:
            _score_open(columns, columns.order[low:high], fill, out)

    if threads > 1 and scores.size * queries.shape[1] >= _WORTH_THREADS:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(score, _pieces(chunk)))
    else:
        for block in chunk:
            score(block)
    return scores


def _pieces(chunk: list[Block]) -> Iterator[Block]:
    """The same blocks divided so that threads share them evenly."""
    for position, columns, low, high in chunk:
        for start in range(low, high, _PIECE_ROWS):
            yield position + start - low, columns, start, min(start + _PIECE_ROWS, high)


def _score_open(columns: Columns, rows: I64, fill: Fill, out: F32) -> None:
    """An open segment's vectors lie as they came; gathering many costs more than scoring all."""
    if 4 * len(rows) < len(columns):
        fill(columns.vectors[rows], out)
    else:
        whole = np.empty((len(out), len(columns)), np.float32)
        fill(columns.vectors, whole)
        np.take(whole, rows, axis=1, out=out)
