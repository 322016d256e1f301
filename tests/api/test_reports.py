"""Reports over HTTP and at the command line: files, headers, refusals, and what stays unsaid."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.installation import Installation
from cases.report_content import LackKind
from core.errors import InvalidInput
from core.types import Case, Verdict
from tests.api.client import code_of
from tests.api.house import SEEN_HERE, SEEN_THERE, House


def confirmed(house: House, *people: str) -> Case:
    """A case in which those people confirmed both tracklets."""
    case = house.case()
    for name in people:
        for tracklet_id in (SEEN_HERE, SEEN_THERE):
            actor = house.people[name]
            house.service.search.decide(actor, case.case_id, tracklet_id, Verdict.CONFIRM)
    return case


def status(house: House, case: Case, who: str = "ann") -> dict[str, Any]:
    answer = house.client(who).get(f"/api/v1/cases/{case.case_id}/report")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_pdf_is_a_file_to_keep(house: House) -> None:
    case = confirmed(house, "ann")
    answer = house.client("ann").get(f"/api/v1/cases/{case.case_id}/report.pdf?language=zh")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    name = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="casetrace-case-1-zh-\d+\.pdf"', name)


def test_hash_of_the_file_is_in_the_log_before_it_leaves(house: House) -> None:
    case = confirmed(house, "ann")
    answer = house.client("ann").get(f"/api/v1/cases/{case.case_id}/report.html")
    entry = house.last_entry().event
    assert entry.kind == "report_made"
    assert entry.detail["sha256"] == answer.headers["x-casetrace-sha256"]
    assert (entry.detail["format"], entry.detail["language"]) == ("html", "zh")


def test_html_may_be_shown_in_our_own_page_and_do_nothing(house: House) -> None:
    case = confirmed(house, "ann")
    answer = house.client("ann").get(f"/api/v1/cases/{case.case_id}/report.html?language=en")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert policy.endswith("sandbox")
    assert answer.headers["cache-control"] == "no-store"


def test_page_may_frame_its_own_host_alone(house: House) -> None:
    policy = house.client().get("/").headers["content-security-policy"]
    assert "frame-src 'self'" in policy


@pytest.mark.parametrize("query", ["language=de", "zone=Nowhere/Land"])
def test_what_nobody_knows_is_refused_before_anything_is_read(house: House, query: str) -> None:
    case = confirmed(house, "ann")
    house.token("ann")
    before = house.service.store.audit.count()
    answer = house.client("ann").get(f"/api/v1/cases/{case.case_id}/report.pdf?{query}")
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")
    assert house.kinds_after(before) == []


def test_status_says_what_is_missing(house: House) -> None:
    found = status(house, confirmed(house, "ann"))
    kinds = {lack["kind"]: lack for lack in found["lacks"]}
    assert found["worth_filing"] is False
    assert kinds["one_reviewer"]["count"] == 2
    assert (found["sightings"], found["hops"]) == (2, 1)


def test_status_of_two_people_lacks_no_reviewer(house: House) -> None:
    found = status(house, confirmed(house, "ann", "ben"))
    assert LackKind.ONE_REVIEWER not in [lack["kind"] for lack in found["lacks"]]


def test_second_reviewer_is_not_told_which_the_first_confirmed(house: House) -> None:
    found = status(house, confirmed(house, "ann"), "ben")
    (lack,) = [one for one in found["lacks"] if one["kind"] == "one_reviewer"]
    assert (lack["count"], lack["tracklet_ids"]) == (2, [])
    assert found["undecided_by_caller"] == 2
    assert str(SEEN_HERE) not in str(found)


def test_series_states_how_many_were_compared(house: House) -> None:
    case = house.case()
    scenes = [
        {
            "cameras": [str(camera_id)],
            "span": {"start": f"2026-05-04T07:{start}:00Z", "end": f"2026-05-04T07:{end}:00Z"},
        }
        for camera_id, start, end in ((1, "05", "15"), (2, "15", "25"))
    ]
    answer = house.client("ann").post(
        f"/api/v1/cases/{case.case_id}/series", json={"scenes": scenes}
    )
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["pairs"] == 1
    (group,) = found["groups"]
    assert [one["tracklet_id"] for one in group["members"]] == [str(SEEN_HERE), str(SEEN_THERE)]
    assert group["combinations"] == 1


def test_series_of_one_scene_is_refused(house: House) -> None:
    case = house.case()
    answer = house.client("ann").post(f"/api/v1/cases/{case.case_id}/series", json={"scenes": []})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


# --- the command line --------------------------------------------------------------------------


def ran(house: House, *words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASETRACE_TOKEN", house.token("ann"))
    installation = Installation(house.service.settings.data_dir, open=lambda _: house.service)
    monkeypatch.setattr(Installation, "settings", lambda _: house.service.settings)
    monkeypatch.setattr(house.service, "close", lambda: None)
    main([*words], installation)


@pytest.mark.parametrize("name", ["case.pdf", "case.html"])
def test_command_writes_the_file_for_its_owner_and_says_what_is_missing(
    house: House,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = confirmed(house, "ann")
    out = tmp_path / name
    words = ("report", str(case.case_id), "--out", str(out), "--language", "en")
    with pytest.raises(SystemExit) as ended:
        ran(house, *words, monkeypatch=monkeypatch)
    assert ended.value.code in (0, None)
    said = capsys.readouterr().out
    assert "Not worth filing yet" in said
    assert "2 sighting(s) were confirmed by one person only" in said
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes()[:5] in (b"%PDF-", b"<!doc")


def test_command_wants_a_name_that_says_the_format(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = confirmed(house, "ann")
    words = ("report", str(case.case_id), "--out", str(tmp_path / "case.txt"))
    with pytest.raises((SystemExit, InvalidInput)) as ended:
        ran(house, *words, monkeypatch=monkeypatch)
    assert getattr(ended.value, "code", None) == 3
