"""Frames to boxes of our classes with a model of any output family."""

from collections.abc import Sequence

import numpy as np

from core.errors import InvalidInput, ModelMismatch
from core.geometry import clipped
from core.runtime.session import ModelSession
from core.types import Detections, Frame, Letterbox, ModelSpec, no_detections
from detectors.blob import blob_of
from detectors.classes import LabelMap, Subjects
from detectors.nms import suppressed
from detectors.raw import Decoder, RawBoxes

CONFIDENCE_FLOOR = 0.1
"""Low on purpose: the tracker keeps a subject alive by boxes that nobody would start one from."""

_SMALLEST_PX = 1.0


class OnnxDetector:
    """A `Detector` around a session and the decoder of its output family.

    `batch` bounds how many frames are held as pixels at once. Several threads may share it.
    """

    def __init__(
        self,
        session: ModelSession,
        decoder: Decoder,
        labels: LabelMap,
        *,
        confidence_floor: float = CONFIDENCE_FLOOR,
        nms_iou: float | None = None,
        batch: int = 8,
    ) -> None:
        if not 0 < confidence_floor < 1:
            raise InvalidInput(f"confidence_floor: want between 0 and 1, got {confidence_floor}")
        if batch < 1:
            raise InvalidInput(f"batch: want 1 or more, got {batch}")
        self._session = session
        self._decoder = decoder
        self._labels = labels
        self._group = labels.group
        self._floor = confidence_floor
        self._nms_iou = decoder.nms_iou if nms_iou is None else nms_iou
        self._batch = batch

    @property
    def spec(self) -> ModelSpec:
        return self._session.spec

    def detect(self, frames: Sequence[Frame]) -> Detections:
        """Boxes of our classes in source pixels, clipped to the picture, by frame."""
        found: list[Subjects] = []
        for start in range(0, len(frames), self._batch):
            found += self._of_batch(frames[start : start + self._batch])
        return _joined(found)

    def _of_batch(self, frames: Sequence[Frame]) -> list[Subjects]:
        pictures = np.empty((len(frames), *self.spec.input_hw, 3), np.uint8)
        laid = [frame.surface.letterbox(slot) for frame, slot in zip(frames, pictures, strict=True)]
        outputs = self._session.run(blob_of(pictures, self.spec))
        decoded = self._decoder.decode(outputs, self._floor)
        if len(decoded) != len(frames):
            raise ModelMismatch(
                f"{self.spec.name}: want outputs of {len(frames)} pictures, got {len(decoded)}"
            )
        return [
            self._of_frame(frame, letterbox, boxes)
            for frame, letterbox, boxes in zip(frames, laid, decoded, strict=True)
        ]

    def _of_frame(self, frame: Frame, letterbox: Letterbox, boxes: RawBoxes) -> Subjects:
        if not np.isfinite(boxes.xyxy).all():
            raise ModelMismatch(f"{self.spec.name}: want finite boxes, got some that are not")
        if self._nms_iou is not None:
            boxes = suppressed(boxes, self._nms_iou, self._group)
        xyxy = clipped(letterbox.to_source(boxes.xyxy), frame.surface.size)
        sides = xyxy[:, 2:] - xyxy[:, :2]
        inside = np.flatnonzero(sides.min(axis=1, initial=np.inf) >= _SMALLEST_PX)
        in_source = RawBoxes(xyxy, np.minimum(boxes.confidence, np.float32(1)), boxes.label)
        return self._labels.subjects(in_source.rows(inside))


def _joined(found: Sequence[Subjects]) -> Detections:
    if not found:
        return no_detections()
    counts = [len(subjects.xyxy) for subjects in found]
    return Detections(
        np.concatenate([subjects.xyxy for subjects in found]),
        np.concatenate([subjects.confidence for subjects in found]),
        np.concatenate([subjects.class_id for subjects in found]),
        np.repeat(np.arange(len(found), dtype=np.int32), counts),
    )
