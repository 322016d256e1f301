"""`core.protocols.Store` on SQLAlchemy: SQLite in a file, or PostgreSQL by URL."""

from pathlib import Path

from sqlalchemy import Engine

from index.migrations import expect_newest
from index.rows.accounts import SqlAccounts
from index.rows.audit import SqlAudit
from index.rows.cameras import SqlCameras
from index.rows.cases import SqlCases
from index.rows.engine import Database
from index.rows.tracks import SqlTracks
from index.rows.writers import SqlWriters


class SqlStore:
    """All rows behind one engine. Every write is one transaction, durable when it returns.

    Safe to use from several threads; several processes may each open their own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.writers = SqlWriters(database)
        self.cameras = SqlCameras(database)
        self.tracks = SqlTracks(database)
        self.cases = SqlCases(database)
        self.accounts = SqlAccounts(database)
        self.audit = SqlAudit(database)

    @classmethod
    def open(cls, url: str, *, busy_timeout_s: float = 30.0) -> "SqlStore":
        """A store on `sqlite:///FILE` or `postgresql://...`; an empty database gets its tables.

        `Conflict` if the tables are of another version: `index.migrations.upgrade` moves an older
        one on, which nobody should do without a backup. A writer that waits longer than
        `busy_timeout_s` for another gets `Busy`.
        """
        database = Database(url, busy_timeout_s=busy_timeout_s)
        try:
            expect_newest(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def copy_to(self, path: Path) -> None:
        """Write the rows as they are now into a new SQLite file, while others go on writing.

        `Conflict` for PostgreSQL, which has `pg_dump`.
        """
        self._database.copy_to(path)

    @property
    def engine(self) -> Engine:
        """For tests, which look behind the parts."""
        return self._database.engine

    def close(self) -> None:
        """Give all connections back; safe to call twice."""
        self._database.close()
