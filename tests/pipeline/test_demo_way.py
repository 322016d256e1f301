"""Truth and finding beside each other: what is right, and what is said of the rest."""

from collections.abc import Sequence

from core.types import Coverage, Family, Hop, Sighting, Trajectory
from pipeline.demo import Stop, Way
from pipeline.demo.way import Glimpsed, stops_of, way_of
from scenes.theft import Appearance
from tests.builders import at, span

NAMES = ("north", "middle", "south")
STOPS = (
    Stop(0, 2.0, 10.0, ("walk",)),
    Stop(1, 20.0, 30.0, ("walk", "ride")),
    Stop(2, 40.0, 50.0, ("ride",)),
)


def never(_camera: int, _in_s: float, _out_s: float) -> bool:
    return False


def always(_camera: int, _in_s: float, _out_s: float) -> bool:
    return True


def sighting(camera: int, in_s: float, out_s: float) -> Sighting:
    return Sighting(1, 100 + camera, Family.PERSON, span(in_s, out_s), 0.5, {}, ())


def hop(start: int, end: int, *, feasible: bool = True) -> Hop:
    return Hop(start, end, 10.0, 80.0, 5.0, 100.0, feasible, "too fast")


def way(
    *seen: tuple[int, float, float],
    hops: Sequence[Hop] = (),
    stops: Sequence[Stop] = STOPS,
    glimpsed: Glimpsed = never,
) -> Way:
    sightings = tuple(sighting(*one) for one in seen)
    trajectory = Trajectory(sightings, tuple(hops), (), (), Coverage((), 0.0, 0.0))
    return way_of(
        NAMES,
        stops,
        trajectory,
        camera_ids=(100, 101, 102),
        start_ns=at(0),
        glimpsed=glimpsed,
    )


def test_way_with_every_stop_in_order_is_right() -> None:
    found = way((0, 2.5, 9.0), (1, 20.0, 31.0), (2, 39.5, 48.0), hops=[hop(0, 1), hop(1, 2)])
    assert found.right
    assert [stay.stop for stay in found.stays] == [0, 1, 2]
    assert [stay.hop is not None for stay in found.stays] == [False, True, True]


def test_pieces_at_one_stop_are_one_stay() -> None:
    found = way((0, 2.5, 5.0), (0, 5.5, 9.0), (1, 20.0, 24.0), (1, 25.0, 30.0), (2, 40.0, 50.0))
    assert found.right
    assert [stay.tracklets for stay in found.stays] == [2, 2, 1]
    assert (found.stays[0].in_s, found.stays[0].out_s) == (2.5, 9.0)


def test_missing_stop_is_said_with_its_time() -> None:
    found = way((0, 2.5, 9.0), (2, 40.0, 48.0))
    assert found.differences == ("missing: middle at 20.0 to 30.0 s",)


def test_sighting_where_the_thief_never_was_is_wrong() -> None:
    found = way((0, 2.5, 9.0), (2, 11.0, 15.0), (1, 20.0, 30.0), (2, 40.0, 50.0))
    assert found.differences == ("wrong: south at 11.0 s",)


def test_sighting_of_the_thief_far_away_is_neither_wanted_nor_wrong() -> None:
    found = way((0, 2.5, 9.0), (2, 11.0, 15.0), (1, 20.0, 30.0), (2, 40.0, 50.0), glimpsed=always)
    assert found.right
    assert len(found.stays) == 4


def test_glimpse_between_two_pieces_of_a_stop_changes_no_order() -> None:
    found = way(
        (0, 2.5, 5.0), (2, 5.0, 6.0), (0, 6.0, 9.0), (1, 20.0, 30.0), (2, 40.0, 50.0),
        glimpsed=always,
    )  # fmt: skip
    assert found.right


def test_stops_found_in_another_order_are_said() -> None:
    back = (Stop(0, 0.0, 30.0, ("walk",)), Stop(1, 10.0, 50.0, ("walk",)))
    found = way((1, 12.0, 40.0), (0, 14.0, 29.0), stops=back)
    assert found.differences == ("out of order: middle before north",)


def test_hop_that_is_called_impossible_is_not_right() -> None:
    found = way(
        (0, 2.5, 9.0), (1, 20.0, 31.0), (2, 40.0, 48.0), hops=[hop(0, 1), hop(1, 2, feasible=False)]
    )
    assert found.differences == ("called impossible: the hop to south (too fast)",)


def test_empty_trajectory_misses_every_stop() -> None:
    assert len(way().differences) == 3


def appearance(camera: int, in_s: float, out_s: float, mode: str = "walk") -> Appearance:
    return Appearance(camera, in_s, out_s, "ride" if mode == "ride" else "walk", 7)


def test_getting_on_in_view_is_one_stop() -> None:
    seen = (appearance(1, 20.0, 26.0), appearance(0, 2.0, 10.0), appearance(1, 26.0, 30.0, "ride"))
    assert stops_of(seen) == STOPS[:2]


def test_coming_back_is_another_stop() -> None:
    seen = (appearance(0, 0.0, 5.0), appearance(1, 6.0, 9.0), appearance(0, 12.0, 15.0))
    assert [stop.camera for stop in stops_of(seen)] == [0, 1, 0]
