"""Frames with boxes to tracklet parts."""

import weakref
from collections.abc import Sequence

import numpy as np
import pytest

from core.clocks import NS, ns_of
from core.errors import InvalidInput
from core.ids import IdSource
from core.types import Detections, ObjectClass, TrackletPart
from tests.tracking.looks import Box, NoisySurface, frame, instants, person_at, seen
from tracking.tracklets import TrackletBuilder

WALK_PX_S = 80.0


def builder(*, part_s: float = 10.0) -> TrackletBuilder:
    return TrackletBuilder(1, IdSource(1, lambda: 1_800_000_000 * NS), part_s=part_s)


def stood(
    build: TrackletBuilder, start_s: float, seconds: float, *, x: float = 600, epoch: int = 1
) -> list[TrackletPart]:
    """Parts handed on while a person stands at `x`, six looks a second."""
    parts = []
    for at_s, _ in instants(6, seconds):
        parts += build.look(frame(start_s + at_s, epoch=epoch), seen(person_at(x)))
    return parts


def keys(parts: Sequence[TrackletPart]) -> list[tuple[int, int]]:
    """(which tracklet, part) in order, tracklets numbered as they come."""
    ids = list(dict.fromkeys(part.tracklet.tracklet_id for part in parts))
    return [(ids.index(p.tracklet.tracklet_id), p.tracklet.part) for p in parts]


def test_flush_hands_on_what_was_seen() -> None:
    build = builder()
    assert stood(build, 0, 2) == []
    (part,) = build.flush()
    tracklet = part.tracklet
    assert (tracklet.camera_id, tracklet.epoch, tracklet.part) == (1, 1, 0)
    assert tracklet.class_id == ObjectClass.PERSON
    assert tracklet.device_ns.tolist() == [at_ns for _, at_ns in instants(6, 2)]
    assert tracklet.xyxy.tolist() == [list(person_at(600))] * 12
    assert part.shots


def test_track_closes_after_a_silence() -> None:
    build = builder()
    stood(build, 0, 2)
    assert build.look(frame(4), seen()) == []
    assert keys(build.look(frame(5.5), seen())) == [(0, 0)]
    assert build.flush() == []


def test_long_track_is_handed_on_in_parts_of_one_tracklet() -> None:
    build = builder()
    parts = stood(build, 0, 25) + build.flush()
    assert keys(parts) == [(0, 0), (0, 1), (0, 2)]
    times = np.concatenate([part.tracklet.device_ns for part in parts])
    assert times.tolist() == [at_ns for _, at_ns in instants(6, 25)]
    assert all(part.shots for part in parts)


def test_parts_share_no_boxes_and_keep_their_arrays() -> None:
    build = builder(part_s=1)
    first = stood(build, 0, 1.5)[0].tracklet
    before = first.xyxy.copy()
    stood(build, 1.5, 3, x=610)
    assert (first.xyxy == before).all()


def test_epoch_change_ends_all_tracks() -> None:
    build = builder()
    stood(build, 100, 2, epoch=1)
    parts = build.look(frame(0, epoch=2), seen(person_at(600)))
    assert keys(parts) == [(0, 0)]
    assert parts[0].tracklet.epoch == 1
    (later,) = build.flush()
    assert later.tracklet.epoch == 2
    assert later.tracklet.tracklet_id != parts[0].tracklet.tracklet_id


def test_confirmed_track_keeps_its_first_doubtful_box() -> None:
    build = builder()
    for at_s in (0.0, 0.2, 0.4):
        build.look(frame(at_s), seen(person_at(600), confidence=0.5))
    (part,) = build.flush()
    assert len(part.tracklet.device_ns) == 3


def test_flicker_leaves_nothing() -> None:
    build = builder()
    build.look(frame(0), seen(person_at(600), confidence=0.5))
    for at_s in (1, 2, 3, 4):
        assert build.look(frame(at_s), seen()) == []
    assert build.flush() == []


def test_flicker_costs_no_jpeg() -> None:
    surface = NoisySurface()
    builder().look(frame(0, surface=surface), seen(person_at(600), confidence=0.5))
    assert surface.jpegs == 0


def test_steady_subject_costs_few_jpegs() -> None:
    build, surface = builder(), NoisySurface()
    for at_s, _ in instants(6, 9.9):
        build.look(frame(at_s, surface=surface), seen(person_at(600)))
    (part,) = build.flush()
    assert len(part.shots) == 4
    assert surface.jpegs <= 8


def test_shots_are_by_time_and_of_their_own_part() -> None:
    build = builder(part_s=5)
    for part in stood(build, 0, 12) + build.flush():
        times = [shot.device_ns for shot in part.shots]
        assert times == sorted(times)
        assert set(times) <= set(part.tracklet.device_ns.tolist())


def test_class_is_decided_by_votes() -> None:
    build = builder()
    kinds = [ObjectClass.VAN, ObjectClass.CAR, ObjectClass.CAR, ObjectClass.CAR, ObjectClass.VAN]
    for i, kind in enumerate(kinds):
        build.look(frame(i / 6), seen((100, 300, 300, 400), kinds=kind))
    (part,) = build.flush()
    assert part.tracklet.class_id == ObjectClass.CAR


def test_two_subjects_give_two_tracklets_oldest_first() -> None:
    build = builder()
    for at_s, _ in instants(6, 1):
        boxes = [person_at(900)] if at_s < 0.3 else [person_at(100), person_at(900)]
        build.look(frame(at_s), seen(*boxes))
    parts = build.flush()
    assert [float(part.tracklet.xyxy[0, 0]) for part in parts] == [880, 80]
    assert parts[0].tracklet.tracklet_id < parts[1].tracklet.tracklet_id


def test_ids_of_tracklets_and_shots_are_all_different() -> None:
    build = builder(part_s=2)
    for at_s, _ in instants(6, 6):
        build.look(frame(at_s), seen(person_at(100), person_at(400), person_at(700)))
    parts = build.flush()
    shots = [shot.shot_id for part in parts for shot in part.shots]
    everything = [*{part.tracklet.tracklet_id for part in parts}, *shots]
    assert len(set(everything)) == len(everything)


def test_coasting_keeps_the_track_and_hands_on_a_long_part() -> None:
    build = builder()
    stood(build, 0, 2)
    parts = []
    for at_s in range(2, 60):
        parts += build.coast(ns_of(at_s))
    assert keys(parts) == [(0, 0)]
    stood(build, 60, 1)
    assert keys(parts + build.flush()) == [(0, 0), (0, 1)]


def test_track_that_ends_while_coasted_parts_left_already_leaves_nothing_more() -> None:
    build = builder()
    stood(build, 0, 2)
    assert len(build.coast(ns_of(30))) == 1
    assert build.look(frame(33), seen()) == []
    assert build.flush() == []


def test_open_since_is_the_oldest_box_not_handed_on() -> None:
    build = builder()
    assert build.open_since_ns is None
    stood(build, 5, 12)
    parts_end_s = 5 + 10  # the first part holds the looks of the first ten seconds
    assert build.open_since_ns is not None
    assert build.open_since_ns > ns_of(parts_end_s)
    build.flush()
    assert build.open_since_ns is None


def test_flush_starts_anew_even_at_an_earlier_time() -> None:
    build = builder()
    stood(build, 100, 1)
    build.flush()
    stood(build, 0, 1)
    assert keys(build.flush()) == [(0, 0)]


def test_person_who_mounts_carries_the_link() -> None:
    build, parts = builder(), []
    for at_s, _ in instants(6, 8):
        rides = at_s >= 3
        x = 600 + (WALK_PX_S * 2 * (at_s - 3) if rides else 0)
        box: Box = (x - 40, 245, x + 40, 352) if rides else person_at(600)
        kind = ObjectClass.BICYCLE_RIDER if rides else ObjectClass.PERSON
        parts += build.look(frame(at_s), seen(box, kinds=kind))
    parts += build.flush()
    person, rider = (part.tracklet for part in parts)
    assert [link.kind for link in person.links] == ["mounts"]
    assert person.links[0].tracklet_id == rider.tracklet_id
    assert rider.links == ()


def test_noise_for_minutes_is_forgotten() -> None:
    build, random = builder(), np.random.default_rng(0)
    for at_s, _ in instants(2, 300):
        kinds = random.choice([ObjectClass.PERSON, ObjectClass.CAR], 3)
        boxes = [person_at(*random.uniform((50, 60), (1200, 650))) for _ in range(3)]
        build.look(frame(at_s), seen(*boxes, confidence=0.8, kinds=kinds.tolist()))
    oldest = build.open_since_ns
    assert oldest is not None
    assert oldest > ns_of(290)


def test_no_picture_is_held_after_its_look() -> None:
    build, surface = builder(), NoisySurface()
    build.look(frame(0, surface=surface), seen(person_at(600)))
    held = weakref.ref(surface)
    del surface
    assert held() is None


def test_other_cameras_frame_raises() -> None:
    with pytest.raises(InvalidInput, match="want camera 1, got 2"):
        builder().look(frame(0, camera_id=2), seen())


def test_time_that_goes_back_within_an_epoch_raises() -> None:
    build = builder()
    build.look(frame(1), seen())
    with pytest.raises(InvalidInput, match="want later"):
        build.look(frame(1), seen())


def test_part_of_no_length_raises() -> None:
    with pytest.raises(InvalidInput, match="part_s"):
        builder(part_s=0)


def test_detections_may_be_reused_by_the_caller() -> None:
    build, boxes = builder(), seen(person_at(600))
    build.look(frame(0), boxes)
    reused = Detections(boxes.xyxy, boxes.confidence, boxes.class_id, boxes.frame_index)
    reused.xyxy[:] = 0
    (part,) = build.flush()
    assert part.tracklet.xyxy.tolist() == [list(person_at(600))]
