"""One player's side of a stream: pictures wait here in order and go out on its own thread."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from scenes.rtsp.badline import BadLine
from scenes.rtsp.faults import Drip, Plan
from scenes.rtsp.rtp import RtpStream
from scenes.rtsp.units import TICKS, AccessUnit
from scenes.rtsp.wire import Transport

_MOST_WAITING = 50  # pictures


@dataclass(frozen=True, slots=True)
class Cue:
    """A picture as it goes out: its payloads, timestamp, and what the device's clock says of it."""

    picture: AccessUnit
    payloads: list[bytes]
    pts: int
    wall_ns: int


@dataclass(frozen=True, slots=True)
class Reports:
    """When sender reports go out: first so long after playing began, then every `every_s`.

    An `every_s` of infinity sends one; a `first_s` of infinity none, as many cameras do.
    """

    first_s: float = 0.0
    every_s: float = 5.0


class Player:
    """Takes cues from the broadcast's thread, sends from its own, may be closed from any."""

    def __init__(
        self,
        transport: Transport,
        stream: RtpStream,
        *,
        plan: Plan,
        line: BadLine,
        reports: Reports,
        throw_out: Callable[[], None],
    ) -> None:
        self.throw_out = throw_out
        self._transport = transport
        self._stream = stream
        self._plan = plan
        self._line = line
        self._reports = reports
        self._report_at = math.nan
        self._waiting: deque[Cue | None] = deque()
        self._news = threading.Condition()
        self._closed = threading.Event()
        self._hung = False
        self._wants_keyframe = True
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    @property
    def header(self) -> str:
        """The reply's `Transport` header."""
        return f"{self._transport.header};ssrc={self._stream.ssrc:08X}"

    @property
    def next_sequence(self) -> int:
        return self._stream.sequence

    @property
    def listens(self) -> bool:
        """Whether pictures may still reach this player."""
        return not (self._hung or self._closed.is_set())

    def start(self) -> None:
        """Begin to send; again after a pause."""
        self._wants_keyframe = True
        if not self._thread.ident:
            self._thread.start()

    def takes(self, picture: AccessUnit) -> bool:
        """Whether this picture would be sent: playing begins at a keyframe."""
        return self.listens and (picture.keyframe or not self._wants_keyframe)

    def offer(self, cue: Cue, *, wait: bool) -> None:
        """Send that soon. Behind a full queue either wait, or go on at a later keyframe."""
        with self._news:
            if wait:
                self._news.wait_for(lambda: len(self._waiting) < _MOST_WAITING or not self.listens)
            if not self.takes(cue.picture):
                return
            self._wants_keyframe = len(self._waiting) >= _MOST_WAITING
            if not self._wants_keyframe:
                self._waiting.append(cue)
                self._news.notify_all()

    def resume_at_keyframe(self) -> None:
        """Pictures were left out: the next ones could not be decoded."""
        self._wants_keyframe = True

    def hang(self) -> None:
        """Send nothing any more, and say nothing of it."""
        with self._news:
            self._hung = True
            self._waiting.clear()
            self._news.notify_all()

    def goodbye(self) -> None:
        """Send what waits, then that the stream has ended, then nothing."""
        with self._news:
            if self.listens:
                self._waiting.append(None)
            self._hung = True
            self._news.notify_all()

    def close(self) -> None:
        """Send nothing any more and end the thread; the connection must be closed already."""
        self._closed.set()
        with self._news:
            self._news.notify_all()
        if self._thread.ident and self._thread is not threading.current_thread():
            self._thread.join()
        self._transport.close()

    # --- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closed.is_set():
                self._step()
        except OSError:
            # Gone, or too slow for a minute; the connection's own thread notices and tidies up.
            self.hang()

    def _step(self) -> None:
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._closed.is_set())
            if self._closed.is_set():
                return
            cue = self._waiting.popleft()
            self._news.notify_all()
        if cue is None:
            self._closed.wait(self._transport.linger_s)
            self._transport.rtcp(self._stream.goodbye())
        else:
            self._send(cue)

    def _send(self, cue: Cue) -> None:
        at_s = cue.picture.at_s
        drip = self._plan.lasting(Drip, at_s)
        self._send_report(cue, drip)
        packets = self._stream.packets(cue.payloads, cue.pts)
        for packet in self._line.through(packets, at_s):
            framed = self._line.frame(self._transport.framed(packet), at_s)
            self._transport.rtp(framed, drip)

    def _send_report(self, cue: Cue, drip: Drip | None) -> None:
        at = cue.picture.at
        if math.isnan(self._report_at):
            self._report_at = at + self._reports.first_s * TICKS
        if at >= self._report_at:
            self._report_at = at + self._reports.every_s * TICKS
            self._transport.rtcp(self._stream.report(cue.pts, cue.wall_ns), drip)
