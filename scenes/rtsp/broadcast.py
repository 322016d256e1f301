"""One camera: its pictures go out in their time to everybody who plays, faults and all."""

import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from core.clocks import NS, ns_of
from core.errors import CaseTraceError, SourceUnavailable
from scenes.rtsp.auth import Credentials, Guard
from scenes.rtsp.badline import BadLine
from scenes.rtsp.faults import (
    Bye,
    ClockDrift,
    ClockStep,
    Fault,
    Faults,
    Hang,
    Jump,
    Password,
    Plan,
    Resize,
    Restart,
    Stall,
)
from scenes.rtsp.pace import Pace
from scenes.rtsp.payload import payloads
from scenes.rtsp.player import Cue, Player, Reports
from scenes.rtsp.rtp import RtpStream
from scenes.rtsp.sdp import description
from scenes.rtsp.sources import Source
from scenes.rtsp.units import TICKS, AccessUnit
from scenes.rtsp.wire import Transport


@dataclass(frozen=True, slots=True)
class Mount:
    """A camera of a server. `start_ns` is what its clock says at the first picture (None: now).

    `rtp_start` is the RTP timestamp of the first picture; None draws one, as cameras do.
    """

    source: Source
    faults: Faults = field(default_factory=Faults)
    credentials: Credentials | None = None
    start_ns: int | None = None
    reports: Reports = field(default_factory=Reports)
    rtp_start: int | None = None


class DeviceClock:
    """A camera's idea of what o'clock it is, by its stream's own time."""

    def __init__(self, start_ns: int) -> None:
        self._wall_ns = start_ns
        self._since_ns = 0
        self._ppm = 0.0

    def wall_ns(self, media_ns: int) -> int:
        """UTC nanoseconds by this clock."""
        passed_ns = media_ns - self._since_ns
        return self._wall_ns + passed_ns + round(passed_ns * self._ppm / 1e6)

    def step(self, by_s: float) -> None:
        self._wall_ns += ns_of(by_s)

    def drift(self, ppm: float, media_ns: int) -> None:
        """Run fast by so much from then on."""
        self._wall_ns, self._since_ns = self.wall_ns(media_ns), media_ns
        self._ppm = ppm


class Broadcast:
    """Plays a mount from the first player's coming on, on a thread of its own."""

    def __init__(self, name: str, mount: Mount, pace: Pace, *, seed: int) -> None:
        self.name = name
        self.guard = Guard(mount.credentials)
        self._mount = mount
        self._pace = pace
        self._seed = [seed, zlib.crc32(name.encode())]
        self._plan = Plan(mount.faults)
        self._players: list[Player] = []
        self._sessions = 0
        self._news = threading.Condition()
        self._stopped = threading.Event()
        self._ended = False
        self._error: CaseTraceError | None = None
        self._position_s = 0.0
        self._down_until_s = 0.0
        self._held: list[Cue] = []
        self._cut = False
        self._jump = 0
        self._pace_start_ns = 0
        self._clock = DeviceClock(0)
        self._thread = threading.Thread(target=self._run, name=f"broadcast-{name}", daemon=True)

    @property
    def position_s(self) -> float:
        """Seconds of the stream's own time that have been played."""
        return self._position_s

    @property
    def is_down(self) -> bool:
        """Whether this camera is starting up again just now."""
        return self._position_s < self._down_until_s

    @property
    def ended(self) -> bool:
        """Whether the last picture has been sent."""
        return self._ended

    @property
    def playing(self) -> int:
        """How many players there are."""
        with self._news:
            return len(self._players)

    def check(self) -> None:
        """Raise what ended the stream, if it was not its last picture."""
        if self._error is not None:
            raise self._error

    def sdp(self, host: str) -> bytes:
        return description(self._mount.source.codec, self._mount.source.sets, host=host)

    def player(self, transport: Transport, throw_out: Callable[[], None]) -> Player:
        """A new session's; it hears nothing before it joins."""
        with self._news:
            self._sessions += 1
            number = self._sessions
        rng = np.random.default_rng([*self._seed, number])
        ssrc, sequence, start = (int(rng.integers(1, 1 << bits)) for bits in (32, 16, 32))
        if self._mount.rtp_start is not None:
            start = self._mount.rtp_start
        return Player(
            transport,
            RtpStream(ssrc, sequence, start),
            throw_out=throw_out,
            plan=self._plan,
            line=BadLine(self._plan, session=number),
            reports=self._mount.reports,
        )

    def join(self, player: Player) -> None:
        with self._news:
            if player not in self._players:
                self._players.append(player)
            player.start()
            self._pace.joined()
            if not self._thread.ident and not self._stopped.is_set():
                self._thread.start()
            self._news.notify_all()

    def leave(self, player: Player) -> None:
        with self._news:
            if player in self._players:
                self._players.remove(player)
            self._news.notify_all()

    def add(self, fault: Fault) -> None:
        """Have a fault happen, its `at_s` counted from now."""
        self._plan.add(fault, self._position_s)

    def wait_for(self, players: int, timeout_s: float) -> bool:
        """Whether so many play, within the time."""
        with self._news:
            return self._news.wait_for(lambda: len(self._players) >= players, timeout_s)

    def wait_ended(self, timeout_s: float) -> bool:
        """Whether the last picture is sent, within the time."""
        with self._news:
            return self._news.wait_for(lambda: self._ended, timeout_s)

    def stop(self) -> None:
        """End the thread; players are their connections' to close."""
        self._stopped.set()
        with self._news:
            self._news.notify_all()
        for player in self._all():
            player.hang()
        if self._thread.ident:
            self._thread.join()

    # --- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        self._pace_start_ns = self._pace.now_ns()
        start_ns = self._mount.start_ns
        self._clock = DeviceClock(self._pace_start_ns if start_ns is None else start_ns)
        try:
            for picture in self._pictures():
                if not self._play(picture):
                    break
        except CaseTraceError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001  # a thread's boundary; `check` raises it
            self._error = SourceUnavailable(f"camera {self.name}: its pictures failed: {error!r}")
        with self._news:
            self._ended = True
            self._news.notify_all()
        for player in self._all():
            player.goodbye()

    def _pictures(self) -> Iterator[AccessUnit]:
        """The mount's pictures, or those of what took their place, on one straight time line."""
        pictures, begin, end = iter(self._mount.source), 0, 0
        while (picture := next(pictures, None)) is not None:
            shown = picture.later(begin)
            other = self._obey(shown)
            if other is not None:
                pictures, begin = iter(other), end
                continue
            end = max(end, shown.pts + shown.lasts)
            yield shown

    def _obey(self, picture: AccessUnit) -> Source | None:
        """Let happen what is due; pictures that replace these ones from now on, if any do."""
        other: Source | None = None
        for fault in self._plan.due(picture.at_s):
            if isinstance(fault, Resize):
                other = fault.source
            elif isinstance(fault, Restart | Hang | Bye | Password):
                self._disturb_players(fault)
            else:
                self._disturb_time(fault, picture)
        return other

    def _disturb_players(self, fault: Restart | Hang | Bye | Password) -> None:
        if isinstance(fault, Restart):
            self._down_until_s = fault.at_s + fault.down_s
        if isinstance(fault, Password):
            self.guard = Guard(fault.credentials)
        for player in self._all():
            if isinstance(fault, Bye):
                player.goodbye()
            elif isinstance(fault, Hang):
                player.hang()
            else:
                self.leave(player)
                player.throw_out()

    def _disturb_time(self, fault: Fault, picture: AccessUnit) -> None:
        if isinstance(fault, Jump):
            self._jump += round(fault.by_s * TICKS)
        elif isinstance(fault, ClockStep):
            self._clock.step(fault.by_s)
        elif isinstance(fault, ClockDrift):
            self._clock.drift(fault.ppm, _ns(picture.pts))

    def _play(self, picture: AccessUnit) -> bool:
        """Send a picture when it is due; False once the broadcast is to end."""
        self._position_s = picture.at_s
        if self._pace.patient and not self.is_down:
            self._wait_for_listener()
        players = self._all()
        stall = self._plan.lasting(Stall, picture.at_s)
        heard = stall is None and any(player.takes(picture) for player in players)
        due_ns = self._pace_start_ns + _ns(picture.at)
        if not self._pace.wait(due_ns, self._stopped, heard=heard):
            return False
        self._send(self._cue(picture), stall)
        return True

    def _send(self, cue: Cue, stall: Stall | None) -> None:
        if stall is not None:
            self._cut = self._cut or not stall.keeps
            self._held += [cue] if stall.keeps else []
            return
        players, cut = self._all(), self._cut
        held, self._held, self._cut = self._held, [], False
        for player in players:
            if cut:
                player.resume_at_keyframe()
            for each in (*held, cue):
                player.offer(each, wait=self._pace.patient)

    def _cue(self, picture: AccessUnit) -> Cue:
        made = payloads(self._mount.source.codec, picture.units)
        return Cue(picture, made, picture.pts + self._jump, self._clock.wall_ns(_ns(picture.pts)))

    def _wait_for_listener(self) -> None:
        def somebody() -> bool:
            return self._stopped.is_set() or any(player.listens for player in self._players)

        with self._news:
            self._news.wait_for(somebody)

    def _all(self) -> list[Player]:
        with self._news:
            return list(self._players)


def _ns(ticks: int) -> int:
    return ticks * NS // TICKS
