"""What the pipeline drives for each camera: frames with boxes in, tracklet parts with shots out."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.arrays import F32, F64, I64
from core.clocks import ns_of
from core.errors import InvalidInput
from core.ids import IdSource
from core.types import (
    Detections,
    Family,
    Frame,
    Link,
    ObjectClass,
    Tracklet,
    TrackletPart,
)
from tracking.byte_tracker import ByteTracker, TrackerSettings
from tracking.colours import band_colours
from tracking.links import KEPT_S, Trail, dismounts, mounts
from tracking.plates import PlateLooks, PlateWatch, Tracked
from tracking.quality import plain_quality, sharpness
from tracking.shots import ShotPicker, cut_shot

_NO_EPOCH = -1

Seen = tuple[int, F32, float]
"""A box of a track: device time, xyxy (4,), confidence."""


@dataclass(slots=True)
class _Open:
    """A live track: what of it was not handed on yet. `tracklet_id` is 0 while unconfirmed."""

    votes: F64  # (classes,) sums of confidence
    tracklet_id: int = 0
    part: int = 0
    seen: list[Seen] = field(default_factory=list)
    shots: ShotPicker | None = None

    def add(self, box: Seen, class_id: int) -> None:
        self.seen.append(box)
        self.votes[class_id] += box[2]

    @property
    def class_id(self) -> int:
        return int(self.votes.argmax())


@dataclass(slots=True)
class _Past:
    """The recent boxes of a confirmed rider or vehicle, for links."""

    tracklet_id: int
    family: Family
    seen: deque[Seen] = field(default_factory=deque)
    begins: bool = True
    ends: bool = False

    def forget(self, before_ns: int) -> None:
        while self.seen and self.seen[0][0] < before_ns:
            self.seen.popleft()
            self.begins = False


class TrackletBuilder:
    """Tracks one camera and hands on immutable parts of what it saw.

    A part leaves when its track falls silent, when the epoch ends, and every `part_s` of a long
    track. Tracks that were never confirmed leave nothing; those that were keep their first boxes.
    With `plates` those of vehicles and riders are read on the looks that are worth it. Use from
    one thread at a time.
    """

    def __init__(
        self,
        camera_id: int,
        ids: IdSource,
        *,
        settings: TrackerSettings | None = None,
        part_s: float = 10.0,
        plates: PlateWatch | None = None,
    ) -> None:
        if part_s <= 0:
            raise InvalidInput(f"part_s: want over 0 s, got {part_s}")
        self._camera_id = camera_id
        self._ids = ids
        self._tracker = ByteTracker(settings)
        self._part_ns = ns_of(part_s)
        self._epoch = _NO_EPOCH
        self._size_hw = (0, 0)
        self._open: dict[int, _Open] = {}
        self._past: dict[int, _Past] = {}
        self._plates = None if plates is None else PlateLooks(plates)

    @property
    def open_since_ns(self) -> int | None:
        """Device time of the oldest box that may still be handed on, None if there is none."""
        return min((track.seen[0][0] for track in self._open.values() if track.seen), default=None)

    def look(self, frame: Frame, detections: Detections) -> list[TrackletPart]:
        """Take a frame's boxes; the parts that this made final, oldest track first.

        A new epoch first ends all tracks of the one before. Raises `InvalidInput` for another
        camera's frame or a time that does not advance within an epoch.
        """
        if frame.camera_id != self._camera_id:
            raise InvalidInput(f"frame: want camera {self._camera_id}, got {frame.camera_id}")
        parts = [] if frame.epoch == self._epoch else self.flush()
        self._epoch = frame.epoch
        self._size_hw = frame.surface.size
        colours = band_colours(frame.surface, detections.xyxy)
        taken = self._tracker.associate(frame.device_ns, detections, colours)
        self._add(taken.track, frame.device_ns, detections)
        self._confirm(set(taken.track[taken.confirmed].tolist()))
        self._cut(frame, detections, taken.track)
        self._read_plates(frame, detections, taken.track)
        parts += self._close(taken.ended.tolist())
        return parts + self._hand_on(frame.device_ns)

    def coast(self, device_ns: int) -> list[TrackletPart]:
        """Nothing moved since the last look: all tracks stay; parts that are long enough leave."""
        self._tracker.coast(device_ns)
        return self._hand_on(device_ns)

    def flush(self) -> list[TrackletPart]:
        """End all tracks: every part that is left. The next look begins anew."""
        parts = self._close(list(self._open))
        self._tracker.reset()
        self._past.clear()
        self._epoch = _NO_EPOCH
        return parts

    def _add(self, track: I64, device_ns: int, detections: Detections) -> None:
        for row in np.flatnonzero(track >= 0).tolist():
            number = int(track[row])
            if number not in self._open:
                self._open[number] = _Open(np.zeros(len(ObjectClass)))
            box = (device_ns, detections.xyxy[row].copy(), float(detections.confidence[row]))
            self._open[number].add(box, int(detections.class_id[row]))
            if number in self._past:
                self._past[number].seen.append(box)

    def _confirm(self, numbers: set[int]) -> None:
        """Give ids to tracks confirmed by this look, in the order in which they began."""
        for number in sorted(numbers):
            track = self._open[number]
            if not track.tracklet_id:
                track.tracklet_id = self._ids.next()
                family = ObjectClass(track.class_id).family
                if family is not Family.PERSON:
                    self._past[number] = _Past(track.tracklet_id, family, deque(track.seen))

    def _cut(self, frame: Frame, detections: Detections, track: I64) -> None:
        """Cut the pictures of this look that clearly better a track's shots."""
        worth = plain_quality(detections.xyxy, detections.confidence, self._size_hw)
        pickers = {}
        for row in np.flatnonzero(track >= 0).tolist():
            picker = self._picker(self._open[int(track[row])])
            # The plain worth bounds the full one: sharpness is only looked at when it matters.
            if picker is not None and picker.wants(frame.device_ns, float(worth[row])):
                pickers[row] = picker
        if not pickers:
            return
        rows = np.array(list(pickers), np.int64)
        full = worth[rows] * sharpness(frame.surface, detections.xyxy[rows])
        for row, quality in zip(rows.tolist(), full.tolist(), strict=True):
            if pickers[row].wants(frame.device_ns, quality):
                shot = cut_shot(
                    frame.surface,
                    detections.xyxy[row],
                    frame.device_ns,
                    quality=quality,
                    shot_id=self._ids.next(),
                )
                pickers[row].take(shot)

    def _read_plates(self, frame: Frame, detections: Detections, track: I64) -> None:
        if self._plates is not None:
            rows = np.flatnonzero(track >= 0).tolist()
            seen = ((row, self._open[int(track[row])]) for row in rows)
            tracked = [
                Tracked(row, open_.tracklet_id, open_.class_id)
                for row, open_ in seen
                if open_.tracklet_id
            ]
            self._plates.look(frame, detections, tracked)

    def _picker(self, track: _Open) -> ShotPicker | None:
        """The picker of a confirmed track's part; made when first asked for."""
        if track.tracklet_id and track.shots is None:
            track.shots = ShotPicker(track.seen[0][0])
        return track.shots

    def _hand_on(self, device_ns: int) -> list[TrackletPart]:
        """Parts of tracks that have gone on for `part_s`; recent pasts are trimmed too."""
        for number in list(self._past):
            self._past[number].forget(device_ns - ns_of(KEPT_S))
            if self._past[number].ends and not self._past[number].seen:
                del self._past[number]
        long = (
            track
            for track in self._open.values()
            if track.tracklet_id and track.seen and device_ns - track.seen[0][0] >= self._part_ns
        )
        return [self._part_of(track, last=False) for track in long]

    def _close(self, numbers: Sequence[int]) -> list[TrackletPart]:
        """The last parts of tracks that ended; none for those never confirmed."""
        for number in numbers:
            if number in self._past:
                self._past[number].ends = True
        ended = [self._open.pop(number) for number in sorted(numbers)]
        parts = [
            self._part_of(track, last=True) for track in ended if track.tracklet_id and track.seen
        ]
        if self._plates is not None:
            for track in ended:
                self._plates.forget(track.tracklet_id)
        return parts

    def _part_of(self, track: _Open, *, last: bool) -> TrackletPart:
        """What was seen since the part before, which then is handed on."""
        device_ns, xyxy, confidence = zip(*track.seen, strict=True)
        tracklet = Tracklet(
            tracklet_id=track.tracklet_id,
            part=track.part,
            camera_id=self._camera_id,
            epoch=self._epoch,
            class_id=track.class_id,
            device_ns=np.array(device_ns, np.int64),
            xyxy=np.stack(xyxy),
            confidence=np.array(confidence, np.float32),
            links=self._links(track, last=last),
        )
        shots = track.shots.best if track.shots else ()
        read = ((), ()) if self._plates is None else self._plates.part_of(tracklet, shots)
        track.part += 1
        track.seen, track.shots = [], None
        return TrackletPart(tracklet, shots, *read)

    def _links(self, track: _Open, *, last: bool) -> tuple[Link, ...]:
        family = ObjectClass(track.class_id).family
        if family is not Family.PERSON or not self._past:
            return ()
        person = _trail(track.tracklet_id, family, track.seen, begins=not track.part, ends=last)
        others = [
            _trail(past.tracklet_id, past.family, past.seen, begins=past.begins, ends=past.ends)
            for past in self._past.values()
            if past.seen
        ]
        found = [dismounts(person, others, self._size_hw) if person.begins else None]
        found.append(mounts(person, others, self._size_hw) if person.ends else None)
        return tuple(link for link in found if link is not None)


def _trail(
    tracklet_id: int,
    family: Family,
    seen: Sequence[Seen] | deque[Seen],
    *,
    begins: bool,
    ends: bool,
) -> Trail:
    device_ns = np.array([at_ns for at_ns, _, _ in seen], np.int64)
    return Trail(
        tracklet_id, family, device_ns, np.stack([box for _, box, _ in seen]), begins, ends
    )
