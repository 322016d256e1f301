"""Who writes: a number for the id maker and the cameras it took, kept alive while it runs."""

import os
import socket
import threading
from collections.abc import Callable, Sequence

from core.clocks import Now, ns_of
from core.errors import Busy, CaseTraceError
from core.protocols import WriterRows

LEASE_S = 60.0
_BEATS = 3  # a lease lives this many missed renewals


def owner_name() -> str:
    """This process, told apart from an earlier one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


class Leases:
    """The leases of one process, renewed by a thread until `close`.

    `lost` is called once, with the reason, when a renewal fails: whoever writes must stop then.
    """

    def __init__(
        self, rows: WriterRows, now: Now, *, lost: Callable[[CaseTraceError], None] | None = None
    ) -> None:
        self._rows = rows
        self._now = now
        self._lost = lost
        self._owner = owner_name()
        self._writer = ""
        self._cameras: tuple[int, ...] = ()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="leases", daemon=True)

    def take_writer(self, name: str) -> int:
        """The number of that name; `Busy` while another process has it."""
        number = self._rows.lease_writer(name, self._owner, self._now(), self._until())
        self._writer = name
        self._start()
        return number

    def take_any_writer(self, prefix: str, count: int = 64) -> int:
        """The number of the first of `prefix-0 ...` that nobody has."""
        for place in range(count):
            try:
                return self.take_writer(f"{prefix}-{place}")
            except Busy:
                continue
        raise Busy(f"writer: all of {prefix}-0 to {prefix}-{count - 1} are taken")

    def take_cameras(self, camera_ids: Sequence[int]) -> None:
        """All of them, or none and `Busy`."""
        for camera_id in camera_ids:
            self._rows.lease_camera(camera_id, self._owner, self._now(), self._until())
            self._cameras += (camera_id,)

    def close(self) -> None:
        """Give all leases back; safe to call twice."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        self._rows.release(self._owner)

    def _start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def _until(self) -> int:
        return self._now() + ns_of(LEASE_S)

    def _beat(self) -> None:
        while not self._closed.wait(LEASE_S / _BEATS):
            try:
                self._renew()
            except CaseTraceError as error:
                if self._lost is not None:
                    self._lost(error)
                return

    def _renew(self) -> None:
        now_ns, until_ns = self._now(), self._until()
        self._rows.lease_writer(self._writer, self._owner, now_ns, until_ns)
        for camera_id in self._cameras:
            self._rows.lease_camera(camera_id, self._owner, now_ns, until_ns)
