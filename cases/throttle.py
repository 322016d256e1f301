"""Slows guessing down: after some failures in a row a key has to wait, twice as long each time."""

import threading
from collections import OrderedDict

from core.clocks import NS, Now, s_of
from core.errors import AuthenticationFailed

_MAX_KEYS = 10_000
_MAX_WAIT_S = 300


class Throttle:
    """Counts failures per key, in memory: a restart forgives them, which an attacker cannot cause.

    The first `free` failures cost nothing; then 1 s, 2 s, 4 s, up to five minutes.
    """

    def __init__(self, now: Now, *, free: int) -> None:
        self._now = now
        self._free = free
        self._failed: OrderedDict[str, tuple[int, int]] = OrderedDict()  # count, wait until (ns)
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """`AuthenticationFailed` while the key has to wait."""
        with self._lock:
            _, until_ns = self._failed.get(key, (0, 0))
        if (left_ns := until_ns - self._now()) > 0:
            raise AuthenticationFailed(f"too many failures; wait {s_of(left_ns):.0f} s")

    def failed(self, key: str) -> None:
        """One more failure; the key waits if there were too many."""
        with self._lock:
            count = self._failed.pop(key, (0, 0))[0] + 1
            over = count - self._free
            wait_s = 0 if over < 0 else min(_MAX_WAIT_S, 2 ** min(over, 20))
            self._failed[key] = (count, self._now() + wait_s * NS)
            if len(self._failed) > _MAX_KEYS:
                self._failed.popitem(last=False)  # the one that failed longest ago

    def cleared(self, key: str) -> None:
        """It got in: its failures are forgotten."""
        with self._lock:
            self._failed.pop(key, None)
