"""Every error of ours has a status, and every failure leaves in the one shape."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request

from api.errors import STATUS, add_error_handlers, status_of
from api.middleware import BodyLimit, RequestLine
from core import errors
from tests.api.client import Client, code_of


def all_errors(base: type[errors.CaseTraceError] = errors.CaseTraceError) -> Iterator[type]:
    yield base
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from all_errors(kind)


def app_that_raises(error: Exception) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/fails")
    def fails() -> None:
        raise error

    @app.post("/reads")
    async def reads(request: Request) -> int:
        return len(await request.body())

    add_error_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLine, observe=lambda *_: None)
    return app


def test_status_table_names_every_error_class() -> None:
    assert set(STATUS) == set(all_errors())


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
def test_error_of_ours_leaves_with_its_code_and_status(
    kind: type[errors.CaseTraceError],
) -> None:
    response = Client(app_that_raises(kind("what was wanted"))).get("/fails")
    assert response.status_code == STATUS[kind]
    assert code_of(response) == kind.code


def test_status_of_an_unlisted_subclass_is_its_base() -> None:
    class Fresh(errors.OutOfScope):
        pass

    assert status_of(Fresh("x")) == 403


def test_unexpected_error_answers_500_and_leaks_nothing() -> None:
    response = Client(app_that_raises(RuntimeError("/srv/secret path"))).get("/fails")
    assert response.status_code == 500
    assert code_of(response) == "internal"
    assert "secret" not in response.text


def test_storage_error_keeps_its_words_inside() -> None:
    failure = errors.StorageError("postgresql://user:pw@10.0.0.7/db refused")
    response = Client(app_that_raises(failure)).get("/fails")
    assert code_of(response) == "storage_error"
    assert "10.0.0.7" not in response.text


def test_unauthenticated_answer_names_the_scheme() -> None:
    response = Client(app_that_raises(errors.AuthenticationFailed("log in"))).get("/fails")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_busy_answer_says_when_to_come_again() -> None:
    response = Client(app_that_raises(errors.Busy("leased"))).get("/fails")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/fails", 405, "method_not_allowed"),
    ],
)
def test_framework_failure_leaves_in_the_one_shape(
    method: str, path: str, status: int, code: str
) -> None:
    response = Client(app_that_raises(RuntimeError())).request(method, path)
    assert response.status_code == status
    assert code_of(response) == code


def test_body_stated_too_long_is_refused_before_reading() -> None:
    response = Client(app_that_raises(RuntimeError())).post(
        "/reads", headers={"Content-Length": str(1 << 30)}
    )
    assert response.status_code == 413
    assert code_of(response) == "too_large"


def test_body_that_grows_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.middleware.JSON_LIMIT_BYTES", 1000)

    async def endless() -> object:
        for _ in range(20):
            yield b"x" * 100

    response = Client(app_that_raises(RuntimeError())).post("/reads", content=endless())
    assert response.status_code == 413
    assert code_of(response) == "too_large"


def test_every_answer_carries_the_security_headers() -> None:
    response = Client(app_that_raises(RuntimeError()), scheme="https").get("/nowhere")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Strict-Transport-Security"]


def test_plain_http_answer_does_not_promise_tls() -> None:
    response = Client(app_that_raises(RuntimeError())).get("/nowhere")
    assert "Strict-Transport-Security" not in response.headers
