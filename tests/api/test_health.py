"""Liveness, readiness and the numbers that Prometheus reads."""

from collections.abc import Sequence

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import camera_registry, exposition, metric_names
from core.errors import StorageError
from pipeline.counters import CameraCount
from tests.api.house import House


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Value by name and sorted label values."""
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_healthz_answers_without_a_login(house: House) -> None:
    assert house.client().get("/healthz").json() == {"status": "alive"}


def test_readyz_says_ready_when_database_and_disk_are(house: House) -> None:
    response = house.client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": True, "disk": True}


def test_readyz_is_503_without_the_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, event_kind: str | None = None) -> int:
        raise StorageError("gone")

    monkeypatch.setattr(type(house.service.store.audit), "count", broken)
    response = house.client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False


def test_requests_are_counted_by_route_and_never_by_path(house: House) -> None:
    client = house.client("ann")
    for case_id in (71, 72):
        client.get(f"/api/v1/cases/{case_id}")
    client.get("/api/v1/nowhere/73")
    text = client.get("/metrics").text
    counted = samples(text)
    assert counted["casetrace_http_requests_total", ("403", "GET", "get_case")] == 2
    assert counted["casetrace_http_requests_total", ("404", "GET", "unmatched")] == 1
    assert "nowhere" not in text
    assert "/" not in "".join("".join(labels) for _, labels in counted)


def test_apps_do_not_share_their_numbers(house: House) -> None:
    house.client("ann").get("/api/v1/session")
    other = House(house.service, house.clock, house.people, house.make_app, house.plates)
    assert ("casetrace_http_requests_total", ("200", "GET", "me")) not in samples(
        other.client().get("/metrics").text
    )


def counts() -> Sequence[CameraCount]:
    return [
        CameraCount(7, state="running", decoded=250, looked=60, shed=3, device_ns=5 * 10**9),
        CameraCount(9, state="failed", outages=2, error="rtsp://secret"),
    ]


def test_camera_numbers_carry_the_camera_and_nothing_else() -> None:
    text = exposition(camera_registry(counts)).decode()
    found = samples(text)
    assert found["casetrace_camera_frames_decoded_total", ("7",)] == 250
    assert found["casetrace_camera_frames_shed_total", ("7",)] == 3
    assert found["casetrace_camera_outages_total", ("9",)] == 2
    assert found["casetrace_camera_up", ("7",)] == 1
    assert found["casetrace_camera_up", ("9",)] == 0
    assert found["casetrace_camera_device_time_seconds", ("7",)] == 5
    assert "secret" not in text


def test_every_named_metric_is_exposed(house: House) -> None:
    house.client().get("/healthz")
    text = house.client().get("/metrics").text
    text += exposition(camera_registry(counts)).decode()
    assert [name for name in metric_names() if name not in text] == []
