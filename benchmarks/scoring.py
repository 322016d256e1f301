"""Scores our tracklets against sparse labels: which are covered, and who each of ours is."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.arrays import F32, I64, Bool
from core.clocks import utc_of
from core.errors import InvalidInput
from core.geometry import areas, interpolated
from core.types import Tracklet

_COLUMNS = {"camera", "video", "tracklet", "identity", "frame_in_clip", "x1", "y1", "x2", "y2"}


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A labelled tracklet: who, where, and its few boxes at (T,) frames of its clip."""

    camera: str
    video: str
    name: str
    identity: str
    frames: I64
    xyxy: F32


def read_labels(path: Path) -> list[Labelled]:
    """The labelled tracklets of a `gt_tracklets.tsv`, without those marked false (`FP_*`)."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        if not set(reader.fieldnames or ()) >= _COLUMNS:
            raise InvalidInput(f"{path}: want columns {sorted(_COLUMNS)}, got {reader.fieldnames}")
        rows = [row for row in reader if not row["identity"].startswith("FP")]
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault((row["camera"], row["video"], row["tracklet"]), []).append(row)
    return [_labelled(key, group) for key, group in sorted(groups.items())]


def _labelled(key: tuple[str, str, str], rows: Sequence[Mapping[str, str]]) -> Labelled:
    ordered = sorted(rows, key=lambda row: int(row["frame_in_clip"]))
    frames = np.array([int(row["frame_in_clip"]) for row in ordered], np.int64)
    sides = [[float(row[side]) for side in ("x1", "y1", "x2", "y2")] for row in ordered]
    return Labelled(*key, ordered[0]["identity"], frames, np.array(sides, np.float32))


def frame_times(frames: I64, rate: Fraction, start_ns: int) -> I64:
    """Device times (T,) of picture numbers in a clip of constant `rate` begun at `start_ns`."""
    return np.array([utc_of(int(frame), 1 / rate, start_ns) for frame in frames], np.int64)


def matches(labelled: Labelled, at_ns: I64, ours: Tracklet) -> Bool:
    """At which labelled boxes (T,) ours, interpolated, overlaps by IoU >= 0.5."""
    inside = (at_ns >= ours.device_ns[0]) & (at_ns <= ours.device_ns[-1])
    boxes = interpolated(at_ns, ours.device_ns, ours.xyxy)
    return np.asarray(inside & (_paired_iou(labelled.xyxy, boxes) >= 0.5), np.bool_)


def _paired_iou(a: F32, b: F32) -> F32:
    sides = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None)
    overlap = sides[:, 0] * sides[:, 1]
    union = areas(a) + areas(b) - overlap
    return np.asarray(overlap / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def joined(parts: Sequence[Tracklet]) -> list[Tracklet]:
    """One tracklet per id, its parts strung together in order."""
    groups: dict[int, list[Tracklet]] = {}
    for part in sorted(parts, key=lambda part: (part.tracklet_id, part.part)):
        groups.setdefault(part.tracklet_id, []).append(part)
    return [_strung(group) for group in groups.values()]


def _strung(parts: Sequence[Tracklet]) -> Tracklet:
    first = parts[0]
    return Tracklet(
        first.tracklet_id,
        0,
        first.camera_id,
        first.epoch,
        first.class_id,
        np.concatenate([part.device_ns for part in parts]),
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.confidence for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """`covered` of `labelled`; `identities` of our tracklets by id, where they overlap a label."""

    labelled: int
    covered: int
    identities: Mapping[int, str]


def score(
    labels: Sequence[Labelled],
    at_ns: Sequence[I64],
    ours: Mapping[str, Sequence[Tracklet]],
) -> Score:
    """Coverage and identities; `at_ns` per label, `ours` by (joined) tracklets of each camera name.

    A label is covered when one of ours matches at least half of its boxes. Each of ours takes the
    identity with which it matches most boxes, and none when it matches no box.
    """
    covered = 0
    votes: dict[int, dict[str, int]] = {}
    for labelled, times in zip(labels, at_ns, strict=True):
        best = 0
        for tracklet in ours.get(labelled.camera, ()):
            count = int(matches(labelled, times, tracklet).sum())
            best = max(best, count)
            if count:
                mine = votes.setdefault(tracklet.tracklet_id, {})
                mine[labelled.identity] = mine.get(labelled.identity, 0) + count
        covered += 2 * best >= len(times)
    identities = {key: max(sorted(mine), key=lambda who: mine[who]) for key, mine in votes.items()}
    return Score(len(labels), covered, identities)
