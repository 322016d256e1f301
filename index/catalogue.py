"""Which rows of which segments lie in a scope: ranges found once for all segments together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.arrays import F32, I64
from core.clocks import HOUR_NS
from index.segments import CameraTable, Columns
from index.windows import Windows

_HOUR_BITS = 24  # int64 nanoseconds hold 5.2 million hours
_HOUR_BIAS = 1 << (_HOUR_BITS - 1)


class Part(Protocol):
    """A segment as a search sees it."""

    @property
    def table(self) -> CameraTable: ...
    @property
    def hour(self) -> int: ...
    @property
    def columns(self) -> Columns:
        """Its rows; `FileNotFoundError` if the file was replaced since it was listed."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Rows `low` to `high` of part number `part`; all (R,), ascending, none empty."""

    part: I64
    low: I64
    high: I64

    def __len__(self) -> int:
        return len(self.part)


class Catalogue:
    """All parts of one family and model, with every (camera, part) block in one table."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        tables = [part.table for part in parts]
        counts = [len(table.camera_ids) for table in tables]
        camera_ids = _joined(table.camera_ids for table in tables)
        hours = np.repeat(np.array([part.hour for part in parts], np.int64), counts)
        self._cameras, rank = np.unique(camera_ids, return_inverse=True)
        keys = _key(rank, hours)
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._part = np.repeat(np.arange(len(parts)), counts)[order]
        self._low = _joined(table.starts[:-1] for table in tables)[order]
        self._high = _joined(table.starts[1:] for table in tables)[order]
        self._first_ns = _joined(table.first_ns for table in tables)[order]
        self._last_ns = _joined(table.last_ns for table in tables)[order]

    def ranges(self, windows: Windows) -> Ranges:
        """The rows inside the windows."""
        if not len(windows) or not len(self._cameras):
            return _NO_RANGES
        rank = np.searchsorted(self._cameras, windows.camera_ids)
        rank = np.minimum(rank, len(self._cameras) - 1)
        known = self._cameras[rank] == windows.camera_ids
        rank, start, end = rank[known], windows.start_ns[known], windows.end_ns[known]
        first = np.searchsorted(self._keys, _key(rank, start // HOUR_NS))
        past = np.searchsorted(self._keys, _key(rank, (end - 1) // HOUR_NS), side="right")
        window, block = _spread(first, past)
        return self._cut(block, start[window], end[window])

    def _cut(self, block: I64, start: I64, end: I64) -> Ranges:
        """Blocks cut to their windows, joined where they touch."""
        first, last = self._first_ns[block], self._last_ns[block]
        touched = (start <= last) & (end > first)
        if not touched.all():
            block, start, end = block[touched], start[touched], end[touched]
            first, last = first[touched], last[touched]
        part, low, high = self._part[block], self._low[block], self._high[block]
        clipped = np.flatnonzero((start > first) | (end <= last))
        columns = {number: self.parts[number].columns for number in set(part[clipped].tolist())}
        bounds = (clipped, part[clipped], low[clipped], high[clipped], start[clipped], end[clipped])
        # Plain numbers: a search of some hundred times takes less than numpy's way to an array.
        for i, number, begin, past, from_ns, to_ns in zip(
            *(bound.tolist() for bound in bounds), strict=True
        ):
            times = columns[number].device_ns[begin:past]
            low[i] = begin + times.searchsorted(from_ns)
            high[i] = begin + times.searchsorted(to_ns)
        return _joined_ranges(part, low, high)


def _key(rank: I64, hour: I64) -> I64:
    return np.asarray((rank << _HOUR_BITS) | (hour + _HOUR_BIAS), np.int64)


def _joined(arrays: Iterator[I64]) -> I64:
    return np.concatenate([np.empty(0, np.int64), *arrays])


def _spread(first: I64, past: I64) -> tuple[I64, I64]:
    """For each i the numbers `first[i]` to `past[i]`: which i, and the number."""
    counts = past - first
    which = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return which, np.arange(len(which)) - (before - first)[which]


def _joined_ranges(part: I64, low: I64, high: I64) -> Ranges:
    some = low < high
    part, low, high = part[some], low[some], high[some]
    order = np.lexsort((low, part))
    part, low, high = part[order], low[order], high[order]
    begins = np.ones(len(part), np.bool_)
    begins[1:] = (part[1:] != part[:-1]) | (low[1:] != high[:-1])
    ends = np.append(begins[1:], [True])[: len(part)]
    return Ranges(part[begins], low[begins], high[ends])


_NO_RANGES = Ranges(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


class Places:
    """The rows of some ranges, numbered through as positions 0 to `len`."""

    def __init__(self, parts: Sequence[Part], ranges: Ranges) -> None:
        self._columns = {number: parts[number].columns for number in set(ranges.part.tolist())}
        self._ranges = ranges
        sizes = ranges.high - ranges.low
        self._starts = np.cumsum(sizes) - sizes

    def blocks(self) -> Iterator[tuple[int, Columns, int, int]]:
        """Each range with its first position: (position, columns, low, high)."""
        bounds = (self._starts, self._ranges.part, self._ranges.low, self._ranges.high)
        for start, part, low, high in zip(*(bound.tolist() for bound in bounds), strict=True):
            yield start, self._columns[part], low, high

    def shots_and_vectors(self, positions: I64, dim: int) -> tuple[I64, F32]:
        """Shots (N,) and vectors (N, dim) at some positions."""
        shots = np.empty(len(positions), np.int64)
        vectors = np.empty((len(positions), dim), np.float32)
        ranges = np.searchsorted(self._starts, positions, side="right") - 1
        rows = positions - self._starts[ranges] + self._ranges.low[ranges]
        parts = self._ranges.part[ranges]
        for number in set(parts.tolist()):
            own = parts == number
            columns = self._columns[number]
            shots[own] = columns.shot_ids[rows[own]]
            vectors[own] = columns.vectors_of(rows[own])
        return shots, vectors
