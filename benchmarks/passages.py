"""True passages of subjects through views, their pictures, and how an embedder ranks them.

Crops are cut where the truth is, so that the embedder alone is judged; cut and kept as the product
does it: the best few of a passage, as JPEG of exactly the box, out of the compressed film.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.judging import TruthBoxes
from core.arrays import F32, F64, I64, Bool
from core.protocols import Embedder, Surface
from core.types import Family, Frame, ObjectClass
from ingest.pictures import open_own_jpeg
from pipeline.writer import whole_crops
from reid.metrics import Labels, RankMetrics, rank_metrics
from tracking.quality import GOOD_SIDE_PX, cut_by_border
from tracking.shots import MOST_SHOTS

LEAST_SHOT_PX = 48.0
"""A passage that never was so high is not asked for: nobody would draw a box round it."""
_BREAK = 30  # pictures out of sight after which a subject's return is another passage
_FEWEST = 5  # boxes that count, for a passage to be one
_SPACING = 5  # pictures between two shots at least
_TELLING = 0.4  # as `tracking.shots`: a shot worth less than that of the best one is not kept
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """One subject's way through one view: `rows` of its camera's truth, and its best shots' rows,
    best first."""

    camera: int
    subject: int
    kind: ObjectClass
    rows: I64
    shots: I64


def passages_of(truth: TruthBoxes, camera: int, size_hw: tuple[int, int]) -> list[Passage]:
    """The passages of one camera that are long and large enough to be asked for."""
    quality = shot_quality(truth, size_hw)
    found = []
    for subject in np.unique(truth.subject):
        mine = np.flatnonzero(truth.subject == subject)
        breaks = np.flatnonzero(np.diff(truth.picture[mine]) > _BREAK) + 1
        for rows in np.split(mine, breaks):
            counted = rows[truth.counted[rows]]
            if len(counted) < _FEWEST or truth.height_px[counted].max() < LEAST_SHOT_PX:
                continue
            kind = ObjectClass(int(truth.class_id[rows[0]]))
            shots = best_shots(counted, truth.picture[counted], quality[counted])
            found.append(Passage(camera, int(subject), kind, rows, shots))
    return found


def shot_quality(truth: TruthBoxes, size_hw: tuple[int, int]) -> F64:
    """Worth of each box as a picture (N,), as tracking rates it, the visible share being known."""
    sides = np.clip(truth.xyxy[:, 2:] - truth.xyxy[:, :2], 0, None).astype(np.float64)
    size = np.sqrt(np.minimum(np.sqrt(sides.prod(axis=1)) / GOOD_SIDE_PX, 1.0))
    border = np.where(cut_by_border(truth.xyxy, size_hw), 0.4, 1.0) if len(truth) else size
    return np.asarray(size * border * truth.visibility.astype(np.float64) ** 2)


def best_shots(rows: I64, picture: I64, quality: F64) -> I64:
    """Up to four of `rows`, best first, apart in time, none far worse than the best."""
    kept: list[int] = []
    for place in np.argsort(-quality, kind="stable"):
        if len(kept) == MOST_SHOTS or quality[place] < _TELLING * quality.max():
            break
        if all(abs(int(picture[place] - picture[other])) >= _SPACING for other in kept):
            kept.append(int(place))
    return rows[kept]


# --- pictures ----------------------------------------------------------------------------------


def cut_shots(
    frames: Iterable[Frame], truth: TruthBoxes, passages: Sequence[Passage]
) -> list[list[bytes]]:
    """The JPEGs of each passage's shots, in their order, out of the camera's film."""
    wanted: dict[int, list[int]] = {}
    for passage in passages:
        for row in passage.shots.tolist():
            wanted.setdefault(int(truth.picture[row]), []).append(row)
    cut: dict[int, bytes] = {}
    for number, frame in enumerate(frames):
        for row in wanted.get(number, ()):
            cut[row] = frame.surface.jpeg(truth.xyxy[row])
    return [[cut[row] for row in passage.shots.tolist()] for passage in passages]


def embedded(pictures: Sequence[bytes], embedder: Embedder) -> F32:
    """Unit rows (N, D) of JPEGs, each resized as a shot is."""
    rows = [np.empty((0, embedder.spec.dim), np.float32)]
    for start in range(0, len(pictures), _AT_ONCE):
        surfaces: list[Surface] = [open_own_jpeg(one) for one in pictures[start : start + _AT_ONCE]]
        rows.append(embedder.embed(whole_crops(surfaces, embedder.spec.input_hw)))
    return np.concatenate(rows)


# --- ranking -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Passages of one family over all cameras of a city: who, where and their shots (G,)."""

    identity: I64
    camera: I64
    pictures: tuple[tuple[bytes, ...], ...]

    def __len__(self) -> int:
        return len(self.identity)

    @property
    def queries(self) -> I64:
        """Rows of the first passage of each identity in each camera; its best shot asks."""
        pairs = np.stack([self.identity, self.camera], axis=1)
        return np.sort(np.unique(pairs, axis=0, return_index=True)[1]) if len(self) else pairs[:, 0]

    @property
    def labels(self) -> Labels:
        return Labels(self.identity, self.camera)


def album(
    family: Family,
    passages: Sequence[tuple[Passage, Sequence[bytes]]],
    identity_of: Mapping[int, int],
) -> Album:
    """Those of one family; `identity_of` gives each subject's identity."""
    mine = [(passage, shots) for passage, shots in passages if passage.kind.family is family]
    return Album(
        np.array([identity_of[passage.subject] for passage, _ in mine], np.int64),
        np.array([passage.camera for passage, _ in mine], np.int64),
        tuple(tuple(shots) for _, shots in mine),
    )


def likeness(pages: Album, embedder: Embedder) -> F32:
    """How alike each query's best shot and each passage's best-matching shot are, (Q, G)."""
    flat = [shot for shots in pages.pictures for shot in shots]
    if not flat:
        return np.empty((0, 0), np.float32)
    vectors = embedded(flat, embedder)
    first = np.cumsum([0, *(len(shots) for shots in pages.pictures[:-1])])
    cosines = vectors[first[pages.queries]] @ vectors.T
    return np.asarray(np.maximum.reduceat(cosines, first, axis=1), np.float32)


def ranks(pages: Album, scores: F32) -> RankMetrics:
    """Each query against the passages of all other cameras (Market-1501's protocol otherwise)."""
    asking = Labels(pages.identity[pages.queries], pages.camera[pages.queries])
    elsewhere = asking.camera[:, None] != pages.camera[None, :]
    return rank_metrics(np.where(elsewhere, scores, -np.inf), asking, pages.labels)


# --- pairs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class HardPairs:
    """Balanced pairs of a query row and a gallery row: (P,) each, same and different in step."""

    query: I64
    same: I64
    different: I64

    def __len__(self) -> int:
        return len(self.query)


def hard_pairs(pages: Album, colours: F32) -> HardPairs:
    """Every query with each true passage elsewhere, and for each of these the passage of that same
    camera, of another subject, whose colours are nearest to the query's.

    `colours` (Q, G) is the likeness by a colour histogram: look-alikes are found without asking
    the embedder that is to be judged. A camera that saw nobody else gives no pair.
    """
    found = list(_found_pairs(pages, colours))
    query, same, different = np.array(found, np.int64).reshape(-1, 3).T
    return HardPairs(query, same, different)


def _found_pairs(pages: Album, colours: F32) -> Iterator[tuple[int, int, int]]:
    for place, row in enumerate(pages.queries.tolist()):
        alike = pages.identity == pages.identity[row]
        for true in np.flatnonzero(alike & (pages.camera != pages.camera[row])).tolist():
            others: Bool = (pages.camera == pages.camera[true]) & ~alike
            if others.any():
                nearest = int(np.where(others, colours[place], -np.inf).argmax())
                yield place, true, nearest


def pair_scores(pairs: HardPairs, scores: F32) -> tuple[F32, F32]:
    """Likeness of the same (P,) and of the different pairs (P,)."""
    return scores[pairs.query, pairs.same], scores[pairs.query, pairs.different]
