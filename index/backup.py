"""A copy of an installation that holds together, taken while ingest goes on.

    <target>/manifest.json    what follows, with lengths and hashes (`index.manifest`); written last
    <target>/rows.sqlite      the rows; absent for PostgreSQL, which `pg_dump` copies
    <target>/files/...        everything else of the data folder, by its path there

Rows are copied first: whatever they refer to was on disk before them and files only grow, so that
files copied later hold at least that. What they hold beyond it has no row and is swept at the next
start. Nothing may be deleted meanwhile: retention and erasure wait (`Busy`).

A copy holds what was later erased, and the key to the cameras' passwords: keep it no longer than
the retention allows, and as safe as the original. Leases and sessions are left out: nobody comes
back logged in.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.clocks import Now, format_utc, system_now
from core.errors import Conflict, NotFound, StorageCorrupt, StorageFull
from index import disk
from index.lease import UpkeepLease
from index.manifest import (
    FILES,
    ROWS,
    Entry,
    Manifest,
    hash_of,
    read_manifest,
    verify_entries,
    write_manifest,
)
from index.rows.engine import parsed_url, sqlite_file
from index.rows.failures import translated
from index.rows.store import SqlStore

_MARGIN_BYTES = 64 << 20
_BLOCK_BYTES = 1 << 20
_PASSES = 10
_NOT_COPIED = ("locks", "staging")  # of living processes


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. `sha256` is of its manifest: whoever keeps it can prove the rest."""

    files: int
    bytes: int
    sha256: str
    rows: bool

    @property
    def note(self) -> str:
        """What the operator must know; empty if nothing."""
        if self.rows:
            return ""
        return (
            "The rows lie in PostgreSQL and are NOT in this backup: take them with pg_dump, "
            "before the files, or rows may refer to files that it does not hold."
        )


def backup(
    data_dir: Path,
    url: str,
    target: Path,
    *,
    footage: bool = True,
    shots: bool = True,
    now: Now = system_now,
    free: Callable[[Path], int] = disk.free_bytes,
) -> BackupReport:
    """Copy the installation in `data_dir` with the database behind `url` to a new folder.

    Raises `Conflict` for a target that is not empty or lies in the data folder, `Busy` while
    retention, an erasure or another backup goes on, `StorageFull` before anything is written.
    """
    _check_target(data_dir, target)
    left_out = {name for name, wanted in (("footage", footage), ("shots", shots)) if not wanted}
    source = _Source(data_dir, _rows_file(url), left_out)
    store = SqlStore.open(url)
    try:
        with (
            UpkeepLease(store.writers, "backup", now) as lease,
            disk.translated(f"back up to {target}"),
        ):
            _check_room(target, source.size_bytes(), free)
            disk.make_directory(target)
            target.chmod(0o700)
            rows = _copy_rows(store, source, target)
            files = _copy_files(source, target / FILES, lease)
            manifest = source.manifest(format_utc(now()), (*rows, *files))
            return _report(manifest, write_manifest(target, manifest))
    finally:
        store.close()


def verify_backup(target: Path) -> BackupReport:
    """What the backup holds, after every byte of it was checked.

    Raises `StorageCorrupt` naming the first file that is missing, changed or not in the manifest.
    """
    manifest, sha256 = read_manifest(target)
    with disk.translated(f"verify {target}"):
        present = {str(path.relative_to(target)) for path in _all_files(target)}
        verify_entries(target, manifest.entries, present)
    if manifest.rows_name is not None:
        _verify_rows(target / ROWS)
    return _report(manifest, sha256)


def restore(
    target: Path, data_dir: Path, *, free: Callable[[Path], int] = disk.free_bytes
) -> BackupReport:
    """Put a backup, verified first, into a data folder that must be empty or absent.

    It appears there whole or not at all. The settings in it still name the old database where
    that was PostgreSQL: bring its rows back with `pg_restore`.
    """
    if _is_taken(data_dir):
        raise Conflict(f"restore: want an empty folder, got {data_dir}")
    report = verify_backup(target)
    manifest, _ = read_manifest(target)
    _check_room(data_dir, report.bytes, free)
    unfinished = data_dir.with_name(data_dir.name + ".restoring")
    if _is_taken(unfinished):
        raise Conflict(f"restore: {unfinished} is left from one that was cut off; delete it first")
    with disk.translated(f"restore {target}"):
        disk.make_directory(unfinished)
        unfinished.chmod(0o700)
        for entry in manifest.entries:
            _copied(target / entry.path, unfinished / manifest.place_of(entry))
        if data_dir.exists():
            data_dir.rmdir()
        disk.replace(unfinished, data_dir)
    return report


# --- what is copied ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A data folder, its rows (None: in PostgreSQL) and the folders to leave out."""

    data_dir: Path
    rows_file: Path | None
    left_out: set[str]

    def files(self) -> Iterator[Path]:
        """Everything to be copied beside the rows, as it lies there now."""
        rows = set() if self.rows_file is None else {*_with_logs(self.rows_file)}
        for path in _all_files(self.data_dir):
            place = path.relative_to(self.data_dir)
            skipped = place.parts[0] in self.left_out or {*_NOT_COPIED} & {*place.parts[:-1]}
            if not skipped and path.suffix != ".tmp" and path.resolve() not in rows:
                yield path

    def manifest(self, created: str, entries: tuple[Entry, ...]) -> Manifest:
        name = None if self.rows_file is None else self.rows_file.name
        return Manifest(created, name, tuple(sorted(self.left_out)), entries)

    def size_bytes(self) -> int:
        """What a copy takes, about: files may grow meanwhile."""
        rows = [] if self.rows_file is None else _with_logs(self.rows_file)
        return sum(_size_of(path) for path in [*self.files(), *rows])


def _rows_file(url: str) -> Path | None:
    parsed = parsed_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    file = sqlite_file(parsed).resolve()
    if not file.is_file():
        raise NotFound(f"backup: there is no database at {file}")
    return file


def _with_logs(rows_file: Path) -> list[Path]:
    return [rows_file.with_name(rows_file.name + suffix) for suffix in ("", "-wal", "-shm")]


def _all_files(root: Path) -> Iterator[Path]:
    """Regular files below `root`, sorted; folders may be links to other disks."""
    seen: set[Path] = set()
    for folder, names, files in os.walk(root, followlinks=True):
        real = Path(folder).resolve()
        if real in seen:  # a link back up
            names.clear()
            continue
        seen.add(real)
        names.sort()
        yield from (path for name in sorted(files) if (path := Path(folder, name)).is_file())


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


# --- copying -----------------------------------------------------------------------------------


def _copy_rows(store: SqlStore, source: _Source, target: Path) -> list[Entry]:
    if source.rows_file is None:
        return []
    copy = target / ROWS
    store.copy_to(copy)
    copy.chmod(0o600)
    with translated(f"copy the rows to {copy}"), closing(sqlite3.connect(copy)) as rows, rows:
        rows.execute("UPDATE writers SET owner = NULL")
        rows.execute("DELETE FROM camera_leases")
        rows.execute("DELETE FROM sessions")
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        disk.sync_file(descriptor)
    finally:
        os.close(descriptor)
    return [Entry(ROWS, *hash_of(copy))]


def _copy_files(source: _Source, target: Path, lease: UpkeepLease) -> list[Entry]:
    """Copies of all files, in as many passes as it takes: segments may be sealed meanwhile.

    Sealing puts a new file in the place of old ones. An old one that was copied stays: together
    with the new one it is what a crash between the two steps leaves, which every start mends.
    """
    copied: dict[Path, Entry] = {}
    for _ in range(_PASSES):
        vanished = False
        for path in [path for path in source.files() if path not in copied]:
            lease.renew()
            place = path.relative_to(source.data_dir)
            try:
                size_bytes, sha256 = _copied(path, target / place)
            except FileNotFoundError:
                vanished = True
                continue
            copied[path] = Entry(str(Path(FILES) / place), size_bytes, sha256)
        if not vanished:
            return [copied[path] for path in sorted(copied)]
    raise Conflict(f"backup: files vanished in each of {_PASSES} passes; is something deleting?")


def _copied(source: Path, copy: Path) -> tuple[int, str]:
    """Size and SHA-256 of a durable copy, up to the length that the file has now."""
    digest = hashlib.sha256()
    with source.open("rb") as file:
        disk.make_directory(copy.parent)
        size_bytes = left = os.fstat(file.fileno()).st_size

        def blocks() -> Iterator[bytes]:
            nonlocal left
            while left and (block := file.read(min(left, _BLOCK_BYTES))):
                left -= len(block)
                digest.update(block)
                yield block

        disk.write_whole(copy, blocks())
    return size_bytes - left, digest.hexdigest()


def _check_target(data_dir: Path, target: Path) -> None:
    if not data_dir.is_dir():
        raise NotFound(f"backup: there is no folder {data_dir}")
    if target.resolve().is_relative_to(data_dir.resolve()):
        raise Conflict(f"backup: want a target outside {data_dir}, got {target}")
    if _is_taken(target):
        raise Conflict(f"backup: want an empty folder, got {target}")


def _is_taken(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def _check_room(target: Path, wanted_bytes: int, free: Callable[[Path], int]) -> None:
    folder = target.resolve()
    while not folder.exists():
        folder = folder.parent
    left = free(folder)
    if left < wanted_bytes + _MARGIN_BYTES:
        raise StorageFull(f"{target}: want {wanted_bytes + _MARGIN_BYTES} bytes, got {left} free")


def _verify_rows(copy: Path) -> None:
    address = f"file:{quote(str(copy))}?mode=ro&immutable=1"
    with translated(f"verify {copy}"), closing(sqlite3.connect(address, uri=True)) as rows:
        (verdict,) = rows.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise StorageCorrupt(f"{copy}: {verdict}")


def _report(manifest: Manifest, sha256: str) -> BackupReport:
    size_bytes = sum(entry.bytes for entry in manifest.entries)
    return BackupReport(
        len(manifest.entries), size_bytes, sha256, rows=manifest.rows_name is not None
    )
