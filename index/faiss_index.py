"""The fast index: the rows of a scope are contiguous, and FAISS multiplies them where they lie."""

import os
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np

from core.arrays import F32
from core.types import Hits
from index import disk
from index.gallery import Snapshot
from index.scan import scan
from index.segmented import SegmentedIndex
from index.windows import Windows

# Measured at D = 256: for more queries at once BLAS wins by keeping a tile in registers.
_FAISS_QUERIES = 3

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
        self._threads = threads or os.cpu_count() or 1

    def _search(self, snapshot: Snapshot, windows: Windows, queries: F32, k: int) -> Hits:
        places = snapshot.places(windows)
        return scan(places, queries, k, kernel=inner_products, threads=self._threads)


def inner_products(vectors: F32, queries: F32, scores: F32) -> None:
    """Fill scores (Q, N) of contiguous rows (N, D) with queries (Q, D)."""
    if len(queries) > _FAISS_QUERIES:
        np.matmul(queries, vectors.T, out=scores)
        return
    rows, dim = vectors.shape
    for query, out in zip(queries, scores, strict=True):
        pointers = (faiss.swig_ptr(array) for array in (out, query, vectors))
        _products_ny(*pointers, dim, rows)
