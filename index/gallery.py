"""The segments of one family and model as they lie on the disk now, whoever wrote them.

No locks are taken: files appear and vanish whole, a newer one makes an older one void, and a file
that vanished between listing and opening means that the listing is read again.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.arrays import I64, Bool
from core.errors import StorageError
from index.catalogue import Catalogue, Part, Rows
from index.names import SegmentName, parsed_name, valid_names
from index.open_segment import OpenView
from index.segments import CameraTable, Columns, MappedSegment, SealedSegment
from index.windows import Windows

MAPPED_SEGMENTS = 512  # each holds a file descriptor; systems often allow 1024
_TRIES = 20
# Within this time a directory may change again without its time stamp showing it.
_SETTLED_NS = 50_000_000
T = TypeVar("T")


class Maps:
    """The sealed segments mapped last, at most `limit` of them."""

    def __init__(self, limit: int = MAPPED_SEGMENTS) -> None:
        self._limit = limit
        self._guard = threading.Lock()
        self._mapped: OrderedDict[str, MappedSegment] = OrderedDict()

    def mapped(self, segment: SealedSegment) -> MappedSegment:
        """The segment's columns; `FileNotFoundError` if its file was replaced."""
        with self._guard:
            found = self._mapped.get(segment.place)
            if found is None:
                found = self._mapped[segment.place] = segment.map()
            self._mapped.move_to_end(segment.place)
            while len(self._mapped) > self._limit:
                self._mapped.popitem(last=False)
            return found

    def forget(self, segment: SealedSegment) -> None:
        """Let go of a file that is void, so that its room on the disk returns."""
        with self._guard:
            self._mapped.pop(segment.place, None)


@dataclass(frozen=True, slots=True, eq=False)
class SealedPart:
    """A sealed segment in a catalogue."""

    segment: SealedSegment
    maps: Maps

    @property
    def table(self) -> CameraTable:
        return self.segment.table

    @property
    def hour(self) -> int:
        return self.segment.head.hour

    @property
    def columns(self) -> Columns:
        return self.maps.mapped(self.segment).columns


@dataclass(frozen=True, slots=True, eq=False)
class OpenPart:
    """What an open segment held when it was looked at."""

    table: CameraTable
    hour: int
    columns: Columns


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All rows of a gallery at one moment. `dim` is 0 while it never had any."""

    sealed: Catalogue
    opened: Catalogue
    dim: int

    @property
    def parts(self) -> Sequence[Part]:
        return self.sealed.parts + self.opened.parts

    def rows(self, windows: Windows) -> list[Rows]:
        """The rows inside the windows."""
        return self.sealed.rows(windows) + self.opened.rows(windows)


class Gallery:
    """Follows one directory of segments; safe to use from several threads."""

    def __init__(self, directory: Path, maps: Maps) -> None:
        self.directory = directory
        self._place = str(directory)
        self._maps = maps
        self._guard = threading.Lock()
        self._listed_at = (-1, False)
        self._names: list[SegmentName] = []
        self._sealed: dict[SegmentName, SealedSegment] = {}
        self._views: dict[SegmentName, OpenView] = {}
        self._snapshot = Snapshot(Catalogue(()), Catalogue(()), 0)

    def read(self, use: Callable[[Snapshot], T]) -> T:
        """What `use` gives for the newest state, tried again if files are replaced meanwhile."""
        for _ in range(_TRIES):
            try:
                return use(self.snapshot())
            except FileNotFoundError:
                with self._guard:
                    self._listed_at = (-1, False)
        raise StorageError(f"{self.directory}: its files changed {_TRIES} times while being read")

    def snapshot(self) -> Snapshot:
        """The newest state. `FileNotFoundError` if a file vanished: list again."""
        with self._guard:
            relisted = self._list()
            grown = [view.refresh() for view in self._views.values()]
            if relisted:
                sealed = Catalogue([SealedPart(s, self._maps) for s in self._sealed.values()])
            else:
                sealed = self._snapshot.sealed
            if relisted or any(grown):
                views = [v for v in self._views.values() if len(v.columns)]
                opened = Catalogue([OpenPart(v.table, v.head.hour, v.columns) for v in views])
                self._snapshot = Snapshot(sealed, opened, self._dim())
            return self._snapshot

    def names(self) -> list[SegmentName]:
        """The files that count, as the directory says now."""
        with self._guard:
            self._listed_at = (-1, False)
        return self.read(lambda _: list(self._names))

    def segment(self, name: SegmentName) -> SealedSegment:
        """A sealed one among `names`."""
        with self._guard:
            return self._sealed[name]

    def known(self, shot_ids: I64) -> Bool:
        """Which shots lie in a sealed segment, (N,). Ids ascend with time: few files are asked."""
        found = np.zeros(len(shot_ids), np.bool_)
        with self._guard:
            sealed = list(self._sealed.values())
        low, high = int(shot_ids.min()), int(shot_ids.max())
        for segment in sealed:
            if segment.lowest_id <= high and low <= segment.highest_id:
                ids = self._maps.mapped(segment).ascending_ids
                at = np.minimum(np.searchsorted(ids, shot_ids), len(ids) - 1)
                found |= ids[at] == shot_ids
        return found

    def _dim(self) -> int:
        for segment in self._sealed.values():
            return segment.head.dim
        for view in self._views.values():
            return view.head.dim
        return self._snapshot.dim

    def _list(self) -> bool:
        """Follow the directory if it changed; whether it may have."""
        try:
            changed_ns = os.stat(self._place).st_mtime_ns
        except FileNotFoundError:
            changed_ns = 0
        if self._listed_at == (changed_ns, True):
            return False
        settled = time.time_ns() - changed_ns > _SETTLED_NS
        names = self._agreed_names()
        self._listed_at = (-1, False)  # until all of it was opened
        relisted = names != self._names or len(self._sealed) + len(self._views) != len(names)
        if relisted:
            self._follow(names)
        self._names = names
        self._listed_at = (changed_ns, settled)
        return relisted

    def _agreed_names(self) -> list[SegmentName]:
        """Listed until two agree: a listing may miss a file that is being renamed under it."""
        names = _listed(self.directory)
        while (again := _listed(self.directory)) != names:
            names = again
        return valid_names(names)

    def _follow(self, names: list[SegmentName]) -> None:
        for void in self._sealed.keys() - set(names):
            self._maps.forget(self._sealed[void])
        opened = [name for name in names if not name.generation]
        self._views = {
            name: self._views.get(name) or OpenView(self.directory / name.filename, name)
            for name in opened
        }
        self._sealed = {
            name: self._sealed.get(name) or SealedSegment(self.directory / name.filename, name)
            for name in names
            if name.generation
        }


def _listed(directory: Path) -> list[SegmentName]:
    """All segments' files there, void ones too; none if there is no such directory."""
    try:
        filenames = os.listdir(directory)
    except FileNotFoundError:
        return []
    parsed = (parsed_name(filename) for filename in filenames)
    return sorted(name for name in parsed if name is not None)
