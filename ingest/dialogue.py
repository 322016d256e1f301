"""What is said between a player and a camera, with addresses and passwords put in and taken out."""

import secrets

from core.errors import SourceError, SourceRefused, SourceUnavailable
from ingest.addresses import CameraAddress, Login
from ingest.challenge import Challenge, answer, best_challenge
from ingest.messages import Message

_PENDING = 64


class Dialogue:
    """One connection's requests and replies, without its sockets.

    The player speaks to a loopback address that holds a secret word; the camera hears its own
    address. Request numbers are ours, as a challenge is answered by asking again.
    """

    def __init__(self, address: CameraAddress, login: Login | None) -> None:
        self.error: SourceError | None = None
        self._address = address
        self._login = login
        self._word = secrets.token_urlsafe(16)
        self._prefix = ""
        self._known = False
        self._challenge: Challenge | None = None
        self._uses = 0
        self._sequence = 0
        self._asked: dict[str, tuple[str, Message, Challenge | None]] = {}

    @property
    def url(self) -> str:
        return self._prefix + self._address.path

    def listen_on(self, port: int) -> None:
        self._prefix = f"rtsp://127.0.0.1:{port}/{self._word}"

    def to_camera(self, part: Message | bytes) -> bytes:
        """The bytes for the camera: its own address in requests, the password's proof added."""
        if isinstance(part, bytes):
            return part
        if part.uri.startswith(self._prefix):
            self._known = True
        if not self._known:
            raise SourceRefused("a stranger knocked at the camera's line")
        if part.is_reply:
            return part.encoded()
        origin = self._address.origin
        start = part.start.replace(self._prefix, origin, 1)
        return self._request(part.get("CSeq"), Message(start, part.headers, part.body))

    def from_camera(self, part: Message | bytes) -> tuple[bytes, bytes]:
        """Bytes to send back to the camera, and bytes for the player; raises `SourceRefused`."""
        if isinstance(part, bytes) or not part.is_reply:
            return b"", part if isinstance(part, bytes) else part.encoded()
        theirs, request, used = self._asked.pop(part.get("CSeq"), ("", None, None))
        if request is None:
            return b"", part.encoded()
        if 300 <= part.status < 400:
            raise SourceRefused(f"{self._name} redirects to another address; that is not followed")
        if part.status == 401:
            return self._challenged(part, theirs, request, used), b""
        self._note(part.status, request.method)
        return b"", self._pinned(part.with_header("CSeq", theirs)).encoded()

    def _request(self, theirs: str, request: Message) -> bytes:
        self._sequence += 1
        number = str(self._sequence)
        if len(self._asked) >= _PENDING:
            self._asked.pop(next(iter(self._asked)))
        self._asked[number] = (theirs, request, self._challenge)
        sent = request.with_header("CSeq", number)
        if self._challenge is not None and self._login is not None:
            self._uses += 1
            proof = answer(
                self._challenge, self._login, request.method, request.uri, uses=self._uses
            )
            sent = sent.with_header("Authorization", proof)
        return sent.encoded()

    def _challenged(
        self, reply: Message, theirs: str, request: Message, used: Challenge | None
    ) -> bytes:
        if self._login is None:
            raise SourceRefused(f"{self._name} wants a user name and password; none is set")
        challenge = best_challenge(reply.all("WWW-Authenticate"))
        if challenge is None:
            raise SourceRefused(f"{self._name} asks for a kind of password proof unknown to us")
        if used is not None and (used.nonce == challenge.nonce or not challenge.stale):
            raise SourceRefused(f"{self._name} refused the user name or password")
        self._challenge, self._uses = challenge, 0
        return self._request(theirs, request)

    def _note(self, status: int, method: str) -> None:
        if status < 400:
            return
        if status == 403:
            raise SourceRefused(f"{self._name} forbids {method} to this user")
        reason = "has no stream at that path" if status == 404 else f"answered {status}"
        self.error = SourceUnavailable(f"{self._name} {reason} (to {method})")

    def _pinned(self, reply: Message) -> Message:
        """RTP is asked from the pinned address only, whatever source the reply names."""
        fields = reply.get("Transport").split(";")
        if "RTP/AVP" not in fields[0] or "TCP" in fields[0].upper():
            return reply
        kept = [field for field in fields if not field.strip().lower().startswith("source=")]
        return reply.with_header("Transport", ";".join([*kept, f"source={self._address.ip}"]))

    @property
    def _name(self) -> str:
        return f"camera {self._address.host}:{self._address.port}"
