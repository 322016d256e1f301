"""Everything that is kept, on real files in a folder of a test, and something to keep."""

from pathlib import Path

from core.arrays import F32
from core.errors import NotFound
from core.plates.patterns import parse_pattern
from core.types import Case, Family, FootageSegment, Scope, TrackletPart
from index.exact import NumpyIndex
from index.footage import FileFootageStore
from index.plates.files import FilePlateIndex
from index.probes import FileProbeStore
from index.retention import Retention
from index.rows.store import SqlStore
from index.shots import PackShotStore
from pipeline.plates import plate_rows
from tests.builders import (
    MODEL_KEY,
    SetClock,
    activity,
    at,
    camera,
    cut_shot,
    plate,
    probe,
    scope,
    segment,
    shot,
    tracklet,
    unit_rows,
    vector_rows,
)

DAY_S = 86_400.0


def mark(camera_id: int) -> bytes:
    """Bytes that stand in every picture of a camera, and nowhere else."""
    return b"<picture of camera %d>" % camera_id


class Installation:
    """One process that ingests, reads and cleans up."""

    def __init__(self, folder: Path, *, url: str = "", writer: int | None = 1) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'casetrace.db'}"
        self.now = SetClock(at(DAY_S))
        self.store = SqlStore.open(self.url)
        self.vectors = NumpyIndex(folder / "vectors", writer=writer, reserve_bytes=0)
        self.plates = FilePlateIndex(folder / "plates", writer=writer, reserve_bytes=0, threads=1)
        self.shots = PackShotStore(folder / "shots", writer=writer, reserve_bytes=0)
        self.footage = FileFootageStore(folder / "footage", writer=writer, reserve_bytes=0)
        self.probes = FileProbeStore(folder / "probes", reserve_bytes=0)
        self._count = 0

    def close(self) -> None:
        for part in (self.store, self.vectors, self.plates, self.shots, self.footage):
            part.close()

    def retention(self, **days: int) -> Retention:
        return Retention(
            self.store,
            self.vectors,
            self.shots,
            self.footage,
            self.now,
            plates=self.plates,
            **days,
        )

    def add_camera(self, camera_id: int = 1, *, retention_days: int = 0) -> None:
        self.store.cameras.put(camera(camera_id, retention_days=retention_days))

    def see(self, camera_id: int = 1, start_s: float = 0.0) -> int:
        """Somebody passes for 5 s in a minute of footage: files, vectors, plate, then rows."""
        self._count += 1
        one = self._count
        seen = tracklet(one, camera_id=camera_id, start_s=start_s)
        cut = cut_shot(one, at_s=start_s, jpeg=mark(camera_id) + b"%d" % one)
        (key,) = self.shots.put(camera_id, [cut])
        kept = self.record(camera_id, start_s)
        self.vectors.add(
            vector_rows((one,), camera_id=camera_id, start_s=start_s, vectors=vector_of(one))
        )
        read = plate(one, seen, text=text_of(one), shot_id=one)
        part = TrackletPart(seen, (cut,), (read,))
        rows = plate_rows([part])
        assert rows is not None
        self.plates.add(rows)
        self.store.tracks.put_footage(kept)
        self.store.tracks.put_parts([(seen, [shot(one, seen, key=key)])], [read])
        self.store.tracks.put_activity(
            [activity(one, camera_id=camera_id, start_s=start_s, end_s=start_s + 60)]
        )
        return one

    def record(self, camera_id: int, start_s: float) -> FootageSegment:
        staged = self.footage.stage(camera_id, self._count)
        staged.write_bytes(mark(camera_id) * 100)
        wanted = segment(self._count, camera_id=camera_id, start_s=start_s, end_s=start_s + 60)
        return self.footage.keep(staged, wanted)

    def ask(self, case: Case) -> None:
        """A case with a probe, a search and its picture."""
        self.store.cases.put(case)
        key = self.probes.put(case.case_id, case.case_id, b"<probe of %d>" % case.case_id)
        self.store.cases.put_probe(probe(case.case_id, case_id=case.case_id))
        self.store.cases.put_search(case.case_id, case.case_id, at(0), {"probe": key})

    def tells(self, one: int, camera_id: int = 1) -> dict[str, bool]:
        """Which stores still give what `see` kept."""
        everything = scope((camera_id,), -1e6, 1e9)
        hits = self.vectors.search(everything, Family.PERSON, MODEL_KEY, vector_of(one), 1)
        shots = self.store.tracks.shots(everything, tracklet_ids=[one])
        plates = self.plates.search(everything, parse_pattern(text_of(one)), 1)
        rows = self.store.tracks.plates(everything, tracklet_ids=[one])
        segments = [s for s in self.store.tracks.footage(everything) if s.segment_id == one]
        return {
            "row": bool(self.store.tracks.tracklets(everything, ids=[one])),
            "vector": hits.ids.tolist() == [[one]],
            "plate": [hit.tracklet_id for hit in plates] == [one] and plates[0].llr > 0,
            "plate row": [row.tracklet_id for row in rows] == [one],
            "picture": any(self._has_picture(everything, row.key) for row in shots),
            "footage": any(self.footage.path(everything, row).exists() for row in segments),
        }

    def _has_picture(self, everything: Scope, key: str) -> bool:
        try:
            return bool(self.shots.get(everything, key))
        except NotFound:
            return False

    def files_with(self, content: bytes) -> list[str]:
        """Files below the folder that hold these bytes."""
        files = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return [str(path) for path in files if content in path.read_bytes()]


def text_of(one: int) -> str:
    """The plate that `see` kept of a tracklet."""
    return f"京A{one * 11117 % 100_000:05d}"


def vector_of(one: int) -> F32:
    """The vector that `see` kept of a tracklet."""
    return unit_rows(1, seed=one)
