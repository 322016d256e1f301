"""Who is asking. A route made of `SignedInRoute` runs only for an account that is logged in.

The token is looked at before the body is read: a stranger cannot make the service take in 50 MB.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.concurrency import run_in_threadpool

from core.errors import AuthenticationFailed, Forbidden
from core.types import Account
from pipeline.service import Service

COOKIE: Final = "casetrace_session"
# Over TLS the browser itself holds the cookie to this host, the whole site and TLS.
SECURE_COOKIE: Final = "__Host-casetrace_session"
CSRF_HEADER: Final = "X-CaseTrace-Request"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


# What OpenAPI says of the ways in; the token itself is looked at by `SignedInRoute`.
WAYS_IN: Final = (
    Depends(HTTPBearer(auto_error=False, description="From a login of kind `bearer`.")),
    Depends(APIKeyCookie(name=COOKIE, auto_error=False, description="From a browser's login.")),
)


def service_of(request: Request) -> Service:
    """The service that the app was made with."""
    return cast("Service", request.app.state.service)


def is_tls(request: Request) -> bool:
    """Whether the caller came over TLS, here or at a proxy that uvicorn was told to trust."""
    return request.url.scheme == "https"


def cookie_name(request: Request) -> str:
    """The session cookie's name, which tells browsers more where there is TLS."""
    return SECURE_COOKIE if is_tls(request) else COOKIE


def token_of(request: Request) -> str:
    """The token of the request; `Forbidden` if another site made the browser send its cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    cookie = request.cookies.get(cookie_name(request), "")
    if not cookie:
        raise AuthenticationFailed("log in, or send `Authorization: Bearer TOKEN`")
    if request.method not in _SAFE_METHODS:
        check_same_site(request)
    return cookie


def check_same_site(request: Request) -> None:
    """`Forbidden` unless the browser says that our own page made the request.

    Every browser of today sends `Sec-Fetch-Site`; older ones `Origin`; what is no browser can say
    so with a header that no other site's page may set.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    elif origin is not None:
        allowed = origin == f"{request.url.scheme}://{request.url.netloc}"
    else:
        allowed = CSRF_HEADER in request.headers
    if not allowed:
        raise Forbidden(f"the request came from another site; want same-origin or {CSRF_HEADER}")


class NamedRoute(APIRoute):
    """Leaves its name for the log and the metrics, which must not hold paths with ids."""

    def get_route_handler(self) -> Handler:
        """The usual handler, after the name was noted."""
        handle = super().get_route_handler()

        async def named(request: Request) -> Response:
            request.state.route = self.name
            return await handle(request)

        return named


class SignedInRoute(NamedRoute):
    """Runs for a caller with a valid session only; everybody else gets 401."""

    def get_route_handler(self) -> Handler:
        """The usual handler, after the token was looked at."""
        handle = super().get_route_handler()

        async def signed_in(request: Request) -> Response:
            request.state.route = self.name
            accounts = service_of(request).accounts
            request.state.caller = await run_in_threadpool(accounts.who, token_of(request))
            return await handle(request)

        return signed_in


def _caller(request: Request) -> Account:
    return cast("Account", request.state.caller)


Caller = Annotated[Account, Depends(_caller)]
"""The account that is asking, on a `SignedInRoute`."""

Wired = Annotated[Service, Depends(service_of)]
"""The service."""
