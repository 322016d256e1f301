"""Tracklets of all who pass a camera, as arrays: boxes, shots, and who they truly are."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from core.arrays import F32, F64, I32, I64, Bool, same_length
from core.clocks import NS
from core.types import Family, ObjectClass, Shot, Tracklet
from scenes.draws import Draws
from scenes.noise import VectorDraws
from scenes.travel import CLASSES, Passings

LOOKS_PER_S = 4.0
"""How often a camera's picture is looked at: the boxes of a tracklet are so far apart."""

SHOTS = 4
SIZE_HW = (720, 1280)

# Height in metres, width over height, metres of way in view: per class, as `ObjectClass` counts.
_HEIGHT_M = np.array([1.7, 1.75, 1.7, 1.6, 1.5, 2.2, 3.1, 3.3])
_ASPECT = np.array([0.4, 0.65, 0.65, 0.7, 1.9, 1.4, 1.7, 1.5])
_VIEW_M = np.array([11.0, 16.0, 18.0, 20.0, 24.0, 24.0, 28.0, 28.0])
_LONGEST_S = 9.5  # longer ones come in parts, which no passing here does
_BOXES_PER_SHOT = 4
_FEWEST_BROKEN = 6
_PIECES = 4  # of one passing at most, for numbering
_BOXES = 64
FAMILY = np.array([list(Family).index(ObjectClass(kind).family) for kind in range(CLASSES)])
"""Each class's place in `Family`."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What a tracker makes of passings, all (N,): `count` boxes from number `first` of `total`.

    `piece` counts the tracklets of one passing; `start_s` is when its first box is.
    """

    passing: I64
    piece: I64
    subject: I64
    camera: I64
    at_s: F64
    start_s: F64
    first: I64
    count: I64
    total: I64

    def __len__(self) -> int:
        return len(self.passing)

    def __getitem__(self, rows: I64 | Bool | slice) -> Self:
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence["Pieces"]) -> "Pieces":
        """All of them, in that order; there must be one."""
        return cls(
            *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls))
        )

    def in_order(self) -> Self:
        """By the time of their first box."""
        return self[np.lexsort((self.piece, self.passing, self.start_s))]

    @property
    def number(self) -> I64:
        """One number per piece, whatever batch it comes in."""
        return self.passing * _PIECES + self.piece


@dataclass(frozen=True, slots=True)
class Rates:
    """What ingest does to passings: the shares that are `missed`, and that break in two."""

    missed: float
    broken: float


def pieces_of(passings: Passings, rates: Rates, draws: Draws) -> Pieces:
    """The tracklets of passings: some missed, some broken in two with a gap between."""
    chance = draws.uniforms(passings.number, 4)
    total = _looks(passings)
    seen = chance[:, 0] >= rates.missed
    broken = seen & (chance[:, 1] < rates.broken) & (total >= _FEWEST_BROKEN)
    cut = np.rint(total * (0.25 + 0.5 * chance[:, 2])).astype(np.int64)
    gap = np.minimum(1 + (3 * chance[:, 3]).astype(np.int64), total - cut - 1)
    nothing = np.zeros(len(passings), np.int64)
    first = _piece(passings[seen], nothing[seen], np.where(broken, cut, total)[seen], total[seen])
    rest = (total - cut - gap)[broken]
    second = _piece(passings[broken], (cut + gap)[broken], rest, total[broken], piece=1)
    return Pieces.joined([first, second])


def _looks(passings: Passings) -> I64:
    view_m = _VIEW_M[passings.subject % CLASSES]
    in_view_s = np.minimum(view_m / passings.speed_mps, _LONGEST_S)
    return np.asarray(np.maximum(np.rint(in_view_s * LOOKS_PER_S), 1), np.int64)


def _piece(of: Passings, first: I64, count: I64, total: I64, *, piece: int = 0) -> Pieces:
    return Pieces(
        of.number,
        np.full(len(of), piece, np.int64),
        of.subject,
        of.camera,
        of.at_s,
        of.at_s + first / LOOKS_PER_S,
        first,
        count,
        total,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """How C cameras look at their road, all (C,): where the horizon lies and how high they hang."""

    horizon_px: F64
    height_m: F64
    offset_ns: I64


def views_of(count: int, rng: np.random.Generator) -> Views:
    """Cameras on poles; most clocks are good to some tenths of a second, one in twenty is not."""
    sigma_s = np.where(rng.random(count) < 0.05, 4.0, 0.2)
    return Views(
        SIZE_HW[0] * rng.uniform(0.02, 0.2, count),
        rng.uniform(4.5, 8.0, count),
        np.rint(sigma_s * rng.standard_normal(count) * NS).astype(np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """N tracklets in order of time, with the truth: `subjects` and which `passings` they are of.

    Tracklet i has boxes `box_starts[i]` to `box_starts[i + 1]` of `device_ns`, `xyxy` and
    `confidence`, (M,). Shots (S,) are in order of their tracklets: `shot_of` is a row of the batch,
    `shot_box` a row of the boxes.
    """

    tracklet_ids: I64
    camera_ids: I64
    class_id: I32
    subjects: I64
    passings: I64
    box_starts: I64
    device_ns: I64
    xyxy: F32
    confidence: F32
    shot_ids: I64
    shot_of: I64
    shot_box: I64
    shot_quality: F32
    shot_draws: I64

    def __post_init__(self) -> None:
        same_length(tracklets=self.tracklet_ids, cameras=self.camera_ids, subjects=self.subjects)
        same_length(boxes=self.xyxy, device_ns=self.device_ns)
        same_length(shots=self.shot_ids, of=self.shot_of, quality=self.shot_quality)

    def __len__(self) -> int:
        return len(self.tracklet_ids)

    def parts(self, key: str = "") -> list[tuple[Tracklet, list[Shot]]]:
        """Every tracklet with its shots, whose picture is kept under `key`: by default under none.

        A camera's epoch has the camera's number.
        """
        starts = self.box_starts.tolist()
        scalars = (self.tracklet_ids, self.camera_ids, self.class_id)
        tracklets = [
            Tracklet(
                tracklet_id,
                0,
                camera_id,
                camera_id,
                class_id,
                self.device_ns[low:high],
                self.xyxy[low:high],
                self.confidence[low:high],
            )
            for tracklet_id, camera_id, class_id, low, high in zip(
                *(column.tolist() for column in scalars), starts[:-1], starts[1:], strict=True
            )
        ]
        made: list[tuple[Tracklet, list[Shot]]] = [(tracklet, []) for tracklet in tracklets]
        for row, shot_id, at_ns, box, quality in zip(
            self.shot_of.tolist(),
            self.shot_ids.tolist(),
            self.device_ns[self.shot_box].tolist(),
            self.xyxy[self.shot_box].tolist(),
            self.shot_quality.tolist(),
            strict=True,
        ):
            seen, shots = made[row]
            place = (seen.tracklet_id, 0, seen.camera_id)
            shots.append(Shot(shot_id, *place, at_ns, tuple(box), quality, key))
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """The boxes of a batch's tracklets, (M,), and where each tracklet's begin, (N + 1,)."""

    starts: I64
    device_ns: I64
    xyxy: F32
    confidence: F32


def boxes_of(pieces: Pieces, views: Views, draws: tuple[Draws, Draws], start_ns: int) -> Boxes:
    """Where the subjects stood at every look, by a pinhole camera over flat ground."""
    of_passing, of_box = draws
    starts = np.concatenate([[0], np.cumsum(pieces.count)])
    row = np.repeat(np.arange(len(pieces)), pieces.count)
    look = np.arange(starts[-1]) - starts[row] + pieces.first[row]
    chance = of_box.uniforms(pieces.passing[row] * _BOXES + look, 4)
    late_s = pieces.at_s[row] + (look + 0.3 * chance[:, 0]) / LOOKS_PER_S
    offset_ns = views.offset_ns[pieces.camera]
    device_ns = start_ns + offset_ns[row] + np.rint(late_s * NS).astype(np.int64)
    feet = _feet(pieces, views, of_passing, row, (look + 0.5) / pieces.total[row])
    xyxy = _boxes(pieces, feet, views, row, chance[:, 1:3])
    tall = np.minimum((xyxy[:, 3] - xyxy[:, 1]) / 160, 1)
    confidence = np.clip(0.5 + 0.4 * tall + 0.16 * (chance[:, 3] - 0.5), 0.15, 0.99)
    return Boxes(starts, device_ns, xyxy.astype(np.float32), confidence.astype(np.float32))


def _feet(pieces: Pieces, views: Views, draws: Draws, row: I64, along: F64) -> F64:
    """Where each box's subject stands in the picture, (M, 2)."""
    height, width = SIZE_HW
    chance = draws.uniforms(pieces.passing, 5)
    left, right = 0.04 + 0.3 * chance[:, 0], 0.96 - 0.3 * chance[:, 1]
    turned = chance[:, 2] < 0.5
    top = views.horizon_px[pieces.camera] / height + 0.12
    near, far = 0.98 - 0.2 * chance[:, 3], top + 0.3 * chance[:, 4]
    x = [np.where(turned, right, left), np.where(turned, left, right)]
    forth = chance[:, 3] < 0.5
    y = [np.where(forth, near, far), np.where(forth, far, near)]
    foot = [(a[row] + (b - a)[row] * along) for a, b in (x, y)]
    return np.column_stack([foot[0] * width, foot[1] * height])


def _boxes(pieces: Pieces, feet: F64, views: Views, row: I64, chance: F64) -> F64:
    kind = pieces.subject % CLASSES
    metre_px = (feet[:, 1] - views.horizon_px[pieces.camera][row]) / views.height_m[pieces.camera][
        row
    ]
    tall = _HEIGHT_M[kind][row] * metre_px
    half = tall * _ASPECT[kind][row] / 2
    shake = 0.04 * (chance - 0.5) * tall[:, None]
    x, y = feet[:, 0] + shake[:, 0], feet[:, 1] + shake[:, 1]
    height, width = SIZE_HW
    xyxy = np.column_stack([x - half, y - tall, x + half, y])
    return np.asarray(np.clip(xyxy, 0, [width, height, width, height]))


@dataclass(frozen=True, slots=True, eq=False)
class ShotRows:
    """Which boxes became shots, (S,): rows of tracklets and boxes, numbers, qualities."""

    of: I64
    box: I64
    number: I64
    quality: F32


def shots_of(pieces: Pieces, boxes: Boxes, vectors: VectorDraws) -> ShotRows:
    """One to four of each tracklet, spread over it; what is embedded badly is of low quality."""
    count = np.clip(1 + pieces.count // _BOXES_PER_SHOT, 1, np.minimum(SHOTS, pieces.count))
    starts = np.concatenate([[0], np.cumsum(count)])
    of = np.repeat(np.arange(len(pieces)), count)
    place = np.arange(starts[-1]) - starts[of]
    within = ((place + 0.5) * pieces.count[of] / count[of]).astype(np.int64)
    box = boxes.starts[of] + within
    number = pieces.number[of] * SHOTS + place
    sides = boxes.xyxy[box, 2:] - boxes.xyxy[box, :2]
    size = np.minimum((sides[:, 0] * sides[:, 1]) ** 0.25 / 180**0.5, 1)
    clear = np.exp(-0.3 * vectors.dimness(number))
    quality = np.clip(size * boxes.confidence[box] * clear, 0.01, 1)
    return ShotRows(of, box, number, quality.astype(np.float32))
