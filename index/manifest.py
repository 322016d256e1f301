"""The manifest of a backup: each file with its length and SHA-256, and where it belongs."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import InvalidInput, StorageCorrupt
from index import disk

MANIFEST = "manifest.json"
ROWS = "rows.sqlite"
FILES = "files"

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One copied file, its path below the backup."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `rows_name` is the database's file in the data folder, or None."""

    created: str
    rows_name: str | None
    left_out: tuple[str, ...]
    entries: tuple[Entry, ...]

    def place_of(self, entry: Entry) -> Path:
        """Where the file lies in a data folder."""
        if entry.path == ROWS and self.rows_name is not None:
            return Path(self.rows_name)
        return Path(entry.path).relative_to(FILES)


def write_manifest(target: Path, manifest: Manifest) -> str:
    """The SHA-256 of the manifest that then lies in `target`."""
    content = {
        "format": _FORMAT,
        "created": manifest.created,
        "rows_name": manifest.rows_name,
        "left_out": list(manifest.left_out),
        "files": [asdict(entry) for entry in manifest.entries],
    }
    written = json.dumps(content, indent=1).encode()
    disk.write_whole(target / MANIFEST, [written])
    return hashlib.sha256(written).hexdigest()


def read_manifest(target: Path) -> tuple[Manifest, str]:
    """The manifest in `target` and its SHA-256; `StorageCorrupt` if it does not hold."""
    try:
        written = (target / MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise StorageCorrupt(
            f"{target}: no {MANIFEST}; it is written last, so there is no whole backup here"
        ) from error
    try:
        manifest = _manifest_of(json.loads(written))
    except (ValueError, KeyError, TypeError) as error:
        raise StorageCorrupt(f"{target / MANIFEST}: does not hold: {error}") from error
    return manifest, hashlib.sha256(written).hexdigest()


def _manifest_of(content: Mapping[str, Any]) -> Manifest:
    if content["format"] != _FORMAT:
        raise InvalidInput(f"backup: want format {_FORMAT}, got {content['format']!r}")
    manifest = Manifest(
        content["created"],
        content["rows_name"],
        tuple(content["left_out"]),
        tuple(Entry(**entry) for entry in content["files"]),
    )
    for place in (Path(manifest.rows_name or ROWS), *map(manifest.place_of, manifest.entries)):
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"want paths below the folder, got {str(place)!r}")
    return manifest


def verify_entries(target: Path, entries: Sequence[Entry], present: set[str]) -> None:
    """`StorageCorrupt` names the first file that is missing, changed or not among `entries`."""
    for entry in entries:
        _verify(target, entry)
    if strange := sorted(present - {entry.path for entry in entries} - {MANIFEST}):
        raise StorageCorrupt(f"{target}: {strange[0]} is not in the manifest")


def hash_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return os.fstat(file.fileno()).st_size, digest.hexdigest()


def _verify(target: Path, entry: Entry) -> None:
    try:
        found = hash_of(target / entry.path)
    except FileNotFoundError as error:
        raise StorageCorrupt(f"{target}: {entry.path} is missing") from error
    if found != (entry.bytes, entry.sha256):
        raise StorageCorrupt(
            f"{target}: {entry.path}: want {entry.bytes} bytes of SHA-256 {entry.sha256}, "
            f"got {found[0]} of {found[1]}"
        )
