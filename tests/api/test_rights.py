"""The matrix {user} x {case} x {route}: nobody outside a case gets anything by any route.

It is made from the app's own routes: a route without a valid request below fails the build, so a
new one cannot be forgotten here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from core.types import Case, CaseState, Outcome
from tests.api.client import code_of
from tests.api.house import HERE, SEEN_HERE, House, open_house
from tests.api.requests import VALID
from tests.api.routes import Route, all_routes

OPEN = {"login", "healthz", "readyz", "metrics", "get_page", "get_page_file"}
"""Routes that need no login; no other route may join them unseen."""

# Who is a stranger to a case, and to which routes of it: an approver and an auditor may read its
# papers, an approver decides it; neither gets to footage by that.
PAPERS = {"get_case"}
DECIDING = {"approve_case", "reject_case"}
STRANGERS = {
    "zoe": frozenset[str](),
    "admin": frozenset[str](),
    "operator": frozenset[str](),
    "approver": frozenset(PAPERS | DECIDING),
    "auditor": frozenset(PAPERS),
}
CASE_ROUTES = [route for route in all_routes() if route.names_a_case]
STRANGE_PAIRS = [
    (who, route) for who in STRANGERS for route in CASE_ROUTES if route.name not in STRANGERS[who]
]
STEPS = {"amend_case", "add_member", "close_case"}
READING_ROUTES = [r for r in CASE_ROUTES if r.name not in PAPERS | DECIDING | STEPS]


@pytest.fixture(scope="module")
def full(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the whole matrix: a refusal must change nothing, so it can be shared."""
    with open_house(built, tmp_path_factory.mktemp("house"), create_app) as house:
        yield house


@pytest.fixture(scope="module")
def cases(full: House) -> dict[str, Case]:
    """A case in each state, all of ann's."""
    desk, ann, approver = full.service.desk, full.people["ann"], full.people["approver"]
    waiting, active, closed = full.case(approved=False), full.case(), full.case()
    refused = full.case(approved=False)
    return {
        "requested": waiting,
        "active": active,
        "closed": desk.close(ann, closed.case_id),
        "rejected": desk.reject(approver, refused.case_id, "far too wide"),
    }


def ask(house: House, who: str, route: Route, case_id: int) -> Any:
    ids = {
        "case_id": case_id,
        "camera_id": HERE,
        "tracklet_id": SEEN_HERE,
        "shot_id": SEEN_HERE * 10,
        "probe_id": 1,
        "search_id": 1,
        "account_id": house.people["ben"].account_id,
    }
    path = route.path.format_map(ids)
    return house.client(who).request(route.method, path, **VALID[route.name].options())


def test_every_route_has_a_valid_request() -> None:
    assert set(VALID) == {route.name for route in all_routes()}


@pytest.mark.parametrize("route", [r for r in all_routes() if r.name not in OPEN], ids=str)
def test_nobody_logged_in_gets_401(full: House, cases: dict[str, Case], route: Route) -> None:
    response = ask(full, "", route, cases["active"].case_id)
    assert response.status_code == 401
    assert code_of(response) == "authentication_failed"


@pytest.mark.parametrize("state", [*CaseState, "absent"])
@pytest.mark.parametrize(("who", "route"), STRANGE_PAIRS, ids=str)
def test_stranger_is_refused_with_one_entry(
    full: House, cases: dict[str, Case], who: str, route: Route, state: str
) -> None:
    case_id = cases[state].case_id if state in cases else 999_999
    full.token(who)  # so that no login falls between the counts
    before = full.service.store.audit.count()
    response = ask(full, who, route, case_id)
    assert response.status_code in (403, 404), response.text
    code_of(response)
    fresh = full.kinds_after(before)
    assert [kind for kind in fresh if kind.startswith("!")] == fresh
    assert len(fresh) == 1
    assert full.last_entry().event.case_id == case_id


@pytest.mark.parametrize("state", ["requested", "closed", "rejected"])
@pytest.mark.parametrize("route", READING_ROUTES, ids=str)
def test_member_reads_nothing_of_a_case_that_is_not_active(
    full: House, cases: dict[str, Case], route: Route, state: str
) -> None:
    response = ask(full, "ben", route, cases[state].case_id)
    assert response.status_code in (403, 404)
    assert full.last_entry().event.outcome is Outcome.DENY


def test_expired_case_gives_nothing(house: House) -> None:
    case = house.case()
    house.clock.now_ns = case.expires_ns
    for route in READING_ROUTES:
        house.tokens.clear()
        response = ask(house, "ann", route, case.case_id)
        assert response.status_code == 403, route
        assert code_of(response) == "case_not_active", route


# Who lacks the role for what changes the installation or reads its log.
WITHOUT_ROLE = {
    "ann": {"operator", "admin", "auditor"},
    "approver": {"operator", "admin", "auditor"},
    "auditor": {"operator", "admin"},
    "operator": {"admin", "auditor"},
}
ROLE_OF = {
    **dict.fromkeys(("create_account", "change_roles", "reset_password"), "admin"),
    "disable_account": "admin",
    **dict.fromkeys(("add_camera", "change_camera", "remove_camera"), "operator"),
    **dict.fromkeys(("correct_clock", "import_roads"), "operator"),
    **dict.fromkeys(("read_audit", "verify_chain"), "auditor"),
}
ROLE_PAIRS = [
    (who, route)
    for who, lacking in WITHOUT_ROLE.items()
    for route in all_routes()
    if ROLE_OF.get(route.name) in lacking
    # It reads the camera first, which an auditor may not either; that read has no kind of entry.
    and (who, route.name) != ("auditor", "change_camera")
]


@pytest.mark.parametrize(("who", "route"), ROLE_PAIRS, ids=str)
def test_account_without_the_role_is_refused(full: House, who: str, route: Route) -> None:
    full.token(who)
    before = full.service.store.audit.count()
    response = ask(full, who, route, 0)
    assert response.status_code == 403
    fresh = full.kinds_after(before)
    assert [kind[0] for kind in fresh] == ["!"]


def test_case_is_not_asked_for_without_being_an_investigator(full: House) -> None:
    (route,) = [route for route in all_routes() if route.name == "request_case"]
    assert ask(full, "operator", route, 0).status_code == 403
