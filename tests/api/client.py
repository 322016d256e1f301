"""A client that speaks to an app inside this process, one call at a time."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


class Client:
    """Requests to `app`; keeps cookies, and a bearer token when `token` is given."""

    def __init__(self, app: ASGIApp, *, token: str = "", scheme: str = "http") -> None:
        self._app = app
        self._scheme = scheme
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer; exceptions that leave the app fail the test."""
        headers = {**self.headers, **options.pop("headers", {})}
        return asyncio.run(self._send(method, path, headers=headers, **options))

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url=f"{self._scheme}://casetrace.test", cookies=self.cookies
        ) as client:
            response = await client.request(method, path, **options)
            self.cookies = client.cookies
            return response

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


def code_of(response: httpx.Response) -> str:
    """The error code of an answer; checks that the shape is the one shape."""
    error = response.json()["error"]
    assert set(error) <= {"code", "message", "request_id", "detail"}
    assert error["message"]
    assert error["request_id"] == response.headers["X-Request-ID"]
    return str(error["code"])
