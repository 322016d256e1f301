"""Bad input, one row each: a clear error with its code, and nothing lost or half done."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import pack
from typing import Any

import pytest

from core.types import Case
from ingest.uploads import UploadOpener
from tests.api.client import code_of
from tests.api.house import ELSEWHERE, HERE, SEEN_ELSEWHERE, SEEN_HERE, House, picture
from tests.api.requests import BOX, END, GRANT, START, VALID

UPLOAD, FRAME, SHOT = "probes/upload", "probes/frame", "probes/shot"
SEARCHES, DECISIONS = "searches", "decisions"


def png(width: int, height: int) -> bytes:
    """A PNG that says it is of that size; its pixels are a few bytes of zeros."""
    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(part)) + kind + part + pack(">I", zlib.crc32(kind + part))
        for kind, part in chunks
    )


@dataclass(frozen=True, slots=True)
class Bad:
    """What ben sends below his active case, and what must come back."""

    path: str
    status: int
    code: str
    json: Any = None
    form: dict[str, str] = field(default_factory=dict)
    file: bytes = b""
    params: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    words: str = ""

    def options(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {"params": self.params}
        if self.json is not None:
            chosen["json"] = self.json
        if self.form:
            chosen |= {"data": self.form, "files": {"picture": ("a.jpg", self.file)}}
        return chosen


def frame(**changes: Any) -> dict[str, Any]:
    return {"camera_id": str(HERE), "at": START, "box": BOX, "family": "person", **changes}


def upload(box: str = "10,10,200,300", family: str = "person") -> dict[str, str]:
    return {"family": family, "box": box}


PAST, FUTURE = "2026-05-03T07:10:00Z", "2027-01-01T00:00:00Z"
SPAN = {"start": START, "end": END}

TABLE = {
    "text as picture": Bad(UPLOAD, 422, "media_corrupt", form=upload(), file=b"no picture " * 50),
    "empty picture": Bad(UPLOAD, 422, "media_corrupt", form=upload(), file=b""),
    "truncated picture": Bad(UPLOAD, 422, "media_corrupt", form=upload(), file=picture()[:300]),
    "image bomb": Bad(UPLOAD, 413, "too_large", form=upload(), file=png(60_000, 60_000)),
    "box outside": Bad(
        UPLOAD, 422, "invalid_box", form=upload("600,400,700,500"), file=picture(), words="640x480"
    ),
    "box inside out": Bad(UPLOAD, 422, "invalid_box", form=upload("200,300,10,10"), file=picture()),
    "box of nothing": Bad(UPLOAD, 422, "invalid_box", form=upload("5,5,5,5"), file=picture()),
    "box not finite": Bad(UPLOAD, 422, "invalid_box", form=upload("nan,0,inf,10"), file=picture()),
    "box of words": Bad(UPLOAD, 422, "invalid_input", form=upload("a,b,c,d"), file=picture()),
    "box of three": Bad(UPLOAD, 422, "invalid_input", form=upload("1,2,3"), file=picture()),
    "unknown family": Bad(UPLOAD, 422, "invalid_input", form=upload(family="cat"), file=picture()),
    "no picture at all": Bad(UPLOAD, 422, "invalid_input", json={}),
    "frame box outside": Bad(FRAME, 422, "invalid_box", json=frame(box=[0, 0, 9999, 10])),
    "frame of a camera outside the case": Bad(
        FRAME, 403, "out_of_scope", json=frame(camera_id=str(ELSEWHERE))
    ),
    "frame before the case's hours": Bad(FRAME, 403, "out_of_scope", json=frame(at=PAST)),
    "frame in the future": Bad(FRAME, 403, "out_of_scope", json=frame(at=FUTURE)),
    "time without a zone": Bad(
        FRAME, 422, "invalid_input", json=frame(at="2026-05-04T07:10:00"), words="zone"
    ),
    "shot outside the case": Bad(
        SHOT, 404, "not_found", json={"shot_id": str(SEEN_ELSEWHERE * 10)}
    ),
    "shot that is not": Bad(SHOT, 404, "not_found", json={"shot_id": "999"}),
    "shot id of words": Bad(SHOT, 422, "invalid_input", json={"shot_id": "1; DROP TABLE shots"}),
    "shot id too large": Bad(SHOT, 422, "invalid_input", json={"shot_id": "9" * 19}),
    "search without probes": Bad(SEARCHES, 422, "invalid_input", json={"probe_ids": []}),
    "search with a probe that is not": Bad(
        SEARCHES, 404, "not_found", json={"probe_ids": ["424242"]}
    ),
    "search with an unknown field": Bad(
        SEARCHES, 422, "invalid_input", json={"probe_ids": ["1"], "all_cameras": True}
    ),
    "search for too many": Bad(
        SEARCHES, 422, "invalid_input", json={"probe_ids": ["1"], "limit": 501}
    ),
    "search backwards in time": Bad(
        SEARCHES,
        422,
        "invalid_input",
        json={"probe_ids": ["1"], "span": {"start": END, "end": START}},
    ),
    "decision on a tracklet outside": Bad(
        DECISIONS,
        404,
        "not_found",
        json={"tracklet_id": str(SEEN_ELSEWHERE), "verdict": "confirm"},
    ),
    "unknown verdict": Bad(
        DECISIONS, 422, "invalid_input", json={"tracklet_id": str(SEEN_HERE), "verdict": "guilty"}
    ),
    "clip too long": Bad(
        f"cameras/{HERE}/clip.mp4",
        413,
        "too_large",
        params={"start": "2026-05-04T07:00:00Z", "end": "2026-05-04T07:59:00Z"},
        method="GET",
    ),
    "clip of another camera": Bad(
        f"cameras/{ELSEWHERE}/clip.mp4", 403, "out_of_scope", params=SPAN, method="GET"
    ),
    "clip over the case's edge": Bad(
        f"cameras/{HERE}/clip.mp4",
        403,
        "out_of_scope",
        params={"start": "2026-05-04T07:59:00Z", "end": "2026-05-04T08:01:00Z"},
        method="GET",
    ),
    "half a span": Bad("coverage", 422, "invalid_input", params={"start": START}, method="GET"),
    "path for a camera": Bad(
        "cameras/..%2F..%2Fetc%2Fpasswd/frame.jpg",
        404,
        "not_found",
        params={"at": START},
        method="GET",
    ),
    "words for a shot": Bad("shots/passwd.jpg", 422, "invalid_input", method="GET"),
}


@pytest.fixture
def opener() -> Iterator[UploadOpener]:
    with UploadOpener() as opened:
        yield opened


@pytest.fixture
def case(house: House, opener: UploadOpener) -> Case:
    """An active case of the house, whose uploads are decoded as in real use."""
    house.open_uploads_with(opener)
    return house.case()


@pytest.mark.parametrize("name", TABLE)
def test_bad_request_gets_its_code_and_loses_nothing(house: House, case: Case, name: str) -> None:
    bad, store = TABLE[name], house.service.store
    path = f"/api/v1/cases/{case.case_id}/{bad.path}"
    response = house.client("ben").request(bad.method, path, **bad.options())
    assert (response.status_code, code_of(response)) == (bad.status, bad.code)
    assert bad.words in response.json()["error"]["message"]
    assert store.cases.probes(case.case_id) == []
    assert store.cases.searches(case.case_id) == []
    assert store.cases.decisions(case.case_id) == []
    house.service.audit.verify()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"camera_ids": [str(ELSEWHERE)]}, "out_of_scope"),
        ({"span": {"start": PAST, "end": START}}, "out_of_scope"),
        ({"span": {"start": START, "end": FUTURE}}, "out_of_scope"),
        ({"case_version": 1}, "case_not_active"),
    ],
    ids=str,
)
def test_search_beyond_the_case_is_refused(
    house: House, case: Case, change: dict[str, Any], code: str
) -> None:
    client, base = house.client("ben"), f"/api/v1/cases/{case.case_id}"
    probe = client.post(f"{base}/{SHOT}", json={"shot_id": str(SEEN_HERE * 10)}).json()
    before = house.service.store.audit.count()
    response = client.post(f"{base}/{SEARCHES}", json={"probe_ids": [probe["probe_id"]], **change})
    assert (response.status_code, code_of(response)) == (403, code)
    assert house.kinds_after(before) == ["!search"]


def test_upload_beyond_the_limit_is_refused_unread(house: House, case: Case) -> None:
    path = f"/api/v1/cases/{case.case_id}/{UPLOAD}"
    big = b"\xff\xd8" + bytes(51 << 20)
    response = house.client("ben").post(path, data=upload(), files={"picture": ("a.jpg", big)})
    assert (response.status_code, code_of(response)) == (413, "too_large")


@pytest.mark.parametrize(
    "body", [b"{", b"", b"null", b"[]", b'"x"', b"\xff\xfe", b"{" * 100_000], ids=len
)
def test_malformed_json_is_invalid_input(house: House, case: Case, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/api/v1/cases/{case.case_id}/{SEARCHES}"
    response = house.client("ben").post(path, content=body, headers=headers)
    assert response.status_code in (400, 422)
    assert code_of(response) == "invalid_input"


def test_multipart_without_an_end_is_invalid_input(house: House, case: Case) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"/api/v1/cases/{case.case_id}/{UPLOAD}"
    response = house.client("ben").post(path, content=b"--x\r\nContent-", headers=headers)
    assert response.status_code in (400, 422)
    assert code_of(response) == "invalid_input"


def test_approving_ones_own_case_asks_for_a_second_person(house: House) -> None:
    house.give_role("ann", "approver")
    case = house.case(approved=False)
    path = f"/api/v1/cases/{case.case_id}/approval"
    response = house.client("ann").post(path, json={"version": 1})
    assert (response.status_code, code_of(response)) == (409, "same_person")
    assert house.last_entry().event.outcome == "deny"


def test_expired_case_is_not_read(house: House, case: Case) -> None:
    house.clock.now_ns = case.expires_ns
    response = house.client("ann").get(f"/api/v1/cases/{case.case_id}/coverage")
    assert (response.status_code, code_of(response)) == (403, "case_not_active")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"grants": [{**GRANT, "end": FUTURE}]}, 403, "out_of_scope"),
        ({"grants": [{**GRANT, "camera_id": "77"}]}, 422, "invalid_input"),
        ({"grants": [{**GRANT, "start": "2026-04-01T00:00:00Z"}]}, 413, "too_large"),
        ({"grants": []}, 422, "invalid_input"),
        ({"expires": PAST}, 422, "invalid_input"),
        ({"purpose": "."}, 422, "invalid_input"),
        ({"purpose": "x" * 5000}, 422, "invalid_input"),
        ({"members": ["77"]}, 422, "invalid_input"),
    ],
    ids=str,
)
def test_case_that_asks_for_too_much_is_refused(
    house: House, change: dict[str, Any], status: int, code: str
) -> None:
    body = {**VALID["request_case"].json, **change}
    response = house.client("ann").post("/api/v1/cases", json=body)
    assert (response.status_code, code_of(response)) == (status, code)
    assert house.service.store.cases.all() == []


NAMES = [
    "🦊 on Elm Street",
    "Robert'); DROP TABLE cameras;--",
    "[bold]x[/bold]",
    "ул. Ленина",
    "榆树街",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_name_comes_back_as_it_went(house: House, name: str) -> None:
    client = house.client("operator")
    made = client.post("/api/v1/cameras", json={"name": name})
    assert made.status_code == 201
    camera_id = made.json()["camera_id"]
    assert client.get(f"/api/v1/cameras/{camera_id}").json()["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_odd_reference_comes_back_as_it_went(house: House, name: str) -> None:
    body = {**VALID["request_case"].json, "purpose": f"find {name} again"}
    made = house.client("ann").post("/api/v1/cases", json=body)
    assert made.json()["purpose"] == f"find {name} again"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\0b", "\ud800", "x" * 121])
def test_unusable_name_is_refused(house: House, name: str) -> None:
    content = json.dumps({"name": name})  # escapes what UTF-8 could not carry
    response = house.client("operator").post(
        "/api/v1/cameras", content=content, headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, code_of(response)) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [("rtsp://198.51.100.7/a", 502, "source_refused")],
)
def test_camera_address_outside_the_networks_is_refused(
    house: House, url: str, status: int, code: str
) -> None:
    response = house.client("operator").post("/api/v1/cameras", json={"name": "x", "main_url": url})
    assert (response.status_code, code_of(response)) == (status, code)
    assert len(house.service.store.cameras.all()) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"type": "FeatureCollection", "features": [{"type": "Feature"}]},
        {"type": "Polygon"},
        {"edges": [{"start": "1", "end": "99", "distance_m": 5}]},
        {"edges": [{"start": "1", "end": "2", "distance_m": -5}]},
        {"edges": [], "speeds": [{"family": "cat", "slow_mps": 1, "usual_mps": 2, "fast_mps": 3}]},
    ],
    ids=str,
)
def test_roads_that_make_no_sense_are_refused(house: House, body: dict[str, Any]) -> None:
    response = house.client("operator").put("/api/v1/roads", json=body)
    assert (response.status_code, code_of(response)) == (422, "invalid_input")
