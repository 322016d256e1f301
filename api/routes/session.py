"""Logging in and out, and one's own password."""

from fastapi import APIRouter, Request, Response

from api.access import (
    Caller,
    NamedRoute,
    SignedInRoute,
    Wired,
    check_same_site,
    cookie_name,
    is_tls,
    token_of,
)
from api.routes.answers import SIGNED_IN, failures
from api.schemas.accounts import AccountOut, LoginIn, PasswordIn, SessionOut
from core.clocks import s_of
from core.types import Session

open_router = APIRouter(tags=["session"], route_class=NamedRoute)
router = APIRouter(tags=["session"], route_class=SignedInRoute)


@open_router.post("/session", status_code=201, responses=failures(401, 403, 422))
def login(request: Request, response: Response, wired: Wired, body: LoginIn) -> SessionOut:
    """Log in. `browser` sets a cookie that scripts cannot read, `bearer` answers with a token."""
    if body.kind == "browser":
        check_same_site(request)
    origin = request.client.host if request.client else ""
    token, session = wired.accounts.login(
        body.name, body.password.get_secret_value(), body.kind, origin=origin
    )
    if body.kind == "browser":
        _set_cookie(request, response, token, session)
    return SessionOut(
        account=AccountOut.of(wired.accounts.who(token)),
        expires=session.expires_ns,
        kind=body.kind,
        token=token if body.kind == "bearer" else None,
    )


@router.delete("/session", status_code=204, responses=SIGNED_IN)
def logout(request: Request, response: Response, wired: Wired, _caller: Caller) -> None:
    """End this session, on the server too."""
    wired.accounts.logout(token_of(request))
    response.delete_cookie(
        cookie_name(request), secure=is_tls(request), httponly=True, samesite="strict"
    )


@router.get("/session", responses=SIGNED_IN)
def me(caller: Caller) -> AccountOut:
    """Who is logged in."""
    return AccountOut.of(caller)


@router.put("/session/password", status_code=204, responses=SIGNED_IN)
def change_password(wired: Wired, caller: Caller, body: PasswordIn) -> None:
    """Change one's own password; every session of the account ends, this one too."""
    wired.accounts.change_password(caller, body.old.get_secret_value(), body.new.get_secret_value())


def _set_cookie(request: Request, response: Response, token: str, session: Session) -> None:
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(s_of(session.expires_ns - session.created_ns)),
        path="/",
        secure=is_tls(request),
        httponly=True,
        samesite="strict",
    )
