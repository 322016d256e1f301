"""Who rides and drives where: trips over the watched junctions, and what stands at the kerb."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from core.arrays import F64
from core.types import ObjectClass
from scenes.cast import Cast
from scenes.crowd import Crossing, Stage, seen, wander
from scenes.driveways import Parked, cycle_strip, driveway, kerbside_m, lane
from scenes.plan import Actor
from scenes.roads import ZEBRA_M
from scenes.traffic import TICK_S, Closures, Trip

WARM_UP_S = 30.0
"""Traffic runs that long before the city starts, so that its streets are not empty then."""

_CRUISE_MPS = {
    ObjectClass.BICYCLE_RIDER: (3.2, 5.2),
    ObjectClass.EBIKE_RIDER: (4.5, 7.0),
    ObjectClass.MOTORCYCLE_RIDER: (7.0, 11.0),
    ObjectClass.CAR: (7.5, 13.0),
    ObjectClass.VAN: (7.0, 11.5),
    ObjectClass.BUS: (6.0, 9.5),
    ObjectClass.TRUCK: (6.0, 10.0),
}
_KERB_STEP_M = 7.0
_KERB_CHANCE = 0.7
_KERB_CAMERA_M = (8.5, 30.0)
_LEAVES = 0.22
_AHEAD_S = 3.0  # drivers see somebody come to the zebra
_MOST_OUTWARD = 5


def clock(stage: Stage) -> F64:
    """The ticks of traffic, (T,)."""
    return np.arange(-WARM_UP_S, stage.seconds + 2 * TICK_S, TICK_S)


def footprint_m(actor: Actor) -> tuple[float, float]:
    """Length and width of what an actor takes up on the ground."""
    if actor.vehicle is not None:
        return actor.vehicle.length_m, actor.vehicle.width_m
    return (1.9, 0.7) if actor.cycle is not None else (0.5, 0.6)


def fleet(stage: Stage, cast: Cast, rng: np.random.Generator) -> list[Trip]:
    """What stands at the kerb first, then riders and vehicles in the order in which they come."""
    views, seconds = len(stage.cameras), stage.seconds
    vehicles = [cast.vehicle() for _ in range(round(views * (3.4 + 0.028 * seconds)))]
    riders = [cast.rider() for _ in range(round(views * (2.0 + 0.014 * seconds)))]
    trips = [_trip(stage, actor, rng) for actor in (*vehicles, *riders)]
    return kerbside(stage, cast, rng) + sorted(trips, key=lambda trip: trip.start_s)


def _trip(stage: Stage, actor: Actor, rng: np.random.Generator) -> Trip:
    roads = stage.roads
    nodes = outward(stage, wander(stage, int(rng.integers(2, 6)), rng), rng)
    nodes = outward(stage, nodes[::-1], rng)
    rides = actor.kind in (ObjectClass.BICYCLE_RIDER, ObjectClass.EBIKE_RIDER)
    offset = cycle_strip(roads) if rides else lane(roads, int(rng.integers(2)))
    way = driveway(roads, nodes, offset)
    cruise = float(rng.uniform(*_CRUISE_MPS[actor.kind]))
    lasts = min(way.length_m / cruise, WARM_UP_S + 10.0)
    start_s = float(rng.uniform(-lasts, stage.seconds - 8.0))
    return Trip(actor, way, footprint_m(actor), cruise, start_s)


def outward(stage: Stage, way: Sequence[int], rng: np.random.Generator) -> list[int]:
    """The way with more junctions at its end, until nobody sees it end."""
    roads, way = stage.roads, list(way)
    middle = roads.nodes_m[np.asarray(stage.watched)].mean(axis=0)
    for _ in range(_MOST_OUTWARD):
        if len(way) > 2 and not stage.shown_nodes[way[-1]]:
            break
        taken = {*pairwise(way), *pairwise(way[::-1])}
        near = [node for node in roads.neighbours(way[-1]) if (way[-1], node) not in taken]
        if not near:
            break
        away = np.linalg.norm(roads.nodes_m[near] - middle, axis=1)
        way.append(near[int(np.argmax(away + rng.uniform(0, 60, len(near))))])
    return way


def kerbside(stage: Stage, cast: Cast, rng: np.random.Generator) -> list[Trip]:
    """Parked vehicles where a camera sees them; some leave."""
    roads = stage.roads
    trips: list[Trip] = []
    for street in _near_streets(stage):
        if not roads.parking[street]:
            continue
        near = roads.setback_m[street] + ZEBRA_M + 5.0
        places = np.arange(near[0], roads.length_m[street] - near[1], _KERB_STEP_M)
        slots = [(street, float(along), side) for side in (1, -1) for along in places]
        taken = [slot for slot in slots if rng.random() < _KERB_CHANCE and _shows(stage, slot)]
        trips += [_parked(stage, cast, slot, rng) for slot in taken]
    return trips


def _near_streets(stage: Stage) -> list[int]:
    arms = stage.roads.arms
    mine = np.isin(arms.node, stage.watched)
    return sorted(set(arms.edge[mine].tolist()))


def _shows(stage: Stage, slot: tuple[int, float, int]) -> bool:
    """Whether something there is in a picture, and before no camera's lens."""
    street, along_m, side = slot
    spot = stage.roads.at(street, along_m, side * float(stage.roads.half_width_m[street] - 1.1))
    poles = np.array([camera.view.position_m[:2] for camera in stage.cameras])
    away = np.linalg.norm(poles - spot, axis=1)
    visible = [
        camera
        for camera, reach in zip(stage.cameras, away, strict=True)
        if reach < _KERB_CAMERA_M[1] and seen([camera], spot[None])[0]
    ]
    return bool(visible) and bool(away.min() > _KERB_CAMERA_M[0])


def _parked(
    stage: Stage, cast: Cast, place: tuple[int, float, int], rng: np.random.Generator
) -> Trip:
    """A car or van at the kerb at (street, metres down it, side), facing as traffic there does."""
    roads, (street, along, side) = stage.roads, place
    actor = cast.vehicle()
    while actor.kind not in (ObjectClass.CAR, ObjectClass.VAN):
        actor = cast.vehicle()
    first, second = (int(node) for node in roads.edges[street])
    if side > 0:
        first, second, along = second, first, float(roads.length_m[street]) - along
    onward = outward(stage, [first, second], rng)
    start = Parked(along, kerbside_m(roads, street, footprint_m(actor)[1]))
    way = driveway(roads, onward, lane(roads, 0), start=start)
    hold_s = float(rng.uniform(10, stage.seconds)) if rng.random() < _LEAVES else np.inf
    cruise = float(rng.uniform(*_CRUISE_MPS[actor.kind]))
    return Trip(actor, way, footprint_m(actor), cruise, -WARM_UP_S, hold_s)


def closures(stage: Stage, crossings: Iterable[Crossing]) -> Closures:
    """Zebras that are walked over or red, by arm and tick."""
    ticks = clock(stage)
    count = 2 * len(stage.roads.edges)
    walked = np.zeros((count, len(ticks)), np.bool_)
    for one in crossings:
        low, high = np.searchsorted(ticks, [one.from_s - _AHEAD_S, one.until_s])
        walked[one.arm, low:high] = True
    red = np.stack([stage.signals.red(arm, ticks) for arm in range(count)])
    return Closures(walked, red)
