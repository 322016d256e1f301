"""Stores for the suites that need one: every implementation, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.protocols import Store
from index.rows.store import SqlStore
from tests.databases import BOTH, database_url


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path, migrated=True) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = SqlStore.open(store_url)
    try:
        yield opened
    finally:
        opened.close()
