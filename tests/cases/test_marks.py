"""Marks of activity: who was there in which bucket, and nothing where nobody may look."""

from typing import Any

import pytest

from cases.authority import Narrowing
from cases.marks import MAX_MARKS, Marks, bucket_of
from core.clocks import NS
from core.errors import InvalidInput, OutOfScope, TooLarge
from core.types import CameraSpan, ClockCorrection, Family, ObjectClass, TimeSpan
from tests.builders import at, span
from tests.cases.world import ANN, World

MINUTE = 60.0


def seen(marks: Marks, camera_id: int, family: Family = Family.PERSON) -> dict[int, int]:
    """The buckets with anybody in them, and how many."""
    (one,) = [camera for camera in marks.cameras if camera.camera_id == camera_id]
    counts = one.seen.get(family)
    return {} if counts is None else {i: n for i, n in enumerate(counts.tolist()) if n}


def marked(world: World, **options: Any) -> Marks:
    return world.door.marks(ANN, 1, **options)


def test_each_camera_has_its_passings_by_bucket_and_family(world: World) -> None:
    world.open_case()
    world.person(1, 110.0, tracklet_id=201)
    world.person(1, 130.0, tracklet_id=202, looks="", class_id=ObjectClass.VAN)

    marks = marked(world, bucket_s=MINUTE)

    assert (marks.span, marks.bucket_ns, marks.buckets) == (span(), 60 * NS, 60)
    assert [camera.camera_id for camera in marks.cameras] == [1, 2]
    assert seen(marks, 1) == {1: 2}
    assert seen(marks, 1, Family.VEHICLE) == {2: 1}
    assert seen(marks, 2) == {5: 1}
    assert Family.VEHICLE not in marks.cameras[1].seen


def test_who_stays_counts_in_every_bucket_that_it_was_there_in(world: World) -> None:
    world.open_case()
    world.person(1, 590.0, tracklet_id=201, boxes=91)  # to 680 s and a moment

    assert seen(marked(world, bucket_s=MINUTE), 1) == {1: 1, 9: 1, 10: 1, 11: 1}


def test_last_box_on_a_bucket_s_edge_counts_in_that_bucket(world: World) -> None:
    world.open_case()
    world.person(1, 598.0, tracklet_id=201, boxes=3)  # boxes at 598, 599 and 600 s

    assert seen(marked(world, bucket_s=MINUTE), 1) == {1: 1, 9: 1, 10: 1}


def test_parts_of_one_tracklet_count_once(world: World) -> None:
    world.open_case()
    world.person(1, 610.0, tracklet_id=201)
    world.person(1, 620.0, tracklet_id=201, part=1)

    assert seen(marked(world, bucket_s=MINUTE), 1) == {1: 1, 10: 1}


def test_times_are_corrected(world: World) -> None:
    world.open_case()
    world.store.cameras.correct_clock(1, ClockCorrection(0, 90.0, 0.1), at(0))

    assert seen(marked(world, bucket_s=MINUTE), 1) == {0: 1}


def test_about_240_buckets_cover_a_span_by_default(world: World) -> None:
    world.open_case()

    marks = marked(world)

    assert (marks.bucket_ns, marks.buckets) == (15 * NS, 240)


@pytest.mark.parametrize(("seconds", "bucket_s"), [(1, 1), (239, 1), (241, 2), (259_200, 1080)])
def test_a_bucket_has_whole_seconds(seconds: int, bucket_s: int) -> None:
    assert bucket_of(span(0, seconds), None, cameras=1) == bucket_s * NS


def test_a_span_that_no_bucket_divides_ends_in_a_short_one(world: World) -> None:
    world.open_case()

    assert marked(world, bucket_s=3599.0).buckets == 2


def test_marks_are_of_the_part_that_is_asked_for(world: World) -> None:
    world.open_case()

    marks = marked(world, within=Narrowing((2,), TimeSpan(at(240), at(360))), bucket_s=MINUTE)

    assert marks.span == span(240, 360)
    assert [camera.camera_id for camera in marks.cameras] == [2]
    assert seen(marks, 2) == {1: 1}
    with pytest.raises(OutOfScope):
        marked(world, within=Narrowing((3,)))


def test_time_that_is_not_granted_stays_without_marks(world: World) -> None:
    world.person(1, 590.0, tracklet_id=201, boxes=30)  # into the ten minutes that nobody granted
    grants = (CameraSpan(1, span(0, 600)), CameraSpan(1, span(1200, 1800)))
    world.open_case(grants=grants)

    marks = marked(world, bucket_s=MINUTE)

    assert marks.span == span(0, 1800)
    assert seen(marks, 1) == {1: 1, 9: 1}


def test_what_was_not_looked_at_comes_along(world: World) -> None:
    world.open_case()
    world.store.cameras.delete(2)

    marks = marked(world)

    assert [(part.camera_id, why) for part, why in marks.coverage.missing] == [
        (2, "camera deleted")
    ]
    assert seen(marks, 2) == {}


@pytest.mark.parametrize("bucket_s", [0.0, -1.0])
def test_a_bucket_of_no_time_is_refused(bucket_s: float) -> None:
    with pytest.raises(InvalidInput, match="bucket_s"):
        bucket_of(span(), bucket_s, cameras=1)


def test_more_marks_than_a_page_can_draw_are_refused() -> None:
    assert bucket_of(span(0, 2000), 1.0, cameras=100) == NS
    with pytest.raises(TooLarge, match="at most 2000 buckets"):
        bucket_of(span(0, 2001), 1.0, cameras=1)
    with pytest.raises(TooLarge, match=f"at most {MAX_MARKS // 500} buckets of 500"):
        bucket_of(span(0, 401), 1.0, cameras=500)


def test_marks_leave_an_entry_of_their_own_kind(world: World) -> None:
    world.open_case()

    marked(world, bucket_s=MINUTE)

    (entry,) = world.entries()
    assert entry.event.kind == "read_activity"
    assert entry.event.detail["bucket_ns"] == 60 * NS
