"""The house that API tests run in: built once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from tests.api.house import House, build, open_house


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Iterator[House]:
    with open_house(built, tmp_path, create_app) as opened:
        yield opened
