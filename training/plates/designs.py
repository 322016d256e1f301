"""Which plates there are to learn from: a text, its layout, and the sheet that bears it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.arrays import U8
from core.plates.layouts import KINDS, layout_named
from training.plates import american, brazilian, chinese, european
from training.plates.letters import Letters
from training.plates.press import Printed, chosen

SHARES: Mapping[str, float] = {
    "cn_blue": 0.33, "cn_green": 0.09, "cn_green_large": 0.02, "cn_yellow": 0.04,
    "cn_yellow_two_rows": 0.04, "cn_trailer": 0.015, "cn_learner": 0.02, "cn_police": 0.02,
    "cn_emergency": 0.015, "cn_military": 0.015, "cn_armed_police": 0.015, "cn_black": 0.015,
    "cn_border": 0.015, "cn_embassy": 0.01, "cn_consulate": 0.01, "cn_airport": 0.005,
    "cn_motorcycle": 0.02, "cn_ebike": 0.035,
    "eu": 0.07, "uk": 0.025, "us": 0.11, "br_old": 0.04, "br_mercosur": 0.02,
    "br_motorcycle": 0.01,
}  # fmt: skip
"""How often a layout is drawn to learn from: rare ones more often than streets show them."""

_LETTER_SHARE = 0.3
"""Of "mostly digits" positions, more than the registers': letters are what is confused."""

_PRESSES: Mapping[str, Callable[[str, str, Letters, np.random.Generator], Printed]] = {
    "cn": chinese.printed, "eu": european.printed, "uk": european.printed_uk,
    "us": american.printed, "br": brazilian.printed,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A finished sheet, RGB (h, w, 3) as light falls on it, and what a reader shall say of it."""

    text: str
    layout: str
    colour: str
    rgb: U8
    holes: tuple[tuple[float, float], ...]
    """Where bolts sit, in shares of width and height."""


def sample_plate(
    letters: Letters, rng: np.random.Generator, shares: Mapping[str, float] = SHARES
) -> Plate:
    """A plate of a layout drawn by `shares`."""
    return plate_of(letters, rng, chosen(rng, shares))


def plate_of(
    letters: Letters, rng: np.random.Generator, layout: str, text: str | None = None
) -> Plate:
    """A plate of that layout; `InvalidInput` for one that is not known."""
    if text is None:
        text = "" if layout == "eu" else sample_text(layout, rng)  # countries group their own
    printed = _PRESSES[layout.split("_")[0]](text, layout, letters, rng)
    blank = printed.blank
    angle = rng.uniform(0, 2 * np.pi)
    depth = float(rng.uniform(0, 0.9)) if rng.random() < 0.85 else 0.0
    rgb = blank.finished((float(np.cos(angle)), float(np.sin(angle))), depth * printed.depth)
    width, height = blank.size_mm
    holes = tuple((x / width, y / height) for x, y in blank.holes)
    return Plate(printed.text, layout, printed.colour, rgb, holes)


def sample_text(layout: str, rng: np.random.Generator) -> str:
    """A text of one of the layout's forms, in which every character is about as frequent."""
    forms = layout_named(layout).forms
    form = forms[int(rng.integers(len(forms)))]
    return "".join(_sign(kind, rng) for kind in form)


def _sign(kind: str, rng: np.random.Generator) -> str:
    groups = KINDS[kind].groups
    row = 0
    if len(groups) > 1:
        row = int(rng.random() < (_LETTER_SHARE if kind == "M" else groups[1][1]))
    characters = groups[row][0]
    return characters[int(rng.integers(len(characters)))]
