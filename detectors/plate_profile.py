"""Reads laid upon each other: a profile of evidence by position that grows read by read.

A read may miss a sign or double one, so positions are matched before they are added. The evidence
of a read for a sign is its chance over what was to be expected; evidence adds up as logarithms,
each read by its share, and the expectation enters once at the end.
"""

from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from core.plates.alignment import NONE, align
from core.plates.alphabet import ABSENT, COLUMNS
from core.plates.confusion import Confusion

EXISTS = 0.5
"""The chance, before any read, that a position of a profile is one of the plate."""

GONE = 0.95
"""A position that is void with this chance is left out."""

WRONG = 0.02
"""The chance that a sign's look says nothing of it: dirt, a shadow, another plate."""


def _log_expected() -> F64:
    expected = np.full(COLUMNS, EXISTS / ABSENT)
    expected[ABSENT] = 1 - EXISTS
    return np.asarray(np.log(expected))


_LOG_EXPECTED = _log_expected()


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """`evidence` (K, A) in logs for each sign and for none at each position, gathered from reads
    whose shares add up to `share`."""

    evidence: F64
    share: float

    @classmethod
    def empty(cls) -> "Profile":
        """A profile of no read; the first one to join gives its positions."""
        return cls(np.zeros((0, COLUMNS)), 0.0)

    def log_probs(self) -> F64:
        """What is believed at each position, (K, A), rows normalised."""
        return normalised(_LOG_EXPECTED + self.evidence)


def normalised(logs: F64) -> F64:
    """Rows (K, A) shifted so that their chances sum to one."""
    logs = logs - logs.max(axis=1, keepdims=True, initial=-np.inf)
    return np.asarray(logs - np.log(np.exp(logs).sum(axis=1, keepdims=True)))


class Joining:
    """How reads join a profile under one confusion; holds no state."""

    def __init__(self, confusion: Confusion) -> None:
        self._missing, self._extra = confusion.missing, confusion.extra
        self._true_given_seen = confusion.true_given_seen()
        self._silence = np.full(COLUMNS, np.log(confusion.missing))
        self._silence[ABSENT] = np.log1p(-confusion.extra)

    def softened(self, log_probs: F64) -> F64:
        """The chances (P, A) of a read, with the doubt that no reader states: signs may be
        confused, invented, or plainly wrong. So one sure slip cannot rule out what many reads saw.

        Rows that are void (`GONE`) are left out.
        """
        chances = np.exp(log_probs)
        chances = chances[chances[:, ABSENT] < GONE]
        signs = chances[:, :ABSENT]
        soft = chances.copy()
        soft[:, :ABSENT] = (1 - WRONG) * signs @ self._true_given_seen
        soft[:, :ABSENT] += WRONG * signs.sum(axis=1, keepdims=True) / ABSENT
        soft *= 1 - self._extra
        soft[:, ABSENT] += self._extra
        return np.asarray(np.maximum(soft, 1e-12))

    def grown(self, profile: Profile, chances: F64, share: float) -> Profile:
        """`profile` with one more softened read; rows that match no position become new ones,
        about which all reads before were silent."""
        logs = np.log(chances) - _LOG_EXPECTED
        positions = [
            (profile.evidence[place] if place != NONE else profile.share * self._silence)
            + share * (logs[row] if row != NONE else self._silence)
            for place, row in self._pairs(profile.log_probs(), chances)
        ]
        return Profile(np.array(positions).reshape(-1, COLUMNS), profile.share + share)

    def placed(self, log_probs: F64, chances: F64) -> F64:
        """The evidence (K, A) of one softened read at the positions of a finished profile."""
        evidence = np.tile(self._silence, (len(log_probs), 1))
        logs = np.log(chances) - _LOG_EXPECTED
        for place, row in self._pairs(log_probs, chances):
            if place != NONE and row != NONE:
                evidence[place] = logs[row]
        return evidence

    def _pairs(self, log_probs: F64, chances: F64) -> list[tuple[int, int]]:
        """Positions of a profile beside rows of a read, by the log odds that both show one sign
        (Soding, HMM-HMM comparison, 2005) against a slip of the reader."""
        believed = np.exp(log_probs)
        absent, void = believed[:, ABSENT], chances[:, ABSENT]
        match = np.log(believed @ (chances / np.exp(_LOG_EXPECTED)).T)
        drop = np.log(absent + (1 - absent) * self._missing)
        add = np.log(void + (1 - void) * self._extra)
        return align(match, drop, np.tile(add, (len(log_probs) + 1, 1)))
