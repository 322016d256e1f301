"""One stream of a camera for as long as it is wanted: connected, stamped, reconnected."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from core.clocks import Now, system_now
from core.errors import MediaCorrupt, SourceError, SourceRefused
from core.types import Transport
from ingest.addresses import Network, Resolve, resolve_camera
from ingest.clock import Break
from ingest.connection import Connection, LoginNow, StreamLimits
from ingest.packets import VideoPacket, arrival_of
from ingest.reconnect import Backoff
from ingest.segment import sets_of
from ingest.timeline import Stamp, Timeline

OnTrouble = Callable[[SourceError, float], None]
"""Gets each failure, and the seconds until the next attempt."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the streams of a camera are reached."""

    allowed: Sequence[Network]
    login: LoginNow
    transport: Transport = "tcp"
    resolve: Resolve | None = None


class LiveStream:
    """Stamped packets until `close`; failures are told to `on_trouble` and tried again.

    A packet is good until the next one is asked for. After a break, its stamp's `reason` says why
    a new epoch began.
    """

    def __init__(
        self,
        url: str,
        access: Access,
        *,
        next_epoch: Callable[[], int],
        limits: StreamLimits,
        on_trouble: OnTrouble | None = None,
        now: Now = system_now,
        backoff: Backoff | None = None,
    ) -> None:
        self._url = url
        self._access = access
        self._next_epoch = next_epoch
        self._limits = limits
        self._on_trouble = on_trouble
        self._now = now
        self._backoff = backoff or Backoff(limits.backoff)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """End the iteration soon; safe from any thread, and twice."""
        self._closed.set()
        with self._lock:
            if self._connection is not None:
                self._connection.cut()

    def retry(self, error: SourceError) -> None:
        """What came is of no use: give this connection up for that reason and make another."""
        with self._lock:
            if self._connection is not None:
                self._connection.cut(error)

    def __iter__(self) -> Generator[tuple[VideoPacket, Stamp], None, None]:
        reason = "connected"
        while not self.closed:
            since = time.monotonic()
            try:
                yield from self._connected(reason)
            except SourceError as error:
                if self.closed:
                    return
                reason = str(error)
                wait_s = self._wait_after(error, time.monotonic() - since)
                if self._on_trouble is not None:
                    self._on_trouble(error, wait_s)
                self._closed.wait(wait_s)

    def _wait_after(self, error: SourceError, lasted_s: float) -> float:
        if isinstance(error, SourceRefused):
            return self._backoff.refused()
        return self._backoff.failed(lasted_s)

    def _connected(self, reason: str) -> Iterator[tuple[VideoPacket, Stamp]]:
        access = self._access
        address = resolve_camera(self._url, access.allowed, resolve=access.resolve)
        connection = Connection(
            address,
            access.login(),
            transport=access.transport,
            limits=self._limits,
            now=self._now,
        )
        with self._lock:
            self._connection = connection
        try:
            if not self.closed:
                with connection:
                    yield from self._stamped(connection, reason)
        finally:
            with self._lock:
                self._connection = None

    def _stamped(self, connection: Connection, reason: str) -> Iterator[tuple[VideoPacket, Stamp]]:
        time_base = connection.stream.time_base
        if not time_base:
            raise MediaCorrupt("the stream does not say in what its timestamps count")
        timeline: Timeline[VideoPacket] = Timeline(
            time_base,
            self._next_epoch,
            policy=self._limits.clock,
            settle_s=self._limits.settle_s,
            reason=reason,
        )
        report = 0
        sets: tuple[bytes, ...] = ()
        try:
            for packet, receipt_ns in connection.packets():
                arrival = arrival_of(packet, receipt_ns, report=report)
                if arrival is None:
                    continue
                report, found = arrival.report, sets_of(packet)
                changed = bool(sets and found and sets != found)
                sets = found or sets
                broken = Break("the picture's parameters changed") if changed else None
                yield from timeline.feed(packet, arrival, broken=broken)
        except SourceError:
            # What was held back did come, and belongs to the footage.
            yield from timeline.flush()
            raise
