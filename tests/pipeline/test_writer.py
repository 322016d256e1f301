"""Commits: pictures, then vectors, then rows; families without an embedder too."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import StorageFull
from core.types import (
    Activity,
    CutShot,
    Family,
    ObjectClass,
    Plate,
    PlateRows,
    Shot,
    Tracklet,
    TrackletPart,
    VectorRows,
)
from ingest.pictures import open_own_jpeg
from ingest.surface import HostSurface
from pipeline.writer import Commit, CommitWriter
from reid.fake import ColourEmbedder
from tests.builders import activity, at, plate

RED = HostSurface.of_rgb(np.full((96, 48, 3), (200, 20, 20), np.uint8)).jpeg()


class Ledger:
    """Stands where rows, shots and vectors are kept; remembers in which order it was asked."""

    def __init__(self, *, full: bool = False) -> None:
        self.steps: list[str] = []
        self.parts: list[tuple[Tracklet, Sequence[Shot]]] = []
        self.rows: list[VectorRows] = []
        self.plates: list[Plate] = []
        self.activities: list[Activity] = []
        self._full = full

    def put(self, camera_id: int, shots: Sequence[CutShot]) -> list[str]:
        if self._full:
            raise StorageFull("disk: want room, got none")
        self.steps.append("shots")
        return [f"{camera_id}/{shot.shot_id}" for shot in shots]

    def add(self, rows: VectorRows) -> None:
        self.steps.append("vectors")
        self.rows.append(rows)

    def put_parts(
        self, parts: Sequence[tuple[Tracklet, Sequence[Shot]]], plates: Sequence[Plate] = ()
    ) -> None:
        self.steps.append("rows")
        self.parts.extend(parts)
        self.plates.extend(plates)

    def put_activity(self, activities: Sequence[Activity]) -> None:
        self.steps.append("activity")
        self.activities.extend(activities)


class PlateLedger:
    """Stands where plates are kept, in the same order of steps."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.rows: list[PlateRows] = []

    def add(self, rows: PlateRows) -> None:
        self._ledger.steps.append("plates")
        self.rows.append(rows)


def part(tracklet_id: int = 1, *, of: ObjectClass = ObjectClass.PERSON) -> TrackletPart:
    box = np.array([[0, 0, 48, 96]], np.float32)
    at_ns = np.array([at(tracklet_id)], np.int64)
    whole = Tracklet(tracklet_id, 0, 7, 1, int(of), at_ns, box, np.ones(1, np.float32))
    shot = CutShot(100 + tracklet_id, at(tracklet_id), (0.0, 0.0, 48.0, 96.0), 0.9, RED)
    return TrackletPart(whole, (shot,))


def written(ledger: Ledger, *commits: Commit) -> int:
    writer = CommitWriter(
        ledger,  # type: ignore[arg-type]
        ledger,  # type: ignore[arg-type]
        ledger,  # type: ignore[arg-type]
        plates=PlateLedger(ledger),  # type: ignore[arg-type]
        embedders={Family.PERSON: [ColourEmbedder()]},
        open_jpeg=open_own_jpeg,
    )
    return writer.write(commits)


def test_write_keeps_files_then_vectors_then_rows() -> None:
    ledger = Ledger()
    assert written(ledger, Commit((part(1), part(2)), (activity(),))) == 2
    assert ledger.steps == ["shots", "vectors", "rows", "activity"]


def test_write_ties_each_shot_to_its_key_and_vector() -> None:
    ledger = Ledger()
    written(ledger, Commit((part(1), part(2)), ()))
    assert [shots[0].key for _, shots in ledger.parts] == ["7/101", "7/102"]
    assert ledger.rows[0].embeddings.shot_ids.tolist() == [101, 102]
    assert ledger.rows[0].tracklet_ids.tolist() == [1, 2]


def test_write_keeps_a_family_without_an_embedder_without_vectors() -> None:
    ledger = Ledger()
    written(ledger, Commit((part(of=ObjectClass.CAR),), ()))
    assert ledger.steps == ["shots", "rows"]


def test_write_of_a_growing_activity_writes_its_last_state() -> None:
    ledger = Ledger()
    first, later = activity(5, end_s=10), activity(5, end_s=20)
    written(ledger, Commit((), (first,)), Commit((), (later,)))
    assert ledger.activities == [later]


def test_write_on_a_full_disk_leaves_no_row() -> None:
    ledger = Ledger(full=True)
    with pytest.raises(StorageFull):
        written(ledger, Commit((part(),), (activity(),)))
    assert ledger.steps == []


def test_write_of_nothing_asks_nothing() -> None:
    ledger = Ledger()
    assert written(ledger) == 0
    assert ledger.steps == []


def read_part(tracklet_id: int = 1) -> TrackletPart:
    """A car whose plate was read in a picture that is none of its shots."""
    seen = part(tracklet_id, of=ObjectClass.CAR)
    shot = CutShot(500 + tracklet_id, at(tracklet_id), (0.0, 0.0, 48.0, 96.0), 0.8, RED)
    read = plate(900 + tracklet_id, seen.tracklet, shot_id=shot.shot_id)
    return TrackletPart(seen.tracklet, seen.shots, (read,), (shot,))


def test_write_keeps_plates_after_vectors_and_before_rows() -> None:
    ledger = Ledger()
    assert written(ledger, Commit((part(1), read_part(2)), ())) == 3
    assert ledger.steps == ["shots", "vectors", "plates", "rows"]
    assert [one.plate_id for one in ledger.plates] == [902]


def test_write_keeps_the_evidence_as_a_shot_that_is_not_embedded() -> None:
    ledger = Ledger()
    written(ledger, Commit((part(1), read_part(2)), ()))
    assert [[shot.shot_id for shot in shots] for _, shots in ledger.parts] == [[101], [102, 502]]
    assert [rows.embeddings.shot_ids.tolist() for rows in ledger.rows] == [[101]]
