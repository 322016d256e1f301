"""A live stream's packets to pictures that keep the time of the packet they came in."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import av

from core.errors import MediaCorrupt, SourceError
from ingest.packets import VideoPacket
from ingest.pairing import Sight
from ingest.surface import HostSurface
from ingest.timeline import Stamp
from ingest.yuv import Scaler

_HOPELESS_PACKETS = 300


class Retries(Protocol):
    def retry(self, error: SourceError) -> None: ...


class Decoder:
    """For one stream over all its connections; each connection brings its own codec state."""

    def __init__(self) -> None:
        self._scaler = Scaler()
        self._stream: object = None
        self._stamps: dict[int, Stamp] = {}
        self._latest: Stamp | None = None
        self._fruitless = 0

    def pictures(self, packet: VideoPacket, stamp: Stamp) -> Iterator[Sight]:
        """What comes out now, in time order; what cannot be decoded gives nothing."""
        if packet.stream is not self._stream:
            self._stream = packet.stream
            self._stamps.clear()
            self._fruitless = 0
        if packet.pts is not None:
            self._stamps[packet.pts] = stamp
        self._fruitless += 1
        for picture in _decoded(packet):
            self._fruitless = 0
            sight = self._sight(picture)
            if sight is not None:
                yield sight

    def check(self, stream: Retries) -> None:
        """Have the stream connected anew when nothing was decodable for long.

        An empty street and a stream that does not decode are different answers.
        """
        if self._fruitless >= _HOPELESS_PACKETS:
            self._fruitless = 0
            stream.retry(MediaCorrupt(f"none of {_HOPELESS_PACKETS} packets could be decoded"))

    def _sight(self, picture: av.VideoFrame) -> Sight | None:
        """None for a picture at or before the one before it in its epoch."""
        pts, time_base = picture.pts, picture.time_base
        stamp = None if pts is None else self._stamps.pop(pts, None)
        if pts is None or stamp is None or not time_base:
            return None
        for early in [known for known in self._stamps if known < pts]:
            del self._stamps[early]
        latest = self._latest
        if latest and latest.epoch == stamp.epoch and stamp.device_ns <= latest.device_ns:
            return None
        self._latest = stamp
        return Sight(HostSurface.of_frame(picture, self._scaler), stamp, pts, time_base)


def _decoded(packet: VideoPacket) -> Sequence[av.VideoFrame]:
    try:
        return packet.stream.codec_context.decode(packet)
    except (av.error.FFmpegError, ValueError):
        return ()
