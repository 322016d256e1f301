"""Margins at comparing boxes, and pairings."""

import numpy as np
import pytest

from core.arrays import F64
from core.geometry import iou
from tests.tracking.looks import person_at
from tracking.association import best_pairs, padded_iou

A = np.array([person_at(100)], np.float32)  # 40 x 100
B = np.array([person_at(150)], np.float32)  # its left edge is 10 px off A's right one


def pad(x: float, y: float = 0.0) -> F64:
    return np.array([[x, y]])


def test_without_margin_it_is_the_plain_overlap() -> None:
    c = np.array([person_at(110)], np.float32)
    assert padded_iou(A, c, pad(0)) == pytest.approx(iou(A, c))


def test_margin_reaches_a_box_just_missed() -> None:
    # Both grow to 80 wide, centres 50 apart: 30 in common of 130.
    assert padded_iou(A, B, pad(0)).item() == 0
    assert padded_iou(A, B, pad(20)).item() == pytest.approx(30 / 130)


def test_margin_still_tells_near_from_far() -> None:
    both = np.array([person_at(130), person_at(150)], np.float32)
    near, far = padded_iou(A, both, pad(20))[0]
    assert near > far > 0


def test_each_track_has_its_own_margin() -> None:
    alike = padded_iou(np.concatenate([A, A]), B, np.array([[0.0, 0.0], [20.0, 0.0]]))
    assert alike[0, 0] == 0
    assert alike[1, 0] > 0


def test_boxes_without_area_overlap_nothing() -> None:
    point = np.array([[5, 5, 5, 5]], np.float32)
    assert padded_iou(point, point, pad(0)).item() == 0


def test_pairing_has_the_largest_sum_not_the_greedy_one() -> None:
    rows, columns = best_pairs(np.array([[0.9, 0.8], [0.8, 0.3]]), 0.2)
    assert list(zip(rows, columns, strict=True)) == [(0, 1), (1, 0)]


def test_pairs_under_the_least_are_left_out() -> None:
    rows, columns = best_pairs(np.array([[0.5, 0.0], [0.0, 0.19]]), 0.2)
    assert list(zip(rows, columns, strict=True)) == [(0, 0)]


def test_weak_pair_does_not_push_a_strong_one_aside() -> None:
    # 0.15 + 0.5 would beat 0.6 if the weak pair counted.
    rows, columns = best_pairs(np.array([[0.6, 0.15], [0.5, 0.0]]), 0.2)
    assert list(zip(rows, columns, strict=True)) == [(0, 0)]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_pairs_with_nothing(shape: tuple[int, int]) -> None:
    rows, columns = best_pairs(np.zeros(shape), 0.2)
    assert (len(rows), len(columns)) == (0, 0)
