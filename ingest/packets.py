"""A camera's encoded packets: their type, and the times that come with them."""

from typing import TYPE_CHECKING, cast

from av.packet import Packet
from av.video.stream import VideoStream

from ingest.clock import Arrival, report_of, wall_ns_of

if TYPE_CHECKING:
    VideoPacket = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic in the stubs only

__all__ = ["VideoPacket", "arrival_of", "shared_copy"]


def arrival_of(packet: VideoPacket, receipt_ns: int, *, report: int) -> Arrival | None:
    """The packet's times; None for one without a timestamp. `report` is the last one heard."""
    at = packet.pts if packet.pts is not None else packet.dts
    if at is None:
        return None
    if packet.has_sidedata("rtcp_sr"):
        report, _ = report_of(bytes(packet.get_sidedata("rtcp_sr")))
    wall_ns = None
    if packet.has_sidedata("prft"):
        wall_ns = wall_ns_of(bytes(packet.get_sidedata("prft")))
    return Arrival(at, receipt_ns, packet.is_keyframe, wall_ns, report)


def shared_copy(packet: VideoPacket) -> VideoPacket:
    """A packet of the same bytes, not copied, without times and stream of its own."""
    return cast(VideoPacket, Packet(cast(bytes, packet)))  # any buffer does; the stubs say bytes
