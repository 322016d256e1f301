"""How plates are laid out, as data: what may stand where, in how many rows, on which ground.

A layout is a prior, never a filter: the mathematics that uses it leaves every text possible. Forms
are written with one letter per position, see `KINDS`; a sign of `SPECIALS` stands for itself.

Mainland China follows GA 36-2018 and its amendments as far as positions go (I and O do not occur in
serial numbers). E-bikes are numbered by each city in its own way, the rest of the world by each
country: those layouts hold the commonest forms and, as a soft floor, `anything`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from core.arrays import F64
from core.errors import InvalidInput
from core.plates.alphabet import ALPHABET, DIGITS, LETTERS, PROVINCES, SPECIALS, index_of

_SERIAL_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CITY_LETTERS = _SERIAL_LETTERS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a position may hold: groups of characters, each group with its share."""

    groups: tuple[tuple[str, float], ...]

    @property
    def characters(self) -> str:
        return "".join(characters for characters, _ in self.groups)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "P": Kind(((PROVINCES, 1.0),)),
        "C": Kind(((_CITY_LETTERS, 1.0),)),  # the issuing city
        "D": Kind(((DIGITS, 1.0),)),
        "M": Kind(((DIGITS, 0.85), (_SERIAL_LETTERS, 0.15))),  # mostly digits
        "N": Kind((("DF", 0.8), ("ABCEGHJK", 0.2))),  # new energy: D, A-E electric; F, G-K not
        "L": Kind(((LETTERS, 1.0),)),
        "X": Kind(((DIGITS, 0.5), (LETTERS, 0.5))),
        "W": Kind((("W", 1.0),)),
        "J": Kind((("J", 1.0),)),
        "Z": Kind((("Z", 1.0),)),
        "S": Kind((("XS", 1.0),)),  # fire and rescue
        "粤": Kind((("粤", 1.0),)),
    }
    | {sign: Kind(((sign, 1.0),)) for sign in SPECIALS}
)


@dataclass(frozen=True, slots=True)
class Layout:
    """One sort of plate. `rows` is the number of characters per row for its first form.

    `colours` are (ground, ink) pairs; `share` is the chance that a random plate of a mixed
    gallery is of this sort; `tells_twins` whether O and 0, I and 1 can be told apart, by glyph or
    by position.
    """

    name: str
    country: str
    forms: tuple[str, ...]
    rows: tuple[int, ...]
    colours: tuple[tuple[str, str], ...]
    size_mm: tuple[int, int]
    share: float
    tells_twins: bool = True

    def allowed(self, form: str) -> tuple[str, ...]:
        """The characters that each position of `form` may hold."""
        return tuple(KINDS[kind].characters for kind in form)


_BLUE, _GREEN, _YELLOW = ("blue", "white"), ("green", "black"), ("yellow", "black")
_WHITE, _BLACK = ("white", "black"), ("black", "white")
_TWO_GREENS = ("yellow_green", "black")

LAYOUTS: tuple[Layout, ...] = (
    Layout("cn_blue", "CN", ("PCMMMMM",), (7,), (_BLUE,), (440, 140), 0.409),
    Layout("cn_green", "CN", ("PCNMDDDD",), (8,), (_GREEN,), (480, 140), 0.15),
    Layout("cn_green_large", "CN", ("PCDDDDDN",), (8,), (_TWO_GREENS,), (480, 140), 0.01),
    Layout("cn_yellow", "CN", ("PCMMMMM",), (7,), (_YELLOW,), (440, 140), 0.05),
    Layout("cn_yellow_two_rows", "CN", ("PCMMMMM",), (2, 5), (_YELLOW,), (440, 220), 0.02),
    Layout("cn_trailer", "CN", ("PCMMMM挂",), (2, 5), (_YELLOW,), (440, 220), 0.01),
    Layout("cn_learner", "CN", ("PCMMMM学",), (7,), (_YELLOW,), (440, 140), 0.01),
    Layout("cn_police", "CN", ("PCMMMM警",), (7,), (_WHITE,), (440, 140), 0.01),
    Layout("cn_emergency", "CN", ("PSDDDD应急",), (8,), (_WHITE,), (480, 140), 0.005),
    Layout("cn_military", "CN", ("LCDDDDD",), (7,), (_WHITE,), (440, 140), 0.005),
    Layout("cn_armed_police", "CN", ("WJPDDDDM", "WJDDDDM"), (8,), (_WHITE,), (440, 140), 0.003),
    Layout("cn_black", "CN", ("PCMMMMM",), (7,), (_BLACK,), (440, 140), 0.004),
    Layout("cn_border", "CN", ("粤ZMMMM港", "粤ZMMMM澳"), (7,), (_BLACK,), (440, 140), 0.005),
    Layout("cn_embassy", "CN", ("DDDDDD使", "使DDDDDD"), (7,), (_BLACK,), (440, 140), 0.002),
    Layout("cn_consulate", "CN", ("PCDDDD领",), (7,), (_BLACK,), (440, 140), 0.001),
    Layout("cn_airport", "CN", ("民航CDDDD",), (7,), (("green", "white"),), (440, 140), 0.001),
    Layout("cn_motorcycle", "CN", ("PCMMMMM", "MMMMM"), (2, 5), (_YELLOW, _BLUE), (220, 140), 0.03),
    Layout(
        "cn_ebike",
        "CN",
        ("CDDDDD", "PCDDDDD", "PCDDDDDD", "CDDDDDD", "DDDDDD", "DDDDDDD"),
        (6,),
        (("white", "green"), ("green", "white"), ("white", "black"), ("yellow", "black")),
        (200, 100),
        0.08,
    ),
    Layout(
        "eu",
        "EU",
        (
            "LLDDDLL",
            "LLLDDD",
            "LLLDDDD",
            "LLDDDD",
            "DDDDLLL",
            "DLDDDDD",
            "LLDDDDD",
            "LLLDDDDD",
            "LLLLDDD",
            "LLDDDDLL",
            "XXXXX",
            "XXXXXX",
            "XXXXXXX",
            "XXXXXXXX",
        ),
        (7,),
        (_WHITE, _YELLOW),
        (520, 110),
        0.07,
        tells_twins=False,
    ),
    Layout(
        "uk",
        "GB",
        ("LLDDLLL", "LDDDLLL", "LLLDDDL", "LLLDDDD"),
        (7,),
        (_WHITE, _YELLOW),
        (520, 111),
        0.03,
        tells_twins=False,
    ),
    Layout(
        "us",
        "US",
        (
            "LLLDDDD",
            "DLLLDDD",
            "LLLDDD",
            "DDDLLL",
            "XXXXXXX",
            "XXXXXX",
            "XXXXX",
            "XXXX",
            "XXXXXXXX",
        ),
        (7,),
        (_WHITE, ("yellow", "black"), ("blue", "white"), ("other", "black")),
        (305, 152),
        0.05,
        tells_twins=False,
    ),
    Layout(
        "br_old",
        "BR",
        ("LLLDDDD",),
        (7,),
        (("grey", "black"), ("red", "white")),
        (400, 130),
        0.02,
        tells_twins=False,
    ),
    Layout("br_mercosur", "BR", ("LLLDLDD",), (7,), (_WHITE,), (400, 130), 0.02, tells_twins=False),
    Layout(
        "br_motorcycle",
        "BR",
        ("LLLDDDD", "LLLDLDD"),
        (3, 4),
        (("grey", "black"), _WHITE),
        (200, 170),
        0.005,
        tells_twins=False,
    ),
)

UNKNOWN = "unknown"
"""The layout's name where no layout fits or nobody said."""

_BY_NAME = MappingProxyType({layout.name: layout for layout in LAYOUTS})


def layout_named(name: str) -> Layout:
    """The layout of that name; `InvalidInput` lists the names there are."""
    try:
        return _BY_NAME[name]
    except KeyError as error:
        raise InvalidInput(f"layout: want one of {', '.join(_BY_NAME)}, got {name}") from error


def fits(text: str, form: str) -> bool:
    """Whether a canonical text is one that `form` could bear."""
    return len(text) == len(form) and all(
        sign in KINDS[kind].characters for sign, kind in zip(text, form, strict=True)
    )


@lru_cache(maxsize=1)
def kind_shares() -> Mapping[str, F64]:
    """The chance of each character (len(ALPHABET),) at a position of each kind, summing to one."""
    return MappingProxyType({name: _shares(kind) for name, kind in KINDS.items()})


def _shares(kind: Kind) -> F64:
    shares = np.zeros(len(ALPHABET))
    for characters, share in kind.groups:
        shares[index_of(characters)] += share / len(characters)
    return shares
