"""The K best ways in time through candidates, and how likely each candidate is to be on the way.

A way is a chain of candidates in time order. What it is worth is a sum in nats: each candidate's
own evidence, each hop's place and time, how it begins and ends. Fixed points are on every way. Both
the best ways and the chances are exact over the candidates given: dynamic programming over their
time order (Viterbi, IEEE Transactions on Information Theory 13, 1967; forward and backward sums
after Baum et al., Annals of Mathematical Statistics 41, 1970). This is multiple hypothesis tracking
over tracklets (Reid, IEEE Transactions on Automatic Control 24, 1979) for one subject.
"""

from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

import numpy as np

from core.arrays import F64, I64, Bool, checked
from core.errors import InvalidInput

FLOOR = -60.0
"""Nats of a hop between fixed points that nothing explains: people said that both are right."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """M candidates in time order. `own` (M,) nats each, `hop` (M, M) from row to a later column,
    -inf where nobody could; `first` and `last` (M,) nats of a way's beginning and ending there.
    `fixed` (M,) are on every way. All float64 but `fixed`.
    """

    own: F64
    hop: F64
    first: F64
    last: F64
    fixed: Bool

    def __post_init__(self) -> None:
        count = len(self.own)
        checked("own", self.own, np.float64, count)
        checked("hop", self.hop, np.float64, count, count)
        checked("first", self.first, np.float64, count)
        checked("last", self.last, np.float64, count)
        checked("fixed", self.fixed, np.bool_, count)
        if np.isnan(self.own).any() or (self.own == np.inf).any():
            raise InvalidInput("own: want numbers below infinity")

    def __len__(self) -> int:
        return len(self.own)

    @cached_property
    def steps(self) -> F64:
        """`hop` (M, M) of those that leave no fixed point out; between fixed ones never -inf."""
        before = np.r_[0, np.cumsum(self.fixed)]  # fixed ones before each place
        rows = np.arange(len(self))
        skipped = before[rows][None, :] - before[rows + 1][:, None]
        later = rows[:, None] < rows[None, :]
        steps = np.where(later & (skipped == 0), self.hop, -np.inf)
        pair = self.fixed[:, None] & self.fixed[None, :] & later & (skipped == 0)
        return np.where(pair, np.maximum(steps, FLOOR), steps)

    @cached_property
    def starts(self) -> F64:
        """`first` (M,) where no fixed point would be left out before."""
        before = np.r_[0, np.cumsum(self.fixed)[:-1]] if len(self) else np.zeros(0)
        starts = np.where(before == 0, self.first, -np.inf)
        return np.where(self.fixed & (before == 0), np.maximum(starts, FLOOR), starts)

    @cached_property
    def ends(self) -> F64:
        """`last` (M,) where no fixed point would be left out after."""
        after = self.fixed.sum() - np.cumsum(self.fixed)
        ends = np.where(after == 0, self.last, -np.inf)
        return np.where(self.fixed & (after == 0), np.maximum(ends, FLOOR), ends)


def all_ways(lattice: Lattice) -> float:
    """ln of the sum over all ways of e to their worth: what there being a way at all is worth."""
    return _log_sum(_until(lattice) + lattice.ends)


def chances(lattice: Lattice) -> F64:
    """The chance (M,) of each candidate to be on the way, if there is one at all.

    All ways count, each by e to its worth. 1 for fixed points; zeros if no way exists.
    """
    count = len(lattice)
    if not count:
        return np.zeros(0)
    steps, own = lattice.steps, lattice.own
    until, rest = _until(lattice), np.empty(count)
    for row in range(count - 1, -1, -1):
        go = _log_sum(rest[row + 1 :] + own[row + 1 :] + steps[row, row + 1 :])
        rest[row] = np.logaddexp(lattice.ends[row], go)
    whole = _log_sum(until + lattice.ends)
    if whole == -np.inf:
        return np.zeros(count)
    return np.exp(np.minimum(until + rest - whole, 0.0))


def _until(lattice: Lattice) -> F64:
    """ln of the summed worth (M,) of all ways up to each candidate, with its own."""
    into = np.ascontiguousarray(lattice.steps.T)
    until = np.empty(len(lattice))
    for column in range(len(lattice)):
        come = _log_sum(until[:column] + into[column, :column])
        until[column] = lattice.own[column] + np.logaddexp(lattice.starts[column], come)
    return until


@dataclass(frozen=True, eq=False)
class BestWays:
    """The best ways through a lattice: `ways` from the best down as (rows, worth)."""

    lattice: Lattice
    ways: tuple[tuple[tuple[int, ...], float], ...]
    until: F64  # the best worth of a way to each candidate, with its own
    rest: F64  # the best worth from each candidate on, without its own
    came: I64  # the row before on that best way, -1 at its beginning
    goes: I64  # the row after, -1 at its end

    @property
    def best(self) -> tuple[int, ...]:
        """Rows of the best way; empty if none exists."""
        return self.ways[0][0] if self.ways else ()

    @property
    def worth(self) -> float:
        """That of the best way; -inf if none exists."""
        return self.ways[0][1] if self.ways else -np.inf

    def through(self) -> F64:
        """The worth (M,) of the best way through each candidate."""
        return self.until + self.rest

    def way_through(self, row: int) -> tuple[int, ...]:
        """The rows of the best way through a candidate."""
        return (*self._back(row), *self._on(int(self.goes[row])))

    def without(self, row: int) -> tuple[float, tuple[int, ...]]:
        """The worth and the rows of the best way that leaves a candidate out.

        -inf and none where there is no such way. Ways are chains in time, so it either ends before
        the candidate, begins after it, or steps over it.
        """
        lattice = self.lattice
        over = self.until[:row, None] + lattice.steps[:row, row + 1 :]
        over = over + (lattice.own + self.rest)[None, row + 1 :]
        before = self.until[:row] + lattice.ends[:row]
        after = (lattice.starts + lattice.own + self.rest)[row + 1 :]
        options: list[tuple[float, tuple[int, ...]]] = [(-np.inf, ())]
        if over.size:
            start, end = np.unravel_index(int(over.argmax()), over.shape)
            rows = (*self._back(int(start)), *self._on(row + 1 + int(end)))
            options.append((float(over[start, end]), rows))
        if len(before):
            options.append((float(before.max()), self._back(int(before.argmax()))))
        if len(after):
            options.append((float(after.max()), self._on(row + 1 + int(after.argmax()))))
        return max(options, key=lambda option: option[0])

    def _back(self, row: int) -> tuple[int, ...]:
        rows: list[int] = []
        while row >= 0:
            rows.append(row)
            row = int(self.came[row])
        return tuple(reversed(rows))

    def _on(self, row: int) -> tuple[int, ...]:
        rows: list[int] = []
        while row >= 0:
            rows.append(row)
            row = int(self.goes[row])
        return tuple(rows)


def best_ways(lattice: Lattice, k: int) -> BestWays:
    """The `k` best ways, fewer where there are no more; O(M^2), and O(M) for each step of each."""
    if k < 1:
        raise InvalidInput(f"k: want 1 or more, got {k}")
    until, came = _best_until(lattice)
    rest, goes = _rest(lattice)
    return BestWays(lattice, tuple(_in_order(lattice, rest, k)), until, rest, came, goes)


def _best_until(lattice: Lattice) -> tuple[F64, I64]:
    """The best worth (M,) of a way to each candidate, and the row before it there."""
    count = len(lattice)
    into = np.ascontiguousarray(lattice.steps.T)
    until, came = lattice.starts.copy(), np.full(count, -1, np.int64)
    for column in range(count):
        if column:
            options = until[:column] + into[column, :column]
            best = int(options.argmax())
            if options[best] > until[column]:
                until[column], came[column] = options[best], best
        until[column] += lattice.own[column]
    return until, came


def _in_order(lattice: Lattice, rest: F64, k: int) -> list[tuple[tuple[int, ...], float]]:
    """The `k` best ways with their worth, the best first.

    What each beginning can still become is known exactly (`rest`), so the beginnings that are
    followed up are those of the `k` best ways and no others (best-first search: Hart, Nilsson and
    Raphael, IEEE Transactions on Systems Science and Cybernetics 4, 1968).
    """
    onward = lattice.own + rest
    found: list[tuple[tuple[int, ...], float]] = []
    # (minus what it can become, rows, worth so far, whether it ends there)
    open_: list[tuple[float, tuple[int, ...], float, bool]] = []
    for row in _largest(lattice.starts + onward, k):
        worth = float(lattice.starts[row] + lattice.own[row])
        heappush(open_, (-worth - float(rest[row]), (int(row),), worth, False))
    while open_ and len(found) < k:
        _, rows, worth, ends = heappop(open_)
        if ends:
            found.append((rows, worth))
            continue
        last = rows[-1]
        whole = worth + float(lattice.ends[last])
        if whole > -np.inf:
            heappush(open_, (-whole, rows, whole, True))
        steps = lattice.steps[last, last + 1 :]
        for row in _largest(steps + onward[last + 1 :], k) + last + 1:
            longer = worth + float(steps[row - last - 1] + lattice.own[row])
            heappush(open_, (-longer - float(rest[row]), (*rows, int(row)), longer, False))
    return found


def _largest(values: F64, k: int) -> I64:
    """Where the `k` largest stand, those of -inf left out."""
    places = np.arange(len(values)) if len(values) <= k else np.argpartition(-values, k)[:k]
    return places[values[places] > -np.inf]


def _rest(lattice: Lattice) -> tuple[F64, I64]:
    count = len(lattice)
    rest, goes = np.empty(count), np.full(count, -1, np.int64)
    for row in range(count - 1, -1, -1):
        rest[row] = lattice.ends[row]
        on = lattice.steps[row, row + 1 :] + lattice.own[row + 1 :] + rest[row + 1 :]
        if len(on) and on.max() > rest[row]:
            rest[row], goes[row] = on.max(), row + 1 + int(on.argmax())
    return rest, goes


def _log_sum(terms: F64) -> float:
    """ln of the sum of e to each; -inf of none."""
    if not len(terms):
        return -np.inf
    most = float(terms.max())
    return most if most == -np.inf else most + float(np.log(np.exp(terms - most).sum()))
