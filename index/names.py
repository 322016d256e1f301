"""Names of the files that hold vectors, and which file makes void which.

    <root>/<family>/<model>/<hour>-<writer>-<serial>.open
    <root>/<family>/<model>/<hour>-<writer>-<first>-<last>-<generation>.seg

An index of plates has one family, `plates`, and its model is the way readings are packed.

`hour` counts from 1970 in device time. A writer numbers its open segments of an hour; a sealed one
covers the serials `first` to `last` and makes void every file that it covers. So whatever step a
crash comes between, each row counts once. A name is never used again for other rows: where no file
of an hour is left, the serials begin anew at a random number.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.clocks import HOUR_NS
from core.errors import InvalidInput
from core.types import Family

_OPEN_NAME = re.compile(r"(-?\d{1,8})-(\d{1,6})-(\d{1,15})\.open", re.ASCII)
_SEALED_NAME = re.compile(r"(-?\d{1,8})-(\d{1,6})-(\d{1,15})-(\d{1,15})-(\d{1,9})\.seg", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class SegmentName:
    """Which rows a file holds: an hour, a writer and its serials `first` to `last`.

    `generation` 0 is the open file; each rewriting counts one up.
    """

    hour: int
    writer: int
    first: int
    last: int
    generation: int

    @property
    def filename(self) -> str:
        if not self.generation:
            return f"{self.hour}-{self.writer}-{self.first}.open"
        return f"{self.hour}-{self.writer}-{self.first}-{self.last}-{self.generation}.seg"

    @property
    def group(self) -> tuple[int, int]:
        """The hour and writer, within which serials are compared."""
        return self.hour, self.writer

    @property
    def end_ns(self) -> int:
        """Device time just past its hour."""
        return (self.hour + 1) * HOUR_NS

    def voids(self, other: "SegmentName") -> bool:
        """Whether every row of `other` that still counts lies in this one too."""
        covers = self.group == other.group and self.first <= other.first <= other.last <= self.last
        if not covers or self == other:
            return False
        return (self.first, self.last) != (other.first, other.last) or (
            self.generation > other.generation
        )


def parsed_name(filename: str) -> SegmentName | None:
    """The name of a segment's file; None for any other file."""
    if found := _OPEN_NAME.fullmatch(filename):
        hour, writer, serial = map(int, found.groups())
        return SegmentName(hour, writer, serial, serial, 0)
    if found := _SEALED_NAME.fullmatch(filename):
        return SegmentName(*map(int, found.groups()))
    return None


def valid_names(names: Iterable[SegmentName]) -> list[SegmentName]:
    """Those that no other one voids, ascending."""
    groups: dict[tuple[int, int], list[SegmentName]] = {}
    for name in names:
        groups.setdefault(name.group, []).append(name)
    return sorted(
        name
        for group in groups.values()
        for name in group
        if len(group) == 1 or not any(other.voids(name) for other in group)
    )


def next_serial(names: Iterable[SegmentName], hour: int, writer: int) -> int:
    """The serial of a writer's next open segment of an hour, given all its files of it."""
    taken = [name.last for name in names if name.group == (hour, writer)]
    return max(taken) + 1 if taken else secrets.randbelow(1 << 40)


def gallery_directory(root: Path, family: Family, model: str) -> Path:
    """Where the segments of one family and model lie; the model's key cannot leave `root`."""
    name = quote(model, safe="@+")
    if not name.strip(".") or len(name) > 200:
        raise InvalidInput(f"model: want a key such as name@0123456789ab, got {model!r}")
    return root / family.value / name
