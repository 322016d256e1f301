"""Films are kept: made once, whole or not at all, and never taken for another's."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import scenes
from core.errors import StorageError, StorageFull
from core.runtime.models import sha256_of
from pipeline.demo.footprint import Share
from pipeline.demo.studio import Filming
from scenes.city import City

_LIST = "film.json"
_DRAFT = ".filming-"
_MB_PER_CAMERA_MINUTE = 24  # rain and crowds in large pictures come to about that
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def default_cache() -> Path:
    """Where films are kept, as XDG says."""
    stated = os.environ.get("XDG_CACHE_HOME")
    return (Path(stated) if stated else Path.home() / ".cache") / "casetrace" / "demo"


def filmed(city: City, cache: Path, filming: Filming, share: Share) -> Path:
    """The folder with the city's film, made now unless it is there already.

    A film that was broken off leaves nothing. Another demo that films in the same cache is waited
    for. Raises `StorageFull` when the disk is, or would be.
    """
    folder = cache / _name(city)
    with _alone(cache):
        if _is_whole(folder):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        for left in cache.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
        _check_space(cache, city)
        with _storage_errors(cache), TemporaryDirectory(prefix=_DRAFT, dir=cache) as draft:
            made = Path(draft) / folder.name
            made.mkdir()
            filming(city, made, share)
            _write_list(made)
            made.rename(folder)
    return folder


def scenes_digest() -> str:
    """Twelve digits that change with any line of `scenes`: its films are no longer these."""
    whole = hashlib.sha256()
    for file in sorted(Path(scenes.__file__).parent.glob("*.py")):
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()[:12]


def _name(city: City) -> str:
    """Says what would make it another film."""
    size = f"{len(city.cameras)}x{city.seconds:g}s"
    return f"{city.seed}-{size}-{city.light}-{city.weather}-{scenes_digest()}"


def _write_list(folder: Path) -> None:
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    (folder / _LIST).write_text(json.dumps(files, indent=1), "utf-8")


def _is_whole(folder: Path) -> bool:
    """Whether every file is there as it was written."""
    try:
        files = json.loads((folder / _LIST).read_text("utf-8"))
        return bool(files) and all(sha256_of(folder / name) == kept for name, kept in files.items())
    except (OSError, ValueError, AttributeError):
        return False


def _check_space(cache: Path, city: City) -> None:
    wanted_mb = max(1, round(_MB_PER_CAMERA_MINUTE * len(city.cameras) * city.seconds / 60))
    free_mb = shutil.disk_usage(cache).free >> 20
    if free_mb < wanted_mb:
        raise StorageFull(
            f"{cache}: want {wanted_mb} MB free for the film, got {free_mb}; free some, or choose "
            "another folder with --cache"
        )


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Nobody else films in that cache meanwhile."""
    with _storage_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / ".lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _storage_errors(cache: Path) -> Iterator[None]:
    """What the disk says, in our words, with the option that helps."""
    try:
        yield
    except StorageFull as error:
        raise StorageFull(f"{error}; choose another folder with --cache") from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"{cache}: the disk is full ({error.strerror}); free some, or choose another "
                "folder with --cache"
            ) from error
        raise StorageError(
            f"{cache}: cannot be written ({error.strerror}); choose another folder with --cache"
        ) from error
