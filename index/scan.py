"""The fast exact search: contiguous rows through a kernel, in chunks that bound the memory."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.arrays import F32, I64
from core.types import Hits
from index.catalogue import Places, Rows
from index.ranking import Shortlist, hits_of
from index.segments import Columns

Fill = Callable[[F32, F32], None]
"""Given contiguous rows (N, D), fills scores (Q, N) for the queries that it was made for."""

_CHUNK_SCORES = 1 << 22  # 16 MB
_PIECE_ROWS = 1 << 14
# Waking another thread takes as long as about a megabyte of vectors.
_WORTH_SHARING = 1 << 20


def scan(
    rows: Sequence[Rows], queries: F32, k: int, *, fill: Fill, pool: ThreadPoolExecutor | None
) -> Hits:
    """The k best tracklets among `rows` per query."""
    shortlists = [Shortlist(query, k) for query in queries]
    for chunk in _chunks(rows, max(_CHUNK_SCORES // len(queries), _PIECE_ROWS)):
        places = Places(chunk)
        scores = _scores(places, queries, fill, pool)
        tracklets = places.tracklets()
        for shortlist, row in zip(shortlists, scores, strict=True):
            shortlist.offer(places, row, tracklets)
    return hits_of([shortlist.winners() for shortlist in shortlists], k)


def _chunks(rows: Sequence[Rows], limit: int) -> Iterator[list[Rows]]:
    """All ranges in order, in groups of at most `limit` rows; a long one is divided."""
    chunk: list[Rows] = []
    room = limit
    for part in rows:
        low = part.low
        while part.high - low > room:
            chunk.append(Rows(part.columns, low, low + room))
            yield chunk
            low, chunk, room = low + room, [], limit
        chunk.append(part if low == part.low else Rows(part.columns, low, part.high))
        room -= part.high - low
        if not room:
            yield chunk
            chunk, room = [], limit
    if chunk:
        yield chunk


def _scores(places: Places, queries: F32, fill: Fill, pool: ThreadPoolExecutor | None) -> F32:
    """Scores (Q, N) of a chunk."""
    scores = np.empty((len(queries), len(places)), np.float32)
    ranges = list(zip(places.rows, places.starts, strict=False))

    def score(part: Rows, start: int) -> None:
        _score(part, scores[:, start : start + part.size], fill)

    if pool is None or scores.size * queries.shape[1] < _WORTH_SHARING:
        for part, start in ranges:
            score(part, start)
    else:
        pieces = iter(list(_pieces(ranges)))
        helpers = [pool.submit(_drain, pieces, score) for _ in range(pool._max_workers)]
        _drain(pieces, score)
        for helper in helpers:  # one that never began, in a busy pool, has nothing left to do
            if not helper.cancel():
                helper.result()
    return scores


def _pieces(ranges: Sequence[tuple[Rows, int]]) -> Iterator[tuple[Rows, int]]:
    """The same ranges, none too long for threads to share them evenly."""
    for part, start in ranges:
        if part.size <= _PIECE_ROWS:
            yield part, start
            continue
        for low in range(part.low, part.high, _PIECE_ROWS):
            high = min(low + _PIECE_ROWS, part.high)
            yield Rows(part.columns, low, high), start + low - part.low


def _drain(pieces: Iterator[tuple[Rows, int]], score: Callable[[Rows, int], None]) -> None:
    """Score what is left of `pieces`; a list's iterator may be shared by threads."""
    for part, start in pieces:
        score(part, start)


def _score(part: Rows, out: F32, fill: Fill) -> None:
    columns = part.columns
    if columns.order is None:
        fill(columns.vectors[part.low : part.high], out)
    else:
        _score_open(columns, columns.order[part.low : part.high], fill, out)


def _score_open(columns: Columns, rows: I64, fill: Fill, out: F32) -> None:
    """An open segment's vectors lie as they came; gathering many costs more than scoring all."""
    if 4 * len(rows) < len(columns):
        fill(columns.vectors[rows], out)
    else:
        whole = np.empty((len(out), len(columns)), np.float32)
        fill(columns.vectors, whole)
        np.take(whole, rows, axis=1, out=out)
