"""The theft and its truth: one thief, never in two places, seen as the story tells."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from core.types import ObjectClass
from scenes.city import City
from scenes.plan import Leg
from scenes.theft import Subject, Theft, appearances
from tests.scenes.towns import full_town, town

CITIES = [lambda: town(5), lambda: town(6), lambda: full_town(1), lambda: full_town(2)]


def told(city: City) -> tuple[Theft, Subject]:
    assert city.theft is not None
    return city.theft, city.subjects[0]


def legs_of(city: City, actor_id: int) -> list[Leg]:
    return [leg for leg in city.legs if leg.actor.actor_id == actor_id]


@pytest.mark.parametrize("make", CITIES)
def test_the_thief_touches_the_victim_in_the_scene_cameras_view(make: Callable[[], City]) -> None:
    city = make()
    theft, _ = told(city)
    both = []
    for name in (theft.thief, theft.victim):
        placed = [
            one.xy_m
            for leg in city.legs
            if leg.actor.identity == name and (one := leg.placed(theft.contact_s + 0.3))
        ]
        assert len(placed) == 1
        both.append(placed[0])
    assert math.dist(both[0], both[1]) < 1.2
    assert math.dist(both[0], theft.xy_m) < 1.5


@pytest.mark.parametrize("make", CITIES)
def test_the_subject_passes_cameras_on_foot_then_riding(make: Callable[[], City]) -> None:
    theft, subject = told(make())
    mount = subject.mounts[0]
    before = [one for one in subject.appearances if one.in_s < mount.at_s]
    foot = {one.camera for one in before if one.mode == "walk"}
    rides = {one.camera for one in subject.appearances if one.mode != "walk"}
    assert theft.camera in foot
    assert len(foot) >= 2
    assert mount.camera in foot & rides
    assert rides - {mount.camera}


@pytest.mark.parametrize("make", CITIES)
def test_the_mount_hands_over_at_one_place_and_time(make: Callable[[], City]) -> None:
    city = make()
    _, subject = told(city)
    mount = subject.mounts[0]
    walker = legs_of(city, mount.before)
    ends = [leg for leg in walker if abs(leg.span_s[1] - mount.at_s) < 0.35]
    begins = [leg for leg in legs_of(city, mount.after) if leg.span_s[0] == mount.at_s]
    assert len(ends) == len(begins) == 1
    assert np.hypot(*(ends[0].xy_m[-1] - begins[0].xy_m[0])) < 1.8
    assert begins[0].xy_m[0].tolist() == list(mount.xy_m)


@pytest.mark.parametrize("make", CITIES)
def test_the_vehicle_waits_where_it_is_mounted(make: Callable[[], City]) -> None:
    city = make()
    _, subject = told(city)
    mount = subject.mounts[0]
    plate = next(leg.actor.plate for leg in legs_of(city, mount.after))
    waits = [
        placed
        for leg in city.legs
        if leg.actor.plate == plate and (placed := leg.placed(mount.at_s - 3.0)) is not None
    ]
    assert [placed.xy_m for placed in waits] == [mount.xy_m]
    assert waits[0].speed_mps == 0


@pytest.mark.parametrize("make", CITIES)
def test_the_subject_is_never_in_two_places(make: Callable[[], City]) -> None:
    city = make()
    _, subject = told(city)
    on_foot = sorted(legs_of(city, subject.actor_ids[0]), key=lambda leg: leg.span_s)
    for before, after in pairwise(on_foot):
        assert before.span_s[1] <= after.span_s[0] + 1e-9


@pytest.mark.parametrize("make", CITIES)
def test_no_hop_is_faster_than_legs_or_wheels(make: Callable[[], City]) -> None:
    city = make()
    _, subject = told(city)
    for actor_id in subject.actor_ids:
        for leg in legs_of(city, actor_id):
            speed = np.linalg.norm(np.diff(leg.xy_m, axis=0), axis=1) / np.diff(leg.at_s)
            assert speed.max() < (7.0 if leg.actor.kind is ObjectClass.PERSON else 13.0)


def test_appearances_are_what_the_legs_say_in_order_of_time() -> None:
    city = full_town(1)
    _, subject = told(city)
    times = [one.in_s for one in subject.appearances]
    assert times == sorted(times)
    assert all(0 <= one.in_s < one.out_s <= city.seconds + 0.11 for one in subject.appearances)
    walker = subject.actor_ids[0]
    again = appearances(city.cameras, legs_of(city, walker), city.seconds)
    assert [one for one in subject.appearances if one.actor_id == walker] == list(again)


def test_somebody_else_in_town_looks_like_the_thief() -> None:
    city = full_town(1)
    theft, _ = told(city)
    thief = next(leg.actor.person for leg in city.legs if leg.actor.identity == theft.thief)
    assert thief is not None
    others = {
        leg.actor.identity
        for leg in city.legs
        if leg.actor.person is not None
        and leg.actor.identity != theft.thief
        and np.abs(np.subtract(leg.actor.person.top.colour, thief.top.colour)).max() < 0.1
    }
    assert others


def test_the_rider_is_who_walked() -> None:
    city = next(one for one in (town(5), town(6), full_town(1)) if told(one)[0].vehicle == "ebike")
    theft, subject = told(city)
    riders = [leg.actor for leg in legs_of(city, subject.actor_ids[1])]
    assert {actor.identity for actor in riders if actor.person} == {theft.thief}
    assert {actor.kind for actor in riders} == {ObjectClass.EBIKE_RIDER}
