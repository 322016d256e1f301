"""How much a reading speaks for a plate that fits a pattern, against a random plate.

The answer is a log-likelihood ratio: log P(reading | plate fits the pattern) / P(reading | random
plate). It adds up with the ratios of appearance and time.

A reading gives each position p a chance q_p(s) per sign s, and a_p that there is no sign. What a
plate's sign c would have shown there, against what a random plate shows (b_p, `Background`):

    r_p(c) = (1 - a_p) sum_s C(s | c) q_p(s) / b_p,    C the confusion of signs

A pair hidden Markov model (Durbin, Eddy, Krogh, Mitchison: Biological Sequence Analysis, 1998,
chapter 4), in odds to a random plate, sums the ways in which the slots of the pattern can have
become the positions of the reading. A slot meets a position with odds r (or 1 - a_p for `?`), is
missed with the chance d, a position is void with a_p, or extra with e (1 - a_p); where a `*` stands
any number of positions pass for 1 - a_p each. So `*` alone has odds of exactly 1, at any length. T
is the sum over all ways; Z those whose last position was void or extra, after which no slot may be
missed, so that each way is counted once; A the rest:

    A[j, p] = r_p(slot j) T[j-1, p-1] + d A[j-1, p] + run_j (1 - a_p) T[j, p-1]
    Z[j, p] = (a_p + (1 - run_j) e (1 - a_p)) T[j, p-1]

Several runs make many ways to place the pattern; each is as likely as the next, so the sum is
divided by their number. A text without `*` is the whole plate or, with its `part_chance`, a part.
Last, a reading may be of another plate altogether (`STRAY`): no reading speaks against a plate by
more than log STRAY, for a wrong reading must not outweigh all else that is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64, Bool, checked
from core.plates.alphabet import ABSENT, COLUMNS
from core.plates.background import Background
from core.plates.confusion import Confusion, default_confusion
from core.plates.patterns import Pattern

STRAY = 1e-3
"""The chance that a reading is of another plate than its tracklet's."""

_BLOCK = 2048
"""Readings at once: what is worked on stays in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Many readings, ready to be asked: `seen` (N, P, C) the chance of each sign, `absent` (N, P)
    of none, `chance` (N, P) of what is seen on a random plate. Short ones end in absent positions.
    """

    seen: F32
    absent: F32
    chance: F32

    def __post_init__(self) -> None:
        checked("seen", self.seen, np.float32, "N", "P", ABSENT)
        checked("absent", self.absent, np.float32, *self.seen.shape[:2])
        checked("chance", self.chance, np.float32, *self.seen.shape[:2])

    def __len__(self) -> int:
        return len(self.seen)

    def __getitem__(self, rows: slice) -> "Readings":
        return Readings(self.seen[rows], self.absent[rows], self.chance[rows])


def stacked(log_probs: Sequence[F32]) -> F32:
    """Readings (P, A) of any lengths as one array (N, longest P, A), ended by absent positions."""
    for rows in log_probs:
        checked("log_probs", rows, np.float32, "P", COLUMNS)
    longest = max((len(rows) for rows in log_probs), default=0)
    together = np.full((len(log_probs), longest, COLUMNS), -np.inf, dtype=np.float32)
    together[:, :, ABSENT] = 0.0
    for row, rows in enumerate(log_probs):
        together[row, : len(rows)] = rows
    return together


class PlateLikelihood:
    """Asks readings for patterns, under one confusion and one background; holds no state."""

    def __init__(
        self, confusion: Confusion | None = None, background: Background | None = None
    ) -> None:
        self.confusion = confusion or default_confusion()
        self.background = background or Background()
        self._kinds_seen = self.background.seen(self.confusion)
        self._seen_given_true = self.confusion.seen_given_true.astype(np.float32)

    def prepared(self, log_probs: F32) -> Readings:
        """Readings (N, P, A) ready to be asked; what does not depend on the question."""
        checked("log_probs", log_probs, np.float32, "N", "P", COLUMNS)
        chances = np.exp(log_probs)
        seen, absent = np.ascontiguousarray(chances[..., :ABSENT]), chances[..., ABSENT].copy()
        by_kind = seen @ self._kinds_seen
        return Readings(seen, absent, self.background.chance(by_kind, present(absent)))

    def llr(self, pattern: Pattern, log_probs: F32) -> F32:
        """The log-likelihood ratio of `pattern` for each reading of (N, P, A), (N,)."""
        checked("log_probs", log_probs, np.float32, "N", "P", COLUMNS)
        blocks = [
            self.llr_of(pattern, self.prepared(log_probs[start : start + _BLOCK]))
            for start in range(0, len(log_probs), _BLOCK)
        ]
        return np.concatenate([np.zeros(0, np.float32), *blocks])

    def llr_of(self, pattern: Pattern, readings: Readings) -> F32:
        """The log-likelihood ratio of `pattern` for each of `readings`, (N,)."""
        blocks = [np.zeros(0, np.float32)]
        for start in range(0, len(readings), _BLOCK):
            block = readings[start : start + _BLOCK]
            odds = self.odds(pattern, block)
            shares = self.shares(pattern, odds, block.absent)
            blocks.append(np.log(STRAY + (1 - STRAY) * shares.sum(axis=0)).astype(np.float32))
        return np.concatenate(blocks)

    def odds(self, pattern: Pattern, readings: Readings) -> F32:
        """r of each slot and position, (slots, P, N)."""
        count, positions, _ = readings.seen.shape
        odds = np.empty((len(pattern.slots), positions, count), dtype=np.float32)
        odds[:] = (1 - readings.absent).T
        columns, inverse = np.unique(pattern.columns, return_inverse=True)
        shown = readings.seen @ self._seen_given_true[columns].T  # (N, P, columns)
        shown *= ((1 - readings.absent) / (readings.chance + 1e-30))[..., None]
        odds[list(pattern.known)] = shown.transpose(2, 1, 0)[inverse]
        return odds

    def shares(self, pattern: Pattern, odds: F32, absent: F32) -> F64:
        """The odds of the pattern as the whole plate and as a part of it, each with its prior,
        (1 or 2, N); their sum is the likelihood ratio before `STRAY`."""
        runs, priors = variants(pattern)
        totals = _forward(odds, absent.T, runs, self.confusion)
        return np.asarray(priors[:, None] * totals / _ways(runs, len(pattern.slots), absent))


def variants(pattern: Pattern) -> tuple[Bool, F64]:
    """The runs of the pattern as the whole plate and as a part of it, (V, slots + 1), and the prior
    of each, (V,); what has no chance is left out."""
    whole = np.array(pattern.runs)
    part = whole.copy()
    part[[0, -1]] = True
    priors = np.array([1.0 - pattern.part_chance, pattern.part_chance])
    return np.stack([whole, part])[priors > 0], priors[priors > 0]


def present(absent: F32) -> Bool:
    """Which positions exist rather than not."""
    return absent < 0.5


def _ways(runs: Bool, slots: int, absent: F32) -> F64:
    """In how many ways each variant can be placed on each reading, (V, N), at least 1.

    Where k runs share s positions that no slot needs, C(s + k - 1, k - 1).
    """
    spare = np.maximum((1.0 - absent.astype(np.float64)).sum(axis=1) - slots, 0.0)
    ways = np.ones((len(runs), len(absent)))
    for row, count in enumerate(runs.sum(axis=1)):
        for run in range(1, int(count)):
            ways[row] *= (spare + run) / run
    return ways


def _forward(odds: F32, absent: F32, runs: Bool, confusion: Confusion) -> F64:
    """T at the end of slots and positions for each variant of `runs` (V, slots + 1), (V, N).

    `odds` is (slots, P, N) and `absent` (P, N); odds of at most 16 slots stay far from overflow.
    """
    slots, positions, count = odds.shape
    there = 1.0 - absent.astype(np.float64)
    gaps = {flags: _passing(there, flags, confusion) for flags in set(map(tuple, runs.T.tolist()))}
    first = np.zeros((positions + 1, len(runs), count))
    first[0] = 1.0
    free, total = _passed(first, *gaps[tuple(runs[:, 0].tolist())])
    for slot in range(slots):
        entered = confusion.missing * free
        entered[1:] += odds[slot][:, None] * total[:-1]
        free, total = _passed(entered, *gaps[tuple(runs[:, slot + 1].tolist())])
    return np.asarray(total[-1])


def _passing(there: F64, run: Sequence[bool], confusion: Confusion) -> tuple[F64 | None, F64]:
    """The odds that a position is passed over in a run (None: there is no run) and outside of one,
    (P, V, N) each, for the variants' flags of one gap."""
    in_run = there[:, None] * np.array(run)[None, :, None]
    outside = (1.0 - there)[:, None] + confusion.extra * (there[:, None] - in_run)
    return (in_run if any(run) else None), outside


def _passed(entered: F64, in_run: F64 | None, outside: F64) -> tuple[F64, F64]:
    """A and T (P + 1, V, N) of one gap, from what enters it at each position."""
    total = entered.copy()
    if in_run is None:
        for position in range(1, len(entered)):
            total[position] += outside[position - 1] * total[position - 1]
        return entered, total
    free = entered.copy()
    for position in range(1, len(entered)):
        before = total[position - 1]
        free[position] += in_run[position - 1] * before
        total[position] += (in_run[position - 1] + outside[position - 1]) * before
    return free, total
