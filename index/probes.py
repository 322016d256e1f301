"""Probe pictures of cases: `<root>/<case>/<probe>-<CRC-32>.jpg`."""

import os
import re
import zlib
from pathlib import Path

from core.errors import DuplicateId, NotFound, StorageCorrupt
from core.types import Scope
from index import disk

_KEY = re.compile(r"(\d{1,19})/(\d{1,19})-([0-9a-f]{8})", re.ASCII)


class FileProbeStore:
    """A `ProbeStore` on files below `root`; safe to use from several threads and processes."""

    def __init__(self, root: Path, *, reserve_bytes: int = disk.RESERVE_BYTES) -> None:
        self._root = root
        with disk.translated(f"open probes {root}"):
            disk.make_directory(root)
        self._reserve = disk.Reserve(root, reserve_bytes)

    def put(self, case_id: int, probe_id: int, jpeg: bytes) -> str:
        key = f"{case_id}/{probe_id}-{zlib.crc32(jpeg):08x}"
        directory = self._root / str(case_id)
        with disk.translated(f"put probe {probe_id} of case {case_id}"):
            self._reserve.claim(len(jpeg))
            disk.make_directory(directory)
            if any(directory.glob(f"{probe_id}-*.jpg")):
                raise DuplicateId(f"probe {probe_id} of case {case_id} is kept already")
            disk.write_whole(self._path(key), [jpeg])
        return key

    def get(self, scope: Scope, key: str) -> bytes:
        found = _KEY.fullmatch(key)
        if found is None or found[1] != str(scope.case_id):
            raise NotFound(f"no probe {key!r} of case {scope.case_id}")
        with disk.translated(f"get probe {key}"):
            try:
                jpeg = self._path(key).read_bytes()
            except FileNotFoundError:
                raise NotFound(f"no probe {key!r} of case {scope.case_id}") from None
        if f"{zlib.crc32(jpeg):08x}" != found[3]:
            raise StorageCorrupt(f"probe {key}: its checksum does not hold")
        return jpeg

    def erase_case(self, case_id: int) -> None:
        directory = self._root / str(case_id)
        with disk.translated(f"erase probes of case {case_id}"):
            if not directory.is_dir():
                return
            for name in os.listdir(directory):
                disk.remove(directory / name)
            directory.rmdir()
            disk.sync_directory(self._root)

    def _path(self, key: str) -> Path:
        return self._root / f"{key}.jpg"
