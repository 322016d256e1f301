"""RTSP on the wire (RFC 2326): texts, and binary packets interleaved between them, cut apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.errors import MediaCorrupt

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a reply: its first line, header fields in order, and a body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def is_reply(self) -> bool:
        return self.start.startswith("RTSP/")

    @property
    def status(self) -> int:
        """A reply's status code; 0 where there is none."""
        words = self.start.split(None, 2)
        return int(words[1]) if self.is_reply and len(words) > 1 and words[1].isdigit() else 0

    @property
    def method(self) -> str:
        return self.start.partition(" ")[0]

    @property
    def uri(self) -> str:
        return self.start.partition(" ")[2].partition(" ")[0]

    def all(self, name: str) -> list[str]:
        """Every value of a field, in order."""
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value of a field, or nothing."""
        return next(iter(self.all(name)), "")

    def with_header(self, name: str, value: str) -> "Message":
        """The same with that field set once, in its old place or at the end."""
        if not self.all(name):
            return replace(self, headers=(*self.headers, (name, value)))
        rows = tuple(
            (given, value if given.lower() == name.lower() else old) for given, old in self.headers
        )
        return replace(self, headers=rows)

    def encoded(self) -> bytes:
        """The bytes to send."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + _END + self.body


class Splitter:
    """Cuts a byte stream into `Message`s and runs of interleaved packets (left as bytes)."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, octets: bytes) -> Iterator[Message | bytes]:
        """What is complete by now, in order. Raises `MediaCorrupt` for what is no RTSP."""
        self._held += octets
        while self._held:
            run = self._interleaved()
            if run:
                yield bytes(self._held[:run])
                del self._held[:run]
                continue
            message = self._message()
            if message is None:
                return
            yield message

    def _interleaved(self) -> int:
        """Bytes of whole `$` packets (RFC 2326, 10.12) at the front."""
        held, at = self._held, 0
        while at + 4 <= len(held) and held[at] == 0x24:
            end = at + 4 + (held[at + 2] << 8 | held[at + 3])
            if end > len(held):
                break
            at = end
        return at

    def _message(self) -> Message | None:
        held = self._held
        if held[0] == 0x24:
            return None
        # Some cameras put a stray line end between a body and the next message.
        if held[0] in b"\r\n":
            del held[: len(held) - len(held.lstrip(b"\r\n"))]
            return self._message() if held else None
        end = held.find(_END)
        if end < 0:
            if len(held) > MAX_HEADER_BYTES:
                raise MediaCorrupt("the camera does not speak RTSP: no end of a header")
            return None
        length = _LENGTH.search(held, 0, end)
        size = int(length[1]) if length else 0
        if size > MAX_BODY_BYTES:
            raise MediaCorrupt(f"the camera announced a text of {size} bytes")
        total = end + len(_END) + size
        if len(held) < total:
            return None
        message = _parsed(bytes(held[:end]), bytes(held[end + len(_END) : total]))
        del held[:total]
        return message


def _parsed(head: bytes, body: bytes) -> Message:
    start, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    rows = (line.partition(":") for line in lines if ":" in line)
    return Message(start, tuple((name.strip(), value.strip()) for name, _, value in rows), body)
