"""Streets fuller than a city's, every class about as often: what a detector learns fastest from.

A bus comes once in a hundred pictures of a city. Here movers of all kinds are put into a camera's
view wherever the ground is seen, not overlapping, heading anywhere; the painter is the city's own.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from core.arrays import F64
from core.types import ObjectClass
from scenes.city import City, CityCamera
from scenes.cycles import CycleKind, sample_cycle
from scenes.exposures import Exposure, staged
from scenes.fleet import footprint_m
from scenes.numberplates import sample_plate
from scenes.people import sample_person
from scenes.placing import hidden
from scenes.plan import Actor, Placed, Pose
from scenes.splits import rng_for
from scenes.vehicle_looks import VehicleLabel
from scenes.vehicles import sample_vehicle

_PURPOSE = 903
_SHARES: dict[ObjectClass, float] = {
    ObjectClass.PERSON: 0.34,
    ObjectClass.BICYCLE_RIDER: 0.11,
    ObjectClass.EBIKE_RIDER: 0.11,
    ObjectClass.MOTORCYCLE_RIDER: 0.11,
    ObjectClass.CAR: 0.10,
    ObjectClass.VAN: 0.08,
    ObjectClass.BUS: 0.07,
    ObjectClass.TRUCK: 0.08,
}
_CYCLES: dict[ObjectClass, CycleKind] = {
    ObjectClass.BICYCLE_RIDER: "bicycle",
    ObjectClass.EBIKE_RIDER: "ebike",
    ObjectClass.MOTORCYCLE_RIDER: "motorcycle",
}
_LABELS: dict[ObjectClass, VehicleLabel] = {
    ObjectClass.CAR: "car",
    ObjectClass.VAN: "van",
    ObjectClass.BUS: "bus",
    ObjectClass.TRUCK: "truck",
}
_MOVERS = (4, 12)
_ROOM_M = 0.4
_FARTHEST_M, _NEAREST_M = 60.0, 3.5
_TRIES = 12
_FIRST_ID = 1_000_000  # above any actor of a plan
_POSES: tuple[Pose, ...] = ("walk", "walk", "walk", "run", "stand", "phone")


def crowded(city: City, camera: int, numbers: Sequence[int]) -> Iterator[Exposure]:
    """Pictures of a crowd of its own at each of those picture numbers."""
    for number in numbers:
        rng = rng_for(city.seed, city.split, _PURPOSE, camera, number)
        yield staged(city, camera, number, crowd(city.cameras[camera], rng))


def crowd(camera: CityCamera, rng: np.random.Generator) -> list[Placed]:
    """Movers in view, none within another; large ones first, so that they find room."""
    kinds = rng.choice(len(_SHARES), int(rng.integers(*_MOVERS)), p=list(_SHARES.values()))
    actors = [_actor(list(_SHARES)[kind], _FIRST_ID + row, rng) for row, kind in enumerate(kinds)]
    actors.sort(key=lambda actor: -footprint_m(actor)[0])
    found: list[Placed] = []
    for actor in actors:
        spot = _spot(camera, actor, found, rng)
        if spot is not None:
            found.append(_standing(actor, spot, rng))
    return found


def _actor(kind: ObjectClass, number: int, rng: np.random.Generator) -> Actor:
    name = f"x{number}"
    if kind is ObjectClass.PERSON:
        return Actor(number, name, kind, person=sample_person(rng))
    if kind in _CYCLES:
        cycle = sample_cycle(rng, _CYCLES[kind])
        plate = sample_plate(rng, cycle.plate_style) if cycle.plate_style else ""
        return Actor(number, name, kind, person=sample_person(rng), cycle=cycle, plate=plate)
    look = sample_vehicle(rng, _LABELS[kind])
    plate = sample_plate(rng, look.plate_style)
    return Actor(number, name, kind, vehicle=look, plate=plate)


def _spot(
    camera: CityCamera, actor: Actor, others: Sequence[Placed], rng: np.random.Generator
) -> F64 | None:
    """Ground that the camera sees and nobody takes up, or None."""
    height, width = camera.view.size_hw
    px = rng.uniform((0, 0.02 * height), (width, 1.05 * height), (_TRIES, 2))
    spots = camera.view.on_ground(px.astype(np.float32))
    away = np.linalg.norm(spots - np.array(camera.view.position_m[:2]), axis=1)
    seen = (away < _FARTHEST_M) & (away > _NEAREST_M + footprint_m(actor)[0] / 2)
    seen[seen] = ~hidden(camera.view, spots[seen], camera.walls_m)
    for spot in spots[seen]:
        if all(_apart(spot, actor, other) for other in others):
            return np.asarray(spot, np.float64)
    return None


def _apart(spot: F64, actor: Actor, other: Placed) -> bool:
    reach_m = (footprint_m(actor)[0] + footprint_m(other.actor)[0]) / 2 + _ROOM_M
    return float(np.linalg.norm(spot - np.array(other.xy_m))) > reach_m


def _standing(actor: Actor, spot: F64, rng: np.random.Generator) -> Placed:
    walker = actor.cycle is None and actor.vehicle is None
    pose: Pose = "stand" if actor.vehicle is not None else "sit"
    if walker:
        pose = _POSES[int(rng.integers(len(_POSES)))]
    speed = {"walk": 1.3, "run": 3.5, "sit": 4.5}.get(pose, 0.0)
    return Placed(
        actor=actor,
        xy_m=(float(spot[0]), float(spot[1])),
        heading_rad=float(rng.uniform(0, 2 * np.pi)),
        speed_mps=speed,
        travelled_m=float(rng.uniform(0, 50)),
        pose=pose,
    )
