"""The installation that most tests of cases want."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.world import World, opened_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened_world(tmp_path) as made:
        yield made
