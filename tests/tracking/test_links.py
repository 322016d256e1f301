"""When a person and a vehicle of one view belong together, and when they do not."""

import numpy as np
import pytest

from core.clocks import ns_of
from core.types import Family, Link
from tests.tracking.looks import SIZE_HW, Box, person_at
from tracking.links import Trail, dismounts, mounts

PERSON, RIDER, CAR = 1, 2, 3
X = 600.0


def trail(
    tracklet_id: int, family: Family, looks: list[tuple[float, Box]], *, begins: bool, ends: bool
) -> Trail:
    device_ns = np.array([ns_of(at_s) for at_s, _ in looks], np.int64)
    xyxy = np.array([box for _, box in looks], np.float32)
    return Trail(tracklet_id, family, device_ns, xyxy, begins, ends)


def walker(*, speed_px_s: float = 10.0, x: float = X, shrink: float = 1.0) -> Trail:
    """A person of 100 px who walks until 3 s and ends at `x`, or begins at 0 s walking away."""
    looks = [(i / 5, person_at(x - speed_px_s * (3 - i / 5))) for i in range(16)]
    at_s, (x1, y1, x2, y2) = looks[-1]
    looks[-1] = (at_s, (x1, y1, x2, y1 + (y2 - y1) * shrink))
    return trail(PERSON, Family.PERSON, looks, begins=True, ends=True)


def rider(*, begin_s: float = 3.2, x: float = X, begins: bool = True) -> Trail:
    """A rider who sets off at `x`: as tall as the person, wider."""
    looks = []
    for i in range(10):
        left = x - 40 + 60 * i / 5
        looks.append((begin_s + i / 5, (left, 245.0, left + 80, 352.0)))
    return trail(RIDER, Family.RIDER, looks, begins=begins, ends=False)


def car(
    tracklet_id: int = CAR, *, x: float = X, speed_px_s: float = 0.0, bottom: float = 355.0
) -> Trail:
    looks = []
    for i in range(40):
        left = x - 60 + speed_px_s * (i / 5 - 3)
        looks.append((i / 5, (left, bottom - 110, left + 240, bottom)))
    return trail(tracklet_id, Family.VEHICLE, looks, begins=False, ends=False)


def mounted(person: Trail, *others: Trail) -> Link | None:
    return mounts(person, others, SIZE_HW)


def backwards(one: Trail, total_s: float = 6.0) -> Trail:
    """The same seen in reverse: who mounts, dismounts."""
    return Trail(
        one.tracklet_id,
        one.family,
        ns_of(total_s) - one.device_ns[::-1],
        one.xyxy[::-1],
        one.ends,
        one.begins,
    )


def test_person_who_becomes_a_rider_mounts() -> None:
    assert mounted(walker(), rider()) == Link("mounts", RIDER, ns_of(3))


def test_person_who_ends_at_a_parked_car_mounts() -> None:
    assert mounted(walker(), car()) == Link("mounts", CAR, ns_of(3))


@pytest.mark.parametrize(("other", "known"), [(rider(), RIDER), (car(), CAR)])
def test_the_reverse_dismounts(other: Trail, known: int) -> None:
    link = dismounts(backwards(walker()), [backwards(other)], SIZE_HW)
    assert link == Link("dismounts", known, ns_of(3))


@pytest.mark.parametrize(
    ("person", "other"),
    [
        pytest.param(walker(), rider(begin_s=4.5), id="rider begins too late"),
        pytest.param(walker(), rider(x=X + 100), id="rider begins elsewhere"),
        pytest.param(walker(), rider(begins=False), id="rider was there before"),
        pytest.param(walker(x=21), rider(x=60), id="person leaves by the border"),
        pytest.param(walker(speed_px_s=90), car(), id="person walks past"),
        pytest.param(walker(), car(speed_px_s=80), id="car drives past"),
        pytest.param(walker(), car(x=X + 200), id="car stands elsewhere"),
        pytest.param(walker(), car(bottom=400), id="person vanishes behind the car"),
        pytest.param(walker(shrink=0.6), car(bottom=320), id="person is being hidden"),
    ],
)
def test_what_is_not_sure_gives_no_link(person: Trail, other: Trail) -> None:
    assert mounted(person, other) is None


def test_two_that_fit_give_no_link() -> None:
    assert mounted(walker(), car(3), car(4, x=X - 20)) is None


def test_nobody_around_gives_no_link() -> None:
    assert mounted(walker()) is None


def test_person_seen_once_gives_no_link() -> None:
    once = trail(PERSON, Family.PERSON, [(3.0, person_at(X))], begins=True, ends=True)
    assert mounted(once, car()) is None
