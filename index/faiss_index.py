"""The fast index: the rows of a scope are contiguous, and FAISS multiplies them where they lie."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np

from core.arrays import F32, I64
from core.types import Hits
from index import disk
from index.catalogue import Places, Rows
from index.coarse import Scanners, settle
from index.gallery import Snapshot
from index.lifecycle import ROLLED_ROWS
from index.ranking import Shortlist, hits_of
from index.remembered import Remembered
from index.scan import Fill, scan
from index.segmented import SegmentedIndex
from index.taking import Taken, joined, taken_of
from index.windows import Windows, scope_key

# Measured at D = 256 on one core: a tile of a megabyte stays in the cache for the next query; for
# more queries than these BLAS wins, although its threads hinder each other on a busy machine.
_FAISS_QUERIES = 8
_TILE_ROWS = 1024
_products_ny: Callable[..., None] = getattr(faiss, "fvec_inner_products_ny")  # noqa: B009


class FaissIndex(SegmentedIndex):
    """A `VectorIndex` for millions of rows; `threads` share a large scope."""

    def __init__(
        self,
        root: Path,
        *,
        writer: int | None = None,
        reserve_bytes: int = disk.RESERVE_BYTES,
        threads: int | None = None,
        rolled_rows: int = ROLLED_ROWS,
    ) -> None:
        super().__init__(root, writer=writer, reserve_bytes=reserve_bytes, rolled_rows=rolled_rows)
        count = threads or os.cpu_count() or 1
        self._scanners = Scanners()
        self._pool = ThreadPoolExecutor(count - 1, "search") if count > 1 else None

    def close(self) -> None:
        """Stop being the writer, and end the threads; searching goes on in the caller's."""
        super().close()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _search(self, snapshot: Snapshot, allowed: Windows, queries: F32, k: int) -> Hits:
        shortlists = [Shortlist(query, k) for query in np.ascontiguousarray(queries)]
        sealed, opened = snapshot.sealed.rows(allowed), snapshot.opened.rows(allowed)
        if sealed:
            self._ask_sealed(shortlists, sealed, snapshot.remembered, scope_key(allowed))
        if opened:
            self._scan(shortlists, opened)
        return hits_of([shortlist.winners() for shortlist in shortlists], k)

    def _ask_sealed(
        self,
        shortlists: Sequence[Shortlist],
        rows: Sequence[Rows],
        remembered: Remembered,
        scope: bytes,
    ) -> None:
        """Offer the rows of sealed segments, if it is not known what comes of that."""
        new = [shortlist for shortlist in shortlists if not remembered.recalled(shortlist, scope)]
        coded = [part for part in rows if part.columns.codes is not None]
        if new and len(coded) < len(rows):
            self._scan(new, [part for part in rows if part.columns.codes is None])
        if new and coded:
            places = Places(coded)
            settled = (settle(one, places, self._scanners, self._pool) for one in new)
            if unsettled := [one for one, told in zip(new, settled, strict=True) if not told]:
                self._scan(unsettled, coded)
        for shortlist in new:
            remembered.keep(shortlist, scope)

    def _rows(self, snapshot: Snapshot, allowed: Windows, tracklet_ids: I64) -> Taken:
        return joined(taken_of(tracklet_ids, snapshot.tabled_rows(allowed)), snapshot.dim)

    def _scan(self, shortlists: Sequence[Shortlist], rows: Sequence[Rows]) -> None:
        queries = np.stack([shortlist.query for shortlist in shortlists])
        scan(shortlists, rows, inner_products(queries), self._pool)


def inner_products(queries: F32) -> Fill:
    """Fills scores (Q, N) of contiguous rows (N, D) with the queries (Q, D)."""
    if len(queries) > _FAISS_QUERIES:
        return _by_blas(queries)
    pointers = [faiss.swig_ptr(query) for query in queries]  # into `queries`, kept by `fill`

    def fill(vectors: F32, scores: F32) -> None:
        for start in range(0, len(vectors), _TILE_ROWS):
            tile = vectors[start : start + _TILE_ROWS]
            rows = faiss.swig_ptr(tile)
            for query, out in zip(pointers, scores, strict=True):
                _products_ny(faiss.swig_ptr(out[start:]), query, rows, queries.shape[1], len(tile))

    return fill


def _by_blas(queries: F32) -> Fill:
    def fill(vectors: F32, scores: F32) -> None:
        np.matmul(queries, vectors.T, out=scores)

    return fill
