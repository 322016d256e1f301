"""One video file as a camera's pictures."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from core.clocks import NS, Now, ns_of, system_now, utc_of
from core.errors import MediaCorrupt
from core.types import ClockSource, Frame
from ingest.media import MAX_PIXELS, declared_duration, opened, reason, video_of
from ingest.packets import VideoPacket
from ingest.surface import HostSurface
from ingest.tape import OnPacket, Tape
from ingest.yuv import Scaler, upright

GAP_S = 5.0
_USUAL_STEPS = 3  # a slow file (one picture in ten seconds) has no gap between its pictures
_CREDIBLE_GAP_NS = 24 * 3600 * NS  # a longer leap is a broken timestamp, not a pause
_SHORT_BY_S = 1.0  # what a header's duration may be off by in a sound file


class FileSource:
    """The pictures of one file, its first at `start_ns`, decoded as they are asked for.

    Timestamps that leap more than `gap_s`, go back, or change size start a new epoch; after going
    back the time line goes on one picture later. A picture at the same instant as the one before
    is left out. What is damaged costs nothing else: all pictures that can be decoded come first,
    and then `MediaCorrupt` says what was wrong.

    `on_packet` gets each packet of the video as it came, with the device time and epoch that its
    picture got; it may be called a few pictures later. `skip_nonref` leaves
    out pictures that no other needs, which costs cadence and saves time.
    """

    def __init__(
        self,
        camera_id: int,
        path: Path,
        start_ns: int,
        *,
        next_epoch: Callable[[], int],
        now: Now = system_now,
        on_packet: OnPacket | None = None,
        skip_nonref: bool = False,
        decode_threads: int = 1,
        gap_s: float = GAP_S,
        clock_sigma_s: float = 0.5,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._camera_id = camera_id
        self._path = path
        self._start_ns = start_ns
        self._next_epoch = next_epoch
        self._now = now
        self._on_packet = on_packet
        self._skip_nonref = skip_nonref
        self._decode_threads = decode_threads
        self._gap_s = gap_s
        self._clock_sigma_s = clock_sigma_s
        self._max_pixels = max_pixels
        self._closed = threading.Event()

    @property
    def camera_id(self) -> int:
        return self._camera_id

    @property
    def origin(self) -> str:
        """The file's name, for its epochs."""
        return self._path.name

    def close(self) -> None:
        # The iterator closes the container on its own thread: FFmpeg does not bear another's.
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        with opened(self._path) as container:
            stream = video_of(container, self._path, max_pixels=self._max_pixels)
            self._tune(stream)
            line = TimeLine(self._start_ns, self._gap_ns(stream), self._next_epoch)
            wear = Wear()
            scaler = Scaler()
            tape = Tape(self._on_packet)
            for picture in self._decoded(container, stream, wear, tape):
                frame = self._framed(upright(picture, scaler), line, scaler)
                tape.shown(_at_s(picture), line.at)
                if frame is not None:
                    wear.pictures += 1
                    yield frame
            if wear.pictures:
                tape.end(line.at)
            if not self._closed.is_set():
                wear.check(self._path, container, stream)

    def _tune(self, stream: VideoStream) -> None:
        context = stream.codec_context
        context.thread_count = self._decode_threads
        context.thread_type = "FRAME" if self._decode_threads > 1 else "NONE"
        if self._skip_nonref:
            context.skip_frame = "NONREF"

    def _gap_ns(self, stream: VideoStream) -> int:
        rate = Fraction(stream.average_rate or 0)
        usual_ns = int(_USUAL_STEPS * NS / rate) if rate else 0
        return max(ns_of(self._gap_s), usual_ns)

    def _decoded(
        self, container: InputContainer, stream: VideoStream, wear: "Wear", tape: Tape
    ) -> Iterator[av.VideoFrame]:
        for packet in _packets(container, stream, wear):
            if self._closed.is_set():
                return
            wear.packet(packet)
            pictures = _decoded(packet, stream, wear)
            # A recorder rewrites the packet's times, so it comes after the decoder.
            tape.hold(packet)
            for picture in pictures:
                if self._closed.is_set():
                    return
                yield _timed(picture, stream, wear.decoded)
                wear.decoded += 1

    def _framed(self, picture: av.VideoFrame, line: "TimeLine", scaler: Scaler) -> Frame | None:
        placed = line.place(picture)
        if placed is None:
            return None
        pts, time_base, device_ns, epoch = placed
        return Frame(
            camera_id=self._camera_id,
            surface=HostSurface.of_frame(picture, scaler),
            pts=pts,
            time_base=time_base,
            device_ns=device_ns,
            receipt_ns=self._now(),
            clock=ClockSource.CONTAINER,
            clock_sigma_s=self._clock_sigma_s,
            epoch=epoch,
        )


def _at_s(picture: av.VideoFrame) -> Fraction:
    return cast(int, picture.pts) * cast(Fraction, picture.time_base)


class TimeLine:
    """Puts a file's timestamps on device time and says where they break."""

    def __init__(self, start_ns: int, gap_ns: int, next_epoch: Callable[[], int]) -> None:
        self._gap_ns = gap_ns
        self._next_epoch = next_epoch
        self._origin_ns = start_ns
        self._origin_pts = 0
        self._last_ns: int | None = None
        self._step_ns = NS // 25
        self._size = (0, 0)
        self._epoch = 0
        self._time_base = Fraction(1)

    def at(self, at_s: Fraction) -> tuple[int, int]:
        """Device time and epoch of a timestamp in seconds, on the line as it runs now."""
        since_s = at_s - self._origin_pts * self._time_base
        return utc_of(1, since_s, self._origin_ns), self._epoch

    def place(self, picture: av.VideoFrame) -> tuple[int, Fraction, int, int] | None:
        """(pts, time base, device_ns, epoch), or None for an instant that was there already."""
        pts, time_base = cast(int, picture.pts), cast(Fraction, picture.time_base)
        self._time_base = time_base
        size = (picture.height, picture.width)
        if self._last_ns is None:
            self._begin(pts, size, self._origin_ns)
            device_ns = self._origin_ns
        else:
            device_ns = utc_of(pts - self._origin_pts, time_base, self._origin_ns)
            step_ns = device_ns - self._last_ns
            if step_ns == 0:
                return None
            if step_ns < 0 or step_ns > max(_CREDIBLE_GAP_NS, self._gap_ns):
                device_ns = self._last_ns + self._step_ns
                self._begin(pts, size, device_ns)
            elif step_ns > self._gap_ns or size != self._size:
                self._size, self._epoch = size, self._next_epoch()
            else:
                self._step_ns = step_ns
        self._last_ns = device_ns
        return pts, time_base, device_ns, self._epoch

    def _begin(self, pts: int, size: tuple[int, int], device_ns: int) -> None:
        self._origin_pts, self._origin_ns = pts, device_ns
        self._size, self._epoch = size, self._next_epoch()


@dataclass(slots=True)
class Wear:
    """What was found damaged while a file was read."""

    packets: int = 0
    decoded: int = 0
    pictures: int = 0
    damaged: int = 0
    broken_off: str = ""
    undecoded: list[str] = field(default_factory=list)
    end: Fraction = Fraction(0)

    def packet(self, packet: VideoPacket) -> None:
        """Count one packet and where it ends."""
        if not packet.size:
            return
        self.packets += 1
        self.damaged += packet.is_corrupt
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None and packet.time_base:
            self.end = max(self.end, (at + (packet.duration or 0)) * Fraction(packet.time_base))

    def check(self, path: Path, container: InputContainer, stream: VideoStream) -> None:
        """`MediaCorrupt` if anything was missing or damaged, saying how much could be used."""
        problems = list(self._problems(container, stream))
        if problems:
            raise MediaCorrupt(
                f"{path.name}: {'; '.join(problems)}; {self.pictures} pictures were read"
            )

    def _problems(self, container: InputContainer, stream: VideoStream) -> Iterator[str]:
        if not self.pictures:
            why = f" ({self.undecoded[0]})" if self.undecoded else ""
            yield f"no picture of {stream.codec_context.name} could be decoded{why}"
        elif count := max(self._damaged_in(container), len(self.undecoded)):
            yield f"{count} of {self.packets} packets are damaged"
        if self.broken_off:
            yield f"broken off: {self.broken_off}"
        declared = declared_duration(container, stream)
        start = (stream.start_time or 0) * Fraction(stream.time_base or 0)
        if self.end and declared - (self.end - start) > _SHORT_BY_S:
            yield f"cut short: {float(self.end - start):.2f} s of {float(declared):.2f} s"

    def _damaged_in(self, container: InputContainer) -> int:
        # A transport stream flags every seam between recordings; its pictures there are sound.
        return 0 if container.format.name == "mpegts" else self.damaged


def _packets(container: InputContainer, stream: VideoStream, wear: Wear) -> Iterator[VideoPacket]:
    """Each packet, and an empty one at the end that makes the decoder give what it holds."""
    try:
        yield from container.demux(stream)
    except (av.FFmpegError, OSError) as error:
        wear.broken_off = reason(error)
        yield cast("VideoPacket", av.Packet(0))


def _decoded(packet: VideoPacket, stream: VideoStream, wear: Wear) -> Iterable[av.VideoFrame]:
    try:
        return stream.codec_context.decode(packet if packet.size else None)
    except (av.FFmpegError, ValueError) as error:
        wear.undecoded.append(reason(error))
        return ()


def _timed(picture: av.VideoFrame, stream: VideoStream, number: int) -> av.VideoFrame:
    """The picture with a time: its own, its packet's, or by its number where a file has none."""
    if picture.pts is None:
        picture.pts = picture.dts
    if picture.pts is None or not picture.time_base:
        rate = stream.average_rate or stream.guessed_rate or 25
        picture.pts, picture.time_base = number, 1 / Fraction(rate)
    return picture
