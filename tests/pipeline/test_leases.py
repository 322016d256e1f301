"""Who writes: numbers and cameras, taken, kept and given back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Busy
from core.types import Camera
from index.rows.store import SqlStore
from pipeline.leases import LEASE_S, Leases
from tests.builders import SetClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path / 'rows.db'}")
    opened.cameras.put(Camera(1, "gate"))
    yield opened
    opened.close()


def test_a_writers_number_stays_its_own(store: SqlStore) -> None:
    clock = SetClock()
    first = Leases(store.writers, clock)
    number = first.take_writer("ingest-main")
    first.close()
    again = Leases(store.writers, clock)
    assert again.take_writer("ingest-main") == number
    again.close()


def test_a_live_writer_is_not_taken_twice(store: SqlStore) -> None:
    clock = SetClock()
    holder, other = Leases(store.writers, clock), Leases(store.writers, clock)
    holder.take_writer("ingest-main")
    with pytest.raises(Busy, match="ingest-main"):
        other.take_writer("ingest-main")
    holder.close()


def test_a_lease_that_nobody_renewed_can_be_taken(store: SqlStore) -> None:
    clock = SetClock()
    dead, heir = Leases(store.writers, clock), Leases(store.writers, clock)
    number = dead.take_writer("ingest-main")
    clock.advance(LEASE_S + 1)
    assert heir.take_writer("ingest-main") == number
    heir.close()
    dead.close()


def test_any_writer_is_the_first_that_is_free(store: SqlStore) -> None:
    clock = SetClock()
    one, two = Leases(store.writers, clock), Leases(store.writers, clock)
    assert one.take_any_writer("desk") != two.take_any_writer("desk")
    one.close()
    two.close()


def test_close_frees_the_cameras(store: SqlStore) -> None:
    clock = SetClock()
    holder, other = Leases(store.writers, clock), Leases(store.writers, clock)
    holder.take_writer("a")
    other.take_writer("b")
    holder.take_cameras([1])
    with pytest.raises(Busy, match="camera 1"):
        other.take_cameras([1])
    holder.close()
    other.take_cameras([1])
    other.close()
