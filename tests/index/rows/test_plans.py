"""Each question is answered by short ranges of an index, never by reading a table."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Select, Table

from index.rows import schema
from index.rows.engine import Database
from index.rows.queries import intervals_in, passings_in, plates_in, shots_in, tracklets_in
from index.rows.store import SqlStore
from tests.builders import scope
from tests.databases import POSTGRES

TABLES = ("tracklets", "shots", "plates", "footage", "activities")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'rows.sqlite'}"
    SqlStore.open(url).close()
    opened = Database(url)
    yield opened
    opened.close()


def plan(database: Database, statement: Select[tuple[object, ...]]) -> list[str]:
    """SQLite's own words on how it reads our tables."""
    bound = statement.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.reading("explain") as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {bound}").all()
    return [step[3] for step in steps if any(f" {table} " in f"{step[3]} " for table in TABLES)]


@pytest.mark.parametrize("url", [POSTGRES], indirect=True)
def test_postgres_reads_no_table_from_end_to_end(store: SqlStore, url: str) -> None:
    with closing(Database(url)) as database, database.reading("explain") as connection:
        for statement in (
            tracklets_in(database, scope()),
            tracklets_in(database, scope(), ids=[1, 2]),
            passings_in(database, scope().spans),
            shots_in(database, scope()),
            shots_in(database, scope(), shot_ids=[1]),
            shots_in(database, scope(), tracklet_ids=[1]),
            plates_in(database, scope(), tracklet_ids=[1]),
            intervals_in(database, schema.footage, scope()),
        ):
            bound = statement.compile(database.engine, compile_kwargs={"literal_binds": True})
            steps = connection.exec_driver_sql(f"EXPLAIN {bound}").scalars().all()
            assert not [step for step in steps if "Seq Scan" in step]


RANGE = "(camera_id=? AND reach=? AND start_ns>? AND start_ns<?)"


def test_tracklets_of_a_scope_take_short_ranges(database: Database) -> None:
    assert plan(database, tracklets_in(database, scope())) == [
        f"SEARCH tracklets USING COVERING INDEX ix_tracklets_scope {RANGE}",
        "SEARCH tracklets USING INDEX sqlite_autoindex_tracklets_1 (tracklet_id=? AND part=?)",
    ]


def test_passings_of_a_scope_are_read_from_the_index_alone(database: Database) -> None:
    assert plan(database, passings_in(database, scope().spans)) == [
        f"SEARCH tracklets USING COVERING INDEX ix_tracklets_scope {RANGE}"
    ]


def test_tracklets_by_ids_take_their_key(database: Database) -> None:
    by_key = "SEARCH tracklets USING INDEX sqlite_autoindex_tracklets_1"
    assert plan(database, tracklets_in(database, scope(), ids=[1, 2])) == [
        f"{by_key} (tracklet_id=?)",
        f"{by_key} (tracklet_id=? AND part=?)",
    ]


def test_shots_of_a_scope_take_short_ranges(database: Database) -> None:
    assert plan(database, shots_in(database, scope())) == [
        "SEARCH shots USING INDEX ix_shots_scope (camera_id=? AND device_ns>? AND device_ns<?)"
    ]


def test_shots_by_ids_take_their_keys(database: Database) -> None:
    assert plan(database, shots_in(database, scope(), shot_ids=[1])) == [
        "SEARCH shots USING INTEGER PRIMARY KEY (rowid=?)"
    ]
    assert plan(database, shots_in(database, scope(), tracklet_ids=[1])) == [
        "SEARCH shots USING INDEX ix_shots_tracklet (tracklet_id=?)"
    ]


def test_plates_by_ids_take_their_keys(database: Database) -> None:
    key = "SEARCH plates USING INTEGER PRIMARY KEY (rowid=?)"
    assert plan(database, plates_in(database, scope(), plate_ids=[1])) == [key, key]
    assert plan(database, plates_in(database, scope(), tracklet_ids=[1])) == [
        "SEARCH plates USING INDEX ix_plates_tracklet (tracklet_id=?)",
        key,
    ]


@pytest.mark.parametrize("table", [schema.footage, schema.activities], ids=lambda t: str(t.name))
def test_intervals_of_a_scope_take_short_ranges(database: Database, table: Table) -> None:
    assert plan(database, intervals_in(database, table, scope())) == [
        f"SEARCH {table.name} USING COVERING INDEX ix_{table.name}_scope {RANGE}",
        f"SEARCH {table.name} USING INTEGER PRIMARY KEY (rowid=?)",
    ]
