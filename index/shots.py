"""JPEGs of shots in packs by camera, hour and writer: `<root>/<camera>/<hour>-<writer>.pack`."""

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.clocks import HOUR_NS
from core.errors import Conflict, NotFound, StorageCorrupt
from core.types import CutShot, Scope, TimeSpan
from index import disk
from index.journal import Journal
from index.known import Known, known_in_batches
from index.packs import (
    HEADER_BYTES,
    KEPT,
    Record,
    erase_records,
    opened,
    packed_shot,
    read_jpeg,
    read_record,
    sound_end,
    verify_pack,
)

_KEY = re.compile(
    r"(?P<camera>-?\d{1,19})/(?P<hour>-?\d{1,8})-(?P<writer>\d{1,6})"
    r"/(?P<offset>\d{1,15})-(?P<length>\d{1,10})",
    re.ASCII,
)
_PACK = re.compile(r"(-?\d{1,8})-(\d{1,6})\.pack", re.ASCII)
_REMEMBERED_PACKS = 8192
_ALWAYS = TimeSpan(-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True, slots=True)
class _Key:
    camera_id: int
    hour: int
    writer: int
    offset: int
    length: int

    def __str__(self) -> str:
        return f"{self.camera_id}/{self.hour}-{self.writer}/{self.offset}-{self.length}"


@dataclass(frozen=True, slots=True, order=True)
class _Pack:
    """Whose pictures a file holds."""

    camera_id: int
    hour: int
    writer: int

    @property
    def place(self) -> str:
        return f"{self.camera_id}/{self.hour}-{self.writer}.pack"

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(self.hour * HOUR_NS, (self.hour + 1) * HOUR_NS)


class PackShotStore:
    """A `ShotStore` on files below `root`.

    With a `writer` it may put and sweep, and nobody else can be that writer until `close`. Safe to
    use from several threads and processes.
    """

    def __init__(
        self, root: Path, *, writer: int | None = None, reserve_bytes: int = disk.RESERVE_BYTES
    ) -> None:
        """Raises `Busy` while another process is that writer."""
        self._root = root
        self._writer = writer
        self._guard = threading.Lock()
        with disk.translated(f"open shots {root}"):
            disk.make_directory(root)
            self._hold = None if writer is None else disk.hold_writer(root, writer)
        self._reserve = disk.Reserve(root, reserve_bytes)
        self._journal = Journal(root, -1 if writer is None else writer)
        # Where a pack ended after our own last write; one that ends elsewhere is looked over first.
        self._ends: OrderedDict[_Pack, int] = OrderedDict()

    def close(self) -> None:
        """Stop being the writer; reading goes on."""
        if self._hold is not None:
            self._hold.release()
        self._writer = None

    def put(self, camera_id: int, shots: Sequence[CutShot]) -> list[str]:
        if self._writer is None:
            raise Conflict(f"shots {self._root}: opened without a writer, nothing can be put")
        keys: dict[int, str] = {}
        with self._guard, disk.translated(f"put shots of camera {camera_id}"):
            self._reserve.claim(sum(len(shot.jpeg) + HEADER_BYTES for shot in shots))
            for hour in sorted({shot.device_ns // HOUR_NS for shot in shots}):
                rows = [i for i, shot in enumerate(shots) if shot.device_ns // HOUR_NS == hour]
                pack = _Pack(camera_id, hour, self._writer)
                offsets = self._append(pack, [shots[i] for i in rows])
                for i, offset in zip(rows, offsets, strict=True):
                    key = _Key(camera_id, hour, self._writer, offset, len(shots[i].jpeg))
                    keys[i] = str(key)
        return [keys[i] for i in range(len(shots))]

    def get(self, scope: Scope, key: str) -> bytes:
        wanted = _parsed(key)
        pack = _Pack(wanted.camera_id, wanted.hour, wanted.writer)
        # Asked before anything is read: outside the scope nothing is told apart.
        if not _touches(scope, pack):
            raise _not_found(key)
        with disk.translated(f"get shot {key}"):
            try:
                with opened(self._root / pack.place, os.O_RDONLY) as descriptor:
                    return _read(descriptor, wanted, scope)
            except FileNotFoundError:
                raise _not_found(key) from None

    def drop(self, camera_id: int, before_ns: int) -> int:
        return self.erase(camera_id, TimeSpan(_ALWAYS.start_ns, before_ns))

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> int:
        whole = _ALWAYS if span is None else span
        with self._changing(f"erase shots of camera {camera_id}"):
            freed = 0
            for pack in self._packs(camera_id):
                if whole.covers(pack.span):
                    freed += disk.remove(self._root / pack.place)
                elif whole.overlaps(pack.span):
                    freed += self._erase_part(pack, whole)
            disk.remove_or_sync(self._root / str(camera_id))
            return freed

    def sweep(self, known: Known) -> int:
        """As the protocol says; call it before anything is put."""
        touched = self._journal.touched()
        with self._changing("sweep shots"):
            own = [pack for pack in self._packs() if pack.writer == self._writer]
            packs = [pack for pack in own if touched is None or pack.place in touched]
            cut = sum(self._sweep_pack(pack, known) for pack in packs)
            self._journal.clear()
            return cut

    def verify(self) -> None:
        with disk.translated(f"verify shots {self._root}"):
            for pack in self._packs():
                try:
                    verify_pack(self._root / pack.place)
                except FileNotFoundError:
                    continue  # dropped meanwhile

    # --- inside -----------------------------------------------------------------------------

    @contextmanager
    def _changing(self, doing: str) -> Iterator[None]:
        lock = self._root / "locks" / "packs.lock"
        with self._guard, disk.translated(doing), disk.locked(lock):
            yield

    def _packs(self, camera_id: int | None = None) -> list[_Pack]:
        """The packs of one camera, or all of them."""
        if camera_id is None:
            names = [path.name for path in self._root.iterdir()]
            cameras = [int(name) for name in names if re.fullmatch(r"-?[0-9]{1,19}", name)]
            return [pack for camera in sorted(cameras) for pack in self._packs(camera)]
        try:
            names = os.listdir(self._root / str(camera_id))
        except FileNotFoundError:
            return []
        found = (_PACK.fullmatch(name) for name in names)
        return sorted(_Pack(camera_id, int(f[1]), int(f[2])) for f in found if f is not None)

    def _append(self, pack: _Pack, shots: Sequence[CutShot]) -> list[int]:
        """Offsets of the records written; durable on return."""
        path = self._root / pack.place
        self._journal.note(pack.place)
        fresh = not path.exists()
        create = partial(os.open, path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        descriptor = disk.put_inside(path.parent, create)
        try:
            start = self._end(pack, descriptor, path)
            batch = [packed_shot(shot, start) for shot in shots]
            try:
                os.lseek(descriptor, start, os.SEEK_SET)
                disk.write_all(descriptor, b"".join(batch))
                disk.sync_file(descriptor)
            except OSError:
                self._ends.pop(pack, None)
                os.ftruncate(descriptor, start)
                raise
        finally:
            os.close(descriptor)
        if fresh:
            disk.sync_directory(path.parent)
        sizes = [len(record) for record in batch]
        self._remember(pack, start + sum(sizes))
        return [start + sum(sizes[:i]) for i in range(len(sizes))]

    def _remember(self, pack: _Pack, end: int) -> None:
        self._ends[pack] = end
        self._ends.move_to_end(pack)
        if len(self._ends) > _REMEMBERED_PACKS:
            self._ends.popitem(last=False)

    def _end(self, pack: _Pack, descriptor: int, path: Path) -> int:
        """Where the next record goes, a torn tail cut off."""
        size = os.fstat(descriptor).st_size
        if self._ends.get(pack) == size:
            return size
        end = sound_end(descriptor, path)
        if end != size:
            os.ftruncate(descriptor, end)
            disk.sync_file(descriptor)
        return end

    def _erase_part(self, pack: _Pack, span: TimeSpan) -> int:
        def inside(records: list[Record]) -> list[Record]:
            return [record for record in records if span.holds(record.device_ns)]

        erased = erase_records(self._root / pack.place, inside)
        return sum(record.length for record in erased)

    def _sweep_pack(self, pack: _Pack, known: Known) -> int:
        def unknown(records: list[Record]) -> list[Record]:
            ids = np.array([record.shot_id for record in records], np.int64)
            kept = known_in_batches(known, ids).tolist()
            return [record for record, keep in zip(records, kept, strict=True) if not keep]

        path = self._root / pack.place
        with opened(path, os.O_RDWR) as descriptor:
            self._remember(pack, self._end(pack, descriptor, path))
        return len(erase_records(path, unknown))


def _read(descriptor: int, wanted: _Key, scope: Scope) -> bytes:
    for _ in range(2):
        record = read_record(descriptor, wanted.offset)
        if (
            record is None
            or record.kind != KEPT
            or record.length != wanted.length
            or not scope.holds(wanted.camera_id, record.device_ns)
        ):
            raise _not_found(str(wanted))
        jpeg = read_jpeg(descriptor, record)
        if jpeg is not None:
            return jpeg
        # Once more: it may have been erased between the header and the picture.
    raise StorageCorrupt(f"shot {wanted}: its checksum does not hold")


def _parsed(key: str) -> _Key:
    found = _KEY.fullmatch(key)
    parsed = None if found is None else _Key(*map(int, found.groups()))
    if parsed is None or str(parsed) != key:
        raise _not_found(key)
    return parsed


def _touches(scope: Scope, pack: _Pack) -> bool:
    return any(
        part.camera_id == pack.camera_id and part.span.overlaps(pack.span) for part in scope.spans
    )


def _not_found(key: str) -> NotFound:
    return NotFound(f"no shot {key!r} inside the scope")
