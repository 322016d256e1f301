"""Camera passwords at rest: encrypted with a key that lies beside the data, for its owner only."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.errors import StorageCorrupt


class SecretBox:
    """Encrypts and decrypts with the key file's key (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def __init__(self, key_path: Path) -> None:
        self._key_path = key_path

    def seal(self, plain: str) -> bytes:
        """The text encrypted; the key is made at first use. Empty stays empty."""
        return Fernet(self._key()).encrypt(plain.encode()) if plain else b""

    def open(self, sealed: bytes) -> str:
        """The text; `StorageCorrupt` if another key sealed it."""
        if not sealed:
            return ""
        try:
            return Fernet(self._key()).decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:
            raise StorageCorrupt(
                f"{self._key_path.name}: not the key that sealed this camera's password; "
                "set the password again"
            ) from error

    def _key(self) -> bytes:
        try:
            handle = os.open(self._key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._key_path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            key = Fernet.generate_key()
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
            return key
