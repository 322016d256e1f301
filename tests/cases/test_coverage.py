"""What was not searched: only a positive record counts, second by second."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.coverage import NEVER, NO_CAMERA, NO_TIME, coverage_of
from core.clocks import NS
from core.types import Activity, ActivityKind, Camera, CameraSpan, ClockCorrection, Coverage
from tests.builders import T0_NS, activity, at, span

SEEN, SHED, OUT, ERASED, UNKEPT = (
    ActivityKind.ANALYSED,
    ActivityKind.SHED,
    ActivityKind.OUTAGE,
    ActivityKind.ERASED,
    ActivityKind.UNRECORDED,
)

Row = tuple[ActivityKind, float, float]


def records(rows: Sequence[Row], camera_id: int = 1) -> list[Activity]:
    return [
        activity(number, camera_id=camera_id, kind=kind, start_s=start, end_s=end)
        for number, (kind, start, end) in enumerate(rows)
    ]


def of(rows: Sequence[Row], *clocks: ClockCorrection, asked_s: float = 100.0) -> Coverage:
    """The coverage of camera 1 over the first `asked_s` seconds."""
    camera = Camera(1, "one", clocks=clocks)
    return coverage_of([CameraSpan(1, span(0, asked_s))], {1: camera}, records(rows))


def missing(coverage: Coverage) -> list[tuple[float, float, str]]:
    return [
        ((p.span.start_ns - T0_NS) / NS, (p.span.end_ns - T0_NS) / NS, why)
        for p, why in coverage.missing
    ]


def test_what_was_analysed_throughout_misses_nothing() -> None:
    assert of([(SEEN, -10, 200)]) == Coverage((), 100.0, 100.0)


def test_without_any_record_nothing_was_looked_at() -> None:
    coverage = of([])
    assert (missing(coverage), coverage.searched_s) == ([(0, 100, NEVER)], 0.0)


@pytest.mark.parametrize("kind", [SHED, OUT, ERASED])
def test_what_speaks_against_a_record_counts_more_than_it(kind: ActivityKind) -> None:
    coverage = of([(SEEN, 0, 100), (kind, 20, 30)])
    assert (missing(coverage), coverage.searched_s) == ([(20, 30, kind.value)], 90.0)


def test_a_gap_in_the_footage_alone_does_not_hinder_a_search() -> None:
    assert missing(of([(SEEN, 0, 100), (UNKEPT, 20, 30)])) == []


def test_a_gap_in_the_footage_names_what_was_not_looked_at() -> None:
    assert missing(of([(SEEN, 0, 50), (UNKEPT, 50, 100)])) == [(50, 100, "unrecorded")]


def test_the_strongest_reason_is_named_and_the_rest_stays_unknown() -> None:
    rows = [(SEEN, 0, 10), (OUT, 10, 40), (ERASED, 30, 60)]
    assert missing(of(rows)) == [(10, 30, "outage"), (30, 60, "erased"), (60, 100, NEVER)]


def test_touching_spans_of_one_reason_are_one() -> None:
    assert missing(of([(OUT, 0, 40), (OUT, 40, 70), (OUT, 60, 100)])) == [(0, 100, "outage")]


def test_the_pause_between_two_looks_is_no_gap() -> None:
    assert missing(of([(SEEN, 0, 50), (SEEN, 50.2, 100)])) == []


def test_a_pause_with_an_outage_in_it_is_one() -> None:
    assert missing(of([(SEEN, 0, 50), (SEEN, 50.5, 100), (OUT, 50, 50.5)])) == [
        (50, 50.5, "outage")
    ]


def test_records_of_another_camera_say_nothing() -> None:
    one, two = Camera(1, "one"), Camera(2, "two")
    asked = [CameraSpan(1, span(0, 100)), CameraSpan(2, span(0, 100))]
    coverage = coverage_of(asked, {1: one, 2: two}, records([(SEEN, 0, 100)], camera_id=2))
    assert [part.camera_id for part, _ in coverage.missing] == [1]
    assert (coverage.asked_s, coverage.searched_s) == (200.0, 100.0)


def test_a_deleted_camera_is_missing_as_a_whole() -> None:
    coverage = coverage_of([CameraSpan(1, span(0, 100))], {}, [])
    assert missing(coverage) == [(0, 100, NO_CAMERA)]


def test_records_are_in_device_time_and_what_is_missing_in_utc() -> None:
    """The clock runs 30 s ahead: device seconds 30 to 80 are UTC seconds 0 to 50."""
    ahead = ClockCorrection(0, 30.0, 0.1)
    assert missing(of([(SEEN, 30, 80)], ahead)) == [(50, 100, NEVER)]


def test_utc_that_a_clock_stepped_over_is_missing() -> None:
    """Set forward by hand at device second 60: UTC 20 s to 60 s has no device time at all."""
    steps = (ClockCorrection(0, 40.0, 0.1), ClockCorrection(at(60), 0.0, 0.1))
    assert missing(of([(SEEN, 0, 200)], *steps)) == [(20, 60, NO_TIME)]


def test_utc_that_a_clock_showed_twice_must_be_seen_both_times() -> None:
    """Set back at device second 60 by 20 s: UTC 40 s to 60 s is device 40-60 and 60-80."""
    steps = (ClockCorrection(0, 0.0, 0.1), ClockCorrection(at(60), 20.0, 0.1))
    assert missing(of([(SEEN, 0, 60), (SEEN, 80, 120)], *steps)) == [(40, 60, NEVER)]


seconds = st.integers(0, 60)
some_rows = st.lists(
    st.tuples(st.sampled_from(ActivityKind), seconds, seconds).filter(lambda r: r[1] < r[2]),
    max_size=12,
)


@given(rows=some_rows, offset_s=st.integers(-20, 20))
def test_searched_seconds_are_those_with_a_good_record_only(
    rows: list[tuple[ActivityKind, int, int]], offset_s: int
) -> None:
    """Against sets of whole seconds; records are whole seconds apart, so none is bridged over."""
    sets = {
        kind: {s for k, a, b in rows if k is kind for s in range(a, b)} for kind in ActivityKind
    }
    bridged = {s for s in seconds_between(sets[SEEN])}
    good = (sets[SEEN] | bridged) - sets[SHED] - sets[OUT] - sets[ERASED]
    asked = {s + offset_s for s in range(10, 50)}  # device seconds of UTC 10 to 50
    camera = Camera(1, "one", clocks=(ClockCorrection(0, float(offset_s), 0.0),))
    coverage = coverage_of([CameraSpan(1, span(10, 50))], {1: camera}, records(rows))
    lost = {
        s + offset_s for start, end, _ in missing(coverage) for s in range(round(start), round(end))
    }
    assert lost == asked - good
    assert coverage.searched_s == len(asked & good)


def seconds_between(looked: set[int]) -> set[int]:
    """Single seconds between two looks: a pause of a second is no gap."""
    return {s for s in range(61) if s not in looked and {s - 1, s + 1} <= looked}
