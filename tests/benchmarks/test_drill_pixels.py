"""The drill from pixels, on the street of coloured shapes with the small fakes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.drill_desk import Doubts
from benchmarks.drill_pixels import FilmedTheft, drilled, filmed_theft
from benchmarks.site import Site
from pipeline.build import FAKE
from tests.benchmarks.test_city import street_as_city

pytestmark = pytest.mark.slow

SURE = Doubts(0.0, 0.0)


@pytest.fixture(scope="module")
def theft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilmedTheft]:
    folder: Path = tmp_path_factory.mktemp("street")
    city = street_as_city(folder)
    with Site(detector=FAKE, person_embedder=FAKE, vehicle_embedder=FAKE) as site:
        found = filmed_theft(site, city)
        assert found is not None
        yield found


def test_every_visit_has_a_tracklet_that_shows_the_subject(theft: FilmedTheft) -> None:
    assert set(theft.stop_of.values()) == set(range(len(theft.visits)))


def test_every_tracklet_has_a_number_of_its_own_by_camera_and_time(theft: FilmedTheft) -> None:
    parts = [one for some in theft.site.tracklets().values() for one in some]
    ids = {one.tracklet_id for one in parts}
    assert set(theft.number_of) == ids
    assert sorted(theft.number_of.values()) == list(range(len(ids)))
    for name, some in theft.site.tracklets().items():
        first = [one for one in some if one.part == 0]
        first.sort(key=lambda one: (int(one.device_ns[0]), one.tracklet_id))
        numbers = [theft.number_of[one.tracklet_id] for one in first]
        assert numbers == sorted(numbers), name


def test_nobody_changes_carrier_on_the_street(theft: FilmedTheft) -> None:
    assert theft.subject_links == (0, 0)


def test_engine_and_simple_searchers_find_the_whole_way(theft: FilmedTheft) -> None:
    found = {one.searcher: one for one in drilled(theft, SURE, 20)}

    assert list(found) == ["engine", "appearance", "time_order", "nearest_camera"]
    assert found["engine"].complete
    assert found["engine"].way.recall == 1.0
    assert found["engine"].proposed is not None
    assert found["appearance"].way.recall == 1.0
