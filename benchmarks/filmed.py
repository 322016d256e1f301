"""Cities of unseen seeds on film, with their truth; filmed once and kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.judging import TruthBoxes
from benchmarks.passages import Album, Passage, album, cut_shots, passages_of
from benchmarks.site import START_NS
from core.arrays import F32, I32, I64
from core.clocks import ns_of, utc_of
from core.types import Family, Frame
from ingest.files import FileSource
from pipeline.demo.cache import scenes_digest
from scenes.city import plan_city
from scenes.film import film_city
from scenes.theft import Subject, Theft
from scenes.truth import CameraTruth, CityTruth


@dataclass(frozen=True, slots=True, eq=False)
class FilmedCamera:
    """One camera's film, and what is true of each of its `pictures` pictures."""

    row: int
    name: str
    lon_lat_deg: tuple[float, float]
    clock_offset_s: float
    clip: Path
    size_hw: tuple[int, int]
    rate: Fraction
    pictures: int
    boxes: TruthBoxes

    @property
    def start_ns(self) -> int:
        """Device time of the first picture: the camera's own clock is wrong by its offset."""
        return START_NS + ns_of(self.clock_offset_s)

    @property
    def at_ns(self) -> I64:
        """Device time of each picture (P,)."""
        times = [utc_of(number, 1 / self.rate, self.start_ns) for number in range(self.pictures)]
        return np.array(times, np.int64)

    def frames(self) -> Iterator[Frame]:
        """The pictures as ingest decodes them."""
        yield from FileSource(1, self.clip, self.start_ns, next_epoch=count(1).__next__)


@dataclass(frozen=True, slots=True, eq=False)
class FilmedCity:
    """A city on film. `identity_of` numbers who each actor is; the roads are rows of cameras."""

    seed: int
    cameras: tuple[FilmedCamera, ...]
    identity_of: Mapping[int, int]
    roads: I32
    distance_m: F32
    theft: Theft | None
    subject: Subject | None


def albums_of(city: FilmedCity) -> dict[Family, Album]:
    """The passages of all cameras with their pictures, by family."""
    pages: list[tuple[Passage, list[bytes]]] = []
    for camera in city.cameras:
        passages = passages_of(camera.boxes, camera.row, camera.size_hw)
        pages += zip(passages, cut_shots(camera.frames(), camera.boxes, passages), strict=True)
    return {family: album(family, pages, city.identity_of) for family in Family}


def filmed_city(seed: int, cache: Path, *, cameras: int, seconds: float) -> FilmedCity:
    """The city of a test seed, filmed unless it was before by the same `scenes`.

    A film that was broken off goes on where it stopped.
    """
    city = plan_city(seed, cameras=cameras, seconds=seconds)
    folder = cache / f"{seed}-{cameras}x{seconds:g}s-{scenes_digest()}"
    return as_filmed(film_city(city, folder))


def as_filmed(truth: CityTruth) -> FilmedCity:
    """A film's truth as the judge reads it."""
    names = sorted({actor.identity for actor in truth.actors.values()})
    numbers = {name: number for number, name in enumerate(names)}
    return FilmedCity(
        seed=truth.seed,
        cameras=tuple(_camera(one, truth.fps) for one in truth.cameras),
        identity_of={row: numbers[actor.identity] for row, actor in truth.actors.items()},
        roads=truth.roads,
        distance_m=truth.distance_m,
        theft=truth.theft,
        subject=truth.subjects[0] if truth.subjects else None,
    )


def _camera(truth: CameraTruth, fps: int) -> FilmedCamera:
    boxes = truth.boxes
    return FilmedCamera(
        row=truth.row,
        name=truth.name,
        lon_lat_deg=truth.lon_lat_deg,
        clock_offset_s=truth.clock_offset_s,
        clip=truth.clip,
        size_hw=truth.size_hw,
        rate=Fraction(fps),
        pictures=truth.pictures,
        boxes=TruthBoxes(boxes.picture, boxes.actor, boxes.class_id, boxes.xyxy, boxes.visibility),
    )
