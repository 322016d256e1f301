"""The installation that most tests of cases want."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.world import World, opened_world, template_in


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template_in(tmp_path_factory.mktemp("template"))


@pytest.fixture
def world(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path, template) as made:
        yield made
