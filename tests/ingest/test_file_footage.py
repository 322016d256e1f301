"""A file's packets recorded at the times of the file's pictures."""

from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import pytest

from core.clocks import NS
from core.ids import IdSource
from core.types import FootageSegment, TimeSpan
from index.footage import FileFootageStore
from ingest.files import FileSource
from ingest.recorder import Recorder
from tests.ingest.videos import write_video

START_NS = 1_760_000_000 * NS


def recorded(
    tmp_path: Path, video: Path
) -> tuple[list[FootageSegment], list[TimeSpan], list[int], list[int]]:
    """Segments, gaps, the pictures' device times, and the footage's by its rows."""
    segments: list[FootageSegment] = []
    gaps: list[TimeSpan] = []
    store = FileFootageStore(tmp_path / "footage", writer=1, reserve_bytes=0)
    recorder = Recorder(
        1,
        store,
        next_id=IdSource(1, lambda: START_NS).next,
        on_segment=segments.append,
        on_gap=lambda span, _: gaps.append(span),
        segment_s=1.0,
        reserve_bytes=0,
    )
    source = FileSource(
        1, video, START_NS, next_epoch=count(1).__next__, on_packet=recorder.on_packet
    )
    seen = [frame.device_ns for frame in source]
    recorder.close()
    kept = []
    for segment in segments:
        with av.open(str(tmp_path / "footage" / segment.key)) as container:
            base = Fraction(*segment.time_base)
            kept += [
                segment.span.start_ns + round((packet.pts - segment.first_pts) * base * NS)
                for packet in container.demux(video=0)
                if packet.pts is not None
            ]
    store.close()
    return segments, gaps, seen, sorted(kept)


@pytest.mark.parametrize(
    ("name", "b_frames"), [("v.mp4", 2), ("v.mkv", 2), ("v.ts", 0), ("v.avi", 0)]
)
def test_footage_lies_where_the_pictures_do(tmp_path: Path, name: str, b_frames: int) -> None:
    video = write_video(tmp_path / name, count=60, b_frames=b_frames)
    segments, gaps, seen, kept = recorded(tmp_path, video)
    assert kept == pytest.approx(seen, abs=1_000_000)
    assert len(segments) == 3
    assert gaps == []


def test_a_gap_in_a_file_is_a_gap_in_the_footage(tmp_path: Path) -> None:
    pts = [*range(25), *range(525, 550)]
    segments, gaps, seen, kept = recorded(
        tmp_path, write_video(tmp_path / "v.mp4", count=50, gop=5, pts=pts)
    )
    assert kept == pytest.approx(seen, abs=1_000_000)
    assert [segment.epoch for segment in segments] == [1, 2]
    assert [round(gap.duration_s) for gap in gaps] == [20]


def test_a_file_whose_timestamps_go_back_goes_on_in_a_new_epoch(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.ts", count=30)
    both = tmp_path / "both.ts"
    both.write_bytes(video.read_bytes() * 2)
    segments, gaps, seen, kept = recorded(tmp_path, both)
    assert kept == pytest.approx(seen, abs=1_000_000)
    assert {segment.epoch for segment in segments} == {1, 2}
    assert gaps == []


def test_a_raw_stream_is_placed_by_its_rate(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.h264", count=50, format="h264")
    _, _, seen, kept = recorded(tmp_path, video)
    assert len(kept) == len(seen) == 50
    assert kept[-1] - kept[0] == pytest.approx(seen[-1] - seen[0], abs=1_000_000)
