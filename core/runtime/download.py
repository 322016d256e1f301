"""One file over https, from a given byte on. Standard library only: a pull is rare and small."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol, cast

from core.errors import SourceRefused, SourceUnavailable

_CHUNK = 1 << 16
_TIMEOUT_S = 30.0
_RANGE_IGNORED = 200
_RANGE_BEYOND_END = 416


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes on their way: `start` is where they begin, which is 0 if the server sends it all."""

    start: int
    chunks: Iterator[bytes]


class Fetch(Protocol):
    def __call__(self, address: str, start: int) -> AbstractContextManager[Download]:
        """The file's bytes from `start` on, or from 0 where the server cannot.

        Raises `SourceUnavailable` (worth another try) or `SourceRefused`.
        """


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to https and to nothing else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_plain(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def https_fetch(address: str, start: int) -> Iterator[Download]:
    """The bytes behind `address` from `start` on; certificates are checked as the system does."""
    _refuse_plain(address)
    try:
        with _opened(address, start) as response:
            resumed = response.status != _RANGE_IGNORED
            yield Download(start if resumed else 0, _chunks(response))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code >= 500:
            raise SourceUnavailable(f"{address}: HTTP {error.code}") from error
        raise SourceRefused(f"{address}: HTTP {error.code} {error.reason}") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise SourceUnavailable(f"{address}: {error}") from error


def _opened(address: str, start: int) -> HTTPResponse:
    headers = {"Range": f"bytes={start}-"} if start else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (checked: https)
    opener = urllib.request.build_opener(_HttpsOnly)
    try:
        return cast(HTTPResponse, opener.open(request, timeout=_TIMEOUT_S))
    except urllib.error.HTTPError as error:
        if error.code != _RANGE_BEYOND_END or not start:
            raise
        error.close()
        return _opened(address, 0)


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK):
        yield chunk


def _refuse_plain(address: str) -> None:
    if not address.startswith("https://"):
        raise SourceRefused(f"{address}: want an https:// address")
