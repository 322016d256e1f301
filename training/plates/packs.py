"""Samples drawn ahead, so that a network never waits for the generator: files of a thousand.

    python -m training.plates.packs reader --packs 200
    python -m training.plates.packs finder --packs 25
    python -m training.plates.packs reader --course chinese --first 1000

Pack `number` holds the same samples whoever draws it; a pack that is there is not drawn again, so
the same command goes on where it was stopped. Drawing a plate costs a core 3.3 ms, a vehicle 10 ms,
decoding it again 0.1 and 0.5 ms.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.arrays import F32, U8
from core.errors import NotFound
from training.plates.finder import finder_samples
from training.plates.letters import PATH, Letters
from training.plates.reader import COURSES, reader_samples

SAMPLES = 1000
HELD_OUT = 20
"""One pack in so many is for looking how good a network is."""

_QUALITY = 94
_SEED = 1


@dataclass(frozen=True, slots=True)
class ReaderSample:
    """A level plate as a JPEG, and what is on it."""

    jpeg: bytes
    text: str
    layout: str
    colour: str
    wide_px: float


@dataclass(frozen=True, slots=True, eq=False)
class FinderSample:
    """A piece of a picture as a JPEG, and the corners (P, 4, 2) of its plates."""

    jpeg: bytes
    corners: F32


def decoded(jpeg: bytes) -> U8:
    """RGB (h, w, 3)."""
    rgb = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.asarray(rgb, np.uint8)


def encoded(picture: U8) -> bytes:
    """A picture (3, h, w) with its colours at full resolution: they were spoiled already."""
    bgr = np.ascontiguousarray(picture[::-1].transpose(1, 2, 0))
    full = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    how = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full]
    return cv2.imencode(".jpg", bgr, how)[1].tobytes()


def draw_reader(
    letters: Letters, number: int, count: int = SAMPLES, course: str = "all"
) -> list[ReaderSample]:
    """The plates of one pack of that course (`training.plates.reader.COURSES`)."""
    rows = range(number * SAMPLES, number * SAMPLES + count)
    drawn = reader_samples(letters, _SEED, rows, COURSES[course])
    jpegs = [encoded(picture) for picture in drawn.pictures]
    facts = (drawn.texts, drawn.layouts, drawn.colours, drawn.wide_px.tolist())
    return [ReaderSample(*row) for row in zip(jpegs, *facts, strict=True)]


def draw_finder(letters: Letters, number: int, count: int = SAMPLES) -> list[FinderSample]:
    """The vehicles of one pack."""
    drawn = finder_samples(letters, _SEED, range(number * SAMPLES, number * SAMPLES + count))
    rows = zip(drawn.pictures, drawn.corners, drawn.counts.tolist(), strict=True)
    return [FinderSample(encoded(picture), corners[:plates]) for picture, corners, plates in rows]


def write_reader(path: Path, samples: Sequence[ReaderSample]) -> None:
    """One file, whole or not there."""
    facts = [[one.text, one.layout, one.colour, one.wide_px] for one in samples]
    _write(path, [one.jpeg for one in samples], facts)


def write_finder(path: Path, samples: Sequence[FinderSample]) -> None:
    """One file, whole or not there."""
    facts = [np.round(one.corners.astype(float), 3).tolist() for one in samples]
    _write(path, [one.jpeg for one in samples], facts)


def read_reader(paths: Iterable[Path]) -> list[ReaderSample]:
    """The plates of some packs, in order; `NotFound` if there are none."""
    return [ReaderSample(jpeg, *facts) for jpeg, facts in _read(paths)]


def read_finder(paths: Iterable[Path]) -> list[FinderSample]:
    """The vehicles of some packs, in order; `NotFound` if there are none."""
    return [
        FinderSample(jpeg, np.array(facts, np.float32).reshape(-1, 4, 2))
        for jpeg, facts in _read(paths)
    ]


def pack_files(folder: Path, *, held_out: bool) -> list[Path]:
    """The packs to learn from, or those for looking (every `HELD_OUT`th number), by name."""
    files = sorted(folder.glob("*.npz"))
    return [file for file in files if (int(file.stem) % HELD_OUT == 0) == held_out]


def _write(path: Path, jpegs: Sequence[bytes], facts: Sequence[Any]) -> None:
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            ends=np.cumsum([len(jpeg) for jpeg in jpegs], dtype=np.int64),
            facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
            jpegs=np.frombuffer(b"".join(jpegs), np.uint8),
        )
    unfinished.replace(path)


def _read(paths: Iterable[Path]) -> list[tuple[bytes, Any]]:
    rows: list[tuple[bytes, Any]] = []
    for path in paths:
        with np.load(path, allow_pickle=False) as pack:
            ends, content = pack["ends"].tolist(), pack["jpegs"].tobytes()
            facts = json.loads(pack["facts"].tobytes())
        starts = [0, *ends[:-1]]
        rows += [
            (content[start:end], fact) for start, end, fact in zip(starts, ends, facts, strict=True)
        ]
    if not rows:
        raise NotFound("no samples of plates; draw them with python -m training.plates.packs")
    return rows


def _draw_and_write(kind: str, letters: Letters, number: int, path: Path, course: str) -> None:
    if kind == "reader":
        write_reader(path, draw_reader(letters, number, course=course))
    else:
        write_finder(path, draw_finder(letters, number))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=("finder", "reader"))
    parser.add_argument("--out", type=Path, help="without it build/training/plates/KIND")
    parser.add_argument("--packs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--course", choices=sorted(COURSES), default="all", help="of a reader")
    parser.add_argument("--letters", type=Path, default=PATH)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    folder = asked.out or PATH.parent / asked.kind
    folder.mkdir(parents=True, exist_ok=True)
    letters = Letters.load(asked.letters)
    for number in range(asked.first, asked.first + asked.packs):
        path = folder / f"{number:06}.npz"
        if not path.is_file():
            _draw_and_write(asked.kind, letters, number, path, asked.course)
    print(f"{folder}: {len(list(folder.glob('*.npz')))} packs")


if __name__ == "__main__":
    main()
