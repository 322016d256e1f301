"""Frames of all cameras into batches for one device, under a latency bound, queues bounded."""

import threading
import time
from collections import deque
from dataclasses import dataclass

from core.types import Frame
from pipeline.channel import Stopped


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame for the detector."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Coast:
    """Nothing moved at that time, so nothing was looked at."""

    camera_id: int
    device_ns: int


@dataclass(frozen=True, slots=True)
class Shed:
    """A frame that should have been looked at and was not, for want of time."""

    camera_id: int
    device_ns: int


@dataclass(frozen=True, slots=True)
class End:
    """The camera's time line ended, or broke."""

    camera_id: int


Event = Look | Coast | Shed | End


class Batcher:
    """Collects events of many cameras, in order per camera; `take` gives a batch.

    A live camera with `depth` looks waiting sheds its oldest (it stays as a `Shed` event in its
    place, so that order holds and it is counted); a file waits instead.
    """

    def __init__(self, *, batch: int, latency_s: float, depth: int) -> None:
        self._batch = batch
        self._latency_s = latency_s
        self._depth = depth
        self._events: deque[Event] = deque()
        self._looks: dict[int, int] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._stopped = False

    def put(self, event: Event, *, camera_id: int, shed: bool) -> None:
        """Add an event; a `Look` beyond the camera's depth sheds or waits. `Stopped` at the end."""
        with self._changed:
            if isinstance(event, Look) and not shed:
                self._changed.wait_for(
                    lambda: self._stopped or self._looks.get(camera_id, 0) < self._depth
                )
            if self._stopped:
                raise Stopped
            if isinstance(event, Look):
                if self._looks.get(camera_id, 0) >= self._depth:
                    self._shed_oldest(camera_id)
                self._looks[camera_id] = self._looks.get(camera_id, 0) + 1
            self._events.append(event)
            self._changed.notify_all()

    def take(self) -> list[Event]:
        """At least one event, with at most `batch` looks; `Stopped` once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closed or self._stopped)
            if self._events:
                self._wait_for_more()
            if self._stopped or not self._events:
                raise Stopped
            return self._taken()

    def close(self) -> None:
        """No more events come; what is held is still taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Free everyone who waits; what is held is dropped."""
        with self._changed:
            self._stopped = True
            self._events.clear()
            self._changed.notify_all()

    def _wait_for_more(self) -> None:
        deadline = time.monotonic() + self._latency_s
        while not self._closed and not self._stopped and self._waiting() < self._batch:
            left = deadline - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                return

    def _waiting(self) -> int:
        return sum(self._looks.values())

    def _taken(self) -> list[Event]:
        taken: list[Event] = []
        looks = 0
        while self._events:
            event = self._events[0]
            if isinstance(event, Look):
                if looks == self._batch:
                    break
                looks += 1
                self._looks[event.frame.camera_id] -= 1
            taken.append(self._events.popleft())
        self._changed.notify_all()
        return taken

    def _shed_oldest(self, camera_id: int) -> None:
        for place, event in enumerate(self._events):
            if isinstance(event, Look) and event.frame.camera_id == camera_id:
                self._events[place] = Shed(camera_id, event.frame.device_ns)
                self._looks[camera_id] -= 1
                return
