"""Files as cameras: every picture once, at its time, and a clear word about what is broken."""

import itertools
import os
import socket
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.clocks import NS
from core.errors import CaseTraceError, MediaCorrupt, SourceRefused, SourceUnavailable
from core.types import ClockSource, Frame
from ingest.files import FileSource
from ingest.media import summary_of
from ingest.packets import VideoPacket
from ingest.tape import OnPacket
from tests.ingest.videos import flat, number_in, numbered, textured, write_video

START_NS = 1_777_852_500 * NS


def source(
    path: Path,
    *,
    camera_id: int = 7,
    on_packet: OnPacket | None = None,
    skip_nonref: bool = False,
    decode_threads: int = 1,
    gap_s: float = 5.0,
    max_pixels: int = 64_000_000,
) -> FileSource:
    return FileSource(
        camera_id,
        path,
        START_NS,
        next_epoch=itertools.count(1).__next__,
        now=lambda: 42,
        on_packet=on_packet,
        skip_nonref=skip_nonref,
        decode_threads=decode_threads,
        gap_s=gap_s,
        max_pixels=max_pixels,
    )


def numbers(frames: list[Frame]) -> list[int]:
    return [number_in(frame.surface.luma((90, 160))) for frame in frames]


def offsets_s(frames: list[Frame]) -> list[float]:
    return [(frame.device_ns - START_NS) / NS for frame in frames]


def until_broken(reader: FileSource) -> tuple[list[Frame], str]:
    """The frames before `MediaCorrupt`, and what it said."""
    frames: list[Frame] = []
    with pytest.raises(MediaCorrupt) as caught:
        frames.extend(reader)
    return frames, str(caught.value)


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


CONTAINERS: dict[str, dict[str, str]] = {
    "mp4": {},
    "mkv": {"format": "matroska"},
    "ts": {"format": "mpegts"},
    "avi": {"format": "avi", "codec": "mpeg4"},
    "h264": {"format": "h264"},
    "flv": {"format": "flv"},
    "webm": {"codec": "libvpx"},
}


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_picture_comes_once_and_in_order(tmp_path: Path, suffix: str) -> None:
    kind = CONTAINERS[suffix]
    path = write_video(
        tmp_path / f"v.{suffix}",
        numbered(),
        count=30,
        codec=kind.get("codec", "libx264"),
        format=kind.get("format"),
    )
    frames = list(source(path))
    assert numbers(frames) == list(range(30))
    assert offsets_s(frames) == pytest.approx([k / 25 for k in range(30)], abs=0.001)


@pytest.mark.parametrize("threads", [1, 2])
def test_pictures_decoded_out_of_order_come_in_order(tmp_path: Path, threads: int) -> None:
    path = write_video(tmp_path / "v.mp4", numbered(), count=40, b_frames=3)
    frames = list(source(path, decode_threads=threads))
    assert numbers(frames) == list(range(40))
    assert frames[0].device_ns == START_NS


def test_a_frame_says_where_its_time_came_from(tmp_path: Path) -> None:
    frame = next(iter(source(write_video(tmp_path / "v.mp4", count=2))))
    assert frame.camera_id == 7
    assert frame.clock is ClockSource.CONTAINER
    assert frame.receipt_ns == 42
    assert frame.device_ns == START_NS
    assert frame.epoch == 1
    assert frame.surface.size == (180, 320)


def test_times_do_not_drift_at_an_uneven_rate(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=90, fps=Fraction(30000, 1001))
    frames = list(source(path))
    assert frames[-1].device_ns - START_NS == 89 * 1001 * NS // 30000


def test_uneven_timestamps_are_kept(tmp_path: Path) -> None:
    pts = [0, 3, 4, 9, 20]
    path = write_video(
        tmp_path / "v.mkv", numbered(), count=5, pts=pts, time_base=Fraction(1, 10), fps=10
    )
    assert offsets_s(list(source(path))) == pytest.approx([0, 0.3, 0.4, 0.9, 2.0])


def test_a_pause_in_the_timestamps_starts_an_epoch_at_its_own_time(tmp_path: Path) -> None:
    pts = [0, 1, 2, 103, 104]
    path = write_video(tmp_path / "v.mkv", count=5, pts=pts, time_base=Fraction(1, 10), fps=10)
    frames = list(source(path))
    assert [frame.epoch for frame in frames] == [1, 1, 1, 2, 2]
    assert offsets_s(frames) == pytest.approx([0, 0.1, 0.2, 10.3, 10.4])


def test_a_pause_within_the_stated_gap_is_no_epoch(tmp_path: Path) -> None:
    pts = [0, 1, 2, 103, 104]
    path = write_video(tmp_path / "v.mkv", count=5, pts=pts, time_base=Fraction(1, 10), fps=10)
    assert {frame.epoch for frame in source(path, gap_s=11)} == {1}


def test_a_slow_file_has_no_gap_between_its_pictures(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=4, fps=Fraction(1, 8))
    frames = list(source(path))
    assert [frame.epoch for frame in frames] == [1, 1, 1, 1]
    assert offsets_s(frames) == pytest.approx([0, 8, 16, 24])


def test_timestamps_that_go_back_start_an_epoch_one_picture_later(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.ts", numbered(), count=20, format="mpegts")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() * 2)
    frames = list(source(joined))
    assert numbers(frames) == [*range(20), *range(20)]
    assert [frame.epoch for frame in frames] == [1] * 20 + [2] * 20
    assert offsets_s(frames) == pytest.approx([k / 25 for k in range(40)], abs=0.001)


def test_times_ascend_strictly_whatever_the_file_says(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.ts", count=20, format="mpegts")
    (tmp_path / "j.ts").write_bytes(first.read_bytes() * 3)
    times = [frame.device_ns for frame in source(tmp_path / "j.ts")]
    assert (np.diff(times) > 0).all()


def test_a_change_of_size_starts_an_epoch(tmp_path: Path) -> None:
    small = write_video(tmp_path / "a.ts", [textured((96, 160))] * 10, format="mpegts")
    pts = list(range(10, 20))
    large = write_video(
        tmp_path / "b.ts", [textured((192, 320))] * 10, pts=pts, format="mpegts", fps=25
    )
    (tmp_path / "j.ts").write_bytes(small.read_bytes() + large.read_bytes())
    sizes = [(frame.epoch, frame.surface.size) for frame in source(tmp_path / "j.ts")]
    assert dict(sizes) == {1: (96, 160), 2: (192, 320)}


def test_skipping_keeps_the_pictures_that_others_need(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", numbered(), count=40, b_frames=3)
    kept = numbers(list(source(path, skip_nonref=True)))
    assert 5 <= len(kept) < 30
    assert kept == sorted(kept)


class Tapes:
    """Remembers what packets it was given, and with which times."""

    def __init__(self) -> None:
        self.packets: list[VideoPacket] = []
        self.device_ns: list[int | None] = []
        self.epochs: list[int] = []

    def __call__(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> None:
        self.packets.append(packet)
        self.device_ns.append(device_ns)
        self.epochs.append(epoch)


def test_each_packet_is_handed_on_with_the_time_of_its_picture(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=12, b_frames=2)
    seen = Tapes()
    frames = list(source(path, on_packet=seen))
    assert len(seen.packets) == 12
    assert sorted(filter(None, seen.device_ns)) == [frame.device_ns for frame in frames]
    assert set(seen.epochs) == {frames[0].epoch}
    assert seen.packets[0].is_keyframe


def test_packets_are_handed_on_while_the_file_is_read(tmp_path: Path) -> None:
    seen = Tapes()
    frames = iter(source(write_video(tmp_path / "v.mp4", count=12), on_packet=seen))
    next(frames)
    assert 1 <= len(seen.packets) < 12


def test_a_packet_may_be_rewritten_by_who_receives_it(tmp_path: Path) -> None:
    def spoil(packet: VideoPacket, device_ns: int | None, epoch: int) -> None:
        packet.pts = packet.dts = 9_999_999

    path = write_video(tmp_path / "v.mp4", numbered(), count=12)
    frames = list(source(path, on_packet=spoil))
    assert offsets_s(frames) == pytest.approx([k / 25 for k in range(12)])


def test_close_ends_the_pictures(tmp_path: Path) -> None:
    reader = source(write_video(tmp_path / "v.mp4", count=30))
    frames = iter(reader)
    next(frames)
    reader.close()
    reader.close()
    assert list(frames) == []


def test_a_turned_file_is_shown_upright(tmp_path: Path) -> None:
    picture = flat((96, 160))
    picture[:, :80] = (200, 40, 40)
    path = write_video(tmp_path / "v.mp4", [picture] * 3)
    turn_quarter(path)
    surface = next(iter(source(path))).surface
    assert surface.size == (160, 96)
    # The matrix turns clockwise: what was left is now on top.
    top, bottom = surface.crops(np.array([[0, 0, 96, 60], [0, 100, 96, 160]], np.float32), (8, 8))
    assert top[0].mean() > 180
    assert bottom[0].mean() < 110


def turn_quarter(path: Path) -> None:
    """Write the display matrix of a phone held upright (ISO/IEC 14496-12, 8.3.2) into an MP4."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    one, minus = (1 << 16).to_bytes(4, "big"), (-(1 << 16) & 0xFFFFFFFF).to_bytes(4, "big")
    zero, unity = bytes(4), (1 << 30).to_bytes(4, "big")
    content[at : at + 36] = b"".join([zero, one, zero, minus, zero, zero, zero, zero, unity])
    path.write_bytes(bytes(content))


# --- what is broken ------------------------------------------------------------------------------


def text_called_mp4(folder: Path) -> Path:
    (folder / "v.mp4").write_text("this is no video\n" * 200)
    return folder / "v.mp4"


def empty(folder: Path) -> Path:
    (folder / "v.mp4").touch()
    return folder / "v.mp4"


def missing(folder: Path) -> Path:
    return folder / "v.mp4"


def a_folder(folder: Path) -> Path:
    (folder / "v.mp4").mkdir()
    return folder / "v.mp4"


def without_index(folder: Path) -> Path:
    return cut(write_video(folder / "v.mp4"), 0.6)


def one_pixel(folder: Path) -> Path:
    return write_video(folder / "v.mp4", [flat((1, 1))] * 3, codec="mpeg4")


def playlist(folder: Path) -> Path:
    text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"
    (folder / "v.mp4").write_text(text)
    return folder / "v.mp4"


def file_list(folder: Path) -> Path:
    other = write_video(folder / "other.mp4", count=3)
    (folder / "v.mp4").write_text(f"ffconcat version 1.0\nfile '{other}'\n")
    return folder / "v.mp4"


def picture(folder: Path) -> Path:
    write_video(
        folder / "v.png", [textured((96, 160))], codec="png", pix_fmt="rgb24", format="image2"
    )
    return (folder / "v.png").rename(folder / "v.mp4")


def sound(folder: Path) -> Path:
    return write_sound(folder / "v.mp4")


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("broken", "error", "words"),
    [
        (text_called_mp4, MediaCorrupt, "not a video file"),
        (empty, MediaCorrupt, "empty, 0 bytes"),
        (missing, SourceUnavailable, "no such file"),
        (a_folder, SourceUnavailable, "a folder"),
        (without_index, MediaCorrupt, "cut off before its index"),
        (one_pixel, MediaCorrupt, "1x1 are too small"),
        (playlist, MediaCorrupt, "not a video file"),
        (file_list, MediaCorrupt, "not a video file"),
        (picture, MediaCorrupt, "not a video file"),
        (sound, MediaCorrupt, "no video in it"),
    ],
)
def test_a_broken_file_is_named_with_its_reason(
    tmp_path: Path, broken: Callable[[Path], Path], error: type[CaseTraceError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        list(source(broken(tmp_path)))
    assert str(caught.value).startswith("v.mp4: ")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=2)
    path.chmod(0)
    with pytest.raises(SourceRefused, match="may not be read"):
        list(source(path))


def test_a_playlist_calls_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        (tmp_path / "v.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n")
        with pytest.raises(MediaCorrupt):
            list(source(tmp_path / "v.mp4"))
        with pytest.raises(TimeoutError):
            server.accept()


def test_pictures_over_the_limit_are_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=2)
    with pytest.raises(MediaCorrupt, match="320x180 are over the limit of 1000 pixels"):
        list(source(path, max_pixels=1000))


@pytest.mark.parametrize(
    ("suffix", "muxing"), [("mp4", {"movflags": "+faststart"}), ("mkv", {}), ("flv", {})]
)
def test_a_truncated_file_gives_all_before_the_cut_and_then_says_so(
    tmp_path: Path, suffix: str, muxing: dict[str, str]
) -> None:
    path = write_video(tmp_path / f"v.{suffix}", numbered(), count=100, muxing=muxing)
    frames, words = until_broken(source(cut(path, 0.6)))
    assert len(frames) > 40
    assert numbers(frames) == list(range(len(frames)))
    assert words.startswith(f"v.{suffix}: ")
    assert "damaged" in words or "cut short" in words
    assert f"{len(frames)} pictures were read" in words


def test_a_truncated_file_also_gives_what_the_decoder_held(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "v.mp4", numbered(), count=60, b_frames=3, muxing={"movflags": "+faststart"}
    )
    sent = Tapes()
    frames, _ = until_broken(source(cut(path, 0.7), on_packet=sent))
    assert len(frames) >= len(sent.packets) - 2


def test_damage_in_the_middle_costs_no_picture_after_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", numbered(), count=100, gop=10)
    content = bytearray(path.read_bytes())
    at = content.index(b"mdat") + len(content) // 4
    content[at : at + 300] = bytes(300)
    path.write_bytes(bytes(content))
    frames, words = until_broken(source(path))
    assert "damaged" in words
    assert numbers(frames)[-10:] == list(range(90, 100))


def test_a_sound_file_raises_nothing_at_its_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", count=25, b_frames=2)
    assert len(list(source(path))) == 25


def test_summary_says_what_the_file_holds(tmp_path: Path) -> None:
    summary = summary_of(write_video(tmp_path / "v.mp4", count=50))
    assert (summary.codec, summary.size_hw, summary.pictures) == ("h264", (180, 320), 50)
    assert summary.duration_s == pytest.approx(2.0)
