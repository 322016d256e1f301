"""Commits what tracking hands on: pictures, vectors, plates, then the rows: they then exist."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, U8
from core.protocols import Embedder, PlateIndex, ShotStore, Surface, TrackRows, VectorIndex
from core.types import (
    Activity,
    CutShot,
    Embeddings,
    Family,
    Shot,
    TrackletPart,
    VectorRows,
)
from pipeline.plates import plate_rows


@dataclass(frozen=True, slots=True, eq=False)
class Commit:
    """Finished parts, and the activity rows that become true once they are kept."""

    parts: tuple[TrackletPart, ...]
    activities: tuple[Activity, ...]


class CommitWriter:
    """Writes commits in the order files, vectors, plates, row: what has no row does not exist.

    `embedders` gives the models of each family; a family without one is kept without vectors.
    Shots are embedded from the very JPEG that is kept, so that a vector can be made again. The
    pictures that plates were read in are kept as shots too, and not embedded.
    """

    def __init__(
        self,
        tracks: TrackRows,
        shots: ShotStore,
        vectors: VectorIndex,
        *,
        plates: PlateIndex,
        embedders: Mapping[Family, Sequence[Embedder]],
        open_jpeg: Callable[[bytes], Surface],
    ) -> None:
        self._tracks = tracks
        self._shots = shots
        self._vectors = vectors
        self._plates = plates
        self._embedders = embedders
        self._open_jpeg = open_jpeg

    def write(self, commits: Sequence[Commit]) -> int:
        """Everything in `commits`, durably; the number of shots kept."""
        parts = [part for commit in commits for part in commit.parts]
        rows = self._keep_pictures(parts)
        self._keep_vectors(parts)
        read = plate_rows(parts)
        if read is not None:
            self._plates.add(read)
        if parts:
            self._tracks.put_parts(
                [(part.tracklet, shots) for part, shots in zip(parts, rows, strict=True)],
                [plate for part in parts for plate in part.plates],
            )
        activities = _latest(commit.activities for commit in commits)
        if activities:
            self._tracks.put_activity(activities)
        return sum(map(len, rows))

    def _keep_pictures(self, parts: Sequence[TrackletPart]) -> list[list[Shot]]:
        by_camera: dict[int, list[CutShot]] = {}
        for part in parts:
            by_camera.setdefault(part.tracklet.camera_id, []).extend(_pictures(part))
        keys: dict[int, str] = {}
        for camera_id, cut in by_camera.items():
            if cut:
                made = self._shots.put(camera_id, cut)
                keys.update(zip((shot.shot_id for shot in cut), made, strict=True))
        return [
            [_row(part, shot, keys[shot.shot_id]) for shot in _pictures(part)] for part in parts
        ]

    def _keep_vectors(self, parts: Sequence[TrackletPart]) -> None:
        for family, embedders in self._embedders.items():
            mine = [part for part in parts if part.tracklet.family is family]
            shots = [(part, shot) for part in mine for shot in part.shots]
            if not shots:
                continue
            surfaces = [self._open_jpeg(shot.jpeg) for _, shot in shots]
            for embedder in embedders:
                vectors = embedder.embed(whole_crops(surfaces, embedder.spec.input_hw))
                self._vectors.add(_vector_rows(family, embedder.spec.key, shots, vectors))


def whole_crops(surfaces: Sequence[Surface], hw: tuple[int, int]) -> U8:
    """Each whole picture at `hw`, RGB (N, 3, h, w)."""
    crops = [surface.crops(_whole(surface), hw) for surface in surfaces]
    return np.concatenate(crops) if crops else np.empty((0, 3, *hw), np.uint8)


def _whole(surface: Surface) -> F32:
    height, width = surface.size
    return np.array([[0, 0, width, height]], np.float32)


def _pictures(part: TrackletPart) -> tuple[CutShot, ...]:
    return (*part.shots, *part.evidence)


def _row(part: TrackletPart, shot: CutShot, key: str) -> Shot:
    return Shot(
        shot.shot_id,
        part.tracklet.tracklet_id,
        part.tracklet.part,
        part.tracklet.camera_id,
        shot.device_ns,
        shot.xyxy,
        shot.quality,
        key,
    )


def _vector_rows(
    family: Family, model: str, shots: Sequence[tuple[TrackletPart, CutShot]], vectors: F32
) -> VectorRows:
    shot_ids = np.array([shot.shot_id for _, shot in shots], np.int64)
    return VectorRows(
        family,
        Embeddings(model, shot_ids, vectors),
        tracklet_ids=np.array([part.tracklet.tracklet_id for part, _ in shots], np.int64),
        camera_ids=np.array([part.tracklet.camera_id for part, _ in shots], np.int64),
        device_ns=np.array([shot.device_ns for _, shot in shots], np.int64),
    )


def _latest(groups: Iterable[Sequence[Activity]]) -> list[Activity]:
    """The last row of each id: a growing span is written once per commit."""
    newest: dict[int, Activity] = {}
    for group in groups:
        newest.update({row.activity_id: row for row in group})
    return list(newest.values())
