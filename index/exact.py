"""The plain reference: every row of every segment looked at, in double precision."""

from pathlib import Path

import numpy as np

from core.arrays import F32, I64, Bool
from core.types import Hits
from index import disk
from index.catalogue import Part
from index.gallery import Snapshot
from index.ranking import Winner, exact_scores, hits_of
from index.segmented import SegmentedIndex
from index.taking import Taken, joined, taken
from index.windows import Windows


class NumpyIndex(SegmentedIndex):
    """A `VectorIndex` that is easy to believe; `FaissIndex` must answer the same."""

    def __init__(
        self, root: Path, *, writer: int | None = None, reserve_bytes: int = disk.RESERVE_BYTES
    ) -> None:
        super().__init__(root, writer=writer, reserve_bytes=reserve_bytes)

    def _search(self, snapshot: Snapshot, allowed: Windows, queries: F32, k: int) -> Hits:
        rows = _all_inside(snapshot, allowed)
        winners = [
            best_tracklets(rows.tracklet_ids, rows.shot_ids, exact_scores(rows.vectors, query), k)
            for query in queries
        ]
        return hits_of(winners, k)

    def _rows(self, snapshot: Snapshot, allowed: Windows, tracklet_ids: I64) -> Taken:
        rows = _all_inside(snapshot, allowed)
        own = np.isin(rows.tracklet_ids, tracklet_ids)
        return Taken(
            rows.shot_ids[own],
            rows.tracklet_ids[own],
            rows.camera_ids[own],
            rows.device_ns[own],
            rows.vectors[own],
        )


def best_tracklets(tracklets: I64, shots: I64, scores: F32, k: int) -> list[Winner]:
    """Each tracklet's best shot, the k best of them first; ties by tracklet, then by shot."""
    order = np.lexsort((shots, -scores, tracklets))
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(tracklets[order]) != 0
    best = order[first]
    best = best[np.lexsort((tracklets[best], -scores[best]))][:k]
    ranked = (scores[best], tracklets[best], shots[best])
    return list(zip(*(column.tolist() for column in ranked), strict=True))


def _all_inside(snapshot: Snapshot, windows: Windows) -> Taken:
    """Every row that lies in a window."""
    return joined((_rows_inside(part, windows) for part in snapshot.parts), snapshot.dim)


def _rows_inside(part: Part, windows: Windows) -> Taken:
    """A part's rows that lie in a window."""
    columns = part.columns
    cameras = part.table.row_cameras()
    inside: Bool = np.zeros(len(columns), np.bool_)
    for camera_id, start_ns, end_ns in windows:
        times = (start_ns <= columns.device_ns) & (columns.device_ns < end_ns)
        inside |= (cameras == camera_id) & times
    return taken(columns, part.table, np.flatnonzero(inside))
