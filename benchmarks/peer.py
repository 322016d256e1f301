"""`ultralytics` YOLO.track on clips: the peer of our ingest, run in a process of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.clocks import NS
from core.types import Tracklet

COCO_OF_OURS = [0, 1, 2, 3, 5, 7]  # person, bicycle, car, motorcycle, bus, truck
THREADS = 2


def open_peer(model: Path) -> Any:
    """A YOLO of ultralytics on `THREADS` threads, warmed up."""
    import torch
    from ultralytics import YOLO

    torch.set_num_threads(THREADS)
    peer = YOLO(str(model), task="detect")
    peer.predict(np.zeros((360, 640, 3), np.uint8), verbose=False, imgsz=640)
    return peer


def track_clip(peer: Any, clip: Path, camera_id: int, *, stride: int) -> list[Tracklet]:
    """Its tracks of one clip; a box's time is its picture's number in seconds (no clock needed)."""
    boxes: dict[int, list[tuple[int, Sequence[float]]]] = {}
    results = peer.track(
        source=str(clip),
        stream=True,
        vid_stride=stride,
        classes=COCO_OF_OURS,
        tracker="bytetrack.yaml",
        imgsz=640,
        verbose=False,
        persist=False,
    )
    for look, result in enumerate(results):
        if result.boxes.id is None:
            continue
        numbers = result.boxes.id.int().tolist()
        for number, xyxy in zip(numbers, result.boxes.xyxy.tolist(), strict=True):
            boxes.setdefault(number, []).append((look * stride, xyxy))
    return [_tracklet(number, camera_id, seen) for number, seen in sorted(boxes.items())]


def _tracklet(number: int, camera_id: int, seen: list[tuple[int, Sequence[float]]]) -> Tracklet:
    frames = np.array([frame for frame, _ in seen], np.int64)
    xyxy = np.array([xyxy for _, xyxy in seen], np.float32)
    ones = np.ones(len(frames), np.float32)
    return Tracklet(number, 0, camera_id, 1, 0, frames * NS, xyxy, ones)
