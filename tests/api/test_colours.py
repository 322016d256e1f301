"""Named colours over HTTP: of the case's own shots, under one audit entry."""

from typing import Any

from tests.api.client import code_of
from tests.api.house import SEEN_ELSEWHERE, SEEN_HERE, SEEN_THERE, House


def post(house: House, case_id: int, *shot_ids: int) -> Any:
    body = {"shot_ids": [str(shot_id) for shot_id in shot_ids]}
    return house.client("ben").post(f"/api/v1/cases/{case_id}/colours", json=body)


def test_shots_are_answered_in_the_order_asked_under_one_entry(house: House) -> None:
    case_id = house.case().case_id
    house.token("ben")
    before = house.service.store.audit.count()
    response = post(house, case_id, SEEN_THERE * 10, SEEN_HERE * 10)
    assert response.status_code == 200
    assert [one["shot_id"] for one in response.json()] == [
        str(SEEN_THERE * 10),
        str(SEEN_HERE * 10),
    ]
    assert house.kinds_after(before) == ["read_shot"]


def test_colours_have_a_part_a_name_and_a_share(house: House) -> None:
    (shown,) = post(house, house.case().case_id, SEEN_HERE * 10).json()
    assert {one["part"] for one in shown["colours"]} <= {"upper", "lower"}
    assert all(one["share"] >= 0.25 for one in shown["colours"])
    assert [one["colour"] for one in shown["colours"]]


def test_shot_outside_the_case_is_not_found(house: House) -> None:
    response = post(house, house.case().case_id, SEEN_ELSEWHERE * 10)
    assert (response.status_code, code_of(response)) == (404, "not_found")


def test_more_shots_than_one_answer_may_show_are_refused(house: House) -> None:
    assert post(house, house.case().case_id, *range(1, 502)).status_code == 422


def test_no_shots_are_refused(house: House) -> None:
    assert post(house, house.case().case_id).status_code == 422
