"""The fast index: the rows of a scope are contiguous, and FAISS multiplies them where they lie."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np

from core.arrays import F32
from core.types import Hits
from index import disk
from index.gallery import Snapshot
from index.scan import Fill, scan
from index.segmented import SegmentedIndex
from index.windows import Windows

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
    ) -> None:
        super().__init__(root, writer=writer, reserve_bytes=reserve_bytes)
        count = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(count - 1, "search") if count > 1 else None

    def close(self) -> None:
        """Stop being the writer, and end the threads; searching goes on in the caller's."""
        super().close()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _search(self, snapshot: Snapshot, allowed: Windows, queries: F32, k: int) -> Hits:
        queries = np.ascontiguousarray(queries)
        fill = inner_products(queries)
        return scan(snapshot.rows(allowed), queries, k, fill=fill, pool=self._pool)


def inner_products(queries: F32) -> Fill:
    """Fills scores (Q, N) of contiguous rows (N, D) with the queries (Q, D)."""
    if len(queries) > _FAISS_QUERIES:
        return _by_blas(queries)
    pointers = [faiss.swig_ptr(query) for query in queries]
    dim = queries.shape[1]

    def fill(vectors: F32, scores: F32) -> None:
        for start in range(0, len(vectors), _TILE_ROWS):
            tile = vectors[start : start + _TILE_ROWS]
            rows = faiss.swig_ptr(tile)
            for query, out in zip(pointers, scores, strict=True):
                _products_ny(faiss.swig_ptr(out[start:]), query, rows, dim, len(tile))

    return fill


def _by_blas(queries: F32) -> Fill:
    def fill(vectors: F32, scores: F32) -> None:
        np.matmul(queries, vectors.T, out=scores)

    return fill
