"""A case's own cameras: nearest first, with their grants and how sure their clocks are."""

import pytest

from cases.answers import Ask, Passage
from cases.events import EventKind
from cases.places import CaseCamera, Place, cameras_of
from core.types import CameraSpan, ClockCorrection
from tests.builders import at, camera, span
from tests.cases.world import ANN, World

EAST: Place = (0.0027, 0.0)
"""Where camera 3 stands; each is about 100 m east of the one before."""


def passage(world: World) -> Passage:
    detail = {"part": "cameras"}
    return world.door.admit(Ask(ANN, 1, EventKind.READ_CASE, detail=detail))


def ids(listed: list[CaseCamera]) -> list[int]:
    return [one.camera_id for one in listed]


def test_only_the_cases_cameras_are_listed(world: World) -> None:
    world.open_case(cameras=(2, 1))

    first, second = cameras_of(passage(world))

    assert (first.camera_id, second.camera_id) == (1, 2)
    assert first.camera is not None
    assert first.camera.name == "camera 1"
    assert first.spans == (span(),)
    assert (first.distance_m, first.granted_then) == (None, None)


def test_the_nearest_come_first_and_those_on_no_map_last(world: World) -> None:
    world.store.cameras.put(camera(4))
    world.open_case(cameras=(4, 1, 2, 3))

    listed = cameras_of(passage(world), near=EAST)

    assert ids(listed) == [3, 2, 1, 4]
    assert [None if c.distance_m is None else round(c.distance_m) for c in listed] == [
        0,
        100,
        200,
        None,
    ]


def test_an_instant_tells_which_are_granted_then(world: World) -> None:
    grants = (
        CameraSpan(1, span(0, 600)),
        CameraSpan(1, span(1200, 1800)),
        CameraSpan(2, span(600, 1200)),
    )
    world.open_case(grants=grants)

    first, second = cameras_of(passage(world), at_ns=at(900))

    assert first.spans == (span(0, 600), span(1200, 1800))
    assert (first.granted_then, second.granted_then) == (False, True)


@pytest.mark.parametrize(
    ("at_s", "offset_s"), [(None, -2.0), (100.0, 40.0), (1100.0, -2.0), (1010.0, -2.0)]
)
def test_the_clock_is_the_one_in_force_then(
    world: World, at_s: float | None, offset_s: float
) -> None:
    world.open_case(cameras=(1,))
    # The device ran 40 s ahead until its own 07:16:40, when it was set.
    world.store.cameras.correct_clock(1, ClockCorrection(at(-600), 40.0, 0.5), at(0))
    world.store.cameras.correct_clock(1, ClockCorrection(at(1000), -2.0, 0.1), at(0))

    (one,) = cameras_of(passage(world), at_ns=None if at_s is None else at(at_s))

    assert one.clock is not None
    assert one.clock.offset_s == offset_s


def test_a_clock_that_nobody_measured_is_unknown_and_not_exact(world: World) -> None:
    world.open_case(cameras=(1,))

    assert cameras_of(passage(world))[0].clock is None


def test_a_deleted_camera_is_still_listed_without_its_name(world: World) -> None:
    world.open_case()
    world.store.cameras.delete(1)

    first, second = cameras_of(passage(world), near=EAST)

    assert (first.camera_id, second.camera_id) == (2, 1)
    assert (second.camera, second.clock, second.distance_m) == (None, None, None)
    assert second.spans == (span(),)
