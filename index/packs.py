"""Packs: append-only files of pictures, one record after the other.

    magic 4, CRC-32 4, shot 8, device time 8, start of its batch 8, length 4, zeros 4, JPEG

The CRC covers all that follows it. A batch is synced before the next begins: an unsound record is a
torn tail while nothing but its own batch follows, and damage if a later batch does. Erasing blanks
a record in place, since keys hold offsets: first it is marked, then blanked, then its header is
emptied too, so that an erasure that was cut short is finished by the next.
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import StorageCorrupt
from core.types import CutShot
from index import disk

_HEADER = struct.Struct("<4sIqqQI4x")
HEADER_BYTES = _HEADER.size
KEPT, ERASING, ERASED = b"CTSH", b"CTSE", b"CTS0"
_CRC_END = 8


@dataclass(frozen=True, slots=True)
class Record:
    """A record's header; `offset` is where the header begins in the pack."""

    offset: int
    kind: bytes
    checksum: int
    shot_id: int
    device_ns: int
    batch: int
    length: int

    @property
    def payload(self) -> int:
        return self.offset + HEADER_BYTES

    @property
    def end(self) -> int:
        return self.payload + self.length


def packed_shot(shot: CutShot, batch: int) -> bytes:
    """The bytes of a record in the batch that begins at `batch`."""
    values = (shot.shot_id, shot.device_ns, batch, len(shot.jpeg))
    body = _HEADER.pack(KEPT, 0, *values)[_CRC_END:] + shot.jpeg
    return KEPT + zlib.crc32(body).to_bytes(4, "little") + body


def read_record(descriptor: int, offset: int) -> Record | None:
    """The record whose header begins at `offset`; None if none does, or its end is missing."""
    header = os.pread(descriptor, HEADER_BYTES, offset)
    if len(header) < HEADER_BYTES:
        return None
    record = Record(offset, *_HEADER.unpack(header))
    whole = record.end <= os.fstat(descriptor).st_size
    return record if record.kind in (KEPT, ERASING, ERASED) and whole else None


def read_jpeg(descriptor: int, record: Record) -> bytes | None:
    """A kept record's picture; None if its checksum does not hold."""
    body = os.pread(descriptor, HEADER_BYTES - _CRC_END + record.length, record.offset + _CRC_END)
    return body[HEADER_BYTES - _CRC_END :] if zlib.crc32(body) == record.checksum else None


def records(descriptor: int, path: Path) -> Iterator[Record]:
    """All headers up to a torn tail. `StorageCorrupt` if sound batches follow what is unsound."""
    offset, size = 0, os.fstat(descriptor).st_size
    while offset < size:
        record = read_record(descriptor, offset)
        if record is None:
            _refuse_damage(descriptor, offset, path)
            return
        yield record
        offset = record.end


def sound_end(descriptor: int, path: Path) -> int:
    """Where the next batch may begin: past the last record that holds."""
    end = 0
    for record in records(descriptor, path):
        if not _holds(descriptor, record):
            _refuse_damage(descriptor, record.offset, path)
            break
        end = record.end
    return end


def verify_pack(path: Path) -> None:
    """`StorageCorrupt` unless every record of a finished batch holds."""
    with opened(path, os.O_RDONLY) as descriptor:
        sound_end(descriptor, path)


def erase_records(path: Path, gone: Callable[[list[Record]], Sequence[Record]]) -> list[Record]:
    """Blank the records that `gone` picks, and those half erased; all that were."""
    with opened(path, os.O_RDWR) as descriptor:
        every = [record for record in records(descriptor, path) if record.kind != ERASED]
        chosen = {record.offset: record for record in gone(every)}
        chosen |= {record.offset: record for record in every if record.kind == ERASING}
        _erase(descriptor, list(chosen.values()))
        return list(chosen.values())


def opened(path: Path, flags: int) -> "_Opened":
    """The file's descriptor for a `with` block."""
    return _Opened(path, flags)


class _Opened:
    def __init__(self, path: Path, flags: int) -> None:
        self._path, self._flags = path, flags

    def __enter__(self) -> int:
        self._descriptor = os.open(self._path, self._flags, 0o600)
        return self._descriptor

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


def _erase(descriptor: int, chosen: Sequence[Record]) -> None:
    if not chosen:
        return
    for record in chosen:
        os.pwrite(descriptor, ERASING, record.offset)
    disk.sync_file(descriptor)
    for record in chosen:
        disk.blank(descriptor, record.payload, record.length)
    # Freed blocks must hold zeros on the disk itself, not only in memory.
    disk.sync_file(descriptor)
    for record in chosen:
        disk.punch(descriptor, record.payload, record.length)
        empty = _HEADER.pack(ERASED, 0, 0, 0, record.batch, record.length)
        os.pwrite(descriptor, empty, record.offset)
    disk.sync_file(descriptor)


def _holds(descriptor: int, record: Record) -> bool:
    if record.kind == ERASING:
        return True
    if record.kind == KEPT:
        return read_jpeg(descriptor, record) is not None
    return not any(os.pread(descriptor, record.length, record.payload))


def _refuse_damage(descriptor: int, offset: int, path: Path) -> None:
    """Raise if a batch that began after `offset` lies behind it: no torn tail looks so."""
    tail = os.pread(descriptor, os.fstat(descriptor).st_size - offset, offset)
    at = tail.find(KEPT, 1)
    while at != -1:
        record = read_record(descriptor, offset + at)
        if record is not None and record.batch > offset and _holds(descriptor, record):
            raise StorageCorrupt(f"{path}: the record at {offset} does not hold")
        at = tail.find(KEPT, at + 1)
