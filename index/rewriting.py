"""Sealing and rewriting: a sorted file is written whole, then what it makes void is deleted.

All of it runs under the lock of the index, so that no two processes replace the same files.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from core.arrays import I64, Bool
from index import disk
from index.derived import derived
from index.names import SegmentName
from index.open_segment import OpenSegment
from index.segments import Array, Columns, Head, SealedSegment, camera_table, write_sealed

Keep = Callable[[I64, I64, I64], Bool]
"""Which rows stay, given cameras, device times and shots, all (N,)."""

_BLOCK_ROWS = 4096


def seal(segment: OpenSegment, keep: Keep) -> None:
    """Put a sealed file in the place of an open one; none if no row is kept."""
    records = segment.records()
    columns = Columns(
        np.ascontiguousarray(records["device_ns"]),
        np.ascontiguousarray(records["tracklet_id"]),
        np.ascontiguousarray(records["shot_id"]),
        records["vector"],
    )
    cameras = np.ascontiguousarray(records["camera_id"])
    source = _Source(segment.name, segment.head, cameras, columns)
    _write([source], segment.path.parent, keep)


def rewrite(segments: Sequence[SealedSegment], keep: Keep) -> int:
    """Put one sealed file in the place of several of one group; the number of rows cut off.

    Raises `StorageCorrupt` if one does not hold: a new checksum would hide the damage.
    """
    for segment in segments:
        segment.verify()
    sources = [
        _Source(part.name, part.head, part.table.row_cameras(), part.map().columns)
        for part in segments
    ]
    return _write(sources, segments[0].path.parent, keep)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    name: SegmentName
    head: Head
    camera_ids: I64
    columns: Columns


def _write(sources: Sequence[_Source], directory: Path, keep: Keep) -> int:
    """Write the kept rows as one sealed file, delete the old files; the rows cut off."""
    cameras = np.concatenate([source.camera_ids for source in sources])
    device_ns, tracklets, shots = (
        np.concatenate([getattr(source.columns, field) for source in sources])
        for field in ("device_ns", "tracklet_ids", "shot_ids")
    )
    kept = np.flatnonzero(keep(cameras, device_ns, shots))
    order = kept[np.lexsort((device_ns[kept], cameras[kept]))]
    if len(order):
        table = camera_table(cameras[order], device_ns[order])
        head = replace(sources[0].head, rows=len(order), cameras=len(table.camera_ids), token="")
        vectors = partial(_vectors, sources, order)
        head, further = derived(head, vectors)
        ids = {"device_ns": device_ns, "tracklet_ids": tracklets, "shot_ids": shots}
        columns = {field: column[order] for field, column in ids.items()}
        path = directory / _successor(sources).filename
        write_sealed(path, head, table, columns, {"vectors": vectors, **further})
    for source in sources:
        disk.remove(directory / source.name.filename)
    disk.sync_directory(directory)
    return len(cameras) - len(order)


def _successor(sources: Sequence[_Source]) -> SegmentName:
    """The name that voids all of `sources`."""
    names = [source.name for source in sources]
    return SegmentName(
        *names[0].group,
        min(name.first for name in names),
        max(name.last for name in names),
        max(name.generation for name in names) + 1,
    )


def _vectors(sources: Sequence[_Source], order: I64) -> Iterator[Array]:
    """The vectors of the rows numbered through all sources, in that order, block by block."""
    starts = np.cumsum([0, *(len(source.columns) for source in sources)])
    for begin in range(0, len(order), _BLOCK_ROWS):
        rows = order[begin : begin + _BLOCK_ROWS]
        which = np.searchsorted(starts, rows, side="right") - 1
        block = np.empty((len(rows), sources[0].head.dim), sources[0].head.payload)
        for number in np.unique(which).tolist():
            own = which == number
            block[own] = sources[number].columns.vectors_of(rows[own] - starts[number])
        yield block
