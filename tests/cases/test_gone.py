"""What is gone in mid-case, by retention or with its camera: said clearly, and the rest works."""

from collections.abc import Callable

import pytest

from cases.answers import Pursuit, VectorSearch
from cases.search import SearchRequest
from core.errors import NotFound
from core.types import Family, Probe, SearchAnswer, TimeSpan, Verdict
from tests.builders import at, span
from tests.cases.world import ANN, BEN, World

WHOLE = span()


def searched(world: World) -> tuple[Probe, SearchAnswer]:
    """A case whose search found the tracklets of both cameras; that of the first is confirmed."""
    world.open_case()
    probe = world.search.probe_from_shot(ANN, 1, 1010)
    answer = world.search.search(ANN, 1, SearchRequest((probe.probe_id,)))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    return probe, answer


def forget(world: World, camera_id: int, gone: TimeSpan = WHOLE) -> None:
    """What retention does with a span of one camera, in its order."""
    world.store.tracks.erase(camera_id, gone, world.clock())
    world.vectors.erase(camera_id, gone)
    world.plates.erase(camera_id, gone)
    world.pictures.erase(camera_id, gone)


def delete(world: World, camera_id: int) -> None:
    """A camera's deletion, as an operator orders it."""
    forget(world, camera_id)
    world.store.cameras.delete(camera_id)


GONE: dict[str, Callable[[World], object]] = {
    "shot": lambda w: w.door.shot_jpeg(ANN, 1, 1010),
    "frame": lambda w: w.door.frame(ANN, 1, 1, at(100)),
    "clip": lambda w: w.door.clip(ANN, 1, 1, span(0, 60)),
    "proxy": lambda w: w.door.proxy(ANN, 1, 1, span(0, 60)),
    "probe from a shot": lambda w: w.search.probe_from_shot(ANN, 1, 1010),
    "probe from a frame": lambda w: w.search.probe_from_frame(
        ANN, 1, 1, at(100), (0, 0, 50, 50), Family.PERSON
    ),
    "decision": lambda w: w.search.decide(ANN, 1, 101, Verdict.REJECT),
}


@pytest.mark.parametrize("make_gone", [forget, delete])
@pytest.mark.parametrize("read", GONE.values(), ids=GONE.keys())
def test_what_is_gone_is_not_found_and_denied_in_the_log(
    world: World, read: Callable[[World], object], make_gone: Callable[[World, int], None]
) -> None:
    searched(world)
    make_gone(world, 1)
    before = world.newest_seq()

    with pytest.raises(NotFound, match=r"none in case 1|is kept"):
        read(world)

    assert [entry.event.detail["reason"] for entry in world.denials(before)] == ["not_found"]


@pytest.mark.parametrize("make_gone", [forget, delete])
def test_an_earlier_answer_comes_without_what_is_gone(
    world: World, make_gone: Callable[[World, int], None]
) -> None:
    _, answer = searched(world)
    assert [c.tracklet_id for c in answer.candidates] == [101, 102]

    make_gone(world, 1)

    again = world.search.shown_again(ANN, 1, answer.search_id)
    assert [c.tracklet_id for c in again.candidates] == [102]


@pytest.mark.parametrize("make_gone", [forget, delete])
def test_a_probe_outlives_the_footage_that_it_was_cut_from(
    world: World, make_gone: Callable[[World, int], None]
) -> None:
    probe, _ = searched(world)

    make_gone(world, 1)

    assert world.door.probe_jpeg(ANN, 1, probe.probe_id)
    answer = world.search.search(ANN, 1, SearchRequest((probe.probe_id,)))
    assert [c.tracklet_id for c in answer.candidates] == [102]


@pytest.mark.parametrize(("make_gone", "why"), [(forget, "erased"), (delete, "camera deleted")])
def test_coverage_says_what_is_gone_wherever_it_comes_along(
    world: World, make_gone: Callable[[World, int], None], why: str
) -> None:
    probe, _ = searched(world)

    make_gone(world, 1)

    for coverage in (
        world.door.coverage(ANN, 1),
        world.door.marks(ANN, 1).coverage,
        world.search.search(ANN, 1, SearchRequest((probe.probe_id,))).coverage,
        world.trajectories.reconstruct(ANN, 1).coverage,
        world.door.pursue(ANN, 1, Pursuit(VectorSearch(7, (), 5))).found.coverage,
    ):
        assert {(part.camera_id, said) for part, said in coverage.missing} == {(1, why)}


@pytest.mark.parametrize("make_gone", [forget, delete])
def test_a_trajectory_names_what_was_confirmed_and_is_gone(
    world: World, make_gone: Callable[[World, int], None]
) -> None:
    searched(world)
    world.search.decide(ANN, 1, 102, Verdict.CONFIRM)

    make_gone(world, 1)

    trajectory = world.trajectories.reconstruct(ANN, 1)
    assert [sighting.tracklet_id for sighting in trajectory.sightings] == [102]
    assert any("101" in gap for gap in trajectory.gaps)


@pytest.mark.parametrize("make_gone", [forget, delete])
def test_what_was_decided_stays_on_the_file(
    world: World, make_gone: Callable[[World, int], None]
) -> None:
    searched(world)

    make_gone(world, 1)

    assert [made.tracklet_id for made in world.search.decisions(ANN, 1)] == [101]


def test_what_was_kept_beside_the_erased_span_is_still_there(world: World) -> None:
    searched(world)
    world.person(1, 2000.0, tracklet_id=201)

    forget(world, 1, span(0, 1000))

    assert world.door.shot_jpeg(BEN, 1, 2010)
    assert world.door.marks(ANN, 1).coverage.missing[0][0].span == span(0, 1000)
