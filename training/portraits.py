"""Portraits of invented people, riders and vehicles, with their look-alikes, for the embedders.

    python -m training.portraits --packs 120

Film shows an identity a few times and its look-alike rarely. Portraits show each some ten times,
every time by another camera, in another light, partly hidden; half of all come with a look-alike,
and every third person is also seen riding, for on foot and on wheels it is the same person.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from core.arrays import U8
from core.types import ObjectClass
from scenes.cycles import CycleLook, sample_cycle
from scenes.film import portrait
from scenes.people import PersonLook, alike, sample_person
from scenes.plan import Actor
from scenes.splits import Split, rng_for
from scenes.vehicles import alike_vehicle, sample_vehicle
from training.packs import Crop, write_pack
from training.pictures import identities

_WALKER_HW = (144, 72)
_RIDER_HW = (144, 128)
_VEHICLE_HW = (112, 144)
_RIDERS = {
    "bicycle": ObjectClass.BICYCLE_RIDER,
    "ebike": ObjectClass.EBIKE_RIDER,
    "motorcycle": ObjectClass.MOTORCYCLE_RIDER,
}
_VEHICLES = {
    "car": ObjectClass.CAR,
    "van": ObjectClass.VAN,
    "bus": ObjectClass.BUS,
    "truck": ObjectClass.TRUCK,
}
Look = TypeVar("Look")

_PURPOSE = 9  # of a city's own draws none has this number


@dataclass(frozen=True, slots=True)
class Request:
    """How many identities a pack has, and how often each is seen."""

    folder: Path
    people: int = 24
    vehicles: int = 16
    views: int = 8


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
    rng = rng_for(number, Split.TRAIN, _PURPOSE)
    crops: list[Crop] = []
    for actor, hw in actors(request, rng):
        person, vehicle = identities(f"portrait-{number}", actor)
        views = request.views // 2 if actor.cycle is not None else request.views
        for _ in range(views):
            rgb = portrait(actor, rng, size_hw=hw)
            # Every portrait is another camera's: any two of them are worth telling alike.
            camera = len(crops)
            crops.append(_whole(rgb, person=person, vehicle=vehicle, camera=camera))
    write_pack(_file(request, number), crops)


def _whole(rgb: U8, *, person: str, vehicle: str, camera: int) -> Crop:
    height, width = rgb.shape[:2]
    box = np.array([0, 0, width, height], np.float32)
    return Crop.cut(rgb, box, person=person, vehicle=vehicle, camera=camera)


def actors(request: Request, rng: np.random.Generator) -> Iterator[tuple[Actor, tuple[int, int]]]:
    """Who is portrayed, and how large: walkers, riders, vehicles."""
    for row, look in enumerate(with_alikes(rng, request.people, sample_person, alike)):
        who = f"person-{row}"
        yield Actor(3 * row, who, ObjectClass.PERSON, person=look), _WALKER_HW
        if row % 3 == 0:
            yield _rider(3 * row + 1, who, look, sample_cycle(rng)), _RIDER_HW
    for row, vehicle in enumerate(
        with_alikes(rng, request.vehicles, sample_vehicle, alike_vehicle)
    ):
        kind = _VEHICLES[vehicle.label]
        name = f"vehicle-{row}"
        yield Actor(100_000 + row, name, kind, vehicle=vehicle, plate=_plate(rng)), _VEHICLE_HW


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


def _rider(number: int, who: str, person: PersonLook, cycle: CycleLook) -> Actor:
    return Actor(number, who, _RIDERS[cycle.kind], person=person, cycle=cycle)


def _plate(rng: np.random.Generator) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    return "".join(letters[int(row)] for row in rng.integers(0, len(letters), 6))


def _file(request: Request, number: int) -> Path:
    return request.folder / f"{number:06}.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("build/training/portraits"))
    parser.add_argument("--packs", type=int, default=120)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.packs)
    request = Request(asked.out)
    for count, number in enumerate(make_portraits(request, numbers, workers=asked.workers), 1):
        print(f"pack {number}: {count} of {len(numbers)}", flush=True)


if __name__ == "__main__":
    main()
