"""Portraits of invented people, riders and vehicles, with their look-alikes, for the embedders.

    python -m training.portraits people --packs 200
    python -m training.portraits vehicles --packs 200

Film shows an identity a few times and its look-alike rarely. Portraits show each some eight times,
every time by another camera, in another light, partly hidden; half of all come with a look-alike,
and every third person is also seen riding, for on foot and on wheels it is the same person.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import cv2
import numpy as np

from scenes.cycles import CycleLook, sample_cycle
from scenes.numberplates import sample_plate
from scenes.people import PersonLook, alike, sample_person
from scenes.splits import Split, rng_for
from scenes.vehicles import alike_vehicle, sample_vehicle
from training.packs import Crop, write_pack
from training.studio import Sitter, portrait

Kind = Literal["people", "vehicles"]
Look = TypeVar("Look")

_IDENTITIES = 24  # a pack
_VIEWS = 8
_RIDES_EVERY = 3
_PURPOSES: dict[Kind, int] = {"people": 901, "vehicles": 902}  # a city's own draws are others


@dataclass(frozen=True, slots=True)
class Request:
    """Which portraits, and how many of each identity."""

    folder: Path
    kind: Kind
    identities: int = _IDENTITIES
    views: int = _VIEWS


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitter with the names that either model is to know it by, and how often it is portrayed."""

    sitter: Sitter
    person: str
    vehicle: str
    views: int


def make_portraits(request: Request, numbers: Sequence[int], *, workers: int) -> Iterator[int]:
    """The numbers of the packs that are there, as they come."""
    request.folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in numbers if not _file(request, number).is_file()]
    yield from (number for number in numbers if number not in set(missing))
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(make_pack, request, number) for number in missing]
        for number, job in zip(missing, jobs, strict=True):
            job.result()
            yield number


def make_pack(request: Request, number: int) -> None:
    """One pack of portraits."""
    cv2.setNumThreads(1)
    rng = rng_for(number, Split.TRAIN, _PURPOSES[request.kind])
    sittings = people if request.kind == "people" else vehicles
    crops: list[Crop] = []
    for one in sittings(request, number, rng):
        for _ in range(one.views):
            rgb, box = portrait(one.sitter, rng)
            # Every portrait is another camera's: any two of them are worth telling alike.
            camera = len(crops)
            crops.append(Crop.cut(rgb, box, person=one.person, vehicle=one.vehicle, camera=camera))
    write_pack(_file(request, number), crops)


def people(request: Request, number: int, rng: np.random.Generator) -> Iterator[Sitting]:
    """Walkers, and some of them again as riders."""
    looks = with_alikes(rng, request.identities, sample_person, alike)
    for row, look in enumerate(looks):
        name = f"portrait-{number}/{row}"
        yield Sitting(Sitter(person=look), name, "", request.views)
        if row % _RIDES_EVERY == 0:
            yield _ride(look, name, rng, request.views // 2)


def _ride(look: PersonLook, name: str, rng: np.random.Generator, views: int) -> Sitting:
    cycle: CycleLook = sample_cycle(rng)
    plate = sample_plate(rng, cycle.plate_style) if cycle.plate_style else ""
    return Sitting(Sitter(look, cycle, plate=plate), name, f"{name}/on", views)


def vehicles(request: Request, number: int, rng: np.random.Generator) -> Iterator[Sitting]:
    """Cars, vans, buses and trucks, and riders on cycles."""
    looks = with_alikes(rng, request.identities, sample_vehicle, alike_vehicle)
    for row, look in enumerate(looks):
        plate = sample_plate(rng, look.plate_style)
        sitter = Sitter(vehicle=look, plate=plate)
        yield Sitting(sitter, "", f"portrait-{number}/v{row}", request.views)
        if row % _RIDES_EVERY == 0:
            yield _ride(sample_person(rng), f"portrait-{number}/r{row}", rng, request.views)


def with_alikes(
    rng: np.random.Generator,
    count: int,
    sample: Callable[[np.random.Generator], Look],
    like: Callable[[Look, np.random.Generator], Look],
) -> Iterator[Look]:
    """`count` looks, every second one like the one before it."""
    last = sample(rng)
    for row in range(count):
        last = like(last, rng) if row % 2 else sample(rng)
        yield last


def _file(request: Request, number: int) -> Path:
    return request.folder / f"{number:06}.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(_PURPOSES))
    parser.add_argument("--out", type=Path, default=Path("build/training/portraits"))
    parser.add_argument("--packs", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.packs)
    request = Request(asked.out / asked.kind, asked.kind)
    for count, number in enumerate(make_portraits(request, numbers, workers=asked.workers), 1):
        print(f"pack {number}: {count} of {len(numbers)}", flush=True)


if __name__ == "__main__":
    main()
