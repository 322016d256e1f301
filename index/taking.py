"""Rows taken out of segments by their tracklets, as they are kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64
from index.catalogue import Places, Rows
from index.segments import CameraTable, Columns

TabledRows = tuple[CameraTable, Rows]
"""A range of rows, and the table that says whose they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Copies of some rows: all (N,), the vectors (N, D)."""

    shot_ids: I64
    tracklet_ids: I64
    camera_ids: I64
    device_ns: I64
    vectors: F32


def taken(columns: Columns, table: CameraTable, rows: I64) -> Taken:
    """Those rows of one part."""
    return Taken(
        columns.shot_ids[rows],
        columns.tracklet_ids[rows],
        table.cameras_of(rows),
        columns.device_ns[rows],
        columns.vectors_of(rows),
    )


def joined(parts: Iterable[Taken], dim: int) -> Taken:
    """All of them in one, empty where there are none."""
    none = np.empty(0, np.int64)
    listed = [Taken(none, none, none, none, np.empty((0, dim), np.float32)), *parts]
    return Taken(
        np.concatenate([part.shot_ids for part in listed]),
        np.concatenate([part.tracklet_ids for part in listed]),
        np.concatenate([part.camera_ids for part in listed]),
        np.concatenate([part.device_ns for part in listed]),
        np.concatenate([part.vectors for part in listed]),
    )


def taken_of(tracklet_ids: I64, ranges: Sequence[TabledRows]) -> Iterator[Taken]:
    """The rows of those tracklets (ascending, each once), range by range.

    A scope has some thousand ranges: they are looked through as one, and only those that hold
    something are touched again.
    """
    if not ranges or not len(tracklet_ids):
        return
    places = Places([rows for _, rows in ranges])
    found = places.tracklets()
    at = np.searchsorted(tracklet_ids, found).clip(max=len(tracklet_ids) - 1)
    positions = np.flatnonzero(tracklet_ids[at] == found)
    starts = np.array(places.starts, np.int64)
    numbers = np.searchsorted(starts, positions, side="right") - 1
    bounds = np.flatnonzero(np.diff(numbers, prepend=-1))
    for own in np.split(np.arange(len(positions)), bounds[1:]):
        if len(own):
            number = int(numbers[own[0]])
            table, rows = ranges[number]
            yield taken(rows.columns, table, positions[own] - starts[number] + rows.low)
