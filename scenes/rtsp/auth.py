"""Who may watch: Digest (RFC 7616, RFC 2069) and Basic (RFC 7617) authentication."""

import hashlib
import hmac
import re
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Literal

from core.errors import InvalidInput
from scenes.rtsp.messages import Refusal, Request

REALM = "CaseTrace test camera"
_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_UNUSABLE = re.compile(r'[\x00-\x1f"\\:]')


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password, and how they must be proven.

    After `nonce_uses` requests a Digest nonce is stale and a new one is given out; 0 keeps it.
    """

    username: str
    password: str = field(repr=False)
    scheme: Literal["digest", "basic"] = "digest"
    algorithm: Literal["MD5", "SHA-256"] = "MD5"
    nonce_uses: int = 0

    def __post_init__(self) -> None:
        if not self.username or _UNUSABLE.search(self.username):
            raise InvalidInput('credentials: want a user name without quotes, backslashes and ":"')
        if self.nonce_uses < 0:
            raise InvalidInput(f"nonce_uses: want 0 or more, got {self.nonce_uses}")


class Guard:
    """Lets requests pass that prove the credentials; without credentials, all."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._nonce = secrets.token_hex(16)
        self._used = 0

    def check(self, request: Request) -> None:
        """Raises `Refusal` 401, with the challenge, for what is not proven."""
        known = self._credentials
        if known is None:
            return
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != known.scheme:
            raise self._challenge(request, known)
        if known.scheme == "basic":
            pair = b64encode(f"{known.username}:{known.password}".encode()).decode()
            if not _same(rest.strip(), pair):
                raise self._challenge(request, known)
            return
        self._check_digest(request, known, rest)

    def _check_digest(self, request: Request, known: Credentials, rest: str) -> None:
        given = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
        right = (
            _same(given.get("username", ""), known.username)
            and given.get("uri", "") == request.uri
            and _same(given.get("response", ""), self._expected(request, known, given))
        )
        if not right:
            raise self._challenge(request, known)
        if given.get("nonce") != self._nonce or self._is_used_up(known):
            raise self._challenge(request, known, stale=True)
        self._used += 1

    def _is_used_up(self, known: Credentials) -> bool:
        return bool(known.nonce_uses) and self._used >= known.nonce_uses

    def _expected(self, request: Request, known: Credentials, given: dict[str, str]) -> str:
        secret = _digest(known, f"{known.username}:{REALM}:{known.password}")
        asked = _digest(known, f"{request.method}:{request.uri}")
        middle = ""
        if given.get("qop"):
            middle = f"{given.get('nc', '')}:{given.get('cnonce', '')}:{given['qop']}:"
        return _digest(known, f"{secret}:{given.get('nonce', '')}:{middle}{asked}")

    def _challenge(self, request: Request, known: Credentials, *, stale: bool = False) -> Refusal:
        text = f'Basic realm="{REALM}"'
        if known.scheme == "digest":
            if stale:
                self._nonce, self._used = secrets.token_hex(16), 0
            text = f'Digest realm="{REALM}", nonce="{self._nonce}", qop="auth"'
            text += f", algorithm={known.algorithm}" + (", stale=true" if stale else "")
        return Refusal(401, cseq=request.cseq, headers=[("WWW-Authenticate", text)])


def _digest(known: Credentials, text: str) -> str:
    if known.algorithm == "SHA-256":
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
