"""The index of plates: readings come in, and a pattern finds the likeliest."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.arrays import F32
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT
from core.plates.likelihood import PlateLikelihood
from core.plates.patterns import Pattern
from core.types import PlateHit, PlatePosterior, PlateRows, Scope
from index import disk
from index.gallery import Snapshot
from index.lifecycle import ROLLED_ROWS, SegmentedFiles
from index.plates.asking import question
from index.plates.narrowing import Effort, Pick, narrowed
from index.plates.packing import FORMAT, layout_and_colour, packed, unpacked
from index.plates.parts import parts_of
from index.plates.scoring import PackedLikelihood, blocks_of
from index.windows import Windows
from index.writing import Batch

FAMILY = "plates"

T = TypeVar("T")
R = TypeVar("R")


class FilePlateIndex(SegmentedFiles):
    """A `PlateIndex` for millions of readings below `root`; `threads` share a search.

    Of more readings in a scope than `effort` allows the rest is left out by how they look. The
    confusion
    behind `likelihood` is a question's, not a file's: it may be another tomorrow.
    """

    def __init__(
        self,
        root: Path,
        *,
        writer: int | None = None,
        reserve_bytes: int = disk.RESERVE_BYTES,
        likelihood: PlateLikelihood | None = None,
        threads: int | None = None,
        effort: Effort | None = None,
        rolled_rows: int = ROLLED_ROWS,
    ) -> None:
        super().__init__(
            root,
            writer=writer,
            reserve_bytes=reserve_bytes,
            families=(FAMILY,),
            rolled_rows=rolled_rows,
        )
        count = threads or os.cpu_count() or 1
        likelihood = likelihood or PlateLikelihood()
        self._confusion = likelihood.confusion
        self._scoring = PackedLikelihood(likelihood)
        self._effort = effort or Effort()
        self._pool = ThreadPoolExecutor(count, "plates") if count > 1 else None

    def close(self) -> None:
        """Stop being the writer, and end the threads; searching goes on in the caller's."""
        super().close()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def add(self, rows: PlateRows) -> None:
        payload = packed(rows.log_probs, rows.layouts, rows.colours)
        columns = (rows.plate_ids, rows.tracklet_ids, rows.camera_ids, rows.device_ns)
        self._keep(Batch(FAMILY, FORMAT, "plate", *columns, payload), self._directory)

    def search(self, scope: Scope, pattern: Pattern, k: int) -> list[PlateHit]:
        if k < 1:
            raise InvalidInput(f"k: want at least 1, got {k}")

        def answer(snapshot: Snapshot) -> list[PlateHit]:
            return self._search(snapshot, self._allowed(scope), pattern, k)

        with self._guard:
            gallery = self._gallery(self._directory)
        with disk.translated("search"):
            return gallery.read(answer)

    def _search(
        self, snapshot: Snapshot, allowed: Windows, pattern: Pattern, k: int
    ) -> list[PlateHit]:
        asked = question(pattern, self._confusion)
        parts = parts_of(snapshot.rows(allowed))
        picks = narrowed(parts, asked, self._shared, self._effort)
        if not picks:
            return []
        # Not shared: these products have threads of their own, which would wait for each other.
        blocks = blocks_of([part.columns.vectors_of(rows) for part, rows in picks])
        scores = np.concatenate([self._scoring.llr(pattern, block) for block in blocks])
        return _best_hits(picks, scores, k)

    def _shared(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        pool = self._pool
        if pool is None or len(items) < 2:
            return [work(item) for item in items]
        return list(pool.map(work, items))

    @property
    def _directory(self) -> Path:
        return self._root / FAMILY / FORMAT


def _best_hits(picks: Sequence[Pick], scores: F32, k: int) -> list[PlateHit]:
    """The k best tracklets, each with its best reading; ties by tracklet, then by reading."""
    numbers = np.repeat(np.arange(len(picks)), [len(rows) for _, rows in picks])
    rows = np.concatenate([rows for _, rows in picks])
    tracklets, plates = (
        np.concatenate([getattr(part.columns, name)[rows] for part, rows in picks])
        for name in ("tracklet_ids", "shot_ids")
    )
    best: dict[int, int] = {}
    for place in np.lexsort((plates, tracklets, -scores)).tolist():
        best.setdefault(int(tracklets[place]), place)
        if len(best) == k:
            break
    parts = [picks[numbers[place]][0] for place in best.values()]
    kept = np.concatenate(
        [
            part.columns.vectors_of(rows[place : place + 1])
            for part, place in zip(parts, best.values(), strict=True)
        ]
    )
    return [
        PlateHit(
            int(plates[place]),
            float(scores[place]),
            PlatePosterior(tracklet, _ended(log_probs), *layout_and_colour(row), ()),
        )
        for (tracklet, place), log_probs, row in zip(
            best.items(), unpacked(kept), kept, strict=True
        )
    ]


def _ended(log_probs: F32) -> F32:
    """A reading without the void positions at its end, which it has beside a longer one."""
    real = np.flatnonzero(log_probs[:, ABSENT] < 0)
    return log_probs[: real[-1] + 1 if len(real) else 0]
