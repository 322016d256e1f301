"""A bounded queue between two threads that can end, and can carry a failure onward."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The other side of a channel is gone."""


class Channel(Generic[T]):
    """Holds at most `depth` items; iterating takes them until `close`. `stop` frees both sides."""

    def __init__(self, depth: int) -> None:
        self._items: deque[T] = deque()
        self._depth = depth
        self._changed = threading.Condition()
        self._closed = False
        self._stopped = False

    def put(self, item: T) -> None:
        """Wait for room and add; `Stopped` if nobody will take it."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._items) < self._depth)
            if self._stopped:
                raise Stopped
            self._items.append(item)
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> T | None:
        """The next item, or None after `timeout_s`; `Stopped` once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed or self._stopped, timeout_s)
            if self._items and not self._stopped:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._closed or self._stopped:
                raise Stopped
            return None

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                item = self.take()
            except Stopped:
                return
            if item is not None:
                yield item

    def close(self) -> None:
        """No more items come; what is held is still taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Free everyone who waits; what is held is dropped."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._changed.notify_all()
