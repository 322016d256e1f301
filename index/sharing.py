"""One search's work shared by threads, where there is enough of it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from index.catalogue import Rows

_PIECE_ROWS = 1 << 14
# Waking a thread takes about as long as this many products.
_WORTH_SHARING = 1 << 22

Piece = tuple[Rows, int]
"""Some rows, and the position of the first."""


def pieces_of(rows: Sequence[Rows], starts: Sequence[int]) -> Iterator[Piece]:
    """The rows with their positions, none too long for threads to share them evenly."""
    for part, start in zip(rows, starts, strict=False):
        if part.size <= _PIECE_ROWS:
            yield part, start
            continue
        for low in range(part.low, part.high, _PIECE_ROWS):
            high = min(low + _PIECE_ROWS, part.high)
            yield Rows(part.columns, low, high), start + low - part.low


def shared(
    pieces: Iterator[Piece],
    drain: Callable[[Iterator[Piece]], None],
    pool: ThreadPoolExecutor | None,
    *,
    products: int,
) -> None:
    """Let `drain` use up the pieces, in several threads at once if `products` are many."""
    if pool is None or products < _WORTH_SHARING:
        drain(pieces)
        return
    rest = iter(list(pieces))  # a list's iterator may be shared, a generator not
    helpers = [pool.submit(drain, rest) for _ in range(pool._max_workers)]
    drain(rest)
    for helper in helpers:  # one that never began, in a busy pool, has nothing left to do
        if not helper.cancel():
            helper.result()
