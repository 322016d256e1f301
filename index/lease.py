"""Who may delete or copy what is kept: one at a time, over all processes and hosts."""

import secrets
from types import TracebackType

from core.clocks import NS, Now
from core.protocols import WriterRows

_LEASE_NS = 600 * NS


class UpkeepLease:
    """A lease for retention, erasure or backup, given back at the end of the `with` block.

    If the process dies it ends by itself after ten minutes.
    """

    def __init__(self, writers: WriterRows, purpose: str, now: Now) -> None:
        self._writers = writers
        self._now = now
        self._owner = f"{purpose} {secrets.token_hex(4)}"
        self._until_ns = 0

    def __enter__(self) -> "UpkeepLease":
        """`Busy` while another one lives."""
        self._take(self._now())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writers.release(self._owner)

    def renew(self) -> None:
        """Call it between steps; costs nothing while most of the time is left."""
        now_ns = self._now()
        if self._until_ns - now_ns < _LEASE_NS // 2:
            self._take(now_ns)

    def take_camera(self, camera_id: int) -> None:
        """`Busy` while an ingest process has it, `NotFound` if there is none."""
        now_ns = self._now()
        self._writers.lease_camera(camera_id, self._owner, now_ns, now_ns + _LEASE_NS)

    def _take(self, now_ns: int) -> None:
        self._until_ns = now_ns + _LEASE_NS
        self._writers.lease_writer("upkeep", self._owner, now_ns, self._until_ns)
