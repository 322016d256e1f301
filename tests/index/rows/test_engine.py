"""The file itself: who may read it, how it is written, and that erased means gone."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.rows.store import SqlStore
from tests.builders import T0_NS, camera, case, decision, probe, shot, tracklet

MARK = b"biometric-canary" * 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{folder / 'rows.sqlite'}")
    yield opened
    opened.close()


def holds(folder: Path, content: bytes) -> bool:
    return any(content in file.read_bytes() for file in folder.iterdir())


def test_file_is_for_its_owner_only(store: SqlStore, folder: Path) -> None:
    store.cameras.put(camera())
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_commits_wait_for_the_disk(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        said = [
            connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    assert said == ["wal", 2, 1, 1]


def test_erased_products_leave_no_byte(store: SqlStore, folder: Path) -> None:
    store.cases.put(case())
    store.cases.put_probe(probe(vectors={"m@1": MARK * 100}))
    store.cases.put_decision(decision())
    assert holds(folder, MARK)
    store.cases.erase_products(1)
    assert not holds(folder, MARK)


@pytest.mark.parametrize("how", ["erase", "delete"])
def test_erased_camera_leaves_no_byte(store: SqlStore, folder: Path, how: str) -> None:
    seen = tracklet()
    store.cameras.put(camera())
    store.tracks.put_parts([(seen, [shot(1, seen, key=MARK.decode())])])
    assert holds(folder, MARK)
    if how == "erase":
        store.tracks.erase(1, None, T0_NS)
    else:
        store.cameras.delete(1)
    assert not holds(folder, MARK)


def test_store_closes_twice(store: SqlStore) -> None:
    store.close()
    store.close()
