"""Search by plate over HTTP and at the command line: answers, and clear errors."""

import json
from typing import Any

import pytest

from tests.api.client import code_of
from tests.api.house import ELSEWHERE, HERE, SEEN_HERE, THERE, House
from tests.api.test_cli import Shell, shell  # noqa: F401 - a fixture

TEXT = "京A12345"
CAR, ALIKE, OTHER = 401, 402, 403


@pytest.fixture
def case_id(house: House) -> int:
    """Case of two cameras: the car is seen by the one, a car with a like plate by the other."""
    house.drive(CAR, TEXT)
    house.drive(ALIKE, "京A1Z345", camera_id=THERE, sure=0.7)
    house.drive(OTHER, TEXT, camera_id=ELSEWHERE)
    return house.case().case_id


def post(house: House, case_id: int, body: dict[str, Any]) -> Any:
    return house.client("ben").post(f"/api/v1/cases/{case_id}/searches", json=body)


def test_search_by_plate_finds_it_with_its_evidence(house: House, case_id: int) -> None:
    response = post(house, case_id, {"plate": "京a1?345"})
    assert response.status_code == 201
    first, second = response.json()["candidates"]
    assert [first["tracklet_id"], second["tracklet_id"]] == [str(CAR), str(ALIKE)]
    assert (first["cosine"], first["llr"], first["probe_id"]) == (None, None, None)
    assert first["plate_llr"] > second["plate_llr"]
    plate = first["plate"]
    assert (plate["text"], plate["layout"], plate["colour"]) == (TEXT, "cn_blue", "blue")
    assert plate["shot_id"] == first["shot_id"] == str(10 * CAR)
    assert len(plate["corners"]) == 4
    assert [sign["outcome"] for sign in plate["signs"]] == [*["same"] * 3, "unasked", *["same"] * 3]


def test_search_by_plate_and_probe_answers_both(house: House, case_id: int) -> None:
    client = house.client("ben")
    path = f"/api/v1/cases/{case_id}/probes/shot"
    probe = client.post(path, json={"shot_id": str(SEEN_HERE * 10)}).json()["probe_id"]
    candidates = post(house, case_id, {"probe_ids": [probe], "plate": TEXT}).json()["candidates"]
    by_id = {one["tracklet_id"]: one for one in candidates}
    assert by_id[str(CAR)]["plate"]["text"] == TEXT
    assert by_id[str(SEEN_HERE)]["plate_llr"] == 0
    assert "no plate was read" in by_id[str(SEEN_HERE)]["notes"][0]


def test_search_by_plate_is_kept_and_its_picture_covered(house: House, case_id: int) -> None:
    made = post(house, case_id, {"plate": TEXT}).json()
    client = house.client("ben")
    again = client.get(f"/api/v1/cases/{case_id}/searches/{made['search_id']}").json()
    assert again["candidates"] == made["candidates"]
    before = house.service.store.audit.count()
    shot = made["candidates"][0]["plate"]["shot_id"]
    path = f"/api/v1/cases/{case_id}/shots/{shot}.jpg?search_id={made['search_id']}"
    assert client.get(path).status_code == 200
    assert house.kinds_after(before) == []


def test_tracklet_shows_its_plate(house: House, case_id: int) -> None:
    client = house.client("ben")
    shown = client.get(f"/api/v1/cases/{case_id}/tracklets/{CAR}").json()
    assert shown["plate"]["text"] == TEXT
    other = client.get(f"/api/v1/cases/{case_id}/tracklets/{SEEN_HERE}").json()
    assert other["plate"] is None


QUERIES = {
    "nothing": ("", 422, "invalid_input"),
    "spaces": ("   ", 422, "invalid_input"),
    "any plate": ("*", 422, "invalid_input"),
    "any plate of seven": ("???????", 422, "invalid_input"),
    "any plate, twice": ("*?*", 422, "invalid_input"),
    "200 characters": ("A" * 200, 413, "too_large"),
    "17 signs": ("A1" * 8 + "A", 413, "too_large"),
    "emoji": ("🚗12345", 422, "invalid_input"),
    "SQL": ("' OR '1'='1", 422, "invalid_input"),
    "SQL that deletes": ("'; DROP TABLE plates;--", 422, "invalid_input"),
    "a regex": ("^京A[0-9]{5}$", 422, "invalid_input"),
    "SQL wildcards": ("京A%", 422, "invalid_input"),
    "a NUL": ("京A\x0012345", 422, "invalid_input"),
    "half a surrogate": ("\ud800A1", 422, "invalid_input"),
    "an address": ("http://ann:geheim@host/", 422, "invalid_input"),
    "an unknown country": ("ع ١٢٣٤", 422, "invalid_input"),
    "a country without a layout": ("BR-549-XY", 201, ""),
    "full width": ("京Ａ１２３４５", 201, ""),
    "lower case, dots, spaces": ("京a·123 45", 201, ""),
    "one sign": ("7", 201, ""),
    "a fragment": ("2345", 201, ""),
    "a pattern": ("B?123*", 201, ""),
    "16 signs": ("A1" * 8, 201, ""),
}


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_gets_an_answer_or_a_clear_error(house: House, case_id: int, name: str) -> None:
    typed, status, code = QUERIES[name]
    # As a client would write it: httpx itself cannot encode half a surrogate.
    content = json.dumps({"plate": typed})
    path = f"/api/v1/cases/{case_id}/searches"
    headers = {"Content-Type": "application/json"}
    response = house.client("ben").post(path, content=content, headers=headers)
    assert response.status_code == status, response.text
    if code:
        assert code_of(response) == code
        assert "plate" in response.json()["error"]["message"]
        assert house.service.store.cases.searches(case_id) == []
    house.service.audit.verify()


@pytest.mark.parametrize("body", [{}, {"plate": None}, {"probe_ids": []}], ids=str)
def test_search_for_neither_picture_nor_plate_is_refused(
    house: House, case_id: int, body: dict[str, Any]
) -> None:
    response = post(house, case_id, body)
    assert (response.status_code, code_of(response)) == (422, "invalid_input")
    assert "and no plate" in response.json()["error"]["message"]


def test_stranger_cannot_search_by_plate(house: House, case_id: int) -> None:
    path = f"/api/v1/cases/{case_id}/searches"
    response = house.client("zoe").post(path, json={"plate": TEXT})
    assert (response.status_code, code_of(response)) == (403, "forbidden")


# --- at the command line ---


@pytest.fixture
def wide(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:  # noqa: F811
    monkeypatch.setenv("COLUMNS", "220")
    shell.login("ann", monkeypatch)
    return shell


def test_command_shows_plates_doubts_and_differences(wide: Shell, case_id: int) -> None:
    said = wide.run("search", "--case", str(case_id), "--plate", "京a12345")
    assert "plates like that" in said
    assert f"{TEXT} cn_blue" in said
    assert "as asked" in said
    assert "(Z)" in said
    assert "2 read as Z" in said
    assert "NOT searched" in said
    assert "cosine" not in said


def test_command_gives_json_of_a_plate(wide: Shell, case_id: int) -> None:
    found = wide.json(
        "search", "--case", str(case_id), "--plate", "京A?2345", "--camera", str(HERE)
    )
    assert [one["plate"]["text"] for one in found["candidates"]] == [TEXT]


def test_command_takes_a_plate_and_a_picture(wide: Shell, case_id: int) -> None:
    words = ("--plate", TEXT, "--shot", str(SEEN_HERE * 10))
    said = wide.run("search", "--case", str(case_id), *words)
    assert "similar appearance" in said
    assert f"no plate was read: it counts neither for nor against: {SEEN_HERE}" in said


@pytest.mark.parametrize("name", [name for name, row in QUERIES.items() if row[2]])
def test_command_says_what_is_wrong_with_a_query(wide: Shell, case_id: int, name: str) -> None:
    typed, _, code = QUERIES[name]
    wide.run("search", "--case", str(case_id), "--plate", typed, code=3)
    assert wide.err.startswith(f"error[{code}]: plate: ")
    assert "Traceback" not in wide.err
    assert len(wide.err) < 400
