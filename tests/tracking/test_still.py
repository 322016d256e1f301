"""A checkpoint's picture becomes tracklets of one box."""

import pytest

from core.clocks import NS
from core.errors import InvalidInput
from core.ids import IdSource
from core.types import ObjectClass
from tests.tracking.looks import NoisySurface, frame, person_at, seen
from tracking.still import StillBuilder


def builder() -> StillBuilder:
    return StillBuilder(1, IdSource(1, lambda: 1_800_000_000 * NS))


def test_each_subject_becomes_a_tracklet_with_its_shot() -> None:
    kinds = [ObjectClass.PERSON, ObjectClass.CAR]
    parts = builder().look(frame(5), seen(person_at(600), (100, 200, 400, 380), kinds=kinds))
    assert [part.tracklet.class_id for part in parts] == kinds
    for part in parts:
        assert part.tracklet.device_ns.tolist() == [5 * NS + 1]
        assert [shot.device_ns for shot in part.shots] == [5 * NS + 1]
        assert part.shots[0].xyxy == tuple(part.tracklet.xyxy[0].tolist())


def test_doubtful_box_leaves_nothing() -> None:
    surface = NoisySurface()
    assert builder().look(frame(5, surface=surface), seen(person_at(600), confidence=0.39)) == []
    assert surface.jpegs == 0


def test_picture_without_subjects_gives_nothing() -> None:
    assert builder().look(frame(5), seen()) == []


def test_next_picture_is_another_tracklet_whatever_its_time() -> None:
    build = builder()
    first = build.look(frame(5), seen(person_at(600)))
    second = build.look(frame(5), seen(person_at(600)))
    assert first[0].tracklet.tracklet_id != second[0].tracklet.tracklet_id


def test_nothing_stays_open() -> None:
    build = builder()
    build.look(frame(5), seen(person_at(600)))
    assert build.open_since_ns is None
    assert build.coast(6 * NS) == []
    assert build.flush() == []


def test_other_cameras_picture_raises() -> None:
    with pytest.raises(InvalidInput, match="want camera 1, got 2"):
        builder().look(frame(5, camera_id=2), seen())
