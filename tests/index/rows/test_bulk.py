"""Lists that come at once: as many rows as one by one, in one transaction."""

import pytest

from core.errors import DuplicateId
from index.rows.store import SqlStore
from tests.builders import camera, epoch, scope


def test_a_list_of_cameras_is_added_or_replaced(store: SqlStore) -> None:
    store.cameras.put(camera(2, name="before"))

    store.cameras.put_all([camera(1), camera(2), camera(3)])

    assert [one.name for one in store.cameras.all()] == ["camera 1", "camera 2", "camera 3"]


def test_no_cameras_change_nothing(store: SqlStore) -> None:
    store.cameras.put_all([])

    assert store.cameras.all() == []


def test_a_list_of_epochs_is_added(store: SqlStore) -> None:
    store.cameras.put_all([camera(1), camera(2)])

    store.tracks.put_epochs([epoch(1, camera_id=1), epoch(2, camera_id=2)])

    assert [one.epoch for one in store.tracks.epochs(scope((1, 2)), [1, 2])] == [1, 2]


def test_a_known_epoch_in_a_list_changes_nothing(store: SqlStore) -> None:
    store.cameras.put(camera(1))
    store.tracks.put_epoch(epoch(1))

    with pytest.raises(DuplicateId):
        store.tracks.put_epochs([epoch(2), epoch(1)])

    assert [one.epoch for one in store.tracks.epochs(scope(), [1, 2])] == [1]
