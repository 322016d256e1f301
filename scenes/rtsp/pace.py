"""How fast a camera's time goes: with the world's, or as fast as whoever plays takes it."""

import threading
import time
from collections import deque
from typing import Protocol

from core.clocks import NS, Now, system_now

_LOOK_S = 0.05  # how soon a stop is noticed


class Pace(Protocol):
    """A clock that can be waited for. Several streams may wait at once."""

    @property
    def patient(self) -> bool:
        """Whether streams stand still while nobody plays, and never outrun who does."""

    def now_ns(self) -> int:
        """UTC nanoseconds."""

    def wait(self, until_ns: int, stopped: threading.Event, *, heard: bool) -> bool:
        """Wait for that instant; False if stopped before. `heard` if a picture goes out then."""

    def joined(self) -> None:
        """Somebody began to play: what earlier players left untaken is forgotten."""


class RealTime:
    """The world's time, even where somebody sets the machine's clock meanwhile."""

    patient = False

    def __init__(self, now: Now = system_now) -> None:
        self._ahead_ns = now() - time.monotonic_ns()

    def now_ns(self) -> int:
        return time.monotonic_ns() + self._ahead_ns

    def wait(self, until_ns: int, stopped: threading.Event, *, heard: bool) -> bool:
        return not stopped.wait(max(0.0, (until_ns - self.now_ns()) / NS))

    def joined(self) -> None:
        return


class Unpaced:
    """Time that passes as pictures are sent, and no faster than they are taken.

    The player's own pull on its TCP connection is the brake. With `lead`, no more than so many
    pictures are under way at once, and `taken` says which of them have come: then nothing
    overflows on UDP, and whatever reads this clock on the player's side sees pictures come little
    later than they were due, however busy the machine is.
    """

    patient = True

    def __init__(self, start_ns: int, *, lead: int | None = None) -> None:
        self._now_ns = start_ns
        self._lead = lead
        self._under_way: deque[int] = deque()
        self._news = threading.Condition()

    def now_ns(self) -> int:
        with self._news:
            return self._now_ns

    def wait(self, until_ns: int, stopped: threading.Event, *, heard: bool) -> bool:
        with self._news:
            while heard and self._is_full() and not stopped.is_set():
                self._news.wait(_LOOK_S)
            if stopped.is_set():
                return False
            self._now_ns = max(self._now_ns, until_ns)
            if heard and self._lead is not None:
                self._under_way.append(until_ns)
            return True

    def taken(self, due_ns: int) -> None:
        """All pictures that were due by then have come, or never will."""
        with self._news:
            while self._under_way and self._under_way[0] <= due_ns:
                self._under_way.popleft()
            self._news.notify_all()

    def joined(self) -> None:
        with self._news:
            self._under_way.clear()
            self._news.notify_all()

    def _is_full(self) -> bool:
        return self._lead is not None and len(self._under_way) >= self._lead
