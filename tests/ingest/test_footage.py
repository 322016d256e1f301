"""Kept packets read again: the picture at an instant, the original clip, the copy for a browser."""

import hashlib
import io
import itertools
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from core.clocks import NS
from core.errors import InvalidInput, MediaCorrupt, NotFound
from core.types import FootageSegment, TimeSpan
from index.footage import FileFootageStore
from ingest.files import FileSource
from ingest.footage import FootageReader, device_at, pts_at
from ingest.recorder import Recorder
from tests.ingest.videos import number_in, numbered, write_video

START_NS = 1_777_852_500 * NS
FPS = 25
Part = tuple[Path, FootageSegment]


def recorded(
    folder: Path, *, count: int = 100, b_frames: int = 0, segment_s: float = 60
) -> list[Part]:
    """Segments of a clip whose pictures carry their number, as the recorder keeps them."""
    video = write_video(folder / "v.mp4", numbered(), count=count, gop=25, b_frames=b_frames)
    store = FileFootageStore(folder / "footage", writer=1, reserve_bytes=0)
    segments: list[FootageSegment] = []
    ids = itertools.count(1).__next__
    recorder = Recorder(
        7, store, next_id=ids, on_segment=segments.append, segment_s=segment_s, reserve_bytes=0
    )
    source = FileSource(7, video, START_NS, next_epoch=ids, on_packet=recorder.on_packet)
    assert sum(1 for _ in source) == count
    recorder.close()
    return [(folder / "footage" / segment.key, segment) for segment in segments]


def at(number: int) -> int:
    """The device time of a picture."""
    return START_NS + number * NS // FPS


def pictures_of(content: bytes) -> list[int]:
    with av.open(io.BytesIO(content), "r") as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [number_in(np.asarray(picture, np.uint8)) for picture in pictures]


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("number", [0, 1, 24, 25, 60, 99])
def test_frame_is_the_picture_of_that_instant(tmp_path: Path, number: int, b_frames: int) -> None:
    path, segment = recorded(tmp_path, b_frames=b_frames)[0]
    frame = FootageReader().frame(path, segment, at(number))
    height, width = frame.surface.size
    assert number_in(frame.surface.luma((height, width))) == number
    assert frame.device_ns == at(number)


def test_frame_between_two_pictures_is_the_earlier(tmp_path: Path) -> None:
    path, segment = recorded(tmp_path)[0]
    frame = FootageReader().frame(path, segment, at(30) + NS // FPS - 1)
    assert frame.device_ns == at(30)


def test_pts_of_a_pictures_own_time_is_its_own(tmp_path: Path) -> None:
    _, segment = recorded(tmp_path, count=25)[0]
    for pts in range(segment.first_pts, segment.first_pts + 2000, 7):
        assert pts_at(segment, device_at(segment, pts)) == pts


def test_clip_begins_at_the_keyframe_before(tmp_path: Path) -> None:
    parts = recorded(tmp_path)
    content = FootageReader().clip(parts, TimeSpan(at(30), at(60)), not_before_ns=at(0))
    numbers = pictures_of(content)
    assert numbers[0] == 25
    assert set(range(30, 60)) <= set(numbers)


def test_clip_holds_no_picture_from_before_what_is_granted(tmp_path: Path) -> None:
    parts = recorded(tmp_path)
    content = FootageReader().clip(parts, TimeSpan(at(30), at(80)), not_before_ns=at(30))
    assert pictures_of(content)[0] == 50


def test_clip_holds_the_recorded_packets_untouched(tmp_path: Path) -> None:
    parts = recorded(tmp_path)
    content = FootageReader().clip(parts, TimeSpan(at(0), at(100)), not_before_ns=at(0))
    assert _hashes(io.BytesIO(content)) == _hashes(parts[0][0])


def test_clip_goes_on_over_segments_without_a_jump(tmp_path: Path) -> None:
    parts = recorded(tmp_path, segment_s=1)
    assert len(parts) == 4
    content = FootageReader().clip(parts, TimeSpan(at(0), at(100)), not_before_ns=at(0))
    with av.open(io.BytesIO(content), "r") as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([number / FPS for number in range(100)], abs=1e-3)


def test_clip_of_two_sizes_says_what_does_not_fit(tmp_path: Path) -> None:
    path, segment = recorded(tmp_path)[0]
    other = replace(segment, size_hw=(1, 1))
    with pytest.raises(InvalidInput, match="one codec and size"):
        FootageReader().clip(
            [(path, segment), (path, other)], TimeSpan(at(0), at(9)), not_before_ns=at(0)
        )


def test_clip_without_a_packet_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        FootageReader().clip(recorded(tmp_path), TimeSpan(at(5000), at(5001)), not_before_ns=at(0))


def test_proxy_shows_just_the_span_and_says_what_it_is(tmp_path: Path) -> None:
    content = FootageReader().proxy(recorded(tmp_path), TimeSpan(at(30), at(60)))
    assert pictures_of(content) == list(range(30, 60))
    with av.open(io.BytesIO(content), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert "derived" in container.metadata["comment"]


def test_a_damaged_segment_is_an_error_and_no_empty_answer(tmp_path: Path) -> None:
    path, segment = recorded(tmp_path)[0]
    path.write_bytes(b"no video at all, although it is called one")
    with pytest.raises(MediaCorrupt, match=path.name):
        FootageReader().frame(path, segment, at(3))


def _hashes(file: Path | io.BytesIO) -> list[str]:
    with av.open(file if isinstance(file, io.BytesIO) else str(file), "r") as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return [hashlib.sha256(packet).hexdigest() for packet in packets]
