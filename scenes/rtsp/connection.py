"""One client's connection: its requests answered in turn, its session tidied up at the end."""

import re
import secrets
import socket
from collections.abc import Callable

from core.errors import SourceUnavailable
from scenes.rtsp.broadcast import Broadcast
from scenes.rtsp.messages import Refusal, Request, RequestReader, reply
from scenes.rtsp.player import Player
from scenes.rtsp.sdp import CONTROL
from scenes.rtsp.wire import Datagrams, Interleaved, Transport, Wire

SILENCE_S = 60  # a client that neither asks nor takes anything for so long is gone
_CHUNK = 1 << 16
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_KNOWN_ELSEWHERE = {"ANNOUNCE", "RECORD", "REDIRECT"}
_PAIR = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")

Find = Callable[[str], Broadcast | None]
Headers = list[tuple[str, str]]
Answer = tuple[Headers, bytes]


class HungUp(Exception):
    """The camera is starting up again: it answers nothing."""


class Connection:
    """Serves one client until it leaves or is thrown out. One connection has one session."""

    def __init__(self, end: socket.socket, find: Find) -> None:
        end.settimeout(SILENCE_S)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._end = end
        self._find = find
        self._wire = Wire(end)
        self._reader = RequestReader()
        self._broadcast: Broadcast | None = None
        self._player: Player | None = None
        self._session = ""
        self._over_udp = False

    def serve(self) -> None:
        """Returns when the connection is over; never raises."""
        try:
            while self._listen():
                pass
        except (OSError, HungUp):
            pass
        finally:
            self.hang_up()
            self._forget_session()
            self._end.close()

    def hang_up(self) -> None:
        """Make `serve` return soon; from any thread."""
        self._wire.close()

    # --- reading -------------------------------------------------------------------------------

    def _listen(self) -> bool:
        try:
            octets = self._end.recv(_CHUNK)
        except TimeoutError:
            # Who is sent pictures over this connection need not say anything.
            return self._player is not None and not self._over_udp
        return bool(octets) and self._take(octets)

    def _take(self, octets: bytes) -> bool:
        """Answer what is complete by now; False if nothing after it can be read."""
        while True:
            try:
                for asked in self._reader.feed(octets):
                    if isinstance(asked, Request):
                        self._answer(asked)
            except Refusal as refusal:
                self._wire.write(reply(refusal.status, cseq=refusal.cseq, headers=refusal.headers))
                if refusal.fatal:
                    return False
                octets = b""
                continue
            return True

    def _answer(self, request: Request) -> None:
        handlers: dict[str, Callable[[Request], Answer]] = {
            "OPTIONS": lambda _: ([("Public", _METHODS)], b""),
            "DESCRIBE": self._describe,
            "SETUP": self._set_up,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "TEARDOWN": self._tear_down,
            "GET_PARAMETER": self._keep_alive,
            "SET_PARAMETER": self._keep_alive,
        }
        if request.method not in handlers:
            status = 405 if request.method in _KNOWN_ELSEWHERE else 501
            raise Refusal(status, cseq=request.cseq, headers=[("Allow", _METHODS)])
        if "require" in request.headers:
            unknown = [("Unsupported", request.headers["require"])]
            raise Refusal(551, cseq=request.cseq, headers=unknown)
        headers, body = handlers[request.method](request)
        self._wire.write(reply(200, cseq=request.cseq, headers=headers, body=body))
        if request.method == "PLAY" and self._broadcast and self._player:
            # Only now: the first picture must not come before the answer.
            self._broadcast.join(self._player)

    # --- the methods ---------------------------------------------------------------------------

    def _describe(self, request: Request) -> Answer:
        broadcast = self._found(request)
        if "application/sdp" not in request.headers.get("accept", "application/sdp"):
            raise Refusal(406, cseq=request.cseq)
        base = request.uri.partition("?")[0].rstrip("/") + "/"
        headers = [("Content-Type", "application/sdp"), ("Content-Base", base)]
        return headers, broadcast.sdp(str(self._end.getsockname()[0]))

    def _set_up(self, request: Request) -> Answer:
        broadcast = self._found(request)
        self._check_session(request)
        if self._broadcast is not None and self._broadcast is not broadcast:
            raise Refusal(455, cseq=request.cseq)
        self._forget_session()
        try:
            transport = self._transport(request)
        except SourceUnavailable as error:
            raise Refusal(503, cseq=request.cseq) from error
        self._broadcast = broadcast
        self._player = broadcast.player(transport, self.hang_up)
        self._session = secrets.token_hex(8)
        session = f"{self._session};timeout={SILENCE_S}"
        return [("Transport", self._player.header), ("Session", session)], b""

    def _play(self, request: Request) -> Answer:
        broadcast, player = self._mine(request)
        if broadcast.ended:
            raise Refusal(404, cseq=request.cseq)
        track = f"{request.uri.rstrip('/').removesuffix('/' + CONTROL)}/{CONTROL}"
        headers = [
            ("Session", self._session),
            ("Range", "npt=now-"),
            ("RTP-Info", f"url={track};seq={player.next_sequence}"),
        ]
        return headers, b""

    def _pause(self, request: Request) -> Answer:
        broadcast, player = self._mine(request)
        broadcast.leave(player)
        return [("Session", self._session)], b""

    def _tear_down(self, request: Request) -> Answer:
        self._mine(request)
        self._forget_session()
        return [], b""

    def _keep_alive(self, request: Request) -> Answer:
        if request.path:
            self._found(request)
        self._check_session(request)
        return ([("Session", self._session)] if self._session else []), b""

    # --- what they need ------------------------------------------------------------------------

    def _found(self, request: Request) -> Broadcast:
        """The camera that a request is about, if whoever asks may know it."""
        broadcast = self._find(request.path.removesuffix("/" + CONTROL))
        if broadcast is None:
            raise Refusal(404, cseq=request.cseq)
        if broadcast.is_down:
            raise HungUp
        broadcast.guard.check(request)
        if broadcast.ended:
            raise Refusal(404, cseq=request.cseq)
        return broadcast

    def _mine(self, request: Request) -> tuple[Broadcast, Player]:
        """What this connection's session plays; 454 where there is no session."""
        self._check_session(request)
        if self._broadcast is None or self._player is None:
            raise Refusal(454, cseq=request.cseq)
        if self._broadcast.is_down:
            raise HungUp
        self._broadcast.guard.check(request)
        return self._broadcast, self._player

    def _check_session(self, request: Request) -> None:
        named = request.headers.get("session", "").partition(";")[0].strip()
        if named and named != self._session:
            raise Refusal(454, cseq=request.cseq)

    def _transport(self, request: Request) -> Transport:
        """The first of the offered transports that there is here."""
        for offer in request.headers.get("transport", "").split(","):
            transport = self._offered(offer)
            if transport is not None:
                return transport
        raise Refusal(461, cseq=request.cseq)

    def _offered(self, offer: str) -> Transport | None:
        profile, *fields = [part.strip() for part in offer.split(";")]
        given = dict(part.lower().partition("=")[::2] for part in fields)
        if "multicast" in given:
            return None
        if profile.upper() == "RTP/AVP/TCP":
            channels = _pair(given.get("interleaved", "0-1"), most=255)
            self._over_udp = False
            return None if channels is None else Interleaved(self._wire, channels)
        ports = _pair(given.get("client_port", ""), most=65_535)
        if profile.upper() not in ("RTP/AVP", "RTP/AVP/UDP") or ports is None or not ports[0]:
            return None
        self._over_udp = True
        return Datagrams(self._end.getsockname()[0], self._end.getpeername()[0], ports)

    def _forget_session(self) -> None:
        broadcast, player = self._broadcast, self._player
        self._broadcast = self._player = None
        self._session = ""
        if broadcast is not None and player is not None:
            broadcast.leave(player)
            player.close()


def _pair(text: str, *, most: int) -> tuple[int, int] | None:
    """Two numbers such as `4588-4589`; of one alone, the next one follows it."""
    found = _PAIR.fullmatch(text)
    if found is None:
        return None
    first = int(found[1])
    second = int(found[2]) if found[2] else first + 1
    return (first, second) if max(first, second) <= most else None
