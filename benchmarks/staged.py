"""Whole minutes of a city without a film: every fifth picture painted, kept as a stream leaves it.

Ranks want many passages and no motion, so a fifth of the pictures buys the passages of whole
minutes; boxes and shots are chosen by the same rules. A city is painted once and kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.judging import TruthBoxes
from benchmarks.pages import Page, PaintedCity, write_city
from benchmarks.passages import passages_of
from core.arrays import U8
from ingest.surface import HostSurface
from scenes.city import City, plan_city
from scenes.film import FPS, Seen, frames
from scenes.splits import Split

EVERY = 5
_STREAM_QUALITY = 72


@dataclass(frozen=True, slots=True)
class Staging:
    """Which cities, how large and how long, and the folder where they are kept."""

    folder: Path
    split: Split
    cameras: int = 6
    seconds: float = 120.0

    def file(self, seed: int) -> Path:
        """Where the city of a seed is kept."""
        return self.folder / f"{seed:06}.npz"


def stage(asked: Staging, seeds: Sequence[int], *, workers: int) -> Iterator[int]:
    """The seeds in their order, each once its painted city is there."""
    asked.folder.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in seeds if not asked.file(seed).is_file()]
    if not missing:
        yield from seeds
        return
    with ProcessPoolExecutor(workers) as pool:
        jobs = {seed: pool.submit(stage_city, asked, seed) for seed in missing}
        for seed in seeds:
            if seed in jobs:
                jobs[seed].result()
            yield seed


def stage_city(asked: Staging, seed: int) -> None:
    """One city, painted and written."""
    cv2.setNumThreads(1)
    city = plan_city(seed, split=asked.split, cameras=asked.cameras, seconds=asked.seconds)
    write_city(asked.file(seed), painted(city))


def painted(city: City) -> PaintedCity:
    """Every fifth picture of every camera, as passages and true boxes."""
    pages: list[Page] = []
    boxes: list[TruthBoxes] = []
    for camera in city.cameras:
        truth, pictures = _pictures(city, camera.row)
        boxes.append(truth)
        pages += _pages(city, camera.row, truth, pictures)
    return PaintedCity(tuple(pages), tuple(boxes))


def _pictures(city: City, camera: int) -> tuple[TruthBoxes, Mapping[int, bytes]]:
    seen: dict[int, Seen] = {}
    pictures: dict[int, bytes] = {}
    for number in range(0, int(city.seconds * FPS), EVERY):
        (exposure,) = frames(city, camera, first=number, count=1)
        seen[number], pictures[number] = exposure.boxes, streamed(exposure.rgb)
    return truth_of(seen), pictures


def _pages(
    city: City, camera: int, truth: TruthBoxes, pictures: Mapping[int, bytes]
) -> Iterator[Page]:
    names = {leg.actor.actor_id: leg.actor.identity for leg in city.legs}
    order = {name: row for row, name in enumerate(sorted(set(names.values())))}
    for passage in passages_of(truth, camera, city.cameras[camera].view.size_hw):
        yield Page(
            passage.kind.family,
            order[names[passage.subject]],
            camera,
            city.light,
            city.weather,
            float(truth.height_px[passage.shots[0]]),
            tuple(_shot(pictures, truth, row) for row in passage.shots.tolist()),
        )


def _shot(pictures: Mapping[int, bytes], truth: TruthBoxes, row: int) -> bytes:
    content = np.frombuffer(pictures[int(truth.picture[row])], np.uint8)
    bgr = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
    return HostSurface.of_bgr(bgr).jpeg(truth.xyxy[row])


def truth_of(seen: Mapping[int, Seen]) -> TruthBoxes:
    """The boxes of some pictures, by picture number."""
    none = np.zeros((0, 4), np.float32)
    boxes = list(seen.values())
    return TruthBoxes(
        np.repeat(np.array(list(seen), np.int64), [len(one.xyxy) for one in boxes]),
        np.concatenate([none[:, 0], *(one.actor for one in boxes)]).astype(np.int64),
        np.concatenate([none[:, 0], *(one.class_id for one in boxes)]).astype(np.int32),
        np.concatenate([none, *(one.xyxy for one in boxes)]).astype(np.float32),
        np.concatenate([none[:, 0], *(one.visibility for one in boxes)]).astype(np.float32),
    )


def streamed(rgb: U8) -> bytes:
    """A picture as JPEG of about what 2 Mbit/s of H.264 leave."""
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _STREAM_QUALITY])
    return content.tobytes()
