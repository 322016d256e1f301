"""An empty store on each database, and the URL that it was opened by."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.rows.store import SqlStore
from tests.databases import BOTH, database_url


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as own:
        yield own


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url)
    try:
        yield opened
    finally:
        opened.close()
