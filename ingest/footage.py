"""Reads kept packets: a picture at an instant, a clip as it was recorded, a copy for a browser.

The caller has checked the scope. A segment's timestamps are on a straight line to device time
(`FootageSegment`), and so are those of a clip, which begins at 0.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from core.clocks import NS, Now, system_now
from core.errors import InvalidInput, MediaCorrupt, NotFound
from core.types import ClockSource, FootageSegment, Frame, TimeSpan
from ingest.media import opened, reason, video_of
from ingest.packets import VideoPacket, shared_copy
from ingest.surface import HostSurface
from ingest.yuv import Scaler, upright

Part = tuple[Path, FootageSegment]

_CLIP_BASE = Fraction(1, 90_000)  # RTP's own for video, fine enough for any camera
_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
_LEAD_S = 1
_PROXY_WIDTH_PX = 1280
_PROXY = {"preset": "veryfast", "crf": "23", "g": "50"}


class FootageReader:
    """A `Footage` of fragmented MP4 segments, as the recorder writes them."""

    def __init__(self, now: Now = system_now) -> None:
        self._now = now

    def frame(self, path: Path, segment: FootageSegment, device_ns: int) -> Frame:
        """The picture shown at that device time: the last one not after it."""
        wanted = pts_at(segment, device_ns)
        with _open_part(path) as (container, stream):
            shown = _last_until(container, stream, wanted)
            if shown is None:
                raise NotFound(f"segment {segment.segment_id}: no picture at that time")
            pts = cast(int, shown.pts)
            return Frame(
                camera_id=segment.camera_id,
                surface=HostSurface.of_frame(upright(shown, Scaler())),
                pts=pts,
                time_base=Fraction(*segment.time_base),
                device_ns=device_at(segment, pts),
                receipt_ns=self._now(),
                clock=ClockSource.CONTAINER,
                clock_sigma_s=0.0,
                epoch=segment.epoch,
            )

    def clip(self, parts: Sequence[Part], span: TimeSpan, *, not_before_ns: int) -> bytes:
        """MP4 of the original packets, from the keyframe before the span's start.

        Where that keyframe is before `not_before_ns`, from the first one after it. `NotFound` if
        no packet lies in the span, `InvalidInput` if the stream's codec or size changes inside it:
        original packets of two streams do not fit one track.
        """
        _check_alike(parts)
        content = io.BytesIO()
        with _writing(content) as output:
            track: VideoStream | None = None
            first_ns: int | None = None
            for path, segment in parts:
                with _open_part(path) as (container, stream):
                    for packet in _packets(container, stream, segment, span, not_before_ns):
                        if track is None:
                            track = output.add_stream_from_template(stream, opaque=True)
                            first_ns = _device_of(segment, packet)
                        _mux(output, track, packet, segment, cast(int, first_ns))
            if track is None:
                raise NotFound(f"footage: no packet from {span}")
        return content.getvalue()

    def proxy(self, parts: Sequence[Part], span: TimeSpan) -> bytes:
        """H.264 MP4 of the span, at most 1280 wide; its header says that it is derived."""
        content = io.BytesIO()
        with _writing(content) as output:
            output.metadata["comment"] = "derived: transcoded for viewing; not evidence"
            track: VideoStream | None = None
            for picture, device_ns in _pictures(parts, span):
                track = track or _h264_track(output, picture)
                small = picture.reformat(track.width, track.height, "yuv420p")
                small.time_base = _CLIP_BASE
                small.pts = _clip_pts(device_ns - span.start_ns)
                output.mux(track.encode(small))
            if track is None:
                raise NotFound(f"footage: no picture from {span}")
            output.mux(track.encode())
        return content.getvalue()


def pts_at(segment: FootageSegment, device_ns: int) -> int:
    """The segment's latest timestamp that is not after a device time."""
    # `device_at` cuts to whole nanoseconds; a picture must be found again by its own time.
    beyond_s = Fraction(device_ns - segment.span.start_ns + 1, NS)
    return segment.first_pts + ceil(beyond_s / Fraction(*segment.time_base)) - 1


def device_at(segment: FootageSegment, pts: int) -> int:
    """The device time of one of the segment's timestamps."""
    since_s = (pts - segment.first_pts) * Fraction(*segment.time_base)
    return segment.span.start_ns + int(since_s * NS)


def _device_of(segment: FootageSegment, packet: VideoPacket) -> int:
    return device_at(segment, packet.pts if packet.pts is not None else segment.first_pts)


@contextmanager
def _open_part(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The kept file; a damaged one is `MediaCorrupt`, never an empty answer."""
    with opened(path) as container:
        try:
            yield container, video_of(container, path)
        except av.FFmpegError as error:
            raise MediaCorrupt(f"{path.name}: {reason(error)}") from error


def _last_until(
    container: InputContainer, stream: VideoStream, wanted: int
) -> av.VideoFrame | None:
    """The last picture whose timestamp is not after `wanted`; the first one if all are."""
    _seek(container, stream, wanted)
    shown: av.VideoFrame | None = None
    for picture in container.decode(stream):
        if picture.pts is None:
            continue
        if shown is not None and picture.pts > wanted:
            break
        shown = picture
    return shown


def _packets(
    container: InputContainer,
    stream: VideoStream,
    segment: FootageSegment,
    span: TimeSpan,
    not_before_ns: int,
) -> Iterator[VideoPacket]:
    """The segment's packets from the keyframe before the span's start to its end."""
    if not segment.span.overlaps(span):
        return
    began = False
    start, end = pts_at(segment, span.start_ns), pts_at(segment, span.end_ns)
    _seek(container, stream, start)
    held: list[VideoPacket] = []  # since the last keyframe, while the span has not begun
    flowing = False
    for packet in container.demux(stream):
        if not packet.size:
            continue
        if _decoded_at(packet) > end:
            break
        began = began or (packet.is_keyframe and _device_of(segment, packet) >= not_before_ns)
        if not began:
            continue
        if not flowing:
            if packet.is_keyframe and packet.pts is not None and packet.pts <= start:
                held.clear()
            held.append(packet)
            flowing = _decoded_at(packet) > start
            continue
        yield from held
        held.clear()
        yield packet
    yield from held


def _decoded_at(packet: VideoPacket) -> int:
    return packet.dts if packet.dts is not None else packet.pts or 0


def _seek(container: InputContainer, stream: VideoStream, wanted: int) -> None:
    """To a keyframe not after `wanted`. Containers seek by decoding times, which run ahead."""
    lead = int(_LEAD_S / Fraction(stream.time_base or 1))
    container.seek(max(0, wanted - lead), stream=stream, backward=True)


def _mux(
    output: OutputContainer,
    track: VideoStream,
    packet: VideoPacket,
    segment: FootageSegment,
    first_ns: int,
) -> None:
    copy = shared_copy(packet)
    shift_ns = segment.span.start_ns - first_ns
    base = Fraction(*segment.time_base)
    copy.time_base = _CLIP_BASE
    for name in ("pts", "dts"):
        value = getattr(packet, name)
        if value is not None:
            at_ns = (value - segment.first_pts) * base * NS + shift_ns
            setattr(copy, name, round(at_ns / NS / _CLIP_BASE))
    copy.duration = round((packet.duration or 0) * base / _CLIP_BASE)
    copy.is_keyframe = packet.is_keyframe
    copy.stream = track
    output.mux_one(copy)


def _pictures(parts: Sequence[Part], span: TimeSpan) -> Iterator[tuple[av.VideoFrame, int]]:
    """The span's pictures with their device times."""
    for path, segment in parts:
        if not segment.span.overlaps(span):
            continue
        with _open_part(path) as (container, stream):
            _seek(container, stream, pts_at(segment, span.start_ns))
            for picture in container.decode(stream):
                device_ns = device_at(segment, picture.pts or 0)
                if device_ns >= span.end_ns:
                    break
                if device_ns >= span.start_ns:
                    yield picture, device_ns


def _h264_track(output: OutputContainer, picture: av.VideoFrame) -> VideoStream:
    scale = min(1.0, _PROXY_WIDTH_PX / picture.width)
    track = output.add_stream("libx264", rate=25, options=_PROXY)
    track.width = max(2, round(picture.width * scale) // 2 * 2)
    track.height = max(2, round(picture.height * scale) // 2 * 2)
    track.pix_fmt = "yuv420p"
    track.codec_context.time_base = _CLIP_BASE
    return track


def _clip_pts(since_ns: int) -> int:
    return round(Fraction(since_ns, NS) / _CLIP_BASE)


@contextmanager
def _writing(content: io.BytesIO) -> Iterator[OutputContainer]:
    with av.open(content, "w", format="mp4", container_options=_FRAGMENTS) as output:
        yield output


def _check_alike(parts: Sequence[Part]) -> None:
    kinds = {(segment.codec, segment.size_hw) for _, segment in parts}
    if len(kinds) > 1:
        said = ", ".join(f"{codec} {w}x{h}" for codec, (h, w) in sorted(kinds))
        raise InvalidInput(f"clip: want one codec and size, the span holds {said}; ask for less")
