"""Boxes over time of one camera to live tracks, at a cadence that may vary.

After ByteTrack (Zhang et al., "ByteTrack: Multi-object tracking by associating every detection
box", ECCV 2022, arXiv 2110.06864): confident boxes are matched first, doubtful ones then keep what
is left alive, and only confident ones begin a track. Three things differ, because streets are
looked at 3 to 8 times a second rather than 30: time is seconds, not frames; boxes are compared
with a margin that grows with the filter's own doubt; and a track that missed a look may come back
by a doubtful box too.
"""

from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from core.arrays import F32, F64, I64, Bool
from core.clocks import ns_of, s_of
from core.errors import InvalidInput
from core.types import Detections, Family, ObjectClass
from tracking.association import Pairs, best_pairs, padded_iou
from tracking.kalman import KalmanTracks, Motion, no_tracks

_FAMILIES = list(Family)
_FAMILY_OF = np.array([_FAMILIES.index(c.family) for c in ObjectClass], np.int64)
# Own heights a second against a walker's: a bicycle does 5 m/s, a car of 1.5 m height 12 m/s.
_PACE = np.array([{"person": 1.0, "rider": 3.0, "vehicle": 8.0}[f] for f in _FAMILIES])


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """When boxes count, how near they must be, and how long a track waits.

    Confidences are the detector's. `pad_*` is the margin at comparing: a share of the track's own
    sides plus so many standard deviations of its predicted place, at most `pad_most` of its sides.
    """

    low: float = 0.1  # under this a box is not even used to keep a track alive
    high: float = 0.35  # from here on a box is matched first
    new: float = 0.4  # from here on an unmatched box begins a track
    sure: float = 0.7  # ... which is confirmed at once
    hits: int = 2  # looks that confirm a track otherwise
    silence_s: float = 2.0  # a walker passes behind a parked van in less
    unconfirmed_silence_s: float = 0.7
    least_iou: float = 0.2
    pad_share: float = 0.1
    pad_sigmas: float = 1.0
    pad_most: float = 0.5
    motion: Motion = field(default_factory=Motion)

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= self.new:
            raise InvalidInput(
                f"tracker: want 0 <= low <= high <= new, got {self.low}, {self.high}, {self.new}"
            )
        if min(self.silence_s, self.unconfirmed_silence_s) <= 0 or self.hits < 1:
            raise InvalidInput("tracker: want silences over 0 s and 1 hit or more")
        if not 0 < self.least_iou <= 1:
            raise InvalidInput(f"least_iou: want over 0, at most 1, got {self.least_iou}")


@dataclass(frozen=True, slots=True, eq=False)
class Association:
    """What one look did: `track` (N,) of each box, -1 for none; whether that track is `confirmed`
    (N,); and the tracks that `ended` (E,) by silence."""

    track: I64
    confirmed: Bool
    ended: I64


@dataclass(slots=True)
class _Live:
    """All live tracks as columns (K,). `silent_since_ns` leaves out the time that was coasted."""

    motion: KalmanTracks
    number: I64
    family: I64
    hits: I64
    confirmed: Bool
    silent_since_ns: I64

    def taken(self, rows: Bool) -> Self:
        columns = (getattr(self, f.name)[rows] for f in fields(self)[1:])
        return type(self)(self.motion.taken(rows), *columns)

    def joined(self, other: Self) -> Self:
        columns = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self)[1:])
        return type(self)(self.motion.joined(other.motion), *map(np.concatenate, columns))


def _none_live() -> _Live:
    none = np.empty(0, np.int64)
    return _Live(no_tracks(), none, none, none, np.empty(0, bool), none)


class ByteTracker:
    """A `Tracker` of one camera. Track numbers count up from 0 and are never used again."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._live = _none_live()
        self._next = 0
        self._now_ns: int | None = None

    def __len__(self) -> int:
        """How many tracks live, confirmed or not."""
        return len(self._live.number)

    def update(self, device_ns: int, detections: Detections) -> I64:
        """The confirmed track of each box (N,), -1 for none yet."""
        look = self.associate(device_ns, detections)
        return np.where(look.confirmed, look.track, -1)

    def associate(self, device_ns: int, detections: Detections) -> Association:
        """Take one frame's boxes; also tells of unconfirmed tracks and of those that ended.

        `InvalidInput` for boxes of several frames or a time that does not advance.
        """
        if len(detections) and detections.frame_index[0] != detections.frame_index[-1]:
            raise InvalidInput("detections: want those of one frame")
        self._advance(device_ns)
        ended = self._drop(self._silent(device_ns, self._settings.silence_s))
        family = _FAMILY_OF[detections.class_id]
        rows, columns = self._matched(detections, family)
        self._found(rows, detections.xyxy[columns], device_ns)
        row_of = np.full(len(detections), -1, np.int64)
        row_of[columns] = rows
        free = np.flatnonzero((row_of < 0) & (detections.confidence >= self._settings.new))
        row_of[free] = self._begin(detections, free, family[free], device_ns)
        taken = row_of >= 0
        track, confirmed = np.full(len(row_of), -1, np.int64), np.zeros(len(row_of), bool)
        track[taken] = self._live.number[row_of[taken]]
        confirmed[taken] = self._live.confirmed[row_of[taken]]
        doubtful = self._silent(device_ns, self._settings.unconfirmed_silence_s)
        ended += self._drop(doubtful & ~self._live.confirmed)
        return Association(track, confirmed, np.array(ended, np.int64))

    def coast(self, device_ns: int) -> None:
        """Nothing moved since the last look: everyone stays where they are and nobody ages."""
        passed_ns = self._elapsed_ns(device_ns)
        self._live.silent_since_ns = self._live.silent_since_ns + passed_ns
        self._live.motion.rest(self._settings.motion)

    def reset(self) -> None:
        """The time line broke: forget all tracks."""
        self._live = _none_live()
        self._now_ns = None

    def _advance(self, device_ns: int) -> None:
        passed_s = s_of(self._elapsed_ns(device_ns))
        self._live.motion.predict(passed_s, self._settings.motion)

    def _elapsed_ns(self, device_ns: int) -> int:
        """Time since the last call, which becomes now."""
        before_ns = self._now_ns
        if before_ns is not None and device_ns <= before_ns:
            raise InvalidInput(f"device_ns: want later than {before_ns}, got {device_ns}")
        self._now_ns = device_ns
        return 0 if before_ns is None else device_ns - before_ns

    def _silent(self, device_ns: int, longest_s: float) -> Bool:
        return device_ns - self._live.silent_since_ns > ns_of(longest_s)

    def _drop(self, rows: Bool) -> list[int]:
        """End the live tracks in `rows`; their numbers."""
        if not rows.any():
            return []
        ended: list[int] = self._live.number[rows].tolist()
        self._live = self._live.taken(~rows)
        return ended

    def _matched(self, detections: Detections, family: I64) -> Pairs:
        """Live rows and box columns that belong together, by three rounds."""
        settings, live = self._settings, self._live
        alike = self._similarity(detections.xyxy)
        alike[live.family[:, None] != family[None, :]] = 0
        high = detections.confidence >= settings.high
        low = ~high & (detections.confidence >= settings.low)
        free_rows, free_columns = np.ones(len(live.number), bool), np.ones(len(detections), bool)
        pairs: list[Pairs] = []
        # Unconfirmed tracks come last: a flicker must not take the box of someone known.
        rounds = ((live.confirmed, high), (live.confirmed, low), (~live.confirmed, high))
        for tracks, boxes in rounds:
            rows, columns = np.flatnonzero(tracks & free_rows), np.flatnonzero(boxes & free_columns)
            i, j = best_pairs(alike[np.ix_(rows, columns)], settings.least_iou)
            free_rows[rows[i]], free_columns[columns[j]] = False, False
            pairs.append((rows[i], columns[j]))
        return np.concatenate([r for r, _ in pairs]), np.concatenate([c for _, c in pairs])

    def _similarity(self, xyxy: F32) -> F64:
        settings, motion = self._settings, self._live.motion
        sides = motion.place[:, 2:]
        doubt = settings.pad_share * sides + settings.pad_sigmas * np.sqrt(motion.pp[:, :2])
        return padded_iou(motion.boxes(), xyxy, np.minimum(doubt, settings.pad_most * sides))

    def _found(self, rows: I64, xyxy: F32, device_ns: int) -> None:
        live = self._live
        live.motion.correct(rows, xyxy, self._settings.motion)
        live.hits[rows] += 1
        live.silent_since_ns[rows] = device_ns
        live.confirmed[rows] |= live.hits[rows] >= self._settings.hits

    def _begin(self, detections: Detections, columns: I64, family: I64, device_ns: int) -> I64:
        """Live rows of new tracks, one for each box in `columns`."""
        count, first = len(columns), len(self._live.number)
        if not count:
            return columns
        sure = detections.confidence[columns] >= self._settings.sure
        motion = self._settings.motion
        fresh = _Live(
            KalmanTracks.started(detections.xyxy[columns], _PACE[family], motion),
            np.arange(self._next, self._next + count, dtype=np.int64),
            family,
            np.ones(count, np.int64),
            sure | (self._settings.hits == 1),
            np.full(count, device_ns, np.int64),
        )
        self._next += count
        self._live = self._live.joined(fresh)
        return np.arange(first, first + count)
