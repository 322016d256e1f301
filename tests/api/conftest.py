"""The house that API tests run in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from tests.api.house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, create_app) as opened:
        yield opened
