"""Reads of plates as a poor reader would make them, with the truth known."""

import numpy as np

from core.arrays import F32, F64
from core.plates.alphabet import ABSENT, COLUMNS, index_of
from core.plates.confusion import default_confusion
from core.types import PlateRead
from detectors.plate_quality import ReadQuality

SLIPS = 0.01
_SERIAL = "0123456789" * 3 + "ABCDEFGHJKLMNPQRSTUVWXYZ"


def plate_read(
    log_probs: F32, *, at_s: float = 0.0, layout: str = "cn_blue", colour: str = "blue"
) -> PlateRead:
    corners = np.array([[0, 0], [88, 0], [88, 28], [0, 28]], dtype=np.float32)
    return PlateRead(log_probs, layout, colour, int(at_s * 1e9), corners)


def _looks() -> F64:
    """A point for each sign (C, C), near to those of the signs that look like it."""
    alike = default_confusion().seen_given_true.copy()
    np.fill_diagonal(alike, 0.0)
    return np.asarray(np.eye(ABSENT) + 0.8 * alike / alike.sum(axis=1, keepdims=True))


class NoisyReader:
    """Sees each sign's look with Gaussian noise and says how likely each sign would have looked so.

    The noise falls with the width of the plate; `lasting` is the part of its variance that all
    reads of a tracklet share, as they share dirt. `boast` above 1 makes the reader surer than it
    should be. `SLIPS` of the signs are missed, and as many are doubled.
    """

    def __init__(
        self, seed: int, *, noise_px: float = 14.0, lasting: float = 0.1, boast: float = 1.5
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._noise_px, self._lasting, self._boast = noise_px, lasting, boast
        self._looks = _looks()

    def plate(self) -> str:
        """A blue plate of Beijing."""
        serial = self._rng.choice(list(_SERIAL), 5)
        return "京" + str(self._rng.choice(list("ABCDEFGH"))) + "".join(serial)

    def tracklet(self, plate: str, count: int) -> tuple[list[PlateRead], list[ReadQuality]]:
        """Reads of a vehicle that comes nearer, a fifth of a second apart."""
        widths = np.linspace(25.0, 25.0 + 5 * count, count).tolist()
        dirt = self._rng.normal(size=(len(plate), ABSENT))
        reads = [
            plate_read(self._read(plate, dirt, width), at_s=0.2 * place)
            for place, width in enumerate(widths)
        ]
        return reads, [ReadQuality(width) for width in widths]

    def _read(self, plate: str, dirt: F64, width_px: float) -> F32:
        rows = []
        for place, column in enumerate(index_of(plate).tolist()):
            luck = self._rng.random()
            for _ in range(0 if luck < SLIPS else 2 if luck > 1 - SLIPS else 1):
                own = self._rng.normal(size=ABSENT)
                noise = self._lasting**0.5 * dirt[place] + (1 - self._lasting) ** 0.5 * own
                rows.append(self._row(column, noise, self._noise_px / width_px))
        return np.array(rows, dtype=np.float32).reshape(-1, COLUMNS)

    def _row(self, true: int, noise: F64, sigma: float) -> F32:
        seen = self._looks[true] + sigma * noise
        apart = ((self._looks - seen) ** 2).sum(axis=1) / (2 * sigma**2)
        chances = np.full(COLUMNS, 1e-4)
        chances[:ABSENT] += np.exp(self._boast * (apart.min() - apart))
        return np.asarray(np.log(chances / chances.sum()), dtype=np.float32)
