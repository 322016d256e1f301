"""Brazil: until 2018 grey with the town above the number, since then Mercosur's blue band."""

import numpy as np

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

_FACES = {"pen_uk": 0.76, "road_d": 0.06, "sans": 0.06, "roboto_bold": 0.06, "pen_din": 0.06}
_GREY: Rgb = (196, 198, 196)
_RED: Rgb = (170, 24, 32)
_INK: Rgb = (22, 22, 24)


def printed(text: str, layout: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """The sheet of a Brazilian layout; motorcycles bear either sort in two rows."""
    if layout == "br_mercosur":
        return _mercosur(text, letters, rng)
    if layout == "br_motorcycle":
        return _motorcycle(text, letters, rng)
    return _old(text, letters, rng)


def _old(text: str, letters: Letters, rng: np.random.Generator) -> Printed:
    red = rng.random() < 0.1
    ground = jittered(rng, _RED if red else _GREY, 10)
    blank = Blank((400.0, 130.0), faded((ground, jittered(rng, ground, 6)), 0.1))
    ink = jittered(rng, (240, 240, 236) if red else _INK, 6)
    kind = Type(chosen(rng, _FACES), sample_punch(rng), ink, wide=float(rng.uniform(0.94, 1.06)))
    tall = float(rng.uniform(60, 66))
    box = (14.0, 123 - tall - float(rng.uniform(2, 8)), 372.0, tall)
    (middle,) = in_line(blank, [text[:3], text[3:]], box, letters, kind, gap=0.15, between=0.52)
    blank.disc((middle, box[1] + tall * 0.48), 6.0, ink)
    _town(blank, letters, ink, rng)
    if rng.random() < 0.8:
        blank.ring(float(rng.uniform(3, 6)), 1.5, jittered(rng, ground, 18))
    blank.holes += [(115, 13), (285, 13)]
    if rng.random() < 0.75:
        blank.holes += [(120, 122), (280, 122)]
    return Printed(blank, text, "red" if red else "grey", depth=1.2)


def _town(blank: Blank, letters: Letters, ink: Rgb, rng: np.random.Generator) -> None:
    """A strip with the town's name, and the seal of the wire left of it."""
    part = blank.size_mm[0] / 400
    if rng.random() < 0.7:
        blank.panel((70 * part, 20, 300 * part, 20), jittered(rng, _GREY, 12), 0.4)
    tall = float(rng.uniform(13, 17))
    left = (100 + float(rng.uniform(-15, 25))) * part
    blank.words(words(letters, "town", rng), (left, 22, 200 * part, tall), ink)
    if rng.random() < 0.6:
        at = (float(rng.uniform(42, 62)) * part, float(rng.uniform(24, 32)))
        blank.disc(at, float(rng.uniform(7, 12)) * part, jittered(rng, (176, 52, 56), 25))


def _mercosur(text: str, letters: Letters, rng: np.random.Generator) -> Printed:
    blank = Blank((400.0, 130.0), jittered(rng, (238, 238, 236), 6))
    ink = jittered(rng, _INK if rng.random() < 0.85 else (160, 20, 30), 6)
    faces = {"pen_fe": 0.7, "pen_din": 0.2, "bebas": 0.1}
    kind = Type(chosen(rng, faces), sample_punch(rng, raised=0.7), ink,
                wide=float(rng.uniform(0.88, 1.02)))  # fmt: skip
    _band(blank, 30.0, letters, rng)
    in_line(blank, [text], (40.0, 46.0, 350.0, float(rng.uniform(65, 70))), letters, kind, gap=0.12)
    blank.words(letters.words["code"][CODES.index("BR")], (12, 100, 24, 16), ink)
    if rng.random() < 0.6:
        for _ in range(18):
            x, y = rng.uniform(10, 30), rng.uniform(36, 56)
            blank.panel((float(x), float(y), 4, 4), (30, 30, 30))
    blank.ring(2.5, 2.0, ink)
    blank.holes += [(90, 12), (310, 12)]
    return Printed(blank, text, "white")


def _band(blank: Blank, tall: float, letters: Letters, rng: np.random.Generator) -> None:
    width = blank.size_mm[0]
    blank.panel((0, 0, width, tall), jittered(rng, (24, 60, 156), 14))
    white: Rgb = (236, 236, 236)
    blank.words(
        letters.words["brasil"][0], (width * 0.3, tall * 0.25, width * 0.4, tall * 0.5), white
    )
    blank.panel((width * 0.88, tall * 0.2, width * 0.08, tall * 0.6), (30, 140, 70))
    blank.disc((width * 0.92, tall * 0.5), tall * 0.2, (230, 200, 40))


def _motorcycle(text: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """Three letters above four: square, small, often bent."""
    mercosur = text[4:5].isalpha()
    ground = (238, 238, 236) if mercosur else _GREY
    blank = Blank((200.0, 170.0), jittered(rng, ground, 8))
    ink = jittered(rng, _INK, 6)
    kind = Type("pen_fe" if mercosur else chosen(rng, _FACES), sample_punch(rng), ink,
                wide=float(rng.uniform(0.9, 1.02)))  # fmt: skip
    tall = 53.0
    if mercosur:
        _band(blank, 28.0, letters, rng)
    else:
        _town(blank, letters, ink, rng)
    for row, part in enumerate((text[:3], text[3:])):
        top = 44.0 + row * 62
        in_line(blank, [part], (16.0, top, 168.0, tall), letters, kind, gap=0.16)
    blank.ring(3, 2.0, ink if mercosur else jittered(rng, ground, 20))
    blank.holes += [(60, 12), (140, 12)]
    return Printed(blank, text, "white" if mercosur else "grey")
