"""Whether something can be in a picture at all, told before it is built and painted."""

from dataclasses import dataclass
from functools import cached_property
from math import hypot

from core.arrays import F32
from scenes.plan import Actor
from scenes.shapes import Point
from scenes.views import NEAR_M, View

_WALKER_M, _RIDER_M = 1.15, 1.5  # an open umbrella, a wheel turned aside


def reach_m(actor: Actor) -> tuple[float, float]:
    """The radius of the ball around it, and how high its middle is."""
    if actor.vehicle is not None:
        look = actor.vehicle
        half = look.height_m / 2
        return hypot(look.length_m / 2, look.width_m / 2 + 0.2, half) + 0.2, half
    return (_RIDER_M, 0.9) if actor.cycle is not None else (_WALKER_M, 0.95)


@dataclass(frozen=True, eq=False)
class Bounds:
    """What a view can see: its opening, and the depth of what stands at each pixel."""

    view: View
    standing_m: F32

    def shows(self, middle_m: Point, radius_m: float) -> bool:
        """Whether some of a ball may be seen: it is in the opening and not wholly behind what
        stands."""
        eye = self.view.position_m
        x, y, z = middle_m[0] - eye[0], middle_m[1] - eye[1], middle_m[2] - eye[2]
        right, down, deep = (a * x + b * y + c * z for a, b, c in self._axes)
        (height, width), focal = self.view.size_hw, self.view.focal_px
        if deep + radius_m < NEAR_M:
            return False
        near, far = deep - radius_m, deep + radius_m
        if near < NEAR_M:
            return True
        left, end = _span(right, radius_m, near, far)
        top, bottom = _span(down, radius_m, near, far)
        left, end = width / 2 + left * focal, width / 2 + end * focal
        top, bottom = height / 2 + top * focal, height / 2 + bottom * focal
        if end <= 0 or bottom <= 0 or left >= width or top >= height:
            return False
        window = self.standing_m[
            max(int(top), 0) : int(bottom) + 1 : 2, max(int(left), 0) : int(end) + 1 : 2
        ]
        return not window.size or float(window.max()) > near

    @cached_property
    def _axes(self) -> list[list[float]]:
        rows: list[list[float]] = self.view.axes.tolist()
        return rows


def _span(middle: float, radius: float, near: float, far: float) -> tuple[float, float]:
    """The least and the greatest slope of a ray to anything within `radius` of `middle`."""
    low, high = middle - radius, middle + radius
    return low / (near if low < 0 else far), high / (far if high < 0 else near)
