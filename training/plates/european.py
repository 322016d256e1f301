"""Europe: 520 by 110 mm, a blue band, each country's grouping, seals and type; and the British."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.arrays import U8
from core.plates.alphabet import DIGITS, LETTERS
from training.plates.blank import Blank, Rgb
from training.plates.letters import Letters
from training.plates.press import (
    Printed,
    Type,
    chosen,
    faded,
    in_line,
    jittered,
    sample_punch,
    words,
)
from training.plates.wording import CODES

_FAIR = "ABCDEFGHJKLMNPRSTUVXYZ"

_DIN = {"pen_din": 0.4, "din": 0.12, "road_c": 0.16, "road_d": 0.16, "roboto": 0.16}
_FE = {"pen_fe": 0.8, "pen_din": 0.1, "roboto_bold": 0.1}
_OWN = {"road_d": 0.25, "pen_din": 0.3, "narrow": 0.2, "roboto": 0.15, "pen_uk": 0.1}
_BAND: Rgb = (18, 62, 158)
_WHITE: Rgb = (238, 238, 232)
_INK: Rgb = (20, 20, 22)


@dataclass(frozen=True, slots=True)
class Country:
    """`forms` with a blank where a group ends (L letter, D digit); `breaks` what fills the gap."""

    code: str
    share: float
    forms: tuple[str, ...]
    faces: Mapping[str, float]
    breaks: tuple[str, ...] = ("",)
    ink: Rgb = _INK
    right_band: bool = False
    yellow: float = 0.03
    fair: bool = False


COUNTRIES: tuple[Country, ...] = (
    Country("D", 0.15, ("L LL DDDD", "LL LL DDD", "LLL LL DDD", "LL L DDDD", "LLL L DD"),
            _FE, ("seals", "")),
    Country("SK", 0.18, ("LL DDDLL",), _DIN, ("shield", "dash", "dash_seal", "seals")),
    Country("CZ", 0.10, ("DLD DDDD", "LLL DD DD", "LL DD DD"), _DIN, ("seals", "dash"), yellow=0.1),
    Country("F", 0.09, ("LL DDD LL",), _OWN, ("dash",), right_band=True, fair=True),
    Country("I", 0.08, ("LL DDDLL",), _OWN, ("", "seal"), right_band=True, fair=True),
    Country("E", 0.06, ("DDDD LLL",), _OWN, ("",), fair=True),
    Country("PL", 0.07, ("LL DDDDD", "LLL DDDD", "LLL DLDD"), _OWN, ("seal",)),
    Country("NL", 0.06, ("LL DDD L", "DD LL LL", "DD LLL D", "L DDD LL"), _OWN, ("dash",),
            yellow=0.92),
    Country("A", 0.04, ("LL DDDLL", "L DDDDDL", "LL DDDL"), _DIN, ("shield",)),
    Country("N", 0.04, ("LL DDDDD",), _DIN, ("",)),
    Country("H", 0.03, ("LLL DDD",), _DIN, ("dash",)),
    Country("S", 0.03, ("LLL DDD", "LLL DDL"), _OWN, ("seal", "")),
    Country("B", 0.03, ("D LLL DDD", "LLL DDD"), _OWN, ("dash",), ink=(150, 24, 34)),
    Country("RO", 0.02, ("LL DD LLL", "L DDD LLL"), _DIN, ("",)),
    Country("P", 0.02, ("DD LL DD", "LL DD LL"), _OWN, ("dash",)),
)  # fmt: skip

_BY_CODE = {one.code: one for one in COUNTRIES}
_SHARES = {one.code: one.share for one in COUNTRIES}

_OTHER = 0.1
"""How often the number is that of a country not listed: any letters and digits."""


def printed(text: str, layout: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """A plate of one of `COUNTRIES`, or for an empty text one with a text of the country's own.

    A text that is given stands in two groups that are no country's.
    """
    country = _BY_CODE[chosen(rng, _SHARES)]
    groups = _groups(text, country, rng)
    yellow = rng.random() < country.yellow
    ground = jittered(rng, (236, 180, 30) if yellow else _WHITE, 7)
    blank = Blank((520.0, 110.0), _patterned(ground, rng))
    kind = Type(chosen(rng, country.faces), sample_punch(rng), jittered(rng, country.ink, 5),
                wide=float(rng.uniform(0.88, 1.06)))  # fmt: skip
    left = _band(blank, country, letters, rng)
    _number(blank, groups, left, country, (letters, kind, rng))
    if rng.random() < 0.75:
        blank.ring(float(rng.uniform(1.5, 4)), 2.5, kind.ink)
    _drill(blank, rng)
    return Printed(blank, "".join(groups), "yellow" if yellow else "white")


def _groups(text: str, country: Country, rng: np.random.Generator) -> list[str]:
    if not text and rng.random() < _OTHER:
        text = _drawn("X" * int(rng.integers(5, 9)), country, rng)
    if text:
        cut = int(rng.integers(1, max(2, len(text))))
        return [one for one in (text[:cut], text[cut:]) if one]
    form = country.forms[int(rng.integers(len(country.forms)))]
    return _drawn(form, country, rng).split()


def _drawn(form: str, country: Country, rng: np.random.Generator) -> str:
    pool = _FAIR if country.fair else LETTERS
    signs = {"L": pool, "D": DIGITS, "X": DIGITS + LETTERS, " ": " "}
    return "".join(signs[kind][int(rng.integers(len(signs[kind])))] for kind in form)


def _patterned(ground: Rgb, rng: np.random.Generator) -> Rgb | U8:
    if rng.random() < 0.7:
        return ground
    return faded((ground, jittered(rng, ground, 12)), 0.2)


def _band(blank: Blank, country: Country, letters: Letters, rng: np.random.Generator) -> float:
    """The blue band or, on older plates, none; where the number may begin."""
    wide = float(rng.uniform(40, 50))
    if rng.random() < 0.13:
        if rng.random() < 0.5:
            _shield(blank, (26.0, 34.0), rng)
        return wide if rng.random() < 0.5 else 14.0
    blue = jittered(rng, _BAND, 14)
    code = letters.words["code"][CODES.index(country.code)]
    bands = [0.0] + ([520 - wide] if country.right_band else [])
    for at in bands:
        blank.panel((at, 0, wide, 110), blue)
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False).tolist():
        star = (wide / 2 + 13 * float(np.cos(angle)), 34 + 13 * float(np.sin(angle)))
        blank.disc(star, 2.2, (236, 210, 60))
    blank.words(code, (4, 70, wide - 8, 26), (236, 236, 236))
    return wide


def _number(
    blank: Blank, groups: list[str], left: float, country: Country,
    tools: tuple[Letters, Type, np.random.Generator],
) -> None:  # fmt: skip
    letters, kind, rng = tools
    right = 520 - left if country.right_band else 514.0
    tall = float(rng.uniform(70, 78))
    filling = country.breaks[int(rng.integers(len(country.breaks)))]
    between = (
        float(rng.uniform(0.3, 0.5)) if filling in ("", "dash") else float(rng.uniform(0.55, 0.75))
    )
    box = (left + 8, (110 - tall) / 2 + float(rng.normal(0, 1)), right - left - 16, tall)
    gap = float(rng.uniform(0.08, 0.2))
    middles = in_line(blank, groups, box, letters, kind, gap=gap, between=between)
    seals = middles[:1] if country.code in ("D", "SK", "CZ", "A", "PL") else middles
    for at in seals:
        _fill(blank, at, filling, kind.ink, rng)
    if "dash" in filling:
        for at in middles:
            blank.panel((at - 11, 52, 22, 9), kind.ink)


def _fill(blank: Blank, at: float, filling: str, ink: Rgb, rng: np.random.Generator) -> None:
    if filling == "shield":
        _shield(blank, (at, 52.0), rng)
    elif filling == "dash_seal":
        blank.disc((at, 30.0), 10.0, jittered(rng, (206, 80, 40), 25))
    elif filling in ("seals", "seal"):
        for y in (33.0, 76.0) if filling == "seals" else (55.0,):
            blank.disc((at, y), 15.0, jittered(rng, (80, 140, 110), 60))
            blank.disc((at, y), 8.0, jittered(rng, (190, 190, 180), 40))


def _shield(blank: Blank, at: tuple[float, float], rng: np.random.Generator) -> None:
    x, y = at
    outline = [(x - 15, y - 20), (x + 15, y - 20), (x + 15, y + 4), (x, y + 22), (x - 15, y + 4)]
    blank.shape(outline, jittered(rng, (190, 50, 50), 20))
    blank.shape([(x - 11, y + 6), (x + 11, y + 6), (x, y + 19)], (40, 60, 150))
    blank.panel((x - 2, y - 16, 4, 24), (235, 235, 235))
    blank.panel((x - 8, y - 10, 16, 4), (235, 235, 235))


def _drill(blank: Blank, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        return
    inset = float(rng.uniform(0.1, 0.3))
    blank.holes += [(inset * 520, 55), ((1 - inset) * 520, 55)]


def printed_uk(text: str, layout: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """British: white in front, yellow behind, the maker's name along the lower edge."""
    yellow = rng.random() < 0.45
    ground = jittered(rng, (240, 190, 20) if yellow else _WHITE, 8)
    blank = Blank((520.0, 111.0), _patterned(ground, rng))
    faces = {"pen_uk": 0.8, "roboto_bold": 0.1, "bebas": 0.1}
    punch = sample_punch(rng, raised=0.2)
    kind = Type(
        chosen(rng, faces), punch, jittered(rng, _INK, 5), wide=float(rng.uniform(0.92, 1.02))
    )
    left = 10.0
    if rng.random() < 0.4:
        left = 50.0
        green = rng.random() < 0.2
        blank.panel((0, 0, 46, 111), jittered(rng, (40, 160, 80) if green else _BAND, 14))
        blank.words(letters.words["code"][CODES.index("UK")], (5, 70, 36, 24), (236, 236, 236))
    cut = 4 if text[2:4].isdigit() and len(text) == 7 else (1 if text[1].isdigit() else 3)
    cut = 3 if cut == 1 else cut
    groups = [text[:cut], text[cut:]]
    top = float(rng.uniform(13, 17))
    in_line(blank, groups, (left, top, 512 - left, 79.0), letters, kind, gap=0.12, between=0.42)
    if rng.random() < 0.6:
        strip = words(letters, "dealer", rng)
        blank.words(strip, (190, 99, 140, 9), jittered(rng, (60, 60, 60), 20))
    _drill(blank, rng)
    return Printed(blank, text, "yellow" if yellow else "white")
