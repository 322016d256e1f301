"""One way to begin, commit and fail on both databases; what they say differently is said here."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CTE,
    URL,
    BigInteger,
    Connection,
    Engine,
    Table,
    bindparam,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import Conflict, InvalidInput, StorageError
from index.rows.failures import translated

_WRITE = "casetrace_write"
_CHECKPOINT_PATIENCE_MS = 1000
_MOST_CONNECTIONS = 64  # a web server's thread pool and then some; more of them is a fault


class Database:
    """An engine whose transactions are either reading or writing, with our errors."""

    def __init__(self, url: str, *, busy_timeout_s: float = 30.0) -> None:
        self.engine = _engine(url, busy_timeout_s)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, what: str) -> Iterator[Connection]:
        """One snapshot, never blocked by a writer."""
        with translated(what), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, what: str) -> Iterator[Connection]:
        """One durable transaction. SQLite has one writer at a time, from its first statement."""
        with translated(what), self.engine.connect() as connection:
            connection.execution_options(**{_WRITE: True})
            with connection.begin():
                yield connection

    def alone_in(self, connection: Connection, table: Table) -> None:
        """Keep other writers off `table` until the transaction ends; readers go on."""
        if not self.is_sqlite:  # there BEGIN IMMEDIATE has done it
            connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))

    def put_new(
        self,
        connection: Connection,
        table: Table,
        columns: Sequence[str],
        rows: Sequence[tuple[object, ...]],
    ) -> None:
        """Insert plain values of `columns` as the driver takes them, `DuplicateId` if one is known.

        For what comes by the thousand: SQLAlchemy's own insert takes as long again for each row as
        the database does.
        """
        if rows:
            unknown = set(columns) - {column.name for column in table.columns}
            assert not unknown, f"{table.name} has no {unknown}"  # noqa: S101 - ours, not a caller's
            marks = ", ".join(["?" if self.is_sqlite else "%s"] * len(columns))
            named = ", ".join(columns)
            statement = f"INSERT INTO {table.name} ({named}) VALUES ({marks})"  # noqa: S608 (ours)
            connection.exec_driver_sql(statement, list(rows))

    def put(self, connection: Connection, table: Table, row: Mapping[str, object]) -> None:
        """Insert the row, or replace all columns of the one with its primary key."""
        self.put_all(connection, table, [row])

    def put_all(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
    ) -> None:
        """`put` of many."""
        insert = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
        keys = [column.name for column in table.primary_key]
        changes = {
            column.name: insert.excluded[column.name]
            for column in table.columns
            if not column.primary_key
        }
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes), rows)

    def numbers(self, name: str, values: Iterable[int]) -> CTE:
        """Many int64 as a table of one column `value`, by one parameter however many they are."""
        source = (
            "SELECT value FROM json_each(:{})"
            if self.is_sqlite
            else "SELECT CAST(value AS bigint) AS value FROM jsonb_array_elements_text("
            "CAST(:{} AS jsonb)) AS listed(value)"
        )
        return self._listed(name, source, json.dumps([int(value) for value in values]), "value")

    def triples(self, name: str, rows: Iterable[tuple[int, int, int]], *columns: str) -> CTE:
        """Many int64 triples as a table of three `columns`, by one parameter."""
        element = "json_extract(value, '$[{}]')" if self.is_sqlite else "CAST(value->>{} AS bigint)"
        source = "json_each(:{})" if self.is_sqlite else "jsonb_array_elements(CAST(:{} AS jsonb))"
        fields = ", ".join(
            f"{element.format(place)} AS {column}" for place, column in enumerate(columns)
        )
        listed = f"SELECT {fields} FROM {source}"  # noqa: S608 (all of it is ours)
        return self._listed(name, listed, json.dumps(list(rows)), *columns)

    def _listed(self, name: str, source: str, content: str, *columns: str) -> CTE:
        typed = {column: BigInteger() for column in columns}
        listed = text(source.format(name)).bindparams(bindparam(name, content)).columns(**typed)
        return listed.cte(f"listed_{name}").prefix_with("MATERIALIZED")

    def copy_to(self, path: Path) -> None:
        """Write the rows as they are now into a new SQLite file, while others go on writing."""
        if not self.is_sqlite:
            raise Conflict("copy: only SQLite copies itself; use pg_dump for PostgreSQL")
        with translated(f"copy the rows to {path}"), self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("VACUUM INTO ?", (str(path),))

    def forget(self) -> None:
        """After an erasure: bring the write-ahead log into the file and empty it.

        Deleted pages are overwritten (`secure_delete`), but the log still holds what they were.
        Other connections may delay it; then the next one does it.
        """
        if self.is_sqlite:
            with translated("forget"), self.engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                (patience_ms,) = raw.execute("PRAGMA busy_timeout").fetchone()
                raw.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE_MS}")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                raw.execute(f"PRAGMA busy_timeout = {patience_ms}")

    def close(self) -> None:
        self.engine.dispose()


def parsed_url(url: str) -> URL:
    """The URL in its parts; the message of a bad one does not repeat it: it may hold a password."""
    try:
        return make_url(url)
    except ArgumentError as error:
        raise InvalidInput("database: want sqlite:///FILE or postgresql://...") from error


def _engine(url: str, busy_timeout_s: float) -> Engine:
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, busy_timeout_s)
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed, busy_timeout_s)
    raise InvalidInput(f"database: want sqlite or postgresql, got {parsed.get_backend_name()!r}")


def sqlite_file(url: URL) -> Path:
    """The file behind a SQLite URL."""
    if not url.database or url.database == ":memory:":
        raise InvalidInput("database: want a SQLite file, got one in memory that nobody can share")
    return Path(url.database)


def _sqlite_engine(url: URL, busy_timeout_s: float) -> Engine:
    _make_private(sqlite_file(url))
    engine = create_engine(url, max_overflow=_MOST_CONNECTIONS)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        raw: Any = connection
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in _pragmas(busy_timeout_s):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _pragmas(busy_timeout_s: float) -> list[str]:
    return [
        f"busy_timeout = {round(busy_timeout_s * 1000)}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # erased means overwritten
        "cache_size = -16384",
        "mmap_size = 268435456",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ]


def _make_private(path: Path) -> None:
    """Create the file for its owner only; the log beside it inherits the mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageError(f"database: cannot open {path}: {error.strerror}") from error


def _postgres_engine(url: URL, busy_timeout_s: float) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        max_overflow=_MOST_CONNECTIONS,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {round(busy_timeout_s * 1000)}")
        cursor.execute("SET synchronous_commit = on")  # durable, whatever the server's default
        # The planner cannot know how few rows a span has, and would rather read a whole table:
        # 980 ms instead of 0.4 ms for an hour of one camera among a million shots.
        cursor.execute("SET enable_seqscan = off")
        cursor.close()
        connection.commit()

    return engine
