"""Links inside one view: a person who mounts a bicycle or gets into a car, and the reverse.

Conservative by design: a missed link costs a search, a wrong one puts a stranger's vehicle into a
trajectory. A link wants all of: the person's tracklet ends (begins) inside the picture and not cut
by its border; at that moment and place one rider begins (ends), or one vehicle stands still; the
person was slow there and was not vanishing behind something. Two vehicles that fit give none.

A link always sits on the person's part: its last for `mounts`, its first for `dismounts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64
from core.clocks import ns_of
from core.geometry import areas, intersections, iou
from core.types import Family, Link
from tracking.quality import cut_by_border

KEPT_S = 15.0
"""How much of the past a link may need: a part of 10 s is handed on that long after it began."""

_WITHIN_S = 1.0  # between the person's end and the rider's begin; the detector needs a moment
_AROUND_S = 1.5  # a vehicle is watched this long around the moment to see that it stands
_OVERLAP = 0.5  # share of the person's box inside the other's
_STANDS_IOU = 0.8
_SLOW_HEIGHTS = 0.5  # the person moved less than this over the last (first) second
_WHOLE = 0.8  # the person's box is still this share of its usual height
_FOOT = 0.25  # feet no further above the vehicle's lower edge than this share of its height


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """The last boxes of one tracklet: `device_ns` (T,) ascending, `xyxy` (T, 4).

    `begins` and `ends` say whether these are its very first, and its very last.
    """

    tracklet_id: int
    family: Family
    device_ns: I64
    xyxy: F32
    begins: bool
    ends: bool


def mounts(person: Trail, others: Sequence[Trail], size_hw: tuple[int, int]) -> Link | None:
    """The link of a person whose tracklet ended, to the one rider or vehicle that took them."""
    return _link("mounts", person, others, size_hw)


def dismounts(person: Trail, others: Sequence[Trail], size_hw: tuple[int, int]) -> Link | None:
    """The link of a person whose tracklet began, to the one rider or vehicle they came from."""
    return _link("dismounts", person, others, size_hw)


def _link(
    kind: str, person: Trail, others: Sequence[Trail], size_hw: tuple[int, int]
) -> Link | None:
    end = -1 if kind == "mounts" else 0
    at_ns, box = int(person.device_ns[end]), person.xyxy[[end]]
    if cut_by_border(box, size_hw)[0] or not _came_to_rest(person, at_ns):
        return None
    fitting = [
        other
        for other in others
        if (other.family is Family.RIDER and _rides_on(other, kind, at_ns, box, size_hw))
        or (other.family is Family.VEHICLE and _stands_by(other, at_ns, box))
    ]
    return Link(kind, fitting[0].tracklet_id, at_ns) if len(fitting) == 1 else None


def _came_to_rest(person: Trail, at_ns: int) -> bool:
    """Whether the person was slow, and whole, in the second next to the moment."""
    near = person.xyxy[np.abs(person.device_ns - at_ns) <= ns_of(1.0)]
    if len(near) < 2:
        return False
    centres = (near[:, :2] + near[:, 2:]) / 2
    heights = person.xyxy[:, 3] - person.xyxy[:, 1]
    usual = float(np.median(heights))
    moved = float(np.linalg.norm(centres[-1] - centres[0])) / usual
    whole = float((near[:, 3] - near[:, 1]).min()) >= _WHOLE * usual
    return moved <= _SLOW_HEIGHTS and whole


def _rides_on(rider: Trail, kind: str, at_ns: int, box: F32, size_hw: tuple[int, int]) -> bool:
    """Whether the rider begins (ends) there and then, inside the picture."""
    mounting = kind == "mounts"
    if not (rider.begins if mounting else rider.ends):
        return False
    end = 0 if mounting else -1
    there = rider.xyxy[[end]]
    in_time = abs(int(rider.device_ns[end]) - at_ns) <= ns_of(_WITHIN_S)
    return in_time and not cut_by_border(there, size_hw)[0] and _inside(box, there) >= _OVERLAP


def _stands_by(vehicle: Trail, at_ns: int, box: F32) -> bool:
    """Whether the vehicle stands still around the moment and the person is before it."""
    around = vehicle.xyxy[np.abs(vehicle.device_ns - at_ns) <= ns_of(_AROUND_S)]
    if len(around) < 2 or float(iou(around[:1], around).min()) < _STANDS_IOU:
        return False
    there = around[len(around) // 2][None]
    height = float(there[0, 3] - there[0, 1])
    # Behind the vehicle, feet are hidden: the box would end well above its lower edge.
    before = float(box[0, 3]) >= float(there[0, 3]) - _FOOT * height
    return before and _inside(box, there) >= _OVERLAP


def _inside(box: F32, other: F32) -> float:
    """Share of `box` (1, 4) that lies in `other` (1, 4)."""
    return float(intersections(box, other)[0, 0] / max(float(areas(box)[0]), 1.0))
