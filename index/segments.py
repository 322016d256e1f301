"""The formats of segments: the head that all share, and the sealed file.

A sealed segment is a head, then columns that each begin at a multiple of 64 bytes, then the
SHA-256 of all before. Rows are sorted by (camera, time); integers and floats are little-endian.
Each row has a payload of fixed length: a vector, or a packed reading of a plate (`index.plates`).
Beside them lies what was worked out from all of them (`index.derived`): each vector's code, a
quarter as long, so that a search reads codes first and only then the few vectors that may win
(`index.codes`); or the postings of plates.
"""

import hashlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import F32, I64
from core.errors import StorageCorrupt
from index import disk
from index.codes import Codes, Scale
from index.names import SegmentName

ALIGNMENT = 64
SEALED_MAGIC = b"CTSEALED"
OPEN_MAGIC = b"CTOPEN01"
_DIGEST_BYTES = 32
_WRITTEN_BYTES = 1 << 20
_HEAD = struct.Struct("<8sII")  # magic, bytes of JSON, its CRC-32

VECTOR = "<f4"
"""The type of payload of which a segment's codes are made."""

Array = NDArray[Any]
Payloads = Callable[[], Iterable[Array]]
"""Gives payloads (N, D) in blocks, the same each time."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a segment's file says of itself; `rows` and `cameras` are 0 while it is open.

    `token` tells an open file from one that was later written in its place; the `code_` fields
    say what a sealed row's code stands for, and how far at most that lies from its vector.

    A row's payload is `dim` numbers of type `payload`; `derived` are the name, type and length of
    each further column.
    """

    family: str
    model: str
    hour: int
    writer: int
    dim: int
    rows: int = 0
    cameras: int = 0
    token: str = ""
    code_low: float = 0.0
    code_width: float = 0.0
    code_error: float = 0.0
    payload: str = VECTOR
    derived: Sequence[tuple[str, str, int]] = ()

    def packed(self, magic: bytes) -> bytes:
        """The bytes at a file's start, padded to the alignment."""
        told = asdict(self)
        if self.payload == VECTOR:  # as files of vectors always were
            del told["payload"], told["derived"]
        text = json.dumps(told, separators=(",", ":")).encode()
        head = _HEAD.pack(magic, len(text), zlib.crc32(text)) + text
        return head + bytes(-len(head) % ALIGNMENT)


def read_head(start: bytes, magic: bytes, path: Path) -> tuple[Head, int]:
    """The head and its padded length; `StorageCorrupt` if it does not hold."""
    if len(start) < _HEAD.size:
        raise StorageCorrupt(f"{path}: want a head, got {len(start)} bytes")
    found, length, checksum = _HEAD.unpack_from(start)
    text = start[_HEAD.size : _HEAD.size + length]
    if found != magic or len(text) != length or zlib.crc32(text) != checksum:
        raise StorageCorrupt(f"{path}: its head does not hold")
    size = _HEAD.size + length
    return Head(**json.loads(text)), size + -size % ALIGNMENT


HEAD_LIMIT_BYTES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Rows sorted by (camera, time): all (N,). Row r's vector is `vectors[order[r]]`.

    `order` is None where the vectors are sorted themselves, `codes` where there are none. In an
    index of plates `shot_ids` are ids of readings, `vectors` packed readings, and `derived` their
    postings, empty while the segment is open.
    """

    device_ns: I64
    tracklet_ids: I64
    shot_ids: I64
    vectors: Array
    order: I64 | None = None
    codes: Codes | None = None
    derived: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.device_ns)

    def vector(self, row: int) -> F32:
        """One row's vector (D,)."""
        vector: F32 = self.vectors[row if self.order is None else self.order[row]]
        return vector

    def vectors_of(self, rows: I64) -> Array:
        """A copy of some rows' vectors, (len(rows), D)."""
        copied: Array = self.vectors[rows if self.order is None else self.order[rows]]
        return copied


@dataclass(frozen=True, slots=True, eq=False)
class CameraTable:
    """Which rows are whose: camera c has rows `starts[c]` to `starts[c + 1]`, and their times."""

    camera_ids: I64
    starts: I64
    first_ns: I64
    last_ns: I64

    def row_cameras(self) -> I64:
        """The camera of every row, (N,)."""
        return np.repeat(self.camera_ids, np.diff(self.starts))

    def cameras_of(self, rows: I64) -> I64:
        """The camera of each of some rows."""
        return self.camera_ids[np.searchsorted(self.starts, rows, side="right") - 1]


def camera_table(camera_ids: I64, device_ns: I64) -> CameraTable:
    """The table of rows that are sorted by camera and time."""
    cameras, starts = np.unique(camera_ids, return_index=True)
    bounds = np.append(starts, len(camera_ids)).astype(np.int64)
    return CameraTable(cameras, bounds, device_ns[bounds[:-1]], device_ns[bounds[1:] - 1])


_FORMATS = {
    "camera_ids": ("<i8", "cameras"),
    "starts": ("<i8", "bounds"),
    "first_ns": ("<i8", "cameras"),
    "last_ns": ("<i8", "cameras"),
    "device_ns": ("<i8", "rows"),
    "tracklet_ids": ("<i8", "rows"),
    "shot_ids": ("<i8", "rows"),
    "ascending_ids": ("<i8", "rows"),  # the shot ids again, sorted, to find a duplicate
}


def _formats(head: Head) -> dict[str, tuple[str, int]]:
    """The type and length of each column, in the order of the file."""
    counts = {"cameras": head.cameras, "bounds": head.cameras + 1, "rows": head.rows}
    formats = {name: (code, counts[counted]) for name, (code, counted) in _FORMATS.items()}
    formats["vectors"] = (head.payload, head.rows * head.dim)
    if head.payload == VECTOR:
        formats["codes"] = ("|u1", head.rows * head.dim)
    return formats | {name: (code, count) for name, code, count in head.derived}


def _layout(head: Head, offset: int) -> tuple[dict[str, tuple[int, str, int]], int]:
    """Byte offset, type and length of each column, and where the digest lies."""
    places = {}
    for column, (code, count) in _formats(head).items():
        places[column] = (offset, code, count)
        offset += count * np.dtype(code).itemsize
        offset += -offset % ALIGNMENT
    return places, offset


class SealedSegment:
    """A sealed file: its head and camera table in memory, its columns mapped when asked for."""

    def __init__(self, path: Path, name: SegmentName) -> None:
        """Reads the head; `StorageCorrupt` if head, name or size do not hold."""
        self.path = path
        self.place = str(path)  # a key that hashes quickly
        self.name = name
        with path.open("rb") as file:
            self.head, self._offset = read_head(file.read(HEAD_LIMIT_BYTES), SEALED_MAGIC, path)
            self._places, self._end = _layout(self.head, self._offset)
            size = os.fstat(file.fileno()).st_size
            if size != self._end + _DIGEST_BYTES:
                raise StorageCorrupt(f"{path}: want {self._end + _DIGEST_BYTES} bytes, got {size}")
            if (self.head.hour, self.head.writer) != name.group:
                raise StorageCorrupt(f"{path}: its head names another hour or writer")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.table = CameraTable(
            *(self._column(mapped, name).copy() for name in list(_FORMATS)[:4])
        )
        ids = self._column(mapped, "ascending_ids")
        self.lowest_id, self.highest_id = int(ids[0]), int(ids[-1])

    def __len__(self) -> int:
        return self.head.rows

    def map(self) -> "MappedSegment":
        """Its columns, read by the system when touched. `FileNotFoundError` if it was replaced."""
        with self.path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        shape = (self.head.rows, self.head.dim)
        columns = Columns(
            self._column(mapped, "device_ns"),
            self._column(mapped, "tracklet_ids"),
            self._column(mapped, "shot_ids"),
            self._column(mapped, "vectors").reshape(shape),
            codes=self._codes(mapped) if "codes" in self._places else None,
            derived={name: self._column(mapped, name) for name, _, _ in self.head.derived},
        )
        return MappedSegment(columns, self._column(mapped, "ascending_ids"))

    def _codes(self, mapped: mmap.mmap) -> Codes:
        head = self.head
        codes = self._column(mapped, "codes").reshape(head.rows, head.dim)
        return Codes(Scale(head.code_low, head.code_width), codes, head.code_error)

    def verify(self) -> None:
        """`StorageCorrupt` unless its digest holds."""
        digest, left = hashlib.sha256(), self._end
        with self.path.open("rb") as file:
            while left and (block := file.read(min(left, 1 << 20))):
                digest.update(block)
                left -= len(block)
            if left or file.read() != digest.digest():
                raise StorageCorrupt(f"{self.path}: its checksum does not hold")

    def _column(self, mapped: mmap.mmap, column: str) -> NDArray[Any]:
        offset, code, count = self._places[column]
        return np.frombuffer(mapped, code, count, offset)


@dataclass(frozen=True, slots=True, eq=False)
class MappedSegment:
    """A sealed segment's columns, and its shot ids ascending."""

    columns: Columns
    ascending_ids: I64


def write_sealed(
    path: Path,
    head: Head,
    table: CameraTable,
    columns: dict[str, I64],
    blocks: Mapping[str, Payloads],
) -> None:
    """Write a sealed file, durably and whole.

    `columns` are the sorted `device_ns`, `tracklet_ids` and `shot_ids`; `blocks` are the `vectors`,
    sorted alike, and what was derived from them, in the order of the file.
    """
    tables = {name: getattr(table, name) for name in list(_FORMATS)[:4]}
    ascending = {"ascending_ids": np.sort(columns["shot_ids"])}
    formats = _formats(head)
    parts = [
        [head.packed(SEALED_MAGIC)],
        *([_packed(formats[n][0], column)] for n, column in (tables | columns | ascending).items()),
        *(_all_packed(formats[name][0], made()) for name, made in blocks.items()),
    ]
    disk.write_whole(path, _hashed(_aligned(parts)))


def _all_packed(code: str, blocks: Iterable[Array]) -> Iterator[bytes]:
    return (_packed(code, block) for block in blocks)


def _packed(code: str, column: Array) -> bytes:
    return column.astype(code).tobytes()


def _aligned(parts: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The parts' blocks, zeros after each part up to the alignment."""
    for blocks in parts:
        length = 0
        for block in blocks:
            length += len(block)
            yield block
        yield bytes(-length % ALIGNMENT)


def _hashed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks in larger ones, then the digest of all."""
    digest, held = hashlib.sha256(), bytearray()
    for block in blocks:
        held += block
        if len(held) >= _WRITTEN_BYTES:
            digest.update(held)
            yield bytes(held)
            held.clear()
    digest.update(held)
    yield bytes(held) + digest.digest()
