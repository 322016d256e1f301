"""Traffic and walkers: nobody drives into anybody, red is red, and cameras stand as promised."""

import numpy as np
import pytest

from core.arrays import F64
from core.types import ObjectClass
from scenes.driveways import STEP_M, driveway, lane
from scenes.fleet import footprint_m
from scenes.pavements import Pavements, Spot
from scenes.placing import hidden
from scenes.plan import Actor, Leg
from scenes.roads import PAVEMENT_M, ZEBRA_M, plan_roads
from scenes.signals import CYCLE_S, plan_signals
from scenes.splits import Split
from scenes.strolls import Stop, stroll, walked
from scenes.traffic import TICK_S, Closures, Trip, bodies, drive, overlapping
from tests.scenes.towns import full_town

TICKS = np.arange(0.0, 60.0, TICK_S)
CAR = Actor(1, "v0001", ObjectClass.CAR)
VAN = Actor(2, "v0002", ObjectClass.VAN)
ROADS = plan_roads(3, Split.TEST)
WAY = driveway(ROADS, ROADS.route(0, 20), lane(ROADS, 0))
OPEN = Closures(*(np.zeros((2 * len(ROADS.edges), len(TICKS)), np.bool_) for _ in range(2)))


def trip(actor: Actor = CAR, *, cruise_mps: float = 10.0, start_s: float = 0.0) -> Trip:
    return Trip(actor, WAY, (4.6, 1.9), cruise_mps, start_s)


def reach_m(leg: Leg) -> F64:
    """How far along the way each knot lies."""
    steps = np.linalg.norm(np.diff(leg.xy_m, axis=0), axis=1)
    return np.asarray(np.r_[0.0, np.cumsum(steps)])


def test_a_free_car_reaches_its_cruising_speed_and_slows_in_bends() -> None:
    (leg,) = drive([trip()], bodies((), TICKS), OPEN, TICKS)
    speed = np.diff(reach_m(leg)) / np.diff(leg.at_s)
    assert speed.max() == pytest.approx(10, abs=0.2)
    assert speed[5:].min() < 6


def test_a_faster_car_stays_behind_a_slower_one() -> None:
    slow, fast = trip(VAN, cruise_mps=4.0), trip(start_s=4.0)
    first, second = drive([slow, fast], bodies((), TICKS), OPEN, TICKS)
    times = second.at_s[second.at_s < first.at_s[-1]]
    gap = np.linalg.norm(first.positions(times) - second.positions(times), axis=1)
    assert gap.min() > 4.6


def test_a_car_stops_before_a_closed_zebra_and_goes_on_when_it_opens() -> None:
    gate = WAY.gates[0]
    walked_over = OPEN.walked.copy()
    walked_over[gate.arm, TICKS < 30] = True
    (leg,) = drive([trip()], bodies((), TICKS), Closures(walked_over, OPEN.red), TICKS)
    before = reach_m(leg)[leg.at_s < 30]
    assert gate.reach_m - 8 < before.max() + 2.3 < gate.reach_m + 0.6
    assert reach_m(leg).max() > gate.reach_m + 20


def test_a_car_stays_behind_what_stands_in_its_lane() -> None:
    row = int(40 / STEP_M)
    obstacle = Leg(
        VAN, np.array([-1.0, 40.0]), np.repeat(WAY.xy_m[row : row + 1], 2, 0),
        np.repeat(WAY.heading_rad[row], 2), "stand",
    )  # fmt: skip
    (leg,) = drive([trip()], bodies([(obstacle, (4.6, 1.9))], TICKS), OPEN, TICKS)
    assert reach_m(leg)[leg.at_s < 40].max() < 40 - 4.6


def test_nobody_on_wheels_ever_overlaps_another() -> None:
    city = full_town()
    legs = [leg for leg in city.legs if leg.actor.kind is not ObjectClass.PERSON]
    legs = [leg for leg in legs if leg.actor.labelled]
    half = np.array([footprint_m(leg.actor) for leg in legs]) / 2 - 0.15
    for at_s in np.arange(0.0, city.seconds, 1.0):
        placed = [(row, one) for row, leg in enumerate(legs) if (one := leg.placed(float(at_s)))]
        xy = np.array([one.xy_m for _, one in placed])
        heading = np.array([one.heading_rad for _, one in placed])
        a, b = np.triu_indices(len(placed), 1)
        size = half[[row for row, _ in placed]]
        hit = overlapping((xy[a], heading[a], size[a]), (xy[b], heading[b], size[b]))
        assert not hit.any()


def test_walkers_are_hardly_ever_run_over() -> None:
    city = full_town()
    times = np.arange(0.0, city.seconds, 1.0)
    people = [leg.positions(times) for leg in city.legs if leg.actor.kind is ObjectClass.PERSON]
    walkers = np.stack(people)
    hits = 0
    for leg in city.legs:
        if leg.actor.vehicle is not None:
            heading = np.interp(times, leg.at_s, leg.heading_rad)
            away = walkers - leg.positions(times)
            along = np.abs(away[..., 0] * np.cos(heading) + away[..., 1] * np.sin(heading))
            across = np.abs(away[..., 1] * np.cos(heading) - away[..., 0] * np.sin(heading))
            length, width = footprint_m(leg.actor)
            hits += int(((along < length / 2) & (across < width / 2)).sum())
    assert hits <= 2


def test_a_walk_waits_at_red_and_never_less_than_the_light_says() -> None:
    signals = plan_signals(ROADS, np.random.default_rng(1))
    lit = int(np.flatnonzero(signals.lit)[0])
    for arrives in np.arange(0.0, CYCLE_S, 1.3):
        begins = signals.walk_from_s(lit, float(arrives), 6.0)
        assert begins >= arrives
        assert signals.red(lit, np.array([begins, begins + 5.9])).all()


def test_an_unlit_zebra_is_crossed_at_once() -> None:
    signals = plan_signals(ROADS, np.random.default_rng(1))
    dark = int(np.flatnonzero(~signals.lit)[0])
    assert signals.walk_from_s(dark, 12.5, 6.0) == 12.5


def test_a_footway_keeps_off_the_carriageway_but_for_zebras() -> None:
    pavements = Pavements(ROADS)
    nodes = ROADS.route(0, 24)
    streets = ROADS.streets_of(nodes)
    way = pavements.walk(streets, Spot(streets[0], 40.0, 1), Spot(streets[-1], 40.0, -1))
    on_zebra = np.zeros(len(way.xy_m), np.bool_)
    for _, leaves_m, arrives_m in way.crossings:
        on_zebra |= (way.reach_m > leaves_m - 1.5) & (way.reach_m < arrives_m + 1.5)
    offset = way.xy_m[:, None] - ROADS.nodes_m[ROADS.edges[:, 0]]
    along = (offset * ROADS.along).sum(axis=2)
    across = np.abs((offset * ROADS.left).sum(axis=2))
    low = ROADS.setback_m[:, 0] + ZEBRA_M
    high = ROADS.length_m - ROADS.setback_m[:, 1] - ZEBRA_M
    on_road = ((along > low) & (along < high) & (across < ROADS.half_width_m)).any(axis=1)
    assert not (on_road & ~on_zebra).any()


def test_walkers_never_walk_through_houses() -> None:
    city = full_town()
    walls = city.roads.walls_m()
    start, along = walls[:, 0], walls[:, 1] - walls[:, 0]
    for leg in city.legs:
        if leg.actor.kind is ObjectClass.PERSON:
            steps, places = np.diff(leg.xy_m, axis=0), leg.xy_m[:-1]
            across = along[:, 0] * steps[:, None, 1] - along[:, 1] * steps[:, None, 0]
            across = np.where(across == 0, np.nan, across)
            away = places[:, None] - start
            share = (away[..., 0] * steps[:, None, 1] - away[..., 1] * steps[:, None, 0]) / across
            reach = (away[..., 0] * along[:, 1] - away[..., 1] * along[:, 0]) / across
            through = (share > 0) & (share < 1) & (reach > 0) & (reach < 1)
            inner = through[3:-3]  # the first and last steps may be in a doorway
            assert not inner.any()


def test_a_house_hides_what_is_behind_it() -> None:
    view = full_town().cameras[0].view
    eye = np.asarray(view.position_m[:2])
    wall = eye + np.array([[[10.0, -3.0], [10.0, 3.0]]])
    places = eye + np.array([[20.0, 0.0], [9.0, 0.0], [20.0, 8.0], [-20.0, 0.0]])
    assert hidden(view, places, wall).tolist() == [True, False, False, False]


def test_a_walk_without_zebras_stays_on_its_pavement() -> None:
    way = Pavements(ROADS).walk([4], Spot(4, 20.0, 1, door=True), Spot(4, 60.0, 1))
    assert way.crossings == ()
    across = (way.xy_m - ROADS.nodes_m[ROADS.edges[4, 0]]) @ ROADS.left[4]
    half = float(ROADS.half_width_m[4])
    assert across[0] == pytest.approx(half + PAVEMENT_M, abs=0.5)
    assert (across > half).all()


def test_a_stop_turns_to_the_window_and_back() -> None:
    way = Pavements(ROADS).walk([4], Spot(4, 20.0, 1), Spot(4, 60.0, 1))
    walk = stroll(way, 0.0, 1.0, stops=[Stop(20.0, 10.0, 1.2)])
    leg = walked(Actor(3, "p0003", ObjectClass.PERSON), way, walk)
    rests, goes = leg.placed(25.0), leg.placed(35.0)
    assert rests is not None
    assert goes is not None
    assert (rests.pose, goes.pose) == ("stand", "walk")
    assert abs(rests.heading_rad - goes.heading_rad) == pytest.approx(1.2, abs=0.05)


def test_street_cameras_differ_and_stand_as_promised() -> None:
    views = [camera.view for seed in (1, 2) for camera in full_town(seed).cameras]
    street = [view for view in views if view.size_hw == (360, 640)]
    assert all(3.2 <= view.position_m[2] <= 6.0 for view in views)
    assert all(11.9 <= np.degrees(view.tilt_rad) <= 30.1 for view in views)
    assert np.ptp([view.focal_px for view in street]) > 100
    assert np.ptp([view.position_m[2] for view in street]) > 0.8


def test_there_is_a_checkpoint_whose_near_plates_can_be_read() -> None:
    (camera,) = [camera for camera in full_town().cameras if camera.kind == "checkpoint"]
    assert camera.view.size_hw == (720, 1280)
    below = np.array([[camera.view.size_hw[1] / 2, camera.view.size_hw[0] * 0.6]], np.float32)
    ground = camera.view.on_ground(below)[0]
    reach = np.linalg.norm(np.append(ground, 0) - np.asarray(camera.view.position_m))
    assert 40 < 0.44 * camera.view.focal_px / reach < 110


def test_walkers_at_the_watched_junction_are_tall_enough() -> None:
    city = full_town()
    for camera in city.cameras:
        best = max(
            float(camera.heights_px(leg.positions(np.arange(0.0, city.seconds, 1.0))).max())
            for leg in city.legs
            if leg.actor.kind is ObjectClass.PERSON
        )
        assert best > 60
