"""Which segments of one family and model lie on the disk now, whoever wrote them.

No locks are taken: files appear and vanish whole, a newer one makes an older one void, and a file
that vanished between listing and opening means that the listing is read again.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from core.arrays import I64, Bool
from core.errors import StorageError
from index.names import SegmentName, parsed_name, valid_names
from index.segments import MappedSegment, SealedSegment

MAPPED_SEGMENTS = 512  # each holds a file descriptor; systems often allow 1024
_TRIES = 20
# Within this time a directory may change again without its time stamp showing it.
_SETTLED_NS = 50_000_000
_UNKNOWN = (-1, False)
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


class Listed(NamedTuple):
    """What a directory held: names that count, and the sealed ones opened.

    `version` counts the changes that were seen.
    """

    version: int
    names: Sequence[SegmentName]
    sealed: Mapping[SegmentName, SealedSegment]


class Listing:
    """Follows one directory of segments; safe to use from several threads."""

    def __init__(self, directory: Path, maps: Maps) -> None:
        self.directory = directory
        self.maps = maps
        self.now = Listed(0, [], {})
        self._place = str(directory)
        self._guard = threading.Lock()
        self._listed_at = _UNKNOWN

    def read(self, use: Callable[[], T]) -> T:
        """What `use` gives after a `refresh`, tried again if files are replaced meanwhile."""
        for _ in range(_TRIES):
            try:
                self.refresh()
                return use()
            except FileNotFoundError:
                self.distrust()
        raise StorageError(f"{self.directory}: its files changed {_TRIES} times while being read")

    def distrust(self) -> None:
        """List again at the next `refresh`, whatever the directory's time stamp says."""
        with self._guard:
            self._listed_at = _UNKNOWN

    def refresh(self) -> None:
        """Follow the directory if it changed. `FileNotFoundError` if a file vanished meanwhile."""
        try:
            changed_ns = os.stat(self._place).st_mtime_ns
        except FileNotFoundError:
            changed_ns = 0
        if self._listed_at == (changed_ns, True):
            return
        with self._guard:
            settled = time.time_ns() - changed_ns > _SETTLED_NS
            names = self._agreed_names()
            if names != self.now.names:
                self._follow(names)
            self._listed_at = (changed_ns, settled)

    def fresh_names(self) -> list[SegmentName]:
        """The files that count, as the directory says now."""
        self.distrust()
        return self.read(lambda: list(self.now.names))

    def known(self, shot_ids: I64) -> Bool:
        """Which shots lie in a sealed segment, (N,). Ids ascend with time: few files are asked."""
        found = np.zeros(len(shot_ids), np.bool_)
        low, high = int(shot_ids.min()), int(shot_ids.max())
        for segment in self.now.sealed.values():
            if segment.lowest_id <= high and low <= segment.highest_id:
                ids = self.maps.mapped(segment).ascending_ids
                at = np.minimum(np.searchsorted(ids, shot_ids), len(ids) - 1)
                found |= ids[at] == shot_ids
        return found

    def _agreed_names(self) -> list[SegmentName]:
        """Listed until two agree: a listing may miss a file that is being renamed under it."""
        names = _listed(self.directory)
        while (again := _listed(self.directory)) != names:
            names = again
        return valid_names(names)

    def _follow(self, names: list[SegmentName]) -> None:
        version, _, before = self.now
        sealed = {
            name: before.get(name) or SealedSegment(self.directory / name.filename, name)
            for name in names
            if name.generation
        }
        for void in before.keys() - sealed.keys():
            self.maps.forget(before[void])
        self.now = Listed(version + 1, names, sealed)


def _listed(directory: Path) -> list[SegmentName]:
    """All segments' files there, void ones too; none if there is no such directory."""
    try:
        filenames = os.listdir(directory)
    except FileNotFoundError:
        return []
    parsed = (parsed_name(filename) for filename in filenames)
    return sorted(name for name in parsed if name is not None)
