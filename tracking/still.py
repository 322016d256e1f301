"""A checkpoint's event: one picture, so each subject's tracklet is one box with its shot."""

import numpy as np

from core.errors import InvalidInput
from core.ids import IdSource
from core.types import Detections, Frame, Tracklet, TrackletPart
from tracking.quality import plain_quality, sharpness
from tracking.shots import cut_shot


class StillBuilder:
    """Takes the place of a `TrackletBuilder` for a camera that sends single pictures.

    Nothing is tracked from one picture to the next: they may be minutes apart. Without a second
    look to confirm a subject, only boxes of `least_confidence` count.
    """

    def __init__(self, camera_id: int, ids: IdSource, *, least_confidence: float = 0.4) -> None:
        self._camera_id = camera_id
        self._ids = ids
        self._least = least_confidence

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
        return [
            self._part(frame, detections, row, quality)
            for row, quality in zip(rows.tolist(), worth.tolist(), strict=True)
        ]

    def coast(self, device_ns: int) -> list[TrackletPart]:
        return []

    def flush(self) -> list[TrackletPart]:
        return []

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
