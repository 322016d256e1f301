"""Suppression against the plain rule, worked out one pair at a time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import I64
from core.geometry import iou
from detectors.nms import MAX_CANDIDATES
from detectors.nms import suppressed as suppressed_by_group
from detectors.raw import RawBoxes, no_boxes
from tests.detectors.builders import CAR, PERSON, boxes

EACH_ITS_OWN = np.arange(4)


def suppressed(raw: RawBoxes, iou_above: float, group: I64 = EACH_ITS_OWN) -> RawBoxes:
    return suppressed_by_group(raw, iou_above, group)


def test_no_boxes_stay_none() -> None:
    assert len(suppressed(no_boxes(), 0.5)) == 0


def test_less_confident_of_two_yields() -> None:
    found = suppressed(boxes((0, 0, 10, 10, 0.5, PERSON), (1, 0, 11, 10, 0.9, PERSON)), 0.5)
    assert found.confidence.tolist() == [np.float32(0.9)]


def test_other_label_does_not_yield() -> None:
    found = suppressed(boxes((0, 0, 10, 10, 0.5, CAR), (0, 0, 10, 10, 0.9, PERSON)), 0.5)
    assert found.label.tolist() == [PERSON, CAR]


def test_other_label_of_the_group_yields() -> None:
    raw = boxes((0, 0, 10, 10, 0.5, CAR), (0, 0, 10, 10, 0.9, PERSON))
    assert suppressed(raw, 0.5, np.zeros(4, np.int64)).label.tolist() == [PERSON]


def test_overlap_at_the_threshold_stays() -> None:
    # 5 of 15: exactly a third.
    found = suppressed(boxes((0, 0, 10, 1, 0.9, PERSON), (5, 0, 15, 1, 0.8, PERSON)), 1 / 3)
    assert len(found) == 2


def test_box_that_yielded_makes_nobody_yield() -> None:
    row = [(0, 0.9), (4, 0.8), (8, 0.7)]  # each overlaps the next by 6 of 14, not the one after
    found = suppressed(boxes(*((x, 0, x + 10, 1, c, PERSON) for x, c in row)), 0.4)
    assert found.xyxy[:, 0].tolist() == [0, 8]


def test_equal_confidences_keep_their_order() -> None:
    found = suppressed(boxes((0, 0, 9, 9, 0.5, PERSON), (50, 0, 59, 9, 0.5, PERSON)), 0.5)
    assert found.xyxy[:, 0].tolist() == [0, 50]


def test_only_the_most_confident_are_compared() -> None:
    count = MAX_CANDIDATES + 50
    left = np.arange(count, dtype=np.float32) * 10
    xyxy = np.stack([left, left * 0, left + 5, left * 0 + 5], axis=1)
    confidence = np.linspace(0.1, 0.9, count, dtype=np.float32)
    found = suppressed(RawBoxes(xyxy, confidence, np.zeros(count, np.int64)), 0.5)
    assert len(found) == MAX_CANDIDATES
    assert found.confidence.min() == confidence[50]


def plainly_suppressed(raw: RawBoxes, iou_above: float) -> list[int]:
    kept: list[int] = []
    overlaps = iou(raw.xyxy, raw.xyxy)
    for row in np.argsort(-raw.confidence, kind="stable").tolist():
        rivals = [k for k in kept if raw.label[k] == raw.label[row]]
        if not any(overlaps[row, k] > iou_above for k in rivals):
            kept.append(row)
    return kept


corner = st.integers(0, 20)
box = st.tuples(
    corner, corner, st.integers(1, 20), st.integers(1, 20), st.integers(0, 9), st.integers(0, 1)
)


@given(st.lists(box, max_size=30))
def test_same_as_the_plain_rule(drawn: list[tuple[int, int, int, int, int, int]]) -> None:
    raw = boxes(*((x, y, x + w, y + h, c / 10, label) for x, y, w, h, c, label in drawn))
    # No two whole boxes of these sizes have an overlap of exactly this.
    wanted = plainly_suppressed(raw, 0.4567)
    assert suppressed(raw, 0.4567).xyxy.tolist() == raw.xyxy[wanted].tolist()
