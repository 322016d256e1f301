"""Boxes over time of one camera to live tracks, at a cadence that may vary.

After ByteTrack (Zhang et al., "ByteTrack: Multi-object tracking by associating every detection
box", ECCV 2022, arXiv 2110.06864): confident boxes are matched first, doubtful ones then keep what
is left alive, and only confident ones begin a track. Some things differ, because streets are looked
at 3 to 8 times a second rather than 30: time is seconds, not frames; boxes are compared with a
margin that grows with the filter's own doubt, and by their colours where those are given; a box
that a better one of its kind mostly covers is left out; and a track that missed a look may come
back by a doubtful box too.
"""

from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from core.arrays import F32, F64, I64, Bool
from core.clocks import ns_of, s_of
from core.errors import InvalidInput
from core.geometry import areas, iou
from core.types import Detections, Family, ObjectClass
from tracking.association import Pairs, best_pairs, padded_iou
from tracking.colours import colour_distances
from tracking.kalman import KalmanTracks, Motion, no_tracks

_FAMILIES = list(Family)
_FAMILY_OF = np.array([_FAMILIES.index(c.family) for c in ObjectClass], np.int64)
# Own heights a second against a walker's: a bicycle does 5 m/s, a car of 1.5 m height 12 m/s.
_PACE = np.array([{"person": 1.0, "rider": 3.0, "vehicle": 8.0}[f] for f in _FAMILIES])
_RIDER = _FAMILIES.index(Family.RIDER)
_APART, _LEAST_APART = 0.25, 0.02  # colours of two boxes of one look, as long as nothing is known
_APART_GAIN = 0.05  # a look's share in it
_STANDS_IOU = 0.7  # of its first box with where a track is now: it is where it began
_LEFT_IOU = 0.4  # ... it went away


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """When boxes count, how near they must be, and how long a track waits.

    Confidences are the detector's. `pad_*` is the margin at comparing: a share of the track's own
    sides plus so many standard deviations of its predicted place, at most `pad_most` of its sides.
    Colours (`tracking.colours`) are compared in units of how far apart those of one look usually
    are, for in fog all are alike: from `colour_free` on they lessen the overlap, to 1/e for every
    `colour_scale`.
    """

    low: float = 0.1  # under this a box is not even used to keep a track alive
    high: float = 0.35  # from here on a box is matched first
    new: float = 0.4  # from here on an unmatched box begins a track
    sure: float = 0.7  # ... which is confirmed at once
    hits: int = 2  # looks that confirm a track otherwise
    silence_s: float = 3.0  # a walker passes behind a parked van in less
    unconfirmed_silence_s: float = 0.7
    least_iou: float = 0.2
    pad_share: float = 0.1
    pad_sigmas: float = 1.0
    pad_most: float = 0.5
    twin_iou: float = 0.5  # a better box of the same kind that overlaps by more is the same subject
    colour_free: float = 0.25
    colour_scale: float = 0.7
    colour_gain: float = 0.15  # how much of its newest colours a track takes over
    parked_s: float = 3.0  # a rider that stood where it began for so long was a parked bicycle
    motion: Motion = field(default_factory=Motion)

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= self.new:
            raise InvalidInput(
                f"tracker: want 0 <= low <= high <= new, got {self.low}, {self.high}, {self.new}"
            )
        if min(self.silence_s, self.unconfirmed_silence_s) <= 0 or self.hits < 1:
            raise InvalidInput("tracker: want silences over 0 s and 1 hit or more")
        for name in ("least_iou", "twin_iou", "colour_gain"):
            if not 0 < (share := getattr(self, name)) <= 1:
                raise InvalidInput(f"{name}: want over 0, at most 1, got {share}")
        if self.colour_free < 0 or self.colour_scale <= 0:
            raise InvalidInput("tracker: want colour_free of 0 or more and colour_scale over 0")


@dataclass(frozen=True, slots=True, eq=False)
class Association:
    """What one look did: `track` (N,) of each box, -1 for none; whether that track is `confirmed`
    (N,); and the tracks that `ended` (E,), by silence or as a bicycle that was parked till now."""

    track: I64
    confirmed: Bool
    ended: I64


@dataclass(slots=True)
class _Live:
    """All live tracks as columns (K,). `silent_since_ns` leaves out the time that was coasted.

    `colours` (K, D), D = 0 until the first are given; `first` (K, 4) is where a track began, and
    `stood_ns` when it was last seen there.
    """

    motion: KalmanTracks
    number: I64
    family: I64
    hits: I64
    confirmed: Bool
    silent_since_ns: I64
    began_ns: I64
    first: F32
    stood_ns: I64
    moved: Bool
    colours: F32

    def taken(self, rows: Bool) -> Self:
        columns = (getattr(self, f.name)[rows] for f in fields(self)[1:])
        return type(self)(self.motion.taken(rows), *columns)

    def joined(self, other: Self) -> Self:
        columns = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self)[1:])
        return type(self)(self.motion.joined(other.motion), *map(np.concatenate, columns))


def _none_live() -> _Live:
    none, never = np.empty(0, np.int64), np.empty(0, bool)
    nowhere, plain = np.empty((0, 4), np.float32), np.empty((0, 0), np.float32)
    return _Live(no_tracks(), none, none, none, never, none, none, nowhere, none, never, plain)


class ByteTracker:
    """A `Tracker` of one camera. Track numbers count up from 0 and are never used again."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._live = _none_live()
        self._next = 0
        self._now_ns: int | None = None
        self._apart = _APART

    def __len__(self) -> int:
        """How many tracks live, confirmed or not."""
        return len(self._live.number)

    def update(self, device_ns: int, detections: Detections) -> I64:
        """The confirmed track of each box (N,), -1 for none yet."""
        look = self.associate(device_ns, detections)
        return np.where(look.confirmed, look.track, -1)

    def associate(
        self, device_ns: int, detections: Detections, colours: F32 | None = None
    ) -> Association:
        """Take one frame's boxes, with their `colours` (N, D) where they are known; also tells of
        unconfirmed tracks and of those that ended.

        `InvalidInput` for boxes of several frames, other colours than boxes, colours at one look
        and none at another, or a time that does not advance.
        """
        if len(detections) and detections.frame_index[0] != detections.frame_index[-1]:
            raise InvalidInput("detections: want those of one frame")
        colours = self._checked(detections, colours)
        self._compared(colours)
        self._advance(device_ns)
        ended = self._drop(self._silent(device_ns, self._settings.silence_s))
        family = _FAMILY_OF[detections.class_id]
        single = ~self._twins(detections, family)
        rows, columns = self._matched(detections, family, colours, single)
        self._found(rows, detections.xyxy[columns], colours[columns], device_ns)
        row_of = np.full(len(detections), -1, np.int64)
        row_of[columns] = rows
        begins = single & (row_of < 0) & (detections.confidence >= self._settings.new)
        free = np.flatnonzero(begins)
        row_of[free] = self._begin(detections, free, family[free], colours[free], device_ns)
        taken = row_of >= 0
        ended += self._ridden_off(rows, device_ns)
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

    def _checked(self, detections: Detections, colours: F32 | None) -> F32:
        """The colours (N, D), D = 0 without any; a tracker is given them always or never."""
        given = np.empty((len(detections), 0), np.float32) if colours is None else colours
        if given.ndim != 2 or len(given) != len(detections):
            raise InvalidInput(f"colours: want ({len(detections)}, D), got {given.shape}")
        known = self._live.colours
        if not len(known):
            self._live.colours = np.empty((0, given.shape[1]), np.float32)
        elif known.shape[1] != given.shape[1]:
            raise InvalidInput(f"colours: want {known.shape[1]} of a box, got {given.shape[1]}")
        return given

    def _compared(self, colours: F32) -> None:
        """Learn from one look's colours (N, D) how far apart those of two subjects are."""
        if len(colours) > 2 and colours.size:
            pairs = np.triu_indices(len(colours), 1)
            apart = max(float(np.median(colour_distances(colours, colours)[pairs])), _LEAST_APART)
            self._apart += _APART_GAIN * (apart - self._apart)

    def _twins(self, detections: Detections, family: I64) -> Bool:
        """Which boxes (N,) a more confident one of the same family mostly covers.

        Two tracks on one subject take its box from each other at every other look.
        """
        covered = iou(detections.xyxy, detections.xyxy) > self._settings.twin_iou
        confidence = detections.confidence
        better = (confidence[None, :] > confidence[:, None]) & (family[None, :] == family[:, None])
        return np.asarray((covered & better).any(axis=1), bool)

    def _matched(self, detections: Detections, family: I64, colours: F32, single: Bool) -> Pairs:
        """Live rows and box columns that belong together, by three rounds."""
        settings, live = self._settings, self._live
        alike = self._similarity(detections.xyxy, colours)
        alike[live.family[:, None] != family[None, :]] = 0
        high = single & (detections.confidence >= settings.high)
        low = single & ~high & (detections.confidence >= settings.low)
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

    def _similarity(self, xyxy: F32, colours: F32) -> F64:
        settings, motion = self._settings, self._live.motion
        sides = motion.place[:, 2:]
        doubt = settings.pad_share * sides + settings.pad_sigmas * np.sqrt(motion.pp[:, :2])
        alike = padded_iou(motion.boxes(), xyxy, np.minimum(doubt, settings.pad_most * sides))
        if not colours.size or not len(self._live.colours):
            return alike
        apart = colour_distances(self._live.colours, colours) / self._apart - settings.colour_free
        return np.asarray(alike * np.exp(-np.maximum(apart, 0) / settings.colour_scale), np.float64)

    def _found(self, rows: I64, xyxy: F32, colours: F32, device_ns: int) -> None:
        live, settings = self._live, self._settings
        live.motion.correct(rows, xyxy, settings.motion)
        live.colours[rows] += settings.colour_gain * (colours - live.colours[rows])
        live.hits[rows] += 1
        live.silent_since_ns[rows] = device_ns
        live.confirmed[rows] |= live.hits[rows] >= settings.hits

    def _ridden_off(self, found: I64, device_ns: int) -> list[int]:
        """Give those of the rows just `found` (M,) that move now, after standing since they began,
        a number of their own: who rides a bicycle off is not the parked bicycle. The numbers that
        ended so."""
        live = self._live
        still = found[~live.moved[found]]
        overlap = _own_iou(live.first[still], live.motion.boxes()[still])
        live.stood_ns[still[overlap >= _STANDS_IOU]] = device_ns
        left = still[overlap < _LEFT_IOU]
        live.moved[left] = True
        stood_ns = live.stood_ns[left] - live.began_ns[left]
        parked = stood_ns >= ns_of(self._settings.parked_s)
        rows = left[parked & live.confirmed[left] & (live.family[left] == _RIDER)]
        ended: list[int] = live.number[rows].tolist()
        live.number[rows] = np.arange(self._next, self._next + len(rows))
        self._next += len(rows)
        return ended

    def _begin(
        self, detections: Detections, columns: I64, family: I64, colours: F32, device_ns: int
    ) -> I64:
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
            np.full(count, device_ns, np.int64),
            detections.xyxy[columns],
            np.full(count, device_ns, np.int64),
            np.zeros(count, bool),
            colours,
        )
        self._next += count
        self._live = self._live.joined(fresh)
        return np.arange(first, first + count)


def _own_iou(a: F32, b: F32) -> F64:
    """Overlap of each box with its own counterpart, (K, 4) each, (K,)."""
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1).astype(np.float64)
    return np.asarray(shared / np.maximum(areas(a) + areas(b) - shared, 1e-9), np.float64)
