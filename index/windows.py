"""A scope as arrays, less what was erased."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from core.arrays import I64, Bool
from core.types import Scope, TimeSpan, without
from index.tombstones import Erased

Windows = Sequence[tuple[int, int, int]]
"""Camera, start and end of what may be read, none overlapping."""


def windows(scope: Scope, erased: Erased) -> Windows:
    """The spans of `scope` without the erased ones."""
    if not erased:
        return [(part.camera_id, part.span.start_ns, part.span.end_ns) for part in scope.spans]
    return [
        (part.camera_id, left.start_ns, left.end_ns)
        for part in scope.spans
        for left in without(part.span, erased.get(part.camera_id, ()))
    ]


def scope_key(windows: Windows) -> bytes:
    """The same for the same windows, and for no others."""
    return blake2b(np.array(windows, np.int64).tobytes(), digest_size=16).digest()


def erased_rows(camera_ids: I64, device_ns: I64, erased: Erased) -> Bool:
    """Which rows lie in an erased span, (N,)."""
    gone = np.zeros(len(camera_ids), np.bool_)
    if not erased:
        return gone
    for camera_id in erased.keys() & set(np.unique(camera_ids).tolist()):
        own = np.flatnonzero(camera_ids == camera_id)
        for span in erased[camera_id]:
            gone[own] |= _inside(device_ns[own], span)
    return gone


def _inside(device_ns: I64, span: TimeSpan) -> Bool:
    return np.asarray((span.start_ns <= device_ns) & (device_ns < span.end_ns))
