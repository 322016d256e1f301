"""Scenes of one case compared: what is alike, what chance gives, and what is refused."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from cases import series as serial
from cases.events import EventKind
from cases.series import SceneWindow, Series, SeriesAnswer
from cases.series_links import Group, Member, SceneVectors, groups_of, links_of
from core.arrays import F32
from core.errors import CaseNotActive, Forbidden, InvalidInput, ModelMissing, TooLarge
from core.types import Case, Family, ObjectClass
from tests.builders import MODEL_KEY, span
from tests.cases.world import ANN, ZOE, NamedProber, World, opened_world

THIEF_AT = {1: 201, 2: 202, 3: 203}
"""Who looks alike at three cameras, each in its own window of the hour."""

WINDOWS = (
    SceneWindow((1,), span(0.0, 200.0)),
    SceneWindow((2,), span(200.0, 400.0)),
    SceneWindow((3,), span(400.0, 600.0)),
)


class Straight:
    """Five nats at a cosine of one, none at nought."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        return np.asarray(5 * cosine, np.float32)


@pytest.fixture
def town(tmp_path: Path, template: Path) -> Iterator[World]:
    """The world's own person at each camera looks alike; each camera has a stranger too."""
    with opened_world(tmp_path, template) as world:
        for camera_id, start_s in ((1, 150.0), (2, 350.0), (3, 550.0)):
            world.person(camera_id, start_s, tracklet_id=300 + camera_id, looks=f"s{camera_id}")
        yield world


def series_of(world: World, **changes: object) -> Series:
    calibrations = {MODEL_KEY: Straight()} if "calibrations" not in changes else {}
    return Series(
        world.door,
        world.store,
        NamedProber(),
        calibrations,
        world.audit,
        world.clock,
        world.ids,
        world.search.settle,
    )


def opened(world: World) -> Case:
    return world.open_case(cameras=(1, 2, 3))


def compared(
    world: World,
    scenes: Sequence[SceneWindow] = WINDOWS,
    *,
    least: int | None = None,
    families: Sequence[Family] = (),
) -> SeriesAnswer:
    case = opened(world)
    return series_of(world).compare(ANN, case.case_id, scenes, least=least, families=families)


def members(answer: SeriesAnswer, row: int = 0) -> list[tuple[int, int]]:
    return [(one.scene, one.tracklet_id) for one in answer.groups[row].members]


# --- what is found -------------------------------------------------------------------------------


def test_group_of_all_scenes_is_who_looks_alike_in_each(town: World) -> None:
    assert members(compared(town)) == [(0, 101), (1, 102), (2, 103)]


def test_group_states_every_pairs_ratio_and_joins_the_best(town: World) -> None:
    group = compared(town).groups[0]
    assert [(link.start, link.end) for link in group.links] == [(0, 1), (0, 2), (1, 2)]
    assert all(link.llr == pytest.approx(5.0, abs=1e-4) for link in group.links)
    assert group.llr == pytest.approx(10.0, abs=1e-4)  # a tree of two links, not of three


def test_answer_counts_the_pairs_that_were_compared(town: World) -> None:
    answer = compared(town)
    assert [(seen.passed, seen.tracklets) for seen in answer.scenes] == [(2, 2)] * 3
    assert answer.pairs == 3 * 2 * 2


def test_chance_weighs_the_ratio_by_how_many_were_compared(town: World) -> None:
    group = compared(town).groups[0]
    assert group.combinations == 2 * 2 * 2
    assert group.by_chance == pytest.approx(8 * math.exp(-10.0), rel=1e-3)
    assert group.stands_out


def test_group_that_shares_a_tracklet_is_named_with_the_better_one(town: World) -> None:
    answer = compared(town, WINDOWS[:2])
    assert members(answer) == [(0, 101), (1, 102)]
    ids = [m.tracklet_id for group in answer.groups for m in group.members]
    assert len(ids) == len(set(ids))


def test_scene_without_anybody_gives_no_group_of_all(town: World) -> None:
    empty = SceneWindow((3,), span(700.0, 900.0))
    assert compared(town, (*WINDOWS[:2], empty)).groups == ()


def test_fewer_scenes_than_all_are_enough_where_asked(town: World) -> None:
    empty = SceneWindow((3,), span(700.0, 900.0))
    assert members(compared(town, (*WINDOWS[:2], empty), least=2)) == [(0, 101), (1, 102)]


def test_only_families_asked_for_are_compared(town: World) -> None:
    town.person(1, 120.0, tracklet_id=401, looks="thief", class_id=ObjectClass.EBIKE_RIDER)
    answer = compared(town, WINDOWS[:2], families=(Family.RIDER,))
    assert [seen.tracklets for seen in answer.scenes] == [1, 0]


def test_rider_is_compared_with_walkers_by_the_model_of_both(town: World) -> None:
    town.person(2, 220.0, tracklet_id=402, looks="unique", class_id=ObjectClass.EBIKE_RIDER)
    town.person(1, 20.0, tracklet_id=403, looks="unique")
    answer = compared(town, WINDOWS[:2])
    assert [(0, 403), (1, 402)] in [members(answer, row) for row in range(len(answer.groups))]


def test_members_bring_camera_time_class_and_shots(town: World) -> None:
    one = compared(town).groups[0].members[0]
    assert (one.camera_id, one.class_label, one.shot_ids) == (1, "person", (1010,))
    assert one.span.start_ns == span(100.0).start_ns


# --- the log and what is kept --------------------------------------------------------------------


def test_one_entry_covers_all_windows_and_a_second_tells_the_end(town: World) -> None:
    case = opened(town)
    before = town.newest_seq()
    answer = series_of(town).compare(ANN, case.case_id, WINDOWS)
    asked, ended = town.entries(before)
    assert (asked.event.kind, ended.event.kind) == (EventKind.SERIES, EventKind.SERIES_ANSWERED)
    assert asked.event.detail["windows"] == [
        [row, window.span.start_ns, window.span.end_ns] for row, window in enumerate(WINDOWS, 1)
    ]
    assert asked.event.detail["scenes"] == [0, 1, 2]
    assert ended.event.detail["pairs"] == answer.pairs
    assert set(ended.event.detail["tracklet_ids"]) >= {101, 102, 103}


def test_pictures_of_a_group_are_covered_by_its_entry(town: World) -> None:
    case = opened(town)
    answer = series_of(town).compare(ANN, case.case_id, WINDOWS)
    before = town.newest_seq()
    town.door.shot_jpeg(ANN, case.case_id, 1010, search_id=answer.search_id)
    assert town.newest_seq() == before


def test_answer_is_kept_with_its_case_and_erased_with_it(town: World) -> None:
    case = opened(town)
    answer = series_of(town).compare(ANN, case.case_id, WINDOWS)
    assert town.store.cases.searches(case.case_id) == [answer.search_id]
    town.store.cases.erase_products(case.case_id)
    assert town.store.cases.searches(case.case_id) == []


# --- what is refused -----------------------------------------------------------------------------


def test_stranger_is_refused_with_one_entry(town: World) -> None:
    case = opened(town)
    before = town.newest_seq()
    with pytest.raises(Forbidden):
        series_of(town).compare(ZOE, case.case_id, WINDOWS)
    assert [e.event.kind for e in town.denials(before)] == [EventKind.SERIES]
    assert len(town.entries(before)) == 1


def test_window_beyond_the_case_refuses_all_of_them(town: World) -> None:
    case = town.open_case(cameras=(1, 2))
    before = town.newest_seq()
    with pytest.raises(Forbidden, match="camera 3"):
        series_of(town).compare(ANN, case.case_id, WINDOWS)
    assert len(town.denials(before)) == len(town.entries(before)) == 1


def test_case_that_ended_is_refused(town: World) -> None:
    case = opened(town)
    town.clock.now_ns = case.expires_ns
    with pytest.raises(CaseNotActive):
        series_of(town).compare(ANN, case.case_id, WINDOWS)


def test_windows_of_one_camera_that_overlap_are_refused(town: World) -> None:
    again = SceneWindow((1,), span(100.0, 300.0))
    with pytest.raises(InvalidInput, match="0 and 1 overlap"):
        compared(town, (WINDOWS[0], again))


def test_windows_of_other_cameras_may_overlap(town: World) -> None:
    beside = SceneWindow((2,), span(0.0, 400.0))
    assert members(compared(town, (WINDOWS[0], beside))) == [(0, 101), (1, 102)]


@pytest.mark.parametrize("scenes", [(), WINDOWS[:1]])
def test_fewer_than_two_scenes_are_refused(town: World, scenes: tuple[SceneWindow, ...]) -> None:
    with pytest.raises(InvalidInput, match="want 2 to 8"):
        compared(town, scenes)


def test_too_many_scenes_are_refused(town: World) -> None:
    many = tuple(SceneWindow((1,), span(10.0 * i, 10.0 * i + 5)) for i in range(9))
    with pytest.raises(TooLarge, match="at most 8"):
        compared(town, many)


@pytest.mark.parametrize("least", [1, 4])
def test_least_beyond_the_scenes_is_refused(town: World, least: int) -> None:
    with pytest.raises(InvalidInput, match="least"):
        compared(town, least=least)


def test_crowd_in_a_window_is_refused_by_name(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "MAX_TRACKLETS", 1)
    with pytest.raises(TooLarge, match=r"at most 1 of family person, got 2"):
        compared(town)


def test_too_many_pairs_are_refused(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "MAX_PAIRS", 11)
    with pytest.raises(TooLarge, match="at most 11 pairs, got 12"):
        compared(town)


def test_without_calibration_nothing_is_weighed(town: World) -> None:
    case = opened(town)
    with pytest.raises(ModelMissing, match="calibrated"):
        series_of(town, calibrations={}).compare(ANN, case.case_id, WINDOWS)


# --- the mathematics alone -----------------------------------------------------------------------


def scene_vectors(
    rows: Sequence[Sequence[float]], *, first_id: int = 1, start: int = 0, shots: int = 1
) -> SceneVectors:
    """One tracklet per `shots` rows, one after the other."""
    vectors = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(rows) // shots
    starts = start + 10 * np.arange(count, dtype=np.int64)
    owner = np.repeat(np.arange(count, dtype=np.int64), shots)
    return SceneVectors(
        first_id + np.arange(count, dtype=np.int64),
        starts,
        starts + 5,
        {MODEL_KEY: (vectors, owner, np.arange(len(rows), dtype=np.int64))},
    )


def test_best_shot_of_each_counts_once() -> None:
    one = scene_vectors([[1, 0], [0, 1]], shots=2)
    other = scene_vectors([[0, 1], [0, 1]], shots=2, first_id=9, start=1000)
    links = links_of([one, other], {MODEL_KEY: Straight()})
    assert links.of(Member(0, 0), Member(1, 0)) == pytest.approx(5.0)


def test_links_are_those_of_every_pair_taken_alone() -> None:
    random = np.random.default_rng(3)
    left, right = random.standard_normal((1203, 6)), random.standard_normal((30, 6))
    one = scene_vectors(left.tolist(), shots=3)
    other = scene_vectors(right.tolist(), shots=3, first_id=5000, start=10**6)
    matrix = links_of([one, other], {MODEL_KEY: Straight()}).between(0, 1)
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (left, right)]
    cosines = (unit[0] @ unit[1].T).reshape(401, 3, 10, 3).max(axis=(1, 3))
    np.testing.assert_allclose(matrix, 5 * cosines, atol=1e-4)


def test_two_at_once_and_one_tracklet_twice_are_no_pair() -> None:
    one, same_time = scene_vectors([[1, 0]]), scene_vectors([[1, 0]], first_id=2)
    same = scene_vectors([[1, 0]], first_id=1, start=1000)
    links = links_of([one, same_time, same], {MODEL_KEY: Straight()})
    assert links.of(Member(0, 0), Member(1, 0)) == -math.inf
    assert links.of(Member(0, 0), Member(2, 0)) == -math.inf
    assert links.of(Member(1, 0), Member(2, 0)) == pytest.approx(5.0)


def test_chance_among_strangers_keeps_its_word() -> None:
    """Of strangers few groups stand out: about one search in twenty at most may have any."""
    random = np.random.default_rng(11)
    standing = 0
    for _ in range(60):
        scenes = [
            scene_vectors(
                random.standard_normal((40, 64)).tolist(), first_id=100 * s, start=s * 10**6
            )
            for s in range(1, 4)
        ]
        links = links_of(scenes, {MODEL_KEY: GaussianRatio()})
        standing += any(g.by_chance < 0.05 for g in groups_of(links, least=2, k=5))
    assert standing <= 6


class GaussianRatio:
    """The exact ratio for unit rows of 64 random dimensions against copies with a cosine of 0.6."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        sigma = 1 / 8
        return np.asarray((cosine * 0.6 - 0.18) / sigma**2, np.float32)


def test_scene_beyond_the_least_is_taken_where_it_adds_more_than_it_costs() -> None:
    thief, other = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    crowd = [[0.0, math.cos(i), math.sin(i)] for i in range(200)]
    few = [scene_vectors([thief, other], first_id=10 * s, start=s * 10**6) for s in range(1, 4)]
    crowded = scene_vectors([[0.6, 0.8, 0.0], *crowd], first_id=900, start=9 * 10**6)
    links = links_of([*few[:2], crowded], {MODEL_KEY: Straight()})
    (best, *_) = groups_of(links, least=2, k=3)
    assert [member.scene for member in best.members] == [0, 1]
    links = links_of(few, {MODEL_KEY: Straight()})
    (best, *_) = groups_of(links, least=2, k=3)
    assert [member.scene for member in best.members] == [0, 1, 2]


def test_margin_is_the_ratio_less_what_so_many_cost() -> None:
    group = Group((Member(0, 0), Member(1, 0)), 4.2, 1_000_000)
    assert group.margin == pytest.approx(4.2 - math.log(1e6))
    assert group.by_chance == pytest.approx(1e6 * math.exp(-4.2))
