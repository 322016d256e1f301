"""Crops with who they are of, in packs: one file a city, JPEGs one after the other."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import F32, U8
from core.errors import NotFound

_AROUND = 0.18  # of the box's sides, so that a box that sits badly can be imitated later
_LARGEST_PX = 208  # no embedder looks at more
_QUALITY = 92


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A subject with some of what is around it; `box` (x1, y1, x2, y2) is it in shares of that.

    `person` and `vehicle` name who it is to either model, empty where it is nobody; `camera` tells
    pictures of one subject apart that a model should learn to see through.
    """

    jpeg: bytes
    box: tuple[float, float, float, float]
    person: str
    vehicle: str
    camera: int

    @staticmethod
    def cut(rgb: U8, xyxy: F32, *, person: str, vehicle: str, camera: int) -> "Crop":
        """The box out of a picture, with its surroundings as far as the picture goes."""
        height, width = rgb.shape[:2]
        x1, y1, x2, y2 = (float(side) for side in xyxy)
        wide, high = (x2 - x1) * _AROUND, (y2 - y1) * _AROUND
        left, top = max(0, int(x1 - wide)), max(0, int(y1 - high))
        right, bottom = min(width, int(np.ceil(x2 + wide))), min(height, int(np.ceil(y2 + high)))
        piece = rgb[top:bottom, left:right]
        box = (
            (x1 - left) / (right - left),
            (y1 - top) / (bottom - top),
            (x2 - left) / (right - left),
            (y2 - top) / (bottom - top),
        )
        return Crop(_encoded(piece), box, person, vehicle, camera)

    @property
    def rgb(self) -> U8:
        content = np.frombuffer(self.jpeg, np.uint8)
        bgr = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(bgr[:, :, ::-1])


def _encoded(rgb: U8) -> bytes:
    scale = _LARGEST_PX / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return content.tobytes()


def write_pack(path: Path, crops: Sequence[Crop]) -> None:
    """Write crops as one file, whole or not at all."""
    ends = np.cumsum([len(crop.jpeg) for crop in crops], dtype=np.int64)
    rows = [[crop.person, crop.vehicle, crop.camera, *crop.box] for crop in crops]
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            ends=ends,
            rows=np.frombuffer(json.dumps(rows).encode(), np.uint8),
            jpegs=np.frombuffer(b"".join(crop.jpeg for crop in crops), np.uint8),
        )
    unfinished.replace(path)


def read_packs(paths: Iterable[Path]) -> list[Crop]:
    """All crops of some packs, in order; `NotFound` if there are none."""
    crops = [crop for path in paths for crop in _read_pack(path)]
    if not crops:
        raise NotFound("no crops; make them with training.pictures and training.portraits")
    return crops


def _read_pack(path: Path) -> list[Crop]:
    with np.load(path, allow_pickle=False) as pack:
        ends, rows, jpegs = pack["ends"].tolist(), json.loads(pack["rows"].tobytes()), pack["jpegs"]
    content = jpegs.tobytes()
    starts = [0, *ends[:-1]]
    return [
        Crop(content[start:end], (x1, y1, x2, y2), person, vehicle, camera)
        for start, end, (person, vehicle, camera, x1, y1, x2, y2) in zip(
            starts, ends, rows, strict=True
        )
    ]
