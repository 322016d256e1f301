"""How a session's packets reach the player: between the texts of its connection, or by UDP."""

import socket
import threading
from typing import Protocol

from core.errors import SourceUnavailable
from scenes.rtsp.faults import Drip
from scenes.rtsp.rtp import interleaved

_PAIR_TRIES = 64


class Wire:
    """The writing half of one connection: texts and packets never end up inside each other."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def write(self, octets: bytes, drip: Drip | None = None) -> None:
        """Send all of it, if need be in small pieces; raises `OSError` once it is closed."""
        with self._lock:
            if drip is None:
                self._end.sendall(octets)
                return
            for at in range(0, len(octets), drip.chunk_bytes):
                if self._closed.wait(drip.chunk_bytes / drip.bytes_per_s):
                    return
                self._end.sendall(octets[at : at + drip.chunk_bytes])

    def close(self) -> None:
        """Hang up; whoever writes or reads is woken."""
        self._closed.set()
        try:
            self._end.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class Transport(Protocol):
    """Where a session's packets go. Writing raises `OSError` when the player is gone."""

    @property
    def header(self) -> str:
        """The reply's `Transport` header."""

    @property
    def linger_s(self) -> float:
        """How long to wait before a goodbye, which must not overtake the last pictures."""

    def framed(self, packet: bytes) -> bytes:
        """An RTP packet as `rtp` takes it."""

    def rtp(self, framed: bytes, drip: Drip | None = None) -> None: ...

    def rtcp(self, packet: bytes, drip: Drip | None = None) -> None: ...

    def close(self) -> None: ...


class Interleaved:
    """Two channels of the RTSP connection (RFC 2326, 10.12)."""

    linger_s = 0.0

    def __init__(self, wire: Wire, channels: tuple[int, int]) -> None:
        self._wire = wire
        self._channels = channels

    @property
    def header(self) -> str:
        first, second = self._channels
        return f"RTP/AVP/TCP;unicast;interleaved={first}-{second}"

    def framed(self, packet: bytes) -> bytes:
        return interleaved(self._channels[0], packet)

    def rtp(self, framed: bytes, drip: Drip | None = None) -> None:
        self._wire.write(framed, drip)

    def rtcp(self, packet: bytes, drip: Drip | None = None) -> None:
        self._wire.write(interleaved(self._channels[1], packet), drip)

    def close(self) -> None:
        return


class Datagrams:
    """A pair of UDP ports, to the player's pair at the address that its connection comes from."""

    # Players look at the port of the goodbye first.
    linger_s = 1.0

    def __init__(self, host: str, player: str, ports: tuple[int, int]) -> None:
        self._player = player
        self._ports = ports
        self._rtp, self._rtcp = _bound_pair(host)

    @property
    def header(self) -> str:
        mine = (self._rtp.getsockname()[1], self._rtcp.getsockname()[1])
        theirs = self._ports
        return (
            f"RTP/AVP;unicast;client_port={theirs[0]}-{theirs[1]};server_port={mine[0]}-{mine[1]}"
        )

    def framed(self, packet: bytes) -> bytes:
        return packet

    def rtp(self, framed: bytes, drip: Drip | None = None) -> None:
        _sent(self._rtp, framed, (self._player, self._ports[0]))

    def rtcp(self, packet: bytes, drip: Drip | None = None) -> None:
        _sent(self._rtcp, packet, (self._player, self._ports[1]))

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()


def _sent(end: socket.socket, packet: bytes, to: tuple[str, int]) -> None:
    try:
        end.sendto(packet, to)
    except ConnectionError:
        # A player that closed its port says so by ICMP; its connection tells when it is gone.
        return


def _bound_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """An even port and the one above it (RFC 3550, 11)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(_PAIR_TRIES):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((host, port + 1))
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise SourceUnavailable(f"camera server: no pair of free UDP ports on {host}")
