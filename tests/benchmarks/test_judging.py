"""The judge of boxes, on pictures small enough to judge by hand."""

import numpy as np
import pytest

from benchmarks.judging import (
    Finding,
    TruthBoxes,
    ap50_by_class,
    average_precision,
    judged_picture,
    wilson_interval,
    with_interval,
)
from core.errors import InvalidInput
from core.types import Detections, ObjectClass

PERSON, CAR = int(ObjectClass.PERSON), int(ObjectClass.CAR)
Box = tuple[float, float, float, float]
TALL: Box = (0, 0, 20, 40)
FAR: Box = (500, 0, 520, 40)
SMALL: Box = (100, 0, 110, 20)


def truth(
    *boxes: Box, kinds: tuple[int, ...] = (), visible: tuple[float, ...] = (), picture: int = 0
) -> TruthBoxes:
    """Boxes of one picture; persons in full view unless said otherwise."""
    count = len(boxes)
    return TruthBoxes(
        np.full(count, picture, np.int64),
        np.arange(count),
        np.array(kinds or [PERSON] * count, np.int32),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(visible or [1.0] * count, np.float32),
    )


def found(*boxes: Box, sure: tuple[float, ...] = (), kinds: tuple[int, ...] = ()) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(sure or [0.9] * count, np.float32),
        np.array(kinds or [PERSON] * count, np.int32),
        np.zeros(count, np.int32),
    )


def findings(real: TruthBoxes, boxes: Detections) -> list[Finding]:
    return [Finding(one) for one in judged_picture(real, boxes).finding]


def test_box_on_its_subject_is_right() -> None:
    assert findings(truth(TALL), found(TALL)) == [Finding.RIGHT]


def test_box_of_the_wrong_class_is_wrong() -> None:
    assert findings(truth(TALL), found(TALL, kinds=(CAR,))) == [Finding.WRONG]


def test_box_with_less_than_half_overlap_is_wrong() -> None:
    # 8 of 20 px shared: 320 of (800 + 800 - 320) square pixels, IoU 0.25
    assert findings(truth(TALL), found((12, 0, 32, 40))) == [Finding.WRONG]


def test_second_box_on_a_subject_is_wrong() -> None:
    both = found(TALL, TALL, sure=(0.5, 0.9))
    assert findings(truth(TALL), both) == [Finding.WRONG, Finding.RIGHT]


def test_true_box_taken_by_the_surer_leaves_the_next_for_the_other() -> None:
    # Both found lie best on the first true box; the second overlaps the other true box by 2/3.
    real = truth((0, 0, 20, 40), (4, 0, 24, 40))
    assert findings(real, found((0, 0, 20, 40), (1, 0, 21, 40))) == [Finding.RIGHT] * 2


def test_box_on_a_small_subject_is_left_out() -> None:
    assert findings(truth(SMALL), found(SMALL)) == [Finding.LEFT_OUT]


def test_box_on_a_hidden_subject_is_left_out_whatever_its_class() -> None:
    hidden = truth(TALL, visible=(0.2,))
    assert findings(hidden, found(TALL, TALL, kinds=(PERSON, CAR))) == [Finding.LEFT_OUT] * 2


def test_box_on_the_visible_part_of_a_hidden_subject_is_left_out() -> None:
    hidden = truth((0, 0, 40, 100), visible=(0.2,))
    assert findings(hidden, found((0, 0, 40, 30))) == [Finding.LEFT_OUT]


def test_small_box_on_nothing_is_left_out() -> None:
    assert findings(truth(TALL), found(SMALL)) == [Finding.LEFT_OUT]


def test_box_on_nothing_in_an_empty_picture_is_wrong() -> None:
    assert findings(truth(), found(TALL)) == [Finding.WRONG]


def test_nothing_found_keeps_what_was_wanted() -> None:
    judged = judged_picture(truth(TALL, FAR, SMALL, kinds=(PERSON, CAR, CAR)), found())
    assert (judged.wanted[PERSON], judged.wanted[CAR]) == (1, 1)


def test_average_precision_of_all_found_first_is_one() -> None:
    sure = np.array([0.9, 0.8, 0.1], np.float32)
    assert average_precision(sure, np.array([True, True, False]), 2) == 1.0


def test_average_precision_of_nothing_found_is_zero() -> None:
    assert average_precision(np.empty(0, np.float32), np.empty(0, np.bool_), 5) == 0.0


def test_average_precision_reads_the_best_precision_from_each_recall_on() -> None:
    # Right, wrong, right of 2: precision 1 to recall 0.5 (51 of 101 points), 2/3 beyond (50).
    sure = np.array([0.9, 0.8, 0.7], np.float32)
    expected = (51 * 1 + 50 * 2 / 3) / 101
    assert average_precision(sure, np.array([True, False, True]), 2) == pytest.approx(expected)


def test_average_precision_of_a_missed_half_counts_half_of_the_recalls() -> None:
    # Recalls 0 to 0.5 are 51 of 101.
    value = average_precision(np.array([0.9], np.float32), np.array([True]), 2)
    assert value == pytest.approx(51 / 101)


def test_average_precision_without_a_true_box_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one true box"):
        average_precision(np.empty(0, np.float32), np.empty(0, np.bool_), 0)


def test_ap50_is_of_the_classes_that_the_truth_holds() -> None:
    judged = [
        judged_picture(truth(TALL, FAR, kinds=(PERSON, CAR)), found(TALL)),
        judged_picture(truth(TALL), found(TALL, FAR, kinds=(PERSON, int(ObjectClass.BUS)))),
    ]
    assert ap50_by_class(judged) == {ObjectClass.PERSON: 1.0, ObjectClass.CAR: 0.0}


def test_ap50_does_not_count_what_was_left_out() -> None:
    judged = [judged_picture(truth(TALL, SMALL), found(SMALL, TALL, sure=(0.9, 0.5)))]
    assert ap50_by_class(judged) == {ObjectClass.PERSON: 1.0}


def test_truth_out_of_order_is_refused() -> None:
    late, early = truth(TALL, picture=2), truth(TALL, picture=1)
    with pytest.raises(InvalidInput, match="picture: want ascending"):
        TruthBoxes(
            np.concatenate([late.picture, early.picture]),
            np.zeros(2, np.int64),
            np.zeros(2, np.int32),
            np.zeros((2, 4), np.float32),
            np.ones(2, np.float32),
        )


def test_wilson_interval_of_eight_in_ten() -> None:
    low, high = wilson_interval(0.8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # Brown, Cai & DasGupta 2001's form


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_wilson_interval_stays_a_share(share: float) -> None:
    low, high = wilson_interval(share, 3)
    assert 0 <= low < high <= 1


def test_interval_comes_with_its_count() -> None:
    figures = with_interval("x", np.array([True, True, False, True]))
    assert (figures["x"], figures["x.n"]) == (0.75, 4)
    assert figures["x.low"] < 0.75 < figures["x.high"]


def test_interval_of_nothing_is_no_figure() -> None:
    assert with_interval("x", np.empty(0, np.bool_)) == {}
