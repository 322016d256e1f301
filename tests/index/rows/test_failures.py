"""Whatever goes wrong in a database comes out as one of our errors, its cause kept."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from core.errors import (
    Busy,
    CaseTraceError,
    Conflict,
    DuplicateId,
    InvalidInput,
    StorageCorrupt,
    StorageError,
    StorageFull,
)
from index.rows.engine import Database
from index.rows.failures import translated
from index.rows.store import SqlStore
from tests.builders import audit_entry, camera, scope, tracklet
from tests.databases import POSTGRES


@contextmanager
def opened(url: str, *, busy_timeout_s: float = 30.0) -> Iterator[SqlStore]:
    store = SqlStore.open(url, busy_timeout_s=busy_timeout_s)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.sqlite"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("23505", DuplicateId),
        ("23503", Conflict),
        ("40P01", Busy),
        ("40001", Busy),
        ("53300", Busy),
        ("53100", StorageFull),
        ("55P03", Busy),
        ("57014", Busy),
        ("P0001", Conflict),
        ("XX001", StorageCorrupt),
        ("XX002", StorageCorrupt),
        ("42P01", StorageError),
    ],
)
def test_postgres_states_become_our_errors(state: str, expected: type[CaseTraceError]) -> None:
    cause = psycopg.errors.lookup(state)("said the server")
    with pytest.raises(expected, match="doing: said the server") as caught, translated("doing"):
        raise DBAPIError("SELECT 1", {}, cause)
    assert type(caught.value) is expected
    assert isinstance(caught.value.__cause__, DBAPIError)


def test_lost_connection_is_a_storage_error() -> None:
    with pytest.raises(StorageError, match="gone"), translated("doing"):
        raise DBAPIError("SELECT 1", {}, psycopg.OperationalError("gone"))


def test_locked_file_is_busy(file: Path) -> None:
    with (
        opened(f"sqlite:///{file}", busy_timeout_s=0.01) as store,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="put camera 1"):
            store.cameras.put(camera())
        assert store.cameras.all() == []  # readers go on
        other.execute("ROLLBACK")
        store.cameras.put(camera())


@pytest.mark.parametrize("url", [POSTGRES], indirect=True)
def test_locked_table_is_busy(store: SqlStore, url: str) -> None:
    database = Database(url)
    try:
        with database.writing("hold") as connection:
            connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
            with opened(url, busy_timeout_s=0.01) as other, pytest.raises(Busy, match="append"):
                other.audit.append(audit_entry)
    finally:
        database.close()


def test_full_disk_is_storage_full(file: Path) -> None:
    with opened(f"sqlite:///{file}") as store:
        store.cameras.put(camera())

        @event.listens_for(store.engine, "begin")
        def limit(connection: object) -> None:
            raw = connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.execute("PRAGMA max_page_count = 1")  # raised to what there is already

        with pytest.raises(StorageFull, match="full"):
            store.tracks.put_parts([(tracklet(i, boxes=500), []) for i in range(100)])
        assert store.tracks.tracklets(scope()) == []


def test_damaged_file_is_storage_corrupt(file: Path) -> None:
    with opened(f"sqlite:///{file}") as store:
        store.cameras.put(camera())
        store.tracks.put_parts([(tracklet(i, boxes=500), []) for i in range(100)])
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(4096 * 20)
        damaged.write(b"\xa5" * (size - 4096 * 30))
    with pytest.raises(StorageCorrupt), opened(f"sqlite:///{file}") as store:
        store.tracks.tracklets(scope())


def test_blob_of_a_wrong_length_is_storage_corrupt(store: SqlStore, url: str) -> None:
    store.cameras.put(camera())
    store.tracks.put_parts([(tracklet(), [])])
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE tracklets SET confidence = device_ns"))
    with pytest.raises(StorageCorrupt, match="tracklet 1 part 0"):
        store.tracks.tracklets(scope())


def test_other_file_is_storage_corrupt(file: Path) -> None:
    file.write_bytes(b"this is a letter, not a database\n" * 100)
    with pytest.raises(StorageCorrupt), opened(f"sqlite:///{file}"):
        pass


def test_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"), opened(f"sqlite:///{tmp_path}/nowhere/x"):
        pass


def test_unreachable_server_is_a_storage_error() -> None:
    url = "postgresql://casetrace:canary-password@127.0.0.1:1/casetrace"
    with pytest.raises(StorageError) as caught, opened(url):
        pass
    assert "canary-password" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "rows.sqlite", "mysql://host/db", "sqlite://", "sqlite:///:memory:"]
)
def test_url_of_no_shared_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="database: want"), opened(url):
        pass


def test_bad_url_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught, opened("nonsense canary-password"):
        pass
    assert "canary" not in str(caught.value)


def test_url_names_the_driver_for_us(url: str) -> None:
    plain = make_url(url)
    short = plain.set(drivername=plain.get_backend_name())
    with opened(short.render_as_string(hide_password=False)) as store:
        assert store.cameras.all() == []
