"""Around every request: its id, one log line, counts, security headers, and a limit on its body."""

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, INTERNAL_MESSAGE, error_body, response_of
from core.errors import TooLarge

log = structlog.get_logger("api")

MIB: Final = 1 << 20
UPLOAD_LIMIT_BYTES: Final = 50 * MIB
JSON_LIMIT_BYTES: Final = 8 * MIB  # a city's road graph; everything else is far smaller

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS: Final = "max-age=31536000"

Observe = Callable[[str, str, int, float], None]
"""Told (method, route, status, seconds) when a request has been answered."""


class RequestLine:
    """Gives each request an id, its security headers, a log line, and an answer if code broke."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer = _Answer(scope, send)
        started_s = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            log.exception("broke", method=scope["method"], path=scope["path"])
            await answer.say_internal(request_id, receive)
        self._note(scope, answer.status, time.perf_counter() - started_s)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("state", {}).get("route", "unmatched")
        self._observe(scope["method"], route, status, seconds)
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            duration_ms=round(seconds * 1000, 1),
        )


class _Answer:
    """What went out so far, with our headers on it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-ID"] = self._scope["state"]["request_id"]
            if self._scope["scheme"] == "https":
                headers["Strict-Transport-Security"] = HSTS
        await self._send(message)

    async def say_internal(self, request_id: str, receive: Receive) -> None:
        """A plain 500, unless an answer is under way already: then the connection just ends."""
        if self.status:
            return
        body = error_body(INTERNAL, INTERNAL_MESSAGE, request_id)
        await JSONResponse(body, 500)(self._scope, receive, self.send)


class BodyLimit:
    """Refuses bodies beyond the limit: by their stated length, and by what really arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = _limit_of(headers.get("content-type", ""))
        stated = headers.get("content-length", "0")
        if stated.isdecimal() and int(stated) > limit:
            refusal = response_of(Request(scope), _too_large(limit))
            await refusal(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _limit_of(content_type: str) -> int:
    multipart = content_type.lower().startswith("multipart/form-data")
    return UPLOAD_LIMIT_BYTES if multipart else JSON_LIMIT_BYTES


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"request: want at most {limit // MIB} MiB, got more")


def _counted(receive: Receive, limit: int) -> Receive:
    arrived = 0

    async def counted() -> Any:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > limit:
            raise _too_large(limit)
        return message

    return counted
