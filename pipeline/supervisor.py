"""Keeps a child process going: one that falls is started again, ever more slowly."""

import subprocess
import threading
import time
from collections.abc import Callable, Sequence

from ingest.reconnect import Backoff, BackoffPolicy

_POLL_S = 0.2
_POLICY = BackoffPolicy(first_s=1.0, cap_s=30.0, healthy_s=60.0)

Start = Callable[[], "subprocess.Popen[bytes]"]


class Supervisor:
    """Runs a command until it ends in order, or until `stop`.

    `falls` says which exit codes are a fall (a signal's are negative); any other is the end.
    `told` hears of each fall with its code and the seconds until the next start.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        falls: Callable[[int], bool],
        told: Callable[[int, float], None],
        backoff: Backoff | None = None,
        start: Start | None = None,
    ) -> None:
        self._start = start or (lambda: subprocess.Popen(list(command)))  # noqa: S603 - our own
        self._falls = falls
        self._told = told
        self._backoff = backoff or Backoff(_POLICY)

    def run(self, stop: threading.Event) -> int:
        """The exit code of the last child; a stopped one was asked to end and waited for."""
        while True:
            began_s = time.monotonic()
            code = self._watched(stop)
            if stop.is_set() or not self._falls(code):
                return code
            wait_s = self._backoff.failed(time.monotonic() - began_s)
            self._told(code, wait_s)
            if stop.wait(wait_s):
                return code

    def _watched(self, stop: threading.Event) -> int:
        child = self._start()
        while child.poll() is None:
            if stop.wait(_POLL_S):
                child.terminate()
                return child.wait()
        return int(child.returncode)
