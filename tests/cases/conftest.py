"""The installation that most tests of cases want."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.world import World, furnish, opened_world


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    furnish(folder)
    return folder


@pytest.fixture
def world(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path, template) as made:
        yield made
