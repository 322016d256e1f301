import threading

from core.clocks import NS
from scenes.rtsp.pace import RealTime, Unpaced

T0 = 1_780_000_000 * NS
WAIT_S = 300.0


def test_unpaced_time_is_what_was_waited_for_last() -> None:
    time = Unpaced(T0)
    assert time.wait(T0 + 5, threading.Event(), heard=True)
    assert time.wait(T0 + 3, threading.Event(), heard=True)
    assert time.now_ns() == T0 + 5


def test_no_more_than_the_lead_is_under_way() -> None:
    time, done = Unpaced(T0, lead=2), threading.Event()

    def send() -> None:
        for row in range(3):
            time.wait(T0 + row, threading.Event(), heard=True)
        done.set()

    sender = threading.Thread(target=send)
    sender.start()
    assert time.now_ns() <= T0 + 1
    time.taken(T0)
    assert done.wait(WAIT_S)
    sender.join()
    assert time.now_ns() == T0 + 2


def test_what_nobody_hears_is_not_under_way() -> None:
    time = Unpaced(T0, lead=1)
    for row in range(10):
        assert time.wait(T0 + row, threading.Event(), heard=False)


def test_a_new_player_is_owed_nothing() -> None:
    time = Unpaced(T0, lead=1)
    time.wait(T0, threading.Event(), heard=True)
    time.joined()
    assert time.wait(T0 + 1, threading.Event(), heard=True)


def test_a_stop_ends_the_wait() -> None:
    stopped = threading.Event()
    stopped.set()
    time = Unpaced(T0, lead=1)
    assert not time.wait(T0, stopped, heard=True)
    assert not RealTime(lambda: T0).wait(T0 + 3600 * NS, stopped, heard=True)


def test_the_past_is_not_waited_for() -> None:
    assert RealTime(lambda: T0).wait(T0 - NS, threading.Event(), heard=True)
