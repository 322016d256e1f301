"""Vectors in segments: what is checked and bounded before an implementation searches."""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from core.arrays import F32, I64, checked
from core.errors import InvalidInput
from core.types import Embeddings, Family, Hits, Scope, VectorRows, no_hits
from index import disk
from index.gallery import Gallery, Snapshot
from index.lifecycle import ROLLED_ROWS, SegmentedFiles
from index.names import gallery_directory
from index.taking import Taken
from index.windows import Windows
from index.writing import Batch

_UNIT_TOLERANCE = 2e-3  # of the squared length


class SegmentedIndex(SegmentedFiles, ABC):
    """A `VectorIndex` on files below `root`; an implementation says how it searches."""

    def __init__(
        self,
        root: Path,
        *,
        writer: int | None,
        reserve_bytes: int,
        rolled_rows: int = ROLLED_ROWS,
    ) -> None:
        super().__init__(
            root,
            writer=writer,
            reserve_bytes=reserve_bytes,
            families=[family.value for family in Family],
            rolled_rows=rolled_rows,
        )
        self._by_model: dict[tuple[Family, str], Gallery] = {}

    def add(self, rows: VectorRows) -> None:
        directory = gallery_directory(self._root, rows.family, rows.embeddings.model)
        self._keep(
            Batch(
                rows.family.value,
                rows.embeddings.model,
                "shot",
                rows.embeddings.shot_ids,
                rows.tracklet_ids,
                rows.camera_ids,
                rows.device_ns,
                rows.embeddings.vectors,
            ),
            directory,
        )

    def search(self, scope: Scope, family: Family, model: str, queries: F32, k: int) -> Hits:
        _check_queries(queries, k)
        gallery = self._searched(family, model)

        def answer(snapshot: Snapshot) -> Hits:
            if not len(queries) or not snapshot.parts:
                return no_hits(len(queries), k)
            checked("queries", queries, np.float32, "Q", snapshot.dim)
            return self._search(snapshot, self._allowed(scope), queries, k)

        with disk.translated("search"):
            return gallery.read(answer)

    def rows(self, scope: Scope, family: Family, model: str, tracklet_ids: I64) -> VectorRows:
        checked("tracklet_ids", tracklet_ids, np.int64, "N")
        gallery = self._searched(family, model)

        def answer(snapshot: Snapshot) -> Taken:
            return self._rows(snapshot, self._allowed(scope), np.unique(tracklet_ids))

        with disk.translated("read vectors"):
            taken = gallery.read(answer)
        order = np.argsort(taken.shot_ids)
        return VectorRows(
            family,
            Embeddings(model, taken.shot_ids[order], taken.vectors[order]),
            taken.tracklet_ids[order],
            taken.camera_ids[order],
            taken.device_ns[order],
        )

    @abstractmethod
    def _search(self, snapshot: Snapshot, allowed: Windows, queries: F32, k: int) -> Hits:
        """The k best tracklets per query among the rows of `snapshot` inside `allowed`."""

    @abstractmethod
    def _rows(self, snapshot: Snapshot, allowed: Windows, tracklet_ids: I64) -> Taken:
        """The rows inside `allowed` of those tracklets (ascending, each once), in any order."""

    def _searched(self, family: Family, model: str) -> Gallery:
        with self._guard:
            known = self._by_model.get((family, model))
            if known is None:
                known = self._gallery(gallery_directory(self._root, family, model))
                self._by_model[family, model] = known
            return known


def _check_queries(queries: F32, k: int) -> None:
    checked("queries", queries, np.float32, "Q", "D")
    if k < 1:
        raise InvalidInput(f"k: want at least 1, got {k}")
    squares = np.einsum("qd,qd->q", queries, queries)
    if not (np.abs(squares - 1) < _UNIT_TOLERANCE).all():
        raise InvalidInput("queries: want unit rows")
