"""Pictures of a camera's small and large stream, matched by the time at which they were taken."""

import threading
from collections import deque
from dataclasses import dataclass
from fractions import Fraction

from core.clocks import ns_of
from core.protocols import Surface
from core.types import ClockSource
from ingest.timeline import Stamp


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A decoded picture with its stamp and its own stream's timestamp."""

    surface: Surface
    stamp: Stamp
    pts: int
    time_base: Fraction


class Pairer:
    """Large pictures wait a moment for the nearest small one; neither waits for ever.

    `small` may be called from another thread than the rest.
    """

    def __init__(
        self,
        *,
        within_s: float = 0.25,
        wait_s: float = 0.5,
        most_large: int = 8,
        most_small: int = 64,
    ) -> None:
        self._within_ns = ns_of(within_s)
        self._wait_ns = ns_of(wait_s)
        self._most_large = most_large
        self._lock = threading.Lock()
        self._small: deque[Sight] = deque(maxlen=most_small)
        self._large: deque[Sight] = deque()

    def small(self, sight: Sight) -> None:
        """A picture of the small stream came."""
        with self._lock:
            self._small.append(sight)

    def large(self, sight: Sight) -> list[tuple[Sight, Sight | None]]:
        """The large pictures that need wait no longer, each with its small one if there is one."""
        self._large.append(sight)
        ready = []
        while self._large and self._may_go(self._large[0], sight):
            ready.append(self._matched(self._large.popleft()))
        return ready

    def flush(self) -> list[tuple[Sight, Sight | None]]:
        """All that still wait."""
        left = [self._matched(sight) for sight in self._large]
        self._large.clear()
        return left

    def _may_go(self, large: Sight, newest: Sight) -> bool:
        waited_ns = newest.stamp.receipt_ns - large.stamp.receipt_ns
        if waited_ns >= self._wait_ns or len(self._large) > self._most_large:
            return True
        with self._lock:
            return bool(self._small) and _apart_ns(self._small[-1], large) >= 0

    def _matched(self, large: Sight) -> tuple[Sight, Sight | None]:
        with self._lock:
            nearest = min(self._small, key=lambda small: abs(_apart_ns(small, large)), default=None)
        if nearest is None or abs(_apart_ns(nearest, large)) > self._within_ns:
            return large, None
        return large, nearest


def _apart_ns(small: Sight, large: Sight) -> int:
    """How much later the small one was taken: by the camera's clock if both have it, else ours."""
    a, b = small.stamp, large.stamp
    if a.clock is b.clock is ClockSource.RTCP:
        return a.device_ns - b.device_ns
    return a.steady_ns - b.steady_ns
