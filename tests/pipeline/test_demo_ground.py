"""The city's streets as a map to draw."""

import numpy as np
import pytest

from pipeline.demo.ground import ground_map
from scenes.roads import RoadGraph, plan_roads
from scenes.splits import Split


@pytest.fixture(scope="module")
def roads() -> RoadGraph:
    return plan_roads(3, Split.TEST, nodes=16)


def test_ground_map_draws_pavements_before_carriageways(roads: RoadGraph) -> None:
    kinds = [feature["properties"]["kind"] for feature in ground_map(roads)["features"]]
    assert kinds == sorted(kinds)
    assert kinds.count("street") >= len(roads.edges)


def test_ground_map_outlines_are_closed_rings_where_the_streets_are(roads: RoadGraph) -> None:
    rings = [f["geometry"]["coordinates"][0] for f in ground_map(roads)["features"]]
    assert all(ring[0] == ring[-1] and len(ring) > 3 for ring in rings)
    points = roads.to_local(np.concatenate([np.array(ring) for ring in rings]))
    low, high = roads.nodes_m.min(axis=0) - 50, roads.nodes_m.max(axis=0) + 50
    assert ((points > low) & (points < high)).all()
