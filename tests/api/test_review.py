"""A review that is disturbed: a login that ends, a request sent twice, two people at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from core.types import Case
from tests.api.client import SAME_SITE, Client, code_of
from tests.api.house import HERE, PASSWORD, SEEN_HERE, SEEN_THERE, House, picture
from tests.api.requests import START

CONFIRM: dict[str, Any] = {
    "tracklet_id": str(SEEN_HERE),
    "verdict": "confirm",
    "note": "the red bag, and the same shoes",
}


@pytest.fixture
def case(house: House) -> Case:
    return house.case()


def path(case: Case, rest: str) -> str:
    return f"/api/v1/cases/{case.case_id}/{rest}"


def decide(client: Client, case: Case, **changes: Any) -> httpx.Response:
    body = {**CONFIRM, **changes}
    return client.post(path(case, "decisions"), json=body, headers=SAME_SITE)


def browser(house: House, name: str = "ben") -> Client:
    """Somebody who logged in on the page."""
    client = house.client()
    body = {"name": name, "password": PASSWORD, "kind": "browser"}
    assert client.post("/api/v1/session", json=body, headers=SAME_SITE).is_success
    return client


# --- a login that ends -------------------------------------------------------------------------


def test_decision_after_the_login_expired_is_refused_and_changes_nothing(
    house: House, case: Case
) -> None:
    client = browser(house)
    house.clock.advance(12 * 3600 + 1)
    before = house.service.store.audit.count()

    response = decide(client, case)

    assert (response.status_code, code_of(response)) == (401, "authentication_failed")
    assert "expired" in response.json()["error"]["message"]
    assert house.service.store.cases.decisions(case.case_id) == []
    assert house.kinds_after(before) == []


def test_decision_sent_again_after_a_new_login_is_made_once(house: House, case: Case) -> None:
    client = browser(house)
    assert decide(client, case).status_code == 201
    house.clock.advance(12 * 3600 + 1)
    assert decide(client, case).status_code == 401

    again = decide(browser(house), case)

    assert again.status_code == 201
    (made,) = house.service.store.cases.decisions(case.case_id)
    assert again.json()["decision_id"] == str(made.decision_id)
    assert made.note == CONFIRM["note"]


def test_decision_whose_answer_was_lost_is_named_by_both_entries(house: House, case: Case) -> None:
    client = house.client("ben")
    first = decide(client, case).json()
    before = house.service.store.audit.count()

    second = decide(client, case).json()

    assert second == first
    assert house.kinds_after(before) == ["decision"]
    assert house.last_entry().event.detail["decision_id"] == int(first["decision_id"])


@pytest.mark.parametrize("changes", [{"verdict": "reject"}, {"note": "on a second look"}], ids=str)
def test_another_verdict_or_another_note_is_a_new_decision(
    house: House, case: Case, changes: dict[str, str]
) -> None:
    client = house.client("ben")

    made = [decide(client, case), decide(client, case, **changes), decide(client, case)]

    ids = [one.json()["decision_id"] for one in made]
    assert len(set(ids)) == 3
    assert len(house.service.store.cases.decisions(case.case_id)) == 3


@pytest.mark.parametrize(
    ("method", "rest", "options"),
    [
        ("GET", "searches", {}),
        ("GET", f"shots/{SEEN_HERE * 10}.jpg", {"params": {"height": "96"}}),
        ("GET", f"cameras/{HERE}/frame.jpg", {"params": {"at": START}}),
        ("GET", "activity", {}),
        ("POST", "searches", {"json": {"probe_ids": ["1"]}}),
    ],
    ids=str,
)
def test_everything_else_asks_for_the_login_too(
    house: House, case: Case, method: str, rest: str, options: dict[str, Any]
) -> None:
    client = browser(house)
    house.clock.advance(12 * 3600 + 1)

    response = client.request(method, path(case, rest), headers=SAME_SITE, **options)

    assert (response.status_code, code_of(response)) == (401, "authentication_failed")
    assert "WWW-Authenticate" in response.headers


# --- two reviewers at once ---------------------------------------------------------------------


def test_two_reviewers_decide_apart_and_neither_overwrites_the_other(
    house: House, case: Case
) -> None:
    ann, ben = house.client("ann"), house.client("ben")

    assert decide(ann, case, verdict="confirm").status_code == 201
    assert decide(ben, case, verdict="reject", note="taller").status_code == 201

    made = house.service.store.cases.decisions(case.case_id)
    assert [(one.actor, one.verdict) for one in made] == [
        (house.people["ann"].account_id, "confirm"),
        (house.people["ben"].account_id, "reject"),
    ]


def test_second_reviewer_sees_nothing_of_the_first_before_deciding(
    house: House, case: Case
) -> None:
    ann, ben = house.client("ann"), house.client("ben")
    decide(ann, case, verdict="confirm")

    blind = ben.get(path(case, "decisions")).json()
    decide(ben, case, verdict="unsure", note="")
    told = ben.get(path(case, "decisions")).json()

    assert blind == []
    assert [(one["verdict"], one["note"]) for one in told] == [
        ("confirm", CONFIRM["note"]),
        ("unsure", ""),
    ]


def test_two_reviewers_at_the_same_moment_both_count(house: House, case: Case) -> None:
    ids = [SEEN_HERE, SEEN_THERE]
    clients = [house.client("ann"), house.client("ben")]

    def review(client: Client) -> list[int]:
        return [decide(client, case, tracklet_id=str(i)).status_code for i in ids * 5]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(review, clients)) == [[201] * 10] * 2

    made = house.service.store.cases.decisions(case.case_id)
    assert sorted((one.actor, one.tracklet_id) for one in made) == sorted(
        (house.people[name].account_id, i) for name in ("ann", "ben") for i in ids
    )
    house.service.audit.verify()


def test_case_that_was_amended_meanwhile_refuses_a_search_of_the_old_one(
    house: House, case: Case
) -> None:
    ann, ben = house.client("ann"), house.client("ben")
    probe = ben.post(path(case, "probes/shot"), json={"shot_id": str(SEEN_HERE * 10)}).json()
    account = str(house.people["zoe"].account_id)
    added = ann.post(path(case, "members"), json={"account_id": account})
    assert added.status_code in (200, 201)

    body = {"probe_ids": [probe["probe_id"]], "case_version": case.version}
    response = ben.post(path(case, "searches"), json=body)

    assert (response.status_code, code_of(response)) == (403, "case_not_active")
    assert "changed since" in response.json()["error"]["message"]


# --- what is gone in mid-review ----------------------------------------------------------------


def test_what_retention_took_is_a_404_and_the_rest_goes_on(house: House, case: Case) -> None:
    ben, store = house.client("ben"), house.service.store
    probe = ben.post(path(case, "probes/shot"), json={"shot_id": str(SEEN_HERE * 10)}).json()
    body = {"probe_ids": [probe["probe_id"]]}
    search = ben.post(path(case, "searches"), json=body).json()

    store.tracks.erase(HERE, None, house.clock())

    gone = [
        ben.get(path(case, f"shots/{SEEN_HERE * 10}.jpg"), params={"height": "96"}),
        ben.get(path(case, f"tracklets/{SEEN_HERE}")),
        ben.get(path(case, f"cameras/{HERE}/frame.jpg"), params={"at": START, "height": "96"}),
        ben.post(path(case, "probes/shot"), json={"shot_id": str(SEEN_HERE * 10)}),
        decide(ben, case),
    ]
    assert [(one.status_code, code_of(one)) for one in gone] == [(404, "not_found")] * 5
    left = ben.get(path(case, f"searches/{search['search_id']}")).json()
    assert [one["tracklet_id"] for one in left["candidates"]] == [str(SEEN_THERE)]
    again = ben.post(path(case, "searches"), json=body).json()
    assert [one["tracklet_id"] for one in again["candidates"]] == [str(SEEN_THERE)]
    assert ben.get(path(case, f"probes/{probe['probe_id']}.jpg")).status_code == 200


def test_camera_deleted_in_mid_case_is_told_by_every_answer(house: House, case: Case) -> None:
    ben = house.client("ben")
    probe = ben.post(path(case, "probes/shot"), json={"shot_id": str(SEEN_HERE * 10)}).json()
    assert house.client("operator").delete(f"/api/v1/cameras/{HERE}").status_code == 204

    answers = [
        ben.post(path(case, "searches"), json={"probe_ids": [probe["probe_id"]]}).json(),
        ben.get(path(case, "trajectory")).json(),
        ben.get(path(case, "activity")).json(),
    ]

    told = [answer["coverage"]["missing"] for answer in answers]
    told.append(ben.get(path(case, "coverage")).json()["missing"])
    for missing in told:
        of_it = [one["why"] for one in missing if one["camera_id"] == str(HERE)]
        assert of_it == ["camera deleted"]


# --- pictures that are too much or too little ----------------------------------------------------


def upload(client: Client, case: Case, content: bytes, **form: str) -> httpx.Response:
    files = {"picture": ("a.jpg", content)}
    return client.post(path(case, "probes/upload"), data={"family": "person", **form}, files=files)


def test_picture_of_fifty_megabytes_is_refused_with_the_limit(house: House, case: Case) -> None:
    real = picture()
    padded = real + bytes(50_000_000 - len(real))  # a JPEG with much behind it

    response = upload(house.client("ben"), case, padded)

    assert (response.status_code, code_of(response)) == (413, "too_large")
    assert "33554432 bytes, got 50000000" in response.json()["error"]["message"]
    assert house.service.store.cases.probes(case.case_id) == []
    assert upload(house.client("ben"), case, real).status_code == 201


@pytest.mark.parametrize("box", ["10,10,14,14", "10,10,14,200", "10,10,200,17.5"])
def test_box_of_four_pixels_is_refused_for_an_upload(house: House, case: Case, box: str) -> None:
    response = upload(house.client("ben"), case, picture(), box=box)

    assert (response.status_code, code_of(response)) == (422, "invalid_box")
    assert "8 pixels" in response.json()["error"]["message"]
    assert house.service.store.cases.probes(case.case_id) == []


def test_picture_of_four_pixels_is_refused(house: House, case: Case) -> None:
    response = upload(house.client("ben"), case, picture(4, 4))

    assert (response.status_code, code_of(response)) == (422, "invalid_box")


def test_box_of_four_pixels_is_refused_for_a_frame(house: House, case: Case) -> None:
    body = {
        "camera_id": str(HERE),
        "at": START,
        "box": [100, 100, 104, 104],
        "family": "person",
    }

    response = house.client("ben").post(path(case, "probes/frame"), json=body)

    assert (response.status_code, code_of(response)) == (422, "invalid_box")


def test_smallest_box_that_can_be_compared_is_taken(house: House, case: Case) -> None:
    response = upload(house.client("ben"), case, picture(), box="10,10,18,18")

    assert response.status_code == 201
    assert response.json()["family"] == "person"
