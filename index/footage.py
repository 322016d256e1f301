"""Footage in files of about a minute: `<root>/<camera>/<day>/<segment>_<start>_<end>.mp4`.

The span stands in the name (device time, nanoseconds), so that retention needs no rows.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core.clocks import DAY_NS
from core.errors import Busy, Conflict, DuplicateId, InvalidInput, NotFound, StorageCorrupt
from core.ids import writer_of
from core.types import FootageSegment, Scope, TimeSpan
from index import disk
from index.journal import Journal
from index.known import Known, known_in_batches

_FILE = re.compile(r"(-?\d{1,19})_(-?\d{1,19})_(-?\d{1,19})\.mp4", re.ASCII)
_CAMERA = re.compile(r"-?\d{1,19}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS = TimeSpan(-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a segment's file lies, and what its name says."""

    camera_id: int
    day: str
    segment_id: int
    span: TimeSpan

    @property
    def key(self) -> str:
        name = f"{self.segment_id}_{self.span.start_ns}_{self.span.end_ns}.mp4"
        return f"{self.camera_id}/{self.day}/{name}"


class FileFootageStore:
    """A `FootageStore` on files below `root`.

    With a `writer` it may stage, keep and sweep, and nobody else can be that writer until `close`;
    its segments' ids carry that number (`core.ids`). Safe to use from several threads.
    """

    def __init__(
        self, root: Path, *, writer: int | None = None, reserve_bytes: int = disk.RESERVE_BYTES
    ) -> None:
        """Raises `Busy` while another process is that writer."""
        self._root = root
        self._writer = writer
        self._guard = threading.Lock()
        with disk.translated(f"open footage {root}"):
            disk.make_directory(root)
            self._hold = None if writer is None else disk.hold_writer(root, writer)
        self._reserve = disk.Reserve(root, reserve_bytes)
        self._journal = Journal(root, -1 if writer is None else writer)
        self._staged: set[Path] = set()

    def close(self) -> None:
        """Stop being the writer; reading goes on."""
        if self._hold is not None:
            self._hold.release()
        self._writer = None

    def stage(self, camera_id: int, segment_id: int) -> Path:
        directory = self._staging()
        with self._guard, disk.translated(f"stage footage of camera {camera_id}"):
            self._reserve.claim(0)
            disk.make_directory(directory)
            staged = directory / f"{camera_id}_{segment_id}.mp4"
            self._staged.add(staged)
            return staged

    def keep(self, staged: Path, segment: FootageSegment) -> FootageSegment:
        if staged not in self._staged:
            raise InvalidInput(f"staged: want a path that `stage` gave, got {staged}")
        place = _place_of(segment)
        final = self._root / place.key
        with disk.translated(f"keep footage segment {segment.segment_id}"):
            size_bytes, sha256 = _synced_hash(staged)
            if final.exists():
                raise DuplicateId(f"footage segment {segment.segment_id} is kept already")
            with self._guard:
                self._journal.note(f"{place.camera_id}/{place.day}")
                disk.put_inside(final.parent, lambda: disk.replace(staged, final))
                disk.sync_directory(staged.parent)
                self._staged.discard(staged)
        return replace(segment, size_bytes=size_bytes, sha256=sha256, key=place.key)

    def path(self, scope: Scope, segment: FootageSegment) -> Path:
        place = _place_of(segment)
        inside = any(
            part.camera_id == segment.camera_id and part.span.overlaps(segment.span)
            for part in scope.spans
        )
        found = self._root / place.key
        if not inside or segment.key != place.key or not found.is_file():
            raise NotFound(f"no footage segment {segment.segment_id} inside the scope")
        return found

    def drop(self, camera_id: int, before_ns: int) -> int:
        ended = (p for p in self._places(camera_id) if p.span.end_ns <= before_ns)
        with disk.translated(f"drop footage of camera {camera_id}"):
            return self._remove(list(ended))

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> int:
        whole = _ALWAYS if span is None else span
        with disk.translated(f"erase footage of camera {camera_id}"):
            freed = self._remove_staged(camera_id) if span is None else 0
            kept = (p for p in self._places(camera_id) if p.span.overlaps(whole))
            return freed + self._remove(list(kept))

    def sweep(self, known: Known) -> int:
        """As the protocol says; call it before anything is staged."""
        own = self._staging()
        with self._guard, disk.translated("sweep footage"):
            dead = 0
            for path in self._abandoned(own):
                if path not in self._staged:
                    disk.remove(path)
                    dead += 1
            unknown = self._unknown(known)
            self._remove(unknown)
            self._journal.clear()
            return dead + len(unknown)

    def verify(self, segments: Iterable[FootageSegment]) -> None:
        for segment in segments:
            found = self._root / _place_of(segment).key
            with disk.translated(f"verify footage segment {segment.segment_id}"):
                try:
                    size_bytes, sha256 = _hash(found)
                except FileNotFoundError as error:
                    raise StorageCorrupt(f"{found}: missing, but it has a row") from error
            if (size_bytes, sha256) != (segment.size_bytes, segment.sha256):
                raise StorageCorrupt(
                    f"{found}: want {segment.size_bytes} bytes of SHA-256 {segment.sha256}, "
                    f"got {size_bytes} of {sha256}"
                )

    # --- inside -----------------------------------------------------------------------------

    def unfinished(self) -> list[Path]:
        """Files that an earlier run of this writer was recording when it ended."""
        return sorted(self._staging().glob("*.mp4"))

    def _staging(self) -> Path:
        if self._writer is None:
            raise Conflict(f"footage {self._root}: opened without a writer, nothing can be kept")
        return self._root / "staging" / str(self._writer)

    def _places(self, camera_id: int, days: Sequence[str] | None = None) -> list[_Place]:
        """The kept segments of a camera, of some days or of all."""
        directory = self._root / str(camera_id)
        found = _days(directory) if days is None else days
        return sorted(
            _Place(camera_id, day, int(name[1]), TimeSpan(int(name[2]), int(name[3])))
            for day in found
            for filename in _listed(directory / day)
            if (name := _FILE.fullmatch(filename)) is not None
        )

    def _remove(self, places: Sequence[_Place]) -> int:
        """Delete files, and folders that are empty then; the bytes freed."""
        freed = sum(disk.remove(self._root / place.key) for place in places)
        for day in {(self._root / place.key).parent for place in places}:
            disk.remove_or_sync(day)
            disk.remove_or_sync(day.parent)
        return freed

    def _remove_staged(self, camera_id: int) -> int:
        """Delete what any writer has staged of a camera; the bytes freed."""
        freed = 0
        for directory in (self._root / "staging").glob("*"):
            freed += sum(disk.remove(path) for path in directory.glob(f"{camera_id}_*.mp4"))
            disk.sync_directory(directory)
        return freed

    def _unknown(self, known: Known) -> list[_Place]:
        """Our own kept files, of days touched since the last sweep, that have no row."""
        own = [p for p in self._touched() if writer_of(p.segment_id) == self._writer]
        ids = np.array([place.segment_id for place in own], np.int64)
        kept = known_in_batches(known, ids).tolist()
        return [place for place, keep in zip(own, kept, strict=True) if not keep]

    def _touched(self) -> Iterator[_Place]:
        touched = self._journal.touched()
        cameras = [name for name in _listed(self._root) if _CAMERA.fullmatch(name)]
        for camera in sorted(cameras):
            days = _days(self._root / camera)
            chosen = [day for day in days if touched is None or f"{camera}/{day}" in touched]
            yield from self._places(int(camera), chosen)

    def _abandoned(self, own: Path) -> Iterator[Path]:
        """Staged files of our writer and of all that no process is."""
        for name in _listed(own.parent):
            directory = own.parent / name
            with _held_if_dead(self._root, name, own=directory == own) as dead:
                if dead:
                    yield from (directory / filename for filename in _listed(directory))


@contextmanager
def _held_if_dead(root: Path, writer: str, *, own: bool) -> Iterator[bool]:
    """Whether that writer's staged files are nobody's; it cannot start meanwhile."""
    if own or not writer.isdecimal():
        yield own
        return
    try:
        hold = disk.hold_writer(root, int(writer))
    except Busy:
        yield False
        return
    try:
        yield True
    finally:
        hold.release()


def _place_of(segment: FootageSegment) -> _Place:
    day = _EPOCH + timedelta(days=segment.span.start_ns // DAY_NS)
    return _Place(segment.camera_id, day.strftime("%Y-%m-%d"), segment.segment_id, segment.span)


def _synced_hash(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file whose bytes are then on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise NotFound(f"no staged footage {path.name}") from error
    try:
        disk.sync_file(descriptor)
    finally:
        os.close(descriptor)
    return _hash(path)


def _hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return os.fstat(file.fileno()).st_size, digest.hexdigest()


def _days(directory: Path) -> list[str]:
    return [name for name in _listed(directory) if _DAY.fullmatch(name)]


def _listed(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []
