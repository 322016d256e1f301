"""Streets fuller than a city's, every class about as often: what a detector learns fastest from.

A bus comes once in a hundred pictures of a city. Here movers of all kinds are put into a camera's
view wherever the ground is seen, more far away than near, not within another, heading anywhere.
Among them stand cycles with nobody on them, which are not to be found. The painter is the city's.
"""

from collections.abc import Iterator, Mapping, Sequence

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
SHARES: Mapping[ObjectClass, float] = {
    ObjectClass.PERSON: 0.28,
    ObjectClass.BICYCLE_RIDER: 0.13,
    ObjectClass.EBIKE_RIDER: 0.13,
    ObjectClass.MOTORCYCLE_RIDER: 0.13,
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
_PARKED = 0.3  # of the cycles
MOVERS = (6, 22)
_ROOM_M = 0.4
_FARTHEST_M, _NEAREST_M = 60.0, 3.5
_TRIES = 12
_ROWS = 96  # of a column of the picture, looked along for a distance
_FIRST_ID = 1_000_000  # above any actor of a plan
_POSES: tuple[Pose, ...] = ("walk", "walk", "walk", "run", "stand", "phone")


def crowded(city: City, camera: int, numbers: Sequence[int]) -> Iterator[Exposure]:
    """Pictures of a crowd of its own at each of those picture numbers."""
    for number in numbers:
        rng = rng_for(city.seed, city.split, _PURPOSE, camera, number)
        yield staged(city, camera, number, crowd(city.cameras[camera], rng))


def crowd(
    camera: CityCamera,
    rng: np.random.Generator,
    shares: Mapping[ObjectClass, float] = SHARES,
    movers: tuple[int, int] = MOVERS,
) -> list[Placed]:
    """Movers in view, at least and fewer than so many as `movers` says, each of a class by its
    share, none within another; large ones first, so that they find room."""
    kinds = rng.choice(len(shares), int(rng.integers(*movers)), p=list(shares.values()))
    actors = [_actor(list(shares)[kind], _FIRST_ID + row, rng) for row, kind in enumerate(kinds)]
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
        person = None if rng.random() < _PARKED else sample_person(rng)
        return Actor(number, name, kind, person=person, cycle=cycle, plate=plate)
    look = sample_vehicle(rng, _LABELS[kind])
    plate = sample_plate(rng, look.plate_style)
    return Actor(number, name, kind, vehicle=look, plate=plate)


def _spot(
    camera: CityCamera, actor: Actor, others: Sequence[Placed], rng: np.random.Generator
) -> F64 | None:
    """Ground that the camera sees and nobody takes up, or None."""
    nearest_m = _NEAREST_M + 1.5 * footprint_m(actor)[0]  # or a lorry hides all the others
    wanted_m = nearest_m + (_FARTHEST_M - nearest_m) * rng.random(_TRIES) ** 1.5
    spots = _ground(camera, rng.random(_TRIES), wanted_m)
    away = np.linalg.norm(spots - np.array(camera.view.position_m[:2]), axis=1)
    seen = (away < _FARTHEST_M) & (away > _NEAREST_M + footprint_m(actor)[0] / 2)
    seen[seen] = ~hidden(camera.view, spots[seen], camera.walls_m)
    for spot in spots[seen]:
        if all(_apart(spot, actor, other) for other in others):
            return np.asarray(spot, np.float64)
    return None


def _ground(camera: CityCamera, across: F64, wanted_m: F64) -> F64:
    """Ground (N, 2) in the columns `across` (N,) of the picture, nearest to so far away (N,)."""
    height, width = camera.view.size_hw
    rows = np.linspace(0.02, 1.05, _ROWS) * height
    px = np.stack(np.broadcast_arrays(across[:, None] * width, rows), axis=-1)
    spots = camera.view.on_ground(px.reshape(-1, 2).astype(np.float32)).reshape(-1, _ROWS, 2)
    away = np.linalg.norm(spots - np.array(camera.view.position_m[:2]), axis=-1)
    off = np.abs(np.log(away / wanted_m[:, None]))
    row = np.where(np.isfinite(off), off, np.inf).argmin(axis=1)
    return np.asarray(spots[np.arange(len(row)), row], np.float64)


def _apart(spot: F64, actor: Actor, other: Placed) -> bool:
    reach_m = (footprint_m(actor)[0] + footprint_m(other.actor)[0]) / 2 + _ROOM_M
    return float(np.linalg.norm(spot - np.array(other.xy_m))) > reach_m


def _standing(actor: Actor, spot: F64, rng: np.random.Generator) -> Placed:
    walker = actor.cycle is None and actor.vehicle is None
    pose: Pose = "sit" if actor.cycle is not None and actor.person is not None else "stand"
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
