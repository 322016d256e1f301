"""Answers to a camera's `401 Unauthorized`: Digest (RFC 7616, RFC 2069) before Basic (RFC 7617)."""

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.addresses import Login

_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
# Strongest first; MD5 is what nearly every camera offers.
_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda octets: hashlib.sha256(octets).hexdigest(),
    "MD5": lambda octets: hashlib.md5(octets, usedforsecurity=False).hexdigest(),
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One `WWW-Authenticate` line, read."""

    scheme: str
    realm: str
    nonce: str = ""
    algorithm: str = "MD5"
    opaque: str = ""
    qop: bool = False
    stale: bool = False


def best_challenge(lines: Sequence[str]) -> Challenge | None:
    """The strongest that we can answer of several `WWW-Authenticate` values; None if none."""
    known = [challenge for line in lines if (challenge := _parsed(line)) is not None]
    return min(known, key=_weakness, default=None)


def answer(
    challenge: Challenge, login: Login, method: str, uri: str, *, uses: int = 1, cnonce: str = ""
) -> str:
    """The `Authorization` value for one request; `uses` counts those made with this nonce."""
    if challenge.scheme == "basic":
        pair = f"{login.username}:{login.password}".encode()
        return f"Basic {b64encode(pair).decode()}"
    cnonce = cnonce or os.urandom(8).hex()
    count = f"{uses:08x}"
    digest = _HASHES[challenge.algorithm]
    secret = digest(f"{login.username}:{challenge.realm}:{login.password}".encode())
    asked = digest(f"{method}:{uri}".encode())
    middle = f"{count}:{cnonce}:auth:" if challenge.qop else ""
    response = digest(f"{secret}:{challenge.nonce}:{middle}{asked}".encode())
    fields = {
        "username": login.username.replace("\\", "\\\\").replace('"', '\\"'),
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": response,
    }
    if challenge.opaque:
        fields["opaque"] = challenge.opaque
    text = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    # Old cameras that never name an algorithm choke on one in the answer.
    if challenge.algorithm != "MD5":
        text += f", algorithm={challenge.algorithm}"
    if challenge.qop:
        text += f', qop=auth, nc={count}, cnonce="{cnonce}"'
    return f"Digest {text}"


def _parsed(line: str) -> Challenge | None:
    scheme, _, rest = line.strip().partition(" ")
    found = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    if scheme.lower() == "basic":
        return Challenge("basic", found.get("realm", ""))
    algorithm = found.get("algorithm", "MD5").upper()
    if scheme.lower() != "digest" or algorithm not in _HASHES or not found.get("nonce"):
        return None
    offered = [word.strip() for word in found.get("qop", "").split(",")]
    return Challenge(
        "digest",
        found.get("realm", ""),
        nonce=found["nonce"],
        algorithm=algorithm,
        opaque=found.get("opaque", ""),
        qop="auth" in offered,
        stale=found.get("stale", "").lower() == "true",
    )


def _weakness(challenge: Challenge) -> int:
    if challenge.scheme == "basic":
        return len(_HASHES)
    return list(_HASHES).index(challenge.algorithm)
