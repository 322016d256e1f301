import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.clocks import NS
from scenes.rtsp.badline import BadLine
from scenes.rtsp.broadcast import DeviceClock
from scenes.rtsp.faults import Drip, Faults, Plan
from scenes.rtsp.player import Cue, Player, Reports
from scenes.rtsp.rtp import RtpStream
from scenes.rtsp.units import TICKS, AccessUnit

GOP = 10
STEP = TICKS // 25
WAIT_S = 300.0


class Sink:
    """A transport that keeps what is sent, and can be held up."""

    header = "TEST"
    linger_s = 0.0

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.open = threading.Event()
        self.news = threading.Condition()

    def framed(self, packet: bytes) -> bytes:
        return packet

    def rtp(self, framed: bytes, drip: Drip | None = None) -> None:
        self._note("rtp", framed)

    def rtcp(self, packet: bytes, drip: Drip | None = None) -> None:
        self._note("rtcp", packet)

    def close(self) -> None:
        return

    def pictures(self) -> list[int]:
        """The row of each picture that was sent."""
        return [int.from_bytes(packet[12:]) for kind, packet in self.sent if kind == "rtp"]

    def until(self, count: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.sent) >= count, WAIT_S)

    def _note(self, kind: str, packet: bytes) -> None:
        assert self.open.wait(WAIT_S)
        with self.news:
            self.sent.append((kind, packet))
            self.news.notify_all()


def cue(row: int) -> Cue:
    picture = AccessUnit((b"",), row * STEP, row * STEP, STEP, keyframe=row % GOP == 0)
    return Cue(picture, [row.to_bytes(2)], picture.pts, row * NS)


@contextmanager
def player(sink: Sink, reports: Reports | None = None) -> Iterator[Player]:
    plan = Plan(Faults())
    made = Player(
        sink,
        RtpStream(1, 1, 1),
        plan=plan,
        line=BadLine(plan),
        reports=reports or Reports(first_s=float("inf")),
        throw_out=lambda: None,
    )
    made.start()
    try:
        yield made
    finally:
        sink.open.set()
        made.close()


def test_playing_begins_at_a_keyframe() -> None:
    sink = Sink()
    sink.open.set()
    with player(sink) as playing:
        for row in range(5, 15):
            playing.offer(cue(row), wait=True)
        sink.until(5)
    assert sink.pictures() == [10, 11, 12, 13, 14]


def test_who_is_too_slow_misses_pictures_up_to_a_keyframe_and_holds_up_nobody() -> None:
    sink = Sink()
    with player(sink) as playing:
        for row in range(200):
            playing.offer(cue(row), wait=False)
        sink.open.set()
        sink.until(50)
        for row in range(205, 215):
            playing.offer(cue(row), wait=True)
        sink.until(55)
    shown = sink.pictures()
    gap = next(at for at in range(1, len(shown)) if shown[at] != shown[at - 1] + 1)
    assert shown[:gap] == list(range(gap))
    assert shown[gap] % GOP == 0


def test_where_time_is_patient_nobody_misses_a_picture() -> None:
    sink = Sink()
    sink.open.set()
    with player(sink) as playing:
        for row in range(200):
            playing.offer(cue(row), wait=True)
        sink.until(200)
    assert sink.pictures() == list(range(200))


def test_reports_come_at_their_times_before_the_picture() -> None:
    sink = Sink()
    sink.open.set()
    with player(sink, Reports(first_s=0.2, every_s=0.4)) as playing:
        for row in range(30):
            playing.offer(cue(row), wait=True)
        sink.until(33)
    rows = [at for at, (kind, _) in enumerate(sink.sent) if kind == "rtcp"]
    assert [int.from_bytes(sink.sent[at + 1][1][12:]) for at in rows] == [5, 15, 25]


@pytest.mark.parametrize("end", [Player.hang, Player.goodbye])
def test_after_the_end_nothing_more_is_taken(end: Callable[[Player], None]) -> None:
    sink = Sink()
    sink.open.set()
    with player(sink) as playing:
        playing.offer(cue(0), wait=True)
        sink.until(1)
        end(playing)
        assert not playing.takes(cue(10).picture)
        playing.offer(cue(10), wait=True)
    assert sink.pictures() == [0]


def test_a_device_s_clock_drifts_and_steps_from_when_it_was_told() -> None:
    clock = DeviceClock(100 * NS)
    assert clock.wall_ns(5 * NS) == 105 * NS
    clock.drift(1000.0, 10 * NS)
    assert clock.wall_ns(10 * NS) == 110 * NS
    assert clock.wall_ns(20 * NS) == 120 * NS + NS // 100
    clock.step(-3.0)
    assert clock.wall_ns(20 * NS) == 117 * NS + NS // 100
    clock.drift(0.0, 20 * NS)
    assert clock.wall_ns(30 * NS) == 127 * NS + NS // 100
