"""The theft as it is told: what happens, and the truth about the thief's way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.types import Family
from scenes.placing import CityCamera
from scenes.plan import Leg
from scenes.sightings import sightings

Mode = Literal["walk", "ride", "drive"]
VehicleKind = Literal["ebike", "car"]

_TOUCHING_S = 1.5
_MODES: dict[Family, Mode] = {
    Family.PERSON: "walk",
    Family.RIDER: "ride",
    Family.VEHICLE: "drive",
}


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
    vehicle: VehicleKind


def appearances(
    cameras: Sequence[CityCamera], legs: Iterable[Leg], seconds: float
) -> tuple[Appearance, ...]:
    """Where the one who goes these legs is seen, in order of time; none is merged over a change of
    actor."""
    found = []
    for leg in legs:
        mode = _MODES[leg.actor.kind.family]
        for camera in cameras:
            for low, high in sightings(camera, leg, seconds):
                found.append(Appearance(camera.row, low, high, mode, leg.actor.actor_id))
    return tuple(sorted(_merged(found), key=lambda one: (one.in_s, one.camera)))


def _merged(found: Sequence[Appearance]) -> list[Appearance]:
    """Appearances of one actor that touch, joined: a run that becomes a walk is still one."""
    joined: list[Appearance] = []
    for one in sorted(found, key=lambda one: (one.actor_id, one.camera, one.in_s)):
        last = joined[-1] if joined else None
        same = last is not None and (last.actor_id, last.camera) == (one.actor_id, one.camera)
        if last is not None and same and one.in_s - last.out_s < _TOUCHING_S:
            joined[-1] = replace(last, out_s=max(last.out_s, one.out_s))
        else:
            joined.append(one)
    return joined
