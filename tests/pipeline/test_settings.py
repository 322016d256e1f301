"""Settings: where they come from, and what is refused."""

from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from pipeline.settings import FILE_NAME, Settings, load_settings


def written(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text)
    return folder


def test_load_settings_reads_the_file(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "analysis_fps = 3")).analysis_fps == 3


def test_load_settings_takes_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASETRACE_ANALYSIS_FPS", "4")
    assert load_settings(written(tmp_path, "analysis_fps = 3")).analysis_fps == 4


def test_load_settings_refuses_an_unknown_key_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="analisys_fps"):
        load_settings(written(tmp_path, "analisys_fps = 3"))


def test_load_settings_refuses_a_value_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="audit_days"):
        load_settings(written(tmp_path, "audit_days = 30"))


def test_load_settings_without_a_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="casetrace init"):
        load_settings(tmp_path)


def test_load_settings_of_broken_toml_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=FILE_NAME):
        load_settings(written(tmp_path, "analysis_fps ="))


def test_settings_each_say_what_they_are() -> None:
    assert all(field.description for field in Settings.model_fields.values())
