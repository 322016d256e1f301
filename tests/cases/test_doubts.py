"""Confirmed sightings that the rest speaks against: told, and left to people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.search import SearchRequest
from core.types import Doubted, Verdict
from tests.builders import MODEL_KEY
from tests.cases.world import ANN, Steep, World, opened_world


@pytest.fixture
def world(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path, template, calibrations={MODEL_KEY: Steep()}) as made:
        made.open_case(cameras=(1, 2, 3))
        made.person(2, 320.0, tracklet_id=301, looks="other")
        yield made


def decide(world: World, *tracklet_ids: int, verdict: Verdict = Verdict.CONFIRM) -> None:
    for tracklet_id in tracklet_ids:
        world.search.decide(ANN, 1, tracklet_id, verdict)


def doubted(world: World) -> tuple[Doubted, ...]:
    asked = SearchRequest(from_confirmed=True)
    return world.reconstructions.reconstruct(ANN, 1, asked).doubted


def test_who_looks_like_none_of_the_others_is_doubted(world: World) -> None:
    decide(world, 101, 102, 301)

    (one,) = doubted(world)

    assert one.tracklet_id == 301
    assert one.probability < 0.1


def test_confirmed_sightings_that_fit_are_not_doubted(world: World) -> None:
    decide(world, 101, 102)

    assert doubted(world) == ()


def test_what_was_confirmed_twice_is_not_doubted(world: World) -> None:
    decide(world, 101, 102, 301)
    world.search.decide(ANN, 1, 301, Verdict.CONFIRM, "the scar on the bag")

    assert doubted(world) == ()


def test_the_only_confirmed_sighting_is_not_doubted(world: World) -> None:
    decide(world, 301)

    assert doubted(world) == ()


def test_a_confirmed_twin_of_who_was_rejected_loses_by_it(world: World) -> None:
    world.person(1, 330.0, tracklet_id=302, looks="other")
    decide(world, 101, 102, 301)
    before = doubted(world)[0].probability

    decide(world, 302, verdict=Verdict.REJECT)

    assert doubted(world)[0].probability < before
