"""Passages through cameras that no model was trained on, as the product would keep their shots.

Cities of the calibration split, every fifth picture, compressed as a poor stream would be; cut,
chosen and kept by the rules of `benchmarks.passages`. A city is made once and kept as a pack.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.judging import TruthBoxes
from benchmarks.passages import passages_of
from core.arrays import U8
from ingest.surface import HostSurface
from scenes.city import City, plan_city
from scenes.film import FPS, Seen, frames
from scenes.splits import Split
from training.pages import Page, write_city

_EVERY = 5
_STREAM_QUALITY = 72


@dataclass(frozen=True, slots=True)
class Request:
    folder: Path
    cameras: int = 6
    seconds: float = 120.0


def make_albums(request: Request, seeds: Sequence[int], *, workers: int) -> Iterator[int]:
    """The seeds whose passages are there, as they come."""
    request.folder.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in seeds if not _file(request.folder, seed).is_file()]
    yield from (seed for seed in seeds if seed not in set(missing))
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(make_city, request, seed) for seed in missing]
        for seed, job in zip(missing, jobs, strict=True):
            job.result()
            yield seed


def make_city(request: Request, seed: int) -> None:
    """The passages of one city."""
    cv2.setNumThreads(1)
    city = plan_city(seed, split=Split.CALIBRATE, cameras=request.cameras, seconds=request.seconds)
    pages = [page for camera in city.cameras for page in _pages(city, camera.row)]
    write_city(_file(request.folder, seed), pages)


def _pages(city: City, camera: int) -> list[Page]:
    seen: dict[int, Seen] = {}
    pictures: dict[int, bytes] = {}
    for number in range(0, int(city.seconds * FPS), _EVERY):
        (exposure,) = frames(city, camera, first=number, count=1)
        seen[number], pictures[number] = exposure.boxes, streamed(exposure.rgb)
    truth = truth_of(seen)
    names = {leg.actor.actor_id: leg.actor.identity for leg in city.legs}
    order = {name: row for row, name in enumerate(sorted(set(names.values())))}
    return [
        Page(
            passage.kind.family,
            order[names[passage.subject]],
            camera,
            city.light,
            city.weather,
            float(truth.height_px[passage.shots[0]]),
            tuple(_shot(pictures, truth, row) for row in passage.shots.tolist()),
        )
        for passage in passages_of(truth, camera, city.cameras[camera].view.size_hw)
    ]


def _shot(pictures: dict[int, bytes], truth: TruthBoxes, row: int) -> bytes:
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


def _file(folder: Path, seed: int) -> Path:
    return folder / f"{seed:06}.npz"
