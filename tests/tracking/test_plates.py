"""Which looks are read: few, apart in time, better ones first; never persons, never tiny boxes."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import F64
from core.clocks import NS, ns_of
from core.errors import InvalidInput
from core.ids import IdSource
from core.types import (
    CutShot,
    Detections,
    Frame,
    ObjectClass,
    StatedPlate,
    Tracklet,
    TrackletPart,
)
from tests.builders import plate
from tests.core.plates.builders import CALM
from tests.tracking.looks import Box, frame, instants, person_at, seen
from tracking.plates import (
    LEAST_PX,
    MOST_PER_PART,
    PlateLooks,
    PlatePicker,
    ReadOut,
    Tracked,
    plate_worth,
)
from tracking.still import StillBuilder
from tracking.tracklets import TrackletBuilder

CAR: Box = (400, 300, 560, 400)


class Watch:
    """Reads the same weight on everything and remembers what it was asked."""

    def __init__(self, weight: float = 0.9) -> None:
        self.weight = weight
        self.asked: list[tuple[int, list[int], list[int]]] = []
        self.forgotten: list[int] = []

    def read(self, frame: Frame, vehicles: Detections, tracklet_ids: Sequence[int]) -> F64:
        self.asked.append((frame.device_ns, vehicles.class_id.tolist(), list(tracklet_ids)))
        return np.full(len(vehicles), self.weight)

    def part_of(self, part: Tracklet, shots: Sequence[CutShot]) -> ReadOut:
        return (plate(1, part),), ()

    def forget(self, tracklet_id: int) -> None:
        self.forgotten.append(tracklet_id)

    @property
    def times_s(self) -> list[float]:
        return [at_ns / NS for at_ns, _, _ in self.asked]


def tries(
    picker: PlatePicker, worths: Sequence[float], *, weight: float, per_s: float = 6
) -> list[int]:
    """Which of the looks, `per_s` a second, were read when each read had that weight."""
    taken = []
    for place, worth in enumerate(worths):
        if picker.due(ns_of(place / per_s), worth):
            picker.took(ns_of(place / per_s), worth, weight)
            taken.append(place)
    return taken


# --- the picker ---


def test_first_look_of_each_part_is_due() -> None:
    picker = PlatePicker()
    picker.took(0, 100.0, 0.9)
    assert not picker.due(1, 100.0)
    picker.next_part()
    assert picker.due(2, 50.0)


def test_two_reads_are_a_fifth_of_a_second_apart() -> None:
    assert tries(PlatePicker(), [100.0 * 2**i for i in range(6)], weight=0.9, per_s=20) == [0, 4]


def test_a_vehicle_that_stands_is_read_until_reads_are_enough_and_good() -> None:
    assert len(tries(PlatePicker(), [100.0] * 60, weight=0.9)) == 3


def test_a_vehicle_whose_plate_is_not_seen_is_tried_ever_more_rarely() -> None:
    taken = tries(PlatePicker(), [100.0] * 60, weight=0.0)
    assert 4 <= len(taken) <= 6
    assert sorted(np.diff(taken)) == np.diff(taken).tolist()


def test_who_stood_with_his_plate_out_of_the_picture_is_tried_once_he_drives_on() -> None:
    picker, stood = PlatePicker(), np.array([0, 0, 600, 700], np.float32)
    for place in range(60):
        if picker.due(ns_of(place / 6), 100.0, stood):
            picker.took(ns_of(place / 6), 100.0, 0.0, stood)
    assert not picker.due(ns_of(10.2), 90.0, stood)
    assert picker.due(ns_of(10.2), 90.0, np.array([200, 0, 720, 420], np.float32))


def test_a_vehicle_that_comes_nearer_is_read_again() -> None:
    picker = PlatePicker()
    tries(picker, [100.0] * 60, weight=0.9)
    assert not picker.due(ns_of(11), 110.0)
    assert picker.due(ns_of(11), 120.0)


@CALM
@given(
    worths=st.lists(st.floats(1, 1e4), min_size=1, max_size=200),
    weights=st.lists(st.floats(0, 1), min_size=1, max_size=10),
)
def test_reads_of_a_part_are_bounded_whatever_comes(
    worths: list[float], weights: list[float]
) -> None:
    picker = PlatePicker()
    times: list[int] = []
    for place, worth in enumerate(worths):
        at_ns = ns_of(place / 12)
        if picker.due(at_ns, worth):
            picker.took(at_ns, worth, weights[len(times) % len(weights)])
            times.append(at_ns)
    assert 1 <= len(times) < 2 * MOST_PER_PART
    assert all(later - before >= NS // 5 for before, later in pairwise(times))


def test_worth_falls_with_what_hides_a_vehicle_and_at_the_border() -> None:
    free, behind, before = (200, 200, 400, 350), (600, 200, 800, 350), (650, 220, 900, 400)
    cut = (0, 200, 200, 350)
    boxes = seen(free, behind, before, cut).xyxy
    worth = plate_worth(boxes, (720, 1280))
    assert worth[0] > worth[3] > LEAST_PX
    assert worth[0] > worth[1]


# --- looks ---


def looked(*boxes: Box, kinds: ObjectClass | Sequence[ObjectClass] = ObjectClass.CAR) -> Watch:
    watch = Watch()
    detections = seen(*boxes, kinds=kinds)
    tracked = [Tracked(i, 100 + i, int(detections.class_id[i])) for i in range(len(boxes))]
    PlateLooks(watch).look(frame(1), detections, tracked)
    return watch


def test_all_vehicles_of_a_frame_are_read_at_once() -> None:
    watch = looked(CAR, (700, 300, 860, 400))
    assert [ids for _, _, ids in watch.asked] == [[100, 101]]


def test_persons_are_never_read() -> None:
    kinds = [ObjectClass.PERSON, ObjectClass.EBIKE_RIDER]
    watch = looked(person_at(200, height=300), person_at(600, height=300), kinds=kinds)
    assert [classes for _, classes, _ in watch.asked] == [[ObjectClass.EBIKE_RIDER]]


def test_too_small_a_box_is_never_read() -> None:
    assert looked((400, 300, 450, 340)).asked == []


# --- builders ---


def driven(watch: Watch, seconds: float, *, part_s: float = 10.0) -> list[TrackletPart]:
    ids = IdSource(1, lambda: 1_800_000_000 * NS)
    build = TrackletBuilder(1, ids, part_s=part_s, plates=watch)
    parts = []
    for at_s, _ in instants(6, seconds):
        moved: Box = (CAR[0] + 20 * at_s, CAR[1], CAR[2] + 20 * at_s, CAR[3])
        parts += build.look(frame(at_s), seen(moved, kinds=ObjectClass.CAR))
    return parts + build.flush()


def test_a_part_has_what_was_read_of_it() -> None:
    watch = Watch()
    (part,) = driven(watch, 3)
    assert [one.tracklet_id for one in part.plates] == [part.tracklet.tracklet_id]
    assert watch.asked[0][2] == [part.tracklet.tracklet_id]
    assert watch.forgotten == [part.tracklet.tracklet_id]


def test_each_part_of_a_long_tracklet_is_read_at_least_once() -> None:
    watch = Watch()
    parts = driven(watch, 12, part_s=4.0)
    for part in parts:
        span = part.tracklet.span
        assert any(span.holds(at_ns) for at_ns, _, _ in watch.asked)


def test_reads_stay_few() -> None:
    watch = Watch()
    driven(watch, 10)
    assert len(watch.asked) <= MOST_PER_PART


def test_without_a_watch_a_part_has_no_plates() -> None:
    build = TrackletBuilder(1, IdSource(1, lambda: 1_800_000_000 * NS))
    for at_s, _ in instants(6, 2):
        build.look(frame(at_s), seen(CAR, kinds=ObjectClass.CAR))
    (part,) = build.flush()
    assert (part.plates, part.evidence) == ((), ())


def test_a_still_has_all_its_vehicles_read() -> None:
    watch = Watch()
    build = StillBuilder(1, IdSource(1, lambda: 1_800_000_000 * NS), plates=watch)
    kinds = [ObjectClass.PERSON, ObjectClass.CAR]
    parts = build.look(frame(5), seen(person_at(200), (400, 300, 440, 330), kinds=kinds))
    car = parts[1].tracklet.tracklet_id
    assert [ids for _, _, ids in watch.asked] == [[car]]
    assert [one.tracklet_id for one in parts[1].plates] == [car]


# --- what a device states ---


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("", (0.9,)),
        ("???", (0.9,)),
        ("无车牌", (0.9,)),
        ("A" * 17, (0.9,)),
        ("A" * 10**6, (0.9,)),
        ("京A12345", (0.9, 0.8)),
        ("京A12345", (1.5,)),
        ("京A12345", (float("nan"),)),
        ("'; DROP TABLE plates", (0.9,)),
    ],
)
def test_what_is_no_plate_cannot_be_stated(text: str, confidence: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="stated plate"):
        StatedPlate(text, confidence)
