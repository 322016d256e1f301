"""The detector's pictures as it trains on them: windows around subjects, mosaics, whole pictures.

Most of a street picture is street. Windows a third of its size, most of them around a subject,
show a network five times as many subjects in the same time; at the end it sees whole pictures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from core.arrays import F32, F64, I32, U8
from core.errors import NotFound
from core.types import ObjectClass
from training import distort
from training.declared import DETECTOR_HW

Sized = tuple[int, int]

TILE_HW = (288, 288)
PADDING = 114  # as a detector's letterbox has it
_EMPTY = 0.12  # of the windows lie anywhere: what no subject looks like is learnt too
_WHOLE_SCALES = (0.6, 1.25)  # most subjects of a street are small
_LEAST_KEPT = 0.3  # of a box inside the window; less is no longer labelled
_LEAST_PX = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A picture as JPEG, with its boxes (N, 4) in pixels and their classes (N,)."""

    jpeg: bytes
    xyxy: F32
    class_id: I32


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """RGB pixels (h, w, 3) with the boxes inside them."""

    rgb: U8
    xyxy: F32
    class_id: I32


def read_pictures(folder: Path, part: str) -> list[Labelled]:
    """The pictures of one part (`train`, `val`) of a dataset in YOLO's format, by name."""
    files = sorted((folder / "images" / part).glob("*.jpg"))
    if not files:
        raise NotFound(f"{folder}: no pictures of {part}; make them with training.pictures")
    return [_read(file, folder / "labels" / part / f"{file.stem}.txt") for file in files]


def _read(file: Path, labels: Path) -> Labelled:
    content = file.read_bytes()
    rows = [line.split() for line in labels.read_text().splitlines()]
    table = np.array(rows, np.float32).reshape(-1, 5)
    height, width = decoded(content).shape[:2]
    centre, half = table[:, 1:3], table[:, 3:5] / 2
    xyxy = np.concatenate([centre - half, centre + half], axis=1) * [width, height, width, height]
    return Labelled(content, xyxy.astype(np.float32), table[:, 0].astype(np.int32))


def decoded(jpeg: bytes) -> U8:
    """RGB pixels."""
    bgr = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(bgr[:, :, ::-1])


# --- one tile ----------------------------------------------------------------------------------


class Sampler:
    """Draws tiles from labelled pictures; rare classes come as targets more often than they are."""

    def __init__(self, pictures: Sequence[Labelled]) -> None:
        self._pictures = pictures
        self._picture = np.repeat(np.arange(len(pictures)), [len(p.xyxy) for p in pictures])
        self._box = np.concatenate([np.arange(len(p.xyxy)) for p in pictures])
        classes = np.concatenate([p.class_id for p in pictures])
        counts = np.bincount(classes, minlength=len(ObjectClass))
        weight: F64 = 1 / np.sqrt(np.maximum(counts, 1))[classes]
        self._share = np.cumsum(weight) / weight.sum() if len(weight) else weight

    def tile(self, rng: np.random.Generator, *, mosaic: float) -> Tile:
        """One tile of `TILE_HW`; with probability `mosaic` put together from four windows."""
        if rng.random() >= mosaic:
            return distorted(self._window(rng, TILE_HW), rng)
        height, width = TILE_HW
        y, x = (int(side * rng.uniform(0.35, 0.65)) for side in TILE_HW)
        places = ((0, 0, y, x), (0, x, y, width - x), (y, 0, height - y, x))
        quarters = [*places, (y, x, height - y, width - x)]
        canvas = np.empty((height, width, 3), np.uint8)
        xyxy, class_id = [], []
        for top, left, high, wide in quarters:
            part = self._window(rng, (high, wide))
            canvas[top : top + high, left : left + wide] = part.rgb
            xyxy.append(part.xyxy + np.array([left, top] * 2, np.float32))
            class_id.append(part.class_id)
        return distorted(Tile(canvas, np.concatenate(xyxy), np.concatenate(class_id)), rng)

    def whole(self, rng: np.random.Generator) -> Tile:
        """A whole picture laid into `DETECTOR_HW`, at times a little nearer or further away."""
        picture = self._pictures[int(rng.integers(len(self._pictures)))]
        rgb = decoded(picture.jpeg)
        fit = min(DETECTOR_HW[0] / rgb.shape[0], DETECTOR_HW[1] / rgb.shape[1])
        nearer = float(np.exp(rng.uniform(*np.log(_WHOLE_SCALES)))) if rng.random() < 0.5 else 1.0
        scale = fit * nearer
        spare = [
            side - scale * length for side, length in zip(DETECTOR_HW, rgb.shape, strict=False)
        ]
        slack = [side * (rng.random() if scale != fit else 0.5) for side in spare]
        cut = _cut(picture, rgb, DETECTOR_HW, (scale, slack[1], slack[0]), flip=rng.random() < 0.5)
        return distorted(cut, rng)

    def _window(self, rng: np.random.Generator, hw: Sized) -> Tile:
        """A window of any scale: around a subject that it shows in part at least, or anywhere."""
        aimed = len(self._share) and rng.random() >= _EMPTY
        row = int(np.searchsorted(self._share, rng.random())) if aimed else 0
        chosen = self._picture[row] if aimed else rng.integers(len(self._pictures))
        picture = self._pictures[int(chosen)]
        rgb = decoded(picture.jpeg)
        scale = float(np.exp(rng.uniform(np.log(0.55), np.log(1.7))))
        span = np.array(hw[::-1]) / scale
        size = np.array(rgb.shape[1::-1], np.float64)
        corner = (size - span) * rng.random(2)
        if aimed:
            box = picture.xyxy[self._box[row]]
            if box[3] - box[1] > span[1]:  # a bus at the kerb: step back until it fits
                scale *= float(span[1] / (box[3] - box[1]))
                span = np.array(hw[::-1]) / scale
            corner = (box[:2] + box[2:]) / 2 - span * rng.uniform(0.15, 0.85, 2)
        corner = np.clip(corner, np.minimum(0, size - span), np.maximum(0, size - span))
        laid = (scale, -float(corner[0]) * scale, -float(corner[1]) * scale)
        return _cut(picture, rgb, hw, laid, flip=bool(rng.random() < 0.5))


def whole(picture: Labelled) -> Tile:
    """A whole picture laid into the middle of `DETECTOR_HW`, as a detector's input."""
    rgb = decoded(picture.jpeg)
    scale = min(DETECTOR_HW[0] / rgb.shape[0], DETECTOR_HW[1] / rgb.shape[1])
    left, top = ((DETECTOR_HW[1 - i] - scale * rgb.shape[1 - i]) / 2 for i in (0, 1))
    return _cut(picture, rgb, DETECTOR_HW, (scale, left, top), flip=False)


def _cut(
    picture: Labelled, rgb: U8, hw: Sized, laid: tuple[float, float, float], *, flip: bool
) -> Tile:
    """The picture scaled and shifted (`tile = source * scale + shift`) into a tile of `hw`."""
    scale, shift_x, shift_y = laid
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    if flip:
        matrix[0] = [-scale, 0, hw[1] - shift_x]
    padding = (PADDING,) * 3
    pixels = cv2.warpAffine(rgb, matrix, hw[::-1], flags=cv2.INTER_LINEAR, borderValue=padding)
    boxes = picture.xyxy * scale + np.array([shift_x, shift_y] * 2, np.float32)
    if flip:
        boxes = np.stack([hw[1] - boxes[:, 2], boxes[:, 1], hw[1] - boxes[:, 0], boxes[:, 3]], 1)
    inside = np.clip(boxes, 0, np.array([hw[1], hw[0]] * 2, np.float32))
    before, after = boxes[:, 2:] - boxes[:, :2], inside[:, 2:] - inside[:, :2]
    share = after.prod(axis=1) / np.maximum(before.prod(axis=1), 1e-6)
    keep = (share >= _LEAST_KEPT) & (after.min(axis=1, initial=np.inf) >= _LEAST_PX)
    return Tile(
        np.asarray(pixels, np.uint8), inside[keep].astype(np.float32), picture.class_id[keep]
    )


def distorted(tile: Tile, rng: np.random.Generator) -> Tile:
    """The tile as another camera would have shown it."""
    rgb = distort.tinted(tile.rgb, rng, 0.6)
    if rng.random() < 0.2:
        rgb = distort.softened(rgb, rng, 1.2)
    if rng.random() < 0.3:
        rgb = distort.grained(rgb, rng, 10)
    if rng.random() < 0.3:
        rgb = distort.compressed(rgb, rng)
    return Tile(rgb, tile.xyxy, tile.class_id)


# --- batches -----------------------------------------------------------------------------------


class Batches(IterableDataset[dict[str, Any]]):
    """`count` batches as ultralytics' loss takes them; every worker draws its own."""

    def __init__(
        self,
        sampler: Sampler,
        *,
        seed: int,
        count: int,
        rows: int,
        mosaic: float,
        whole: bool = False,
    ) -> None:
        self._sampler, self._seed, self._count, self._rows = sampler, seed, count, rows
        self._mosaic, self._whole = mosaic, whole

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        worker = get_worker_info()
        row, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        cv2.setNumThreads(1)
        rng = np.random.default_rng((self._seed, row))
        for _ in range(row, self._count, workers):
            yield batch_of([self._one(rng) for _ in range(self._rows)])

    def _one(self, rng: np.random.Generator) -> Tile:
        if self._whole:
            return self._sampler.whole(rng)
        return self._sampler.tile(rng, mosaic=self._mosaic)


def batch_of(tiles: Sequence[Tile]) -> dict[str, Any]:
    """Pixels uint8 (B, 3, h, w); boxes as centre and size in shares of the tile; all rows."""
    pixels = np.stack([tile.rgb for tile in tiles]).transpose(0, 3, 1, 2)
    height, width = tiles[0].rgb.shape[:2]
    xyxy = np.concatenate([tile.xyxy for tile in tiles])
    centre_size = np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], 1)
    boxes = centre_size / np.array([width, height] * 2, np.float32)
    classes = np.concatenate([tile.class_id for tile in tiles])
    rows = np.repeat(np.arange(len(tiles)), [len(tile.xyxy) for tile in tiles])
    return {
        "img": torch.from_numpy(np.ascontiguousarray(pixels)),
        "bboxes": torch.from_numpy(boxes.astype(np.float32)),
        "cls": torch.from_numpy(classes.astype(np.float32))[:, None],
        "batch_idx": torch.from_numpy(rows.astype(np.float32)),
    }
