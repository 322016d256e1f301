"""What was erased: spans of cameras that no search finds from now on, in one file for all.

Fixed-size records, each with its CRC-32, appended under a lock and synced. A search reads the file
again only if it changed. Tombstones stay after compaction: rows that come late into an erased span
stay erased.
"""

import os
import struct
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path

from core.errors import StorageCorrupt
from core.types import TimeSpan, merged
from index import disk

_RECORD = struct.Struct("<qqqI")  # camera, start, end, CRC-32 of these
_ALWAYS = TimeSpan(-(1 << 63), (1 << 63) - 1)
_NEVER = (-1, -1, -1)

Erased = dict[int, list[TimeSpan]]
"""Per camera its erased spans, merged and ascending."""


class Tombstones:
    """The erased spans below one root; safe to use from several threads and processes."""

    def __init__(self, root: Path) -> None:
        self._path = root / "tombstones"
        self._place = str(self._path)  # asked at every search: a Path would cost more than the stat
        self._lock_path = root / "locks" / "tombstones.lock"
        self._guard = threading.Lock()
        self._seen = _NEVER
        self._erased: Erased = {}

    def add(self, camera_id: int, span: TimeSpan | None) -> None:
        """Erase a span of a camera, or all of it; durable on return."""
        whole = _ALWAYS if span is None else span
        with disk.locked(self._lock_path):
            records = self._records()
            # Below the lock only a torn tail of a dead process can lie behind what was read.
            disk.make_directory(self._path.parent)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, len(records) * _RECORD.size)
                os.lseek(descriptor, 0, os.SEEK_END)
                disk.write_all(descriptor, _packed(camera_id, whole))
                disk.sync_file(descriptor)
            finally:
                os.close(descriptor)
            disk.sync_directory(self._path.parent)

    def erased(self) -> Erased:
        """All that is erased now."""
        try:
            status = os.stat(self._place)
        except FileNotFoundError:
            return {}
        seen = (status.st_ino, status.st_size, status.st_mtime_ns)
        with self._guard:
            if seen != self._seen:
                records = self._records()
                self._erased = _by_camera(records)
                # A record that is being written right now is read again next time.
                whole = len(records) * _RECORD.size == status.st_size
                self._seen = seen if whole else _NEVER
            return self._erased

    def compact(self) -> None:
        """Write the same spans as few records as possible."""
        with disk.locked(self._lock_path):
            records = self._records()
            few = [(c, span) for c, spans in _by_camera(records).items() for span in spans]
            if len(few) < len(records):
                disk.write_whole(self._path, [_packed(camera, span) for camera, span in few])

    def verify(self) -> None:
        """`StorageCorrupt` unless every record holds."""
        self._records()

    def _records(self) -> list[tuple[int, TimeSpan]]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        whole = len(content) // _RECORD.size
        records: list[tuple[int, TimeSpan]] = []
        for number in range(whole):
            packed = content[number * _RECORD.size : (number + 1) * _RECORD.size]
            camera_id, start_ns, end_ns, checksum = _RECORD.unpack(packed)
            if zlib.crc32(packed[:-4]) != checksum:
                if number == whole - 1:
                    break  # torn while it was written: that erasure never returned
                raise StorageCorrupt(f"{self._path}: record {number} does not hold")
            records.append((camera_id, TimeSpan(start_ns, end_ns)))
        return records


def _packed(camera_id: int, span: TimeSpan) -> bytes:
    packed = _RECORD.pack(camera_id, span.start_ns, span.end_ns, 0)[:-4]
    return packed + zlib.crc32(packed).to_bytes(4, "little")


def _by_camera(records: Iterable[tuple[int, TimeSpan]]) -> Erased:
    spans: dict[int, list[TimeSpan]] = {}
    for camera_id, span in records:
        spans.setdefault(camera_id, []).append(span)
    return {camera_id: merged(group) for camera_id, group in spans.items()}
