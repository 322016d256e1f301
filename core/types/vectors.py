"""Unit vectors of shots, and what a search among them gives."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64, checked, same_length
from core.errors import InvalidInput
from core.types.tracks import Family


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """`vectors` (N, D) unit rows of `shot_ids` (N,) by one model (`ModelSpec.key`)."""

    model: str
    shot_ids: I64
    vectors: F32

    def __post_init__(self) -> None:
        checked("shot_ids", self.shot_ids, np.int64, "N")
        checked("vectors", self.vectors, np.float32, "N", "D")
        same_length(shot_ids=self.shot_ids, vectors=self.vectors)
        norms = np.linalg.norm(self.vectors, axis=1)
        if not (np.abs(norms - 1) < 1e-3).all():
            worst = float(norms[np.abs(norms - 1).argmax()])
            raise InvalidInput(f"vectors: want unit rows, got one of length {worst:.4g}")


@dataclass(frozen=True, slots=True, eq=False)
class VectorRows:
    """Embeddings with where and when: what a vector index keeps. All (N,) beside the vectors."""

    family: Family
    embeddings: Embeddings
    tracklet_ids: I64
    camera_ids: I64
    device_ns: I64

    def __post_init__(self) -> None:
        checked("tracklet_ids", self.tracklet_ids, np.int64, "N")
        checked("camera_ids", self.camera_ids, np.int64, "N")
        checked("device_ns", self.device_ns, np.int64, "N")
        same_length(
            shot_ids=self.embeddings.shot_ids,
            tracklet_ids=self.tracklet_ids,
            camera_ids=self.camera_ids,
            device_ns=self.device_ns,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Per query K distinct tracklets with their best shot, best first.

    `ids` and `shots` int64 (Q, K), `scores` float32 (Q, K) cosine; an empty slot is -1, -1, -inf.
    """

    ids: I64
    shots: I64
    scores: F32

    def __post_init__(self) -> None:
        checked("ids", self.ids, np.int64, "Q", "K")
        checked("shots", self.shots, np.int64, *self.ids.shape)
        checked("scores", self.scores, np.float32, *self.ids.shape)


def no_hits(queries: int, k: int) -> Hits:
    """All slots empty."""
    shape = (queries, k)
    return Hits(
        np.full(shape, -1, np.int64),
        np.full(shape, -1, np.int64),
        np.full(shape, -np.inf, np.float32),
    )
