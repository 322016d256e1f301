"""What every `Store` says of who passed in a scope: tracklets without their boxes."""

import pytest

from core.protocols import Store
from core.types import ObjectClass, Passings, TimeSpan, Tracklet
from tests.builders import at, camera, scope, scope_of, tracklet


@pytest.fixture(autouse=True)
def _cameras(store: Store) -> None:
    for camera_id in (1, 2):
        store.cameras.put(camera(camera_id))


def put(store: Store, *tracklets: Tracklet) -> None:
    store.tracks.put_parts([(t, ()) for t in tracklets])


def listed(passings: Passings) -> list[tuple[int, int, int, int, int]]:
    """(tracklet, camera, class, start, end) of each."""
    columns = (
        passings.tracklet_ids,
        passings.camera_ids,
        passings.class_ids,
        passings.start_ns,
        passings.end_ns,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_passings_of_nothing_are_none(store: Store) -> None:
    assert listed(store.tracks.passings(scope())) == []


def test_passings_say_who_was_where_when(store: Store) -> None:
    put(store, tracklet(7, start_s=5, class_id=ObjectClass.VAN), tracklet(8, camera_id=2))
    assert listed(store.tracks.passings(scope([1, 2]))) == [
        (8, 2, ObjectClass.PERSON, at(0), at(4) + 1),
        (7, 1, ObjectClass.VAN, at(5), at(9) + 1),
    ]


def test_passings_join_the_parts_in_the_scope(store: Store) -> None:
    put(store, tracklet(1, part=1, start_s=20, class_id=ObjectClass.BUS), tracklet(2, start_s=15))
    put(store, tracklet(1, start_s=10, class_id=ObjectClass.CAR), tracklet(3, start_s=12))
    put(store, tracklet(1, part=2, start_s=9000))
    assert listed(store.tracks.passings(scope())) == [
        (1, 1, ObjectClass.CAR, at(10), at(24) + 1),
        (3, 1, ObjectClass.PERSON, at(12), at(16) + 1),
        (2, 1, ObjectClass.PERSON, at(15), at(19) + 1),
    ]


def test_passings_are_whole_where_they_overlap_the_scope(store: Store) -> None:
    put(store, tracklet(1, boxes=60), tracklet(2, camera_id=2), tracklet(3, start_s=70))
    inside = scope_of([(1, 5, 10), (1, 20, 30)])
    assert listed(store.tracks.passings(inside)) == [(1, 1, ObjectClass.PERSON, at(0), at(59) + 1)]


def test_passings_of_more_spans_than_are_asked_at_once_come_once(store: Store) -> None:
    put(store, tracklet(1, boxes=400), tracklet(2, start_s=1, boxes=2))
    spans = [(1, 2.0 * i, 2.0 * i + 1) for i in range(200)]
    assert [row[0] for row in listed(store.tracks.passings(scope_of(spans)))] == [1, 2]


def test_passings_read_before_are_read_again_after_more_came(store: Store) -> None:
    put(store, tracklet(1))
    before = store.tracks.passings(scope())
    put(store, tracklet(2), tracklet(1, part=1, start_s=20))
    assert listed(before) == [(1, 1, ObjectClass.PERSON, at(0), at(4) + 1)]
    assert listed(store.tracks.passings(scope())) == [
        (1, 1, ObjectClass.PERSON, at(0), at(24) + 1),
        (2, 1, ObjectClass.PERSON, at(0), at(4) + 1),
    ]


def test_passings_of_a_deleted_camera_are_gone(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, camera_id=2))
    wanted = scope([1, 2])
    assert [row[0] for row in listed(store.tracks.passings(wanted))] == [1, 2]
    store.cameras.delete(1)
    assert [row[0] for row in listed(store.tracks.passings(wanted))] == [2]


def test_passings_of_an_erased_span_are_gone(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, start_s=100))
    assert [row[0] for row in listed(store.tracks.passings(scope()))] == [1, 2]
    store.tracks.erase(1, TimeSpan(at(0), at(50)), at(200))
    assert [row[0] for row in listed(store.tracks.passings(scope()))] == [2]
