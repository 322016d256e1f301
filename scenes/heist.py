"""A theft on the stage: a phone is snatched in one camera's view, the thief runs, mounts an e-bike
or gets into a car in another one's, and passes a third riding."""

from dataclasses import dataclass, replace

import numpy as np

from core.arrays import F64
from scenes.cast import Cast
from scenes.crowd import Crossing, Stage, crossed
from scenes.driveways import (
    STEP_M,
    Driveway,
    Parked,
    cycle_strip,
    driveway,
    kerbside_m,
    lane,
)
from scenes.fleet import WARM_UP_S, footprint_m, outward
from scenes.pavements import Footway, Pavements, Spot, extended, part
from scenes.placing import CHAIN, CityCamera, heights_px, within
from scenes.plan import Actor, Leg, Pose
from scenes.roads import PAVEMENT_M, ZEBRA_M, RoadGraph
from scenes.strolls import Stop, stroll, walked
from scenes.theft import Appearance, Mount, Subject, Theft, VehicleKind, appearances

MIN_CAMERAS, MIN_SECONDS = 3, 75.0

_TRIES = 80
_SCENE_PX, _MOUNT_PX, _HIDEOUT_PX = (52.0, 190.0), (40.0, 260.0), (34.0, 260.0)
_MARGIN = 0.1  # of the picture, so that what matters is not at its border
_APART_M = 0.36  # thief and victim, each from the way's middle
_SNATCH_S, _UNLOCK_S = 0.9, 1.6
_RUN_MPS, _RUN_M, _HURRY_MPS = (3.3, 4.6), (45.0, 90.0), (1.7, 2.3)
_RIDE_MPS: dict[VehicleKind, tuple[float, float]] = {"ebike": (5.6, 7.2), "car": (8.0, 11.0)}
_PUSH_MPS2: dict[VehicleKind, float] = {"ebike": 1.3, "car": 2.0}
_CAR_SHARE, _HIDEOUT_SHARE = 0.35, 0.5
_FIRST_S = 6.0
_PASSED_S = 6.0  # from the next junction until its camera has seen enough


@dataclass(frozen=True, slots=True)
class Heist:
    """A theft ready to be played: its `legs`, those that traffic must drive around (`bodies`, with
    their length and width), and the zebras that are run over."""

    theft: Theft
    subject: Subject
    legs: tuple[Leg, ...]
    bodies: tuple[tuple[Leg, tuple[float, float]], ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class _Players:
    """Who takes part. `mounted` is the thief on the e-bike, or the car; `parked` the same with
    nobody on it."""

    thief: Actor
    victim: Actor
    mounted: Actor
    parked: Actor
    vehicle: VehicleKind


@dataclass(frozen=True, slots=True)
class _Way:
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


@dataclass(frozen=True, slots=True)
class _Times:
    """When what happens, and how fast the thief is."""

    contact_s: float
    run_mps: float
    run_m: float
    hurry_mps: float
    mount_s: float


def plan_theft(stage: Stage, cast: Cast, rng: np.random.Generator) -> Heist | None:
    """A theft that the cameras see as they should: the snatch, the flight on foot in one more
    view, the change of vehicle, the ride in another view; None if these cameras stand so that
    nothing of the kind was found."""
    thief, victim = cast.walker(), cast.walker()
    vehicle: VehicleKind = "car" if rng.random() < _CAR_SHARE else "ebike"
    mounted = cast.car() if vehicle == "car" else cast.rider(of=thief, kind="ebike")
    parked = mounted if vehicle == "car" else cast.parked(mounted)
    players = _Players(thief, victim, mounted, parked, vehicle)
    tries = (_played(stage, players, _way(stage, rng), rng) for _ in range(_TRIES))
    return next((heist for heist in tries if heist is not None), None)


def _way(stage: Stage, rng: np.random.Generator) -> _Way:
    chain = list(stage.cameras[:CHAIN])
    if rng.random() < 0.5:
        chain.reverse()
    far = len(chain) > 3 and rng.random() < (0.75 if stage.seconds > 140 else 0.35)
    mount = 2 if far else 1
    count = mount + 1 + int(rng.integers(1, len(chain) - mount))
    start = int(rng.integers(0, len(chain) - count + 1))
    return _Way(tuple(chain[start : start + count]), mount)


def _played(stage: Stage, players: _Players, way: _Way, rng: np.random.Generator) -> Heist | None:
    scene, kerb = _scene(stage.roads, way, rng), _kerb(stage, way, players, rng)
    if scene is None or kerb is None:
        return None
    flight = _flight(stage.roads, way, scene, kerb, players)
    ride = _ride(stage, way, kerb, players, rng)
    times = _times(stage, way, (flight, ride), players, rng)
    if times is None:
        return None
    thief, crossings = _thief_on_foot(stage, players, (scene, flight), times)
    riding, after = _riding(stage, way, players, (ride, times.mount_s), rng)
    subject = _subject(stage, way, players, [*thief, riding, *after], times)
    if not _seen_well(subject.appearances, way, times):
        return None
    standing = _parked_leg(players, ride, times.mount_s)
    victim = _victim(stage, players.victim, (scene, flight), times, rng)
    size = footprint_m(players.mounted)
    bodies = [(riding, size)] if players.vehicle == "ebike" else [(riding, size), (standing, size)]
    place = Pavements(stage.roads).place_m(scene)
    theft = Theft(
        thief=players.thief.identity,
        victim=players.victim.identity,
        contact_s=times.contact_s,
        xy_m=(float(place[0]), float(place[1])),
        camera=way.cameras[0].row,
        way=tuple(camera.row for camera in way.cameras),
        vehicle=players.vehicle,
    )
    legs = (*victim, *thief, standing, riding, *after)
    return Heist(theft, subject, legs, tuple(bodies), crossings)


def _scene(roads: RoadGraph, way: _Way, rng: np.random.Generator) -> Spot | None:
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


def _shown(camera: CityCamera, xy_m: F64, tall_px: tuple[float, float]) -> F64:
    """Whether feet and head of somebody at places (N, 2) are well in the picture, (N,)."""
    scale = camera.view.size_hw[0] / 360  # a checkpoint's picture has twice the lines
    tall = heights_px(camera.view, xy_m) / scale
    inside = within(camera.view, xy_m, _MARGIN)
    return np.asarray(inside & (tall > tall_px[0]) & (tall < tall_px[1]))


def _kerb(stage: Stage, way: _Way, players: _Players, rng: np.random.Generator) -> _Kerb | None:
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


def _kerb_aside_m(roads: RoadGraph, street: int, players: _Players) -> float:
    """An e-bike stands on the pavement's edge, a car in the parking strip."""
    if players.vehicle == "ebike":
        return float(roads.half_width_m[street]) + 0.55
    return kerbside_m(roads, street, footprint_m(players.mounted)[1])


def _flight(roads: RoadGraph, way: _Way, scene: Spot, kerb: _Kerb, players: _Players) -> Footway:
    """From the scene along the streets to the e-bike, or around the car to its door."""
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
    stage: Stage, way: _Way, kerb: _Kerb, players: _Players, rng: np.random.Generator
) -> Driveway:
    """From the kerb past the other cameras and out of sight."""
    nodes = [kerb.first, kerb.second]
    nodes += [node for node in way.nodes[way.mount + 1 :] if node not in nodes]
    nodes = outward(stage, nodes, rng)
    offset = cycle_strip(stage.roads) if players.vehicle == "ebike" else lane(stage.roads, 0)
    return driveway(stage.roads, nodes, offset, start=kerb.start)


def _times(
    stage: Stage,
    way: _Way,
    ways: tuple[Footway, Driveway],
    players: _Players,
    rng: np.random.Generator,
) -> _Times | None:
    """When the snatch can be, so that the ride still passes a camera before the end."""
    flight, ride = ways
    next_m = _passes_m(ride, stage.roads.nodes_m[way.nodes[way.mount + 1]])
    ride_s = next_m / np.mean(_RIDE_MPS[players.vehicle]) + _PASSED_S
    run_mps, hurry_mps = float(rng.uniform(*_RUN_MPS)), float(rng.uniform(*_HURRY_MPS))
    for run_m in (float(rng.uniform(*_RUN_M)), flight.length_m):
        run_m = min(run_m, flight.length_m)
        foot_s = run_m / run_mps + (flight.length_m - run_m) / hurry_mps
        needed = _SNATCH_S + foot_s + _UNLOCK_S + ride_s
        spare = stage.seconds - needed
        if spare > _FIRST_S:
            latest = float(np.minimum(spare, 0.3 * stage.seconds + _FIRST_S))
            contact = float(rng.uniform(_FIRST_S, latest))
            mount = contact + _SNATCH_S + foot_s + _UNLOCK_S
            return _Times(contact, run_mps, run_m, hurry_mps, mount)
    return None


def _passes_m(ride: Driveway, node_m: F64) -> float:
    return float(np.argmin(np.linalg.norm(ride.xy_m - node_m, axis=1)) * STEP_M)


def _thief_on_foot(
    stage: Stage, players: _Players, places: tuple[Spot, Footway], times: _Times
) -> tuple[list[Leg], tuple[Crossing, ...]]:
    """Coming up from behind, snatching, running, hurrying on, and standing at the vehicle."""
    scene, flight = places
    thief = players.thief
    approach = _approach(stage.roads, scene, flight, metres=16.0)
    speed = 1.45
    legs = [
        walked(
            thief,
            approach,
            stroll(approach, times.contact_s - approach.length_m / speed, speed),
            aside_m=_APART_M,
        )
    ]
    run = part(flight, 0.0, times.run_m)
    snatch = [Stop(0.0, _SNATCH_S)]
    ran = stroll(run, times.contact_s, times.run_mps, stops=snatch)
    legs.append(walked(thief, run, ran, aside_m=_APART_M, pose="run"))
    crossings = crossed(run, ran)
    end_s = float(ran.at_s[-1])
    if flight.length_m - times.run_m > 1.0:
        rest = part(flight, times.run_m, flight.length_m)
        on = stroll(rest, end_s, times.hurry_mps)
        legs.append(walked(thief, rest, on, aside_m=_APART_M))
        crossings += crossed(rest, on)
    legs[1:] = _landing(legs[1:], flight.xy_m[-1], times.mount_s)
    return legs, tuple(crossings)


def _landing(legs: list[Leg], at_m: F64, until_s: float) -> list[Leg]:
    """Ends the last leg right at `at_m` and stands there until `until_s`."""
    last = legs[-1]
    xy = np.concatenate([last.xy_m, at_m[None], at_m[None]])
    arrive = max(float(last.at_s[-1]) + 0.3, until_s - _UNLOCK_S + 0.3)
    at_s = np.r_[last.at_s, arrive, max(until_s, arrive + 0.2)]
    heading = np.r_[last.heading_rad, last.heading_rad[-1], last.heading_rad[-1]]
    return [*legs[:-1], replace(last, at_s=at_s, xy_m=xy, heading_rad=heading)]


def _approach(roads: RoadGraph, scene: Spot, flight: Footway, *, metres: float) -> Footway:
    """From a door down the street to the scene, against the way of the flight where there is
    room for it."""
    length = float(roads.length_m[scene.street])
    toward = float((flight.xy_m[3] - flight.xy_m[0]) @ roads.along[scene.street])
    sign = -1.0 if toward > 0 else 1.0
    along = float(np.clip(scene.along_m + sign * metres, 4.0, length - 4.0))
    door = Spot(scene.street, along, scene.side, door=True)
    return Pavements(roads).walk([scene.street], door, scene)


def _victim(
    stage: Stage,
    victim: Actor,
    places: tuple[Spot, Footway],
    times: _Times,
    rng: np.random.Generator,
) -> list[Leg]:
    """Comes, stands with the phone, runs after the thief a little, stands, goes home."""
    scene, flight = places
    came = _approach(stage.roads, scene, flight, metres=float(rng.uniform(7, 11)))
    speed = 1.2
    start = min(times.contact_s - 9.0, -4.0) - came.length_m / speed
    stands = times.contact_s + _SNATCH_S - start - came.length_m / speed
    walk = stroll(came, start, speed, stops=[Stop(came.length_m - 0.1, stands)])
    legs = [walked(victim, came, walk, aside_m=-_APART_M, still="phone")]
    chase = part(flight, 0.0, min(float(rng.uniform(5, 9)), flight.length_m / 2))
    after = float(walk.at_s[-1])
    ran = stroll(chase, after, 3.0)
    legs.append(walked(victim, chase, ran, aside_m=-_APART_M, pose="run"))
    shock = Stop(0.0, float(rng.uniform(10, 25)))
    home = _home(stage.roads, scene, chase)
    back = stroll(home, float(ran.at_s[-1]), 1.1, stops=[shock])
    legs.append(walked(victim, home, back, aside_m=_APART_M, still="stand"))
    return legs


def _home(roads: RoadGraph, scene: Spot, chase: Footway) -> Footway:
    """Back from where the chase ended to a door beside the scene."""
    back = Footway(chase.xy_m[::-1].copy(), chase.reach_m.copy(), ())
    return extended(back, Pavements(roads).front_m(scene)[None])


def _parked_leg(players: _Players, ride: Driveway, mount_s: float) -> Leg:
    """The vehicle waiting at the kerb."""
    xy = np.repeat(ride.xy_m[:1], 2, axis=0)
    heading = np.repeat(ride.heading_rad[:1], 2)
    return Leg(players.parked, np.array([-WARM_UP_S, mount_s]), xy, heading, "stand", "stand")


def _riding(
    stage: Stage,
    way: _Way,
    players: _Players,
    ride: tuple[Driveway, float],
    rng: np.random.Generator,
) -> tuple[Leg, list[Leg]]:
    """The ride, and what follows when it ends in time: the vehicle left, the thief at a door."""
    line, mount_s = ride
    hideout = _hideout(way, line, rng) if players.vehicle == "ebike" else None
    count = len(line.xy_m) if hideout is None else hideout
    times = mount_s + _even_s(line, count, players, rng, stops=hideout is not None)
    pose: Pose = "sit" if players.vehicle == "ebike" else "stand"
    xy, heading = line.xy_m[:count].copy(), line.heading_rad[:count].copy()
    leg = Leg(players.mounted, times, xy, heading, pose, pose)
    if hideout is None or times[-1] > stage.seconds - 1.0:
        return leg, []
    return leg, _left(stage, players, leg, rng)


def _hideout(way: _Way, line: Driveway, rng: np.random.Generator) -> int | None:
    """Points until a stop in the last camera's view, if there is a good one behind the next."""
    if rng.random() > _HIDEOUT_SHARE:
        return None
    shown = np.flatnonzero(_shown(way.cameras[-1], line.xy_m, _HIDEOUT_PX))
    shown = shown[shown > 40.0 / STEP_M]
    return int(shown[len(shown) // 2]) if len(shown) else None


def _even_s(
    line: Driveway, count: int, players: _Players, rng: np.random.Generator, *, stops: bool
) -> F64:
    """Seconds from the start to each of `count` points: speeding up from a stand, slowing in
    bends, and to a stop at the end if it is one."""
    cruise = float(rng.uniform(*_RIDE_MPS[players.vehicle]))
    push = _PUSH_MPS2[players.vehicle]
    squared = np.minimum(line.limit_mps[:count], cruise) ** 2
    run_up = 2 * push * STEP_M * np.arange(count)
    squared = np.minimum(squared, run_up + 0.3)
    squared = np.minimum.accumulate(squared - run_up) + run_up
    if stops:
        squared = np.minimum(squared, run_up[::-1] + 0.3)
    speed = np.sqrt(squared)
    return np.asarray(np.r_[0.0, np.cumsum(2 * STEP_M / (speed[1:] + speed[:-1]))])


def _left(stage: Stage, players: _Players, ride: Leg, rng: np.random.Generator) -> list[Leg]:
    """The cycle stands where it was left; the thief walks into the nearest house."""
    roads, end_s = stage.roads, float(ride.at_s[-1])
    place, heading = ride.xy_m[-1], float(ride.heading_rad[-1])
    stays = Leg(
        players.parked,
        np.array([end_s, stage.seconds + 5.0]),
        np.repeat(place[None], 2, axis=0),
        np.array([heading, heading]),
        "stand",
        "stand",
    )
    right = np.array([np.sin(heading), -np.cos(heading)])
    reach = float(roads.half_width_m.max()) + PAVEMENT_M - float(rng.uniform(2.0, 3.0))
    steps = place + right * np.linspace(0.6, reach, 8)[:, None]
    times = end_s + np.r_[0.0, 1.2 + np.arange(7) * (reach / 7) / 1.5]
    turned = np.full(8, heading - np.pi / 2)
    return [stays, Leg(players.thief, times, steps, turned, "walk", "stand")]


def _subject(stage: Stage, way: _Way, players: _Players, legs: list[Leg], times: _Times) -> Subject:
    wanted = {players.thief.actor_id, players.mounted.actor_id}
    mine = [leg for leg in legs if leg.actor.actor_id in wanted]
    seen = appearances(stage.cameras, mine, stage.seconds)
    ride = next(leg for leg in mine if leg.actor == players.mounted)
    mounts = [_mount("mounts", way.cameras[way.mount], ride, players)]
    last = mine[-1]
    if last.actor == players.thief and last.span_s[0] >= ride.span_s[1]:
        mounts.append(_mount("dismounts", way.cameras[-1], last, players))
    return Subject(
        players.thief.identity,
        (players.thief.actor_id, players.mounted.actor_id),
        seen,
        tuple(mounts),
    )


def _mount(kind: str, camera: CityCamera, begins: Leg, players: _Players) -> Mount:
    """The change into the leg that begins."""
    place = (float(begins.xy_m[0, 0]), float(begins.xy_m[0, 1]))
    thief, mounted = players.thief.actor_id, players.mounted.actor_id
    at_s = begins.span_s[0]
    if kind == "mounts":
        return Mount("mounts", camera.row, at_s, place, thief, mounted)
    return Mount("dismounts", camera.row, at_s, place, mounted, thief)


def _seen_well(seen: tuple[Appearance, ...], way: _Way, times: _Times) -> bool:
    """Whether the cameras have it all: the snatch, the flight, the mount, the ride."""
    foot = [one for one in seen if one.mode == "walk"]
    rides = [one for one in seen if one.mode != "walk"]
    rows = [camera.row for camera in way.cameras]

    def at(camera: int, at_s: float, among: list[Appearance]) -> bool:
        return any(one.camera == camera and one.in_s <= at_s < one.out_s for one in among)

    flight = all(
        any(one.camera == row and one.out_s > times.contact_s + 2.0 for one in foot)
        for row in rows[1 : way.mount + 1]
    )
    return (
        at(rows[0], times.contact_s, foot)
        and at(rows[0], times.contact_s - 2.0, foot)
        and flight
        and at(rows[way.mount], times.mount_s - 0.6, foot)
        and at(rows[way.mount], times.mount_s + 0.6, rides)
        and any(one.camera == rows[way.mount + 1] for one in rides)
    )
