"""Bytes that stay: syncs, atomic replacement, locks, and the room that is left for the audit.

Everything that changes a directory goes through here, so that a test can stop the world between
any two steps.
"""

import ctypes
import errno
import fcntl
import os
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.errors import Busy, StorageError, StorageFull

T = TypeVar("T")

RESERVE_BYTES = 256 << 20
_PUNCH_HOLE_KEEP_SIZE = 0x03  # linux/falloc.h
_ZEROS = 1 << 20
_TRIES = 100
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn the system's errors into ours; `doing` says what was tried, and to which file."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull(f"{doing}: no room left on the disk") from error
        raise StorageError(f"{doing}: {error.strerror or error}") from error


def free_bytes(path: Path) -> int:
    """What the file system of `path` has left for us."""
    return shutil.disk_usage(path).free


@dataclass(frozen=True, slots=True)
class Reserve:
    """Keeps the last `bytes` of a disk for rows and the audit: files stop growing before."""

    root: Path
    bytes: int = RESERVE_BYTES
    free: Callable[[Path], int] = free_bytes

    def claim(self, wanted_bytes: int) -> None:
        """Raise `StorageFull` if writing that much would eat into the reserve."""
        left = self.free(self.root)
        if left - wanted_bytes < self.bytes:
            raise StorageFull(
                f"{self.root}: want {wanted_bytes} bytes beside a reserve of {self.bytes}, "
                f"got {left} free"
            )


def sync_file(descriptor: int) -> None:
    """Wait until the file's bytes lie on the disk."""
    os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the names in `path` lie on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make `path` and its missing parents, durably."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for directory in reversed(missing):
        directory.mkdir(exist_ok=True)
        sync_directory(directory.parent)


def put_inside(directory: Path, put: Callable[[], T]) -> T:
    """Make `directory` and `put` a file into it: once more where somebody has removed it meanwhile,
    because it was still empty."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            make_directory(directory)
            return put()
    make_directory(directory)
    return put()


def remove_or_sync(directory: Path) -> None:
    """Remove an empty directory, or make durable what was deleted in it; it may be gone already."""
    with suppress(FileNotFoundError):
        try:
            directory.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            sync_directory(directory)
        else:
            sync_directory(directory.parent)


def replace(temporary: Path, final: Path) -> None:
    """Give a synced file its name, durably; whoever looks sees the old one or the new one."""
    temporary.replace(final)
    sync_directory(final.parent)


def remove(path: Path) -> int:
    """Delete a file that may be gone already; the bytes freed. Sync the directory afterwards."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def write_whole(path: Path, blocks: Iterable[bytes | memoryview], *, suffix: str = ".tmp") -> None:
    """Write a file so that it is there whole or not at all, durably."""
    temporary = path.with_name(path.name + suffix)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for block in blocks:
            write_all(descriptor, block)
        sync_file(descriptor)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    replace(temporary, path)


def write_all(descriptor: int, block: bytes | memoryview) -> None:
    """Write every byte: the system may take fewer at a time."""
    rest = memoryview(block)
    while len(rest):
        rest = rest[os.write(descriptor, rest) :]


def shorten(path: Path, size: int) -> None:
    """Cut a file to `size` bytes, durably."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, size)
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def blank(descriptor: int, start: int, length: int) -> None:
    """Overwrite bytes of a file with zeros. Sync, then `punch`: offsets stay as they are."""
    os.lseek(descriptor, start, os.SEEK_SET)
    while length > 0:
        zeros = min(length, _ZEROS)
        write_all(descriptor, bytes(zeros))
        length -= zeros


def punch(descriptor: int, start: int, length: int) -> None:
    """Give the room of blanked bytes back, where the file system can; they still read as zeros."""
    fallocate = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if fallocate is not None:
        offset_type = ctypes.c_int64
        fallocate.argtypes = [ctypes.c_int, ctypes.c_int, offset_type, offset_type]
        fallocate(descriptor, _PUNCH_HOLE_KEEP_SIZE, start, length)


class Hold:
    """A lock on a file for as long as this object, or its process, lives."""

    def __init__(self, path: Path, *, wait: bool) -> None:
        make_directory(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise Busy(f"{path}: another process holds it") from error
            raise
        self._close = weakref.finalize(self, os.close, descriptor)

    def release(self) -> None:
        """Give it up; safe to call twice."""
        self._close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock on a file, and hold it for the block."""
    hold = Hold(path, wait=True)
    try:
        yield
    finally:
        hold.release()


def hold_writer(root: Path, writer: int) -> Hold:
    """Be the one writer of that number below `root`; `Busy` while another process is."""
    return Hold(writer_lock(root, writer), wait=False)


def writer_lock(root: Path, writer: int) -> Path:
    """The file that a living writer holds."""
    return root / "locks" / f"writer-{writer}.lock"
