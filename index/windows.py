"""A scope as arrays, less what was erased."""

from dataclasses import dataclass

import numpy as np

from core.arrays import I64, Bool
from core.types import Scope, TimeSpan, without
from index.tombstones import Erased


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Spans that may be read, none overlapping: all (S,)."""

    camera_ids: I64
    start_ns: I64
    end_ns: I64

    def __len__(self) -> int:
        return len(self.camera_ids)


def windows(scope: Scope, erased: Erased) -> Windows:
    """The spans of `scope` without the erased ones."""
    spans = [(part.camera_id, part.span) for part in scope.spans]
    if erased:
        spans = [
            (camera_id, left)
            for camera_id, span in spans
            for left in (without(span, erased[camera_id]) if camera_id in erased else (span,))
        ]
    count = len(spans)
    return Windows(
        np.fromiter((camera_id for camera_id, _ in spans), np.int64, count),
        np.fromiter((span.start_ns for _, span in spans), np.int64, count),
        np.fromiter((span.end_ns for _, span in spans), np.int64, count),
    )


def erased_rows(camera_ids: I64, device_ns: I64, erased: Erased) -> Bool:
    """Which rows lie in an erased span, (N,)."""
    gone = np.zeros(len(camera_ids), np.bool_)
    for camera_id, spans in erased.items():
        own = np.flatnonzero(camera_ids == camera_id)
        for span in spans if len(own) else ():
            gone[own] |= _inside(device_ns[own], span)
    return gone


def _inside(device_ns: I64, span: TimeSpan) -> Bool:
    return np.asarray((span.start_ns <= device_ns) & (device_ns < span.end_ns))
