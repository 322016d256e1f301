import wave
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import pytest

from core.errors import CaseTraceError, MediaCorrupt, SourceUnavailable
from scenes.rtsp.sources import Clip, Encoded, VideoPacket
from scenes.rtsp.units import TICKS, kind
from tests.ingest.videos import as_frame, textured, write_video


def film(path: Path, *, count: int = 30, b_frames: int = 0) -> Path:
    return write_video(path, count=count, fps=25, gop=10, b_frames=b_frames)


def test_a_file_s_pictures_come_in_decoding_order_from_time_zero(tmp_path: Path) -> None:
    pictures = list(Clip(film(tmp_path / "film.mp4", b_frames=2), loop=False))
    assert sorted(picture.pts for picture in pictures) == [row * 3600 for row in range(30)]
    assert all(earlier.at < later.at for earlier, later in pairwise(pictures))
    assert all(picture.at <= picture.pts for picture in pictures)
    assert pictures[0].pts == 0
    assert pictures[0].keyframe


def test_every_keyframe_brings_its_parameter_sets(tmp_path: Path) -> None:
    pictures = list(Clip(film(tmp_path / "film.mp4"), loop=False))
    assert sum(picture.keyframe for picture in pictures) == 3
    for picture in pictures:
        kinds = {kind("h264", unit) for unit in picture.units}
        assert ({7, 8} <= kinds) == picture.keyframe


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_any_container_gives_the_same_units(tmp_path: Path, suffix: str) -> None:
    first = list(Clip(film(tmp_path / "film.mp4"), loop=False))
    other = list(Clip(film(tmp_path / f"other{suffix}"), loop=False))
    slices = [[u for u in picture.units if kind("h264", u) in (1, 5)] for picture in first]
    assert [[u for u in picture.units if kind("h264", u) in (1, 5)] for picture in other] == slices


@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_loop_goes_on_in_time_without_a_seam(tmp_path: Path, b_frames: int) -> None:
    clip = Clip(film(tmp_path / "film.mp4", b_frames=b_frames))
    pictures = list(islice(clip, 75))
    assert all(earlier.at < later.at for earlier, later in pairwise(pictures))
    assert sorted(picture.pts for picture in pictures[:60]) == [row * 3600 for row in range(60)]
    assert pictures[30].units == pictures[0].units


def test_a_file_can_be_played_again(tmp_path: Path) -> None:
    clip = Clip(film(tmp_path / "film.mp4"), loop=False)
    assert list(clip) == list(clip)


def encoded(context: av.VideoCodecContext, count: int) -> Iterator[VideoPacket]:
    for row in range(count):
        frame = as_frame(textured())
        frame.pts, frame.time_base = row, Fraction(1, 10)
        yield from context.encode(frame)
    yield from context.encode(None)


def encoder(*, global_header: bool) -> av.VideoCodecContext:
    context = av.VideoCodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 320, 180, "yuv420p"
    context.time_base, context.gop_size, context.thread_count = Fraction(1, 10), 5, 1
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    if global_header:
        context.flags |= 1 << 22
    context.open()
    return context


@pytest.mark.parametrize("global_header", [False, True])
def test_packets_of_an_encoder_are_pictures(*, global_header: bool) -> None:
    context = encoder(global_header=global_header)
    extradata = bytes(context.extradata or b"") if global_header else b""
    source = Encoded(encoded(context, 12), extradata=extradata)
    assert [kind("h264", unit) for unit in source.sets] == [7, 8]
    pictures = list(source)
    assert [picture.pts for picture in pictures] == [row * TICKS // 10 for row in range(12)]
    assert [row for row, picture in enumerate(pictures) if picture.keyframe] == [0, 5, 10]


def test_an_encoder_without_a_packet_is_refused() -> None:
    with pytest.raises(MediaCorrupt, match="the encoder: its parameter sets are missing"):
        Encoded([])


def test_other_codecs_are_refused_by_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", count=3, codec="mpeg4")
    with pytest.raises(MediaCorrupt, match=r"want H\.264 or H\.265, got mpeg4"):
        Clip(path)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (None, SourceUnavailable, "no such file"),
        (b"", MediaCorrupt, "no video file"),
        (b"not a video" * 100, MediaCorrupt, "no video file"),
    ],
)
def test_what_is_no_video_is_said(
    tmp_path: Path, content: bytes | None, error: type[CaseTraceError], words: str
) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=f"film.mp4: {words}"):
        Clip(path)


def test_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="a folder, not a video file"):
        Clip(tmp_path)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    with pytest.raises(MediaCorrupt, match="no video in it"):
        Clip(path)
