"""What the demo costs: time on the wall and of the processor step by step, and memory."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

Share = Callable[[float], None]
"""Is told how much of a step is done, 0 to 1."""

_PROC = Path("/proc")
_LOOK_S = 1.0  # a look costs milliseconds for each process


class Telling(Protocol):
    """Whoever shows the demo to a person."""

    def say(self, text: str) -> None:
        """One line."""

    def showing(self, step: str) -> AbstractContextManager[Share]:
        """A step is at work until the block ends."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A step's seconds on the wall, and those of the processor, all cores and children together."""

    step: str
    wall_s: float
    cpu_s: float


class Steps:
    """Shows each step and times it."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._timings: list[Timing] = []

    @property
    def timings(self) -> tuple[Timing, ...]:
        """The steps so far, in their order."""
        return tuple(self._timings)

    def say(self, text: str) -> None:
        """One line."""
        self._telling.say(text)

    @contextmanager
    def step(self, name: str) -> Iterator[Share]:
        """Time the block under that name; a block that fails leaves no timing."""
        wall_s, cpu_s = time.monotonic(), _cpu_s()
        with self._telling.showing(name) as share:
            yield share
        self._timings.append(Timing(name, time.monotonic() - wall_s, _cpu_s() - cpu_s))


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


class MemoryWatch:
    """Looks at the memory of this process and its children until the block ends."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Look now."""
        self.peak_mb = max(self.peak_mb, tree_mb())

    def _watch(self) -> None:
        self.look()
        while not self._over.wait(_LOOK_S):
            self.look()


def tree_mb() -> float:
    """Megabytes of this process and all below it: what they share counts once (Linux's PSS).

    0 where the system does not tell.
    """
    return sum(_own_kb(process) for process in _tree(os.getpid())) / 1000


def _tree(process: int) -> Iterator[int]:
    yield process
    for listed in _PROC.glob(f"{process}/task/*/children"):
        try:
            children = listed.read_text().split()
        except OSError:
            continue  # ended meanwhile
        for child in children:
            yield from _tree(int(child))


def _own_kb(process: int) -> int:
    try:
        lines = (_PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # ended meanwhile, or no such file here
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
