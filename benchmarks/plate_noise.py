"""How a reader would have read plates, from its confusion alone: nothing is painted.

For each sign the reader weighs the truth against the signs that it takes it for most often. The
evidence between two signs is normal with mean d^2 / 2 and variance d^2, as of two equal bells that
lie d apart; d is such that at quality 1 the wrong one wins as often as the confusion says. The
reader states the chances that follow, `boast` times as sure as it should be. A read's quality
multiplies all its d. Besides, signs are missed and doubled, and each position is in some doubt.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from core.arrays import F32, I64
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, COLUMNS
from core.plates.confusion import Confusion, default_confusion, load_confusion

_RIVALS = 7
_LEAST_VOID = 1e-6
_FLOOR = 1e-4  # what a reader leaves to each sign that it does not consider


@dataclass(frozen=True, slots=True)
class NoiseLevel:
    """`spread` is the standard deviation of the logarithm of a read's quality, `boast` how much
    surer a reader is than it should be (1: calibrated), `void` the mean doubt that a position
    exists."""

    spread: float = 0.25
    boast: float = 1.2
    void: float = 0.02


class PlateNoise:
    """Draws readings of known plates; the same seed gives the same ones."""

    def __init__(self, confusion: Confusion, level: NoiseLevel, seed: int) -> None:
        self._level = level
        self.confusion = confusion
        self._rng = np.random.default_rng(seed)
        slips = confusion.seen_given_true.copy()
        np.fill_diagonal(slips, 0.0)
        self._rivals = np.argsort(-slips, axis=1, kind="stable")[:, :_RIVALS]
        chances = np.take_along_axis(slips, self._rivals, axis=1)
        # All that is taken for the truth falls on the rivals considered.
        chances *= (slips.sum(axis=1) / chances.sum(axis=1))[:, None]
        self._apart = (-2 * ndtri(np.minimum(chances, 0.49))).astype(np.float32)

    def read(self, plates: I64) -> F32:
        """Readings (N, P, A) of plates (N, L), rows of columns ended by `ABSENT`."""
        quality = np.exp(self._level.spread * self._rng.standard_normal(len(plates)))
        seen = self._slipped(plates)
        log_probs = np.full((*seen.shape, COLUMNS), -np.inf, np.float32)
        log_probs[..., ABSENT] = 0.0
        real = seen != ABSENT
        log_probs[real] = self._stated(seen[real], quality.astype(np.float32)[real.nonzero()[0]])
        return log_probs

    def _slipped(self, plates: I64) -> I64:
        """The true sign behind each position of the readings: some missed, some doubled."""
        count, length = plates.shape
        luck = self._rng.random(plates.shape)
        copies = 1 - (luck < self.confusion.missing) + (luck > 1 - self.confusion.extra)
        copies = np.where(plates == ABSENT, 0, copies).ravel()
        rows = np.repeat(np.repeat(np.arange(count), length), copies)
        totals = np.bincount(rows, minlength=count)
        places = np.arange(len(rows)) - np.repeat(np.cumsum(totals) - totals, totals)
        seen = np.full((count, max(1, int(totals.max(initial=0)))), ABSENT, np.int64)
        seen[rows, places] = np.repeat(plates.ravel(), copies)
        return seen

    def _stated(self, true: I64, quality: F32) -> F32:
        """What is stated about each sign (M,), rows (M, A)."""
        apart = self._apart[true] * quality[:, None]
        noise = self._rng.standard_normal(apart.shape, dtype=np.float32)
        against = apart * noise - apart**2 / 2
        chances = np.full((len(true), COLUMNS), _FLOOR, np.float32)
        every = np.arange(len(true))
        chances[every, true] += 1.0
        chances[every[:, None], self._rivals[true]] += np.exp(self._level.boast * against)
        void = self._level.void * self._rng.standard_exponential(len(true), dtype=np.float32)
        void = np.minimum(void, 0.9)
        chances *= ((1 - void) / chances[:, :ABSENT].sum(axis=1))[:, None]
        chances[:, ABSENT] = np.maximum(void, _LEAST_VOID)
        return np.asarray(np.log(chances), np.float32)


def load_plate_noise(path: Path | None, seed: int) -> PlateNoise:
    """The noise that a JSON file describes: `confusion` (a path beside it, or left out for the
    default one) and any of the fields of `NoiseLevel`; without a file the default of both."""
    if path is None:
        return PlateNoise(default_confusion(), NoiseLevel(), seed)
    try:
        described = json.loads(path.read_text("utf-8"))
        kept = described.pop("confusion", None)
        level = NoiseLevel(**described)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{path}: want a description of noise: {error}") from error
    confusion = default_confusion() if kept is None else load_confusion(path.parent / kept)
    return PlateNoise(confusion, level, seed)
