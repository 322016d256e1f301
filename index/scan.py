"""Exact scores of rows as they lie, in chunks that bound the memory."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.arrays import F32, I64
from index.catalogue import Places, Rows
from index.ranking import Shortlist
from index.segments import Columns
from index.sharing import Piece, pieces_of, shared

Fill = Callable[[F32, F32], None]
"""Given contiguous rows (N, D), fills scores (Q, N) for the queries that it was made for."""

_CHUNK_SCORES = 1 << 20  # 4 MB
_FEWEST_ROWS = 1 << 14


def scan(
    shortlists: Sequence[Shortlist],
    rows: Sequence[Rows],
    fill: Fill,
    pool: ThreadPoolExecutor | None,
) -> None:
    """Offer all of `rows` to the shortlists of the queries that `fill` was made for."""
    for chunk in _chunks(rows, max(_CHUNK_SCORES // len(shortlists), _FEWEST_ROWS)):
        places = Places(chunk)
        scores = np.empty((len(shortlists), len(places)), np.float32)

        def drain(pieces: Iterator[Piece], scores: F32 = scores) -> None:
            for part, start in pieces:
                _score(part, scores[:, start : start + part.size], fill)

        products = scores.size * len(shortlists[0].query)
        shared(pieces_of(places.rows, places.starts), drain, pool, products=products)
        tracklets = places.tracklets()
        for shortlist, row in zip(shortlists, scores, strict=True):
            shortlist.offer(places, row, tracklets)


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
