"""Number plates that nobody owns: texts drawn at random, and the pictures of them.

The layouts are our own; they resemble what hangs on vehicles in mainland China (a province and a
letter before the number) and in Europe. Letters are drawn as strokes, so that no font is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast, get_args

import cv2
import numpy as np

from core.arrays import U8
from core.errors import InvalidInput

PlateStyle = Literal["blue", "green", "yellow", "latin", "motorcycle", "ebike_white", "ebike_green"]
STYLES: tuple[PlateStyle, ...] = get_args(PlateStyle)

PX_PER_MM = 0.5
PROVINCES = "京沪川云吉甘青晋宁"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "0123456789"

_OVERSAMPLING = 4

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class _Row:
    """Characters `first` to `stop` side by side; `break_after` leaves room (and a dot) there."""

    first: int
    stop: int
    top_mm: float
    height_mm: float
    left_mm: float
    right_mm: float
    break_after: int | None = None


@dataclass(frozen=True)
class _Layout:
    """`pattern` says what may stand where: P a province, L a letter, D a digit, N a new-energy
    letter, M mostly a digit; the ground runs from one colour at its top to one at its bottom."""

    size_mm: tuple[int, int]
    pattern: str
    ink: Rgb
    ground: tuple[Rgb, Rgb]
    rows: tuple[_Row, ...]
    dot: bool = False
    band: Rgb | None = None


_WHITE, _BLACK = (245, 245, 240), (18, 18, 20)
_LAYOUTS: dict[PlateStyle, _Layout] = {
    "blue": _Layout(
        (440, 140),
        "PLMMMMM",
        _WHITE,
        ((22, 66, 168), (14, 50, 146)),
        (_Row(0, 7, 25, 90, 15, 425, break_after=1),),
        dot=True,
    ),
    "green": _Layout(
        (480, 140),
        "PLNDDDDD",
        _BLACK,
        ((226, 240, 228), (52, 176, 96)),
        (_Row(0, 8, 25, 90, 15, 465, break_after=1),),
    ),
    "yellow": _Layout(
        (440, 140),
        "PLMMMMM",
        _BLACK,
        ((240, 188, 24), (230, 172, 12)),
        (_Row(0, 7, 25, 90, 15, 425, break_after=1),),
        dot=True,
    ),
    "latin": _Layout(
        (520, 110),
        "LLLLDDD",
        _BLACK,
        (_WHITE, (236, 236, 232)),
        (_Row(0, 7, 18, 74, 62, 505, break_after=1),),
        band=(20, 56, 160),
    ),
    "motorcycle": _Layout(
        (220, 140),
        "PLMMMMM",
        _BLACK,
        ((240, 188, 24), (230, 172, 12)),
        (_Row(0, 2, 14, 42, 60, 160), _Row(2, 7, 66, 60, 14, 206)),
    ),
    "ebike_white": _Layout(
        (200, 100),
        "LDDDDD",
        (16, 110, 60),
        (_WHITE, (232, 236, 230)),
        (_Row(0, 6, 24, 58, 12, 188),),
    ),
    "ebike_green": _Layout(
        (200, 100),
        "LDDDDD",
        _WHITE,
        ((24, 140, 80), (16, 120, 66)),
        (_Row(0, 6, 24, 58, 12, 188),),
    ),
}

# Strokes as corners "xy" on a grid 6 wide and 9 high (provinces: 8 wide), origin at the top left.
_STROKES: dict[str, str] = {
    "0": "20 40 62 67 49 29 07 02 20",
    "1": "12 30 39",
    "2": "02 20 40 62 63 09 69",
    "3": "02 20 40 62 63 44 24|44 65 67 49 29 07",
    "4": "40 06 66|43 49",
    "5": "60 00 04 44 65 67 49 29 07",
    "6": "61 40 20 02 07 29 49 67 65 44 24 05",
    "7": "00 60 29",
    "8": "24 03 02 20 40 62 63 44 24 05 07 29 49 67 65 44",
    "9": "08 29 49 67 62 40 20 02 04 25 45 64",
    "A": "09 30 69|16 56",
    "B": "04 44 63 61 40 00 09 49 68 65 44",
    "C": "62 40 20 02 07 29 49 67",
    "D": "00 09 49 67 62 40 00",
    "E": "60 00 09 69|04 54",
    "F": "60 00 09|04 54",
    "G": "62 40 20 02 07 29 49 67 65 35",
    "H": "00 09|60 69|04 64",
    "J": "60 67 49 29 07",
    "K": "00 09|60 05|23 69",
    "L": "00 09 69",
    "M": "09 00 35 60 69",
    "N": "09 00 69 60",
    "P": "09 00 40 61 64 45 05",
    "Q": "20 40 62 67 49 29 07 02 20|46 69",
    "R": "09 00 40 61 64 45 05|35 69",
    "S": "62 40 20 02 03 24 44 65 67 49 29 07",
    "T": "00 60|30 39",
    "U": "00 07 29 49 67 60",
    "V": "00 39 60",
    "W": "00 19 33 59 60",
    "X": "00 69|60 09",
    "Y": "00 34 60|34 39",
    "Z": "00 60 09 69",
    "京": "40 41|02 82|23 63 65 25 23|45 49 38|26 08|66 88",
    "沪": "00 11|03 14|09 26|50 61|32 82 85 35|32 36 29",
    "川": "10 15 09|41 48|70 79",
    "云": "11 71|04 84|34 18 67|56 89",
    "吉": "01 81|40 44|14 74|26 66 69 29 26",
    "甘": "03 83|20 29 69 60|26 66",
    "青": "01 81|12 72|03 83|40 43|29 25 65 69|27 67",
    "晋": "00 80|30 33|50 53|11 22|71 62|03 83|25 65 69 29 25|27 67",
    "宁": "40 41|03 01 81 83|14 74|44 49 38",
}


def sample_plate(rng: np.random.Generator, style: PlateStyle) -> str:
    """A text that fits the style, without dots or spaces: `京A12345`."""
    return "".join(_drawn(rng, kind) for kind in _layout(style).pattern)


def plate_size_m(style: PlateStyle) -> tuple[float, float]:
    """Width and height of the sheet."""
    width_mm, height_mm = _layout(style).size_mm
    return width_mm / 1000, height_mm / 1000


@lru_cache(maxsize=1024)
def plate_picture(text: str, style: PlateStyle) -> U8:
    """RGB (h, w, 3) of the whole sheet at `PX_PER_MM`; the array is shared and read-only.

    Raises `InvalidInput` when the text does not fit the style.
    """
    layout = _layout(style)
    if len(text) != len(layout.pattern) or any(one not in _STROKES for one in text):
        raise InvalidInput(f"plate: want {len(layout.pattern)} characters like {style}, got {text}")
    sheet = _sheet(layout)
    for row in layout.rows:
        _write(sheet, text[row.first : row.stop], row, layout)
    width, height = (round(side * PX_PER_MM) for side in layout.size_mm)
    picture = cast(U8, cv2.resize(sheet, (width, height), interpolation=cv2.INTER_AREA))
    picture.flags.writeable = False
    return picture


def _layout(style: PlateStyle) -> _Layout:
    if style not in _LAYOUTS:
        raise InvalidInput(f"plate style: want one of {', '.join(STYLES)}, got {style}")
    return _LAYOUTS[style]


def _drawn(rng: np.random.Generator, kind: str) -> str:
    letter_chance = {"P": 1.0, "L": 1.0, "N": 1.0, "D": 0.0, "M": 0.2}[kind]
    letters = {"P": PROVINCES, "N": "DF"}.get(kind, LETTERS)
    choices = letters if rng.random() < letter_chance else DIGITS
    return choices[int(rng.integers(len(choices)))]


def _scale() -> float:
    return PX_PER_MM * _OVERSAMPLING


def _sheet(layout: _Layout) -> U8:
    """The empty sheet, oversampled: ground, frame line, band."""
    width, height = (round(side * _scale()) for side in layout.size_mm)
    top, bottom = (np.array(one, np.float64) for one in layout.ground)
    # The colour stays for the upper two fifths, then runs to the lower one, as sheets are printed.
    mix = np.clip(np.linspace(-0.6, 1.0, height), 0, 1)[:, None, None]
    sheet = np.broadcast_to(top * (1 - mix) + bottom * mix, (height, width, 3)).astype(np.uint8)
    sheet = np.ascontiguousarray(sheet)
    inset = round(5 * _scale())
    frame = (width - 2 * inset, height - 2 * inset)
    cv2.rectangle(sheet, (inset, inset, *frame), layout.ink, round(3 * _scale()), cv2.LINE_AA)
    if layout.band is not None:
        cv2.rectangle(sheet, (0, 0, round(46 * _scale()), height), layout.band, -1)
    return sheet


def _write(sheet: U8, text: str, row: _Row, layout: _Layout) -> None:
    gap_mm = 24.0 if row.break_after is not None else 0.0
    pitch_mm = (row.right_mm - row.left_mm - gap_mm) / len(text)
    for position, letter in enumerate(text):
        late = row.break_after is not None and position > row.break_after
        left_mm = row.left_mm + position * pitch_mm + (gap_mm if late else 0.0)
        _draw(sheet, letter, (left_mm, row.top_mm, pitch_mm, row.height_mm), layout.ink)
    if layout.dot and row.break_after is not None:
        at_mm = row.left_mm + (row.break_after + 1) * pitch_mm + gap_mm / 2
        middle = (round(at_mm * _scale()), round((row.top_mm + row.height_mm / 2) * _scale()))
        cv2.circle(sheet, middle, round(6 * _scale()), layout.ink, -1, cv2.LINE_AA)


def _draw(sheet: U8, letter: str, cell_mm: tuple[float, float, float, float], ink: Rgb) -> None:
    """One letter in its cell (left, top, width, height), a pen's width away from its borders."""
    left, top, width, height = cell_mm
    pen = 0.115 * height
    grid_wide = 8 if letter in PROVINCES else 6
    margin = pen / 2 + 0.07 * width
    scale = np.array([(width - 2 * margin) / grid_wide, (height - pen) / 9]) * _scale()
    origin = np.array([left + margin, top + pen / 2]) * _scale()
    thin = 0.72 if letter in PROVINCES else 1.0
    for stroke in _corners(letter):
        corners = np.round(np.array(stroke) * scale + origin).astype(np.int32)
        thickness = max(1, round(pen * thin * _scale()))
        cv2.polylines(sheet, [corners], False, ink, thickness, cv2.LINE_AA)


@lru_cache(maxsize=64)
def _corners(letter: str) -> Sequence[Sequence[tuple[int, int]]]:
    strokes = _STROKES[letter].split("|")
    return [[(int(xy[0]), int(xy[1])) for xy in stroke.split()] for stroke in strokes]
