"""Pictures of the city to train on: frames with boxes for the detector, crops for the embedders.

    python -m training.pictures --cities 160

Many cities, each with its own light, weather and cameras, and few moments of each camera, far
apart: another street teaches more than another second. Frames are written in YOLO's format, at the
size that the detector looks at; crops, with what is around them, in packs by city. A city that is
there already is not made again, so the same command goes on after a stop.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from core.arrays import F32, I32, U8
from core.types import ObjectClass
from scenes.city import City, plan_city
from scenes.film import FPS, Exposure, frames
from scenes.plan import Actor
from scenes.splits import Split
from training.crowds import crowded
from training.packs import Crop, write_pack

WIDE_PX = 640
LEAST_HEIGHT_PX = 10.0
LEAST_VISIBILITY = 0.25
_CROP_HEIGHT_PX = 24.0
_CROP_VISIBILITY = 0.4
_QUALITY = 92
_HELD_OUT = 20  # one city in so many is for looking how good the detector is


@dataclass(frozen=True, slots=True)
class Request:
    """How much is wanted of each city."""

    folder: Path
    cameras: int = 6
    moments: int = 6
    crowds: int = 10
    seconds: float = 150.0


def make_pictures(request: Request, seeds: Sequence[int], *, workers: int) -> Iterator[int]:
    """The seeds whose pictures are there, as they come."""
    for part in ("train", "val"):
        (request.folder / "images" / part).mkdir(parents=True, exist_ok=True)
        (request.folder / "labels" / part).mkdir(parents=True, exist_ok=True)
    (request.folder / "crops").mkdir(exist_ok=True)
    _describe(request)
    missing = [seed for seed in seeds if not _done(request, seed).is_file()]
    yield from (seed for seed in seeds if seed not in set(missing))
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(make_city, request, seed) for seed in missing]
        for seed, job in zip(missing, jobs, strict=True):
            job.result()
            yield seed


def make_city(request: Request, seed: int) -> None:
    """Everything of one city; its pack of crops comes last and says that all is there."""
    cv2.setNumThreads(1)
    city = plan_city(
        seed,
        split=Split.TRAIN,
        cameras=request.cameras,
        seconds=request.seconds,
        theft=seed % 2 > 0,
    )
    part = "val" if seed % _HELD_OUT == 0 else "train"
    crops: list[Crop] = []
    for camera in city.cameras:
        for moment in moments(city, camera.row, request.moments):
            (exposure,) = frames(city, camera.row, first=moment, count=1)
            _write_frame(request.folder, part, f"{seed:06}-{camera.row}-{moment:05}", exposure)
            crops += crops_of(city, camera.row, exposure)
        for number, exposure in enumerate(crowded(city, camera.row, range(request.crowds))):
            _write_frame(request.folder, part, f"{seed:06}-{camera.row}-x{number:04}", exposure)
    write_pack(_done(request, seed), crops)


def moments(city: City, camera: int, count: int) -> list[int]:
    """Picture numbers, spread over the city's time, each the liveliest of three draws."""
    rng = np.random.default_rng((city.seed, camera))
    length = int(city.seconds * FPS)
    edges = np.linspace(0, length - 1, count + 1).astype(int)
    chosen = []
    for low, high in pairwise(edges.tolist()):
        draws = rng.integers(low, max(high, low + 1), 3).tolist()
        chosen.append(max(draws, key=lambda number: len(city.placed(number / FPS, camera))))
    return sorted(set(chosen))


# --- frames ------------------------------------------------------------------------------------


def _write_frame(folder: Path, part: str, name: str, exposure: Exposure) -> None:
    height, width = exposure.rgb.shape[:2]
    scale = WIDE_PX / width
    rgb = exposure.rgb
    if scale != 1:
        size = (WIDE_PX, round(height * scale))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    boxes = exposure.boxes
    high = (boxes.xyxy[:, 3] - boxes.xyxy[:, 1]) * scale
    keep = (high >= LEAST_HEIGHT_PX) & (boxes.visibility >= LEAST_VISIBILITY)
    text = yolo_lines(boxes.xyxy[keep], boxes.class_id[keep], (height, width))
    (folder / "labels" / part / f"{name}.txt").write_text(text)
    _write(folder / "images" / part / f"{name}.jpg", as_jpeg(rgb))


def yolo_lines(xyxy: F32, class_id: I32, size_hw: tuple[int, int]) -> str:
    """Class, centre and size of each box in shares of the picture, a line each."""
    whole = np.array([size_hw[1], size_hw[0]] * 2, np.float32)
    centre_size = np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], 1)
    rows = zip(class_id.tolist(), (centre_size / whole).tolist(), strict=True)
    return "".join(f"{kind} {' '.join(f'{x:.6f}' for x in box)}\n" for kind, box in rows)


def as_jpeg(rgb: U8) -> bytes:
    """A picture at the quality of a good camera."""
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return content.tobytes()


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _describe(request: Request) -> None:
    names = "\n".join(f"  {int(kind)}: {kind.label}" for kind in ObjectClass)
    text = (
        f"path: {request.folder.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{names}\n"
    )
    (request.folder / "data.yaml").write_text(text)
    asked = {key: value for key, value in asdict(request).items() if key != "folder"}
    (request.folder / "request.json").write_text(json.dumps({**asked, "split": "TRAIN"}) + "\n")


def _done(request: Request, seed: int) -> Path:
    return request.folder / "crops" / f"{seed:06}.npz"


# --- crops -------------------------------------------------------------------------------------


def crops_of(city: City, camera: int, exposure: Exposure) -> list[Crop]:
    """What an embedder could be asked with: boxes that are large and free enough."""
    boxes = exposure.boxes
    height = boxes.xyxy[:, 3] - boxes.xyxy[:, 1]
    keep = (height >= _CROP_HEIGHT_PX) & (boxes.visibility >= _CROP_VISIBILITY)
    by_id = _actors(city)
    found = []
    for row in np.flatnonzero(keep).tolist():
        actor = by_id[int(boxes.actor[row])]
        person, vehicle = identities(f"{city.seed}", actor)
        found.append(
            Crop.cut(exposure.rgb, boxes.xyxy[row], person=person, vehicle=vehicle, camera=camera)
        )
    return found


def _actors(city: City) -> dict[int, Actor]:
    return {leg.actor.actor_id: leg.actor for leg in city.legs}


def identities(place: str, actor: Actor) -> tuple[str, str]:
    """Who the person model and the vehicle model are to recognise; empty where it is nobody.

    A rider is two subjects: the person, who may dismount, and the cycle with its load.
    """
    name = f"{place}/{actor.identity}"
    person = name if actor.person is not None else ""
    vehicle = f"{name}/on" if actor.cycle is not None else name if actor.vehicle is not None else ""
    return person, vehicle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("build/training/pictures"))
    parser.add_argument("--cities", type=int, default=160)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--cameras", type=int, default=6)
    parser.add_argument("--moments", type=int, default=6, help="pictures of each camera")
    parser.add_argument("--crowds", type=int, default=10, help="crowds before each camera")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    request = Request(asked.out, asked.cameras, asked.moments, asked.crowds)
    seeds = range(asked.first_seed, asked.first_seed + asked.cities)
    for count, seed in enumerate(make_pictures(request, seeds, workers=asked.workers), start=1):
        print(f"city {seed}: {count} of {len(seeds)}", flush=True)


if __name__ == "__main__":
    main()
