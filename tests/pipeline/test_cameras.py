"""Where cameras are kept: roles, entries, secrets and names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.audit import AuditLog
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.ids import IdSource
from core.types import Account, ClockCorrection, Outcome, Role
from index.rows.store import SqlStore
from pipeline.cameras import CameraDesk, CameraDraft
from pipeline.secrets import SecretBox
from tests.builders import SetClock, account


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path / 'rows.db'}")
    yield opened
    opened.close()


@pytest.fixture
def desk(store: SqlStore, tmp_path: Path) -> CameraDesk:
    clock = SetClock()

    def erase(camera_id: int) -> int:
        store.cameras.delete(camera_id)
        return 0

    def refuse_http(url: str) -> None:
        if not url.startswith("rtsp"):
            raise InvalidInput("address: want rtsp")

    return CameraDesk(
        store,
        AuditLog(store.audit, clock),
        IdSource(1, clock),
        clock,
        seal=SecretBox(tmp_path / "key").seal,
        check_address=refuse_http,
        erase=erase,
    )


def operator() -> Account:
    return account(5, roles=(Role.OPERATOR,))


def test_add_keeps_the_camera_and_an_entry(desk: CameraDesk, store: SqlStore) -> None:
    camera = desk.add(operator(), CameraDraft("gate", main_url="rtsp://10.0.0.1/a"))
    assert store.cameras.get(camera.camera_id).name == "gate"
    entry = store.audit.entries()[-1]
    assert (entry.event.kind, entry.event.outcome) == ("camera_changed", Outcome.ALLOW)


def test_add_seals_the_password(desk: CameraDesk, store: SqlStore, tmp_path: Path) -> None:
    camera = desk.add(operator(), CameraDraft("gate", username="u", password="geheim"))
    kept = store.cameras.get(camera.camera_id)
    assert b"geheim" not in kept.secret
    assert SecretBox(tmp_path / "key").open(kept.secret) == "geheim"


def test_change_without_a_password_keeps_the_old_one(desk: CameraDesk, store: SqlStore) -> None:
    before = desk.add(operator(), CameraDraft("gate", password="geheim"))
    after = desk.change(operator(), before.camera_id, CameraDraft("gate 2"))
    assert (after.name, after.secret) == ("gate 2", before.secret)


def test_add_by_an_investigator_is_denied_in_the_log(desk: CameraDesk, store: SqlStore) -> None:
    with pytest.raises(Forbidden):
        desk.add(account(6, roles=(Role.INVESTIGATOR,)), CameraDraft("gate"))
    assert [entry.event.outcome for entry in store.audit.entries()] == [Outcome.DENY]
    assert store.cameras.all() == []


def test_all_for_an_auditor_is_denied_in_the_log(desk: CameraDesk, store: SqlStore) -> None:
    with pytest.raises(Forbidden):
        desk.all(account(6, roles=(Role.AUDITOR,)))
    assert [entry.event.kind for entry in store.audit.entries()] == ["read_cameras"]


def test_add_of_a_taken_name_is_a_conflict(desk: CameraDesk) -> None:
    desk.add(operator(), CameraDraft("gate"))
    with pytest.raises(Conflict, match="gate"):
        desk.add(operator(), CameraDraft("gate"))


@pytest.mark.parametrize(
    "draft",
    [
        CameraDraft(""),
        CameraDraft("a\nb"),
        CameraDraft("gate", lon_lat_deg=(200.0, 0.0)),
        CameraDraft("gate", analysis_fps=1000.0),
        CameraDraft("gate", retention_days=-1),
        CameraDraft("gate", main_url="http://10.0.0.1/"),
    ],
)
def test_add_refuses_what_cannot_be(desk: CameraDesk, store: SqlStore, draft: CameraDraft) -> None:
    with pytest.raises(InvalidInput):
        desk.add(operator(), draft)
    assert store.cameras.all() == []


def test_correct_clock_adds_to_the_history(desk: CameraDesk) -> None:
    camera = desk.add(operator(), CameraDraft("gate"))
    corrected = desk.correct_clock(
        operator(), camera.camera_id, ClockCorrection(0, offset_s=90.0, sigma_s=1.0)
    )
    assert corrected.utc_of(100 * 10**9) == 10 * 10**9


def test_remove_deletes_it(desk: CameraDesk, store: SqlStore) -> None:
    camera = desk.add(operator(), CameraDraft("gate"))
    desk.remove(operator(), camera.camera_id)
    with pytest.raises(NotFound):
        store.cameras.get(camera.camera_id)
