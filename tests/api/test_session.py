"""Logging in and out: cookies that scripts and other sites cannot use, or bearer tokens."""

import pytest

from tests.api.client import SAME_SITE, Client, code_of
from tests.api.house import PASSWORD, House

LOGIN = "/api/v1/session"


def browser(house: House, name: str = "ann", *, scheme: str = "http") -> Client:
    """A client that logged in as a browser does."""
    client = house.client(scheme=scheme)
    body = {"name": name, "password": PASSWORD}
    assert client.post(LOGIN, json=body, headers=SAME_SITE).status_code == 201
    return client


def test_bearer_login_gives_a_token_that_works(house: House) -> None:
    body = {"name": "ann", "password": PASSWORD, "kind": "bearer"}
    answer = house.client().post(LOGIN, json=body).json()
    assert answer["account"]["name"] == "ann"
    client = Client(house.app, token=answer["token"])
    assert client.get(LOGIN).json()["name"] == "ann"


def test_browser_login_sets_a_strict_cookie_and_shows_no_token(house: House) -> None:
    body = {"name": "ann", "password": PASSWORD}
    response = house.client().post(LOGIN, json=body, headers=SAME_SITE)
    cookie = response.headers["Set-Cookie"]
    assert response.json()["token"] is None
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie


def test_browser_login_over_tls_sets_a_secure_host_cookie(house: House) -> None:
    body = {"name": "ann", "password": PASSWORD}
    response = house.client(scheme="https").post(LOGIN, json=body, headers=SAME_SITE)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-casetrace_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_browser_session_reads_and_writes_from_its_own_site(house: House) -> None:
    client = browser(house)
    assert client.get(LOGIN).status_code == 200
    assert client.delete(LOGIN, headers=SAME_SITE).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "X-CaseTrace-Request": "1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_write_with_a_cookie_from_another_site_is_refused(
    house: House, headers: dict[str, str]
) -> None:
    client = browser(house)
    response = client.delete(LOGIN, headers=headers)
    assert response.status_code == 403
    assert code_of(response) == "forbidden"
    assert client.get(LOGIN).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [SAME_SITE, {"Origin": "http://casetrace.test"}, {"X-CaseTrace-Request": "1"}],
    ids=str,
)
def test_write_with_a_cookie_from_our_own_page_is_let_in(
    house: House, headers: dict[str, str]
) -> None:
    assert browser(house).delete(LOGIN, headers=headers).status_code == 204


def test_browser_login_from_another_site_is_refused(house: House) -> None:
    body = {"name": "ann", "password": PASSWORD}
    response = house.client().post(LOGIN, json=body, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


def test_logout_ends_the_session_on_the_server(house: House) -> None:
    client = browser(house)
    kept = dict(client.cookies)
    client.delete(LOGIN, headers=SAME_SITE)
    client.cookies.update(kept)
    assert client.get(LOGIN).status_code == 401


def test_session_ends_with_its_time(house: House) -> None:
    client = browser(house)
    house.clock.advance(12 * 3600 + 1)
    response = client.get(LOGIN)
    assert response.status_code == 401
    assert code_of(response) == "authentication_failed"


def test_password_change_ends_every_session(house: House) -> None:
    client = house.client("ann")
    body = {"old": PASSWORD, "new": "quite another long phrase"}
    assert client.put(f"{LOGIN}/password", json=body).status_code == 204
    assert client.get(LOGIN).status_code == 401


def test_disabled_account_is_out_at_once(house: House) -> None:
    client = house.client("ann")
    account_id = house.people["ann"].account_id
    answer = house.client("admin").post(f"/api/v1/accounts/{account_id}/disable")
    assert answer.status_code == 204
    assert client.get(LOGIN).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "ann", "password": "wrong"},
        {"name": "nobody", "password": PASSWORD},
        {"name": "ann'; DROP TABLE accounts;--", "password": PASSWORD},
        {"name": "🦊", "password": "🦊"},
    ],
    ids=str,
)
def test_wrong_login_says_the_same_of_every_name(house: House, body: dict[str, str]) -> None:
    response = house.client().post(LOGIN, json={**body, "kind": "bearer"})
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "wrong name or password"


@pytest.mark.parametrize(
    "value",
    [b"", b"Bearer", b"Bearer ", b"Basic YW5uOmE=", b"Bearer " + b"x" * 5000, b"Bearer \xff"],
)
def test_bad_authorization_header_is_401(house: House, value: bytes) -> None:
    response = house.client().get(LOGIN, headers={"Authorization": value})
    assert response.status_code == 401


def test_body_of_a_stranger_is_not_read(house: House) -> None:
    async def never() -> object:
        raise AssertionError("the body was read before the token")
        yield b""

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    path = "/api/v1/cases/1/probes/upload"
    response = house.client().post(path, content=never(), headers=headers)
    assert response.status_code == 401
