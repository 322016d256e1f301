"""Reconstructions over HTTP and at the command line, and what their fields look like."""

from typing import Any

import pytest

from api.schemas.reconstruction import ReconstructionIn, ReconstructionOut
from api.schemas.trajectory import HopOut, SightingOut
from core.types import (
    Candidate,
    Coverage,
    Doubted,
    Hop,
    NextCamera,
    Pruned,
    Reconstruction,
    Rival,
    SearchAnswer,
    Sighting,
    Trajectory,
    WayThrough,
)
from tests.api.house import HERE, SEEN_HERE, SEEN_THERE, THERE, House
from tests.api.reconstructions import LOOK_NEXT
from tests.api.test_cli import Shell, shell  # noqa: F401 - a fixture
from tests.builders import span


def hop(**changes: Any) -> Hop:
    fields = {
        "start": 0,
        "end": 1,
        "gap_s": 60.0,
        "distance_m": 100.0,
        "fastest_s": 14.3,
        "slowest_s": 200.0,
        "feasible": True,
        "why": "a walk",
    }
    return Hop(**{**fields, **changes})


def sighting(**changes: Any) -> Sighting:
    fields = {
        "tracklet_id": SEEN_HERE,
        "camera_id": HERE,
        "family": "person",
        "span": span(0, 5),
        "clock_sigma_s": 0.5,
        "llr": {"appearance": 2.0},
        "decisions": (),
    }
    return Sighting(**{**fields, **changes})


def reconstruction() -> Reconstruction:
    candidate = Candidate(
        SEEN_THERE, THERE, "ebike_rider", span(60, 65), 0.7, 2.0, 1020, (1020,), 7
    )
    nothing = Coverage((), 10.0, 10.0)
    proposed = sighting(tracklet_id=SEEN_THERE, camera_id=THERE, proposed=True, margin=2.5)
    return Reconstruction(
        SearchAnswer(9, (candidate,), nothing, 42),
        Trajectory((sighting(), proposed), (hop(llr=1.5),), (), (), nothing, 2.5),
        (WayThrough((SEEN_HERE, SEEN_THERE), 4.0),),
        (NextCamera(LOOK_NEXT, 0.4, span(70, 80), "outside", 410.0, 10.0),),
        Pruned(1000, 40, 0.01),
        (Doubted(SEEN_HERE, 0.04),),
    )


def wire(value: Any) -> Any:
    return value.model_dump(mode="json")


def post(house: House, case_id: int, body: dict[str, Any]) -> Any:
    return house.client("ben").post(f"/api/v1/cases/{case_id}/reconstructions", json=body)


# --- fields ------------------------------------------------------------------------------------


def test_hop_says_change_evidence_and_missed_cameras() -> None:
    shown = wire(HopOut.of(hop(change="person to rider", llr=1.5, missed=(HERE, THERE))))
    assert (shown["change"], shown["llr"]) == ("person to rider", 1.5)
    assert shown["missed"] == [str(HERE), str(THERE)]


def test_sighting_says_that_it_is_proposed_and_how_else_it_could_be() -> None:
    one = sighting(proposed=True, probability=0.8, margin=1.5, rivals=(Rival((7, 8), 1.5),))
    shown = wire(SightingOut.of(one))
    assert (shown["proposed"], shown["probability"], shown["margin"]) == (True, 0.8, 1.5)
    assert shown["rivals"] == [{"tracklet_ids": ["7", "8"], "margin": 1.5}]


def test_reconstruction_goes_out_whole() -> None:
    shown = wire(ReconstructionOut.of_reconstruction(reconstruction()))
    assert (shown["search_id"], shown["audit_seq"]) == ("9", 42)
    assert [one["proposed"] for one in shown["trajectory"]["sightings"]] == [False, True]
    assert shown["ways"] == [{"tracklet_ids": [str(SEEN_HERE), str(SEEN_THERE)], "llr": 4.0}]
    assert shown["next_cameras"][0]["standing"] == "outside"
    assert shown["pruned"] == {"candidates": 1000, "kept": 40, "lost": 0.01}
    assert shown["doubted"] == [{"tracklet_id": str(SEEN_HERE), "probability": 0.04}]


def test_request_without_probe_and_plate_rests_on_what_was_confirmed() -> None:
    assert ReconstructionIn().to_core().from_confirmed


# --- over HTTP ---------------------------------------------------------------------------------


def test_reconstruct_answers_candidates_with_their_chance(house: House) -> None:
    case_id, client = house.case().case_id, house.client("ben")
    path = f"/api/v1/cases/{case_id}/probes/shot"
    probe = client.post(path, json={"shot_id": str(SEEN_HERE * 10)}).json()["probe_id"]
    response = post(house, case_id, {"probe_ids": [probe], "limit": 2})
    assert response.status_code == 201
    candidates = response.json()["candidates"]
    assert [one["tracklet_id"] for one in candidates] == [str(SEEN_HERE), str(SEEN_THERE)]
    assert {(one["transit_llr"], one["probability"]) for one in candidates} == {(1.0, 0.5)}


def test_reconstruct_needs_no_probe_once_something_is_confirmed(house: House) -> None:
    case_id = house.case().case_id
    body = {"tracklet_id": str(SEEN_HERE), "verdict": "confirm"}
    house.client("ben").post(f"/api/v1/cases/{case_id}/decisions", json=body)
    response = post(house, case_id, {})
    assert response.status_code == 201
    (seen,) = response.json()["trajectory"]["sightings"]
    assert (seen["tracklet_id"], seen["proposed"]) == (str(SEEN_HERE), False)


def test_reconstruct_refuses_what_it_does_not_know(house: House) -> None:
    assert post(house, house.case().case_id, {"everywhere": True}).status_code == 422


# --- at the command line -----------------------------------------------------------------------


@pytest.fixture
def case_id(house: House, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: F811
    case_id = house.case().case_id
    shell.login("ben", monkeypatch)
    shell.run("decide", str(SEEN_HERE), "confirm", "--case", str(case_id))
    return str(case_id)


def test_command_says_trajectory_next_cameras_and_what_was_pruned(
    shell: Shell,  # noqa: F811
    case_id: str,
) -> None:
    said = shell.run("reconstruct", "--case", case_id)
    assert "confirmed" in said
    assert "ahead of the best other trajectory by 2.50 nats" in said
    assert "not granted: ask the approver" in said
    assert f"look again: tracklet {SEEN_HERE} is confirmed" in said
    assert "40 of 1000 candidates took part" in said
    assert "more than 0.01 nats better" in said


def test_command_answers_in_json_like_the_api(
    shell: Shell,  # noqa: F811
    case_id: str,
) -> None:
    said = shell.json("reconstruct", "--case", case_id)
    assert said["next_cameras"][0]["camera_id"] == str(LOOK_NEXT)
    assert ReconstructionOut.model_validate(said).pruned.kept == 40


def test_command_shows_each_candidate_with_its_evidence(
    house: House,
    shell: Shell,  # noqa: F811
    case_id: str,
) -> None:
    path = f"/api/v1/cases/{case_id}/probes/shot"
    made = house.client("ben").post(path, json={"shot_id": str(SEEN_HERE * 10)}).json()
    said = shell.run("reconstruct", "--case", case_id, "--probe", made["probe_id"])
    assert "50%" in said
    assert "+1.00" in said
    assert str(SEEN_THERE) in said


def test_an_approved_case_is_made_ready(house: House) -> None:
    case = house.case(approved=False)
    path = f"/api/v1/cases/{case.case_id}/approval"
    response = house.client("approver").post(path, json={"version": case.version})
    assert response.status_code == 200
    assert house.service.reconstructions.prepared == [case.case_id]  # type: ignore[attr-defined]
