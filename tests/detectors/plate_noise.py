"""Reads of plates as a poor reader would make them, with the truth known."""

import numpy as np

from core.arrays import F32
from core.plates.alphabet import ABSENT, ALPHABET, COLUMNS, index_of
from core.plates.confusion import Confusion, default_confusion
from core.types import PlateRead
from detectors.plate_quality import ReadQuality


def plate_read(
    log_probs: F32, *, at_s: float = 0.0, layout: str = "cn_blue", colour: str = "blue"
) -> PlateRead:
    corners = np.array([[0, 0], [88, 0], [88, 28], [0, 28]], dtype=np.float32)
    return PlateRead(log_probs, layout, colour, int(at_s * 1e9), corners)


class NoisyReader:
    """Reads a plate as `Confusion` says that readers slip: each sign with the chance `slips_px`
    over the plate's width."""

    def __init__(
        self, seed: int, *, slips_px: float = 6.0, confusion: Confusion | None = None
    ) -> None:
        self._slips_px = slips_px
        self._rng = np.random.default_rng(seed)
        self._confusion = confusion or default_confusion()

    def plate(self) -> str:
        """A blue plate of Beijing."""
        serial = self._rng.choice(list("0123456789" * 3 + "ABCDEFGHJKLMNPQRSTUVWXYZ"), 5)
        return "京" + str(self._rng.choice(list("ABCDEFGH"))) + "".join(serial)

    def tracklet(self, plate: str, count: int) -> tuple[list[PlateRead], list[ReadQuality]]:
        """Reads of a vehicle that comes nearer, a fifth of a second apart."""
        widths = np.linspace(25, 25 + 5 * count, count)
        qualities = [ReadQuality(float(width)) for width in widths]
        reads = [
            plate_read(self.read(plate, slips=self._slips_px / float(width)), at_s=0.2 * place)
            for place, width in enumerate(widths)
        ]
        return reads, qualities

    def read(self, plate: str, *, slips: float) -> F32:
        """One reading (P, A): each sign is blurred by its look-alikes with the chance `slips`, and
        missed or doubled with a tenth of that."""
        rows = []
        for column in index_of(plate):
            luck = self._rng.random(3)
            if luck[0] < slips / 10:
                continue
            rows.append(self._row(int(column), slips))
            if luck[1] < slips / 10:
                rows.append(self._row(int(column), slips))
        return np.array(rows, dtype=np.float32).reshape(-1, COLUMNS)

    def _row(self, true: int, slips: float) -> F32:
        alike = self._confusion.seen_given_true[true].copy()
        alike[true] = 0.0
        alike /= alike.sum()
        seen = true
        if self._rng.random() < slips:
            seen = int(self._rng.choice(len(ALPHABET), p=alike))
        sure = self._rng.uniform(0.4, 0.95)
        chances = np.full(COLUMNS, 1e-4)
        chances[:ABSENT] += 0.6 * (1 - sure) * alike + 0.4 * (1 - sure) / ABSENT
        chances[seen] += sure
        return np.log(chances / chances.sum()).astype(np.float32)
