"""Camera addresses: what somebody typed, checked and pinned to one host before anything is opened.

A camera's address decides where this machine connects to, so it could be used to reach what only
this machine can reach. Therefore: `rtsp` and `rtsps` only; the host is resolved once and the
connection goes to that very address; the address must lie in a network that the operator allowed
(loopback and link-local too, or not at all); redirects are refused where replies are read
(`ingest/line.py`); and nothing else of what a user types reaches FFmpeg.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from core.errors import InvalidInput, SourceRefused, SourceUnavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], Sequence[str]]
"""The addresses of a host name, in the resolver's order; raises `OSError`."""

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Login:
    """What a camera asks for; the password shows in no `repr`."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """A stream's place, pinned: `ip` is what is connected to, `host` only what it was called."""

    scheme: str
    host: str
    ip: Address
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as the camera knows them: `rtsp://camera.local:554`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address; there is no credential in it."""
        return self.origin + self.path


def resolve_camera(
    url: str, allowed: Sequence[Network], *, resolve: Resolve | None = None
) -> CameraAddress:
    """The pinned address of a stream.

    Raises `InvalidInput` for what is no such address or holds a password (never repeating it),
    `SourceUnavailable` when the name does not resolve, `SourceRefused` when none of its addresses
    lies in `allowed`; an empty `allowed` refuses every camera.
    """
    parts = _checked(url)
    host = parts.hostname or ""
    port = _port(parts)
    ip = _pinned(host, allowed, resolve or _system_resolve)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return CameraAddress(parts.scheme.lower(), host, ip, port, path)


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks written as `10.20.0.0/16`; a plain address is a network of one."""
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise InvalidInput(f"camera networks: want such as 10.20.0.0/16, got {texts!r}") from error


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise InvalidInput(
            "camera address: want no user or password in it; give them in their own fields"
        )
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise InvalidInput(
            f"camera address: want rtsp:// or rtsps://, got {parts.scheme or 'no scheme'!r}"
        )
    if _UNSAFE.search(url) or parts.fragment or not parts.hostname:
        raise InvalidInput("camera address: want rtsp://host[:port]/path without blanks or #")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput("camera address: want a port from 1 to 65535") from error
    if port == 0:
        raise InvalidInput("camera address: want a port from 1 to 65535, got 0")
    return port or DEFAULT_PORTS[parts.scheme.lower()]


def _pinned(host: str, allowed: Sequence[Network], resolve: Resolve) -> Address:
    try:
        found = [_unmapped(ipaddress.ip_address(text)) for text in resolve(host)]
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(f"camera {host!r}: its name does not resolve") from error
    for ip in found:
        if any(ip.version == network.version and ip in network for network in allowed):
            return ip
    raise SourceRefused(
        f"camera {host!r}: {', '.join(map(str, found)) or 'no address'} is in none of the "
        f"allowed networks ({', '.join(map(str, allowed)) or 'none are allowed'})"
    )


def _unmapped(ip: Address) -> Address:
    """`::ffff:127.0.0.1` is loopback under another name: judged as what it reaches."""
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def _system_resolve(host: str) -> Sequence[str]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))
