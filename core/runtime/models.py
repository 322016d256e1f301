"""The folder of model files: got from the network or by hand, and never used unless the hash holds.

A file is named after its model and the first digits of its hash, so that two versions of a model
can lie side by side. An operator's own model keeps its declaration beside it as TOML.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedRandom
from pathlib import Path
from typing import Protocol

from core.errors import (
    Busy,
    Conflict,
    ModelMismatch,
    ModelMissing,
    SourceUnavailable,
    StorageFull,
    TooLarge,
)
from core.runtime.catalogue import (
    BUNDLED,
    Catalogue,
    CatalogueEntry,
    bundled_catalogue,
    declared_in,
    parse_declaration,
    render_declaration,
)
from core.runtime.download import Fetch, https_fetch
from core.types import ModelSpec

MAX_MODEL_BYTES = 2 << 30
"""No larger file is fetched or taken in: ONNX itself ends at 2 GiB."""

_CHUNK = 1 << 20


class Progress(Protocol):
    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """So much is there; a total of 0 is not known."""


@dataclass(frozen=True, slots=True)
class FolderModel:
    """A declared model and whether its file is in the folder (its hash is not looked at here)."""

    entry: CatalogueEntry
    present: bool
    own: bool  # declared by the operator, not by CaseTrace


class ModelFolder:
    """Model files below `path`, made at need, and the declarations that they must keep to."""

    def __init__(
        self, path: Path, catalogue: Catalogue | None = None, *, bundled: Path = BUNDLED
    ) -> None:
        self._path = path
        self._inside = bundled
        self._bundled = bundled_catalogue(bundled) if catalogue is None else catalogue

    @property
    def catalogue(self) -> Catalogue:
        """The known models with the operator's own, as declared in the folder at this moment."""
        own = self._own_entries()
        return replace(self._bundled, entries={**self._bundled.entries, **own})

    def list(self) -> tuple[FolderModel, ...]:
        """Every declared model by name; the operator's own ones too."""
        own = self._own_entries()
        entries = {**self._bundled.entries, **own}
        return tuple(
            FolderModel(entries[name], self._found(entries[name].spec).exists(), name in own)
            for name in sorted(entries)
        )

    def members(self, name: str) -> tuple[str, ...]:
        """The model names behind a group's or a model's name; `NotFound` if there is neither."""
        return self.catalogue.members(name)

    def spec(self, name: str) -> ModelSpec:
        """The declaration of a model, there or not; `NotFound` if nobody declared it."""
        return self.catalogue.entry(name).spec

    def path(self, name: str) -> Path:
        """The model's file, its hash checked just now. `ModelMissing` names the command that
        gets it, `ModelMismatch` both hashes."""
        entry = self.catalogue.entry(name)
        path = self._found(entry.spec)
        if not path.exists():
            raise ModelMissing(f"model {name} is not in {self._path}; {_how_to_get(entry)}")
        _check_sha256(entry, sha256_of(path), path)
        return path

    def beside(self, name: str, *suffixes: str) -> Path | None:
        """`NAME` with the first of these suffixes (`.calibration.json`, `.card.md`) that is there:
        the operator's own file in the folder, else the one of the package; None if there is none.
        """
        folders = (self._path, self._inside)
        places = (folder / f"{name}{suffix}" for folder in folders for suffix in suffixes)
        return next((path for path in places if path.is_file()), None)

    def verify(self) -> tuple[ModelSpec, ...]:
        """The models that are there, each hashed; one `ModelMismatch` names all that are wrong."""
        present = [model.entry for model in self.list() if model.present]
        wrong = []
        for entry in present:
            try:
                path = self._found(entry.spec)
                _check_sha256(entry, sha256_of(path), path)
            except ModelMismatch as error:
                wrong.append(str(error))
        if wrong:
            raise ModelMismatch("; ".join(wrong))
        return tuple(entry.spec for entry in present)

    def pull(
        self, name: str, fetch: Fetch = https_fetch, *, progress: Progress | None = None
    ) -> Path:
        """The model's file, fetched unless it is there already and right.

        What an interrupted pull left is gone on from. The file takes its place only after its
        hash was found right; `ModelMismatch` otherwise. `TooLarge` beyond the declared size.
        """
        entry = self.catalogue.entry(name)
        inside = self._in_package(entry.spec)
        if inside.exists():
            _check_sha256(entry, sha256_of(inside), inside)
            return inside
        if not entry.address:
            raise ModelMissing(f"model {name} has no address; {_how_to_get(entry)}")
        target = self._file(entry.spec)
        if target.exists() and sha256_of(target) == entry.spec.sha256:
            return target
        with _part_of(target) as part:
            resumed = _fetch_rest(entry, part, fetch, progress)
            if resumed and _sha256_of_open(part) != entry.spec.sha256:
                part.truncate(0)
                _fetch_rest(entry, part, fetch, progress)
            _take_place(entry, part, target)
        return target

    def add(self, file: Path, declaration: str | None = None) -> ModelSpec:
        """The model that `file` is, now copied into the folder: the way without a network.

        A known one is found by its hash. An operator's own comes with its `declaration` (TOML
        with one `[models.NAME]`), whose `sha256` may be left out. `ModelMismatch` if no
        declaration has the file's hash, `Conflict` if the name stands for another file.
        """
        size_bytes = _size_of(file)
        if size_bytes > MAX_MODEL_BYTES:
            raise TooLarge(f"{file}: want {MAX_MODEL_BYTES} bytes at most, got {size_bytes}")
        sha256 = sha256_of(file)
        if declaration is None:
            entry = self._known(sha256, file)
        else:
            entry = parse_declaration(declaration, sha256=sha256)
            self._refuse_taken_name(entry)
        target = self._file(entry.spec)
        with _part_of(target) as part, file.open("rb") as source:
            part.truncate(0)
            shutil.copyfileobj(source, part, _CHUNK)
            if declaration is not None:
                _write_durably(self._declaration_file(entry.spec.name), render_declaration(entry))
            _take_place(entry, part, target)
        return entry.spec

    def _known(self, sha256: str, file: Path) -> CatalogueEntry:
        entry = self.catalogue.by_sha256(sha256)
        if entry is None:
            raise ModelMismatch(
                f"{file}: its SHA-256 {sha256} is no declared model's; "
                "add it with a declaration if it is your own"
            )
        return entry

    def _refuse_taken_name(self, entry: CatalogueEntry) -> None:
        name = entry.spec.name
        if name in self._bundled.entries or name in self._bundled.groups:
            raise Conflict(f"model {name}: CaseTrace declares this name; choose another")
        declared = self._own_entries().get(name)
        if declared is not None and declared.spec.sha256 != entry.spec.sha256:
            raise Conflict(
                f"model {name}: stands for SHA-256 {declared.spec.sha256}, "
                f"got {entry.spec.sha256}; choose another name"
            )

    def _own_entries(self) -> dict[str, CatalogueEntry]:
        return declared_in(self._path)

    def _found(self, spec: ModelSpec) -> Path:
        """Where the model lies, or would: in the package if it came with it, else in the folder."""
        inside = self._in_package(spec)
        return inside if inside.exists() else self._file(spec)

    def _in_package(self, spec: ModelSpec) -> Path:
        return self._inside / f"{spec.name}.onnx"

    def _file(self, spec: ModelSpec) -> Path:
        return self._path / f"{spec.name}-{spec.sha256[:12]}.onnx"

    def _declaration_file(self, name: str) -> Path:
        return self._path / f"{name}.toml"


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256_of_open(file: BufferedRandom) -> str:
    file.flush()
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _check_sha256(entry: CatalogueEntry, got: str, path: Path) -> None:
    if got != entry.spec.sha256:
        raise ModelMismatch(
            f"model {entry.spec.name}: want SHA-256 {entry.spec.sha256}, got {got} ({path.name})"
        )


def _how_to_get(entry: CatalogueEntry) -> str:
    name = entry.spec.name
    if entry.address:
        return f"get it with `casetrace models pull {name}` or `casetrace models add FILE`"
    return "get it with `casetrace models add FILE`"


def _size_of(file: Path) -> int:
    if not file.is_file():
        raise ModelMissing(f"{file}: no such file")
    return file.stat().st_size


@contextmanager
def _part_of(target: Path) -> Iterator[BufferedRandom]:
    """The unfinished file beside `target`; `Busy` while another process changes the folder.

    A full disk while it is open is `StorageFull`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # The lock is a file of its own: the unfinished one changes its name in the end.
    with (target.parent / ".lock").open("ab") as lock, _disk_full_named(target):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"{target.parent}: another process changes it now") from error
        with target.with_name(target.name + ".part").open("a+b") as part:
            yield part


@contextmanager
def _disk_full_named(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StorageFull(f"{target}: no space left for it") from error


def _fetch_rest(
    entry: CatalogueEntry, part: BufferedRandom, fetch: Fetch, progress: Progress | None
) -> bool:
    """Append what is missing in `part`; whether something from before was kept."""
    have_bytes = part.seek(0, os.SEEK_END)
    if have_bytes and have_bytes == entry.size_bytes:
        return True
    limit = entry.size_bytes or MAX_MODEL_BYTES
    with _way_without_network(entry), fetch(entry.address, have_bytes) as download:
        done_bytes = download.start
        part.truncate(done_bytes)
        for chunk in download.chunks:
            done_bytes += len(chunk)
            if done_bytes > limit:
                part.truncate(0)
                raise TooLarge(f"{entry.address}: want {limit} bytes at most, got more")
            part.write(chunk)
            if progress is not None:
                progress(done_bytes, entry.size_bytes)
    if done_bytes < entry.size_bytes:
        raise SourceUnavailable(
            f"{entry.address}: want {entry.size_bytes} bytes, got {done_bytes}; "
            "pull again to go on from there"
        )
    return download.start > 0


@contextmanager
def _way_without_network(entry: CatalogueEntry) -> Iterator[None]:
    """A source that cannot be reached says what to do on a network of one's own."""
    try:
        yield
    except SourceUnavailable as error:
        raise SourceUnavailable(
            f"{error}. Pull again, or without a network bring the file here by other means and "
            f"take it in with `casetrace models add FILE` (SHA-256 {entry.spec.sha256})"
        ) from error


def _take_place(entry: CatalogueEntry, part: BufferedRandom, target: Path) -> None:
    """Give the finished file its name, durably, if its hash is right; else throw it away."""
    sha256 = _sha256_of_open(part)
    unfinished = Path(part.name)
    if sha256 != entry.spec.sha256:
        unfinished.unlink()
        _check_sha256(entry, sha256, unfinished)
    os.fsync(part.fileno())
    unfinished.replace(target)
    _sync_folder(target.parent)


def _write_durably(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
