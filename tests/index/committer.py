"""A process that commits parts until it is killed, and the nursery that starts and kills it.

    python -m tests.index.committer FOLDER

The nursery reads `START_S DELAY_S SINCE` lines and for each forks a committer, kills it after the
delay (since its `start`, or since its first `commit`) and answers with the shots whose row was
committed before, as JSON. Forking spares the imports.
"""

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.arrays import F32
from core.clocks import system_now
from core.ids import IdSource
from core.types import CutShot, Embeddings, Shot, Tracklet, TrackletPart, VectorRows
from index.faiss_index import FaissIndex
from index.footage import FileFootageStore
from index.plates.files import FilePlateIndex
from index.rows.store import SqlStore
from index.shots import PackShotStore
from pipeline.plates import plate_rows
from tests.builders import MODEL_KEY, at, cut_shot, plate, scope, segment, shot, tracklet

WRITER = 3
CAMERAS = (1, 2, 3)
_SHOTS = 2
_STEP_S = 400.0  # nine parts an hour, so that hours end often


def picture_of(shot_id: int) -> bytes:
    """The JPEG of a shot, made from its number."""
    return b"<picture %d>" % shot_id * 40


def vector_of(shot_id: int) -> F32:
    """The vector of a shot (1, 8), made from its number."""
    row = np.random.default_rng(shot_id).standard_normal((1, 8))
    return np.asarray(row / np.linalg.norm(row), np.float32)


class Stores:
    """Everything that a writer opens, in one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.rows = SqlStore.open(f"sqlite:///{folder / 'casetrace.db'}")
        self.vectors = FaissIndex(folder / "vectors", writer=WRITER, reserve_bytes=0)
        self.plates = FilePlateIndex(folder / "plates", writer=WRITER, reserve_bytes=0, threads=1)
        self.shots = PackShotStore(folder / "shots", writer=WRITER, reserve_bytes=0)
        self.footage = FileFootageStore(folder / "footage", writer=WRITER, reserve_bytes=0)

    def sweep(self) -> int:
        """What was left of work that was not committed is cut off; how much."""
        tracks = self.rows.tracks
        return (
            self.vectors.sweep(tracks.known_shots)
            + self.plates.sweep(tracks.known_plates)
            + self.shots.sweep(tracks.known_shots)
            + self.footage.sweep(tracks.known_segments)
        )

    def close(self) -> None:
        for part in (self.rows, self.vectors, self.plates, self.shots, self.footage):
            part.close()


def commit(stores: Stores, ids: IdSource, camera_id: int, start_s: float) -> list[int]:
    """Files, vectors, a plate with its first shot's id, then the rows of one part; its shots."""
    seen = tracklet(ids.next(), camera_id=camera_id, start_s=start_s)
    cut = [
        cut_shot(one, at_s=start_s + i, jpeg=picture_of(one))
        for i, one in enumerate(ids.next() for _ in range(_SHOTS))
    ]
    _keep_footage(stores, ids.next(), camera_id, start_s)
    keys = stores.shots.put(camera_id, cut)
    stores.vectors.add(_vectors(seen, cut))
    rows = [shot(one.shot_id, seen, box=i, key=keys[i]) for i, one in enumerate(cut)]
    read = plate(cut[0].shot_id, seen, shot_id=cut[0].shot_id)
    readings = plate_rows([TrackletPart(seen, tuple(cut), (read,))])
    if readings is not None:
        stores.plates.add(readings)
    stores.rows.tracks.put_parts([(seen, rows)], [read])
    return [row.shot_id for row in rows]


def _keep_footage(stores: Stores, segment_id: int, camera_id: int, start_s: float) -> None:
    staged = stores.footage.stage(camera_id, segment_id)
    staged.write_bytes(b"packets" * 100)
    minute = segment(segment_id, camera_id=camera_id, start_s=start_s, end_s=start_s + 60)
    stores.rows.tracks.put_footage(stores.footage.keep(staged, minute))


def _vectors(seen: Tracklet, cut: Sequence[CutShot]) -> VectorRows:
    ids = [one.shot_id for one in cut]
    return VectorRows(
        seen.family,
        Embeddings(MODEL_KEY, np.array(ids), np.concatenate([vector_of(one) for one in ids])),
        np.full(len(cut), seen.tracklet_id),
        np.full(len(cut), seen.camera_id),
        np.array([one.device_ns for one in cut]),
    )


def commit_for_ever(folder: Path, start_s: float, acknowledge: int) -> None:
    """Commit part after part; seal hours that ended, and now and then rewrite."""
    stores = Stores(folder)
    stores.sweep()
    ids = IdSource(WRITER, system_now)
    for number in range(1_000_000):
        start_s += _STEP_S
        shots = commit(stores, ids, CAMERAS[number % len(CAMERAS)], start_s)
        os.write(acknowledge, b"".join(b"%d\n" % one for one in shots))
        for index in (stores.vectors, stores.plates):
            index.seal(at(start_s - 600))
            if number % 7 == 6:
                index.compact()


def run_killed(folder: Path, start_s: float, delay_s: float, since: str) -> list[int]:
    """Let a committer run for a while, kill it; the shots that it said were committed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            commit_for_ever(folder, start_s, writing)
        except BaseException:  # noqa: BLE001 - said to whoever reads the test's output
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writing)
    said = os.read(reading, 65536) if since == "commit" else b""
    said += _read_until(reading, time.monotonic() + delay_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    said += _read_until(reading, time.monotonic() + 60)
    os.close(reading)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the committer ended before it was killed")
    return [int(line) for line in said.split(b"\n")[:-1]]


def _read_until(descriptor: int, deadline: float) -> bytes:
    """What is said until then, or until nobody is left to say more."""
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([descriptor], [], [], left)
        more = os.read(descriptor, 65536) if ready else b""
        if ready and not more:
            break
        said += more
    return said


def stored_shots(stores: Stores) -> list[Shot]:
    """All rows of shots."""
    return stores.rows.tracks.shots(scope(CAMERAS, 0, 1e8))


def main() -> None:
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        start_s, delay_s, since = line.split()
        said = run_killed(folder, float(start_s), float(delay_s), since)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
