"""What a page lays a scene out from: cameras, marks of activity, pictures of few sizes."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.types import Case, ClockCorrection
from tests.api.client import code_of
from tests.api.house import ELSEWHERE, HERE, SEEN_HERE, THERE, House
from tests.api.requests import START
from tests.builders import at, camera

SHOT = f"shots/{SEEN_HERE * 10}.jpg"
FRAME = f"cameras/{HERE}/frame.jpg"


@pytest.fixture
def case(house: House) -> Case:
    for number, camera_id in enumerate((HERE, THERE, ELSEWHERE)):
        placed = replace(camera(camera_id), lon_lat_deg=(0.001 * number, 0.0))
        house.service.store.cameras.put(placed)
    return house.case()


def base(case: Case) -> str:
    return f"/api/v1/cases/{case.case_id}"


def size_of(jpeg: bytes) -> tuple[int, int]:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels.shape[0], pixels.shape[1]


# --- cameras -----------------------------------------------------------------------------------


def test_cameras_of_the_case_come_nearest_first(house: House, case: Case) -> None:
    house.service.store.cameras.correct_clock(HERE, ClockCorrection(0, 1.5, 0.2), at(0))
    params = {"near": "0.001,0.0", "at": START}

    listed = house.client("ben").get(f"{base(case)}/cameras", params=params).json()

    assert [one["camera_id"] for one in listed] == [str(THERE), str(HERE)]
    assert [round(one["distance_m"]) for one in listed] == [0, 111]
    assert all(one["granted_then"] for one in listed)
    assert listed[1]["clock"]["sigma_s"] == 0.2
    assert listed[0]["clock"] is None
    assert listed[0]["spans"] == [
        {"start": "2026-05-04T07:00:00.000Z", "end": "2026-05-04T08:00:00.000Z"}
    ]


def test_cameras_come_without_addresses_and_under_one_entry(house: House, case: Case) -> None:
    client = house.client("ben")
    before = house.service.store.audit.count()

    (one, _) = client.get(f"{base(case)}/cameras").json()

    assert not {"main_url", "sub_url", "username", "has_password"} & set(one)
    assert (one["distance_m"], one["granted_then"]) == (None, None)
    assert house.kinds_after(before) == ["read_case"]


def test_a_deleted_camera_is_listed_as_deleted(house: House, case: Case) -> None:
    house.service.store.cameras.delete(HERE)

    first, second = house.client("ben").get(f"{base(case)}/cameras").json()

    assert (first["deleted"], first["name"], first["kind"]) == (True, "", None)
    assert second["deleted"] is False


@pytest.mark.parametrize("near", ["here", "1", "1,2,3", "181,0", "0,91", "nan,0", ""])
def test_a_place_that_is_none_is_refused(house: House, case: Case, near: str) -> None:
    response = house.client("ben").get(f"{base(case)}/cameras", params={"near": near})

    assert (response.status_code, code_of(response)) == (422, "invalid_input")


# --- activity ----------------------------------------------------------------------------------


def test_activity_says_who_passed_and_what_was_not_looked_at(house: House, case: Case) -> None:
    params = {"bucket_s": "600"}

    marks = house.client("ben").get(f"{base(case)}/activity", params=params).json()

    assert (marks["bucket_s"], marks["buckets"]) == (600.0, 6)
    assert marks["cameras"] == [
        {"camera_id": str(HERE), "seen": {"person": [0, 1, 0, 0, 0, 0]}},
        {"camera_id": str(THERE), "seen": {"person": [0, 0, 1, 0, 0, 0]}},
    ]
    assert {(one["camera_id"], one["why"]) for one in marks["coverage"]["missing"]} == {
        (str(HERE), "never looked at"),
        (str(THERE), "never looked at"),
    }


def test_activity_of_one_camera_and_some_minutes(house: House, case: Case) -> None:
    params = {
        "camera_id": str(HERE),
        "start": "2026-05-04T07:09:00Z",
        "end": "2026-05-04T07:13:00Z",
    }

    marks = house.client("ben").get(f"{base(case)}/activity", params=params).json()

    assert (marks["bucket_s"], marks["buckets"]) == (1.0, 240)
    (one,) = marks["cameras"]
    assert [i for i, count in enumerate(one["seen"]["person"]) if count] == [60, 61, 62, 63, 64]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"bucket_s": "0"}, 422, "invalid_input"),
        ({"bucket_s": "nan"}, 422, "invalid_input"),
        ({"bucket_s": "1e-12"}, 422, "invalid_input"),
        ({"bucket_s": "0.001"}, 413, "too_large"),
        ({"camera_id": str(ELSEWHERE)}, 403, "out_of_scope"),
    ],
    ids=str,
)
def test_activity_of_too_much_or_nothing_is_refused(
    house: House, case: Case, params: dict[str, str], status: int, code: str
) -> None:
    response = house.client("ben").get(f"{base(case)}/activity", params=params)

    assert (response.status_code, code_of(response)) == (status, code)


# --- pictures of few sizes ---------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["1", "70", "96"])
def test_a_shot_comes_at_the_next_height_and_says_what_it_was_made_of(
    house: House, case: Case, wanted: str
) -> None:
    client = house.client("ben")
    whole = client.get(f"{base(case)}/{SHOT}").content

    response = client.get(f"{base(case)}/{SHOT}", params={"height": wanted})

    assert size_of(whole) == (120, 60)
    assert size_of(response.content) == (96, 48)
    assert response.headers["X-CaseTrace-Derived"] == "thumbnail"
    assert response.headers["X-CaseTrace-Original-SHA256"] == hashlib.sha256(whole).hexdigest()


@pytest.mark.parametrize("params", [{}, {"height": "97"}, {"height": "9999"}], ids=str)
def test_a_shot_is_the_original_where_that_is_asked_for_or_no_larger(
    house: House, case: Case, params: dict[str, str]
) -> None:
    response = house.client("ben").get(f"{base(case)}/{SHOT}", params=params)

    assert size_of(response.content) == (120, 60)
    assert "X-CaseTrace-Derived" not in response.headers


def test_a_small_frame_says_its_full_size_and_time(house: House, case: Case) -> None:
    params = {"at": START, "height": "192"}

    response = house.client("ben").get(f"{base(case)}/{FRAME}", params=params)

    assert size_of(response.content) == (192, 256)
    assert response.headers["X-CaseTrace-Source-Size"] == "640x480"
    assert response.headers["X-CaseTrace-Derived"] == "thumbnail"
    assert response.headers["X-CaseTrace-Device-Time"] == "2026-05-04T07:10:00.000Z"


def test_a_whole_frame_says_its_size_too(house: House, case: Case) -> None:
    response = house.client("ben").get(f"{base(case)}/{FRAME}", params={"at": START})

    assert size_of(response.content) == (480, 640)
    assert response.headers["X-CaseTrace-Source-Size"] == "640x480"
    assert "X-CaseTrace-Derived" not in response.headers


@pytest.mark.parametrize("path", [SHOT, FRAME])
def test_no_browser_keeps_a_picture(house: House, case: Case, path: str) -> None:
    params = {"at": START, "height": "96"} if path == FRAME else {"height": "96"}

    response = house.client("ben").get(f"{base(case)}/{path}", params=params)

    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def test_each_size_of_a_picture_is_a_read_of_its_own(house: House, case: Case) -> None:
    client = house.client("ben")
    before = house.service.store.audit.count()

    for height in ("96", "192"):
        client.get(f"{base(case)}/{SHOT}", params={"height": height})

    assert house.kinds_after(before) == ["read_shot", "read_shot"]


@pytest.mark.parametrize("height", ["0", "-1", "10001", "x"])
def test_a_height_that_is_none_is_refused(house: House, case: Case, height: str) -> None:
    response = house.client("ben").get(f"{base(case)}/{SHOT}", params={"height": height})

    assert (response.status_code, code_of(response)) == (422, "invalid_input")
