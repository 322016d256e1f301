"""A real RTSP camera that restarts, stalls, jumps, changes and refuses: footage, epochs, gaps."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import pytest

from core.arrays import U8
from core.clocks import NS
from core.errors import SourceRefused, SourceUnavailable, StorageFull
from core.types import ClockSource, FootageSegment, Transport
from ingest.addresses import Login
from ingest.connection import StreamLimits
from ingest.reconnect import BackoffPolicy
from ingest.units import units
from tests.ingest.rtsp_camera import BITS, Seen, TestCamera, Watched, number_of
from tests.ingest.test_recorder import length_prefixed_units

pytestmark = pytest.mark.rtsp

CANARY = "kanarienvogel-7391"
# The camera runs in real time: on a starved machine it is silent for seconds without a fault.
QUICK = StreamLimits(
    open_s=60.0,
    read_s=20.0,
    settle_s=0.2,
    backoff=BackoffPolicy(first_s=0.05, cap_s=0.4, healthy_s=60.0),
)
IMPATIENT = replace(QUICK, read_s=3.0)
"""For the test in which the camera falls silent."""


@pytest.fixture
def camera() -> Iterator[TestCamera]:
    with TestCamera() as running:
        yield running


@contextmanager
def libav_logging() -> Iterator[None]:
    """Everything that FFmpeg says goes to the log."""
    av.logging.set_level(av.logging.DEBUG)
    try:
        yield
    finally:
        av.logging.set_level(None)


def consecutive(seen: list[Seen]) -> bool:
    """Whether no picture is missing and time goes on; how fast depends on the machine."""
    numbers = [one.large for one in seen]
    times = [one.frame.device_ns for one in seen]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and all(
        earlier < later for earlier, later in pairwise(times)
    )


def footage_of(watched: Watched, segment: FootageSegment) -> list[tuple[int, int]]:
    """(device time, number) of each picture of a kept file, by its row alone."""
    base = Fraction(*segment.time_base)
    shown = []
    with av.open(str(watched.root / segment.key)) as container:
        for picture in container.decode(video=0):
            assert picture.pts is not None
            since_ns = (picture.pts - segment.first_pts) * base * NS
            luma = cast(U8, picture.to_ndarray(format="gray"))
            shown.append((segment.span.start_ns + round(since_ns), number_of(luma)))
    return shown


def assert_footage_shows_what_was_seen(watched: Watched) -> None:
    """Every frame that came out lies in the kept footage, at its time, in its epoch."""
    kept = {
        (segment.epoch, number): at_ns
        for segment in watched.segments
        for at_ns, number in footage_of(watched, segment)
    }
    for one in watched.seen:
        if (one.epoch, one.large) in kept:
            off_ns = abs(kept[one.epoch, one.large] - one.frame.device_ns)
            assert off_ns < 2_000_000
    held = sum((one.epoch, one.large) in kept for one in watched.seen)
    # All but what came before the first keyframe of an epoch.
    assert held >= len(watched.seen) - 10 * len(watched.epochs)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_frames_come_one_by_one_with_the_camera_s_time(
    camera: TestCamera, tmp_path: Path, transport: Transport
) -> None:
    limits = replace(QUICK, settle_s=6.0)  # long enough for the first sender report
    with Watched(camera, tmp_path, limits=limits, transport=transport) as watched:
        watched.until(lambda w: len(w.seen) >= 60, "frames")
    assert watched.epochs == [1]
    assert consecutive(watched.seen)
    last = watched.seen[-1].frame
    assert (last.clock, last.surface.size) == (ClockSource.RTCP, (240, 320))
    # The test camera's clock is this machine's.
    assert -NS < last.receipt_ns - last.device_ns < 60 * NS
    assert_footage_shows_what_was_seen(watched)


def test_kept_packets_are_the_camera_s(camera: TestCamera, tmp_path: Path) -> None:
    with Watched(camera, tmp_path, limits=QUICK, segment_s=1.0) as watched:
        watched.until(lambda w: len(w.segments) >= 2, "segments")
    assert watched.gaps == []
    kept = []
    for segment in watched.segments:
        with av.open(str(watched.root / segment.key)) as container:
            kept += [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert [length_prefixed_units(payload) for payload in kept] == [
        list(units(payload)) for payload in watched.payloads
    ]


@pytest.mark.parametrize(("codec", "name"), [("h265", "hevc"), ("mjpeg", "mjpeg")])
def test_other_codecs_are_seen_and_kept(codec: str, name: str, tmp_path: Path) -> None:
    with TestCamera("--codec", codec) as camera, Watched(camera, tmp_path, limits=QUICK) as watched:
        watched.until(lambda w: len(w.seen) >= 20, "frames")
    assert consecutive(watched.seen)
    assert {segment.codec for segment in watched.segments} == {name}
    assert_footage_shows_what_was_seen(watched)


def test_a_restart_gives_an_outage_an_epoch_and_footage_on_both_sides(
    camera: TestCamera, tmp_path: Path
) -> None:
    with Watched(camera, tmp_path, limits=QUICK) as watched:
        watched.until(lambda w: len(w.seen) >= 25, "frames before")
        camera.stop()
        # Away for seconds: two epochs may take their times from different clocks.
        watched.until(lambda w: len(w.troubles) >= 8, "trouble")
        camera.start()
        watched.until(lambda w: len(w.of_epoch(2)) >= 25, "frames after")
    assert all(isinstance(error, SourceUnavailable) for error, _ in watched.troubles)
    assert consecutive(watched.of_epoch(1))
    assert consecutive(watched.of_epoch(2))
    assert {segment.epoch for segment in watched.segments} == {1, 2}
    assert_footage_shows_what_was_seen(watched)
    ((outage, reason),) = watched.outages
    ((gap, _),) = watched.gaps
    assert outage.overlaps(gap)
    assert "camera 127.0.0.1" in reason


def test_a_stall_is_noticed_and_the_camera_taken_up_again(
    camera: TestCamera, tmp_path: Path
) -> None:
    with Watched(camera, tmp_path, limits=IMPATIENT) as watched:
        watched.until(lambda w: len(w.seen) >= 25, "frames before")
        camera.say("stall")
        # The camera stays silent until the stall was noticed.
        watched.until(lambda w: w.troubles, "the stall")
        camera.say("resume")
        watched.until(lambda w: len(w.of_epoch(2)) >= 25, "frames after")
    assert "nothing came for 3 s" in str(watched.troubles[0][0])
    ((outage, _),) = watched.outages
    assert outage.duration_s > IMPATIENT.read_s
    assert len(watched.gaps) == 1
    assert_footage_shows_what_was_seen(watched)


def test_a_short_silence_is_an_outage_but_no_break(camera: TestCamera, tmp_path: Path) -> None:
    limits = replace(QUICK, hole_s=0.5)
    with Watched(camera, tmp_path, limits=limits) as watched:
        watched.until(lambda w: len(w.seen) >= 25, "frames before")
        camera.say("pause 0.8")
        watched.until(lambda w: any("no pictures" in why for _, why in w.outages), "the outage")
    assert watched.troubles == []
    assert watched.epochs == [1]
    assert watched.outages[-1][0].duration_s > 0.5


@pytest.mark.parametrize(("seconds", "words"), [(30, "jumped ahead by"), (-3, "went back by")])
def test_a_jump_in_time_opens_an_epoch_and_costs_no_footage(
    camera: TestCamera, tmp_path: Path, seconds: int, words: str
) -> None:
    with Watched(camera, tmp_path, limits=QUICK) as watched:
        # Long enough that timestamps three seconds earlier are not before the stream's start.
        watched.until(lambda w: len(w.seen) >= 110, "frames before")
        epochs = watched.epochs
        camera.say(f"jump {seconds}")
        watched.until(lambda w: any(words in reason for reason in w.reasons), "the jump")
        seen = len(watched.seen)
        watched.until(lambda w: len(w.seen) >= seen + 30, "frames after")
    assert watched.troubles == []
    assert len(watched.epochs) > len(epochs)
    numbers = [one.large for one in watched.seen]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert_footage_shows_what_was_seen(watched)


def test_a_change_of_resolution_opens_an_epoch_and_a_segment(
    camera: TestCamera, tmp_path: Path
) -> None:
    with Watched(camera, tmp_path, limits=QUICK) as watched:
        watched.until(lambda w: len(w.seen) >= 25, "frames before")
        camera.say("size 640x480")
        watched.until(lambda w: w.seen[-1].frame.surface.size == (480, 640), "larger frames")
        larger = watched.epochs[-1]
        watched.until(lambda w: len(w.of_epoch(larger)) >= 25, "frames after")
    assert {one.frame.surface.size for one in watched.of_epoch(larger)} == {(480, 640)}
    sizes = [segment.size_hw for segment in watched.segments]
    assert (sizes[0], sizes[-1]) == ((240, 320), (480, 640))
    assert watched.troubles == []
    assert_footage_shows_what_was_seen(watched)


def test_a_wrong_password_is_refused_and_tried_again_slowly(tmp_path: Path) -> None:
    login = Login("viewer", "wrong")
    with (
        TestCamera("--password", CANARY) as camera,
        Watched(camera, tmp_path, limits=QUICK, login=lambda: login) as watched,
    ):
        watched.until(lambda w: len(w.troubles) >= 3, "refusals")
    assert all(isinstance(error, SourceRefused) for error, _ in watched.troubles)
    assert {wait_s for _, wait_s in watched.troubles} == {QUICK.backoff.cap_s}
    assert watched.seen == []


def test_a_changed_password_is_used_as_soon_as_it_is_known(tmp_path: Path) -> None:
    known = ["first"]
    with (
        TestCamera("--password", "first") as camera,
        Watched(camera, tmp_path, limits=QUICK, login=lambda: Login("viewer", known[0])) as watched,
    ):
        watched.until(lambda w: len(w.seen) >= 10, "frames before")
        camera.say("password second")
        watched.until(
            lambda w: any(isinstance(error, SourceRefused) for error, _ in w.troubles), "refusal"
        )
        known[0] = "second"
        watched.until(lambda w: len(w.of_epoch(2)) >= 10, "frames after")
    assert len(watched.outages) == 1


@pytest.mark.parametrize("options", [(), ("--basic",)])
def test_a_password_is_in_no_log_error_process_list_or_repr(
    options: tuple[str, ...], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    logging.getLogger("libav").setLevel(1)
    login = Login("viewer", CANARY)
    with (
        libav_logging(),
        TestCamera("--password", CANARY, *options) as camera,
        Watched(camera, tmp_path, limits=QUICK, login=lambda: login) as watched,
    ):
        watched.until(lambda w: len(w.seen) >= 5, "frames")
        said = repr(watched.source) + repr(vars(watched.source)) + repr(watched.source._main)
        said += Path("/proc/self/cmdline").read_text() + Path("/proc/self/environ").read_text()
        camera.say("password another")
        watched.until(lambda w: w.troubles and w.outages == [] and len(w.troubles) > 1, "refusal")
    said += caplog.text + repr(watched.troubles) + repr(watched.outages) + repr(watched.gaps)
    assert "rtsp" in caplog.text.lower()
    assert CANARY not in said
    for path in tmp_path.rglob("*.mp4"):
        assert CANARY.encode() not in path.read_bytes()


def test_a_camera_that_is_not_there_yet_is_found_when_it_comes(tmp_path: Path) -> None:
    with TestCamera() as camera:
        camera.stop()
        with Watched(camera, tmp_path, limits=replace(QUICK, hole_s=0.2)) as watched:
            watched.until(lambda w: len(w.troubles) >= 3, "trouble")
            camera.start()
            watched.until(lambda w: len(w.seen) >= 10, "frames")
    assert watched.epochs == [1]
    assert len(watched.outages) == 1


def test_a_mount_that_is_not_there_is_said(camera: TestCamera, tmp_path: Path) -> None:
    camera.url = lambda mount="": f"rtsp://127.0.0.1:{camera.port}/none"  # type: ignore[method-assign]
    with Watched(camera, tmp_path, limits=QUICK) as watched:
        watched.until(lambda w: w.troubles, "trouble")
    assert "has no stream at that path" in str(watched.troubles[0][0])


def test_closing_ends_a_silent_camera_at_once(camera: TestCamera, tmp_path: Path) -> None:
    limits = replace(QUICK, read_s=1000.0)
    with Watched(camera, tmp_path, limits=limits) as watched:
        watched.until(lambda w: len(w.seen) >= 10, "frames")
        camera.say("stall")
        watched.close()
    assert watched.troubles == []
    assert watched.segments


def test_a_full_disk_ends_the_source_loudly_and_keeps_what_is_held(
    camera: TestCamera, tmp_path: Path
) -> None:
    room = [1 << 40]
    watched = Watched(camera, tmp_path, limits=QUICK, segment_s=1.0, free=lambda _: room[0])
    with watched:
        watched.until(lambda w: w.segments, "a segment")
        room[0] = 0
        with pytest.raises(StorageFull, match="recording stopped"):
            watched.until(lambda w: False, "the failure")
    watched.store.verify(watched.segments)


def test_the_small_stream_is_looked_at_and_the_large_one_kept(
    camera: TestCamera, tmp_path: Path
) -> None:
    limits = replace(QUICK, settle_s=6.0)
    with Watched(camera, tmp_path, limits=limits, sub=True) as watched:
        watched.until(lambda w: len(w.seen) >= 100, "frames")
    paired = watched.seen[50:]
    assert consecutive(watched.seen)
    assert {one.frame.surface.size for one in paired} == {(240, 320)}
    assert max(abs(one.large - one.small) for one in paired) <= 2
    assert {segment.size_hw for segment in watched.segments} == {(240, 320)}


def test_the_large_stream_serves_alone_while_there_is_no_small_one(
    camera: TestCamera, tmp_path: Path
) -> None:
    real = camera.url
    camera.url = lambda mount="/main": real(mount).replace("/sub", "/none")  # type: ignore[method-assign]
    with Watched(camera, tmp_path, limits=QUICK, sub=True) as watched:
        watched.until(lambda w: len(w.seen) >= 30, "frames")
    assert all(one.large == one.small for one in watched.seen)
    assert watched.troubles


def test_the_numbers_fit_their_blocks() -> None:
    assert 1 << (BITS + 1) > 25 * 3600
