"""The drill: flights, the scripted investigator, the searchers, scoring, a whole small town."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from benchmarks import drill
from benchmarks.drill_desk import Doubts, Investigator, Looked, Stops, next_look, work
from benchmarks.drill_flight import Flight, numbered_from, plan_flight
from benchmarks.drill_probes import ProbeMaker
from benchmarks.drill_score import Drilled, figures_of, refused_hops, scored
from benchmarks.drill_searchers import Answer, ByDistance, road_m
from benchmarks.drill_town import (
    THEFT_S,
    KeptTown,
    TheftTown,
    TownPlan,
    opened_town,
    plan_town,
    scope_of,
)
from benchmarks.thefts import WayScore
from core.errors import InvalidInput
from core.types import Coverage, Family, Hop, ObjectClass, Sighting, TimeSpan, Trajectory, Verdict
from scenes.population import STAGED, Population, PopulationPlan
from scenes.splits import Split, rng_for
from scenes.travel import CLASSES

SMALL = TownPlan(seed=5000, cameras=24, hours=0.5, links=1.0, passings_per_camera_hour=60.0)


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(PopulationPlan(cameras=60, hours=1.0))


def flight(population: Population, seed: int = 1) -> Flight:
    rng = rng_for(seed, Split.TEST, 1)
    return plan_flight(population.ways, 7, rng, at_s=THEFT_S)


# --- flights -------------------------------------------------------------------------------------


def test_flight_begins_at_the_scene_on_foot(population: Population) -> None:
    first = flight(population).passings[:1]

    assert first.camera.tolist() == [7]
    assert first.at_s.tolist() == [THEFT_S]
    assert first.subject.tolist() == [STAGED + ObjectClass.PERSON]


def test_flight_goes_on_foot_mounted_and_on_foot_again(population: Population) -> None:
    found = flight(population)

    kinds = [ObjectClass(one % CLASSES) for one in found.passings.subject.tolist()]
    turns = [kind for place, kind in enumerate(kinds) if not place or kinds[place - 1] is not kind]
    assert turns == [ObjectClass.PERSON, found.vehicle, ObjectClass.PERSON]
    assert [change.kind for change in found.changes] == ["mounts", "dismounts"]


def test_carrier_changes_within_one_view(population: Population) -> None:
    passings = flight(population).passings

    turns = np.flatnonzero(np.diff(passings.subject)) + 1

    assert (passings.camera[turns] == passings.camera[turns - 1]).all()
    assert (passings.at_s[turns] - passings.at_s[turns - 1] < 20).all()


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_faster_than_the_road_allows(population: Population, seed: int) -> None:
    passings, ways = flight(population, seed).passings, population.ways

    for a, b in zip(passings.camera[:-1].tolist(), passings.camera[1:].tolist(), strict=True):
        assert a == b or b in ways.neighbours[a]
    assert (np.diff(passings.at_s) > 0).all()


def test_a_car_hides_its_driver_and_a_rider_does_not(population: Population) -> None:
    flights = [flight(population, seed) for seed in range(12)]

    riders = {one.vehicle: dict(one.riders) for one in flights}

    assert riders[ObjectClass.CAR] == {}
    assert riders[ObjectClass.EBIKE_RIDER] == {STAGED + ObjectClass.EBIKE_RIDER: STAGED}


def test_scope_is_the_nearest_cameras_from_when_they_can_be_reached(
    population: Population,
) -> None:
    scope = scope_of(population, 7, 10)

    assert len(scope) == 10
    starts = {one.camera_id: one.span.start_ns for one in scope}
    assert min(starts, key=lambda camera: starts[camera]) == 8  # ids count from 1
    assert {one.span.end_ns for one in scope} == {population.plan.span.end_ns}


# --- the investigator ----------------------------------------------------------------------------


def investigator(*right: int, wrong: float = 0.0, unsure: float = 0.0) -> Investigator:
    return Investigator(right.__contains__, 1, Doubts(wrong, unsure))


def test_who_never_errs_confirms_the_subject_alone() -> None:
    one = investigator(5)

    assert [one.look(5), one.look(6)] == [Verdict.CONFIRM, Verdict.REJECT]
    assert one.looks == 2


def test_verdicts_are_wrong_at_the_stated_rate() -> None:
    one = investigator(wrong=0.1)

    wrong = sum(one.look(tracklet) is Verdict.CONFIRM for tracklet in range(2000))

    assert wrong / 2000 == pytest.approx(0.1, abs=0.02)


def test_verdicts_hang_on_a_tracklets_number_where_the_clock_names_it() -> None:
    def one(*ids: int) -> Investigator:
        numbers = {tracklet: number for number, tracklet in enumerate(ids)}
        return Investigator(ids.__contains__, 1, Doubts(0.4, 0.2), number_of=numbers)

    today, tomorrow = range(900, 960), range(5000, 5060)
    said = [[who.look(each) for each in ids] for ids in (today, tomorrow) for who in [one(*ids)]]
    assert said[0] == said[1]
    assert len(set(said[0])) == 3


def test_verdicts_do_not_hang_on_who_asks_or_when() -> None:
    forth, back = investigator(3, 4, wrong=0.4), investigator(3, 4, wrong=0.4)

    first = {i: forth.look(i) for i in range(50)}

    assert {i: back.look(i) for i in reversed(range(50))} == first


def test_nobody_is_unsure_twice() -> None:
    one = investigator(5, unsure=1.0)

    assert [one.look(5), one.look(5)] == [Verdict.UNSURE, Verdict.CONFIRM]


def test_rates_beyond_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="shares of 0 to 1"):
        Doubts(wrong=1.2)


class Fixed:
    """A searcher with one order for ever."""

    name = "fixed"

    def __init__(self, *order: int, doubted: tuple[int, ...] = ()) -> None:
        self.order = order
        self.doubted = frozenset(doubted)
        self.heard: list[tuple[int, Verdict]] = []

    def ranked(self) -> Iterator[int]:
        yield from self.order

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        self.heard.append((tracklet_id, verdict))


def looked(*pairs: tuple[int, Verdict]) -> list[Looked]:
    return [Looked(tracklet, verdict, True) for tracklet, verdict in pairs]


def test_work_ends_when_every_stop_was_shown() -> None:
    searcher = Fixed(9, 1, 8, 2, 7)

    done = work(searcher, investigator(1, 2), stops=Stops({1: 0, 2: 1}), most_looks=50)

    assert [one.tracklet_id for one in done] == [9, 1, 8, 2]
    assert searcher.heard[-1] == (2, Verdict.CONFIRM)


def test_what_is_doubted_is_looked_at_once_more() -> None:
    doubting = Fixed(1, 2, 3, doubted=(1,))

    done = work(doubting, investigator(1, 3), stops=Stops({1: 0, 3: 1}), most_looks=9)

    assert [one.tracklet_id for one in done] == [1, 2, 3, 1]


def test_one_of_two_tracklets_of_a_stop_is_enough() -> None:
    done = work(
        Fixed(1, 2, 3), investigator(1, 2, 3), stops=Stops({1: 0, 2: 0, 3: 1}), most_looks=9
    )

    assert len(done) == 3
    assert (
        work(Fixed(1, 3, 2), investigator(1, 2, 3), stops=Stops({1: 0, 2: 0, 3: 1}), most_looks=9)[
            -1
        ].tracklet_id
        == 3
    )


def test_work_ends_after_so_many_looks_or_with_nothing_to_show() -> None:
    stops = {5: 0}

    assert len(work(Fixed(1, 2, 3), investigator(), stops=Stops(stops), most_looks=2)) == 2
    assert len(work(Fixed(1), investigator(), stops=Stops(stops), most_looks=9)) == 1


def test_who_was_unsure_looks_again_only_after_others() -> None:
    done = looked((1, Verdict.UNSURE))

    assert next_look(iter([1, 2]), done) == 2
    assert next_look(iter([1]), done) == 1
    later = done + looked(*((i, Verdict.REJECT) for i in range(10, 15)))
    assert next_look(iter([1, 2]), later) == 1


# --- scoring -------------------------------------------------------------------------------------


def sighting(tracklet_id: int) -> Sighting:
    span = TimeSpan(tracklet_id, tracklet_id + 1)
    return Sighting(tracklet_id, 1, Family.PERSON, span, 0.0, {}, ())


def test_a_false_sighting_breaks_the_hop_that_it_stands_in() -> None:
    stop_of = {1: 0, 2: 1, 3: 2}

    whole = scored([0, 1, 2], stop_of, [sighting(i) for i in (1, 2, 3)])
    broken = scored([0, 1, 2], stop_of, [sighting(i) for i in (1, 9, 2, 3)])

    assert (whole.recall, whole.precision) == (1.0, 1.0)
    assert (broken.recall, broken.precision) == (0.5, 1 / 3)


def test_two_tracklets_of_one_stop_are_one_sighting() -> None:
    found = scored([0, 4], {1: 0, 2: 0, 3: 4}, [sighting(i) for i in (1, 2, 3)])

    assert (found.laid, found.right) == (1, 1)


def hop(start: int, *, feasible: bool) -> Hop:
    return Hop(start, start + 1, 1.0, 1.0, 1.0, 1.0, feasible, "")


def test_only_true_hops_count_as_refused() -> None:
    trajectory = Trajectory(
        tuple(sighting(i) for i in (1, 2, 9)),
        (hop(0, feasible=False), hop(1, feasible=False)),
        (),
        (),
        Coverage((), 0.0, 0.0),
    )

    assert refused_hops({1: 0, 2: 1}, trajectory) == 1


def outcome(name: str, looks: int, true: int, *, right: int | None = None) -> Drilled:
    done = tuple(Looked(i, Verdict.CONFIRM, True) for i in range(looks))
    way = WayScore(true, true, true if right is None else right, 1.0)
    answers = (Answer(0.5, 0.4, ()),) if name == "engine" else ()
    return Drilled(name, done, True, way, 0, answers)


def test_ratio_is_to_the_best_of_the_simple_ones() -> None:
    found = figures_of([outcome("engine", 12, 10), outcome("a", 30, 10), outcome("b", 20, 10)])

    assert found["drill.excess_looks"] == 2
    assert found["drill.excess_ratio_to_best_simple"] == pytest.approx(0.2)
    assert found["drill.a.excess_looks"] == 20
    assert found["drill.machine_s.max"] == 0.5


def test_hops_of_all_seeds_count_together() -> None:
    found = figures_of([outcome("engine", 4, 4), outcome("engine", 16, 12, right=8)])

    assert found["drill.hop_recall"] == 12 / 16
    assert found["drill.looks"] == 10


# --- a whole town --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town() -> TheftTown:
    return plan_town(SMALL)


@pytest.fixture(scope="module")
def kept(town: TheftTown) -> Iterator[KeptTown]:
    with opened_town(town) as one:
        yield one


def test_the_same_seed_plans_the_same_theft(town: TheftTown) -> None:
    again = plan_town(SMALL)

    assert again.scope == town.scope
    assert again.flight.passings.at_s.tolist() == town.flight.passings.at_s.tolist()


def test_other_numbers_leave_the_way_as_it_was(town: TheftTown) -> None:
    passings = town.flight.passings

    other = numbered_from(passings, STAGED + 500)

    assert other.camera.tolist() == passings.camera.tolist()
    assert other.number.tolist() == list(range(STAGED + 500, STAGED + 500 + len(passings)))


def tracklets_of(kept: KeptTown, ids: Sequence[int]) -> dict[int, tuple[int, ObjectClass]]:
    desk = drill.opened_desk(kept, "reads")
    parts = kept.service.door.tracklets(desk.actor, desk.case_id, ids=list(ids))
    return {one.tracklet_id: (one.camera_id - 1, ObjectClass(one.class_id)) for one in parts}


def test_kept_tracklets_of_the_thief_are_where_he_passed(kept: KeptTown) -> None:
    passings, stop_of = kept.told.flight.passings, kept.told.stop_of

    found = tracklets_of(kept, list(stop_of))

    assert kept.told.stop_of[kept.told.scene_id] == 0
    assert found == {
        tracklet: (int(passings.camera[stop]), ObjectClass(int(passings.subject[stop]) % CLASSES))
        for tracklet, stop in stop_of.items()
    }


def test_changes_in_view_are_linked_as_often_as_the_tracker_does(kept: KeptTown) -> None:
    desk = drill.opened_desk(kept, "links")
    parts = kept.service.door.tracklets(desk.actor, desk.case_id, ids=list(kept.told.stop_of))

    links = [(one.tracklet_id, link) for one in parts for link in one.links]

    assert len(links) == kept.told.linked
    for tracklet, link in links:
        stops = sorted(kept.told.stop_of[i] for i in (tracklet, link.tracklet_id))
        assert stops[1] - stops[0] == 1


def test_searchers_work_in_cases_of_their_own(kept: KeptTown) -> None:
    found = list(drill.drilled(kept, Doubts(0.0, 0.0), 12))

    assert [one.searcher for one in found] == [
        "engine", "appearance", "time_order", "nearest_camera"
    ]  # fmt: skip
    engine = found[0]
    assert engine.looks <= 12
    assert len(engine.answers) == engine.looks + 1
    assert all(
        one.right is (one.verdict is Verdict.CONFIRM) for each in found for one in each.looked
    )
    assert engine.looked[0].right
    assert kept.told.scene_id not in {one.tracklet_id for one in engine.looked}


def test_nearest_camera_comes_first_for_who_goes_by_distance(kept: KeptTown) -> None:
    searcher = ByDistance(drill.opened_desk(kept, "near"), ProbeMaker(kept))
    searcher.confirm(kept.told.scene_id)
    metres = road_m(kept.service, searcher.last[0])

    cameras = [one.camera_id for one in searcher.ordered()]

    away = [metres[camera] for camera in cameras]
    assert away == sorted(away)
    assert max(cameras.count(camera) for camera in cameras) <= 3


def test_figures_of_a_small_town_are_reported(kept: KeptTown) -> None:
    found = list(drill.drilled(kept, Doubts(), 3))

    figures = figures_of(found) | drill.claims_of(found).figures("drill.probability")

    wanted = ("looks", "excess_looks", "hop_recall", "hop_precision", "machine_s")
    assert {f"drill.{name}" for name in wanted} <= figures.keys()
    assert "drill.excess_ratio_to_best_simple" in figures
    assert figures["drill.probability.n"] > 0
    trace = drill.trace_of(found[0])
    assert trace.count("answer ") == len(found[0].answers)
    assert drill.trace_of(found[1]) == ""
