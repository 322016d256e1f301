"""What of an asked scope was not searched: only a positive record that it was looked at counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from core.clocks import NS, ns_of, s_of
from core.types import (
    Activity,
    ActivityKind,
    Camera,
    CameraSpan,
    Coverage,
    TimeSpan,
    merged,
    without,
)

NEVER = "never looked at"
NO_CAMERA = "camera deleted"
NO_TIME = "clock stepped over it"

# Pictures are looked at a few times a second, and a record ends with its last look: two records
# closer than this leave nothing out. Own assumption, a second.
ONE_LOOK_NS = NS

# What speaks against a span, strongest first. A gap in the footage (UNRECORDED) does not: the
# pictures were looked at, they are just not kept.
_AGAINST = (ActivityKind.ERASED, ActivityKind.OUTAGE, ActivityKind.SHED)
# Why a span has no record of being looked at; the first that overlaps names it.
_REASONS = (*_AGAINST, ActivityKind.UNRECORDED)

_Missing = tuple[TimeSpan, str]


def coverage_of(
    asked: Iterable[CameraSpan],
    cameras: Mapping[int, Camera],
    activities: Iterable[Activity],
) -> Coverage:
    """What of `asked` (UTC, not overlapping) was not searched, per camera in time order.

    `activities` are in device time, as stored; each camera's clock history is applied here. A
    span counts as searched only where it was ANALYSED and neither erased since, nor without
    pictures, nor thinned out under load. A camera missing from `cameras` was deleted.
    """
    happened = _by_camera(activities)
    missing: list[tuple[CameraSpan, str]] = []
    asked_ns = missed_ns = 0
    for part in asked:
        camera = cameras.get(part.camera_id)
        lost = (
            _lost(part.span, camera, happened.get(part.camera_id, []))
            if camera
            else [(part.span, NO_CAMERA)]
        )
        missing.extend((CameraSpan(part.camera_id, span), why) for span, why in lost)
        asked_ns += part.span.end_ns - part.span.start_ns
        missed_ns += sum(span.end_ns - span.start_ns for span in merged(s for s, _ in lost))
    return Coverage(tuple(missing), s_of(asked_ns), s_of(asked_ns - missed_ns))


def _by_camera(activities: Iterable[Activity]) -> dict[int, list[Activity]]:
    groups: dict[int, list[Activity]] = defaultdict(list)
    for activity in activities:
        groups[activity.camera_id].append(activity)
    return groups


def _lost(utc: TimeSpan, camera: Camera, activities: Sequence[Activity]) -> list[_Missing]:
    """The parts of `utc` that were not searched, ascending, each with its reason."""
    lost: list[_Missing] = []
    reached: list[TimeSpan] = []
    for device in camera.device_spans(utc):
        ahead_ns = ns_of(camera.correction_at(device.start_ns).offset_s)
        reached.append(device.shifted(-ahead_ns))
        lost += [(span.shifted(-ahead_ns), why) for span, why in _unseen(device, activities)]
    lost += [(span, NO_TIME) for span in without(utc, reached)]
    return _joined(lost)


def _unseen(device: TimeSpan, activities: Iterable[Activity]) -> list[_Missing]:
    """The parts of a device span without a good record, cut where the reason changes."""
    near: dict[ActivityKind, list[TimeSpan]] = defaultdict(list)
    for activity in activities:
        inside = device.covers(activity.span)
        if cut := activity.span if inside else activity.span.intersection(device):
            near[activity.kind].append(cut)
    against = merged(span for kind in _AGAINST for span in near.get(kind, ()))
    seen = _minus(_bridged(near.get(ActivityKind.ANALYSED, ())), against)
    left = without(device, seen)
    unseen: list[_Missing] = []
    for reason in _REASONS:
        if reason in near and left:
            spans = merged(near[reason])
            unseen += [(cut, reason.value) for cut in _both(left, spans)]
            left = _minus(left, spans)
    return unseen + [(span, NEVER) for span in left]


def _bridged(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Records of looking, merged, with the time from one look to the next filled in."""
    joined: list[tuple[int, int]] = []  # not spans: there are many records and few gaps
    for start_ns, end_ns in sorted((span.start_ns, span.end_ns) for span in spans):
        if joined and start_ns - joined[-1][1] <= ONE_LOOK_NS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_ns))
        else:
            joined.append((start_ns, end_ns))
    return [TimeSpan(start_ns, end_ns) for start_ns, end_ns in joined]


def _both(a: Sequence[TimeSpan], b: Sequence[TimeSpan]) -> list[TimeSpan]:
    """What two ascending lists share, in one pass."""
    shared, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if cut := a[i].intersection(b[j]):
            shared.append(cut)
        if a[i].end_ns < b[j].end_ns:
            i += 1
        else:
            j += 1
    return shared


def _minus(a: Sequence[TimeSpan], b: Sequence[TimeSpan]) -> list[TimeSpan]:
    """What of `a` is not in `b`; both ascending without overlaps, one pass."""
    left: list[TimeSpan] = []
    j = 0
    for span in a:
        start = span.start_ns
        while j < len(b) and b[j].end_ns <= start:
            j += 1
        while j < len(b) and b[j].start_ns < span.end_ns:
            if start < b[j].start_ns:
                left.append(TimeSpan(start, b[j].start_ns))
            start = max(start, b[j].end_ns)
            if b[j].end_ns > span.end_ns:
                break  # it may reach into the next span too
            j += 1
        if start < span.end_ns:
            left.append(TimeSpan(start, span.end_ns))
    return left


def _joined(lost: Iterable[_Missing]) -> list[_Missing]:
    """Touching spans of one reason as one, by time."""
    by_reason = sorted(lost, key=lambda item: item[1])
    joined = [
        (span, why)
        for why, group in groupby(by_reason, key=lambda item: item[1])
        for span in merged(span for span, _ in group)
    ]
    return sorted(joined)
