"""The versions of the schema: where they lead, and that they lead there once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from core.errors import Conflict
from index.migrations import current, newest, upgrade
from index.rows.engine import Database
from index.rows.schema import metadata
from index.rows.store import SqlStore
from tests.builders import camera


def test_empty_database_has_no_version(url: str) -> None:
    assert current(url) is None


def test_upgrade_leads_to_the_newest_version(url: str) -> None:
    assert upgrade(url) == newest() == current(url)


def test_upgrade_done_twice_changes_nothing(store: SqlStore, url: str) -> None:
    store.cameras.put(camera())
    upgrade(url)
    assert store.cameras.all() == [camera()]


def test_upgrades_at_once_make_the_tables_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(upgrade, [url] * 4)) == {newest()}


def test_tables_are_as_the_code_describes_them(url: str) -> None:
    upgrade(url)
    database = Database(url)
    try:
        with database.reading("compare") as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    finally:
        database.close()


def test_failed_upgrade_leaves_nothing_behind(url: str) -> None:
    database = Database(url)
    try:
        with database.writing("be in the way") as connection:
            connection.execute(text("CREATE TABLE searches (x integer)"))
        with pytest.raises(Exception, match="searches"):
            upgrade(url)
        with database.reading("look") as connection:
            names = database.engine.dialect.get_table_names(connection)
            assert "cameras" not in names
    finally:
        database.close()


def test_store_of_another_version_is_refused(url: str) -> None:
    upgrade(url)
    database = Database(url)
    with database.writing("pretend") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(Conflict, match="9999"):
        SqlStore.open(url)
