"""What every command starts from: the folder, its service, and who is at the keyboard."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import AuthenticationFailed
from core.types import Account
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.service import Service

TOKEN_VARIABLE = "CASETRACE_TOKEN"  # noqa: S105  (a name, not a token)


def config_dir() -> Path:
    """The user's own folder for settings, as XDG says."""
    stated = os.environ.get("XDG_CONFIG_HOME")
    return (Path(stated) if stated else Path.home() / ".config") / "casetrace"


def _open(settings: Settings) -> "Service":
    # Imported here because it loads decoders and models: `--help` should not wait for them.
    from pipeline.service import open_service

    return open_service(settings)


@dataclass(frozen=True, slots=True)
class Installation:
    """The folder that the commands work on; opened only by the commands that need it."""

    data_dir: Path
    as_json: bool = False
    open: "Callable[[Settings], Service]" = _open

    def settings(self) -> Settings:
        """As written in the folder and the environment; `NotFound` before `casetrace init`."""
        return load_settings(self.data_dir)

    @contextmanager
    def service(self) -> "Iterator[Service]":
        """The open service; closed again however the command ends."""
        service = self.open(self.settings())
        try:
            yield service
        finally:
            service.close()

    @contextmanager
    def signed_in(self) -> "Iterator[tuple[Service, Account]]":
        """The open service and the account that acts; `AuthenticationFailed` if there is none."""
        with self.service() as service:
            yield service, service.accounts.who(self.token())

    def anybody(self, service: "Service") -> Account | None:
        """The account that acts, or None: for steps that a bare installation needs too."""
        try:
            return service.accounts.who(self.token())
        except AuthenticationFailed:
            return None

    def token(self) -> str:
        """The token of whoever logged in here."""
        token = os.environ.get(TOKEN_VARIABLE, "")
        if not token and self.token_path.is_file():
            token = self.token_path.read_text("utf-8").strip()
        if not token:
            raise AuthenticationFailed("nobody is logged in; log in with: casetrace login NAME")
        return token

    def keep_token(self, token: str) -> Path:
        """The file that now holds the token, readable by its owner alone."""
        path = self.token_path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token)
        return path

    def forget_token(self) -> None:
        """Nobody is logged in here any more."""
        self.token_path.unlink(missing_ok=True)

    @property
    def token_path(self) -> Path:
        """One token per installation: a test folder's login is not the real one's."""
        place = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:16]
        return config_dir() / f"{place}.token"
