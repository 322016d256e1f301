"""Legs: where an actor is between the knots, and what it does there."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.types import ObjectClass
from scenes.plan import Actor, Leg

SOMEBODY = Actor(1, "p0001", ObjectClass.PERSON)


def leg(
    at_s: tuple[float, ...] = (10.0, 20.0, 30.0, 40.0),
    x_m: tuple[float, ...] = (0.0, 10.0, 10.0, 40.0),
) -> Leg:
    """A walk east at 1 m/s, a rest of ten seconds with the phone, a walk on at 3 m/s."""
    xy = np.column_stack([x_m, np.zeros(len(x_m))])
    return Leg(SOMEBODY, np.array(at_s), xy, np.zeros(len(at_s)), "walk", "phone")


def test_a_leg_lies_evenly_between_its_knots() -> None:
    placed = leg().placed(15.0)
    assert placed is not None
    assert placed.xy_m == (5.0, 0.0)
    assert (placed.speed_mps, placed.travelled_m, placed.pose) == (1.0, 5.0, "walk")


def test_a_leg_rests_in_its_still_pose() -> None:
    placed = leg().placed(25.0)
    assert placed is not None
    assert (placed.xy_m, placed.speed_mps, placed.pose) == ((10.0, 0.0), 0.0, "phone")


def test_the_way_travelled_goes_on_after_a_rest() -> None:
    placed = leg().placed(39.0)
    assert placed is not None
    assert placed.travelled_m == pytest.approx(37)


@pytest.mark.parametrize("at_s", [9.99, 40.0, 1000.0])
def test_nobody_is_placed_before_and_from_the_end_of_a_leg(at_s: float) -> None:
    assert leg().placed(at_s) is None


def test_many_positions_agree_with_single_ones() -> None:
    times = np.arange(0.0, 50.0, 0.7)
    placed = [leg().placed(float(at_s)) for at_s in times]
    singles = [one.xy_m if one else (np.nan, np.nan) for one in placed]
    np.testing.assert_allclose(leg().positions(times), singles)


@pytest.mark.parametrize(
    ("at_s", "message"),
    [((0.0,), "want two knots"), ((0.0, 0.0), "strictly ascending"), ((1.0, 0.0), "ascending")],
)
def test_a_leg_that_is_none_is_refused(at_s: tuple[float, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        leg(at_s, tuple(0.0 for _ in at_s))


def test_a_parked_cycle_has_no_label_and_a_person_has_one() -> None:
    assert not Actor(2, "c0001", ObjectClass.EBIKE_RIDER).labelled
