"""A checkpoint's event: one picture, so each subject's tracklet is one box with its shot."""

from collections.abc import Sequence

import numpy as np

from core.errors import InvalidInput
from core.ids import IdSource
from core.types import Detections, Frame, Tracklet, TrackletPart
from tracking.plates import PlateWatch, has_plate
from tracking.quality import plain_quality, sharpness
from tracking.shots import cut_shot


class StillBuilder:
    """Takes the place of a `TrackletBuilder` for a camera that sends single pictures.

    Nothing is tracked from one picture to the next: they may be minutes apart. Without a second
    look to confirm a subject, only boxes of `least_confidence` count. With `plates` those of all
    vehicles and riders are read: there is no better look to wait for.
    """

    def __init__(
        self,
        camera_id: int,
        ids: IdSource,
        *,
        least_confidence: float = 0.4,
        plates: PlateWatch | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._ids = ids
        self._least = least_confidence
        self._plates = plates

    @property
    def open_since_ns(self) -> int | None:
        """None: every part leaves with its own picture."""
        return None

    def look(self, frame: Frame, detections: Detections) -> list[TrackletPart]:
        """One part of one box for each subject in the picture, in the detector's order."""
        if frame.camera_id != self._camera_id:
            raise InvalidInput(f"frame: want camera {self._camera_id}, got {frame.camera_id}")
        rows = np.flatnonzero(detections.confidence >= self._least)
        if not len(rows):
            return []
        worth = plain_quality(detections.xyxy, detections.confidence, frame.surface.size)[rows]
        worth = worth * sharpness(frame.surface, detections.xyxy[rows])
        parts = [
            self._part(frame, detections, row, quality)
            for row, quality in zip(rows.tolist(), worth.tolist(), strict=True)
        ]
        return parts if self._plates is None else self._with_plates(frame, parts, self._plates)

    def coast(self, device_ns: int) -> list[TrackletPart]:
        return []

    def flush(self) -> list[TrackletPart]:
        return []

    def _with_plates(
        self, frame: Frame, parts: Sequence[TrackletPart], plates: PlateWatch
    ) -> list[TrackletPart]:
        seen = [part.tracklet for part in parts if has_plate(part.tracklet.class_id)]
        if seen:
            vehicles = Detections(
                np.concatenate([one.xyxy for one in seen]),
                np.concatenate([one.confidence for one in seen]),
                np.array([one.class_id for one in seen], np.int32),
                np.zeros(len(seen), np.int32),
            )
            plates.read(frame, vehicles, [one.tracklet_id for one in seen])
        whole = []
        for part in parts:
            read = plates.part_of(part.tracklet, part.shots)
            plates.forget(part.tracklet.tracklet_id)
            whole.append(TrackletPart(part.tracklet, part.shots, *read))
        return whole

    def _part(self, frame: Frame, detections: Detections, row: int, quality: float) -> TrackletPart:
        tracklet = Tracklet(
            tracklet_id=self._ids.next(),
            part=0,
            camera_id=self._camera_id,
            epoch=frame.epoch,
            class_id=int(detections.class_id[row]),
            device_ns=np.array([frame.device_ns], np.int64),
            xyxy=detections.xyxy[[row]],
            confidence=detections.confidence[[row]],
        )
        shot = cut_shot(
            frame.surface,
            detections.xyxy[row],
            frame.device_ns,
            quality=quality,
            shot_id=self._ids.next(),
        )
        return TrackletPart(tracklet, (shot,))
