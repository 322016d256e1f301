"""The theft: what happens, and the truth about the thief's way."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["walk", "ride", "drive"]


@dataclass(frozen=True, slots=True)
class Appearance:
    """The subject in one camera's picture, large enough to be told apart: [`in_s`, `out_s`)."""

    camera: int
    in_s: float
    out_s: float
    mode: Mode
    actor_id: int


@dataclass(frozen=True, slots=True)
class Mount:
    """Actor `before` becomes actor `after` at `at_s`: `kind` is `mounts` or `dismounts`.

    `camera` is the one that sees it, None if none does.
    """

    kind: Literal["mounts", "dismounts"]
    camera: int | None
    at_s: float
    xy_m: tuple[float, float]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is wanted, and the truth: where `identity` was seen, in order of time.

    `actor_ids` are all actors that the subject goes as: on foot, on the e-bike, in the car.
    """

    identity: str
    actor_ids: tuple[int, ...]
    appearances: tuple[Appearance, ...]
    mounts: tuple[Mount, ...]


@dataclass(frozen=True, slots=True)
class Theft:
    """The case: who was robbed by whom, at which instant, where, and in which camera's view.

    `way` are the rows of the cameras that the thief passes in turn, the scene first.
    """

    thief: str
    victim: str
    contact_s: float
    xy_m: tuple[float, float]
    camera: int
    way: tuple[int, ...]
    vehicle: Literal["ebike", "car"]
