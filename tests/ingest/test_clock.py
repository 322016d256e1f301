"""Device time of streams that stutter, jump, drift and report, without a network."""

import struct
from fractions import Fraction
from itertools import count, pairwise

import numpy as np
import pytest

from core.clocks import NS
from core.types import ClockSource
from ingest.clock import Arrival, Break, ClockPolicy, StreamClock, report_of, wall_ns_of
from ingest.timeline import Stamp, Timeline

TICKS = 90_000
START_NS = 1_760_000_000 * NS
MS = 1_000_000


def arrival(
    number: int,
    *,
    delay_ms: float = 0.0,
    fps: int = 25,
    gop: int = 10,
    ahead_s: float | None = None,
    report: int = 1,
    skipped_s: float = 0.0,
) -> Arrival:
    """Picture `number` of an even stream, as it comes `delay_ms` after its time.

    With `ahead_s` its sender reports say that the camera's clock runs so far ahead of ours;
    `skipped_s` is how far its timestamps have jumped.
    """
    at_ns = START_NS + number * NS // fps
    return Arrival(
        pts=number * TICKS // fps + round(skipped_s * TICKS),
        receipt_ns=at_ns + round(delay_ms * MS),
        keyframe=number % gop == 0,
        wall_ns=None if ahead_s is None else at_ns + round(ahead_s * NS),
        report=0 if ahead_s is None else report,
    )


def timeline(settle_s: float = 0.0, policy: ClockPolicy | None = None) -> Timeline[int]:
    epochs = count(1)
    return Timeline(Fraction(1, TICKS), lambda: next(epochs), settle_s=settle_s, policy=policy)


def stamps(line: Timeline[int], arrivals: list[Arrival]) -> list[Stamp]:
    fed = [pair for number, one in enumerate(arrivals) for pair in line.feed(number, one)]
    assert [number for number, _ in fed] == list(range(len(fed)))
    return [stamp for _, stamp in fed]


def test_jitter_of_arrival_does_not_shake_the_time_line() -> None:
    delays = np.random.default_rng(1).exponential(30.0, 500) + 5.0
    delays[0] = 5.0  # the least delayed packet is known from the start
    found = stamps(timeline(), [arrival(n, delay_ms=d) for n, d in enumerate(delays)])
    steps = {b.device_ns - a.device_ns for a, b in pairwise(found)}
    assert steps == {NS // 25}
    assert {stamp.epoch for stamp in found} == {1}


def test_the_least_delayed_packet_fixes_the_line() -> None:
    found = stamps(timeline(settle_s=1.0), [arrival(n, delay_ms=40 - n) for n in range(30)])
    # Packets come every 39 ms, so number 26 ends the settling second, 40 - 26 ms late.
    assert found[0].device_ns == START_NS + 14 * MS


def test_a_burst_of_old_pictures_at_the_start_is_laid_out_in_the_past() -> None:
    burst = [arrival(n, delay_ms=(50 - n) * 40) for n in range(50)]
    found = stamps(timeline(settle_s=1.0), [*burst, *(arrival(n) for n in range(50, 100))])
    assert found[0].device_ns == START_NS
    assert {stamp.epoch for stamp in found} == {1}


def test_time_is_strictly_increasing_while_the_line_slides_back() -> None:
    slow_then_fast = [arrival(n, delay_ms=200 if n < 50 else 0) for n in range(500)]
    found = stamps(timeline(), slow_then_fast)
    assert all(b.device_ns > a.device_ns for a, b in pairwise(found))
    assert found[-1].device_ns - (START_NS + 499 * NS // 25) <= 20 * MS


def test_the_line_is_straight_between_keyframes() -> None:
    found = stamps(timeline(), [arrival(n, delay_ms=200 if n < 50 else 0) for n in range(300)])
    bends = [n for n in range(1, 300) if found[n].device_ns - found[n - 1].device_ns != NS // 25]
    assert bends
    assert all(n % 10 == 0 for n in bends)


def test_a_drifting_camera_is_followed_without_a_new_epoch() -> None:
    # 200 ppm slow: over 20 minutes its timestamps lose 240 ms.
    arrivals = [
        Arrival(n * TICKS // 5, START_NS + round(n * NS / 5 * 1.0002), keyframe=n % 5 == 0)
        for n in range(6000)
    ]
    found = stamps(timeline(), arrivals)
    assert {stamp.epoch for stamp in found} == {1}
    late_ns = arrivals[-1].receipt_ns - found[-1].device_ns
    assert 0 <= late_ns < 40 * MS


def test_receipt_says_how_uncertain_it_is() -> None:
    calm = stamps(timeline(), [arrival(n) for n in range(300)])
    shaky = stamps(timeline(), [arrival(n, delay_ms=n % 7 * 50) for n in range(300)])
    assert calm[-1].sigma_s == pytest.approx(0.25)
    # Delays of 0 to 300 ms are late by 150 ms on average.
    assert shaky[-1].sigma_s == pytest.approx(0.40, abs=0.03)


def test_reports_from_the_start_give_the_camera_s_own_clock() -> None:
    found = stamps(timeline(), [arrival(n, delay_ms=80, ahead_s=90.0) for n in range(50)])
    assert found[0].clock is ClockSource.RTCP
    assert found[0].device_ns == START_NS + 90 * NS
    assert found[0].sigma_s == pytest.approx(0.02)


def test_a_report_within_the_settling_time_stamps_the_first_packets_too() -> None:
    silent = [arrival(n) for n in range(20)]
    found = stamps(timeline(settle_s=3.0), [*silent, arrival(20, ahead_s=90.0)])
    assert len(found) == 21
    assert found[0].device_ns == START_NS + 90 * NS
    assert {stamp.clock for stamp in found} == {ClockSource.RTCP}


def test_a_late_first_report_that_agrees_goes_on_in_the_same_epoch() -> None:
    silent = [arrival(n, delay_ms=100) for n in range(20)]
    reported = [arrival(n, delay_ms=100, ahead_s=0.0) for n in range(20, 300)]
    found = stamps(timeline(), silent + reported)
    assert {stamp.epoch for stamp in found} == {1}
    assert (found[19].clock, found[20].clock) == (ClockSource.RECEIPT, ClockSource.RTCP)
    assert all(b.device_ns > a.device_ns for a, b in pairwise(found))
    assert abs(found[-1].device_ns - (START_NS + 299 * NS // 25)) <= 2 * MS


def test_a_late_first_report_that_disagrees_opens_an_epoch_at_the_next_keyframe() -> None:
    silent = [arrival(n) for n in range(13)]
    found = stamps(timeline(), [*silent, *(arrival(n, ahead_s=90.0) for n in range(13, 40))])
    assert [stamp.epoch for stamp in found] == [1] * 20 + [2] * 20
    assert "first sender report" in found[20].reason
    assert found[19].clock is ClockSource.RECEIPT
    assert found[20].device_ns == START_NS + 20 * NS // 25 + 90 * NS


def test_a_camera_whose_clock_is_set_opens_an_epoch_at_a_keyframe() -> None:
    before = [arrival(n, ahead_s=90.0, report=1) for n in range(25)]
    after = [arrival(n, ahead_s=0.0, report=2) for n in range(25, 60)]
    found = stamps(timeline(), before + after)
    assert [stamp.epoch for stamp in found] == [1] * 30 + [2] * 30
    assert "stepped by -90.000 s" in found[30].reason


def test_small_steps_of_reports_slide_and_stay_in_the_epoch() -> None:
    arrivals = [arrival(n, ahead_s=0.05 * (n // 100 % 2), report=n // 100 + 1) for n in range(1000)]
    found = stamps(timeline(), arrivals)
    assert {stamp.epoch for stamp in found} == {1}
    assert all(b.device_ns > a.device_ns for a, b in pairwise(found))
    assert found[-1].sigma_s > 0.03  # the reports' scatter shows


def test_an_old_report_is_trusted_less() -> None:
    arrivals = [arrival(n, ahead_s=0.0) for n in range(25 * 600)]
    found = stamps(timeline(), arrivals)
    # 600 s at 50 ppm are 30 ms on top of 20.
    assert found[-1].sigma_s == pytest.approx(0.05, abs=0.001)


def test_a_camera_without_a_set_clock_is_stamped_by_receipt() -> None:
    found = stamps(timeline(), [arrival(n, ahead_s=-1.7e9) for n in range(20)])
    assert {stamp.clock for stamp in found} == {ClockSource.RECEIPT}


@pytest.mark.parametrize(
    ("skipped_s", "words"), [(30.0, "jumped ahead by 30.0"), (-5.0, "back by")]
)
def test_timestamps_that_jump_open_an_epoch_at_once(skipped_s: float, words: str) -> None:
    before = [arrival(n) for n in range(25)]
    found = stamps(timeline(), [*before, *(arrival(n, skipped_s=skipped_s) for n in range(25, 50))])
    assert [stamp.epoch for stamp in found] == [1] * 25 + [2] * 25
    assert words in found[25].reason
    # By receipt nothing happened: time goes on.
    assert found[25].device_ns == START_NS + NS


def test_after_a_jump_old_reports_are_not_believed_until_a_new_one_comes() -> None:
    before = [arrival(n, ahead_s=0.0, report=1) for n in range(25)]
    # FFmpeg goes on reckoning from the old report, so its wall time jumps along.
    stale = [arrival(n, ahead_s=30.0, report=1, skipped_s=30.0) for n in range(25, 40)]
    fresh = [arrival(n, ahead_s=0.0, report=2, skipped_s=30.0) for n in range(40, 60)]
    found = stamps(timeline(), before + stale + fresh)
    assert [stamp.clock for stamp in found[25:40]] == [ClockSource.RECEIPT] * 15
    assert found[45].clock is ClockSource.RTCP
    assert found[-1].device_ns == START_NS + 59 * NS // 25


def test_a_stall_that_is_caught_up_is_no_break() -> None:
    delayed = [arrival(n, delay_ms=max(0, 4000 - (n - 50) * 200)) for n in range(50, 100)]
    found = stamps(timeline(), [*(arrival(n) for n in range(50)), *delayed])
    assert {stamp.epoch for stamp in found} == {1}
    assert found[-1].device_ns == START_NS + 99 * NS // 25


def test_timestamps_that_stay_behind_open_an_epoch() -> None:
    policy = ClockPolicy(jump_s=1.5, lag_s=3.0)
    # The pictures wait two seconds in the camera from number 60 on, and never catch up.
    waited = [arrival(n, delay_ms=2000 if n >= 60 else 0) for n in range(200)]
    found = stamps(timeline(policy=policy), waited)
    assert [stamp.epoch for stamp in found[:135]] == [1] * 135
    assert found[-1].epoch == 2
    assert "fell behind by 2.0 s" in next(s.reason for s in found if s.epoch == 2)


def test_b_frames_are_no_step_back() -> None:
    # Decoding order of one group: I P B B, P B B, ...; the next group's first B's lead its I.
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
    # Received by decoding order, so the line slides at the second keyframe; time still goes on.
    arrivals = [
        Arrival(shown * 3600, START_NS + came * 40 * MS, keyframe=shown in (0, 9))
        for came, shown in enumerate(order)
    ]
    found = stamps(timeline(), arrivals)
    assert {stamp.epoch for stamp in found} == {1}
    by_time = sorted(zip(order, found, strict=True), key=lambda pair: pair[0])
    assert all(b.device_ns > a.device_ns for (_, a), (_, b) in pairwise(by_time))


def test_a_break_while_settling_releases_what_was_held() -> None:
    before = [arrival(n) for n in range(5)]
    found = stamps(timeline(settle_s=1.0), [*before, arrival(5, skipped_s=60.0)])
    assert [stamp.epoch for stamp in found] == [1] * 5 + [2]


def test_the_end_of_a_stream_releases_what_was_held() -> None:
    line = timeline(settle_s=3.0)
    assert stamps(line, [arrival(0), arrival(1)]) == []
    assert [number for number, _ in line.flush()] == [0, 1]
    assert line.flush() == []


def test_a_caller_s_break_opens_an_epoch_with_its_reason() -> None:
    line = timeline()
    line.feed(0, arrival(0))
    ((_, stamp),) = line.feed(1, arrival(1), broken=Break("the picture changed"))
    assert (stamp.epoch, stamp.reason, stamp.connected) == (2, "the picture changed", False)


def test_a_clock_that_saw_nothing_has_no_time() -> None:
    with pytest.raises(ValueError, match="observed nothing"):
        StreamClock(Fraction(1, TICKS)).device_ns(0)


def test_side_data_is_read_as_ffmpeg_writes_it() -> None:
    assert wall_ns_of(struct.pack("<qi4x", 1_760_000_000_123_456, 24)) == 1_760_000_000_123_456_000
    # Half a second after 1970-01-01, in NTP's era.
    ntp = 2_208_988_800 << 32 | 1 << 31
    assert report_of(struct.pack("<I4xQIII4x", 7, ntp, 1, 2, 3)) == (ntp, NS // 2)
