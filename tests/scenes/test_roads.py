"""Streets: connected, without dead ends, with real coordinates and lengths by road."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from core.errors import InvalidInput
from core.geometry import haversine_m
from core.types import CameraGraph
from scenes.roads import (
    MAX_NODES,
    PAVEMENT_M,
    RoadGraph,
    camera_places,
    camera_roads,
    plan_roads,
)
from scenes.splits import MAX_SEED, Split


def square(side_m: float = 100.0) -> RoadGraph:
    """Four junctions at the corners of a block, streets around it: 0-1, 1-2, 2-3, 3-0."""
    return RoadGraph(
        (116.0, 39.9),
        np.array([[0.0, 0.0], [side_m, 0.0], [side_m, side_m], [0.0, side_m]]),
        np.array([[0, 1], [1, 2], [2, 3], [3, 0]], np.int32),
        np.ones(4, np.int32),
        np.zeros(4, np.bool_),
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, MAX_SEED), nodes=st.integers(9, 200))
def test_any_town_is_connected_and_has_no_dead_ends(seed: int, nodes: int) -> None:
    roads = plan_roads(seed, Split.TEST, nodes=nodes)
    assert len(roads.nodes_m) >= nodes
    assert connected_components(roads.weights)[0] == 1
    assert np.bincount(roads.edges.ravel()).min() >= 2


def test_a_town_is_the_same_for_the_same_seed_and_another_in_another_split() -> None:
    first, again = (plan_roads(3, Split.TEST) for _ in range(2))
    other = plan_roads(3, Split.TRAIN)
    assert np.array_equal(first.nodes_m, again.nodes_m)
    assert np.array_equal(first.edges, again.edges)
    assert first.centre_lon_lat_deg != other.centre_lon_lat_deg


def test_blocks_are_not_all_alike() -> None:
    lengths = plan_roads(3, Split.TEST).length_m
    assert 55 < lengths.min() < 80 < 110 < lengths.max() < 200


@pytest.mark.parametrize("nodes", [8, MAX_NODES + 1])
def test_a_size_out_of_range_is_refused(nodes: int) -> None:
    with pytest.raises(InvalidInput, match=f"nodes: want 9 to {MAX_NODES}, got {nodes}"):
        plan_roads(1, Split.TEST, nodes=nodes)


def test_an_edge_beyond_the_junctions_is_refused() -> None:
    good = square()
    with pytest.raises(InvalidInput, match="edges: want rows of 4 junctions"):
        RoadGraph(
            good.centre_lon_lat_deg,
            good.nodes_m,
            np.array([[0, 4]], np.int32),
            np.ones(1, np.int32),
            np.zeros(1, np.bool_),
        )


def test_coordinates_come_back_and_agree_with_great_circles() -> None:
    roads = plan_roads(7, Split.TEST)
    there = roads.to_lon_lat(roads.nodes_m)
    assert np.abs(roads.to_local(there) - roads.nodes_m).max() < 1e-6
    flat = float(np.linalg.norm(roads.nodes_m[0] - roads.nodes_m[-1]))
    # the great circle is on a sphere, ours on the ellipsoid: they differ by up to 0.5 %
    assert float(haversine_m(there[0], there[-1])) == pytest.approx(flat, rel=6e-3)


def test_the_shortest_route_goes_the_short_way_round() -> None:
    assert square().route(0, 1) == [0, 1]
    assert len(square().route(0, 2)) == 3
    assert square().distances_m(np.array([0])).tolist() == [[0, 100, 200, 100]]


def test_a_route_to_nowhere_is_refused() -> None:
    apart = RoadGraph(
        (0.0, 0.0),
        np.array([[0.0, 0.0], [90.0, 0.0], [0.0, 90.0], [90.0, 90.0]]),
        np.array([[0, 1], [2, 3]], np.int32),
        np.ones(2, np.int32),
        np.zeros(2, np.bool_),
    )
    with pytest.raises(InvalidInput, match="route: want connected places, got 0 and 3"):
        apart.route(0, 3)


def test_zebras_lie_behind_the_corner_and_reach_from_kerb_to_kerb() -> None:
    roads = square()
    half = float(roads.half_width_m[0])
    first = roads.zebras_m()[0]
    assert first[:, 1].max() == pytest.approx(half)
    assert first[:, 1].min() == pytest.approx(-half)
    assert first[:, 0].min() > half  # the crossing street's kerb


def test_house_fronts_stand_behind_the_pavement_with_the_street_on_their_right() -> None:
    roads = square()
    left, right = roads.frontages_m()[:2]
    aside = float(roads.half_width_m[0]) + PAVEMENT_M
    assert left[:, 1] == pytest.approx(aside)
    assert right[:, 1] == pytest.approx(-aside)
    assert left[1, 0] > left[0, 0]
    assert right[1, 0] < right[0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_walls_close_around_every_block(seed: int) -> None:
    walls = plan_roads(seed, Split.TEST).walls_m()
    ends = [{tuple(point) for point in np.round(walls[:, side], 4)} for side in (0, 1)]
    assert ends[0] == ends[1]


def test_walls_keep_off_carriageways_and_zebras() -> None:
    roads = plan_roads(6, Split.TEST)
    walls = roads.walls_m()
    share = np.linspace(0, 1, 20)[:, None, None]
    points = (walls[:, 0] + share * (walls[:, 1] - walls[:, 0])).reshape(-1, 2)
    for strip in np.concatenate([roads.carriageways_m(), roads.zebras_m()]):
        edge, away = np.roll(strip, -1, axis=0) - strip, points[:, None] - strip
        turns = edge[:, 0] * away[..., 1] - edge[:, 1] * away[..., 0]
        assert not ((turns < -0.1).all(axis=1) | (turns > 0.1).all(axis=1)).any()


def test_a_junction_outline_runs_counter_clockwise_through_all_mouths() -> None:
    outline = plan_roads(2, Split.TEST).junction_m(24)
    x, y = outline.T
    area = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
    assert area > 50


def test_cameras_are_as_far_apart_as_the_streets_between_them() -> None:
    edges, distance_m = camera_roads(square(), np.array([0, 0, 2]), np.array([10.0, 60.0, 50.0]))
    found = {tuple(edge): float(m) for edge, m in zip(edges.tolist(), distance_m, strict=True)}
    assert found[0, 1] == found[1, 0] == pytest.approx(50)
    assert found[0, 2] == pytest.approx(160)  # back to the corner, 100 up, 50 along
    assert found[1, 2] == pytest.approx(190)


def test_many_cameras_are_linked_to_their_neighbours_only_and_all_are_reached() -> None:
    roads = plan_roads(1, Split.TEST, nodes=900)
    places = camera_places(roads, 3000, np.random.default_rng(0))
    edges, distance_m = camera_roads(roads, *places)
    graph = CameraGraph(np.arange(3000, dtype=np.int64), edges, distance_m)
    assert len(graph.edges) < 12 * 3000
    assert set(edges.ravel().tolist()) == set(range(3000))
    line = np.linalg.norm(
        roads.at(places[0][edges[:, 0]], places[1][edges[:, 0]])
        - roads.at(places[0][edges[:, 1]], places[1][edges[:, 1]]),
        axis=1,
    )
    assert (distance_m > line - 0.01).all()
