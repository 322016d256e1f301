"""RTSP requests read with limits, and replies to them (RFC 2326)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
_END = b"\r\n\r\n"
_REQUEST = re.compile(r"([A-Z_]{1,32}) (\S{1,2048}) RTSP/(\d+\.\d+)")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Request Entity Too Large",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
    551: "Option not supported",
}


class Refusal(Exception):
    """A request that gets no more than this status; `fatal` if what follows cannot be read."""

    def __init__(
        self,
        status: int,
        *,
        cseq: str = "",
        headers: Sequence[tuple[str, str]] = (),
        fatal: bool = False,
    ) -> None:
        super().__init__(f"{status} {REASONS[status]}")
        self.status = status
        self.cseq = cseq
        self.headers = tuple(headers)
        self.fatal = fatal


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request; header names are in lower case, the first of several counts."""

    method: str
    uri: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def cseq(self) -> str:
        return self.headers["cseq"]

    @property
    def path(self) -> str:
        """The address without host, query and outer slashes."""
        return unquote(urlsplit(self.uri).path).strip("/")


@dataclass(frozen=True, slots=True)
class Binary:
    """A packet that the client sent between its requests: its receiver reports."""

    channel: int
    packet: bytes


class RequestReader:
    """Cuts what a client sends into requests and packets; raises `Refusal` for anything else."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, octets: bytes) -> Iterator[Request | Binary]:
        """What is complete by now, in order. After a refusal that is not fatal, feed on (b"")."""
        self._held += octets
        while self._held:
            found = self._binary() if self._held[0] == 0x24 else self._request()
            if found is None:
                return
            yield found

    def _binary(self) -> Binary | None:
        held = self._held
        if len(held) < 4 or len(held) < (end := 4 + (held[2] << 8 | held[3])):
            return None
        found = Binary(held[1], bytes(held[4:end]))
        del held[:end]
        return found

    def _request(self) -> Request | None:
        held = self._held
        # Clients may leave line ends between two requests (RFC 2326, 4.1).
        del held[: len(held) - len(held.lstrip(b"\r\n"))]
        end = held.find(_END)
        if end > MAX_HEAD_BYTES or (end < 0 and len(held) > MAX_HEAD_BYTES):
            raise Refusal(413, fatal=True)
        if end < 0:
            return None
        start, headers = _parsed_head(bytes(held[:end]))
        size = _body_bytes(headers)
        total = end + len(_END) + size
        if len(held) < total:
            return None
        body = bytes(held[total - size : total])
        del held[:total]
        return _checked(start, headers, body)


def reply(
    status: int, *, cseq: str = "", headers: Sequence[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    """The bytes of a reply. Without `cseq` the request had none that could be read."""
    fields = [("CSeq", cseq)] if cseq else []
    fields += [("Server", "CaseTrace test camera"), *headers]
    if body:
        fields.append(("Content-Length", str(len(body))))
    lines = [f"RTSP/1.0 {status} {REASONS[status]}", *(f"{name}: {text}" for name, text in fields)]
    return "\r\n".join(lines).encode() + _END + body


def _parsed_head(head: bytes) -> tuple[str, dict[str, str]]:
    try:
        start, *lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise Refusal(400, fatal=True) from error
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, text = line.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()):
            raise Refusal(400, fatal=True)
        headers.setdefault(name.strip().lower(), text.strip())
    return start, headers


def _body_bytes(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise Refusal(400, fatal=True)
    if int(text) > MAX_BODY_BYTES:
        raise Refusal(413, fatal=True)
    return int(text)


def _checked(start: str, headers: dict[str, str], body: bytes) -> Request:
    cseq = headers.get("cseq", "")
    if not re.fullmatch(r"[0-9]{1,10}", cseq):
        raise Refusal(400)
    found = _REQUEST.fullmatch(start)
    if found is None:
        raise Refusal(400, cseq=cseq)
    if found[3] != "1.0":
        raise Refusal(505, cseq=cseq)
    try:
        urlsplit(found[2])
    except ValueError as error:
        raise Refusal(400, cseq=cseq) from error
    return Request(found[1], found[2], headers, body)
