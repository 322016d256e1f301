"""Passings that are kept: by whom the rows change, and when nothing is read again."""

import numpy as np
import pytest
from sqlalchemy import event, text

from core.types import TimeSpan
from index.migrations import upgrade
from index.rows.engine import Database
from index.rows.store import SqlStore
from tests.builders import at, camera, scope, scope_of, tracklet


@pytest.fixture(autouse=True)
def _cameras(store: SqlStore) -> None:
    for camera_id in (1, 2):
        store.cameras.put(camera(camera_id))


def put(store: SqlStore, tracklet_id: int, camera_id: int = 1) -> None:
    store.tracks.put_parts([(tracklet(tracklet_id, camera_id=camera_id), ())])


def test_a_scope_that_nobody_changed_is_read_once(store: SqlStore) -> None:
    put(store, 1)
    first = store.tracks.passings(scope())
    put(store, 2, camera_id=2)
    assert store.tracks.passings(scope()) is first


def test_what_is_kept_cannot_be_written_to(store: SqlStore) -> None:
    put(store, 1)
    with pytest.raises(ValueError, match="read-only"):
        store.tracks.passings(scope()).tracklet_ids[0] = 9


def test_what_another_process_wrote_is_seen(store: SqlStore, url: str) -> None:
    put(store, 1)
    store.tracks.passings(scope())
    other = SqlStore.open(url)
    try:
        put(other, 2)
        assert store.tracks.passings(scope()).tracklet_ids.tolist() == [1, 2]
        other.tracks.erase(1, TimeSpan(at(-1), at(100)), at(200))
        assert len(store.tracks.passings(scope())) == 0
    finally:
        other.close()


def test_only_some_scopes_are_kept(store: SqlStore) -> None:
    put(store, 1)
    first = store.tracks.passings(scope())
    for second in range(10):
        store.tracks.passings(scope_of([(1, 0.0, 1.0 + second)]))
    again = store.tracks.passings(scope())
    assert again is not first
    np.testing.assert_array_equal(again.tracklet_ids, first.tracklet_ids)


def test_what_comes_while_it_is_read_is_read_the_next_time(store: SqlStore, url: str) -> None:
    put(store, 1)
    other = SqlStore.open(url)
    asked = 0

    def write(*_: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            put(other, 2)

    event.listen(store._database.engine, "after_cursor_execute", write)
    try:
        store.tracks.passings(scope())  # the numbers are read, and another process writes
        assert asked > 1
        assert store.tracks.passings(scope()).tracklet_ids.tolist() == [1, 2]
    finally:
        other.close()


def test_cameras_of_before_the_numbers_have_one_after_the_upgrade(url: str) -> None:
    upgrade(url)
    store = SqlStore.open(url)
    store.cameras.put(camera(7))
    store.close()
    database = Database(url)
    try:
        with database.writing("go back a version") as connection:
            connection.execute(text("DROP TABLE tracklet_changes"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        upgrade(url)
        with database.reading("look") as connection:
            found = connection.execute(text("SELECT camera_id, changes FROM tracklet_changes"))
            assert (7, 0) in [tuple(row) for row in found]
    finally:
        database.close()
