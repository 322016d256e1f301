"""Stops the world between two steps on the disk, as a crash would, without ending the process."""

from collections.abc import Callable
from typing import Any

import pytest

from index import disk

STEPS = ("write_all", "sync_file", "sync_directory", "replace", "remove", "blank", "shorten")


class Crash(BaseException):
    """Not an `Exception`: nothing that cleans up after errors may run to the end."""


class Crasher:
    """Lets a number of disk steps pass and raises `Crash` at each one after."""

    def __init__(self, patch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        for step in STEPS:
            patch.setattr(disk, step, self._counted(step, getattr(disk, step)))

    def _counted(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            if self.left <= 0:
                if name == "write_all":  # half of it comes to the disk
                    descriptor, block = arguments
                    step(descriptor, block[: len(block) // 2])
                raise Crash
            self.left -= 1
            return step(*arguments)

        return counted


def crash_at(step: int, work: Callable[[], object]) -> bool:
    """Do `work` and crash at that step; whether it came so far."""
    with pytest.MonkeyPatch.context() as patch:
        Crasher(patch, step)
        try:
            work()
        except Crash:
            return True
    return False
