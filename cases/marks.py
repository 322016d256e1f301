"""How much passed each camera and when: marks for a time line, without a picture or a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cases.answers import Passage
from core.arrays import I64, Bool
from core.clocks import NS, ns_of
from core.errors import InvalidInput, TooLarge
from core.types import Coverage, Family, ObjectClass, Passings, TimeSpan

USUAL_BUCKETS = 240
"""How many buckets a span is cut into where nobody says; whole seconds each."""

MAX_BUCKETS = 2000
MAX_MARKS = 200_000
"""Buckets times cameras in one answer: more than a page can draw."""

_FAMILY_OF = np.array([list(Family).index(c.family) for c in ObjectClass])


@dataclass(frozen=True, slots=True, eq=False)
class CameraMarks:
    """Tracklets of one camera seen in each bucket (B,), by family; a family without any is out."""

    camera_id: int
    seen: Mapping[Family, I64]


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Each camera's marks, by id. Bucket b is the `bucket_ns` from `span.start_ns` + b of them.

    A tracklet counts in every bucket that it was there in, so sums say more than there were.
    """

    span: TimeSpan
    bucket_ns: int
    buckets: int
    cameras: tuple[CameraMarks, ...]
    coverage: Coverage


def bucket_of(span: TimeSpan, bucket_s: float | None, *, cameras: int) -> int:
    """Nanoseconds of a bucket; by default so many that about 240 cover the span.

    `TooLarge` for more marks than one answer may have.
    """
    length_ns = span.end_ns - span.start_ns
    if bucket_s is None:
        return max(1, -(-length_ns // (USUAL_BUCKETS * NS))) * NS
    bucket_ns = ns_of(bucket_s)
    if bucket_ns <= 0:
        raise InvalidInput(f"bucket_s: want more than 0, got {bucket_s}")
    buckets = -(-length_ns // bucket_ns)
    most = min(MAX_BUCKETS, MAX_MARKS // max(1, cameras))
    if buckets > most:
        raise TooLarge(f"activity: want at most {most} buckets of {cameras} cameras, got {buckets}")
    return bucket_ns


def whole_of(passage: Passage) -> TimeSpan:
    """From the first asked instant to the last."""
    spans = [part.span for part in passage.asked]
    if not spans:
        raise InvalidInput("activity: want a span of some granted camera, got none")
    return TimeSpan(min(span.start_ns for span in spans), max(span.end_ns for span in spans))


def marks_of(
    passage: Passage, passings: Passings, coverage: Coverage, bucket_s: float | None
) -> Marks:
    """Passings by camera, family and bucket; buckets without an asked instant stay empty."""
    span = whole_of(passage)
    by_camera: dict[int, list[TimeSpan]] = {}
    for part in passage.asked:
        by_camera.setdefault(part.camera_id, []).append(part.span)
    bucket_ns = bucket_of(span, bucket_s, cameras=len(by_camera))
    line = _Line(span.start_ns, bucket_ns, -(-(span.end_ns - span.start_ns) // bucket_ns))
    seen = _seen(passage, passings, line, list(by_camera))
    cameras = [
        CameraMarks(camera_id, _by_family(counts * line.touched(by_camera[camera_id])))
        for camera_id, counts in zip(by_camera, seen, strict=True)
    ]
    return Marks(span, bucket_ns, line.buckets, tuple(cameras), coverage)


@dataclass(frozen=True, slots=True)
class _Line:
    start_ns: int
    bucket_ns: int
    buckets: int

    def rows(self, at_ns: I64) -> I64:
        """The bucket of each instant (N,), the first or last for one outside."""
        return np.clip((at_ns - self.start_ns) // self.bucket_ns, 0, self.buckets - 1)

    def touched(self, spans: Iterable[TimeSpan]) -> Bool:
        """Which buckets (B,) share an instant with a span."""
        touched = np.zeros(self.buckets, np.bool_)
        for span in spans:
            first, last = self.rows(np.array([span.start_ns, span.end_ns - 1])).tolist()
            touched[first : last + 1] = True
        return touched


def _seen(passage: Passage, passings: Passings, line: _Line, camera_ids: Sequence[int]) -> I64:
    """Tracklets by camera, family and bucket, (C, F, B)."""
    start_ns, end_ns = passage.utc_ends(passings)
    shape = (len(camera_ids), len(Family), line.buckets + 1)
    steps = np.zeros(shape, np.int64)
    known = np.array(camera_ids, np.int64)  # ascending, as `asked` is
    cameras = np.searchsorted(known, passings.camera_ids)
    families = _FAMILY_OF[passings.class_ids]
    np.add.at(steps, (cameras, families, line.rows(start_ns)), 1)
    np.add.at(steps, (cameras, families, line.rows(end_ns - 1) + 1), -1)
    return np.asarray(steps.cumsum(axis=2)[:, :, :-1])


def _by_family(counts: I64) -> dict[Family, I64]:
    families = zip(Family, counts, strict=True)
    return {family: row for family, row in families if row.any()}
