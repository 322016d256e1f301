"""How well tracklets of one camera follow its subjects: IDF1 and HOTA.

The judge is the `trackeval` package where it is installed (`pip install --no-deps trackeval`);
the same two measures stand here by their papers, so that the figures can be had without it, and a
test holds both to one result.
"""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.judging import LEAST_HEIGHT_PX, LEAST_OVERLAP, TruthBoxes, lies_on
from core.arrays import F32, F64, I64, Bool
from core.errors import InvalidInput
from core.geometry import interpolated, iou
from core.types import Tracklet

_ALPHAS = np.arange(0.05, 0.99, 0.05)
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class TrackTable:
    """Per picture: true ids (G,), our ids (O,), both counted from 0, and their overlaps (G, O)."""

    truth: tuple[I64, ...]
    ours: tuple[I64, ...]
    overlaps: tuple[F64, ...]

    @property
    def true_subjects(self) -> int:
        return 1 + max((int(ids.max()) for ids in self.truth if len(ids)), default=-1)

    @property
    def our_tracks(self) -> int:
        return 1 + max((int(ids.max()) for ids in self.ours if len(ids)), default=-1)

    @property
    def true_boxes(self) -> int:
        return sum(map(len, self.truth))

    @property
    def our_boxes(self) -> int:
        return sum(map(len, self.ours))


@dataclass(frozen=True, slots=True)
class TrackScore:
    """IDF1 and HOTA of one camera; HOTA is the mean over 19 overlaps, as are its two factors."""

    idf1: float
    hota: float
    det_a: float
    ass_a: float


# --- tables ------------------------------------------------------------------------------------


def track_table(truth: TruthBoxes, at_ns: I64, ours: Sequence[Tracklet]) -> TrackTable:
    """Our tracklets, between their looks interpolated, against the truth at pictures `at_ns` (P,).

    `ours` are whole (see `scoring.joined`). Classes are not compared: following is judged here.
    True boxes that do not count are taken out, and ours that lie on one of them with them.
    """
    picture, track, xyxy = _laid_out(at_ns, ours)
    pictures = [
        _picture(truth.of_picture(number), track[mine], xyxy[mine])
        for number in range(len(at_ns))
        for mine in [slice(*np.searchsorted(picture, [number, number + 1]))]
    ]
    return TrackTable(
        _from_zero([subjects for subjects, _, _ in pictures]),
        _from_zero([tracks for _, tracks, _ in pictures]),
        tuple(overlaps for _, _, overlaps in pictures),
    )


def _laid_out(at_ns: I64, ours: Sequence[Tracklet]) -> tuple[I64, I64, F32]:
    """Picture, track and box of ours at every picture within a track's span, by picture."""
    pictures, tracks = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    boxes = [np.empty((0, 4), np.float32)]
    for row, one in enumerate(ours):
        low, high = np.searchsorted(at_ns, [one.span.start_ns, one.span.end_ns])
        pictures.append(np.arange(low, high))
        tracks.append(np.full(high - low, row, np.int64))
        boxes.append(interpolated(at_ns[low:high], one.device_ns, one.xyxy))
    picture = np.concatenate(pictures)
    order = np.argsort(picture, kind="stable")
    return picture[order], np.concatenate(tracks)[order], np.concatenate(boxes)[order]


def _picture(truth: TruthBoxes, tracks: I64, xyxy: F32) -> tuple[I64, I64, F64]:
    counted = truth.counted
    overlap = iou(truth.xyxy, xyxy).astype(np.float64)
    kept = ~_on_uncounted(truth, overlap, xyxy)
    return truth.subject[counted], tracks[kept], overlap[np.ix_(counted, kept)]


def _on_uncounted(truth: TruthBoxes, overlap: F64, xyxy: F32) -> Bool:
    """Which of ours (O,) belong to a true box that does not count, by the best one-to-one match;
    or to none, and lie mostly on such a box or are too small to be asked for."""
    rows, columns = linear_sum_assignment(-np.where(overlap >= LEAST_OVERLAP, overlap, 0))
    matched = overlap[rows, columns] >= LEAST_OVERLAP
    uncounted = ~truth.counted
    left_out = lies_on(xyxy, truth.xyxy[uncounted])
    left_out |= xyxy[:, 3] - xyxy[:, 1] < LEAST_HEIGHT_PX
    left_out[columns[matched]] = uncounted[rows[matched]]
    return left_out


def _from_zero(ids: Sequence[I64]) -> tuple[I64, ...]:
    known = np.unique(np.concatenate([np.empty(0, np.int64), *ids]))
    return tuple(np.searchsorted(known, one).astype(np.int64) for one in ids)


# --- scores ------------------------------------------------------------------------------------


def has_trackeval() -> bool:
    """Whether the package `trackeval` is installed."""
    return find_spec("trackeval") is not None


def track_score(table: TrackTable) -> TrackScore:
    """By `trackeval` where it is installed, else by ours. `InvalidInput` without a true box."""
    if not table.true_boxes:
        raise InvalidInput("tracks: want one true box or more, got none")
    return by_trackeval(table) if has_trackeval() else by_papers(table)


def by_trackeval(table: TrackTable) -> TrackScore:
    """The package's HOTA and Identity."""
    with redirect_stdout(io.StringIO()):  # it tells of optional parts that it does without
        from trackeval.metrics import HOTA, Identity
    sequence: dict[str, Any] = {
        "num_gt_dets": table.true_boxes,
        "num_tracker_dets": table.our_boxes,
        "num_gt_ids": table.true_subjects,
        "num_tracker_ids": table.our_tracks,
        "gt_ids": table.truth,
        "tracker_ids": table.ours,
        "similarity_scores": table.overlaps,
    }
    followed = HOTA().eval_sequence(sequence)
    identity = Identity({"PRINT_CONFIG": False}).eval_sequence(sequence)
    means = (float(np.mean(followed[field])) for field in ("HOTA", "DetA", "AssA"))
    return TrackScore(float(identity["IDF1"]), *means)


def by_papers(table: TrackTable) -> TrackScore:
    """The same two by the formulas of their papers."""
    det_a, ass_a = hota_parts(table)
    hota = np.sqrt(det_a * ass_a).mean()
    return TrackScore(idf1(table), float(hota), float(det_a.mean()), float(ass_a.mean()))


def idf1(table: TrackTable) -> float:
    """2 IDTP / (true boxes + our boxes), under the one-to-one match of subjects to tracks with
    the most boxes in common (Ristani et al., "Performance Measures and a Data Set for
    Multi-Target, Multi-Camera Tracking", ECCV 2016 workshops)."""
    together = np.zeros((table.true_subjects, table.our_tracks))
    for truth, ours, overlap in zip(table.truth, table.ours, table.overlaps, strict=True):
        together[np.ix_(truth, ours)] += overlap >= LEAST_OVERLAP
    matched = together[linear_sum_assignment(-together)].sum()
    return float(2 * matched / max(1, table.true_boxes + table.our_boxes))


def hota_parts(table: TrackTable) -> tuple[F64, F64]:
    """DetA and AssA at each of the 19 overlaps, (19,), whose geometric mean is HOTA.

    Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 2021.
    """
    of_truth = _lengths(table.truth, table.true_subjects)[:, None]
    of_ours = _lengths(table.ours, table.our_tracks)[None, :]
    alike = _alignment(table, of_truth + of_ours)
    matches = np.zeros((len(_ALPHAS), table.true_subjects, table.our_tracks))
    for truth, ours, overlap in zip(table.truth, table.ours, table.overlaps, strict=True):
        rows, columns = linear_sum_assignment(-alike[np.ix_(truth, ours)] * overlap)
        enough = overlap[rows, columns] >= _ALPHAS[:, None] - _EPSILON
        matches[:, truth[rows], ours[columns]] += enough
    hits = matches.sum(axis=(1, 2))
    det_a = hits / np.maximum(1, table.true_boxes + table.our_boxes - hits)
    associated = matches / np.maximum(1, of_truth + of_ours - matches)
    ass_a = (matches * associated).sum(axis=(1, 2)) / np.maximum(1, hits)
    return det_a, ass_a


def _lengths(ids: Sequence[I64], count: int) -> F64:
    every = np.concatenate([np.empty(0, np.int64), *ids])
    return np.bincount(every, minlength=count).astype(np.float64)


def _alignment(table: TrackTable, lengths: F64) -> F64:
    """How alike each subject and track are over all pictures (G, O), before any is matched."""
    shared = np.zeros((table.true_subjects, table.our_tracks))
    for truth, ours, overlap in zip(table.truth, table.ours, table.overlaps, strict=True):
        rest = overlap.sum(axis=0)[None, :] + overlap.sum(axis=1)[:, None] - overlap
        some = rest > _EPSILON
        shared[np.ix_(truth, ours)] += np.divide(
            overlap, rest, out=np.zeros_like(overlap), where=some
        )
    return np.asarray(shared / (lengths - shared), np.float64)
