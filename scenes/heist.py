"""A theft on the stage: a phone is snatched in one camera's view, the thief runs, mounts an e-bike
or gets into a car in another one's, and passes a third riding."""

from dataclasses import dataclass, replace

import numpy as np

from core.arrays import F64
from scenes.cast import Cast
from scenes.crowd import Crossing, Stage, crossed
from scenes.driveways import STEP_M, Driveway
from scenes.fleet import WARM_UP_S, footprint_m
from scenes.getaway import CameraWay, Getaway, Players, hideout, plan_getaway
from scenes.pavements import Footway, Pavements, Spot, extended, part
from scenes.placing import CityCamera
from scenes.plan import Actor, Leg, Pose
from scenes.roads import PAVEMENT_M, RoadGraph
from scenes.strolls import Stop, stroll, walked
from scenes.theft import Appearance, Mount, Subject, Theft, VehicleKind, appearances

MIN_CAMERAS, MIN_SECONDS = 3, 75.0

_TRIES = 80
_APART_M = 0.36  # thief and victim, each from the way's middle
_SNATCH_S, _UNLOCK_S = 0.9, 1.6
_RUN_MPS, _RUN_M, _HURRY_MPS = (3.3, 4.6), (45.0, 90.0), (1.7, 2.3)
_RIDE_MPS: dict[VehicleKind, tuple[float, float]] = {"ebike": (5.6, 7.2), "car": (8.0, 11.0)}
_PUSH_MPS2: dict[VehicleKind, float] = {"ebike": 1.3, "car": 2.0}
_CAR_SHARE = 0.35
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
class _Times:
    """When what happens, and how fast the thief is."""

    contact_s: float
    run_mps: float
    run_m: float
    hurry_mps: float
    mount_s: float


def plan_theft(
    stage: Stage, cast: Cast, rng: np.random.Generator, *, vehicle: VehicleKind | None = None
) -> Heist | None:
    """A theft that the cameras see as they should: the snatch, the flight on foot in one more
    view, the change of `vehicle` (None draws it), the ride in another view; None if these cameras
    stand so that nothing of the kind was found."""
    thief, victim = cast.walker(), cast.walker()
    drawn: VehicleKind = "car" if rng.random() < _CAR_SHARE else "ebike"
    vehicle = vehicle or drawn
    mounted = cast.car() if vehicle == "car" else cast.rider(of=thief, kind="ebike")
    parked = mounted if vehicle == "car" else cast.parked(mounted)
    players = Players(thief, victim, mounted, parked, vehicle)
    tries = (_played(stage, players, rng) for _ in range(_TRIES))
    return next((heist for heist in tries if heist is not None), None)


def _played(stage: Stage, players: Players, rng: np.random.Generator) -> Heist | None:
    getaway = plan_getaway(stage, players, rng)
    times = _times(stage, getaway, players, rng) if getaway else None
    if getaway is None or times is None:
        return None
    thief, crossings = _thief_on_foot(stage, players, getaway, times)
    riding, after = _riding(stage, players, (getaway, times.mount_s), rng)
    subject = _subject(stage, getaway.way, players, [*thief, riding, *after])
    if not _seen_well(subject.appearances, getaway.way, times):
        return None
    waiting = _waiting(players, getaway.ride, times.mount_s)
    victim = _victim(stage, players.victim, (getaway, times), rng)
    legs = (*victim, *thief, waiting, riding, *after)
    on_road = [riding] if players.vehicle == "ebike" else [riding, waiting]
    size = footprint_m(players.mounted)
    bodies = tuple((leg, size) for leg in on_road)
    return Heist(_told(stage, players, getaway, times), subject, legs, bodies, crossings)


def _told(stage: Stage, players: Players, getaway: Getaway, times: _Times) -> Theft:
    place = Pavements(stage.roads).place_m(getaway.scene)
    rows = tuple(camera.row for camera in getaway.way.cameras)
    return Theft(
        thief=players.thief.identity,
        victim=players.victim.identity,
        contact_s=times.contact_s,
        xy_m=(float(place[0]), float(place[1])),
        camera=rows[0],
        way=rows,
        vehicle=players.vehicle,
    )


def _times(
    stage: Stage, getaway: Getaway, players: Players, rng: np.random.Generator
) -> _Times | None:
    """When the snatch can be, so that the ride still passes a camera before the end."""
    way, flight = getaway.way, getaway.flight
    next_m = _passes_m(getaway.ride, stage.roads.nodes_m[way.nodes[way.mount + 1]])
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
    stage: Stage, players: Players, getaway: Getaway, times: _Times
) -> tuple[list[Leg], tuple[Crossing, ...]]:
    """Coming up from behind, snatching, running, hurrying on, and standing at the vehicle."""
    scene, flight, thief = getaway.scene, getaway.flight, players.thief
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
    stage: Stage, victim: Actor, play: tuple[Getaway, _Times], rng: np.random.Generator
) -> list[Leg]:
    """Comes, stands with the phone, runs after the thief a little, stands, goes home."""
    (getaway, times), speed = play, 1.2
    scene, flight = getaway.scene, getaway.flight
    came = _approach(stage.roads, scene, flight, metres=float(rng.uniform(7, 11)))
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


def _waiting(players: Players, ride: Driveway, mount_s: float) -> Leg:
    """The vehicle waiting at the kerb."""
    xy = np.repeat(ride.xy_m[:1], 2, axis=0)
    heading = np.repeat(ride.heading_rad[:1], 2)
    return Leg(players.parked, np.array([-WARM_UP_S, mount_s]), xy, heading, "stand", "stand")


def _riding(
    stage: Stage, players: Players, play: tuple[Getaway, float], rng: np.random.Generator
) -> tuple[Leg, list[Leg]]:
    """The ride, and what follows when it ends in time: the vehicle left, the thief at a door."""
    (getaway, mount_s), line = play, play[0].ride
    stop = hideout(getaway, rng) if players.vehicle == "ebike" else None
    count = len(line.xy_m) if stop is None else stop
    times = mount_s + _even_s(line, count, players, rng, stops=stop is not None)
    pose: Pose = "sit" if players.vehicle == "ebike" else "stand"
    xy, heading = line.xy_m[:count].copy(), line.heading_rad[:count].copy()
    leg = Leg(players.mounted, times, xy, heading, pose, pose)
    if stop is None or times[-1] > stage.seconds - 1.0:
        return leg, []
    return leg, _left(stage, players, leg, rng)


def _even_s(
    line: Driveway, count: int, players: Players, rng: np.random.Generator, *, stops: bool
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


def _left(stage: Stage, players: Players, ride: Leg, rng: np.random.Generator) -> list[Leg]:
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


def _subject(stage: Stage, way: CameraWay, players: Players, legs: list[Leg]) -> Subject:
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


def _mount(kind: str, camera: CityCamera, begins: Leg, players: Players) -> Mount:
    """The change into the leg that begins."""
    place = (float(begins.xy_m[0, 0]), float(begins.xy_m[0, 1]))
    thief, mounted = players.thief.actor_id, players.mounted.actor_id
    at_s = begins.span_s[0]
    if kind == "mounts":
        return Mount("mounts", camera.row, at_s, place, thief, mounted)
    return Mount("dismounts", camera.row, at_s, place, mounted, thief)


def _seen_well(seen: tuple[Appearance, ...], way: CameraWay, times: _Times) -> bool:
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
