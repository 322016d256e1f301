"""All rows of one family and model at one moment, for a search."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from index.catalogue import Catalogue, Part, Rows
from index.listing import Listing, Maps
from index.names import SegmentName
from index.open_segment import OpenView
from index.remembered import Remembered
from index.segments import CameraTable, Columns, SealedSegment
from index.windows import Windows

T = TypeVar("T")


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
    """All rows of a gallery at one moment. `dim` is 0 while it never had any.

    `remembered` is what `sealed` answered, as long as that stays what it is.
    """

    sealed: Catalogue
    opened: Catalogue
    dim: int
    remembered: Remembered = field(default_factory=Remembered)

    @property
    def parts(self) -> Sequence[Part]:
        return self.sealed.parts + self.opened.parts

    def rows(self, windows: Windows) -> list[Rows]:
        """The rows inside the windows."""
        return self.sealed.rows(windows) + self.opened.rows(windows)

    def tabled_rows(self, windows: Windows) -> list[tuple[CameraTable, Rows]]:
        """The same rows, each range with the table that says whose they are."""
        return self.sealed.tabled_rows(windows) + self.opened.tabled_rows(windows)


class Gallery:
    """Makes snapshots of what a `Listing` follows; safe to use from several threads."""

    def __init__(self, directory: Path, maps: Maps) -> None:
        self.directory = directory
        self.listing = Listing(directory, maps)
        self._guard = threading.Lock()
        self._version = 0
        self._views: dict[SegmentName, OpenView] = {}
        self._snapshot = Snapshot(Catalogue(()), Catalogue(()), 0)

    def read(self, use: Callable[[Snapshot], T]) -> T:
        """What `use` gives for the newest state, tried again if files are replaced meanwhile."""
        return self.listing.read(lambda: use(self.snapshot()))

    def snapshot(self) -> Snapshot:
        """The newest state. `FileNotFoundError` if a file vanished since it was listed."""
        with self._guard:
            (version, names, sealed), known = self.listing.now, self._snapshot
            if version == self._version:
                if any([view.refresh() for view in self._views.values()]):
                    self._snapshot = replace(known, opened=self._opened())
                return self._snapshot
            self._views = {
                name: self._views.get(name) or OpenView(self.directory / name.filename, name)
                for name in names
                if not name.generation
            }
            for view in self._views.values():
                view.refresh()
            parts = [SealedPart(segment, self.listing.maps) for segment in sealed.values()]
            heads = [*(s.head for s in sealed.values()), *(v.head for v in self._views.values())]
            dim = heads[0].dim if heads else known.dim
            self._snapshot = Snapshot(Catalogue(parts), self._opened(), dim)
            self._version = version
            return self._snapshot

    def _opened(self) -> Catalogue:
        views = [view for view in self._views.values() if len(view.columns)]
        return Catalogue([OpenPart(view.table, view.head.hour, view.columns) for view in views])
