"""A detector's labels as our classes; a person on a cycle becomes one rider.

COCO knows `bicycle` and `motorcycle` as things. One that somebody rides gives its person the
rider's class and a box around both; one that nobody rides is no subject and is dropped. A model
that was taught our own classes names them as `ObjectClass.label` does, and is taken at its word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I32, I64, Bool
from core.errors import ModelMismatch
from core.geometry import iou
from core.types import Family, ModelSpec, ObjectClass
from detectors.raw import LabelChoice, RawBoxes

_IGNORED = -1
_CYCLE = 100  # added to the class that a person on it gets

_OUR_LABELS: Mapping[str, int] = {
    **{object_class.label: int(object_class) for object_class in ObjectClass},
    "bicycle": _CYCLE + ObjectClass.BICYCLE_RIDER,
    "ebike": _CYCLE + ObjectClass.EBIKE_RIDER,
    "motorcycle": _CYCLE + ObjectClass.MOTORCYCLE_RIDER,
    "motorbike": _CYCLE + ObjectClass.MOTORCYCLE_RIDER,  # VOC's word for it
}

# A person rides a cycle if all of these hold, in lengths of the two boxes. Chosen by the geometry
# of an upright rider seen from any side, not fitted to any data.
RIDDEN_CONFIDENCE = 0.25  # of the cycle: a mere suspicion of one makes nobody a rider
SHARED_WIDTH = 0.6  # of the narrower box: the rider sits over the cycle, or hides it from in front
SEAT_LOW, SEAT_HIGH = 0.25, 1.05  # the person's lowest point, in cycle heights from its top
LARGEST_RATIO = 4.0  # of the two heights: a cycle far behind a person is small


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Boxes of our classes of one picture: `xyxy` (N, 4), `confidence` (N,), `class_id` (N,)."""

    xyxy: F32
    confidence: F32
    class_id: I32


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """What each row of a model's labels means to us, (L,)."""

    meaning: I64

    @staticmethod
    def of(spec: ModelSpec) -> "LabelMap":
        """The map for a model's labels; `ModelMismatch` if it knows nothing that we look for."""
        names = [label.strip().lower().replace(" ", "_") for label in spec.labels]
        meaning = np.array([_OUR_LABELS.get(name, _IGNORED) for name in names], np.int64)
        if not ((meaning >= 0) & (meaning < _CYCLE)).any():
            raise ModelMismatch(
                f"{spec.name}: want labels among {sorted(_OUR_LABELS)}, got {_shown(spec.labels)}"
            )
        return LabelMap(meaning)

    @property
    def choice(self) -> LabelChoice:
        """The labels that are worth decoding."""
        rows = np.flatnonzero(self.meaning != _IGNORED)
        return LabelChoice.of(len(self.meaning), rows.tolist())

    @property
    def group(self) -> I64:
        """Labels with the same number may be one thing seen twice, (L,): a family, or cycles."""
        return np.array([_group(meaning) for meaning in self.meaning.tolist()], np.int64)

    def subjects(self, boxes: RawBoxes) -> Subjects:
        """The subjects that these boxes show: riders made, unridden cycles gone."""
        meaning = self.meaning[boxes.label]
        xyxy, confidence, meaning = mounted(boxes.xyxy, boxes.confidence, meaning)
        keep = meaning < _CYCLE
        return Subjects(xyxy[keep], confidence[keep], meaning[keep].astype(np.int32))


def _group(meaning: int) -> int:
    if meaning == _IGNORED or meaning >= _CYCLE:
        return min(meaning, _CYCLE)
    return list(Family).index(ObjectClass(meaning).family)


def mounted(xyxy: F32, confidence: F32, meaning: I64) -> tuple[F32, F32, I64]:
    """The same boxes with each person on a cycle made its rider.

    The rider's box is the union of both, the confidence the larger one: both saw the same
    subject. A cycle takes one rider, whose box overlaps it most (IoU); a passenger stays a person.
    """
    people = np.flatnonzero(meaning == ObjectClass.PERSON)
    cycles = np.flatnonzero((meaning >= _CYCLE) & (confidence >= RIDDEN_CONFIDENCE))
    if not len(people) or not len(cycles):
        return xyxy, confidence, meaning
    xyxy, confidence, meaning = xyxy.copy(), confidence.copy(), meaning.copy()
    fit = np.where(rides(xyxy[people], xyxy[cycles]), iou(xyxy[people], xyxy[cycles]), -1)
    while fit.size and fit.max() >= 0:
        row, column = np.unravel_index(fit.argmax(), fit.shape)
        person, cycle = people[row], cycles[column]
        xyxy[person, :2] = np.minimum(xyxy[person, :2], xyxy[cycle, :2])
        xyxy[person, 2:] = np.maximum(xyxy[person, 2:], xyxy[cycle, 2:])
        confidence[person] = max(confidence[person], confidence[cycle])
        meaning[person] = meaning[cycle] - _CYCLE
        fit[row], fit[:, column] = -1, -1
    return xyxy, confidence, meaning


def rides(people: F32, cycles: F32) -> Bool:
    """Which person (P, 4) sits on which cycle (V, 4), (P, V)."""
    person, cycle = people[:, None], cycles[None]
    person_height, cycle_height = person[..., 3] - person[..., 1], cycle[..., 3] - cycle[..., 1]
    seat = (person[..., 3] - cycle[..., 1]) / np.maximum(cycle_height, 1)
    alike = (person_height <= LARGEST_RATIO * cycle_height) & (
        cycle_height <= LARGEST_RATIO * person_height
    )
    above = person[..., 1] < cycle[..., 1]
    seated = (seat >= SEAT_LOW) & (seat <= SEAT_HIGH)
    over = _shared_width(person, cycle) >= SHARED_WIDTH
    return np.asarray(alike & above & seated & over, np.bool_)


def _shared_width(person: F32, cycle: F32) -> F32:
    """How much of the narrower box's width the other one covers, 0 to 1."""
    low = np.maximum(person[..., 0], cycle[..., 0])
    high = np.minimum(person[..., 2], cycle[..., 2])
    narrower = np.minimum(person[..., 2] - person[..., 0], cycle[..., 2] - cycle[..., 0])
    return np.asarray(np.maximum(high - low, 0) / np.maximum(narrower, 1), np.float32)


def _shown(labels: Sequence[str]) -> str:
    return ", ".join(labels[:10]) + (", ..." if len(labels) > 10 else "")
