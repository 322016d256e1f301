"""The house that API tests run in: built once, copied for each test."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.app import create_app
from tests.api.house import House, build, open_house


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """What a command did to logging ends with its test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Iterator[House]:
    with open_house(built, tmp_path, create_app) as opened:
        yield opened
