"""One connection to one stream of a camera: opened, read packet by packet, closed."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from types import TracebackType

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from core.clocks import Now
from core.errors import MediaCorrupt, SourceError, SourceUnavailable
from core.types import Transport
from ingest.addresses import CameraAddress, Login
from ingest.clock import ClockPolicy
from ingest.line import CameraLine
from ingest.media import MAX_PIXELS
from ingest.packets import VideoPacket
from ingest.reconnect import BackoffPolicy
from ingest.segment import codec_of
from ingest.units import has_picture, is_annex_b

_USUAL_RATE = 25
_MOST_WAITING = 64
_MOST_REORDERED = 16  # pictures, by H.264 and H.265
_LARGEST_HEAD = 4096


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long a stream may take, in seconds, and what is done about it.

    `open_s` and `read_s` keep a hang below ten seconds. `settle_s` is for how long the first
    packets wait for a sender report; `hole_s` without a packet is reported as an outage.
    """

    open_s: float = 9.0
    read_s: float = 8.0
    settle_s: float = 3.0
    hole_s: float = 2.0
    clock: ClockPolicy = field(default_factory=ClockPolicy)
    backoff: BackoffPolicy = field(default_factory=BackoffPolicy)
    skip_nonref: bool = False
    max_pixels: int = MAX_PIXELS
    tls: ssl.SSLContext | None = field(default=None, repr=False)


class Connection:
    """A context manager; `cut` ends it soon from any thread."""

    def __init__(
        self,
        address: CameraAddress,
        login: Login | None,
        *,
        transport: Transport,
        limits: StreamLimits,
        now: Now,
    ) -> None:
        self._address = address
        self._transport = transport
        self._limits = limits
        self._now = now
        self._line = CameraLine(address, login, open_s=limits.open_s, tls=limits.tls)
        self._container: InputContainer | None = None
        self._stream: VideoStream | None = None

    def __enter__(self) -> "Connection":
        """Playing; raises `SourceUnavailable`, `SourceRefused` or `MediaCorrupt`."""
        self._line.__enter__()
        try:
            self._container = self._opened()
            self._stream = self._chosen(self._container)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self._line.expect(None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._container is not None:
            self._container.close()
        self._line.__exit__(kind, error, trace)

    @property
    def stream(self) -> VideoStream:
        if self._stream is None:
            raise ValueError("the connection is not open")
        return self._stream

    def cut(self, error: SourceError | None = None) -> None:
        """End a blocked open or read at once, saying why if it is not wanted any more."""
        self._line.cut(error)

    def packets(self) -> Iterator[tuple[VideoPacket, int]]:
        """Packets with a timestamp each, and when they came. Ends only by a `SourceError`."""
        yield from timed(self._received(), self.stream)

    def _received(self) -> Iterator[tuple[VideoPacket, int]]:
        if self._container is None:
            return
        late = f"nothing came for {self._limits.read_s:g} s"
        try:
            self._line.expect(self._limits.read_s, late)
            for packet in self._container.demux(self.stream):
                # While the caller is busy with a packet, the camera cannot be late.
                self._line.expect(None)
                if packet.size and not _is_torn_off(packet):
                    yield packet, self._now()
                self._line.expect(self._limits.read_s, late)
        except av.error.FFmpegError as error:
            raise self._said(error, late) from error
        raise self._line.error or SourceUnavailable(f"{self._name}: the camera ended the stream")

    def _opened(self) -> InputContainer:
        try:
            return av.open(
                self._line.url,
                format="rtsp",
                container_options=self._options(),
                # The line is stricter; these only hold if it were not there.
                timeout=(2 * self._limits.open_s, 2 * self._limits.read_s),
            )
        except (av.error.FFmpegError, OSError) as error:
            raise self._said(error, f"no answer within {self._limits.open_s:g} s") from error

    def _options(self) -> dict[str, str]:
        """All of FFmpeg's options that are ever set; none comes from a user."""
        return {
            "rtsp_transport": self._transport,
            # One stream only: with sound beside it, FFmpeg bends timestamps at each report.
            "allowed_media_types": "video",
            "protocol_whitelist": "rtp,udp,tcp",
            "fpsprobesize": "0",
            "buffer_size": str(4 << 20),
            "user_agent": "CaseTrace",
        }

    def _chosen(self, container: InputContainer) -> VideoStream:
        streams = container.streams.video
        if not streams:
            raise MediaCorrupt(f"{self._name}: no video in the stream")
        context = streams[0].codec_context
        context.options = {"max_pixels": str(self._limits.max_pixels)}
        context.thread_count = 1
        if self._limits.skip_nonref:
            context.skip_frame = "NONREF"
        return streams[0]

    def _said(self, error: Exception, late: str) -> SourceError:
        """What went wrong, from the line if it knows; FFmpeg's own words name no address."""
        if self._line.error is not None:
            return self._line.error
        if isinstance(error, av.error.ExitError | TimeoutError):
            return SourceUnavailable(f"{self._name}: {late}")
        if isinstance(error, av.error.InvalidDataError):
            return MediaCorrupt(f"{self._name}: what came is no video stream")
        return SourceUnavailable(f"{self._name}: {getattr(error, 'strerror', None) or 'failed'}")

    @property
    def _name(self) -> str:
        return f"camera {self._address.host}:{self._address.port}"


def timed(
    packets: Iterator[tuple[VideoPacket, int]], stream: VideoStream
) -> Iterator[tuple[VideoPacket, int]]:
    """The same packets, each with a timestamp; the first ones wait until theirs can be known."""
    beginning: list[tuple[VideoPacket, int]] | None = []
    latest = 0
    for packet, receipt_ns in packets:
        step = packet.duration or _usual_step(stream)
        if packet.pts is None:
            packet.pts = packet.dts
        if beginning is None:
            if packet.pts is None:
                packet.pts = latest + step
            latest = packet.pts
            yield packet, receipt_ns
            continue
        beginning = [*beginning[-_MOST_WAITING:], (packet, receipt_ns)]
        if _can_be_placed([early for early, _ in beginning]):
            latest = _place([early for early, _ in beginning], step)
            yield from beginning
            beginning = None


def _can_be_placed(beginning: list[VideoPacket]) -> bool:
    """Whether the first timestamp is there, or all that it is counted back from has come.

    FFmpeg gives the first packet of an RTSP stream none, and a decoding time from the packet on
    that shows which of them is shown first.
    """
    with_times = sum(packet.pts is not None for packet in beginning)
    return (
        beginning[0].pts is not None
        or (beginning[-1].pts is not None and beginning[-1].dts is not None)
        or with_times > _MOST_REORDERED
    )


def _place(beginning: list[VideoPacket], step: int) -> int:
    """Fill in the times that are missing at the start; the last packet's.

    What has none is shown before all that have one, which need not come in the order of showing.
    """
    earliest = min(packet.pts for packet in beginning if packet.pts is not None)
    untimed = [packet for packet in beginning if packet.pts is None]
    for back, packet in zip(range(len(untimed), 0, -1), untimed, strict=True):
        packet.pts = earliest - back * step
    last = beginning[-1]
    for back, packet in zip(range(len(beginning) - 1, -1, -1), beginning, strict=True):
        if packet.dts is None and last.dts is not None:
            packet.dts = last.dts - back * step
    return last.pts or 0


def _is_torn_off(packet: VideoPacket) -> bool:
    """Whether a packet is only the head of a picture: what the parser still held at the end."""
    if packet.size > _LARGEST_HEAD:
        return False
    codec = codec_of(packet.stream)
    annex_b = is_annex_b(codec, packet.stream.codec_context.extradata)
    return annex_b and not has_picture(codec, bytes(packet))


def _usual_step(stream: VideoStream) -> int:
    time_base = Fraction(stream.time_base or Fraction(1, 90_000))
    return max(1, round(1 / (_USUAL_RATE * time_base)))


LoginNow = Callable[[], Login | None]
"""Gives the camera's credentials at the moment of connecting, and keeps none."""
