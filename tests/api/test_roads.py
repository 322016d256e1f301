"""Roads as plain edges and as GeoJSON come to the same graph."""

import numpy as np
import pytest

from api.schemas.cameras import GraphIn, graph_in
from core.errors import InvalidInput
from tests.api.house import House

EDGES = {
    "edges": [
        {"start": "2", "end": "1", "distance_m": 410.0},
        {"start": "1", "end": "2", "distance_m": 410.0},
    ],
    "speeds": [{"family": "person", "slow_mps": 0.5, "usual_mps": 1.4, "fast_mps": 7.0}],
}


def line(distance_m: float | None = None) -> dict[str, object]:
    properties: dict[str, object] = {"start": "1", "end": "2", "name": "Elm Street"}
    if distance_m is not None:
        properties["distance_m"] = distance_m
    geometry = {"type": "LineString", "coordinates": [[116.0, 40.0], [116.0, 40.01]]}
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    return {"type": "FeatureCollection", "features": [feature]}


def test_graph_rows_follow_ascending_camera_ids() -> None:
    graph = graph_in(EDGES).to_core()
    assert graph.camera_ids.tolist() == [1, 2]
    assert graph.edges.tolist() == [[1, 0], [0, 1]]


def test_graph_comes_back_as_it_went() -> None:
    sent = graph_in(EDGES)
    assert GraphIn.of(sent.to_core()) == sent


def test_empty_graph_has_no_edges() -> None:
    graph = graph_in({"edges": []}).to_core()
    assert graph.edges.shape == (0, 2)
    assert graph.edges.dtype == np.int32


def test_geojson_road_without_a_distance_is_as_long_as_its_line() -> None:
    (edge,) = graph_in(line()).edges
    assert edge.distance_m == pytest.approx(0.01 * np.pi / 180 * 6_371_008.8, rel=1e-6)


def test_geojson_road_with_a_distance_keeps_it() -> None:
    (edge,) = graph_in(line(500.0)).edges
    assert (edge.start, edge.end, edge.distance_m) == (1, 2, 500.0)


def test_other_geojson_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Polygon"):
        graph_in({"type": "Polygon", "coordinates": []})


@pytest.mark.parametrize("body", [EDGES, line(410.0)], ids=["edges", "geojson"])
def test_roads_are_imported_by_an_operator_and_read_by_investigators(
    house: House, body: dict[str, object]
) -> None:
    assert house.client("operator").put("/api/v1/roads", json=body).status_code == 200
    edges = house.client("ann").get("/api/v1/roads").json()["edges"]
    assert {"start": "1", "end": "2", "distance_m": 410.0} in edges


def test_camera_address_is_hidden_from_investigators(house: House) -> None:
    body = {"name": "gate", "main_url": "rtsp://10.0.0.9/a", "username": "v", "password": "x"}
    camera_id = house.client("operator").post("/api/v1/cameras", json=body).json()["camera_id"]
    seen = house.client("ann").get(f"/api/v1/cameras/{camera_id}").json()
    assert (seen["main_url"], seen["username"], seen["has_password"]) == ("", "", True)


def test_change_keeps_what_is_not_sent(house: House) -> None:
    client = house.client("operator")
    body = {"name": "gate", "main_url": "rtsp://10.0.0.9/a", "password": "x", "recorded": False}
    camera_id = client.post("/api/v1/cameras", json=body).json()["camera_id"]
    after = client.patch(f"/api/v1/cameras/{camera_id}", json={"retention_days": 5}).json()
    assert (after["name"], after["retention_days"], after["recorded"]) == ("gate", 5, False)
    assert after["has_password"] is True
    cleared = client.patch(f"/api/v1/cameras/{camera_id}", json={"password": ""}).json()
    assert cleared["has_password"] is False


def test_change_to_null_is_refused_where_null_means_nothing(house: House) -> None:
    response = house.client("operator").patch("/api/v1/cameras/1", json={"name": None})
    assert response.status_code == 422
