"""The network of a scope: who may come by next, and who was passed on the way."""

import numpy as np
import pytest

from cases.network import SEEN_AGAIN, CameraNetwork, network_of, shortest_ways
from core.errors import InvalidInput
from core.types import Camera, CameraGraph, Family


def camera(number: int, east_m: float, north_m: float = 0.0) -> Camera:
    return Camera(number, f"camera {number}", (east_m / 111_195.0, north_m / 111_195.0))


def networked(
    graph: CameraGraph, cameras: dict[int, Camera], unseen: dict[int, float]
) -> CameraNetwork:
    return network_of(shortest_ways(graph, cameras), unseen)


def line(count: int, step_m: float = 300.0) -> tuple[CameraGraph, dict[int, Camera]]:
    """Cameras 1, 2, ... along one road that leads both ways."""
    cameras = {number: camera(number, step_m * number) for number in range(1, count + 1)}
    there = [(row, row + 1) for row in range(count - 1)]
    edges = np.array([*there, *((b, a) for a, b in there)], np.int32).reshape(-1, 2)
    metres = np.full(len(edges), step_m, np.float32)
    return CameraGraph(np.arange(1, count + 1), edges, metres), cameras


def test_a_neighbour_is_seen_next_sooner_than_the_one_behind_it() -> None:
    graph, cameras = line(5)
    chance = networked(graph, cameras, dict.fromkeys(cameras, 0.1)).seen_next(Family.PERSON)
    assert chance[0, 1] > 5 * chance[0, 2] > 0
    assert chance[0, 0] == 0


def test_a_neighbour_that_was_down_hands_on_to_the_one_behind_it() -> None:
    graph, cameras = line(5)
    up = networked(graph, cameras, dict.fromkeys(cameras, 0.1)).seen_next(Family.PERSON)
    unseen = {**dict.fromkeys(cameras, 0.1), 2: 1.0}
    down = networked(graph, cameras, unseen).seen_next(Family.PERSON)
    assert down[0, 2] > 3 * up[0, 2]
    assert down[0, 1] < 0.2 * up[0, 1]


def test_all_cameras_together_never_see_everybody_again() -> None:
    graph, cameras = line(30, 50.0)
    network = networked(graph, cameras, dict.fromkeys(cameras, 0.0))
    for family in Family:
        assert (network.seen_next(family).sum(axis=1) <= SEEN_AGAIN + 1e-9).all()


def test_those_passed_on_the_way_are_named_in_order() -> None:
    graph, cameras = line(5)
    network = networked(graph, cameras, {})
    assert network.between(1, 4) == [2, 3]
    assert network.between(4, 1) == [3, 2]
    assert network.between(1, 2) == []


def test_cameras_of_the_roads_outside_the_scope_are_passed_unseen() -> None:
    graph, cameras = line(5)
    scope = {number: cameras[number] for number in (1, 2, 4)}
    network = networked(graph, scope, dict.fromkeys(scope, 0.1))
    unseen = dict(
        zip(network.node_ids.tolist(), network.passed_unseen(Family.PERSON, 2), strict=True)
    )
    assert unseen[3] > 5 * unseen[1] > 0
    assert unseen[2] == 0


def test_without_roads_the_nearest_cameras_are_neighbours() -> None:
    nobody = CameraGraph(np.empty(0, np.int64), np.empty((0, 2), np.int32), np.empty(0, np.float32))
    cameras = {number: camera(number, 200.0 * number) for number in range(1, 12)}
    network = networked(nobody, cameras, dict.fromkeys(cameras, 0.1))
    chance = network.seen_next(Family.PERSON)
    assert chance[5, 4] > chance[5, 2] > 0
    assert network.ways.distance_m[0, 1] == pytest.approx(1.3 * 200, rel=1e-3)


def test_a_camera_without_a_place_has_no_distance_and_keeps_a_chance() -> None:
    graph, cameras = line(3)
    cameras[9] = Camera(9, "nobody knows where")
    network = networked(graph, cameras, {})
    row = int(network.row_of(np.array([9]))[0])
    assert np.isinf(network.ways.distance_m[0, row])
    assert network.seen_next(Family.PERSON)[0, row] > 0


def test_ways_agree_with_the_roads_of_transit() -> None:
    graph, cameras = line(6)
    network = networked(graph, cameras, {})
    assert network.ways.distance_m[0].tolist() == pytest.approx([0, 300, 600, 900, 1200, 1500])
    assert network.ways.least_m[0, 3] == pytest.approx(900)


def test_views_joined_by_a_road_of_no_length_overlap() -> None:
    graph, cameras = line(4, step_m=0.0)
    network = networked(graph, cameras, {})
    assert (network.ways.distance_m == 0).all()
    assert (network.ways.least_m == 0).all()


def test_a_scope_without_cameras_is_refused() -> None:
    graph, _ = line(3)
    with pytest.raises(InvalidInput, match="want one at least"):
        networked(graph, {}, {})
