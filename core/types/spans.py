"""Half-open intervals of time, and the authority to read within some of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from core.clocks import format_utc, s_of
from core.errors import InvalidInput


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """From `start_ns` up to, and without, `end_ns`."""

    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        if self.start_ns >= self.end_ns:
            raise InvalidInput(f"span: want start before end, got {self.start_ns} to {self.end_ns}")

    def __str__(self) -> str:
        return f"{format_utc(self.start_ns)} to {format_utc(self.end_ns)}"

    @property
    def duration_s(self) -> float:
        return s_of(self.end_ns - self.start_ns)

    def holds(self, at_ns: int) -> bool:
        """Whether the instant lies inside."""
        return self.start_ns <= at_ns < self.end_ns

    def covers(self, other: "TimeSpan") -> bool:
        """Whether all of `other` lies inside."""
        return self.start_ns <= other.start_ns and other.end_ns <= self.end_ns

    def overlaps(self, other: "TimeSpan") -> bool:
        """Whether the two share an instant."""
        return self.start_ns < other.end_ns and other.start_ns < self.end_ns

    def intersection(self, other: "TimeSpan") -> "TimeSpan | None":
        """What the two share, or None."""
        start, end = max(self.start_ns, other.start_ns), min(self.end_ns, other.end_ns)
        return TimeSpan(start, end) if start < end else None

    def shifted(self, by_ns: int) -> "TimeSpan":
        """The same length, `by_ns` later."""
        return TimeSpan(self.start_ns + by_ns, self.end_ns + by_ns)


def merged(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """The same instants as few spans as possible, ascending; touching ones become one."""
    joined: list[TimeSpan] = []
    for span in sorted(spans):
        if joined and span.start_ns <= joined[-1].end_ns:
            last = joined.pop()
            span = TimeSpan(last.start_ns, max(last.end_ns, span.end_ns))
        joined.append(span)
    return joined


def without(whole: TimeSpan, parts: Iterable[TimeSpan]) -> list[TimeSpan]:
    """What of `whole` lies in none of `parts`, ascending."""
    left, start = [], whole.start_ns
    for part in merged(parts):
        if part.start_ns > start and start < whole.end_ns:
            left.append(TimeSpan(start, min(part.start_ns, whole.end_ns)))
        start = max(start, part.end_ns)
    if start < whole.end_ns:
        left.append(TimeSpan(start, whole.end_ns))
    return left


@dataclass(frozen=True, slots=True)
class CameraSpan:
    """One camera over one interval."""

    camera_id: int
    span: TimeSpan


@dataclass(frozen=True, slots=True)
class Scope:
    """What one actor may read for one case, right now.

    Only `cases/reading.py` makes one. `spans` are in each camera's device time (the door has
    already applied the clock history), sorted by camera and time and not overlapping, so that
    stores compare raw stored times. The door makes it after its audit entry is durable.
    """

    case_id: int
    case_version: int
    actor: int
    spans: tuple[CameraSpan, ...]
    expires_ns: int

    def by_camera(self) -> Iterator[tuple[int, list[TimeSpan]]]:
        """Each camera with its spans, both ascending."""
        for camera_id, group in groupby(self.spans, key=lambda part: part.camera_id):
            yield camera_id, [part.span for part in group]

    def holds(self, camera_id: int, device_ns: int) -> bool:
        """Whether that instant of that camera may be read."""
        return any(
            part.camera_id == camera_id and part.span.holds(device_ns) for part in self.spans
        )
