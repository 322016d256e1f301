"""Keeps the best pictures of a tracklet part, apart in time, at the cost of few JPEGs.

A picture can only be cut while its frame is there, and cutting costs half a millisecond. So each
look is first judged by its box alone, and is cut only if it would clearly better the kept set.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.arrays import F32
from core.clocks import NS
from core.geometry import clipped
from core.protocols import Surface
from core.types import CutShot

MOST_SHOTS = 4
_CLEARLY = 0.7  # of an average kept one is what a new picture must add: 8 JPEGs in 10 s, not 18
_TELLING = 0.4  # a picture worth less than this share of the best one would mislead more than help
_LEAST_SPACING_NS = NS // 2  # nearer in time than this, two pictures show nearly the same

Rated = tuple[int, float]
"""A picture's device time and its quality."""


class ShotPicker:
    """The kept shots of one part that began at `began_ns`: by time, `MOST_SHOTS` at most.

    A set is worth the sum of its qualities, each cut down where it stands closer to the one before
    than an even spread over the part so far would put it.
    """

    def __init__(self, began_ns: int) -> None:
        self._began_ns = began_ns
        self._kept: list[CutShot] = []

    @property
    def best(self) -> tuple[CutShot, ...]:
        """The kept shots without those far worse than the best, by time; one at least if any."""
        enough = _TELLING * max((shot.quality for shot in self._kept), default=0.0)
        return tuple(shot for shot in self._kept if shot.quality >= enough)

    def wants(self, device_ns: int, quality: float) -> bool:
        """Whether a later picture of that quality would clearly better the set."""
        return self._best_set(device_ns, quality) is not None

    def take(self, shot: CutShot) -> None:
        """Keep `shot`, the latest, in place of the one least missed if there is no room."""
        best = self._best_set(shot.device_ns, shot.quality)
        if best is not None:
            self._kept = [self._kept[i] for i in best if i < len(self._kept)] + [shot]

    def _best_set(self, device_ns: int, quality: float) -> list[int] | None:
        """Indices into the kept and the new one behind them, or None to leave it out."""
        rated = [(shot.device_ns, shot.quality) for shot in self._kept] + [(device_ns, quality)]
        new = len(rated) - 1
        if not new:
            return [0]
        spacing_ns = max(_LEAST_SPACING_NS, (device_ns - self._began_ns) // MOST_SHOTS)
        sets = [[*range(new)[:i], *range(new)[i + 1 :], new] for i in range(new)]
        if new < MOST_SHOTS:
            sets.append([*range(new + 1)])
        worths = [_worth([rated[i] for i in one], spacing_ns) for one in sets]
        best = int(np.argmax(worths))
        needed = _worth(rated[:-1], spacing_ns) * (1 + _CLEARLY / new)
        return sets[best] if worths[best] > needed else None


def cut_shot(
    surface: Surface, xyxy: F32, device_ns: int, *, quality: float, shot_id: int
) -> CutShot:
    """The JPEG of one box (4,), clipped to the picture."""
    box = clipped(xyxy[None], surface.size)[0]
    x1, y1, x2, y2 = (float(side) for side in box)
    return CutShot(shot_id, device_ns, (x1, y1, x2, y2), quality, surface.jpeg(box))


def _worth(rated: Sequence[Rated], spacing_ns: int) -> float:
    total = rated[0][1]
    for (before_ns, _), (at_ns, quality) in pairwise(rated):
        total += quality * min(1.0, (at_ns - before_ns) / spacing_ns)
    return total
