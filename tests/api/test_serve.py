"""`casetrace serve`: what it listens on, and that TLS is whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.cli import main
from api.installation import Installation
from tests.api.house import House


@pytest.fixture
def served(house: House, monkeypatch: pytest.MonkeyPatch) -> list[uvicorn.Config]:
    """The configurations that would have been run."""
    configs: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: configs.append(server.config))
    (house.service.settings.data_dir / "casetrace.toml").write_text("port = 8471\n")
    return configs


def serve(house: House, *words: str) -> int:
    opened: Any = house.service
    opened.close = lambda: None
    installation = Installation(house.service.settings.data_dir, open=lambda settings: opened)
    with pytest.raises(SystemExit) as ended:
        main(["serve", *words], installation)
    return int(str(ended.value.code))


def test_serve_listens_where_the_settings_say(house: House, served: list[uvicorn.Config]) -> None:
    assert serve(house) == 0
    (config,) = served
    assert (config.host, config.port) == ("127.0.0.1", 8471)
    assert not config.access_log


def test_serve_with_half_of_tls_is_refused(
    house: House, served: list[uvicorn.Config], tmp_path: Path
) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.write_text("")
    assert serve(house, "--tls-certificate", str(certificate)) == 3
    assert served == []


def test_serve_with_tls_files_that_are_not_there_is_refused(
    house: House, served: list[uvicorn.Config], tmp_path: Path
) -> None:
    words = ("--tls-certificate", str(tmp_path / "c.pem"), "--tls-key", str(tmp_path / "k.pem"))
    assert serve(house, *words) == 3
    assert served == []


def test_serve_without_tls_on_an_open_address_warns(
    house: House,
    served: list[uvicorn.Config],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CASETRACE_HOST", "0.0.0.0")  # noqa: S104 (what is to be warned of)
    assert serve(house) == 0
    assert "no TLS" in capsys.readouterr().err
