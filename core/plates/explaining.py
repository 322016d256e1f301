"""Why a reading answers a pattern: sign by sign, what was asked and what was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.arrays import F32, F64, Bool, checked
from core.errors import InvalidInput
from core.plates.alignment import NONE, align
from core.plates.alphabet import ABSENT, ALPHABET, COLUMNS, index_of
from core.plates.confusion import Confusion
from core.plates.likelihood import PlateLikelihood, present, variants
from core.plates.patterns import ONE, Pattern

_TINY = 1e-30


class Outcome(StrEnum):
    """How one sign of the answer came about."""

    SAME = "same"
    SUBSTITUTED = "substituted"
    MISSING = "missing"
    EXTRA = "extra"
    UNASKED = "unasked"
    """Under a `?`, in a `*`, or beyond the ends of a part."""


@dataclass(frozen=True, slots=True)
class SignMatch:
    """One sign: what was `asked` (empty where nothing was) and what was `read` (empty where nothing
    was) at `position` of the reading (-1 for none).

    `chance` is the chance that the reader gave to the asked sign there, or to the read one where
    none was asked; 0 for a missing sign. `llr` is what the sign adds on this, the likeliest, way.
    """

    asked: str
    read: str
    position: int
    chance: float
    llr: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Explanation:
    """The `llr` over all ways, and the `signs` of the likeliest one, in order.

    The signs' shares need not add up to `llr`: that holds all ways and the priors.
    """

    llr: float
    signs: tuple[SignMatch, ...]


def explained(likelihood: PlateLikelihood, pattern: Pattern, log_probs: F32) -> Explanation:
    """Sign by sign how one reading (P, A) answers `pattern`; positions that are void are left out.

    Raises `InvalidInput` for a reading of another shape, or without a position.
    """
    checked("log_probs", log_probs, np.float32, "P", COLUMNS)
    if not len(log_probs):
        raise InvalidInput("log_probs: want at least one position, got none")
    readings = likelihood.prepared(log_probs[None])
    odds = likelihood.odds(pattern, readings)
    shares = likelihood.shares(pattern, odds, readings.absent)[:, 0]
    runs = variants(pattern)[0][int(shares.argmax())]
    ways = _ways(odds[:, :, 0], readings.absent[0], runs, likelihood.confusion)
    signs = _signs(pattern, np.exp(log_probs), runs, ways)
    return Explanation(float(likelihood.llr_of(pattern, readings)[0]), tuple(signs))


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Log odds of a slot's meeting a position (I, J), of being missed (I,), and of a position's
    being passed after so many slots (I + 1, J)."""

    meet: F64
    miss: F64
    passed: F64


def _ways(odds: F32, absent: F32, runs: Bool, confusion: Confusion) -> _Ways:
    there = 1.0 - absent.astype(np.float64)
    passing = np.where(runs[:, None], 1.0, confusion.extra) * there + (1.0 - there)
    return _Ways(
        meet=np.log(np.maximum(odds.astype(np.float64), _TINY)),
        miss=np.full(len(odds), np.log(confusion.missing)),
        passed=np.log(np.maximum(passing, _TINY)),
    )


def _signs(pattern: Pattern, chances: F32, runs: Bool, ways: _Ways) -> Iterator[SignMatch]:
    void = ~present(chances[:, ABSENT])
    reads = chances[:, :ABSENT].argmax(axis=1)
    slots_met = 0
    for slot, position in align(ways.meet, ways.miss, ways.passed):
        read = ALPHABET[reads[position]] if position != NONE else ""
        if slot == NONE:
            if not void[position]:
                outcome = Outcome.UNASKED if runs[slots_met] else Outcome.EXTRA
                chance, llr = chances[position].max(), ways.passed[slots_met, position]
                yield SignMatch("", read, position, float(chance), float(llr), outcome)
            continue
        slots_met = slot + 1
        asked = pattern.slots[slot]
        if position == NONE:
            yield SignMatch(asked, "", NONE, 0.0, float(ways.miss[slot]), Outcome.MISSING)
        else:
            looked_at = reads[position] if asked == ONE else index_of(asked)[0]
            chance, llr = chances[position, looked_at], ways.meet[slot, position]
            yield SignMatch(asked, read, position, float(chance), float(llr), _met(asked, read))


def _met(asked: str, read: str) -> Outcome:
    if asked == ONE:
        return Outcome.UNASKED
    return Outcome.SAME if asked == read else Outcome.SUBSTITUTED
