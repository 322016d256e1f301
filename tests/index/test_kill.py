"""A writer is killed at random moments; what it committed is there once, and nothing else is."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.types import Family, Shot
from index.lifecycle import SegmentedFiles
from index.packs import KEPT, opened, records
from tests.builders import MODEL_KEY, camera, scope
from tests.index.committer import CAMERAS, Stores, picture_of, stored_shots, vector_of

PROJECT = Path(__file__).parents[2]
EVERYTHING = scope(CAMERAS, 0, 1e8)


class Nursery:
    """Starts committers in a folder and kills them."""

    def __init__(self, folder: Path) -> None:
        # One thread each: a fork copies no others.
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.index.committer", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=os.environ | threads,
        )

    def run_killed(self, start_s: float, delay_s: float, since: str) -> list[int]:
        """The shots that a committer said were committed before it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{start_s} {delay_s} {since}\n")
        self._process.stdin.flush()
        said: list[int] = json.loads(self._process.stdout.readline())
        return said

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    started = Nursery(tmp_path / "kept")
    yield started
    started.close()


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_a_killed_writer_loses_and_doubles_nothing_that_it_committed(
    nursery: Nursery, tmp_path: Path, kills: int
) -> None:
    moments = random.Random(20260504)  # noqa: S311
    committed: set[int] = set()
    prepare(tmp_path / "kept")
    for number in range(kills):
        since = "start" if number % 4 == 3 else "commit"
        said = nursery.run_killed(number * 3600.0, moments.uniform(0.0, 0.2), since)
        committed |= set(said)

        stores = Stores(tmp_path / "kept")
        stores.sweep()
        kept = stored_shots(stores)
        check(stores, kept, tmp_path / "kept")
        stores.close()

        assert committed <= {shot.shot_id for shot in kept}
    assert len(committed) > kills


def prepare(folder: Path) -> None:
    """The cameras, without which no row is taken."""
    stores = Stores(folder)
    for camera_id in CAMERAS:
        stores.rows.cameras.put(camera(camera_id))
    stores.close()


def check(stores: Stores, kept: list[Shot], folder: Path) -> None:
    """Each row has its vector, its picture and its footage, once; nothing is without a row."""
    shot_ids = [shot.shot_id for shot in kept]
    assert len(set(shot_ids)) == len(shot_ids)
    assert indexed_shots(stores) == sorted(shot_ids)
    assert packed_shots(folder) == sorted(shot_ids)
    assert indexed_plates(stores) == sorted(
        row.plate_id for row in stores.rows.tracks.plates(EVERYTHING, plate_ids=shot_ids)
    )
    for shot in kept[-6:]:
        hits = stores.vectors.search(
            EVERYTHING, Family.PERSON, MODEL_KEY, vector_of(shot.shot_id), 1
        )
        assert (hits.ids[0, 0], hits.shots[0, 0]) == (shot.tracklet_id, shot.shot_id)
        assert stores.shots.get(EVERYTHING, shot.key) == picture_of(shot.shot_id)
    segments = stores.rows.tracks.footage(EVERYTHING)
    assert len(list((folder / "footage").rglob("*.mp4"))) == len(segments)
    stores.vectors.verify()
    stores.plates.verify()
    stores.shots.verify()
    stores.footage.verify(segments[-3:])


def indexed_shots(stores: Stores) -> list[int]:
    """The shot of every row of every segment that counts."""
    return _indexed(stores.vectors)


def indexed_plates(stores: Stores) -> list[int]:
    """The plate of every row of every segment that counts."""
    return _indexed(stores.plates)


def _indexed(files: SegmentedFiles) -> list[int]:
    return sorted(
        one
        for gallery in files._all_galleries()
        for part in gallery.read(lambda snapshot: snapshot.parts)
        for one in part.columns.shot_ids.tolist()
    )


def packed_shots(folder: Path) -> list[int]:
    """The shot of every record that still has its picture."""
    found = []
    for path in (folder / "shots").rglob("*.pack"):
        with opened(path, os.O_RDONLY) as descriptor:
            found += [r.shot_id for r in records(descriptor, path) if r.kind == KEPT]
    return sorted(found)
