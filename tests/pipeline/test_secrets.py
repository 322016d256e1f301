"""Camera passwords at rest."""

from pathlib import Path

import pytest

from core.errors import StorageCorrupt
from pipeline.secrets import SecretBox


def test_open_gives_back_what_was_sealed(tmp_path: Path) -> None:
    sealed = SecretBox(tmp_path / "key").seal("geheim")
    assert SecretBox(tmp_path / "key").open(sealed) == "geheim"
    assert b"geheim" not in sealed


def test_the_key_is_its_owners_only(tmp_path: Path) -> None:
    SecretBox(tmp_path / "key").seal("x")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_open_with_another_key_says_so(tmp_path: Path) -> None:
    sealed = SecretBox(tmp_path / "key").seal("geheim")
    SecretBox(tmp_path / "other").seal("x")
    with pytest.raises(StorageCorrupt, match="set the password again"):
        SecretBox(tmp_path / "other").open(sealed)


def test_an_empty_password_stays_empty(tmp_path: Path) -> None:
    assert SecretBox(tmp_path / "key").open(SecretBox(tmp_path / "key").seal("")) == ""
