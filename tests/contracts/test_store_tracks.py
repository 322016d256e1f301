"""What every `Store` holds of tracks: what ingest writes, read back within a scope."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import Conflict, DuplicateId, InvalidInput, NotFound
from core.plates.alphabet import likeliest_text
from core.protocols import Store
from core.types import (
    ActivityKind,
    Family,
    Link,
    ObjectClass,
    Plate,
    Scope,
    TimeSpan,
    Tracklet,
)
from tests.builders import (
    T0_NS,
    activity,
    at,
    camera,
    epoch,
    plate,
    scope,
    scope_of,
    segment,
    shot,
    span,
    tracklet,
)


@pytest.fixture(autouse=True)
def _cameras(store: Store) -> None:
    for camera_id in (1, 2):
        store.cameras.put(camera(camera_id))


def put(store: Store, *tracklets: Tracklet) -> None:
    store.tracks.put_parts([(t, ()) for t in tracklets])


def ids(tracklets: list[Tracklet]) -> list[tuple[int, int]]:
    return [(t.tracklet_id, t.part) for t in tracklets]


# --- parts ---


def test_tracklet_comes_back_bit_for_bit(store: Store) -> None:
    links = (Link("mounts", 7, at(3)), Link("dismounts", 8, at(9)))
    boxes = np.random.default_rng(0).random((5, 4), np.float32)
    wanted = replace(tracklet(class_id=ObjectClass.EBIKE_RIDER), xyxy=boxes, links=links)
    put(store, wanted)
    (got,) = store.tracks.tracklets(scope())
    assert got.device_ns.tolist() == wanted.device_ns.tolist()
    assert got.xyxy.tobytes() == boxes.tobytes()
    assert got.confidence.tobytes() == wanted.confidence.tobytes()
    assert (got.part, got.camera_id, got.epoch, got.class_id) == (0, 1, 1, wanted.class_id)
    assert got.links == links


def test_still_of_one_box_is_found(store: Store) -> None:
    put(store, tracklet(boxes=1, start_s=5))
    assert ids(store.tracks.tracklets(scope(start_s=5, end_s=5.001))) == [(1, 0)]


def test_no_parts_change_nothing(store: Store) -> None:
    store.tracks.put_parts([])
    assert store.tracks.tracklets(scope()) == []


def test_batch_equals_one_by_one(store: Store) -> None:
    one, two = tracklet(1), tracklet(2, camera_id=2)
    store.tracks.put_parts([(one, [shot(1, one)]), (two, [shot(2, two), shot(3, two, box=1)])])
    together = store.tracks.shots(scope([1, 2]))
    for camera_id in (1, 2):
        store.tracks.erase(camera_id, None, at(100))
    store.tracks.put_parts([(one, [shot(1, one)])])
    store.tracks.put_parts([(two, [shot(2, two), shot(3, two, box=1)])])
    assert store.tracks.shots(scope([1, 2])) == together


def test_known_part_is_a_duplicate_and_changes_nothing(store: Store) -> None:
    put(store, tracklet(1))
    with pytest.raises(DuplicateId):
        put(store, tracklet(2), tracklet(1))
    assert ids(store.tracks.tracklets(scope())) == [(1, 0)]


def test_known_shot_is_a_duplicate_and_changes_nothing(store: Store) -> None:
    one, two = tracklet(1), tracklet(2)
    store.tracks.put_parts([(one, [shot(1, one)])])
    with pytest.raises(DuplicateId):
        store.tracks.put_parts([(two, [shot(1, two)])])
    assert ids(store.tracks.tracklets(scope())) == [(1, 0)]


def test_shot_of_another_tracklet_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="shot 5"):
        store.tracks.put_parts([(tracklet(1), [shot(5, tracklet(2))])])


def test_parts_of_an_unknown_camera_are_refused(store: Store) -> None:
    with pytest.raises(Conflict):
        put(store, tracklet(camera_id=9))


# --- scopes ---


def test_tracklet_of_another_camera_is_not_found(store: Store) -> None:
    put(store, tracklet(camera_id=2))
    assert store.tracks.tracklets(scope([1])) == []


@pytest.mark.parametrize(
    ("start_s", "end_s", "found"),
    [
        (0, 10, False),  # ends as the first box comes
        (0, 10.001, True),
        (12, 13, True),  # between two boxes
        (14, 20, True),  # on the last box
        (14.001, 20, False),
    ],
)
def test_scope_is_half_open(store: Store, start_s: float, end_s: float, found: bool) -> None:
    put(store, tracklet(start_s=10, boxes=5))  # boxes at 10, 11, 12, 13, 14 s
    assert bool(store.tracks.tracklets(scope(start_s=start_s, end_s=end_s))) is found


def test_tracklet_that_overlaps_comes_whole(store: Store) -> None:
    put(store, tracklet(boxes=60))
    (got,) = store.tracks.tracklets(scope(start_s=30, end_s=31))
    assert len(got.device_ns) == 60


def test_tracklet_in_two_spans_comes_once(store: Store) -> None:
    put(store, tracklet(boxes=60))
    assert ids(store.tracks.tracklets(scope_of([(1, 0, 10), (1, 20, 30)]))) == [(1, 0)]


@pytest.mark.parametrize("lasts_s", [1, 15, 17, 120, 3000, 7200, 200_000])
def test_tracklet_of_any_length_is_found_by_its_end(store: Store, lasts_s: float) -> None:
    put(store, tracklet(start_s=0, boxes=2, step_s=lasts_s))
    inside = scope(start_s=lasts_s - 0.5, end_s=lasts_s + 1)
    beyond = scope(start_s=lasts_s + 0.5, end_s=lasts_s + 1)
    assert ids(store.tracks.tracklets(inside)) == [(1, 0)]
    assert store.tracks.tracklets(beyond) == []


def test_empty_scope_finds_nothing(store: Store) -> None:
    put(store, tracklet())
    empty = Scope(1, 1, 1, (), at(100))
    assert not store.tracks.tracklets(empty)
    assert len(store.tracks.passings(empty)) == 0
    assert not store.tracks.shots(empty)
    assert not store.tracks.footage(empty)
    assert not store.tracks.activity(empty)


def test_tracklets_come_by_time_then_id_then_part(store: Store) -> None:
    put(store, tracklet(3, start_s=5), tracklet(2, start_s=5, camera_id=2))
    put(store, tracklet(2, part=1, start_s=5), tracklet(9, start_s=1))
    assert ids(store.tracks.tracklets(scope([1, 2]))) == [(9, 0), (2, 0), (2, 1), (3, 0)]


def test_limit_keeps_the_first(store: Store) -> None:
    put(store, *(tracklet(i, start_s=10 - i) for i in range(1, 6)))
    assert ids(store.tracks.tracklets(scope(), limit=2)) == [(5, 0), (4, 0)]


def test_ids_outside_the_scope_are_not_found(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, camera_id=2), tracklet(3))
    assert ids(store.tracks.tracklets(scope([1]), ids=[1, 2, 99, 1])) == [(1, 0)]


def test_id_brings_all_its_parts_in_the_scope(store: Store) -> None:
    put(store, tracklet(1), tracklet(1, part=1, start_s=10), tracklet(1, part=2, start_s=9000))
    assert ids(store.tracks.tracklets(scope(), ids=[1])) == [(1, 0), (1, 1)]


def test_no_ids_find_nothing(store: Store) -> None:
    put(store, tracklet())
    assert store.tracks.tracklets(scope(), ids=[]) == []
    assert store.tracks.tracklets(scope(), families=[]) == []


def test_families_are_told_apart(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, class_id=ObjectClass.CAR))
    put(store, tracklet(3, class_id=ObjectClass.EBIKE_RIDER))
    wanted = [Family.VEHICLE, Family.RIDER]
    assert ids(store.tracks.tracklets(scope(), families=wanted)) == [(2, 0), (3, 0)]


def test_widest_scope_is_answered(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, camera_id=2, start_s=7200))
    parts = [(c, h * 3600.0, h * 3600 + 1800.0) for c in range(1, 501) for h in range(72)]
    widest = scope_of(parts)
    assert ids(store.tracks.tracklets(widest)) == [(1, 0), (2, 0)]
    assert ids(store.tracks.tracklets(widest, ids=range(5000))) == [(1, 0), (2, 0)]


def test_random_scopes_find_what_a_plain_comparison_finds(store: Store) -> None:
    rng = np.random.default_rng(7)
    lengths_s = 10 ** rng.uniform(-6, 5.5, 200)
    known = [
        tracklet(i, camera_id=1 + i % 2, start_s=rng.uniform(0, 4e5), boxes=2, step_s=length)
        for i, length in enumerate(lengths_s)
    ]
    put(store, *known)
    for _ in range(30):
        start_s = rng.uniform(0, 4e5, 4)
        parts = [(1 + i % 2, s, s + 10 ** rng.uniform(-3, 5)) for i, s in enumerate(start_s)]
        asked = scope_of(parts)
        expected = {
            t.tracklet_id
            for t in known
            if any(p.camera_id == t.camera_id and p.span.overlaps(t.span) for p in asked.spans)
        }
        assert {t.tracklet_id for t in store.tracks.tracklets(asked)} == expected
        by_id = store.tracks.tracklets(asked, ids=range(200))
        assert {t.tracklet_id for t in by_id} == expected


# --- shots ---


def test_shot_comes_back_as_it_was_put(store: Store) -> None:
    seen = tracklet()
    wanted = replace(shot(1, seen, box=2, key="1/2026/x:0"), quality=0.1234567890123)
    store.tracks.put_parts([(seen, [wanted])])
    assert store.tracks.shots(scope()) == [wanted]


def test_shots_come_by_time_and_only_inside_the_scope(store: Store) -> None:
    seen = tracklet()
    shots = [shot(i + 1, seen, box=4 - i) for i in range(5)]  # at 4, 3, 2, 1, 0 s
    store.tracks.put_parts([(seen, shots)])
    inside = store.tracks.shots(scope(start_s=1, end_s=4))
    assert [s.shot_id for s in inside] == [4, 3, 2]


def test_shots_are_found_by_ids_of_one_kind(store: Store) -> None:
    one, two, other = tracklet(1), tracklet(2, part=1), tracklet(3, camera_id=2)
    pairs = [(t, [shot(t.tracklet_id * 10, t)]) for t in (one, two, other)]
    store.tracks.put_parts(pairs)
    tracks = store.tracks
    assert [s.shot_id for s in tracks.shots(scope(), shot_ids=[30, 20, 99])] == [20]
    assert [s.shot_id for s in tracks.shots(scope(), tracklet_ids=[1, 3])] == [10]
    assert tracks.shots(scope(), shot_ids=[]) == tracks.shots(scope(), tracklet_ids=[]) == []


def test_shots_by_ids_of_both_kinds_are_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="both"):
        store.tracks.shots(scope(), shot_ids=[1], tracklet_ids=[1])


def test_known_shots_are_told_in_order(store: Store) -> None:
    seen = tracklet()
    store.tracks.put_parts([(seen, [shot(4, seen), shot(7, seen)])])
    asked = np.array([7, 5, 4, 7], np.int64)
    assert store.tracks.known_shots(asked).tolist() == [True, False, True, True]
    assert store.tracks.known_shots(np.empty(0, np.int64)).tolist() == []


def test_known_shots_takes_very_many(store: Store) -> None:
    seen = tracklet()
    store.tracks.put_parts([(seen, [shot(49_999, seen)])])
    known = store.tracks.known_shots(np.arange(50_000, dtype=np.int64))
    assert np.flatnonzero(known).tolist() == [49_999]


# --- footage, activity, epochs ---


def test_footage_comes_by_camera_and_time(store: Store) -> None:
    kept = [
        segment(1, start_s=60, end_s=120),
        segment(2, start_s=0, end_s=60),
        segment(3, camera_id=2),
        segment(4, start_s=3600, end_s=3660),
    ]
    for one in kept:
        store.tracks.put_footage(one)
    assert store.tracks.footage(scope([1, 2])) == [kept[1], kept[0], kept[2]]


def test_known_segment_is_a_duplicate(store: Store) -> None:
    store.tracks.put_footage(segment())
    with pytest.raises(DuplicateId):
        store.tracks.put_footage(segment())


def test_known_segments_are_told(store: Store) -> None:
    store.tracks.put_footage(segment(3))
    assert store.tracks.known_segments(np.array([1, 3], np.int64)).tolist() == [False, True]


def test_all_footage_lists_every_segment_once(store: Store) -> None:
    for segment_id in (2, 3, 1):
        store.tracks.put_footage(segment(segment_id, start_s=60 * segment_id, end_s=9000))
    assert [one.segment_id for one in store.tracks.all_footage()] == [1, 2, 3]


def test_activity_comes_back_as_it_was_put(store: Store) -> None:
    wanted = replace(activity(kind=ActivityKind.SHED, count=12), detail="queue full")
    store.tracks.put_activity([wanted])
    assert store.tracks.activity(scope()) == [wanted]


def test_activity_with_a_known_id_is_replaced(store: Store) -> None:
    store.tracks.put_activity([activity(1, end_s=10), activity(2, start_s=50, end_s=60)])
    store.tracks.put_activity([activity(1, end_s=20)])
    assert [a.span for a in store.tracks.activity(scope())] == [span(0, 20), span(50, 60)]


def test_epochs_of_other_cameras_are_not_found(store: Store) -> None:
    store.tracks.put_epoch(epoch(5))
    store.tracks.put_epoch(epoch(6, camera_id=2))
    assert store.tracks.epochs(scope([1]), [5, 6, 7]) == [epoch(5)]


def test_known_epoch_is_a_duplicate(store: Store) -> None:
    store.tracks.put_epoch(epoch())
    with pytest.raises(DuplicateId):
        store.tracks.put_epoch(epoch())


# --- plates ---


def put_plates(store: Store, *plates: Plate, of: Tracklet | None = None) -> None:
    seen = of or tracklet(class_id=ObjectClass.CAR)
    store.tracks.put_parts([(seen, [])], plates)


def test_plate_comes_back_with_its_evidence(store: Store) -> None:
    seen = tracklet(class_id=ObjectClass.CAR)
    wanted = plate(7, seen, text="京A12B45", box=2, shot_id=55, reads=4)
    put_plates(store, wanted, of=seen)
    (got,) = store.tracks.plates(scope(), tracklet_ids=[1])
    assert likeliest_text(got.log_probs) == "京A12B45"
    assert (got.plate_id, got.tracklet_id, got.part, got.camera_id) == (7, 1, 0, 1)
    assert (got.device_ns, got.layout, got.colour) == (at(2), "cn_blue", "blue")
    assert (got.reads, got.shot_id) == (4, 55)
    assert got.corners is not None
    assert wanted.corners is not None
    assert got.corners.tolist() == wanted.corners.tolist()


def test_stated_plate_comes_back_without_corners(store: Store) -> None:
    put_plates(store, plate(stated=True))
    (got,) = store.tracks.plates(scope(), plate_ids=[1])
    assert got.corners is None


def test_plates_are_found_by_ids_of_one_kind(store: Store) -> None:
    put_plates(store, plate(1), plate(2, box=1))
    assert [p.plate_id for p in store.tracks.plates(scope(), plate_ids=[2, 1, 9])] == [1, 2]
    assert store.tracks.plates(scope(), plate_ids=[]) == []
    for ids in ({}, {"plate_ids": [1], "tracklet_ids": [1]}):
        with pytest.raises(InvalidInput, match="both or none"):
            store.tracks.plates(scope(), **ids)


def test_of_a_tracklet_comes_the_plate_of_the_most_reads_the_latest_of_those(store: Store) -> None:
    put_plates(
        store,
        plate(1, reads=4),
        plate(2, box=1, reads=9),
        plate(3, box=2, reads=9),
        plate(4, box=3),
    )
    other = tracklet(2, class_id=ObjectClass.CAR)
    put_plates(store, plate(5, other), of=other)
    found = store.tracks.plates(scope(), tracklet_ids=[1, 2, 3])
    assert {p.tracklet_id: p.plate_id for p in found} == {1: 3, 2: 5}


def test_plates_lie_in_the_scope_by_their_evidence(store: Store) -> None:
    put_plates(store, plate(1, reads=9), plate(2, box=3))
    inside = store.tracks.plates(scope(start_s=1, end_s=4), tracklet_ids=[1])
    assert [p.plate_id for p in inside] == [2]
    assert store.tracks.plates(scope([2]), tracklet_ids=[1]) == []


def test_known_plate_is_a_duplicate_and_leaves_no_part(store: Store) -> None:
    put_plates(store, plate(1))
    with pytest.raises(DuplicateId):
        put_plates(store, plate(1, tracklet(2)), of=tracklet(2))
    assert ids(store.tracks.tracklets(scope())) == [(1, 0)]


def test_plate_of_a_part_that_there_is_not_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict):
        put_plates(store, plate(1, tracklet(9)), of=tracklet(2))


def test_known_plates_are_told_in_order(store: Store) -> None:
    put_plates(store, plate(5))
    assert store.tracks.known_plates(np.array([4, 5, 6])).tolist() == [False, True, False]


def test_erase_takes_the_plates_of_erased_parts_and_of_the_span(store: Store) -> None:
    early, late = tracklet(1, start_s=5), tracklet(2, start_s=9)
    put_plates(store, plate(1, early, box=4), of=early)
    put_plates(store, plate(2, late), of=late)
    assert store.tracks.erase(1, span(5, 6), at(100)) == 2
    assert not store.tracks.known_plates(np.array([1])).any()
    assert store.tracks.known_plates(np.array([2])).all()


def test_deleted_camera_leaves_no_plate(store: Store) -> None:
    put_plates(store, plate(1))
    store.cameras.delete(1)
    assert not store.tracks.known_plates(np.array([1])).any()


# --- erasing ---


def test_erase_deletes_rows_that_start_in_the_span(store: Store) -> None:
    put(store, tracklet(1, start_s=5), tracklet(2, start_s=9), tracklet(3, start_s=10))
    store.tracks.put_footage(segment(1, start_s=0, end_s=60))
    store.tracks.put_footage(segment(2, start_s=60, end_s=120))
    assert store.tracks.erase(1, span(0, 10), at(100)) == 3
    assert ids(store.tracks.tracklets(scope())) == [(3, 0)]
    assert [one.segment_id for one in store.tracks.footage(scope())] == [2]


def test_erase_takes_the_shots_of_erased_parts(store: Store) -> None:
    gone, kept = tracklet(1, start_s=9), tracklet(2, start_s=10)
    store.tracks.put_parts([(gone, [shot(1, gone, box=3)]), (kept, [shot(2, kept)])])
    assert store.tracks.erase(1, span(0, 10), at(100)) == 2  # shot 1 was taken at 12 s
    assert [one.shot_id for one in store.tracks.shots(scope())] == [2]


def test_erase_leaves_other_cameras(store: Store) -> None:
    put(store, tracklet(1), tracklet(2, camera_id=2))
    store.tracks.erase(1, None, at(100))
    assert ids(store.tracks.tracklets(scope([1, 2]))) == [(2, 0)]


def test_erase_of_very_many_deletes_all(store: Store) -> None:
    put(store, *(tracklet(i, boxes=1, start_s=i // 1500) for i in range(3500)))
    assert store.tracks.erase(1, None, at(100)) == 3500
    assert store.tracks.tracklets(scope()) == []


def test_erase_says_so_in_the_activity(store: Store) -> None:
    store.tracks.erase(1, span(10, 20), at(100))
    (noted,) = store.tracks.activity(scope())
    assert (noted.kind, noted.span) == (ActivityKind.ERASED, span(10, 20))


def test_erase_cuts_what_was_analysed(store: Store) -> None:
    store.tracks.put_activity([activity(end_s=100, count=500)])
    store.tracks.erase(1, span(20, 40), at(200))
    told = [(a.kind, a.span, a.count) for a in store.tracks.activity(scope())]
    assert told == [
        (ActivityKind.ANALYSED, span(0, 20), 100),
        (ActivityKind.ERASED, span(20, 40), 0),
        (ActivityKind.ANALYSED, span(40, 100), 300),
    ]


def test_erasures_that_touch_become_one_note(store: Store) -> None:
    for start_s, end_s in ((0, 10), (20, 30), (10, 20), (5, 8)):
        store.tracks.erase(1, span(start_s, end_s), at(100))
    assert [a.span for a in store.tracks.activity(scope())] == [span(0, 30)]


def test_erase_of_everything_covers_the_past_up_to_now(store: Store) -> None:
    put(store, tracklet())
    store.tracks.erase(1, None, at(500))
    (noted,) = store.tracks.activity(scope())
    assert noted.span.covers(TimeSpan(0, at(500)))


def test_erase_done_again_deletes_nothing_more(store: Store) -> None:
    put(store, tracklet())
    store.tracks.put_activity([activity()])
    assert store.tracks.erase(1, None, at(9000)) == 2
    assert store.tracks.erase(1, None, at(9000)) == 0


def test_erase_of_an_unknown_camera_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="camera 9"):
        store.tracks.erase(9, None, T0_NS)
