"""Which places a writer touched since its last sweep, so that a start needs to check no others.

Names are lines of one small file per writer. A missing file means that anything may have been
touched (a first start, or a restored copy): then the sweep looks everywhere.
"""

import os
from pathlib import Path

from index import disk


class Journal:
    """The touched places of one writer below one root."""

    def __init__(self, root: Path, writer: int) -> None:
        self._path = root / "locks" / f"touched-{writer}"
        self._noted: set[str] = set()

    def note(self, place: str) -> None:
        """Remember `place`, durably, before anything is written there."""
        if place in self._noted:
            return
        disk.make_directory(self._path.parent)
        # Without a file everything counts as touched already; making one here would lose that.
        if self._path.exists():
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                disk.write_all(descriptor, f"\n{place}\n".encode())
                disk.sync_file(descriptor)
            finally:
                os.close(descriptor)
        self._noted.add(place)

    def touched(self) -> set[str] | None:
        """The places noted since the last `clear`; None means that any may have been."""
        try:
            lines = self._path.read_text("utf-8").split("\n")
        except FileNotFoundError:
            return None
        # What follows the last line end was torn: its place was never written to.
        return {line for line in lines[:-1] if line}

    def clear(self) -> None:
        """All places are clean: start anew."""
        disk.make_directory(self._path.parent)
        disk.write_whole(self._path, [b""])
        self._noted.clear()
