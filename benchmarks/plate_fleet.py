"""The plates that pass a city's cameras, and what is asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.arrays import F64, I64
from core.plates.alphabet import ABSENT, COLUMNS, index_of, text_of
from core.plates.confusion import Confusion
from core.plates.layouts import LAYOUTS, Layout, kind_shares
from core.plates.patterns import ONE

LONGEST = 8
KINDS_ASKED = ("exact", "fuzzy", "fragment")
HOME = "京"
_AT_HOME = 0.85
_HOME_LETTERS = "ABCEFGHJKLMNPQ"


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """`plates` (N, 8) as columns ended by `ABSENT`, and the row of each one's layout (N,)."""

    plates: I64
    layout: I64

    @property
    def layout_names(self) -> list[str]:
        return [LAYOUTS[row].name for row in self.layout.tolist()]

    @property
    def colours(self) -> list[str]:
        return [LAYOUTS[row].colours[0][0] for row in self.layout.tolist()]


def draw_fleet(count: int, rng: np.random.Generator) -> Fleet:
    """Plates by the shares of the layouts; most are at home in one city, whose letters' shares fall
    off. Numbers are given at random, so some plates occur more than once."""
    shares = np.array([layout.share for layout in LAYOUTS])
    chosen = rng.choice(len(LAYOUTS), count, p=shares / shares.sum())
    plates = np.full((count, LONGEST), ABSENT, np.int64)
    for row, layout in enumerate(LAYOUTS):
        own = np.flatnonzero(chosen == row)
        plates[own] = _plates(layout, len(own), rng)
    return Fleet(plates, chosen)


def _plates(layout: Layout, count: int, rng: np.random.Generator) -> I64:
    shares = _home_shares()
    forms = rng.integers(0, len(layout.forms), count)
    plates = np.full((count, LONGEST), ABSENT, np.int64)
    for number, form in enumerate(layout.forms):
        own = np.flatnonzero(forms == number)
        for place, kind in enumerate(form):
            plates[own, place] = rng.choice(len(shares[kind]), len(own), p=shares[kind])
    return plates


def _home_shares() -> Mapping[str, F64]:
    shares = {kind: table.copy() for kind, table in kind_shares().items()}
    home = _columns(HOME)
    shares["P"] *= (1 - _AT_HOME) / (1 - shares["P"][home].sum())
    shares["P"][home] = _AT_HOME
    shares["C"] *= 0.1
    shares["C"][_columns(_HOME_LETTERS)] += 0.9 * _falling(len(_HOME_LETTERS))
    return {kind: table / table.sum() for kind, table in shares.items()}


def _falling(count: int) -> F64:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def _columns(text: str) -> I64:
    return index_of(text)


def plate_keys(plates: I64) -> I64:
    """One number per plate (N, 8), to tell the same from another."""
    keys = np.zeros(len(plates), np.int64)
    for place in range(plates.shape[1]):
        keys = keys * COLUMNS + plates[:, place]
    return keys


class Witness:
    """Asks for plates as people do: sure of them, nearly sure, or of a part."""

    def __init__(self, confusion: Confusion, seed: int) -> None:
        self._slips = confusion.seen_given_true
        self._rng = np.random.default_rng(seed)

    def asks(self, kind: str, plate: I64) -> str:
        """A query for a plate (8,) of that kind."""
        text = text_of(plate)
        if kind == "exact":
            return text
        return self._nearly(text, plate) if kind == "fuzzy" else self._part(text)

    def _nearly(self, text: str, plate: I64) -> str:
        """One sign unknown, taken for a look-alike, forgotten, or said twice."""
        place, slip = int(self._rng.integers(len(text))), int(self._rng.integers(4))
        if slip == 1:
            chances = self._slips[plate[place]].copy()
            chances[plate[place]] = 0
            taken = text_of([int(self._rng.choice(len(chances), p=chances / chances.sum()))])
            return text[:place] + taken + text[place + 1 :]
        middle = {0: ONE, 2: "", 3: text[place] * 2}[slip]
        return text[:place] + middle + text[place + 1 :]

    def _part(self, text: str) -> str:
        """Two to four signs in a row, the end after a `*`, the beginning before one, or both."""
        length = int(self._rng.integers(2, 5))
        first = int(self._rng.integers(0, max(1, len(text) - length)))
        way = int(self._rng.integers(4))
        if way == 0:
            return text[first : first + length]
        if way == 1:
            return f"*{text[-length:]}"
        if way == 2:
            return f"{text[:length]}*"
        return f"{text[:1]}*{text[-length:]}"
