"""Whether found boxes are right: AP at half overlap. What is too small or too hidden is left out.

A detector is asked for what a person could point at: a true box counts from `LEAST_HEIGHT_PX` and
`LEAST_VISIBILITY` on. The others are neither wanted nor, when found, held against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from core.arrays import F32, F64, I32, I64, Bool, checked, same_length
from core.errors import InvalidInput
from core.geometry import areas, intersections, iou
from core.types import Detections, ObjectClass

LEAST_HEIGHT_PX = 24.0
LEAST_VISIBILITY = 0.25
LEAST_OVERLAP = 0.5
_RECALLS = np.linspace(0, 1, 101)
_Z95 = 1.959964  # of the normal distribution, two-sided 95 %


@dataclass(frozen=True, slots=True, eq=False)
class TruthBoxes:
    """True boxes of one camera (N,): `picture` numbers ascend, `subject` tells them apart.

    `xyxy` is the full extent cut at the border, `visibility` the share of it that can be seen.
    """

    picture: I64
    subject: I64
    class_id: I32
    xyxy: F32
    visibility: F32

    def __post_init__(self) -> None:
        checked("picture", self.picture, np.int64, "N")
        checked("subject", self.subject, np.int64, "N")
        checked("class_id", self.class_id, np.int32, "N")
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("visibility", self.visibility, np.float32, "N")
        same_length(
            picture=self.picture,
            subject=self.subject,
            class_id=self.class_id,
            xyxy=self.xyxy,
            visibility=self.visibility,
        )
        if (np.diff(self.picture) < 0).any():
            raise InvalidInput("picture: want ascending")

    def __len__(self) -> int:
        return len(self.picture)

    @property
    def height_px(self) -> F32:
        return np.asarray(self.xyxy[:, 3] - self.xyxy[:, 1], np.float32)

    @property
    def counted(self) -> Bool:
        """Which boxes (N,) are large and visible enough to be asked for."""
        large = self.height_px >= LEAST_HEIGHT_PX
        return np.asarray(large & (self.visibility >= LEAST_VISIBILITY), np.bool_)

    def of_picture(self, number: int) -> "TruthBoxes":
        """The boxes of one picture."""
        low, high = np.searchsorted(self.picture, [number, number + 1])
        return self.rows(np.arange(low, high))

    def rows(self, chosen: I64 | Bool) -> "TruthBoxes":
        """Those rows, in that order."""
        return TruthBoxes(
            self.picture[chosen],
            self.subject[chosen],
            self.class_id[chosen],
            self.xyxy[chosen],
            self.visibility[chosen],
        )


class Finding(IntEnum):
    """What a found box is worth."""

    WRONG = 0
    RIGHT = 1
    LEFT_OUT = 2


@dataclass(frozen=True, slots=True, eq=False)
class JudgedBoxes:
    """Found boxes of some pictures (N,), and per class how many there were to find."""

    confidence: F32
    class_id: I32
    finding: I64
    wanted: I64


def judged_picture(truth: TruthBoxes, found: Detections) -> JudgedBoxes:
    """Each found box of one picture against the truth: surest first, each true box taken once.

    A box that takes none is left out, not wrong, where it is too small to be asked for or lies
    mostly on true boxes that do not count, of whatever class (COCO's rule for its crowds).
    """
    finding = np.full(len(found), Finding.WRONG, np.int64)
    finding[_beside_the_point(truth, found.xyxy)] = Finding.LEFT_OUT
    counted = truth.rows(truth.counted)
    overlap = iou(found.xyxy, counted.xyxy)
    overlap[found.class_id[:, None] != counted.class_id[None, :]] = 0
    for row in np.argsort(-found.confidence, kind="stable") if len(counted) else ():
        best = int(overlap[row].argmax())
        if overlap[row, best] >= LEAST_OVERLAP:
            finding[row] = Finding.RIGHT
            overlap[:, best] = 0
    wanted = np.bincount(counted.class_id, minlength=len(ObjectClass)).astype(np.int64)
    return JudgedBoxes(found.confidence, found.class_id, finding, wanted)


def _beside_the_point(truth: TruthBoxes, xyxy: F32) -> Bool:
    small = xyxy[:, 3] - xyxy[:, 1] < LEAST_HEIGHT_PX
    return np.asarray(small | lies_on(xyxy, truth.xyxy[~truth.counted]), np.bool_)


def lies_on(xyxy: F32, regions: F32) -> Bool:
    """Which boxes (N, 4) have half of their own area or more in one of the `regions` (M, 4)."""
    share = intersections(xyxy, regions) / np.maximum(areas(xyxy), 1e-6)[:, None]
    return np.asarray((share >= LEAST_OVERLAP).any(axis=1), np.bool_)


def ap50_by_class(judged: Sequence[JudgedBoxes]) -> dict[ObjectClass, float]:
    """Average precision of each class that the truth holds, over all pictures together."""
    if not judged:
        return {}
    confidence = np.concatenate([one.confidence for one in judged])
    class_id = np.concatenate([one.class_id for one in judged])
    finding = np.concatenate([one.finding for one in judged])
    wanted = wanted_by_class(judged)
    return {
        kind: average_precision(confidence[mine], finding[mine] == Finding.RIGHT, int(wanted[kind]))
        for kind in ObjectClass
        if wanted[kind]
        for mine in [(class_id == kind) & (finding != Finding.LEFT_OUT)]
    }


def wanted_by_class(judged: Sequence[JudgedBoxes]) -> I64:
    """How many true boxes of each class counted, (8,)."""
    none = np.zeros(len(ObjectClass), np.int64)
    return np.asarray(np.sum([none, *(one.wanted for one in judged)], axis=0), np.int64)


def average_precision(confidence: F32, right: Bool, wanted: int) -> float:
    """Area under precision over recall, surest first, read at COCO's 101 recalls.

    Precision at a recall is the best at that recall or beyond (Everingham et al., "The Pascal
    Visual Object Classes Challenge", IJCV 2010; Lin et al., "Microsoft COCO", ECCV 2014).
    """
    if wanted < 1:
        raise InvalidInput(f"wanted: want one true box or more, got {wanted}")
    order = np.argsort(-confidence, kind="stable")
    hits = right[order].cumsum()
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    # 3 of 10 must reach the recall 0.3, whatever the last bit of the two quotients says.
    at = np.searchsorted(hits / wanted, _RECALLS - 1e-12, side="left")
    return float(envelope[at].mean())


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` trials (Wilson, JASA 1927); (0, 1) of none."""
    if not count:
        return 0.0, 1.0
    weight = _Z95**2 / count
    middle = (share + weight / 2) / (1 + weight)
    half = _Z95 / (1 + weight) * float(np.sqrt(share * (1 - share) / count + weight / count / 4))
    return max(0.0, middle - half), min(1.0, middle + half)


def with_interval(key: str, hits: F64 | Bool) -> dict[str, float]:
    """A share by `key` with its `.n` and its Wilson interval `.low` and `.high`; none of none."""
    if not len(hits):
        return {}
    share = float(np.mean(hits))
    low, high = wilson_interval(share, len(hits))
    return {key: share, f"{key}.n": len(hits), f"{key}.low": low, f"{key}.high": high}
