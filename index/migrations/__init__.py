"""Which version the tables are of, and moving them on. The versions lie in `versions/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.errors import Conflict
from index.rows.engine import Database

_ONE_AT_A_TIME = 0x6361_7365  # a lock of PostgreSQL; any number that nobody else uses


def upgrade(url: str) -> str:
    """The newest version, after moving the database behind `url` to it in one transaction.

    Does nothing where nothing is to do; several processes may call it at once.
    """
    database = Database(url)
    try:
        return _upgraded(database)
    finally:
        database.close()


def current(url: str) -> str | None:
    """The version of the tables behind `url`; None where there are none."""
    database = Database(url)
    try:
        with database.reading("read the schema's version") as connection:
            return _version_of(connection)
    finally:
        database.close()


def newest() -> str:
    """The version that this code wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 (there is a first version)
    return head


def expect_newest(database: Database) -> None:
    """Raise `Conflict` unless the tables are of the version wanted; make them where none are."""
    with database.reading("read the schema's version") as connection:
        found = _version_of(connection)
    if found is None:
        found = _upgraded(database)
    if found != newest():
        raise Conflict(
            f"database: want schema version {newest()}, got {found}; "
            "an older one is moved on by `casetrace init --upgrade`; copy it before"
        )


def _upgraded(database: Database) -> str:
    with database.writing("upgrade the schema") as connection:
        if not database.is_sqlite:
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": _ONE_AT_A_TIME})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def _version_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
