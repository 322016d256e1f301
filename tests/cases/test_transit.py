"""Ways and times between cameras: roads first, straight lines else, clocks always in the sum."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.transit import DEFAULT_SPEEDS, DETOUR, VIEW_REACH_M, Roads, Transit, Travel, Way
from core.types import Camera, CameraGraph, Family, SpeedPrior

ONE_DEGREE_M = 111_195.08  # of a great circle on the mean earth: 6371008.8 m * pi / 180
PERSON = (Family.PERSON,)


def graph(
    edges: Sequence[tuple[int, int, float]], *, speeds: tuple[SpeedPrior, ...] = ()
) -> CameraGraph:
    """Cameras 1 to 4 as rows 0 to 3, and one-way roads (from, to, metres) between them."""
    rows = np.array([(a - 1, b - 1) for a, b, _ in edges], np.int32).reshape(-1, 2)
    metres = np.array([m for _, _, m in edges], np.float32)
    return CameraGraph(np.array([1, 2, 3, 4], np.int64), rows, metres, speeds)


def placed(**east_m: float) -> Mapping[int, Camera]:
    """Cameras on the equator, so many metres east: `c1=0, c2=100`."""
    return {
        int(name[1:]): Camera(int(name[1:]), name, lon_lat_deg=(metres / ONE_DEGREE_M, 0.0))
        for name, metres in east_m.items()
    }


def judge(
    edges: Sequence[tuple[int, int, float]],
    gap_s: float,
    *,
    families: Sequence[str] = PERSON,
    sigma_s: float = 0.0,
) -> Travel:
    """A hop from camera 1 to camera 2."""
    transit = Transit.of(graph(edges), {})
    return transit.judge(1, 2, gap_s, families=families, sigma_s=sigma_s)


# --- ways --------------------------------------------------------------------------------------


def test_a_way_is_the_shortest_over_several_roads() -> None:
    roads = Roads(graph([(1, 2, 100), (2, 3, 50), (1, 3, 400)]), {})
    assert roads.way(1, 3) == Way(150.0, 150.0, "by road")


def test_roads_are_one_way() -> None:
    roads = Roads(graph([(1, 2, 100)]), {})
    assert roads.way(2, 1) is None


def test_of_parallel_roads_the_shortest_counts() -> None:
    roads = Roads(graph([(1, 2, 500), (1, 2, 100), (1, 2, 300)]), {})
    assert roads.way(1, 2) == Way(100.0, 100.0, "by road")


def test_a_road_of_no_length_is_a_road() -> None:
    roads = Roads(graph([(1, 2, 0), (2, 3, 70)]), {})
    assert roads.way(1, 3) == Way(70.0, 70.0, "by road")


def test_without_roads_the_way_winds_and_is_at_the_least_from_view_to_view() -> None:
    way = Roads(graph([]), placed(c1=0, c2=500)).way(1, 2)
    assert way is not None
    assert way.distance_m == pytest.approx(DETOUR * 500, rel=1e-4)
    assert way.least_m == pytest.approx(500 - 2 * VIEW_REACH_M, rel=1e-4)


def test_views_that_reach_each_other_are_no_distance_apart() -> None:
    way = Roads(graph([]), placed(c1=0, c2=50)).way(1, 2)
    assert way is not None
    assert way.least_m == 0.0


def test_a_road_counts_before_the_straight_line() -> None:
    way = Roads(graph([(1, 2, 900)]), placed(c1=0, c2=500)).way(1, 2)
    assert way == Way(900.0, 900.0, "by road")


def test_without_roads_and_positions_nothing_is_known() -> None:
    assert Roads(graph([]), placed(c1=0)).way(1, 2) is None


def test_the_same_camera_is_no_distance_away() -> None:
    way = Roads(graph([]), {}).way(9, 9)
    assert way is not None
    assert way.distance_m == 0.0


def test_each_start_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    roads = Roads(graph([(1, 2, 100), (2, 3, 50)]), {})
    roads.way(1, 2)
    monkeypatch.setattr("cases.transit.dijkstra", None)
    assert roads.way(1, 3) == Way(150.0, 150.0, "by road")


metres = st.floats(1, 1000, width=32)


@given(
    legs=st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 4), metres).filter(lambda e: e[0] != e[1]),
        max_size=12,
    )
)
def test_ways_are_those_of_floyd_and_warshall(legs: list[tuple[int, int, float]]) -> None:
    least = np.full((5, 5), np.inf)
    for a, b, m in legs:
        least[a, b] = min(least[a, b], m)
    for k in range(1, 5):
        least = np.minimum(least, least[:, k : k + 1] + least[k : k + 1, :])
    roads = Roads(graph(legs), {})
    for a in range(1, 5):
        for b in range(1, 5):
            way = roads.way(a, b)
            wanted = 0.0 if a == b else least[a, b]
            assert (way.distance_m if way else np.inf) == pytest.approx(wanted)


# --- hops --------------------------------------------------------------------------------------


def test_a_hop_at_walking_pace_is_feasible_and_says_how_fast() -> None:
    travel = judge([(1, 2, 134)], 100.0)
    assert travel.feasible
    assert travel.why == "134 m by road in 100 s: 1.3 m/s"
    assert travel.fastest_s == pytest.approx(134 / 8.0)
    assert travel.slowest_s == pytest.approx(134 / 0.45)


def test_a_hop_faster_than_a_runner_is_not_feasible_on_foot() -> None:
    travel = judge([(1, 2, 400)], 40.0)
    assert not travel.feasible
    assert travel.why == "400 m by road in 40.0 s: a person takes 50.0 s at least"


def test_the_same_hop_is_feasible_on_wheels() -> None:
    assert judge([(1, 2, 400)], 40.0, families=(Family.RIDER,)).feasible


def test_who_changes_from_walking_to_riding_may_be_as_fast_as_a_rider() -> None:
    travel = judge([(1, 2, 400)], 40.0, families=(Family.PERSON, Family.RIDER))
    assert travel.feasible
    assert travel.slowest_s == pytest.approx(400 / 0.45)


@pytest.mark.parametrize(("sigma_s", "feasible"), [(3.3, False), (3.4, True)])
def test_clock_errors_of_three_sigmas_are_allowed_for(sigma_s: float, feasible: bool) -> None:
    """50 s are needed, 40 s were measured: 10 s are within 3 x 3.4 s."""
    assert judge([(1, 2, 400)], 40.0, sigma_s=sigma_s).feasible is feasible


def test_a_hop_that_took_longer_than_the_slowest_is_feasible_and_says_so() -> None:
    travel = judge([(1, 2, 45)], 3600.0)
    assert travel.feasible
    assert "longer than a slow person takes" in travel.why


def test_at_once_in_two_places_is_not_feasible() -> None:
    assert not judge([(1, 2, 400)], -5.0, families=(Family.VEHICLE,)).feasible


def test_at_once_in_two_views_that_overlap_is_feasible() -> None:
    travel = judge([(1, 2, 0)], -5.0)
    assert (travel.feasible, travel.why) == (True, "views that overlap")


def test_a_hop_of_unknown_distance_cannot_be_judged() -> None:
    travel = judge([], 1.0)
    assert (travel.feasible, travel.fastest_s, travel.distance_m) == (True, None, None)
    assert "cannot be judged" in travel.why


def test_speeds_that_the_graph_states_replace_the_defaults() -> None:
    slow = SpeedPrior(Family.PERSON, 0.5, 1.0, 2.0)
    transit = Transit.of(graph([(1, 2, 100)], speeds=(slow,)), {})
    assert not transit.judge(1, 2, 40.0, families=PERSON).feasible
    assert transit.judge(1, 2, 40.0, families=(Family.VEHICLE,)).feasible


def test_every_family_has_a_default_speed() -> None:
    assert set(DEFAULT_SPEEDS) == set(Family)


@given(gap_s=st.floats(-100, 1000), more_s=st.floats(0, 1000), length=metres)
def test_more_time_never_makes_a_hop_impossible(gap_s: float, more_s: float, length: float) -> None:
    if judge([(1, 2, length)], gap_s).feasible:
        assert judge([(1, 2, length)], gap_s + more_s).feasible
