"""Cameras that misbehave by a script: right footage, epochs and gaps, and no crash."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from core.clocks import NS
from core.errors import SourceRefused, SourceUnavailable
from core.types import ClockSource, Transport
from ingest.addresses import Login
from ingest.clock import ClockPolicy
from scenes.rtsp import (
    Bye,
    CameraServer,
    Clip,
    ClockDrift,
    ClockStep,
    Corrupt,
    Credentials,
    Drip,
    Fault,
    Faults,
    Hang,
    Jump,
    Loss,
    Mount,
    Password,
    Reorder,
    Reports,
    Resize,
    Restart,
    Stall,
)
from tests.ingest.rtsp_camera import Seen, Watched
from tests.ingest.served_camera import (
    GOP,
    IMPATIENT,
    PICTURE_NS,
    QUICK,
    START_NS,
    ServedCamera,
    WatchedServed,
    blocks,
    clip,
)
from tests.ingest.test_recorder import length_prefixed_units
from tests.ingest.test_rtsp import assert_footage_shows_what_was_seen
from tests.ingest.videos import write_video

SILENT = Reports(first_s=float("inf"))
EXACT_NS = 10_000  # FFmpeg tells the camera's clock in microseconds


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of numbered pictures."""
    return clip(tmp_path_factory.mktemp("film") / "film.mp4", count=500)


@pytest.fixture(scope="session")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures 50 to 149 of a larger size."""
    path = tmp_path_factory.mktemp("larger") / "larger.mp4"
    return clip(path, count=100, first=50, size_hw=(480, 640))


def consecutive(seen: Sequence[Seen]) -> bool:
    """Whether no picture is missing."""
    return all(later.large - earlier.large == 1 for earlier, later in pairwise(seen))


def off_ns(one: Seen) -> int:
    """How much later a frame says that it was than it was."""
    return one.frame.device_ns - START_NS - one.large * PICTURE_NS


def on_time(seen: Sequence[Seen], *, later_ns: int = 0, within_ns: int = EXACT_NS) -> bool:
    return all(abs(off_ns(one) - later_ns) <= within_ns for one in seen)


def assert_undisturbed(watched: WatchedServed) -> None:
    """Every picture at its time, in one epoch, all of it kept."""
    assert watched.numbers == list(range(len(watched.seen)))
    assert on_time(watched.seen)
    assert (watched.epochs, watched.troubles) == ([1], [])
    assert (watched.outages, watched.gaps) == ([], [])
    assert_footage_shows_what_was_seen(watched)


# --- a camera that behaves ---------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_every_picture_comes_at_its_time(film: Path, tmp_path: Path, transport: Transport) -> None:
    with ServedCamera(film) as camera, WatchedServed(camera, tmp_path, transport=transport) as w:
        w.until_number(120)
    assert_undisturbed(w)
    assert {one.frame.clock for one in w.seen} == {ClockSource.RTCP}


def test_what_is_kept_is_the_file_s_bits(film: Path, tmp_path: Path) -> None:
    with ServedCamera(film) as camera, WatchedServed(camera, tmp_path, segment_s=1.0) as w:
        w.until(lambda w: len(w.segments) >= 3, "segments")
    kept = []
    for segment in w.segments:
        with av.open(str(w.root / segment.key)) as container:
            kept += [bytes(packet) for packet in container.demux(video=0) if packet.size]
    sent = [list(picture.units) for picture, _ in zip(Clip(film, loop=False), kept, strict=False)]
    assert [length_prefixed_units(payload) for payload in kept] == sent


def test_h265_comes_and_is_kept_as_it_is(tmp_path: Path) -> None:
    options = {"x265-params": "log-level=none:pools=1"}
    path = tmp_path / "film.mp4"
    write_video(path, blocks(), count=60, codec="libx265", gop=GOP, options=options)
    with ServedCamera(path) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(40)
    assert_undisturbed(w)
    assert {segment.codec for segment in w.segments} == {"hevc"}


def test_pictures_sent_out_of_order_are_shown_in_order(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", blocks(), count=120, gop=GOP, b_frames=2)
    with ServedCamera(path) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(80)
    assert_undisturbed(w)


def test_a_timestamp_that_wraps_around_is_no_jump(film: Path, tmp_path: Path) -> None:
    with (
        ServedCamera(film, rtp_start=2**32 - 90_000) as camera,
        WatchedServed(camera, tmp_path) as w,
    ):
        w.until_number(60)
    assert_undisturbed(w)


def test_a_loop_of_a_file_has_no_seam(film: Path, tmp_path: Path) -> None:
    short = clip(tmp_path / "short.mp4", count=30)
    with (
        ServedCamera(short, loop=True) as camera,
        WatchedServed(camera, tmp_path, by_packet=True) as w,
    ):
        w.until(lambda w: len(w.seen) >= 75, "frames")
    assert w.numbers == [row % 30 for row in range(len(w.seen))]
    times = [one.frame.device_ns for one in w.seen]
    assert {later - earlier for earlier, later in pairwise(times)} == {PICTURE_NS}
    assert (w.epochs, w.troubles, w.outages, w.gaps) == ([1], [], [], [])


# --- connections -------------------------------------------------------------------------------


def test_a_power_cut_gives_an_epoch_and_footage_on_both_sides(film: Path, tmp_path: Path) -> None:
    with ServedCamera(film) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(30)
        camera.server.down()
        w.until(lambda w: len(w.troubles) >= 3, "refused connections")
        camera.server.start()
        w.until(lambda w: len(w.of_epoch(2)) >= 30, "frames after")
    assert all(isinstance(error, SourceUnavailable) for error, _ in w.troubles)
    assert consecutive(w.of_epoch(1))
    assert consecutive(w.of_epoch(2))
    assert on_time(w.seen)
    assert len(w.outages) == 1
    assert {segment.epoch for segment in w.segments} == {1, 2}
    assert_footage_shows_what_was_seen(w)


def test_a_restart_is_an_outage_of_its_length(film: Path, tmp_path: Path) -> None:
    restart = Restart(at_s=2.0, down_s=3.0)
    with ServedCamera(film, restart) as camera, WatchedServed(camera, tmp_path) as w:
        w.until(lambda w: len(w.of_epoch(2)) >= 30, "frames after")
    ((outage, reason),) = w.outages
    assert "the camera closed the connection" in reason
    assert 3.0 <= outage.duration_s <= 3.0 + (GOP + 2) / 25
    ((gap, _),) = w.gaps
    assert outage.overlaps(gap)
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_hanging_camera_is_given_up_and_taken_up_again(
    film: Path, tmp_path: Path, transport: Transport
) -> None:
    with (
        ServedCamera(film, Hang(at_s=1.0)) as camera,
        WatchedServed(camera, tmp_path, limits=IMPATIENT, transport=transport) as w,
    ):
        w.until(lambda w: len(w.of_epoch(2)) >= 30, "frames after")
    assert "nothing came for 1 s" in str(w.troubles[0][0])
    assert (len(w.outages), len(w.gaps)) == (1, 1)
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_stream_that_ends_is_asked_for_again(
    film: Path, tmp_path: Path, transport: Transport
) -> None:
    with (
        ServedCamera(film, Bye(at_s=1.0)) as camera,
        WatchedServed(camera, tmp_path, transport=transport) as w,
    ):
        w.until(lambda w: len(w.of_epoch(2)) >= 30, "frames after")
    assert "the camera ended the stream" in str(w.troubles[0][0])
    # Everything before the goodbye has come.
    assert [one.large for one in w.of_epoch(1)] == list(range(25))
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


# --- silence and slowness ----------------------------------------------------------------------


def test_a_silence_within_the_limit_is_an_outage_but_no_break(film: Path, tmp_path: Path) -> None:
    stall = Stall(at_s=2.0, for_s=3.0)
    with ServedCamera(film, stall) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(160)
    assert (w.epochs, w.troubles) == ([1], [])
    assert sorted({*range(160)} - {*w.numbers}) == list(range(50, 130))  # up to a keyframe
    ((outage, _),) = w.outages
    assert (outage.start_ns, outage.end_ns) == pytest.approx(
        (START_NS + 49 * PICTURE_NS, START_NS + 130 * PICTURE_NS), abs=EXACT_NS
    )
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


@pytest.mark.parametrize("reports", [Reports(), SILENT], ids=["reports", "no reports"])
def test_a_burst_after_a_silence_loses_no_picture(
    film: Path, tmp_path: Path, reports: Reports
) -> None:
    stall = Stall(at_s=2.0, for_s=2.6, keeps=True)
    limits = replace(QUICK, settle_s=0.0)
    with (
        ServedCamera(film, stall, reports=reports) as camera,
        WatchedServed(camera, tmp_path, limits=limits) as w,
    ):
        w.until_number(200)
    assert w.numbers == list(range(len(w.seen)))
    assert (w.epochs, w.troubles, w.outages, w.gaps) == ([1], [], [], [])
    assert on_time(w.seen, within_ns=EXACT_NS if reports is not SILENT else NS)
    assert_footage_shows_what_was_seen(w)


def test_a_camera_that_drips_gives_whole_pictures(film: Path, tmp_path: Path) -> None:
    with ServedCamera(film, Drip(chunk_bytes=7)) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(60)
    assert_undisturbed(w)


def test_a_drip_that_completes_no_picture_is_a_hang(film: Path, tmp_path: Path) -> None:
    drip = Drip(at_s=1.0, for_s=0.4, chunk_bytes=1, bytes_per_s=20)
    with (
        ServedCamera(film, drip) as camera,
        WatchedServed(camera, tmp_path, limits=IMPATIENT) as w,
    ):
        w.until(lambda w: len(w.of_epoch(2)) >= 30, "frames after")
    assert "nothing came for 1 s" in str(w.troubles[0][0])
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


# --- a bad line --------------------------------------------------------------------------------

BAD_LINES = {
    "loss": Loss(at_s=1.0, for_s=2.0, share=0.1, seed=1),
    "reorder": Reorder(at_s=1.0, for_s=2.0, share=0.3, seed=2),
    "damaged pictures": Corrupt(at_s=1.0, for_s=2.0, share=0.2, seed=3),
    "damaged packets": Corrupt(at_s=1.0, for_s=2.0, share=0.2, seed=4, where="packet"),
}
OFTEN = Reports(every_s=0.5)


def is_healed(watched: Watched) -> bool:
    """Whether the last second came whole, at its time, after three bad seconds and a keyframe."""
    last = watched.seen[-25:]
    return len(last) == 25 and last[0].large >= 85 and consecutive(last) and on_time(last)


def assert_well_before_and_after(watched: WatchedServed) -> None:
    """Whole and right outside the seconds that the line was bad in; never out of order."""
    before = watched.seen[:24]
    assert [one.large for one in before] == list(range(24))
    assert on_time(before)
    assert is_healed(watched)
    for earlier, later in pairwise(watched.seen):
        assert later.epoch > earlier.epoch or later.frame.device_ns > earlier.frame.device_ns
    assert {segment.epoch for segment in watched.segments} <= {*watched.epochs}
    assert watched.segments[-1].span.end_ns > watched.seen[-1].frame.device_ns


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("fault", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_harms_only_its_own_seconds(
    film: Path, tmp_path: Path, fault: Fault, transport: Transport
) -> None:
    with (
        ServedCamera(film, fault, reports=OFTEN) as camera,
        WatchedServed(camera, tmp_path, transport=transport, by_packet=True) as w,
    ):
        w.until(is_healed, "a whole second")
    assert_well_before_and_after(w)
    assert w.troubles == []


@pytest.mark.parametrize("fault", [BAD_LINES["loss"], BAD_LINES["damaged pictures"]])
def test_lost_and_damaged_pictures_break_no_time_line(
    film: Path, tmp_path: Path, fault: Fault
) -> None:
    with ServedCamera(film, fault) as camera, WatchedServed(camera, tmp_path, by_packet=True) as w:
        w.until(is_healed, "a whole second")
    assert (w.epochs, w.troubles, w.outages, w.gaps) == ([1], [], [], [])
    times = {one.frame.device_ns for one in w.seen}
    assert all(abs((at_ns - START_NS + 5_000) % PICTURE_NS) <= EXACT_NS for at_ns in times)


def test_packets_out_of_order_are_put_in_order_over_udp(film: Path, tmp_path: Path) -> None:
    with (
        ServedCamera(film, Reorder(share=0.2, depth=4)) as camera,
        WatchedServed(camera, tmp_path, transport="udp") as w,
    ):
        w.until_number(100)
    assert_undisturbed(w)


def test_a_line_that_turns_to_garbage_is_given_up_and_opened_again(
    film: Path, tmp_path: Path
) -> None:
    garbage = Corrupt(at_s=1.0, for_s=0.4, share=1.0, where="line")
    with (
        ServedCamera(film, garbage) as camera,
        WatchedServed(camera, tmp_path, limits=IMPATIENT) as w,
    ):
        w.until(is_healed, "a whole second")
    assert w.troubles
    assert_well_before_and_after(w)


# --- clocks and timestamps ---------------------------------------------------------------------


@pytest.mark.parametrize(("by_s", "words"), [(30.0, "jumped ahead by"), (-3.0, "went back by")])
@pytest.mark.parametrize("reports", [Reports(every_s=1.0), SILENT], ids=["reports", "no reports"])
def test_a_jump_of_timestamps_opens_an_epoch_and_costs_no_picture(
    film: Path, tmp_path: Path, by_s: float, words: str, reports: Reports
) -> None:
    limits = replace(QUICK, settle_s=0.0)
    with (
        ServedCamera(film, Jump(at_s=4.0, by_s=by_s), reports=reports) as camera,
        WatchedServed(camera, tmp_path, limits=limits) as w,
    ):
        w.until_number(160)
    assert w.numbers == list(range(len(w.seen)))
    assert w.troubles == []
    assert any(words in reason for reason in w.reasons)
    # The camera's own clock was right all along; without it, ours when the pictures came.
    assert on_time(w.of_epoch(w.epochs[0]), within_ns=NS if reports is SILENT else EXACT_NS)
    assert on_time(w.of_epoch(w.epochs[-1]), within_ns=NS if reports is SILENT else EXACT_NS)
    assert_footage_shows_what_was_seen(w)


def test_a_camera_whose_clock_is_wrong_keeps_its_own_time(film: Path, tmp_path: Path) -> None:
    wrong_ns = START_NS - 95 * NS
    with (
        ServedCamera(film, start_ns=wrong_ns) as camera,
        WatchedServed(camera, tmp_path) as w,
    ):
        w.until_number(60)
    assert on_time(w.seen, later_ns=-95 * NS)
    assert w.epochs == [1]
    assert all(0 <= one.frame.receipt_ns - one.frame.device_ns - 95 * NS <= NS for one in w.seen)


def test_a_clock_that_is_set_opens_an_epoch_from_the_next_report_on(
    film: Path, tmp_path: Path
) -> None:
    step = ClockStep(at_s=2.5, by_s=7.0)
    with (
        ServedCamera(film, step, reports=Reports(every_s=1.0)) as camera,
        WatchedServed(camera, tmp_path) as w,
    ):
        w.until_number(120)
    assert w.numbers == list(range(len(w.seen)))
    assert w.epochs == [1, 2]
    assert "the device's clock stepped by +7.0" in w.reasons[1]
    assert on_time(w.of_epoch(1))
    assert on_time(w.of_epoch(2), later_ns=7 * NS)
    # The report at 3 s is believed from the keyframe on that follows it or brings it.
    assert w.of_epoch(2)[0].large in (80, 90)
    assert_footage_shows_what_was_seen(w)


@pytest.mark.parametrize(("off_s", "epochs"), [(0.0, 1), (-40.0, 2)])
def test_a_late_first_report_is_taken_up(
    film: Path, tmp_path: Path, off_s: float, epochs: int
) -> None:
    # Pictures come up to `LEAD` late here: clocks that far apart still agree.
    limits = replace(QUICK, settle_s=0.0, clock=ClockPolicy(step_s=1.0))
    start_ns = START_NS + round(off_s * NS)
    with (
        ServedCamera(film, start_ns=start_ns, reports=Reports(first_s=3.0)) as camera,
        WatchedServed(camera, tmp_path, limits=limits) as w,
    ):
        w.until_number(120)
    assert w.numbers == list(range(len(w.seen)))
    assert len(w.epochs) == epochs
    assert w.seen[0].frame.clock is ClockSource.RECEIPT
    assert w.seen[-1].frame.clock is ClockSource.RTCP
    assert_footage_shows_what_was_seen(w)


def test_a_drifting_clock_is_followed_without_a_break(tmp_path: Path) -> None:
    """Five minutes in which the camera's clock gains an eighth of a second."""
    path = write_video(tmp_path / "slow.mp4", blocks((60, 80)), count=300, fps=1, gop=GOP)
    with (
        ServedCamera(path, ClockDrift(ppm=500.0)) as camera,
        WatchedServed(camera, tmp_path, fps=1, limits=replace(QUICK, hole_s=30.0)) as w,
    ):
        w.until_number(270)
    assert w.numbers == list(range(len(w.seen)))
    assert (w.epochs, w.troubles, w.outages, w.gaps) == ([1], [], [], [])
    for one in w.seen:
        clock_ns = START_NS + one.large * NS * 1_000_500 // 1_000_000
        assert abs(one.frame.device_ns - clock_ns) < 10_000_000
    assert_footage_shows_what_was_seen(w)


# --- pictures and passwords --------------------------------------------------------------------


def test_another_resolution_opens_an_epoch_and_a_segment(
    film: Path, larger: Path, tmp_path: Path
) -> None:
    resize = Resize(at_s=2.0, source=Clip(larger, loop=False))
    with ServedCamera(film, resize) as camera, WatchedServed(camera, tmp_path) as w:
        w.until_number(120)
    assert w.numbers == list(range(len(w.seen)))
    assert on_time(w.seen)
    assert [{one.frame.surface.size for one in w.of_epoch(epoch)} for epoch in w.epochs] == [
        {(240, 320)},
        {(480, 640)},
    ]
    assert [segment.size_hw for segment in w.segments] == [(240, 320), (480, 640)]
    assert (w.troubles, w.outages, w.gaps) == ([], [], [])
    assert "the picture's parameters changed" in w.reasons
    assert_footage_shows_what_was_seen(w)


@pytest.mark.parametrize(
    "known",
    [
        Credentials("viewer", "secret"),
        Credentials("viewer", "secret", algorithm="SHA-256"),
        Credentials("viewer", "secret", scheme="basic"),
        Credentials("viewer", "secret", nonce_uses=1),
    ],
    ids=["digest", "sha-256", "basic", "short-lived nonces"],
)
def test_a_camera_that_wants_a_password_gets_it(
    film: Path, tmp_path: Path, known: Credentials
) -> None:
    login = Login("viewer", "secret")
    with (
        ServedCamera(film, credentials=known) as camera,
        WatchedServed(camera, tmp_path, login=lambda: login) as w,
    ):
        w.until_number(10)
    assert_undisturbed(w)


@pytest.mark.parametrize("login", [None, Login("viewer", "wrong"), Login("admin", "secret")])
def test_who_does_not_know_the_password_is_refused(
    film: Path, tmp_path: Path, login: Login | None
) -> None:
    known = Credentials("viewer", "secret")
    with (
        ServedCamera(film, credentials=known) as camera,
        WatchedServed(camera, tmp_path, login=lambda: login) as w,
    ):
        w.until(lambda w: len(w.troubles) >= 2, "refusals")
    assert all(isinstance(error, SourceRefused) for error, _ in w.troubles)
    assert w.seen == []


def test_a_password_changed_meanwhile_is_used_as_soon_as_it_is_known(
    film: Path, tmp_path: Path
) -> None:
    logins = [Login("viewer", "first")]
    change = Password(at_s=2.0, credentials=Credentials("viewer", "second"))
    with (
        ServedCamera(film, change, credentials=Credentials("viewer", "first")) as camera,
        WatchedServed(camera, tmp_path, login=lambda: logins[-1]) as w,
    ):
        w.until(lambda w: any(isinstance(e, SourceRefused) for e, _ in w.troubles), "a refusal")
        logins.append(Login("viewer", "second"))
        w.until(lambda w: len(w.of_epoch(2)) >= 20, "frames after")
    assert len(w.outages) == 1
    assert on_time(w.seen)
    assert_footage_shows_what_was_seen(w)


# --- two streams -------------------------------------------------------------------------------


class TwoStreams:
    """A large and a small stream in the world's time; the small one's numbers begin at 1000."""

    def __init__(self, film: Path, small: Path, *faults: Fault) -> None:
        mounts = {"main": Mount(Clip(film)), "sub": Mount(Clip(small), faults=Faults(faults))}
        self.server = CameraServer(mounts)

    def url(self, mount: str = "/main") -> str:
        return self.server.url(mount.strip("/"))


def test_the_large_stream_goes_on_while_the_small_one_restarts(film: Path, tmp_path: Path) -> None:
    small = clip(tmp_path / "small.mp4", count=500, first=1000, size_hw=(120, 160))
    camera = TwoStreams(film, small, Restart(at_s=0.8, down_s=1.5))
    with camera.server, Watched(camera, tmp_path, limits=QUICK, sub=True) as w:
        w.until(lambda w: any(one.small >= 1000 for one in w.seen), "pairs")
        w.until(lambda w: w.troubles and w.seen[-1].small == w.seen[-1].large, "the large alone")
        w.until(lambda w: w.seen[-1].small >= 1000, "pairs again")
    assert consecutive(w.seen)
    assert w.epochs == [1]
    assert w.outages == []
    paired = [one for one in w.seen if one.small >= 1000]
    assert {one.frame.surface.size for one in w.seen} == {(240, 320)}
    assert max(abs(one.small - 1000 - one.large) for one in paired) < 25


# --- all at once -------------------------------------------------------------------------------


def test_a_bad_day_ends_with_the_right_pictures(film: Path, larger: Path, tmp_path: Path) -> None:
    day = (
        Drip(at_s=0.0, for_s=1.0),
        Loss(at_s=1.0, for_s=1.0, share=0.2),
        Restart(at_s=3.0, down_s=1.0),
        Corrupt(at_s=5.0, for_s=1.0, share=0.2, where="packet"),
        Stall(at_s=7.0, for_s=2.5),
        Jump(at_s=10.0, by_s=20.0),
        Bye(at_s=12.0),
    )
    with (
        ServedCamera(film, *day) as camera,
        WatchedServed(camera, tmp_path, by_packet=True, limits=IMPATIENT) as w,
    ):
        w.until(lambda w: w.seen and w.seen[-1].frame.device_ns > START_NS + 18 * NS, "the evening")
    last = [one for one in w.seen if one.frame.device_ns > START_NS + 14 * NS]
    assert consecutive(last)
    assert on_time(last)
    assert len(w.outages) >= 3
    assert w.segments
