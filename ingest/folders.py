"""A folder of video files as one camera's pictures, as recorders export them."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from core.clocks import NS, ns_of
from core.errors import InvalidInput, MediaCorrupt, SourceUnavailable
from core.protocols import FrameSource
from core.types import Frame
from ingest.media import reason, summary_of

SUFFIXES = frozenset(
    {
        ".mp4",
        ".m4v",
        ".mov",
        ".3gp",
        ".mkv",
        ".webm",
        ".avi",
        ".ts",
        ".mts",
        ".m2ts",
        ".mpg",
        ".mpeg",
        ".ps",
        ".flv",
        ".h264",
        ".264",
        ".h265",
        ".265",
        ".hevc",
        ".dav",
        ".asf",
        ".wmv",
        ".ivf",
    }
)


@dataclass(frozen=True, slots=True)
class TimedFile:
    """A video file and the instant of its first picture."""

    path: Path
    start_ns: int


def videos_in(folder: Path) -> list[Path]:
    """The folder's video files in name order, numbers by value; `SourceUnavailable` if none."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise SourceUnavailable(f"{folder.name}: {reason(error)}") from error
    if not found:
        raise SourceUnavailable(f"{folder.name}: no video file in it")
    return sorted(found, key=lambda path: _by_value(path.name))


def back_to_back(folder: Path, start_ns: int) -> list[TimedFile]:
    """The folder's files, each beginning where the one before ends.

    A file that cannot be read, or does not say how long it is, raises `MediaCorrupt`: the times of
    all after it would be wrong.
    """
    files = []
    for path in videos_in(folder):
        files.append(TimedFile(path, start_ns))
        duration_s = summary_of(path).duration_s
        if not duration_s:
            raise MediaCorrupt(f"{path.name}: does not say how long it is; name its start instead")
        start_ns += ns_of(duration_s)
    return files


def named_by_time(folder: Path, pattern: str, zone: tzinfo) -> list[TimedFile]:
    """The folder's files with the times that their names say, earliest first.

    `pattern` is strptime's, for the whole name without its ending; `zone` holds where the pattern
    has no `%z`.
    """
    files = [TimedFile(path, _time_in(path, pattern, zone)) for path in videos_in(folder)]
    return sorted(files, key=lambda file: file.start_ns)


class FolderSource:
    """Files one after the other; a broken one does not stop those after it, but is said at the end.

    `open_file` makes the source of one file. Each file has epochs of its own.
    """

    def __init__(
        self,
        camera_id: int,
        files: Sequence[TimedFile],
        open_file: Callable[[TimedFile], FrameSource],
    ) -> None:
        self._camera_id = camera_id
        self._files = files
        self._open_file = open_file
        self._current: FrameSource | None = None
        self._closed = threading.Event()

    @property
    def camera_id(self) -> int:
        return self._camera_id

    def close(self) -> None:
        self._closed.set()
        if (current := self._current) is not None:
            current.close()

    def __iter__(self) -> Iterator[Frame]:
        broken = []
        for file in self._files:
            self._current = self._open_file(file)
            if self._closed.is_set():
                return
            try:
                yield from self._current
            except MediaCorrupt as error:
                broken.append(str(error))
        if broken:
            raise MediaCorrupt("; ".join(broken))


def _time_in(path: Path, pattern: str, zone: tzinfo) -> int:
    try:
        moment = datetime.strptime(path.stem, pattern)
    except ValueError as error:
        raise InvalidInput(f"{path.name}: want a name like {pattern!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * NS + moment.microsecond * 1000


def _by_value(name: str) -> list[tuple[int, str]]:
    """`cam2` before `cam10`."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
