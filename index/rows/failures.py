"""What a database says went wrong, said once in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import (
    Busy,
    CaseTraceError,
    Conflict,
    DuplicateId,
    StorageCorrupt,
    StorageError,
    StorageFull,
)

_SQLITE: dict[int, type[CaseTraceError]] = {
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_CORRUPT: StorageCorrupt,
    sqlite3.SQLITE_NOTADB: StorageCorrupt,
    sqlite3.SQLITE_CONSTRAINT: Conflict,
}
_SQLITE_TAKEN = (
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
)

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest prefix counts.
_POSTGRES: dict[str, type[CaseTraceError]] = {
    "23505": DuplicateId,  # unique_violation
    "23": Conflict,  # other constraints
    "40": Busy,  # deadlock, serialisation
    "53": Busy,  # too many connections, out of memory
    "53100": StorageFull,  # disk_full
    "55P03": Busy,  # lock_not_available
    "57014": Busy,  # statement or lock time-out
    "P0001": Conflict,  # raised by a trigger of ours
    "XX001": StorageCorrupt,  # data_corrupted
    "XX002": StorageCorrupt,  # index_corrupted
}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise the errors of the database inside as ours; `what` says what was being done."""
    try:
        yield
    except PoolTimeout as error:
        raise Busy(f"{what}: no free database connection: {error}") from error
    except DBAPIError as error:
        raise _kind_of(error.orig)(f"{what}: {_first_line(error.orig)}") from error
    except (sqlite3.Error, psycopg.Error) as error:  # from a statement past SQLAlchemy
        raise _kind_of(error)(f"{what}: {_first_line(error)}") from error
    except SQLAlchemyError as error:
        raise StorageError(f"{what}: {error}") from error


def _kind_of(cause: BaseException | None) -> type[CaseTraceError]:
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)  # absent where Python itself refused
        return DuplicateId if code in _SQLITE_TAKEN else _SQLITE.get(code & 0xFF, StorageError)
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate or ""
        known = (state[:length] for length in (5, 2) if state[:length] in _POSTGRES)
        return _POSTGRES.get(next(known, ""), StorageError)
    return StorageError


def _first_line(cause: BaseException | None) -> str:
    return str(cause).strip().partition("\n")[0]
