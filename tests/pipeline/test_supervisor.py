"""A child that falls is started again; one that ends is not."""

import subprocess
import sys
import threading

from ingest.reconnect import Backoff
from pipeline.supervisor import Supervisor


class Children:
    """Starts children with the given exit codes, one after the other."""

    def __init__(self, *codes: int) -> None:
        self.left = list(codes)
        self.told: list[int] = []

    def start(self) -> "subprocess.Popen[bytes]":
        code = self.left.pop(0)
        end = f"import os, signal; os.kill(os.getpid(), {-code})" if code < 0 else f"exit({code})"
        return subprocess.Popen([sys.executable, "-c", end])

    def hear(self, code: int, wait_s: float) -> None:
        self.told.append(code)

    def run(self, stop: threading.Event | None = None) -> int:
        at_once = Backoff(uniform=lambda low, high: low)
        supervisor = Supervisor(
            [], falls=lambda code: code < 0, told=self.hear, backoff=at_once, start=self.start
        )
        return supervisor.run(stop or threading.Event())


def test_a_child_that_ends_in_order_is_not_started_again() -> None:
    children = Children(0)
    assert children.run() == 0
    assert children.told == []


def test_a_killed_child_is_started_again() -> None:
    children = Children(-9, -9, 0)
    assert children.run() == 0
    assert children.told == [-9, -9]


def test_an_error_that_another_start_cannot_mend_is_the_end() -> None:
    children = Children(3)
    assert children.run() == 3


def test_stop_ends_the_child_and_waits_for_it() -> None:
    stop = threading.Event()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    supervisor = Supervisor([], falls=lambda code: True, told=print, start=lambda: child)
    stop.set()
    assert supervisor.run(stop) == -15
