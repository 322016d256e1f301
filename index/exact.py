"""The plain reference: every row of every segment looked at, in double precision."""

from pathlib import Path

import numpy as np

from core.arrays import F32, I64, Bool
from core.types import Hits
from index import disk
from index.gallery import Snapshot
from index.ranking import Winner, exact_scores, hits_of
from index.segmented import SegmentedIndex
from index.windows import Windows


class NumpyIndex(SegmentedIndex):
    """A `VectorIndex` that is easy to believe; `FaissIndex` must answer the same."""

    def __init__(
        self, root: Path, *, writer: int | None = None, reserve_bytes: int = disk.RESERVE_BYTES
    ) -> None:
        super().__init__(root, writer=writer, reserve_bytes=reserve_bytes)

    def _search(self, snapshot: Snapshot, windows: Windows, queries: F32, k: int) -> Hits:
        kept = [_rows_inside(snapshot, number, windows) for number in range(len(snapshot.parts))]
        tracklets = np.concatenate([rows[0] for rows in kept])
        shots = np.concatenate([rows[1] for rows in kept])
        vectors = np.concatenate([rows[2] for rows in kept])
        winners = [
            best_tracklets(tracklets, shots, exact_scores(vectors, query), k) for query in queries
        ]
        return hits_of(winners, k)


def best_tracklets(tracklets: I64, shots: I64, scores: F32, k: int) -> list[Winner]:
    """Each tracklet's best shot, the k best of them first; ties by tracklet, then by shot."""
    order = np.lexsort((shots, -scores, tracklets))
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(tracklets[order]) != 0
    best = order[first]
    best = best[np.lexsort((tracklets[best], -scores[best]))][:k]
    ranked = (scores[best], tracklets[best], shots[best])
    return list(zip(*(column.tolist() for column in ranked), strict=True))


def _rows_inside(snapshot: Snapshot, number: int, windows: Windows) -> tuple[I64, I64, F32]:
    """Tracklets, shots and vectors of a part's rows that lie in a window."""
    part = snapshot.parts[number]
    columns = part.columns
    cameras = part.table.row_cameras()
    inside: Bool = np.zeros(len(columns), np.bool_)
    for camera_id, start_ns, end_ns in windows:
        times = (start_ns <= columns.device_ns) & (columns.device_ns < end_ns)
        inside |= (cameras == camera_id) & times
    rows = np.flatnonzero(inside)
    return columns.tracklet_ids[rows], columns.shot_ids[rows], columns.vectors_of(rows)
