"""Every failure as one JSON shape: `{"error": {"code", "message", "detail"?, "request_id"}}`.

`STATUS` says which HTTP status each class of `core.errors` becomes; a class that is missing there
fails a test. What is not ours is logged with the request's id and answered without its words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.logs import hidden
from core import errors

log = structlog.get_logger("api")

STATUS: Final[Mapping[type[errors.CaseTraceError], int]] = {
    errors.CaseTraceError: 500,
    errors.InvalidInput: 422,
    errors.InvalidBox: 422,
    errors.TooLarge: 413,
    errors.SourceError: 502,
    errors.SourceUnavailable: 502,
    errors.SourceRefused: 502,
    errors.MediaCorrupt: 422,
    errors.ModelError: 503,
    errors.ModelMissing: 503,
    errors.ModelMismatch: 503,
    errors.DeviceUnavailable: 503,
    errors.StorageError: 500,
    errors.StorageFull: 507,
    errors.StorageCorrupt: 500,
    errors.DuplicateId: 409,
    errors.Busy: 503,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.AuthenticationFailed: 401,
    errors.Forbidden: 403,
    errors.CaseNotActive: 403,
    errors.OutOfScope: 403,
    errors.SamePerson: 409,
}

# Failures that only HTTP knows, beside the codes of `core.errors`.
HTTP_CODES: Final[Mapping[int, str]] = {
    400: "invalid_input",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}
INTERNAL: Final = "internal"
INTERNAL_MESSAGE: Final = (
    "something broke inside; tell your administrator the request id, the log has the rest"
)

# Its own words may hold what the caller must not see: the database's address, paths, tables.
_QUIET: Final = errors.StorageError
_LOUD: Final = (errors.DuplicateId, errors.Busy)
_QUIET_MESSAGE: Final = "the storage failed; the log has the rest under this request id"


def status_of(error: errors.CaseTraceError) -> int:
    """The HTTP status of the error's class, or of its nearest known base."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def request_id_of(request: Request) -> str:
    """The id that the log knows the request by."""
    return str(getattr(request.state, "request_id", ""))


def error_body(
    code: str, message: str, request_id: str, detail: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The one shape; `detail` only where there is some."""
    error: dict[str, Any] = {"code": code, "message": message, "request_id": request_id}
    if detail:
        error["detail"] = list(detail)
    return {"error": error}


def response_of(request: Request, error: errors.CaseTraceError) -> JSONResponse:
    """The answer to an error of ours, with the headers that its status asks for."""
    status = status_of(error)
    message = hidden(str(error))
    if isinstance(error, _QUIET) and not isinstance(error, _LOUD):
        log.error("failed", code=error.code, request_id=request_id_of(request), reason=message)
        message = _QUIET_MESSAGE
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="casetrace"'
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = "1"
    body = error_body(error.code, message, request_id_of(request))
    return JSONResponse(body, status, headers)


def add_error_handlers(app: FastAPI) -> None:
    """Make every failure of `app` leave in the one shape."""
    app.add_exception_handler(errors.CaseTraceError, _ours)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_http)


def _ours(request: Request, error: Exception) -> JSONResponse:
    return response_of(request, cast(errors.CaseTraceError, error))


def _not_valid(request: Request, error: Exception) -> JSONResponse:
    """Names each wrong field; what was sent is not repeated, it may be a password."""
    wrong = cast(RequestValidationError, error).errors()
    detail = [{"field": ".".join(map(str, part["loc"])), "message": part["msg"]} for part in wrong]
    message = "; ".join(f"{part['field']}: {part['message']}" for part in detail[:3])
    body = error_body(errors.InvalidInput.code, message, request_id_of(request), detail)
    return JSONResponse(body, 422)


def _of_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework raised; one of ours that it wrapped while reading the body stays ours."""
    raised = cast(HTTPException, error)
    if isinstance(raised.__cause__, errors.CaseTraceError):
        return response_of(request, raised.__cause__)
    code = HTTP_CODES.get(raised.status_code, INTERNAL)
    message = f"{request.method} {request.url.path}: {raised.detail}"
    body = error_body(code, message, request_id_of(request))
    return JSONResponse(body, raised.status_code, raised.headers)
