"""RTP packets and RTCP sender reports of one session (RFC 3550)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from core.clocks import NS

PAYLOAD_TYPE = 96
HEADER_BYTES = 12
_NTP_TO_UNIX_S = 2_208_988_800  # 1900 to 1970, RFC 5905
_SENDER_REPORT, _DESCRIPTION, _GOODBYE = 200, 202, 203
_NAME = b"casetrace"


@dataclass(slots=True)
class RtpStream:
    """Numbers packets and counts them. `start` is the RTP time of timestamp 0; both may wrap."""

    ssrc: int
    sequence: int
    start: int
    sent_packets: int = 0
    sent_bytes: int = 0

    def packets(self, payloads: Sequence[bytes], pts: int) -> list[bytes]:
        """One picture's packets; the last one carries the marker (RFC 6184, 5.1)."""
        made = []
        for row, payload in enumerate(payloads, 1):
            marker = 0x80 if row == len(payloads) else 0
            head = (0x80, marker | PAYLOAD_TYPE, self.sequence, self._rtp_time(pts), self.ssrc)
            made.append(struct.pack("!BBHII", *head) + payload)
            self.sequence = self.sequence + 1 & 0xFFFF
            self.sent_bytes += len(payload)
        self.sent_packets += len(made)
        return made

    def report(self, pts: int, wall_ns: int) -> bytes:
        """A sender report that says what o'clock it was at `pts`, and who says so (6.4.1, 6.5)."""
        report = struct.pack(
            "!BBHIQIII",
            0x80,
            _SENDER_REPORT,
            6,
            self.ssrc,
            ntp_of(wall_ns),
            self._rtp_time(pts),
            self.sent_packets & 0xFFFFFFFF,
            self.sent_bytes & 0xFFFFFFFF,
        )
        item = struct.pack("!IBB", self.ssrc, 1, len(_NAME)) + _NAME + b"\x00"
        item += b"\x00" * (-len(item) % 4)
        return report + struct.pack("!BBH", 0x81, _DESCRIPTION, len(item) // 4) + item

    def goodbye(self) -> bytes:
        """This source has ended (6.6), behind the empty report that must come first (6.1)."""
        empty = struct.pack("!BBHI", 0x80, 201, 1, self.ssrc)
        return empty + struct.pack("!BBHI", 0x81, _GOODBYE, 1, self.ssrc)

    def _rtp_time(self, pts: int) -> int:
        return self.start + pts & 0xFFFFFFFF


def ntp_of(wall_ns: int) -> int:
    """The 64 bits of an NTP timestamp: seconds since 1900, and their fraction."""
    seconds, rest_ns = divmod(wall_ns, NS)
    return (seconds + _NTP_TO_UNIX_S & 0xFFFFFFFF) << 32 | (rest_ns << 32) // NS


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet as it travels between RTSP texts (RFC 2326, 10.12)."""
    return struct.pack("!BBH", 0x24, channel, len(packet)) + packet
