"""Mainland China, after GA 36-2018: cells of 45 by 90 mm, the province before the dot.

Yellow plates of large vehicles have two rows, e-bikes what each city prints.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from core.arrays import U8
from core.plates.layouts import layout_named
from training.plates.blank import Blank, Box, Rgb
from training.plates.letters import Letters
from training.plates.press import Printed, Type, chosen, faded, in_cells, jittered, sample_punch
from training.plates.reshaping import sample_hand

GROUNDS: Mapping[str, tuple[Rgb, ...]] = {
    "blue": ((16, 62, 178),), "yellow": ((242, 180, 18),), "white": ((238, 238, 234),),
    "black": ((20, 20, 24),), "green": ((222, 240, 226), (60, 190, 112)),
    "yellow_green": ((96, 200, 120),), "dark_green": ((18, 128, 78),),
}  # fmt: skip
INKS: Mapping[str, Rgb] = {
    "white": (244, 244, 240), "black": (20, 20, 22), "red": (204, 26, 30), "green": (14, 104, 60),
}  # fmt: skip
_LATIN = {
    "pen_cn": 0.62, "pen_cn_round": 0.12, "road_c": 0.06, "road_d": 0.05, "din": 0.03,
    "narrow": 0.04, "roboto": 0.04, "dosis": 0.02, "sans": 0.02,
}  # fmt: skip
_HAN = {"noto": 0.32, "noto_bold": 0.24, "zenhei": 0.24, "microhei": 0.2}
_BY_HAND = 0.8
"""How often provinces are drawn otherwise than the font has them."""
_RED_AT = {
    "cn_police": (6,),
    "cn_military": (0, 1),
    "cn_armed_police": (0, 1),
    "cn_emergency": (6, 7),
}


def printed(text: str, layout: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """The sheet of a mainland layout."""
    ground, ink = _colours(layout, rng)
    blank = Blank(layout_named(layout).size_mm, _ground(layout, ground, rng))
    punch = sample_punch(rng, raised=0.4 if layout in ("cn_ebike", "cn_green") else 1.0)
    inks = {row: jittered(rng, INKS["red"], 8) for row in _RED_AT.get(layout, ())}
    faces = chosen(rng, _LATIN), chosen(rng, _HAN)
    hand = sample_hand(rng) if rng.random() < _BY_HAND else None
    kind = Type(faces[0], punch, jittered(rng, INKS[ink], 5), faces[1], inks=inks, hand=hand)
    _SETTERS.get(layout, _one_row)(blank, text, letters, kind, rng)
    if layout != "cn_ebike" or rng.random() < 0.4:
        edge = float(rng.uniform(2.0, 3.6)) * blank.size_mm[0] / 440
        blank.ring(edge, edge * 0.8, kind.ink, raised=True)
    _drill(blank)
    return Printed(blank, text, ground)


def _colours(layout: str, rng: np.random.Generator) -> tuple[str, str]:
    pairs = layout_named(layout).colours
    return pairs[int(rng.integers(len(pairs)))]


def _ground(layout: str, colour: str, rng: np.random.Generator) -> Rgb | U8:
    if colour == "green" and layout not in ("cn_green", "cn_green_large"):
        return jittered(rng, GROUNDS["dark_green"][0], 10)
    stops = tuple(jittered(rng, one, 10) for one in GROUNDS[colour])
    return faded(stops, float(rng.uniform(0.0, 0.35))) if len(stops) > 1 else stops[0]


def _drill(blank: Blank) -> None:
    width, height = blank.size_mm
    for x in (0.25, 0.75):
        blank.holes += [(x * width, 0.09 * height), (x * width, 0.91 * height)]


def _one_row(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    """A wider gap with a dot after the second character."""
    width, height = blank.size_mm
    eight = len(text) >= 8
    cell, gap, wide = (43.0, 9.0, 49.0) if eight else (45.0, 12.0, 34.0)
    total = cell * len(text) + gap * (len(text) - 2) + wide
    shrink = min(1.0, (width - 18) / total)
    at = (width - total * shrink) / 2
    cells: list[tuple[str, Box]] = []
    for row, sign in enumerate(text):
        cells.append((sign, (at, (height - 90) / 2, cell * shrink, 90.0)))
        at += (cell + (wide if row == 1 else gap)) * shrink
    in_cells(blank, cells, letters, kind)
    middle = cells[2][1][0] - wide * shrink / 2
    if not eight:
        blank.disc((middle, height / 2), 5.0, kind.ink)
    elif rng.random() < 0.7:
        blank.disc((middle, height * 0.3), 7.0, jittered(rng, (150, 160, 60), 40))


def _green_large(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    blank.panel((0, 0, 128, blank.size_mm[1]), jittered(rng, GROUNDS["yellow"][0], 10))
    _one_row(blank, text, letters, kind, rng)


def _two_rows(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    """Two characters above, five below; in the proportions of the large sheet."""
    width, height = blank.size_mm
    scale_x, scale_y = width / 440, height / 220
    upper = [(text[0], (110.0, 15.0, 80.0, 60.0)), (text[1], (250.0, 15.0, 80.0, 60.0))]
    lower = [(sign, (27.5 + 80.0 * row, 90.0, 65.0, 110.0)) for row, sign in enumerate(text[2:])]
    cells = [
        (sign, (x * scale_x, y * scale_y, w * scale_x, h * scale_y))
        for sign, (x, y, w, h) in upper + lower
    ]
    in_cells(blank, cells, letters, kind)
    blank.disc((width / 2, 45 * scale_y), 6 * scale_x, kind.ink)


def _motorcycle(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    """The rear plate has two rows, the front one only the number."""
    if len(text) > 5:
        _two_rows(blank, text, letters, kind, rng)
        return
    blank_cells: list[tuple[str, Box]] = [
        (sign, (14.0 + 39.5 * row, 38.0, 33.0, 66.0)) for row, sign in enumerate(text)
    ]
    in_cells(blank, blank_cells, letters, kind)


def _ebike(blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator) -> None:
    """One row, or the first one or two characters above the number; a town's words on top."""
    width, height = blank.size_mm
    ahead = 2 if len(text) >= 7 and not text[0].isdigit() else 0
    if ahead and rng.random() < 0.75:
        tops = [(s, (62.0 + 46 * row, 10.0, 30.0, 27.0)) for row, s in enumerate(text[:ahead])]
        pitch = (width - 20) / len(text[ahead:])
        rest = [
            (s, (10 + pitch * (row + 0.08), 44.0, pitch * 0.84, 46.0))
            for row, s in enumerate(text[ahead:])
        ]
        in_cells(blank, [*tops, *rest], letters, kind)
        return
    top = float(rng.uniform(0.24, 0.42)) * height
    pitch = (width - 16) / len(text)
    tall = min(height - top - 8, pitch * 2.1)
    cells = [(s, (8 + pitch * (row + 0.1), top, pitch * 0.8, tall)) for row, s in enumerate(text)]
    in_cells(blank, cells, letters, replace(kind, inks={}))
    if top > 22:
        strips = letters.words["han_sign"]
        strip = strips[int(rng.integers(len(strips)))]
        blank.words(strip, (0.2 * width, 6, 0.6 * width, top - 12), kind.ink)


def _armed_police(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    """WJ, a small province in the middle, then the number."""
    pitch = (blank.size_mm[0] - 30) / len(text)
    cells: list[tuple[str, Box]] = []
    for row, sign in enumerate(text):
        small = row == 2 and not sign.isdigit()
        top, tall = (45.0, 50.0) if small else (25.0, 90.0)
        cells.append((sign, (15 + pitch * (row + 0.1), top, pitch * 0.8, tall)))
    in_cells(blank, cells, letters, kind)


_SETTERS: Mapping[str, Callable[[Blank, str, Letters, Type, np.random.Generator], None]] = {
    "cn_green_large": _green_large, "cn_yellow_two_rows": _two_rows, "cn_trailer": _two_rows,
    "cn_motorcycle": _motorcycle, "cn_ebike": _ebike,
    "cn_armed_police": _armed_police,
}  # fmt: skip
