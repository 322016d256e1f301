"""Disorder that is drawn over streets and bodies."""

from collections.abc import Callable

import numpy as np
import pytest

from core.arrays import U8
from training.plates.clutter import clutter, wear

HW = (96, 128)


def grey() -> U8:
    return np.full((*HW, 3), 120, np.uint8)


@pytest.mark.parametrize("disorder", [clutter, wear])
def test_disorder_changes_the_picture_in_place_and_by_its_seed(
    disorder: Callable[[U8, np.random.Generator], None],
) -> None:
    drawn = []
    for seed in (3, 3, 4):
        rgb = grey()
        disorder(rgb, np.random.default_rng(seed))
        drawn.append(rgb)
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], grey())


def test_wear_leaves_most_of_a_body_as_bright_as_it_was() -> None:
    shifts = []
    for seed in range(20):
        rgb = grey()
        wear(rgb, np.random.default_rng(seed))
        shifts.append(abs(float(np.median(rgb)) - 120))
    assert np.median(shifts) < 15
