"""Painted cities on disk, one a file: their passages with the shots, and all true boxes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from benchmarks.judging import TruthBoxes
from benchmarks.passages import Album
from core.arrays import I64
from core.errors import NotFound
from core.types import Family

_COLUMNS = tuple(field.name for field in fields(TruthBoxes))


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One passage: who, where, in what light, its shots (best first) and the first one's height."""

    family: Family
    identity: int
    camera: int
    light: str
    weather: str
    height_px: float
    shots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PaintedCity:
    """Its passages, and what is true of the painted pictures of each camera."""

    pages: tuple[Page, ...]
    boxes: tuple[TruthBoxes, ...]

    def album(self, family: Family) -> Album:
        """The passages of one family, as they are ranked."""
        return album_of(self.pages, family)[0]


def write_city(path: Path, city: PaintedCity) -> None:
    """All of it, or nothing if the writing is broken off."""
    rows = [
        [
            str(page.family),
            page.identity,
            page.camera,
            page.light,
            page.weather,
            page.height_px,
            [len(shot) for shot in page.shots],
        ]
        for page in city.pages
    ]
    content = b"".join(shot for page in city.pages for shot in page.shots)
    columns = {
        f"{name}.{camera}": getattr(truth, name)
        for camera, truth in enumerate(city.boxes)
        for name in _COLUMNS
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        table = np.frombuffer(json.dumps(rows).encode(), np.uint8)
        np.savez(file, rows=table, shots=np.frombuffer(content, np.uint8), **columns)
    unfinished.replace(path)


def read_city(path: Path) -> PaintedCity:
    """What `write_city` wrote; `NotFound` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as pack:
            rows, content = json.loads(pack["rows"].tobytes()), pack["shots"].tobytes()
            cameras = sum(name.startswith(f"{_COLUMNS[0]}.") for name in pack.files)
            boxes = [[pack[f"{name}.{row}"] for name in _COLUMNS] for row in range(cameras)]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise NotFound(f"{path}: want a painted city, got {error}") from error
    return PaintedCity(
        tuple(_pages(rows, content)), tuple(TruthBoxes(*columns) for columns in boxes)
    )


def _pages(rows: Sequence[Sequence[Any]], content: bytes) -> list[Page]:
    pages, at = [], 0
    for family, identity, camera, light, weather, height_px, lengths in rows:
        shots = []
        for length in lengths:
            shots.append(content[at : at + length])
            at += length
        pages.append(
            Page(Family(family), identity, camera, light, weather, height_px, tuple(shots))
        )
    return pages


def read_cities(folder: Path) -> list[PaintedCity]:
    """All painted cities that are there, by seed; `NotFound` if there is none."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise NotFound(f"{folder}: no painted cities; make them with training.calibrate")
    return [read_city(file) for file in files]


def album_of(pages: Sequence[Page], family: Family) -> tuple[Album, list[Page]]:
    """Those of one family, as the benchmarks rank them, and the same pages in the same order."""
    mine = [page for page in pages if page.family is family]
    identity: I64 = np.array([page.identity for page in mine], np.int64)
    camera: I64 = np.array([page.camera for page in mine], np.int64)
    return Album(identity, camera, tuple(page.shots for page in mine)), mine
