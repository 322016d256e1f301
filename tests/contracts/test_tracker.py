"""What every `Tracker` promises."""

from collections.abc import Callable

import numpy as np
import pytest

from core.clocks import ns_of
from core.errors import InvalidInput
from core.protocols import Tracker
from core.types import no_detections
from tests.tracking.looks import instants, person_at, seen
from tracking.byte_tracker import ByteTracker

makers = pytest.mark.parametrize("make", [pytest.param(ByteTracker, id="byte")])


@makers
def test_no_boxes_give_no_tracks(make: Callable[[], Tracker]) -> None:
    found = make().update(1, no_detections())
    assert found.shape == (0,)
    assert found.dtype == np.int64


@makers
def test_tracks_come_in_the_order_of_the_boxes(make: Callable[[], Tracker]) -> None:
    tracker = make()
    boxes = [person_at(100), person_at(400), person_at(700)]
    before = tracker.update(1, seen(*boxes)).tolist()
    assert len(set(before)) == 3
    assert tracker.update(ns_of(0.2), seen(*boxes[::-1])).tolist() == before[::-1]


@makers
def test_one_box_at_rest_keeps_its_track(make: Callable[[], Tracker]) -> None:
    tracker = make()
    found = [tracker.update(at_ns, seen(person_at(100))).item() for _, at_ns in instants(6, 10)]
    assert set(found) == {found[0]}
    assert found[0] >= 0


@makers
def test_two_boxes_never_share_a_track(make: Callable[[], Tracker]) -> None:
    tracker = make()
    for _, at_ns in instants(6, 2):
        found = tracker.update(at_ns, seen(person_at(100), person_at(103), person_at(106)))
        known = found[found >= 0].tolist()
        assert len(set(known)) == len(known)


@makers
def test_coasting_keeps_a_subject_at_rest(make: Callable[[], Tracker]) -> None:
    tracker = make()
    before = [tracker.update(at_ns, seen(person_at(100))).item() for _, at_ns in instants(6, 1)]
    for minute in range(1, 11):
        tracker.coast(ns_of(60.0 * minute))
    assert tracker.update(ns_of(601), seen(person_at(100))).item() == before[-1]


@makers
def test_reset_forgets_tracks_and_time(make: Callable[[], Tracker]) -> None:
    tracker = make()
    before = [tracker.update(at_ns, seen(person_at(100))).item() for _, at_ns in instants(6, 1)]
    tracker.reset()
    after = [tracker.update(at_ns, seen(person_at(100))).item() for _, at_ns in instants(6, 1)]
    assert after[-1] >= 0
    assert after[-1] not in before


@makers
@pytest.mark.parametrize("step_ns", [0, -1])
def test_time_that_does_not_advance_raises(make: Callable[[], Tracker], step_ns: int) -> None:
    tracker = make()
    tracker.update(1000, no_detections())
    with pytest.raises(InvalidInput, match="device_ns: want later than 1000"):
        tracker.update(1000 + step_ns, no_detections())
    with pytest.raises(InvalidInput, match="device_ns: want later than 1000"):
        tracker.coast(1000 + step_ns)


@makers
def test_input_is_left_as_it_was(make: Callable[[], Tracker]) -> None:
    tracker, boxes = make(), seen(person_at(100), person_at(400))
    before = boxes.xyxy.copy()
    tracker.update(1, boxes)
    tracker.update(2, boxes)
    assert (boxes.xyxy == before).all()
