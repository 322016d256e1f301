"""The matrix {user} x {case} x {route}: nobody outside a case gets anything by any route.

It is made from the app's own routes: a route without a valid request below fails the build, so a
new one cannot be forgotten here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from core.types import Case, CaseState, Outcome
from tests.api.client import code_of
from tests.api.house import (
    HERE,
    PASSWORD,
    SEEN_HERE,
    House,
    open_house,
    picture,
)
from tests.api.routes import Route, all_routes
from tests.builders import at, span

OPEN = {"login", "healthz", "readyz", "metrics"}
"""Routes that need no login; no other route may join them unseen."""

START, END = "2026-05-04T07:10:00Z", "2026-05-04T07:11:00Z"
BOX = [10, 10, 200, 300]
GRANT = {"camera_id": str(HERE), "start": START, "end": END}


@dataclass(frozen=True, slots=True)
class Valid:
    """A request that somebody with all rights would get an answer to."""

    json: Any = None
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""

    def options(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {"params": dict(self.params)}
        if self.json is not None:
            chosen["json"] = self.json
        if self.file:
            chosen |= {"data": dict(self.form), "files": {"picture": ("a.jpg", self.file)}}
        return chosen


SPAN = {"start": START, "end": END}
VALID: Mapping[str, Valid] = {
    "login": Valid({"name": "ann", "password": PASSWORD, "kind": "bearer"}),
    "logout": Valid(),
    "me": Valid(),
    "change_password": Valid({"old": PASSWORD, "new": "quite another long phrase"}),
    "list_accounts": Valid(),
    "create_account": Valid(
        {
            "name": "new.one",
            "full_name": "New One",
            "organisation": "Precinct 1",
            "roles": ["investigator"],
            "password": PASSWORD,
        }
    ),
    "change_roles": Valid({"roles": ["investigator"]}),
    "reset_password": Valid({"password": "quite another long phrase"}),
    "disable_account": Valid(),
    "list_cameras": Valid(),
    "add_camera": Valid({"name": "gate 9"}),
    "get_camera": Valid(),
    "change_camera": Valid({"retention_days": 5}),
    "remove_camera": Valid(),
    "correct_clock": Valid({"since": START, "offset_s": 1.5, "sigma_s": 0.5}),
    "get_roads": Valid(),
    "import_roads": Valid({"edges": [{"start": "1", "end": "2", "distance_m": 410}]}),
    "list_cases": Valid(),
    "request_case": Valid(
        {
            "reference": "2026-05-0999",
            "offence": "theft of a bag",
            "legal_basis": "criminal procedure act",
            "purpose": "find where the thief went",
            "expires": "2026-05-08T00:00:00Z",
            "grants": [GRANT],
        }
    ),
    "get_case": Valid(),
    "amend_case": Valid({"reason": "he went east", "grants": [GRANT]}),
    "add_member": Valid({"account_id": "1"}),
    "approve_case": Valid({"version": 1}),
    "reject_case": Valid({"reason": "far too wide"}),
    "close_case": Valid({"reason": "found him"}),
    "list_probes": Valid(),
    "probe_by_upload": Valid(form={"family": "person", "box": "10,10,200,300"}, file=picture()),
    "probe_by_frame": Valid({"camera_id": str(HERE), "at": START, "box": BOX, "family": "person"}),
    "probe_by_shot": Valid({"shot_id": str(SEEN_HERE * 10)}),
    "probes_of_confirmed": Valid(),
    "get_probe_picture": Valid(),
    "search": Valid({"probe_ids": ["1"]}),
    "list_searches": Valid(),
    "get_search": Valid(),
    "list_decisions": Valid(),
    "decide": Valid({"tracklet_id": str(SEEN_HERE), "verdict": "confirm"}),
    "get_trajectory": Valid(),
    "list_footage": Valid(),
    "get_frame": Valid(params={"at": START}),
    "get_clip": Valid(params=SPAN),
    "get_proxy": Valid(params=SPAN),
    "list_tracklets": Valid(),
    "get_tracklet": Valid(),
    "get_shot": Valid(),
    "get_coverage": Valid(),
    "read_audit": Valid(),
    "verify_chain": Valid(),
    "healthz": Valid(),
    "readyz": Valid(),
    "metrics": Valid(),
}

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


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the whole matrix: a refusal must change nothing, so it can be shared."""
    with open_house(Path(tmp_path_factory.mktemp("house")), create_app) as house:
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
@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("route", CASE_ROUTES, ids=str)
def test_stranger_is_refused_with_one_entry(
    full: House, cases: dict[str, Case], route: Route, who: str, state: str
) -> None:
    if route.name in STRANGERS[who] and state != "absent":
        pytest.skip("by role no stranger to the papers")
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
@pytest.mark.parametrize(
    "route", [r for r in CASE_ROUTES if "/cases/{case_id}/" in r.path], ids=str
)
def test_member_reads_nothing_of_a_case_that_is_not_active(
    full: House, cases: dict[str, Case], route: Route, state: str
) -> None:
    if route.name in DECIDING | {"close_case", "add_member"}:
        pytest.skip("a step of the case itself, with tests of its own")
    response = ask(full, "ben", route, cases[state].case_id)
    assert response.status_code in (403, 404)
    assert full.last_entry().event.outcome is Outcome.DENY


def test_expired_case_gives_nothing(house: House) -> None:
    case = house.case()
    house.clock.now_ns = case.expires_ns
    for route in CASE_ROUTES:
        if route.name in PAPERS | DECIDING | {"close_case", "add_member", "amend_case"}:
            continue
        house.tokens.clear()
        response = ask(house, "ann", route, case.case_id)
        assert response.status_code == 403, route
        assert code_of(response) == "case_not_active", route


def test_matrix_grants_lie_where_the_house_saw_something() -> None:
    assert span().holds(at(600.0))
