"""Keys: int64 made from time, writer and sequence, so that many writers need no allocator."""

import threading

import numpy as np

from core.arrays import I64
from core.clocks import Now
from core.errors import InvalidInput

WRITERS = 1 << 10
_SEQUENCES = 1 << 12
_EPOCH_MS = 1_577_836_800_000  # 2020-01-01, so that 41 bits of milliseconds last until 2089


class IdSource:
    """Makes ids for one writer: 41 bits milliseconds, 10 bits writer, 12 bits sequence.

    Ids ascend even when the clock steps back. Two live writers must not share a number: the store
    hands them out (`Store.lease_writer`). Safe to call from several threads.
    """

    def __init__(self, writer: int, now: Now) -> None:
        if not 0 <= writer < WRITERS:
            raise InvalidInput(f"writer: want 0 to {WRITERS - 1}, got {writer}")
        self._writer = writer
        self._now = now
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """A fresh id, larger than all that this source gave before."""
        with self._lock:
            ticks = (self._now() // 1_000_000 - _EPOCH_MS) * _SEQUENCES
            self._last = max(self._last + 1, ticks)
            milliseconds, sequence = divmod(self._last, _SEQUENCES)
            return (milliseconds * WRITERS + self._writer) * _SEQUENCES + sequence


def ids_at(moments_ns: I64, writer: int, *, after: int = 0) -> I64:
    """An id per instant (N,), as an `IdSource` with that clock would give them one by one.

    They ascend even where the instants do not, and all are larger than the id `after`.
    """
    if not 0 <= writer < WRITERS:
        raise InvalidInput(f"writer: want 0 to {WRITERS - 1}, got {writer}")
    ticks = (moments_ns // 1_000_000 - _EPOCH_MS) * _SEQUENCES
    millisecond, sequence = divmod(after, _SEQUENCES * WRITERS)
    least = millisecond * _SEQUENCES + sequence % _SEQUENCES + 1
    places = np.arange(len(ticks))
    # Each is the larger of its own tick and one more than the last: a running maximum.
    ticks = np.maximum(np.maximum.accumulate(ticks - places), least) + places
    milliseconds, sequences = np.divmod(ticks, _SEQUENCES)
    return np.asarray((milliseconds * WRITERS + writer) * _SEQUENCES + sequences, np.int64)


def writer_of(an_id: int) -> int:
    """The writer's number inside an id of ours."""
    return (an_id // _SEQUENCES) % WRITERS
