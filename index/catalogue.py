"""Which rows of which segments lie in a scope.

A scope touches tens to some thousands of (camera, segment) blocks, and each is multiplied by a call
of its own. Finding a block takes a microsecond in plain Python; numpy's dozen calls would take more
for the usual scope and win nothing for the largest.
"""

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np

from core.arrays import F32, I64
from core.clocks import HOUR_NS
from index.segments import CameraTable, Columns
from index.windows import Windows, scope_key

_Block = tuple[int, int, int, int, int]
"""First and last time of a camera in a part, the part's number, its rows low to high."""

_Range = tuple[int, int, int]
"""A part's number, its rows low to high."""

_NOWHERE: tuple[list[int], list[_Block]] = ([], [])
_SCOPES_KEPT = 4


class Part(Protocol):
    """A segment as a search sees it."""

    @property
    def table(self) -> CameraTable: ...
    @property
    def hour(self) -> int: ...
    @property
    def columns(self) -> Columns:
        """Its rows; `FileNotFoundError` if the file was replaced since it was listed."""


class Rows(NamedTuple):
    """Rows `low` to `high` of a part's columns; never empty. (A tuple: a search makes many.)"""

    columns: Columns
    low: int
    high: int

    @property
    def size(self) -> int:
        return self.high - self.low


class Catalogue:
    """All parts of one family and model, with every (camera, part) block sorted by time."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        tables = [part.table for part in parts]
        counts = [len(table.camera_ids) for table in tables]
        camera_ids = _joined(table.camera_ids for table in tables)
        hours = np.repeat(np.array([part.hour for part in parts], np.int64), counts)
        order = np.lexsort((hours, camera_ids))
        self._hours = hours[order]
        self._columns = [
            _joined(table.first_ns for table in tables)[order],
            _joined(table.last_ns for table in tables)[order],
            np.repeat(np.arange(len(parts)), counts)[order],
            _joined(table.starts[:-1] for table in tables)[order],
            _joined(table.starts[1:] for table in tables)[order],
        ]
        cameras, starts = np.unique(camera_ids[order], return_index=True)
        bounds = [*starts.tolist(), len(order)]
        self._bounds = dict(zip(cameras.tolist(), pairwise(bounds), strict=True))
        self._blocks: dict[int, tuple[list[int], list[_Block]]] = {}
        self._guard = threading.Lock()
        self._known: OrderedDict[bytes, list[_Range]] = OrderedDict()

    def rows(self, windows: Windows) -> list[Rows]:
        """The rows inside the windows, by part and row; ranges that touch are one."""
        columns, found = self._ranges(windows)
        return [Rows(columns[part], low, high) for part, low, high in found]

    def tabled_rows(self, windows: Windows) -> list[tuple[CameraTable, Rows]]:
        """The same rows, each range with the table that says whose they are."""
        columns, found = self._ranges(windows)
        return [
            (self.parts[part].table, Rows(columns[part], low, high)) for part, low, high in found
        ]

    def _ranges(self, windows: Windows) -> tuple[dict[int, Columns], list[_Range]]:
        """The columns of the parts that the windows touch, and where in them the rows lie.

        A case asks within the same windows again and again: the last ones are remembered.
        """
        key = scope_key(windows)
        with self._guard:
            known = self._known.get(key)
        if known is not None:
            return {part: self.parts[part].columns for part, _, _ in known}, known
        columns, found = self._looked_for(windows)
        merged = list(_merged(found))
        with self._guard:
            self._known[key] = merged
            if len(self._known) > _SCOPES_KEPT:
                self._known.popitem(last=False)
        return columns, merged

    def _looked_for(self, windows: Windows) -> tuple[dict[int, Columns], list[_Range]]:
        columns: dict[int, Columns] = {}
        found: list[_Range] = []
        self._look_up({camera_id for camera_id, _, _ in windows})
        for camera_id, start_ns, end_ns in windows:
            hours, blocks = self._blocks.get(camera_id, _NOWHERE)
            last_hour = (end_ns - 1) // HOUR_NS
            for place in range(bisect_left(hours, start_ns // HOUR_NS), len(hours)):
                if hours[place] > last_hour:
                    break
                first, last, part, low, high = blocks[place]
                if start_ns > last or end_ns <= first:
                    continue
                if part not in columns:
                    columns[part] = self.parts[part].columns
                if start_ns > first or end_ns <= last:
                    times = columns[part].device_ns.data  # a view that `bisect` reads quickly
                    high = bisect_left(times, end_ns, low, high)
                    low = bisect_left(times, start_ns, low, high)
                if low < high:
                    found.append((part, low, high))
        return columns, found

    def _look_up(self, camera_ids: set[int]) -> None:
        """Have the hours and the blocks of these cameras at hand, both by hour.

        They are taken out of the arrays all at once: numpy's calls cost more than what they do.
        """
        missing = [i for i in camera_ids if i not in self._blocks and i in self._bounds]
        if not missing:
            return
        bounds = [self._bounds[camera_id] for camera_id in missing]
        rows = np.concatenate([np.arange(low, high) for low, high in bounds])
        hours = self._hours[rows].tolist()
        blocks = list(zip(*(column[rows].tolist() for column in self._columns), strict=True))
        ends = accumulate((high - low for low, high in bounds), initial=0)
        for camera_id, (low, high) in zip(missing, pairwise(ends), strict=True):
            self._blocks[camera_id] = hours[low:high], blocks[low:high]


def _joined(arrays: Iterable[I64]) -> I64:
    return np.concatenate([np.empty(0, np.int64), *arrays])


def _merged(ranges: list[_Range]) -> Iterator[_Range]:
    """Ranges of (part, low, high) ascending, those that touch joined."""
    ranges.sort()
    held: _Range | None = None
    for part, low, high in ranges:
        if held is not None and held[0] == part and held[2] == low:
            held = (part, held[1], high)
            continue
        if held is not None:
            yield held
        held = (part, low, high)
    if held is not None:
        yield held


class Places:
    """Some rows numbered through as positions 0 to `len`."""

    def __init__(self, rows: Sequence[Rows]) -> None:
        self.rows = rows
        self.starts = list(accumulate((part.size for part in rows), initial=0))
        self._columns = list({id(part.columns): part.columns for part in rows}.values())
        owner = {id(columns): number for number, columns in enumerate(self._columns)}
        self._owners = np.array([owner[id(part.columns)] for part in rows], np.int64)
        # A position plus this is its row in the columns.
        self._lows = np.array([part.low for part in rows], np.int64) - self.starts[:-1]

    def __len__(self) -> int:
        return self.starts[-1]

    def tracklets(self) -> I64:
        """The tracklet at every position, (N,)."""
        return np.concatenate(
            [part.columns.tracklet_ids[part.low : part.high] for part in self.rows]
        )

    def found(self, positions: I64) -> tuple[I64, I64, F32]:
        """Tracklet (N,) and shot (N,) of each of these positions, and their vectors (N, D)."""
        parts = np.searchsorted(self.starts, positions, side="right") - 1
        rows = self._lows[parts] + positions
        owners = self._owners[parts]
        tracklets, shots = np.empty((2, len(positions)), np.int64)
        vectors, order = [], []
        for owner in np.unique(owners).tolist():
            own = np.flatnonzero(owners == owner)
            columns = self._columns[owner]
            tracklets[own] = columns.tracklet_ids[rows[own]]
            shots[own] = columns.shot_ids[rows[own]]
            vectors.append(columns.vectors_of(rows[own]))
            order.append(own)
        found = np.concatenate(vectors)
        found[np.concatenate(order)] = found.copy()
        return tracklets, shots, found
