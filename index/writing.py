"""One writer's open segments of one gallery."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np

from core.arrays import I64, Bool
from core.clocks import HOUR_NS
from core.errors import DuplicateId, InvalidInput
from index import disk, rewriting, upkeep
from index.journal import Journal
from index.listing import Listing
from index.names import SegmentName, next_serial, parsed_name
from index.open_segment import (
    OpenSegment,
    Records,
    create_open,
    head_of,
    record_type,
    reopen,
)
from index.rewriting import Keep
from index.segments import Array, Head


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows to be kept in the segments of `family` and `model`, each a `payload` (N, D); all (N,).

    `noun` is what messages call a row.
    """

    family: str
    model: str
    noun: str
    ids: I64
    tracklet_ids: I64
    camera_ids: I64
    device_ns: I64
    payload: Array

    def head(self, hour: int, writer: int) -> Head:
        """The head of an open segment for them."""
        code = self.payload.dtype.str
        return Head(self.family, self.model, hour, writer, self.payload.shape[1], payload=code)


@dataclass(frozen=True, slots=True)
class _Undo:
    """How to take an append back: cut to `rows`, or delete what was new."""

    segment: OpenSegment
    rows: int
    ids: list[int]


class GalleryWriter:
    """Appends to, seals and sweeps the open segments of one writer. Not safe for threads."""

    def __init__(self, listing: Listing, writer: int, journal: Journal) -> None:
        """Takes up the open files that an earlier process of this writer left."""
        self._listing = listing
        self._writer = writer
        self._journal = journal
        directory = listing.directory
        for left in directory.glob("*.open.tmp"):
            name = parsed_name(left.stem)
            if name is not None and name.writer == writer:
                left.unlink()
        self._open = [
            reopen(directory / name.filename, name)
            for name in listing.fresh_names()
            if name.writer == writer and not name.generation
        ]

    def add(self, batch: Batch) -> None:
        """Append rows, each to its hour; all or none. `DuplicateId` for a known one."""
        if not len(batch.ids):
            return
        self._check(batch)
        undo: list[_Undo] = []
        try:
            for hour, records in _by_hour(batch):
                self._append(batch.head(hour, self._writer), records, undo)
        except OSError:
            self._take_back(undo)
            raise

    def seal(self, before_ns: int, keep: Keep) -> int:
        """Seal the segments whose hour ends before, without the rows not to be kept."""
        return self._seal([one for one in self._open if one.name.end_ns <= before_ns], keep)

    def full(self, rows: int) -> bool:
        """Whether an open segment has so many rows that it should be sealed before its time."""
        return any(segment.rows >= rows for segment in self._open)

    def roll(self, rows: int, keep: Keep) -> None:
        """Seal the segments that have so many rows; their hours go on in new ones."""
        self._seal([segment for segment in self._open if segment.rows >= rows], keep)

    def _seal(self, segments: list[OpenSegment], keep: Keep) -> int:
        for segment in sorted(segments, key=lambda one: one.name):
            with suppress(FileNotFoundError):  # somebody dropped it
                rewriting.seal(segment, keep)
            self._open.remove(segment)
        return len(segments)

    def rewrite(self, keep: Keep) -> int:
        """Cut off the open rows that are not to be kept; their number."""
        self.forget_dropped()
        return sum(self._rewrite(segment, keep) for segment in list(self._open))

    def rewrite_sealed(self, keep: Keep, touched: set[str] | None) -> int:
        """Cut off the rows of this writer's sealed segments of touched hours (None: all)."""
        cut = 0
        for name in self._listing.fresh_names():
            own = name.writer == self._writer and name.generation
            if own and (touched is None or self.place(name.hour) in touched):
                segment = self._listing.now.sealed[name]
                if not upkeep.kept(segment, keep).all():
                    cut += rewriting.rewrite([segment], keep)
        return cut

    def forget_dropped(self) -> None:
        """Let go of open segments whose file is gone."""
        self._open = [segment for segment in self._open if segment.path.exists()]

    def place(self, hour: int) -> str:
        """What the journal calls this writer's segments of an hour."""
        directory = self._listing.directory
        return f"{directory.parent.name}/{directory.name}/{hour}"

    def _check(self, batch: Batch) -> None:
        shape = batch.payload.shape
        dim = self._listing.read(self._kept_dim) or shape[1]
        if dim != shape[1]:
            raise InvalidInput(f"vectors: want (N, {dim}) as kept of {batch.model}, got {shape}")
        sealed = self._listing.read(lambda: self._listing.known(batch.ids))
        known = sealed | self._open_known(batch.ids)
        ascending, counts = np.unique(batch.ids, return_counts=True)
        twice = [*batch.ids[known], *ascending[counts > 1]]
        if twice:
            raise DuplicateId(f"{batch.noun} {int(twice[0])} is kept already by {batch.model}")

    def _kept_dim(self) -> int:
        """How long the vectors are that are kept already, by whomever; 0 if there are none."""
        for segment in self._listing.now.sealed.values():
            return segment.head.dim
        for name in self._listing.now.names:
            return head_of(self._listing.directory / name.filename).dim
        return 0

    def _open_known(self, shot_ids: I64) -> Bool:
        asked = set(shot_ids.tolist())
        known = [shot for segment in self._open for shot in asked & segment.ids]
        return np.isin(shot_ids, np.array(known, np.int64))

    def _append(self, head: Head, records: Records, undo: list[_Undo]) -> None:
        self._journal.note(self.place(head.hour))
        segment = self._appendable(head.hour)
        ids = records["shot_id"].tolist()
        if segment is not None:
            undo.append(_Undo(segment, segment.rows, ids))
            with _dropped() as dropped:
                segment.append(records)
            if not dropped:
                return
            self._open.remove(segment)
            undo.pop()
        serial = next_serial(self._all_names(), head.hour, self._writer)
        name = SegmentName(head.hour, self._writer, serial, serial, 0)
        disk.make_directory(self._listing.directory)
        created = create_open(self._listing.directory, name, head, records)
        self._open.append(created)
        undo.append(_Undo(created, 0, ids))

    def _appendable(self, hour: int) -> OpenSegment | None:
        fit = (one for one in self._open if one.name.hour == hour and not one.retired)
        return next(fit, None)

    def _all_names(self) -> list[SegmentName]:
        return [*self._listing.fresh_names(), *(segment.name for segment in self._open)]

    def _take_back(self, undo: list[_Undo]) -> None:
        for step in undo:
            with suppress(OSError):  # the sweep will cut it: no row was committed for it
                step.segment.cut(step.rows, step.ids)

    def _rewrite(self, segment: OpenSegment, keep: Keep) -> int:
        records = segment.records()
        kept = keep(records["camera_id"], records["device_ns"], records["shot_id"])
        if kept.all():
            return 0
        self._open.remove(segment)
        if kept.any():
            directory = self._listing.directory
            self._open.append(create_open(directory, segment.name, segment.head, records[kept]))
        else:
            disk.remove(segment.path)
            disk.sync_directory(segment.path.parent)
        return int((~kept).sum())


@contextmanager
def _dropped() -> Iterator[list[bool]]:
    """A list that is not empty afterwards if the file was gone."""
    dropped: list[bool] = []
    try:
        yield dropped
    except FileNotFoundError:
        dropped.append(True)


def _by_hour(batch: Batch) -> Iterator[tuple[int, Records]]:
    """The rows as records, grouped by their hour of device time."""
    records = np.zeros(len(batch.ids), record_type(batch.head(0, 0)))
    records["shot_id"] = batch.ids
    records["tracklet_id"] = batch.tracklet_ids
    records["camera_id"] = batch.camera_ids
    records["device_ns"] = batch.device_ns
    records["vector"] = batch.payload
    hours = batch.device_ns // HOUR_NS
    different = np.unique(hours).tolist()
    for hour in different:
        yield hour, records if len(different) == 1 else records[hours == hour]
