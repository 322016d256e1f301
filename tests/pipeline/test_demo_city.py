"""Which thefts are fair questions, and that every seed leads to one."""

from dataclasses import replace

import pytest

from core.errors import InvalidInput
from pipeline.demo.city import VARIATIONS, check_plan, seed_of, variations, weakness
from scenes.city import City
from scenes.splits import MAX_SEED


@pytest.fixture(scope="module")
def fair() -> City:
    """The first city of a seed that is a fair question."""
    return next(city for city, weak in variations(3, 5, 90.0) if city and not weak)


@pytest.mark.parametrize(
    ("seed", "cameras", "seconds", "message"),
    [
        (-1, 5, 90.0, f"seed: want 0 to {MAX_SEED}, got -1"),
        (MAX_SEED + 1, 5, 90.0, f"seed: want 0 to {MAX_SEED}"),
        (1, 2, 90.0, "cameras: want 3 to 12, got 2"),
        (1, 13, 90.0, "cameras: want 3 to 12, got 13"),
        (1, 5, 60.0, "seconds: want 75 to 300, got 60"),
        (1, 5, float("nan"), "seconds: want 75 to 300, got nan"),
    ],
)
def test_plan_out_of_range_names_wanted_and_got(
    seed: int, cameras: int, seconds: float, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_plan(seed, cameras, seconds)


def test_plan_at_the_ends_of_the_range_is_taken() -> None:
    check_plan(0, 3, 75.0)
    check_plan(MAX_SEED, 12, 300.0)


def test_seed_varies_the_same_way_each_time() -> None:
    varied = [seed_of(7, variation) for variation in range(VARIATIONS)]
    assert varied == [seed_of(7, variation) for variation in range(VARIATIONS)]
    assert varied[0] == 7
    assert len(set(varied)) == VARIATIONS


def test_fair_theft_is_seen_at_three_stops_at_least(fair: City) -> None:
    assert weakness(fair) == ""
    assert len({one.camera for one in fair.subjects[0].appearances}) >= 3


def test_theft_by_a_parked_car_is_no_fair_question(fair: City) -> None:
    assert fair.theft is not None
    by_car = replace(fair, theft=replace(fair.theft, vehicle="car"))
    assert "parked" in weakness(by_car)


def test_glimpse_is_no_fair_question(fair: City) -> None:
    (subject,) = fair.subjects
    last = subject.appearances[-1].camera
    *before, one = [x for x in subject.appearances if x.camera != last or x.mode == "ride"]
    seen = replace(subject, appearances=(*before, replace(one, out_s=one.in_s + 0.9)))
    assert "only in good size" in weakness(replace(fair, subjects=(seen,)))


def test_two_cameras_at_once_are_no_fair_question(fair: City) -> None:
    (subject,) = fair.subjects
    first, second, *rest = subject.appearances
    early = replace(second, in_s=first.in_s + 0.5)
    seen = replace(subject, appearances=(first, early, *rest))
    assert "while another one does" in weakness(replace(fair, subjects=(seen,)))
