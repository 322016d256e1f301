"""Each route leaves the audit entry that the table promises, before its answer leaves."""

from typing import Any

import pytest

from api.events import EVENT_OF
from tests.api.house import HERE, SEEN_HERE, House
from tests.api.requests import VALID
from tests.api.routes import Route, all_routes

BY_NAME = {route.name: route for route in all_routes()}

# Who may do it. The requester where nothing is said.
ACTORS = {
    **dict.fromkeys(("create_account", "change_roles", "reset_password"), "admin"),
    **dict.fromkeys(("disable_account",), "admin"),
    **dict.fromkeys(("add_camera", "change_camera", "remove_camera"), "operator"),
    **dict.fromkeys(("correct_clock", "import_roads"), "operator"),
    **dict.fromkeys(("approve_case", "reject_case"), "approver"),
    **dict.fromkeys(("read_audit", "verify_chain"), "auditor"),
    **dict.fromkeys(("login", "healthz", "readyz", "metrics"), ""),
}
WAITING = {"approve_case", "reject_case"}


def test_event_table_names_every_route() -> None:
    assert set(EVENT_OF) == set(BY_NAME)


def answered(house: House, route: Route, ids: dict[str, Any]) -> Any:
    options = VALID[route.name].options()
    if route.name == "search":
        options["json"] = {"probe_ids": [str(ids["probe_id"])]}
    if route.name == "add_member":
        options["json"] = {"account_id": str(house.people["zoe"].account_id)}
    client = house.client(ACTORS.get(route.name, "ann"))
    return client.request(route.method, route.path.format_map(ids), **options)


def prepared(house: House, route: Route) -> dict[str, Any]:
    """What the route's path names, made as `ann` would have made it."""
    case = house.case(approved=route.name not in WAITING)
    ids = {
        "case_id": case.case_id,
        "camera_id": HERE,
        "tracklet_id": SEEN_HERE,
        "shot_id": SEEN_HERE * 10,
        "account_id": house.people["zoe"].account_id,
        "probe_id": 0,
        "search_id": 0,
        "name": "app.js",
    }
    if route.name in ("search", "get_search", "get_probe_picture"):
        ids["probe_id"] = answered(house, BY_NAME["probe_by_shot"], ids).json()["probe_id"]
    if route.name == "get_search":
        ids["search_id"] = answered(house, BY_NAME["search"], ids).json()["search_id"]
    return ids


@pytest.mark.parametrize("name", EVENT_OF)
def test_route_leaves_its_entry(house: House, name: str) -> None:
    route, kind = BY_NAME[name], EVENT_OF[name]
    ids = prepared(house, route)
    house.token(ACTORS.get(name) or "ann")
    before = house.service.store.audit.count()
    response = answered(house, route, ids)
    assert response.status_code < 300, response.text
    fresh = house.kinds_after(before)
    assert (kind in fresh) if kind else (not fresh)
    assert not any(entry.startswith("!") for entry in fresh)
    house.service.audit.verify()
