"""The street of coloured shapes: the same for a seed, and true about itself."""

import numpy as np
import pytest

from core.errors import InvalidInput
from scenes.street import FPS, MAX_SEED, SIZE_HW, pictures, plan_street


def test_plan_street_of_one_seed_is_always_the_same() -> None:
    assert plan_street(7) == plan_street(7)
    assert plan_street(7) != plan_street(8)


def test_plan_street_takes_the_wanted_past_every_camera_in_turn() -> None:
    for seed in range(20):
        truth = plan_street(seed).truth()
        assert [one.camera for one in truth] == [0, 1, 2]
        middles = [one.middle_s for one in truth]
        assert middles == sorted(middles)


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_plan_street_refuses_a_seed_out_of_range(seed: int) -> None:
    with pytest.raises(InvalidInput, match="seed: want 0 to"):
        plan_street(seed)


def test_pictures_show_the_wanted_where_the_truth_says() -> None:
    street = plan_street(3)
    first = street.truth()[0]
    number = round(first.middle_s * FPS)
    picture = next(p for n, p in enumerate(pictures(street, 0)) if n == number)
    box = first.box(number / FPS)
    assert box is not None
    left, top, right, _ = (round(side) for side in box)
    patch = picture[top + 10 : top + 30, left + 5 : right - 5].reshape(-1, 3).mean(axis=0)
    assert np.abs(patch - street.wanted.upper).max() < 5


def test_box_out_of_view_is_none() -> None:
    crossing = plan_street(3).truth()[0]
    assert crossing.box(crossing.start_s - 1) is None
    assert crossing.box(crossing.start_s + 60) is None


def test_box_stays_inside_the_picture() -> None:
    for crossing in plan_street(5).crossings:
        for box in filter(None, (crossing.box(second / 4) for second in range(200))):
            assert 0 <= box[0] < box[2] <= SIZE_HW[1]
