"""An RTSP camera as a source of frames: recorded as it comes, reconnected until it is closed."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count

from core.clocks import Now, ns_of, system_now
from core.types import Camera, Frame, TimeSpan
from ingest.addresses import Network, Resolve
from ingest.connection import LoginNow, StreamLimits
from ingest.decoder import Decoder
from ingest.live import Access, LiveStream, OnTrouble
from ingest.packets import VideoPacket
from ingest.pairing import Pairer, Sight
from ingest.reconnect import Backoff
from ingest.surface import PairedSurface
from ingest.timeline import Stamp

OnPacket = Callable[[VideoPacket, int | None, int], None]
OnOutage = Callable[[TimeSpan, str], None]
OnEpoch = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class StreamHooks:
    """What hears of a camera besides its frames; each is called on the camera's thread.

    `packet` gets every packet of the main stream with device time and epoch, before it is decoded.
    `epoch` gets each new epoch of it with the reason. `outage` gets each span without pictures
    when it is over. `trouble` gets each failure at once with the wait until the next attempt (the
    small stream's too, from its own thread).
    """

    packet: OnPacket | None = None
    epoch: OnEpoch | None = None
    outage: OnOutage | None = None
    trouble: OnTrouble | None = None


class RtspSource:
    """Frames of a camera's main stream until `close`.

    Where the camera has a small stream, a frame's surface is the pair of the main picture and the
    small one nearest in time; times are the main picture's. While the small stream is away, the
    main picture serves alone. Nothing ends the iteration but `close` and what a hook raised.
    """

    origin = "rtsp"

    def __init__(
        self,
        camera: Camera,
        allowed: Sequence[Network],
        *,
        login: LoginNow,
        next_epoch: Callable[[], int],
        hooks: StreamHooks | None = None,
        limits: StreamLimits | None = None,
        now: Now = system_now,
        resolve: Resolve | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._camera_id = camera.camera_id
        self._hooks = hooks or StreamHooks()
        self._limits = limits or StreamLimits()
        self._now = now
        access = Access(allowed, login, camera.transport, resolve)
        self._main = LiveStream(
            camera.main_url,
            access,
            next_epoch=next_epoch,
            limits=self._limits,
            on_trouble=self._hooks.trouble,
            now=now,
            backoff=backoff,
        )
        self._sub: LiveStream | None = None
        if camera.sub_url:
            # Its epochs are its own: they only tell its own breaks apart.
            self._sub = LiveStream(
                camera.sub_url,
                access,
                next_epoch=count(1).__next__,
                limits=replace(self._limits, skip_nonref=False),
                on_trouble=self._hooks.trouble,
                now=now,
            )

    @property
    def camera_id(self) -> int:
        return self._camera_id

    def close(self) -> None:
        self._main.close()
        if self._sub is not None:
            self._sub.close()

    def __iter__(self) -> Iterator[Frame]:
        try:
            with closing(self._sights()) as sights:
                for sight, small in sights:
                    yield self._frame(sight, small)
        finally:
            self.close()

    def _sights(self) -> Generator[tuple[Sight, Sight | None], None, None]:
        if self._sub is not None:
            yield from self._paired(self._sub)
            return
        for sight in self._recorded():
            yield sight, None

    def _recorded(self) -> Iterator[Sight]:
        """The main stream's pictures; its packets go to the hooks on the way."""
        watch = OutageWatch(self._hooks.outage, hole_ns=ns_of(self._limits.hole_s))
        watch.begin(self._now())
        decoder = Decoder()
        with closing(iter(self._main)) as packets:
            for packet, stamp in packets:
                watch.packet(stamp)
                if stamp.reason and self._hooks.epoch is not None:
                    self._hooks.epoch(stamp.epoch, stamp.reason)
                if self._hooks.packet is not None:
                    self._hooks.packet(packet, stamp.device_ns, stamp.epoch)
                yield from decoder.pictures(packet, stamp)
                decoder.check(self._main)
        watch.end(self._now())

    def _paired(self, sub: LiveStream) -> Iterator[tuple[Sight, Sight | None]]:
        pairer = Pairer()
        beside = SmallStream(sub, pairer, name=f"camera-{self._camera_id}-small")
        beside.start()
        try:
            for sight in self._recorded():
                beside.check()
                yield from pairer.large(sight)
            yield from pairer.flush()
        finally:
            sub.close()
            beside.join()

    def _frame(self, sight: Sight, small: Sight | None) -> Frame:
        stamp = sight.stamp
        surface = sight.surface if small is None else PairedSurface(small.surface, sight.surface)
        return Frame(
            camera_id=self._camera_id,
            surface=surface,
            pts=sight.pts,
            time_base=sight.time_base,
            device_ns=stamp.device_ns,
            receipt_ns=stamp.receipt_ns,
            clock=stamp.clock,
            clock_sigma_s=stamp.sigma_s,
            epoch=stamp.epoch,
        )


class SmallStream(threading.Thread):
    """Decodes the small stream beside the main one, into the pairer."""

    def __init__(self, stream: LiveStream, pairer: Pairer, *, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._small = stream
        self._pairer = pairer
        self._error: Exception | None = None

    def run(self) -> None:
        decoder = Decoder()
        try:
            with closing(iter(self._small)) as packets:
                for packet, stamp in packets:
                    for sight in decoder.pictures(packet, stamp):
                        self._pairer.small(sight)
                    decoder.check(self._small)
        except Exception as error:  # noqa: BLE001  # a thread's boundary; `check` raises it
            self._error = error

    def check(self) -> None:
        """Raise on the caller's thread what ended this one."""
        if self._error is not None:
            raise self._error


class OutageWatch:
    """Finds the spans without packets and reports each once, when it is over."""

    def __init__(self, report: OnOutage | None, *, hole_ns: int) -> None:
        self._report = report
        self._hole_ns = hole_ns
        self._begun_ns = 0
        self._last: Stamp | None = None

    def begin(self, now_ns: int) -> None:
        """Pictures are wanted from now on."""
        self._begun_ns = now_ns

    def packet(self, stamp: Stamp) -> None:
        """A packet came; its receipt may be late because we were, its own time is not."""
        last, self._last = self._last, stamp
        if last is None:
            silent_ns = stamp.receipt_ns - self._begun_ns
            start_ns = stamp.device_ns - silent_ns
        else:
            silent_ns = stamp.receipt_ns - last.receipt_ns
            start_ns = last.device_ns
        if last is not None and last.epoch == stamp.epoch:
            silent_ns = stamp.device_ns - last.device_ns
        if silent_ns > self._hole_ns or (last is not None and stamp.connected):
            end_ns = stamp.device_ns if stamp.device_ns > start_ns else start_ns + silent_ns
            self._say(start_ns, end_ns, stamp.reason or "no pictures came")

    def end(self, now_ns: int) -> None:
        """No more are wanted: what lasts until now is over too."""
        last = self._last
        since_ns = self._begun_ns if last is None else last.receipt_ns
        if now_ns - since_ns > self._hole_ns:
            ahead_ns = 0 if last is None else last.device_ns - last.receipt_ns
            self._say(since_ns + ahead_ns, now_ns + ahead_ns, "no pictures came until the end")

    def _say(self, start_ns: int, end_ns: int, reason: str) -> None:
        if self._report is not None and end_ns > start_ns:
            self._report(TimeSpan(start_ns, end_ns), reason)
