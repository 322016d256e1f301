"""The open segment: fixed-size records, appended and synced before `add` returns.

Each record carries its CRC-32 and the number of its batch's first record. A batch is synced before
the next one begins, so an unsound record is a torn tail while nothing but its own batch follows;
if a later batch does, bytes that were safe went bad, and that is never passed over.
"""

import os
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import StorageCorrupt
from index import disk
from index.names import SegmentName
from index.segments import (
    HEAD_LIMIT_BYTES,
    OPEN_MAGIC,
    Array,
    CameraTable,
    Columns,
    Head,
    camera_table,
    read_head,
)

Records = Array
_CRC_BYTES = 4
_FIRST_ROOM = 1024


def record_type(head: Head) -> np.dtype[Any]:
    """One row as it lies in an open file with that head."""
    return np.dtype(
        [
            ("crc", "<u4"),
            ("batch", "<u4"),
            ("shot_id", "<i8"),
            ("tracklet_id", "<i8"),
            ("camera_id", "<i8"),
            ("device_ns", "<i8"),
            ("vector", head.payload, (head.dim,)),
        ]
    )


def signed(records: Records, first: int) -> memoryview:
    """The bytes of a batch whose first record becomes number `first` of its file.

    They are those of `records` itself, which is numbered and signed in place.
    """
    records["batch"] = first
    size = records.dtype.itemsize
    packed = records.view(np.uint8).data
    records["crc"] = [
        zlib.crc32(packed[start + _CRC_BYTES : start + size])
        for start in range(0, len(packed), size)
    ]
    return packed


def sound_records(tail: bytes, dtype: np.dtype[Any], first: int, path: Path) -> Records:
    """The records of `tail`, which begins with number `first`, up to where it was torn.

    Raises `StorageCorrupt` if a later batch follows an unsound record.
    """
    size = dtype.itemsize
    whole = len(tail) // size
    records = np.frombuffer(tail, dtype, whole)
    packed = memoryview(tail)
    sums = np.fromiter(
        (zlib.crc32(packed[i * size + _CRC_BYTES : (i + 1) * size]) for i in range(whole)),
        np.uint32,
        whole,
    )
    sound = records["crc"] == sums
    if sound.all():
        return records
    torn = int(sound.argmin())
    later = sound[torn:] & (records["batch"][torn:] > first + torn)
    if later.any():
        raise StorageCorrupt(f"{path}: record {first + torn} does not hold")
    return records[:torn]


@dataclass(slots=True, eq=False)
class OpenSegment:
    """An open file of our own writer. `ids` are the shots in it, `rows` their number.

    A `retired` one was shortened after rows in it were visible: nothing is appended any more, so
    that a reader cannot take new rows for the ones it saw.
    """

    path: Path
    name: SegmentName
    head: Head
    offset: int
    rows: int
    ids: set[int]
    retired: bool = False

    def append(self, records: Records) -> None:
        """Keep a batch; durable on return. `FileNotFoundError` if somebody dropped the file."""
        descriptor = os.open(self.path, os.O_WRONLY)
        try:
            os.lseek(descriptor, self.offset + self.rows * records.dtype.itemsize, os.SEEK_SET)
            disk.write_all(descriptor, signed(records, self.rows))
            disk.sync_file(descriptor)
        finally:
            os.close(descriptor)
        self.rows += len(records)
        self.ids.update(records["shot_id"].tolist())

    def cut(self, rows: int, ids: Iterable[int]) -> None:
        """Take back what was appended after the first `rows`, also if that failed half-way."""
        self.retired = True
        disk.shorten(self.path, self.offset + rows * record_type(self.head).itemsize)
        self.rows = rows
        self.ids.difference_update(ids)

    def records(self) -> Records:
        """All that is kept in it."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            tail = file.read()
        return sound_records(tail, record_type(self.head), 0, self.path)[: self.rows]


def create_open(directory: Path, name: SegmentName, head: Head, records: Records) -> OpenSegment:
    """A new open file, or one in place of the old, that is there whole with its first records."""
    path = directory / name.filename
    head = replace(head, token=secrets.token_hex(8))
    start = head.packed(OPEN_MAGIC)
    disk.write_whole(path, [start, signed(records, 0)])
    ids = set(records["shot_id"].tolist())
    return OpenSegment(path, name, head, len(start), len(records), ids)


def reopen(path: Path, name: SegmentName) -> OpenSegment:
    """Our own open file after a restart, its torn tail cut off."""
    head, offset, tail = _read(path)
    dtype = record_type(head)
    records = sound_records(tail, dtype, 0, path)
    kept_bytes = len(records) * dtype.itemsize
    if kept_bytes != len(tail):
        disk.shorten(path, offset + kept_bytes)
    return OpenSegment(path, name, head, offset, len(records), set(records["shot_id"].tolist()))


def head_of(path: Path) -> Head:
    """What an open file says of itself."""
    with path.open("rb") as file:
        return read_head(file.read(HEAD_LIMIT_BYTES), OPEN_MAGIC, path)[0]


def verify_open(path: Path) -> None:
    """`StorageCorrupt` unless every record of a finished batch holds."""
    head, _, tail = _read(path)
    sound_records(tail, record_type(head), 0, path)


def _read(path: Path) -> tuple[Head, int, bytes]:
    content = path.read_bytes()
    head, offset = read_head(content[:HEAD_LIMIT_BYTES], OPEN_MAGIC, path)
    return head, offset, content[offset:]


class OpenView:
    """What any process sees of an open file: rows are copied to memory, sorted, as they come.

    Not mapped: a writer may shorten its file after a failed write, and touching a mapped page past
    a file's end kills the process.
    """

    def __init__(self, path: Path, name: SegmentName) -> None:
        """Reads what is there; `FileNotFoundError` if it was sealed meanwhile."""
        self.path = path
        self.name = name
        self.head = Head("", "", 0, 0, 0)
        self._seen = (-1, -1, -1)
        self._end = 0
        self.refresh()

    def refresh(self) -> bool:
        """Take in what was appended; whether anything changed."""
        status = self.path.stat()
        seen = (status.st_ino, status.st_size, status.st_mtime_ns)
        if seen == self._seen:
            return False
        with self.path.open("rb") as file:
            head, offset = read_head(file.read(HEAD_LIMIT_BYTES), OPEN_MAGIC, self.path)
            afresh = head != self.head or status.st_size < self._end
            if afresh:
                self._begin(head, offset)
            file.seek(self._end)
            tail = file.read()
        records = sound_records(tail, self._dtype, len(self.columns), self.path)
        self._take(records)
        # A batch that is being written right now is read again next time.
        self._seen = seen if self._end == status.st_size else (-1, -1, -1)
        return afresh or bool(len(records))

    def _begin(self, head: Head, offset: int) -> None:
        none = np.empty(0, np.int64)
        self.head = head
        self._end = offset
        self._dtype = record_type(head)
        self._cameras = none
        self._order = none
        self._room: Array = np.empty((0, head.dim), head.payload)
        self.columns = Columns(none, none, none, self._room, none)
        self.table: CameraTable = camera_table(none, none)

    def _take(self, records: Records) -> None:
        old, count = self.columns, len(self.columns) + len(records)
        self._make_room(count)
        self._room[len(old) : count] = records["vector"]
        cameras = np.concatenate([self._cameras, records["camera_id"]])
        device_ns = np.concatenate([old.device_ns, records["device_ns"]])
        sorting = np.lexsort((device_ns, cameras))
        self._cameras = cameras[sorting]
        self._order = np.concatenate([self._order, np.arange(len(old), count)])[sorting]
        self.columns = Columns(
            device_ns[sorting],
            np.concatenate([old.tracklet_ids, records["tracklet_id"]])[sorting],
            np.concatenate([old.shot_ids, records["shot_id"]])[sorting],
            self._room[:count],
            self._order,
        )
        self.table = camera_table(self._cameras, self.columns.device_ns)
        self._end += len(records) * self._dtype.itemsize

    def _make_room(self, rows: int) -> None:
        """Double the buffer when it is too small; older views keep the old one."""
        if rows <= len(self._room):
            return
        grown = np.empty((max(2 * rows, _FIRST_ROOM), self.head.dim), self.head.payload)
        grown[: len(self.columns)] = self.columns.vectors
        self._room = grown
