"""Where a theft can happen: a snatch, a flight on foot, a vehicle at the kerb and a ride, each in a
camera's picture."""

from dataclasses import dataclass, replace

import numpy as np

from core.arrays import F64, Bool
from scenes.crowd import Stage
from scenes.driveways import (
    STEP_M,
    Driveway,
    Parked,
    cycle_strip,
    driveway,
    kerbside_m,
    lane,
)
from scenes.fleet import footprint_m, outward
from scenes.pavements import Footway, Pavements, Spot, extended
from scenes.placing import CHAIN, CityCamera, within
from scenes.plan import Actor
from scenes.roads import ZEBRA_M, RoadGraph
from scenes.theft import VehicleKind

_SCENE_PX, _MOUNT_PX, _HIDEOUT_PX = (52.0, 190.0), (40.0, 260.0), (34.0, 260.0)
_MARGIN = 0.1  # of the picture, so that what matters is not at its border
_HIDEOUT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Players:
    """Who takes part. `mounted` is the thief on the e-bike, or the car; `parked` the same with
    nobody on it."""

    thief: Actor
    victim: Actor
    mounted: Actor
    parked: Actor
    vehicle: VehicleKind


@dataclass(frozen=True, slots=True)
class CameraWay:
    """Cameras passed in turn; the vehicle waits in the view of the one numbered `mount`."""

    cameras: tuple[CityCamera, ...]
    mount: int

    @property
    def nodes(self) -> list[int]:
        return [camera.node for camera in self.cameras]


@dataclass(frozen=True, slots=True)
class _Kerb:
    """Where the vehicle stands: travelling from junction `first` to `second`, on the right; and
    the pavement beside it."""

    first: int
    second: int
    start: Parked
    spot: Spot


@dataclass(frozen=True, slots=True, eq=False)
class Getaway:
    """Where it all happens: the spot of the snatch, the flight on foot from there to the vehicle,
    and the ride away."""

    way: CameraWay
    scene: Spot
    flight: Footway
    ride: Driveway


def plan_getaway(stage: Stage, players: Players, rng: np.random.Generator) -> Getaway | None:
    """Places along some cameras in turn; None if nothing suitable is in their pictures."""
    way = _camera_way(stage, rng)
    scene, kerb = _scene(stage.roads, way, rng), _kerb(stage, way, players, rng)
    if scene is None or kerb is None:
        return None
    flight = _flight(stage.roads, way, (scene, kerb), players)
    return Getaway(way, scene, flight, _ride(stage, way, (kerb, players), rng))


def _camera_way(stage: Stage, rng: np.random.Generator) -> CameraWay:
    chain = list(stage.cameras[:CHAIN])
    if rng.random() < 0.5:
        chain.reverse()
    far = len(chain) > 3 and rng.random() < (0.75 if stage.seconds > 140 else 0.35)
    mount = 2 if far else 1
    count = mount + 1 + int(rng.integers(1, len(chain) - mount))
    start = int(rng.integers(0, len(chain) - count + 1))
    return CameraWay(tuple(chain[start : start + count]), mount)


def _scene(roads: RoadGraph, way: CameraWay, rng: np.random.Generator) -> Spot | None:
    """A spot on a pavement near the first junction, well in its camera's view."""
    camera, pavements = way.cameras[0], Pavements(roads)
    spots = []
    for node in roads.neighbours(camera.node):
        street = roads.streets_of([camera.node, node])[0]
        end = int(roads.edges[street, 1] == camera.node)
        for out_m in float(roads.setback_m[street, end]) + ZEBRA_M + np.arange(2.0, 26.0, 2.0):
            along = float(out_m if end == 0 else roads.length_m[street] - out_m)
            spots += [Spot(street, along, side) for side in (1, -1)]
    points = np.stack([pavements.place_m(spot) for spot in spots])
    good = np.flatnonzero(_shown(camera, points, _SCENE_PX))
    return spots[int(rng.choice(good))] if len(good) else None


def _shown(camera: CityCamera, xy_m: F64, tall_px: tuple[float, float]) -> Bool:
    """Whether feet and head of somebody at places (N, 2) are well in the picture, (N,)."""
    scale = camera.view.size_hw[0] / 360  # a checkpoint's picture has twice the lines
    tall = camera.heights_px(xy_m) / scale
    inside = within(camera.view, xy_m, _MARGIN)
    return np.asarray(inside & (tall > tall_px[0]) & (tall < tall_px[1]), np.bool_)


def _kerb(stage: Stage, way: CameraWay, players: Players, rng: np.random.Generator) -> _Kerb | None:
    """A place at the kerb in view of the mount's camera: before or behind its junction."""
    roads, nodes = stage.roads, way.nodes
    camera = way.cameras[way.mount]
    before = (nodes[way.mount - 1], nodes[way.mount])
    behind = (nodes[way.mount], nodes[way.mount + 1])
    found = []
    for pair in (before, behind):
        street = roads.streets_of(pair)[0]
        if players.vehicle == "car" and not roads.parking[street]:
            continue
        forward = bool(roads.edges[street, 0] == pair[0])
        length = float(roads.length_m[street])
        near = roads.setback_m[street][:: 1 if forward else -1] + ZEBRA_M
        low, high = float(near[0]) + 5.0, length - float(near[1]) - 5.0
        travelled = (
            np.arange(max(low, high - 26.0), high)
            if pair == before
            else np.arange(low, min(high, low + 26.0))
        )
        aside = _kerb_aside_m(roads, street, players)
        along = travelled if forward else length - travelled
        side = -1 if forward else 1
        shown = _shown(camera, roads.at(street, along, side * aside), _MOUNT_PX)
        found += [
            _Kerb(*pair, Parked(float(t), aside), Spot(street, float(a), side))
            for t, a, ok in zip(travelled, along, shown, strict=True)
            if ok
        ]
    return found[int(rng.integers(len(found)))] if found else None


def _kerb_aside_m(roads: RoadGraph, street: int, players: Players) -> float:
    """An e-bike stands on the pavement's edge, a car in the parking strip."""
    if players.vehicle == "ebike":
        return float(roads.half_width_m[street]) + 0.55
    return kerbside_m(roads, street, footprint_m(players.mounted)[1])


def _flight(
    roads: RoadGraph, way: CameraWay, ends: tuple[Spot, _Kerb], players: Players
) -> Footway:
    """From the scene along the streets to the e-bike, or around the car to its door."""
    scene, kerb = ends
    pavements = Pavements(roads)
    streets = [scene.street, *roads.streets_of(way.nodes[: way.mount + 1]), kerb.spot.street]
    forward = -kerb.spot.side
    length, width = footprint_m(players.mounted)
    if players.vehicle == "ebike":
        foot = pavements.walk(streets, scene, kerb.spot)
        beside = kerb.spot.side * (kerb.start.aside_m + 0.45)
        return extended(foot, roads.at(kerb.spot.street, kerb.spot.along_m, beside)[None])
    behind = kerb.spot.along_m - forward * (length / 2 + 0.9)
    foot = pavements.walk(streets, scene, replace(kerb.spot, along_m=behind))
    door = kerb.spot.side * (kerb.start.aside_m - width / 2 - 0.45)
    alongs = np.array([behind, kerb.spot.along_m + forward * 0.3])
    return extended(foot, roads.at(kerb.spot.street, alongs, door))


def _ride(
    stage: Stage, way: CameraWay, vehicle: tuple[_Kerb, Players], rng: np.random.Generator
) -> Driveway:
    """From the kerb past the other cameras and out of sight."""
    kerb, players = vehicle
    nodes = [kerb.first, kerb.second]
    nodes += [node for node in way.nodes[way.mount + 1 :] if node not in nodes]
    nodes = outward(stage, nodes, rng)
    offset = cycle_strip(stage.roads) if players.vehicle == "ebike" else lane(stage.roads, 0)
    return driveway(stage.roads, nodes, offset, start=kerb.start)


def hideout(getaway: Getaway, rng: np.random.Generator) -> int | None:
    """Points until a stop in the last camera's view, if there is a good one behind the next."""
    if rng.random() > _HIDEOUT_SHARE:
        return None
    last = getaway.way.cameras[-1]
    shown = np.flatnonzero(_shown(last, getaway.ride.xy_m, _HIDEOUT_PX))
    shown = shown[shown > 40.0 / STEP_M]
    return int(shown[len(shown) // 2]) if len(shown) else None
