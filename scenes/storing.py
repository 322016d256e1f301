"""Files that are there whole or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from core.errors import StorageError, StorageFull

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A name to write `path` under: renamed to it at the end, deleted if anything failed.

    Raises `StorageFull` if the disk is, `StorageError` if it cannot be written otherwise.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        with stored(path):
            yield draft
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def stored(path: Path) -> Iterator[None]:
    """Translates what fails while `path` is written."""
    try:
        yield
    except (OSError, av.error.FFmpegError) as error:
        if error.errno in _FULL:
            raise StorageFull(f"{path}: no room left on the disk") from error
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
