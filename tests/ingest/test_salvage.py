"""What a killed recorder leaves behind."""

import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from core.clocks import NS
from core.errors import MediaCorrupt
from core.types import FootageSegment
from index.footage import FileFootageStore
from ingest.salvage import recover_staged, salvaged
from ingest.segment import Origin, SegmentFile
from tests.ingest.videos import write_video

START_NS = 1_760_000_000 * NS
ORIGIN = Origin(segment_id=99, camera_id=7, epoch=3, start_ns=START_NS)

# Records without end at an even pace of 1000 pictures per write, until it is killed.
ENDLESS = """
import sys
from itertools import count
from pathlib import Path
import av
from core.clocks import NS
from core.ids import IdSource
from index.footage import FileFootageStore
from ingest.recorder import Recorder

root, video = map(Path, sys.argv[1:])
store = FileFootageStore(root, writer=1, reserve_bytes=0)
recorder = Recorder(7, store, next_id=IdSource(1, lambda: 1_760_000_000 * NS).next,
                    on_segment=print, segment_s=3600.0, reserve_bytes=0)
at = count(1_760_000_000 * NS, NS // 25)
container = av.open(str(video))
for packet in container.demux(video=0):
    recorder.on_packet(packet, next(at), 3)
print("written", flush=True)
sys.stdin.read()
"""


def half_written(path: Path, video: Path, *, count: int = 10_000) -> int:
    """A segment that nobody finished; how many packets went in."""
    written = 0
    with av.open(str(video)) as container:
        file = None
        for packet in container.demux(video=0):
            if not packet.size or written == count:
                break
            file = file or SegmentFile(path, ORIGIN, packet)
            file.write(packet)
            written += 1
        left = path.read_bytes()  # before anything is closed
        if file is not None:
            file.abandon()
    path.write_bytes(left)
    return written


def packet_count(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def test_a_recorder_killed_in_mid_segment_loses_at_most_its_last_fragment(tmp_path: Path) -> None:
    root = tmp_path / "footage"
    video = write_video(tmp_path / "v.mp4", count=130)
    command = [sys.executable, "-c", ENDLESS, str(root), str(video)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        process.wait(300)

    rows: list[FootageSegment] = []
    store = FileFootageStore(root, writer=1, reserve_bytes=0)
    kept = recover_staged(sorted((root / "staging").rglob("*.mp4")), store, rows.append)
    store.close()

    assert rows == kept
    (segment,) = kept
    # Fragments of a second: of 5.2 s at least 4 are there.
    assert packet_count(root / segment.key) in range(100, 131)
    assert segment.span.start_ns == START_NS
    assert segment.epoch == 3
    store.verify(kept)


def test_a_recovered_segment_has_a_row_that_ties_its_timestamps(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    half_written(path, write_video(tmp_path / "v.mp4", count=100, b_frames=2))
    segment = salvaged(path)
    assert segment is not None
    assert (segment.segment_id, segment.camera_id) == (99, 7)
    with av.open(str(path)) as container:
        pts = [p.pts for p in container.demux(video=0) if p.pts is not None and p.size]
    base = Fraction(*segment.time_base)
    shown = sorted(round((p - segment.first_pts) * base * 25) for p in pts)
    assert shown == list(range(len(pts)))
    assert segment.span.duration_s == pytest.approx(len(pts) / 25)


@pytest.mark.parametrize("cut_bytes", [1, 7, 100, 1000])
def test_a_torn_end_is_cut_behind_the_last_whole_fragment(tmp_path: Path, cut_bytes: int) -> None:
    path = tmp_path / "a.mp4"
    half_written(path, write_video(tmp_path / "v.mp4", count=100))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut_bytes])
    segment = salvaged(path)
    assert segment is not None
    assert path.stat().st_size < len(whole) - cut_bytes
    assert packet_count(path) in (50, 75)


def test_a_matroska_segment_is_salvaged_too(tmp_path: Path) -> None:
    path = tmp_path / "a"
    video = write_video(tmp_path / "v.avi", count=60, codec="ffv1", format="avi")
    half_written(path, video)
    segment = salvaged(path)
    assert segment is not None
    assert segment.codec == "ffv1"


def test_a_finished_segment_is_salvaged_whole(tmp_path: Path) -> None:
    path, video = tmp_path / "a.mp4", write_video(tmp_path / "v.mp4", count=30)
    with av.open(str(video)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        file = SegmentFile(path, ORIGIN, packets[0])
        for packet in packets:
            file.write(packet)
        row = file.finish(START_NS + 30 * NS // 25)
    assert salvaged(path) == row


@pytest.mark.parametrize("content", [b"", b"\0", b"not a video at all" * 50])
def test_a_file_without_a_whole_fragment_gives_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert salvaged(path) is None
    assert recover_staged([path], FileFootageStore(tmp_path / "f"), print) == []


def test_a_video_that_is_not_ours_gives_nothing(tmp_path: Path) -> None:
    assert salvaged(write_video(tmp_path / "v.mp4", count=5)) is None


@pytest.mark.parametrize("comment", ["", "x", "{}", "[1]", '{"segment_id": "x"}'])
def test_a_comment_that_is_not_ours_is_told(comment: str) -> None:
    with pytest.raises(MediaCorrupt):
        Origin.decoded(comment)


def test_an_origin_is_read_as_it_was_written() -> None:
    assert Origin.decoded(ORIGIN.encoded(5, Fraction(1, 90_000))) == ORIGIN
