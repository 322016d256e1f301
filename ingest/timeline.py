"""Packets of one live stream, stamped: device time, clock, and the epoch that they belong to."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from core.clocks import ns_of
from core.types import ClockSource
from ingest.clock import Arrival, Break, ClockPolicy, StreamClock

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a packet's picture was taken, and how that is known.

    `steady_ns` is our own time of it without jitter, for comparing streams of different clocks.
    A `reason` opens a new epoch; `connected` marks the first packet of a connection.
    """

    device_ns: int
    receipt_ns: int
    steady_ns: int
    clock: ClockSource
    sigma_s: float
    epoch: int
    reason: str = ""
    connected: bool = False


class Timeline(Generic[P]):
    """One connection's packets in, stamped packets out.

    The first packets are held for `settle_s` (by receipt): players often begin with a burst of
    old pictures, and a sender report may be near; held, they are all stamped by the best clock.
    """

    def __init__(
        self,
        time_base: Fraction,
        next_epoch: Callable[[], int],
        *,
        policy: ClockPolicy | None = None,
        settle_s: float = 3.0,
        reason: str = "connected",
    ) -> None:
        self._clock = StreamClock(time_base, policy)
        self._next_epoch = next_epoch
        self._settle_ns = ns_of(settle_s)
        self._held: list[tuple[P, Arrival]] = []
        self._settled = False
        self._connected = True
        self._epoch: int | None = None
        self._reason = reason

    def feed(
        self, packet: P, arrival: Arrival, *, broken: Break | None = None
    ) -> list[tuple[P, Stamp]]:
        """What can be stamped by now, in order; `broken` ends the epoch before this packet."""
        broken = broken or self._clock.breaks(arrival)
        ready: list[tuple[P, Stamp]] = []
        if broken is not None:
            ready = self.flush()
            self._clock.restart(broken)
            self._epoch, self._reason = None, broken.reason
        self._clock.observe(arrival)
        self._held.append((packet, arrival))
        waited_ns = arrival.receipt_ns - self._held[0][1].receipt_ns
        if self._settled or waited_ns >= self._settle_ns or self._clock.reported:
            ready += self.flush()
        return ready

    def flush(self) -> list[tuple[P, Stamp]]:
        """Stamp what is still held: the stream ended or broke."""
        if self._held:
            self._settled = True
            self._clock.settle()
        held, self._held = self._held, []
        return [(packet, self._stamp(arrival)) for packet, arrival in held]

    def _stamp(self, arrival: Arrival) -> Stamp:
        reason = self._reason if self._epoch is None else ""
        connected, self._connected = self._connected, False
        if self._epoch is None:
            self._epoch = self._next_epoch()
        clock = self._clock
        at_ns = clock.device_ns(arrival.pts)
        return Stamp(
            device_ns=at_ns,
            receipt_ns=arrival.receipt_ns,
            steady_ns=clock.steady_ns(arrival.pts),
            clock=clock.source,
            sigma_s=clock.sigma_s,
            epoch=self._epoch,
            reason=reason,
            connected=connected,
        )
