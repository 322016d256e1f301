"""Footage as recorded: original packets, cut where they may be, and every gap said."""

import hashlib
import resource
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from core.clocks import NS
from core.errors import StorageFull
from core.ids import IdSource
from core.types import FootageSegment, TimeSpan
from index.footage import FileFootageStore
from ingest.packets import VideoPacket
from ingest.recorder import Recorder
from ingest.units import units
from tests.ingest.videos import flat, moving_box, write_video

START_NS = 1_760_000_000 * NS
CAMERA = 7
HEVC = {"codec": "libx265", "options": {"x265-params": "log-level=none"}}


@dataclass
class Shelf:
    """A real footage store in a folder, and what the recorder said."""

    root: Path
    segments: list[FootageSegment] = field(default_factory=list)
    gaps: list[tuple[TimeSpan, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = FileFootageStore(self.root, writer=1, reserve_bytes=0)
        self.next_id = IdSource(1, lambda: START_NS).next

    def recorder(self, **options: Any) -> Recorder:
        defaults = {
            "next_id": self.next_id,
            "on_segment": self.segments.append,
            "on_gap": lambda span, reason: self.gaps.append((span, reason)),
            "segment_s": 2.0,
            "reserve_bytes": 0,
            "free": lambda _: 1 << 40,
        }
        return Recorder(CAMERA, self.store, **{**defaults, **options})

    def path(self, segment: FootageSegment) -> Path:
        return self.root / segment.key


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "footage")
    yield shelf
    shelf.store.close()


def fed(
    recorder: Recorder,
    video: Path,
    *,
    start_ns: int = START_NS,
    epoch: Callable[[int], int] = lambda _: 1,
    late_ns: Callable[[int], int] = lambda _: 0,
    wanted: Callable[[int], bool] = lambda _: True,
) -> list[bytes]:
    """Feed a file's packets as a camera's; those that were fed."""
    taken = []
    with av.open(str(video)) as container:
        first: int | None = None
        for number, packet in enumerate(container.demux(video=0)):
            if not packet.size or not wanted(number):
                continue
            pts = packet.pts if packet.pts is not None else 0
            first = pts if first is None else first
            since_ns = int((pts - first) * Fraction(packet.time_base) * NS)
            recorder.on_packet(packet, start_ns + since_ns + late_ns(number), epoch(number))
            taken.append(bytes(packet))
    return taken


def fed_and_closed(recorder: Recorder, video: Path) -> None:
    fed(recorder, video)
    recorder.close()


def packets_of(path: Path) -> list[VideoPacket]:
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def digests(payloads: Iterable[bytes]) -> list[str]:
    return [hashlib.sha256(payload).hexdigest() for payload in payloads]


def kept_payloads(shelf: Shelf) -> list[bytes]:
    return [bytes(p) for segment in shelf.segments for p in packets_of(shelf.path(segment))]


def length_prefixed_units(payload: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 4])
        found.append(payload[at + 4 : at + 4 + size])
        at += 4 + size
    return found


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("h264.mp4", {"b_frames": 2}),
        ("hevc.mp4", HEVC),
        ("mjpeg.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    ],
)
def test_stored_packets_are_the_camera_s_byte_for_byte(
    shelf: Shelf, tmp_path: Path, name: str, encoding: dict[str, Any]
) -> None:
    recorder = shelf.recorder()
    given = fed(recorder, write_video(tmp_path / name, count=120, **encoding))
    recorder.close()
    assert digests(kept_payloads(shelf)) == digests(given)
    assert len(shelf.segments) == 3
    assert shelf.gaps == []


@pytest.mark.parametrize("encoding", [{"b_frames": 2}, HEVC])
def test_stored_nal_units_are_the_annex_b_stream_s(
    shelf: Shelf, tmp_path: Path, encoding: dict[str, Any]
) -> None:
    recorder = shelf.recorder()
    given = fed(recorder, write_video(tmp_path / "v.ts", count=60, **encoding))
    recorder.close()
    stored = [unit for payload in kept_payloads(shelf) for unit in length_prefixed_units(payload)]
    assert digests(stored) == digests(unit for payload in given for unit in units(payload))


def test_segments_begin_at_keyframes_and_follow_without_a_gap(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    fed(recorder, write_video(tmp_path / "v.mp4", count=160, gop=20))
    recorder.close()
    spans = [segment.span for segment in shelf.segments]
    # 6.4 s cut at the keyframes every 0.8 s that lie at least 2 s into a segment.
    assert [round(span.duration_s, 3) for span in spans] == [2.4, 2.4, 1.6]
    assert all(a.end_ns == b.start_ns for a, b in pairwise(spans))
    assert all(packets_of(shelf.path(s))[0].is_keyframe for s in shelf.segments)


def test_a_row_ties_the_file_s_timestamps_to_device_time(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    fed(recorder, write_video(tmp_path / "v.mp4", count=110, b_frames=2))
    recorder.close()
    shown = []
    for segment in shelf.segments:
        base = Fraction(*segment.time_base)
        for packet in packets_of(shelf.path(segment)):
            assert packet.pts is not None
            assert packet.time_base == base
            at_ns = segment.span.start_ns + (packet.pts - segment.first_pts) * base * NS
            shown.append(round(at_ns - START_NS))
    assert sorted(shown) == [number * NS // 25 for number in range(110)]


def test_a_row_describes_its_file(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    fed(recorder, write_video(tmp_path / "v.mp4", count=30), epoch=lambda _: 4)
    recorder.close()
    (segment,) = shelf.segments
    content = shelf.path(segment).read_bytes()
    assert (segment.camera_id, segment.epoch, segment.codec) == (CAMERA, 4, "h264")
    assert segment.size_hw == (180, 320)
    assert (segment.size_bytes, segment.sha256) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
    )


def test_av1_keeps_its_own_name(shelf: Shelf, tmp_path: Path) -> None:
    quick = {"preset": "12"}
    recorder = shelf.recorder()
    fed(recorder, write_video(tmp_path / "v.mp4", count=5, codec="libsvtav1", options=quick))
    recorder.close()
    assert shelf.segments[0].codec == "av1"


def test_an_epoch_s_end_cuts_and_what_no_keyframe_precedes_is_a_gap(
    shelf: Shelf, tmp_path: Path
) -> None:
    recorder = shelf.recorder(segment_s=60.0)
    fed(recorder, write_video(tmp_path / "v.mp4", count=75), epoch=lambda n: 1 if n < 30 else 2)
    recorder.close()
    assert [segment.epoch for segment in shelf.segments] == [1, 2]
    # Pictures 30 to 49 wait for the keyframe at 50.
    ((span, reason),) = shelf.gaps
    assert span == TimeSpan(START_NS + 30 * NS // 25, START_NS + 2 * NS)
    assert reason == "the time line broke; 20 packets not kept"


def test_an_outage_between_epochs_is_a_gap(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder(segment_s=60.0)
    video = write_video(tmp_path / "v.mp4", count=50)
    fed(recorder, video)
    fed(recorder, video, start_ns=START_NS + 10 * NS, epoch=lambda _: 2)
    recorder.close()
    assert [span for span, _ in shelf.gaps] == [TimeSpan(START_NS + 2 * NS, START_NS + 10 * NS)]


def test_a_clock_that_goes_back_leaves_no_gap(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder(segment_s=60.0)
    video = write_video(tmp_path / "v.mp4", count=50)
    fed(recorder, video)
    fed(recorder, video, start_ns=START_NS - 10 * NS, epoch=lambda _: 2)
    recorder.close()
    assert len(shelf.segments) == 2
    assert shelf.gaps == []


def test_a_clock_that_slid_begins_a_new_segment_so_that_rows_stay_exact(
    shelf: Shelf, tmp_path: Path
) -> None:
    recorder = shelf.recorder(segment_s=60.0)
    slid = 15_000_000
    video = write_video(tmp_path / "v.mp4", count=75)
    fed(recorder, video, late_ns=lambda n: slid if n >= 50 else 0)
    recorder.close()
    assert [s.span.start_ns - START_NS for s in shelf.segments] == [0, 2 * NS + slid]
    assert shelf.gaps == []


def test_a_stream_s_changed_parameters_begin_a_new_segment(shelf: Shelf, tmp_path: Path) -> None:
    small = write_video(tmp_path / "a.ts", count=30)
    large = write_video(tmp_path / "b.ts", moving_box((360, 640)), count=30)
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    recorder = shelf.recorder(segment_s=60.0)
    fed(recorder, both)
    recorder.close()
    assert [segment.size_hw for segment in shelf.segments] == [(180, 320), (360, 640)]
    with av.open(str(shelf.path(shelf.segments[1]))) as container:
        first = next(container.decode(video=0))
        assert (first.height, first.width) == (360, 640)


def test_packets_before_the_first_keyframe_are_a_gap(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    fed(recorder, write_video(tmp_path / "v.mp4", count=50), wanted=lambda n: n >= 10)
    recorder.close()
    ((span, reason),) = shelf.gaps
    assert span.duration_s == pytest.approx(15 / 25)
    assert reason == "no keyframe had come yet; 15 packets not kept"


def test_packets_without_device_time_are_placed_by_their_own(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    with av.open(str(write_video(tmp_path / "v.mp4", count=50))) as container:
        for number, packet in enumerate(container.demux(video=0)):
            recorder.on_packet(packet, START_NS if number == 0 else None, 1)
    recorder.close()
    assert shelf.segments[0].span.duration_s == 2.0


def test_a_raw_stream_without_timestamps_is_placed_by_device_time(
    shelf: Shelf, tmp_path: Path
) -> None:
    recorder = shelf.recorder()
    times = count(START_NS, NS // 25)
    with av.open(str(write_video(tmp_path / "v.h264", count=50, format="h264"))) as container:
        for packet in container.demux(video=0):
            recorder.on_packet(packet, next(times), 1)
    recorder.close()
    pts = [p.pts for p in packets_of(shelf.path(shelf.segments[0])) if p.pts is not None]
    base = Fraction(*shelf.segments[0].time_base)
    assert [float((b - a) * base) for a, b in pairwise(pts)] == pytest.approx([0.04] * 49)


def test_a_camera_s_packet_is_not_changed_by_recording_it(shelf: Shelf, tmp_path: Path) -> None:
    recorder = shelf.recorder()
    with av.open(str(write_video(tmp_path / "v.mp4", count=10))) as container:
        for packet in container.demux(video=0):
            before = (packet.pts, packet.dts, packet.duration, packet.time_base, packet.stream)
            recorder.on_packet(packet, START_NS, 1)
            after = (packet.pts, packet.dts, packet.duration, packet.time_base, packet.stream)
            assert after == before
    recorder.close()


# --- room --------------------------------------------------------------------------------------


def test_no_segment_begins_under_the_reserve_and_what_is_held_stays(
    shelf: Shelf, tmp_path: Path
) -> None:
    room = [1 << 40]
    recorder = shelf.recorder(segment_s=1.0, reserve_bytes=1 << 30, free=lambda _: room[0])
    video = write_video(tmp_path / "v.mp4", count=50)
    fed(recorder, video)
    room[0] = 1 << 29
    with pytest.raises(StorageFull, match="512 MiB are free"):
        fed(recorder, video, start_ns=START_NS + 2 * NS)
    assert [segment.span.duration_s for segment in shelf.segments] == [1.0, 1.0]
    shelf.store.verify(shelf.segments)


def test_recording_goes_on_when_there_is_room_again_and_the_gap_is_said(
    shelf: Shelf, tmp_path: Path
) -> None:
    room = [0]
    recorder = shelf.recorder(free=lambda _: room[0])
    video = write_video(tmp_path / "v.mp4", count=25)
    with pytest.raises(StorageFull):
        fed(recorder, video)
    room[0] = 1 << 40
    fed(recorder, video, start_ns=START_NS + 5 * NS)
    recorder.close()
    ((span, reason),) = shelf.gaps
    assert span == TimeSpan(START_NS, START_NS + 5 * NS)
    assert "the disk was full" in reason


@contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond that: what a full disk looks like to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_in_mid_segment_keeps_the_fragments_before(
    shelf: Shelf, tmp_path: Path
) -> None:
    noise = (flat((180, 320), (n * 37 % 256, n * 91 % 256, n * 53 % 256)) for n in range(250))
    video = write_video(tmp_path / "v.mp4", noise, options={"qp": "1"}, gop=5)
    half = video.stat().st_size // 2
    recorder = shelf.recorder(segment_s=60.0)
    with pytest.raises(StorageFull, match="no room left"), files_limited_to(half):
        fed(recorder, video)
    (segment,) = shelf.segments
    held = packets_of(shelf.path(segment))
    assert 50 < len(held) < 250
    assert segment.span.duration_s == pytest.approx(len(held) / 25)
    shelf.store.verify(shelf.segments)


# --- finishing beside --------------------------------------------------------------------------


def test_files_finished_on_another_thread_are_all_there_after_close(
    shelf: Shelf, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as beside:
        recorder = shelf.recorder(segment_s=1.0, finishing=beside)
        given = fed(recorder, write_video(tmp_path / "v.mp4", count=100))
        recorder.close()
    assert digests(kept_payloads(shelf)) == digests(given)


def test_what_fails_while_finishing_beside_is_raised_by_a_later_call(
    shelf: Shelf, tmp_path: Path
) -> None:
    def refuse(segment: FootageSegment) -> None:
        raise StorageFull(f"no room for the row of {segment.segment_id}")

    with ThreadPoolExecutor(1) as beside:
        recorder = shelf.recorder(segment_s=1.0, finishing=beside, on_segment=refuse)
        video = write_video(tmp_path / "v.mp4", count=100)
        with pytest.raises(StorageFull, match="no room for the row"):
            fed_and_closed(recorder, video)
