"""A bare RTSP client: says what it is told to, right or wrong."""

import socket
import struct
from collections.abc import Iterator
from types import TracebackType

from ingest.messages import Message, Splitter

WAIT_S = 300.0


class Client:
    """One connection; requests are numbered and carry the session once there is one."""

    def __init__(self, port: int, name: str = "gate") -> None:
        self.url = f"rtsp://127.0.0.1:{port}/{name}"
        self._end = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
        self._splitter = Splitter()
        self._parts: list[Message | bytes] = []
        self._number = 0
        self.session = ""

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.close()

    def send(self, octets: bytes) -> None:
        self._end.sendall(octets)

    def ask(self, method: str, path: str = "", **headers: str) -> Message:
        """The reply; packets that come before it are kept."""
        self._number += 1
        fields = [("CSeq", str(self._number))]
        if self.session:
            fields.append(("Session", self.session))
        fields += [(name.replace("_", "-"), text) for name, text in headers.items()]
        self.send(Message(f"{method} {self.url}{path} RTSP/1.0", tuple(fields)).encoded())
        reply = self.reply()
        assert reply.get("CSeq") == str(self._number)
        return reply

    def reply(self) -> Message:
        looked_at = 0
        while True:
            for row in range(looked_at, len(self._parts)):
                if isinstance(part := self._parts[row], Message):
                    del self._parts[row]
                    return part
            looked_at = len(self._parts)
            self._read()

    def set_up(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Message:
        reply = self.ask("SETUP", "/trackID=0", Transport=transport)
        self.session = reply.get("Session").partition(";")[0]
        return reply

    def packets(self) -> Iterator[tuple[int, bytes]]:
        """(channel, packet) as they come, until the connection ends."""
        while True:
            runs = [part for part in self._parts if isinstance(part, bytes)]
            self._parts = [part for part in self._parts if isinstance(part, Message)]
            for run in runs:
                yield from _cut(run)
            try:
                self._read()
            except ConnectionError:
                return

    def rtp(self, count: int) -> list[bytes]:
        """The next `count` RTP packets."""
        found = (packet for channel, packet in self.packets() if channel == 0)
        return [packet for _, packet in zip(range(count), found, strict=False)]

    def is_cut_off(self) -> bool:
        """Whether the server hangs up."""
        for _ in self.packets():
            pass
        return True

    def _read(self) -> None:
        octets = self._end.recv(1 << 16)
        if not octets:
            raise ConnectionError("the server hung up")
        found = list(self._splitter.feed(octets))
        if not found:
            return self._read()
        self._parts += found
        return None


def _cut(run: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(run):
        _, channel, size = struct.unpack_from("!BBH", run, at)
        yield channel, run[at + 4 : at + 4 + size]
        at += 4 + size


def sequence_of(packet: bytes) -> int:
    return int(struct.unpack_from("!H", packet, 2)[0])
