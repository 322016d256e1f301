"""Who is where when: actors, and the legs of their ways."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import F64, checked, same_length
from core.errors import InvalidInput
from core.types import ObjectClass
from scenes.gaits import Stance

if TYPE_CHECKING:
    from scenes.cycles import CycleLook
    from scenes.people import PersonLook
    from scenes.vehicles import VehicleLook

Pose = Stance

_STILL_MPS = 0.05


@dataclass(frozen=True)
class Actor:
    """Somebody or something with one look and one class.

    `identity` is who it is: a walker who mounts becomes another actor of the same identity, and so
    does one who changes the jacket. `person` is None for a vehicle, `cycle` and `vehicle` for a
    walker. A cycle that nobody sits on is parked: painted, never labelled (`labelled`).
    """

    actor_id: int
    identity: str
    kind: ObjectClass
    person: "PersonLook | None" = None
    cycle: "CycleLook | None" = None
    vehicle: "VehicleLook | None" = None
    plate: str = ""

    @property
    def labelled(self) -> bool:
        """Whether the truth has boxes of it: all but parked cycles."""
        return self.person is not None or self.vehicle is not None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an actor is at one instant.

    `travelled_m` counts from the start of its leg. `pose` is what a `Gait` takes: riders sit,
    vehicles stand.
    """

    actor: Actor
    xy_m: tuple[float, float]
    heading_rad: float
    speed_mps: float
    travelled_m: float
    pose: Pose


@dataclass(frozen=True, eq=False)
class Leg:
    """One way of one actor: K knots, straight and even in between; it exists from the first knot
    until just before the last.

    `at_s` (K,) ascends strictly, `xy_m` (K, 2), `heading_rad` (K,) runs on without wrapping.
    `pose` is held while moving, `still` while not.
    """

    actor: Actor
    at_s: F64
    xy_m: F64
    heading_rad: F64
    pose: Pose = "walk"
    still: Pose = "stand"

    def __post_init__(self) -> None:
        checked("at_s", self.at_s, np.float64, "K")
        checked("xy_m", self.xy_m, np.float64, "K", 2)
        checked("heading_rad", self.heading_rad, np.float64, "K")
        if same_length(at_s=self.at_s, xy_m=self.xy_m, heading_rad=self.heading_rad) < 2:
            raise InvalidInput(f"at_s: want two knots at least, got {len(self.at_s)}")
        if (np.diff(self.at_s) <= 0).any():
            raise InvalidInput("at_s: want strictly ascending")

    @property
    def span_s(self) -> tuple[float, float]:
        """When it begins and when it has ended."""
        return float(self.at_s[0]), float(self.at_s[-1])

    def placed(self, at_s: float) -> Placed | None:
        """Where the actor is, or None before the leg begins and from its end on."""
        times, x, y, heading, speed, travelled = self._knots
        row = bisect_right(times, at_s) - 1
        if row < 0 or row >= len(times) - 1:
            return None
        gone_s = at_s - times[row]
        share = gone_s / (times[row + 1] - times[row])
        moving = speed[row] > _STILL_MPS
        return Placed(
            self.actor,
            (x[row] + share * (x[row + 1] - x[row]), y[row] + share * (y[row + 1] - y[row])),
            heading[row] + share * (heading[row + 1] - heading[row]),
            speed[row],
            travelled[row] + gone_s * speed[row],
            self.pose if moving else self.still,
        )

    def positions(self, at_s: F64) -> F64:
        """Where it is at many instants (T, 2); NaN while the leg does not exist."""
        inside = (at_s >= self.at_s[0]) & (at_s < self.at_s[-1])
        xy = np.column_stack([np.interp(at_s, self.at_s, self.xy_m[:, side]) for side in (0, 1)])
        return np.where(inside[:, None], xy, np.nan)

    @cached_property
    def _knots(self) -> tuple[list[float], ...]:
        """As lists: reading one number of a list is far cheaper than of an array."""
        steps_m = np.linalg.norm(np.diff(self.xy_m, axis=0), axis=1)
        speed = np.append(steps_m / np.diff(self.at_s), 0.0)
        travelled = np.append(0.0, np.cumsum(steps_m))
        columns = (self.at_s, self.xy_m[:, 0], self.xy_m[:, 1], self.heading_rad, speed, travelled)
        return tuple(column.tolist() for column in columns)
