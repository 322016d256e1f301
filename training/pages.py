"""Passages with their shots on disk, a city a file, and as the benchmarks rank them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.passages import Album
from core.arrays import I64
from core.errors import NotFound
from core.types import Family


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


def write_city(path: Path, pages: Sequence[Page]) -> None:
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
        for page in pages
    ]
    content = b"".join(shot for page in pages for shot in page.shots)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        table = np.frombuffer(json.dumps(rows).encode(), np.uint8)
        np.savez(file, rows=table, shots=np.frombuffer(content, np.uint8))
    unfinished.replace(path)


def read_city(path: Path) -> list[Page]:
    """The pages of one city."""
    with np.load(path, allow_pickle=False) as pack:
        rows, content = json.loads(pack["rows"].tobytes()), pack["shots"].tobytes()
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


def read_cities(folder: Path) -> list[list[Page]]:
    """The pages of all cities that are there, by seed; `NotFound` if there is none."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise NotFound(f"{folder}: no passages; make them with training.calibrate")
    return [read_city(file) for file in files]


def album_of(pages: Sequence[Page], family: Family) -> tuple[Album, list[Page]]:
    """Those of one family, as the benchmarks rank them, and the same pages in the same order."""
    mine = [page for page in pages if page.family is family]
    identity: I64 = np.array([page.identity for page in mine], np.int64)
    camera: I64 = np.array([page.camera for page in mine], np.int64)
    return Album(identity, camera, tuple(page.shots for page in mine)), mine
