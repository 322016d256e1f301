"""Databases for tests: a fresh SQLite file, or a fresh schema of a real PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from index.migrations import upgrade

SQLITE = pytest.param("sqlite")
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
BOTH = (SQLITE, POSTGRES)
"""Parameters for a fixture that runs on each."""


@cache
def migrated_sqlite() -> bytes:
    """A SQLite file with all tables and no row: copying it is far quicker than making it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.sqlite"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()


@contextmanager
def database_url(kind: str, folder: Path, *, migrated: bool = False) -> Iterator[str]:
    """The URL of an empty database, gone afterwards; skips where there is no PostgreSQL."""
    if kind == "sqlite":
        file = folder / "rows.sqlite"
        if migrated:
            file.touch(0o600)
            file.write_bytes(migrated_sqlite())
        yield f"sqlite:///{file}"
        return
    server = os.environ.get("CASETRACE_TEST_POSTGRES")
    if not server:
        pytest.skip("CASETRACE_TEST_POSTGRES is not set; `.ci/postgres start` prints a value")
    schema = f"test_{uuid4().hex}"
    engine = create_engine(server)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        own = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    finally:
        engine.dispose()
