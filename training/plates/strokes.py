"""Letters drawn as a pen would, for plates whose own type is not among the open ones.

A skeleton lives in a box of 100 by 100, its outer edge half a pen inside the letter's. Moves:
`M x y` starts, `L x y` goes straight, `Q cx cy x y` bends towards a point, `h x y` leaves level and
arrives upright on a quarter of an ellipse, `v x y` the other way round. Free ends on the border run
out of the box and are cut flat by it, as punches are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from core.arrays import F32, U8

_SEGMENTS = 14

_PATHS: Mapping[str, tuple[str, ...]] = {
    "0": ("M 50 0 h 100 R L 100 100-R v 50 100 h 0 100-R L 0 R v 50 0",),
    "1": (
        "M 50 -9 L 50 109",
        "M 0 20 L 92 0 M 92 -9 L 92 109",
        "M 8 16 L 50 0 L 50 100 M 0 100 L 100 100",
    ),
    "2": (
        "M 0 R v 50 0 h 100 R L 100 28 Q 100 42 86 54 L 0 100 L 100 100",
        "M 0 R v 50 0 h 100 R Q 100 48 58 62 Q 0 78 0 100 L 100 100",
    ),
    "3": (
        "M 0 0 L 100 0 L 46 39 Q 100 39 100 66 L 100 100-R v 50 100 h 0 100-R",
        "M 0 R v 50 0 h 97 19 L 97 28 v 50 47 L 36 47 M 50 47 h 100 67 L 100 80"
        " v 50 100 h 0 100-R",
    ),
    "4": (
        "M 60 0 L 0 74 L 100 74 M 74 46 L 74 100",
        "M 76 100 L 76 0 L 0 70 L 100 70",
    ),
    "5": ("M 96 0 L 8 0 L 3 46 Q 18 36 46 36 h 100 60 L 100 100-R v 50 100 h 0 100-R",),
    "6": (
        "M 78 0 Q 0 38 0 68 L 0 100-R v 50 100 h 100 100-R L 100 62 v 50 42 Q 6 42 0 70",
        "M 98 R v 50 0 h 0 R L 0 100-R v 50 100 h 100 100-R L 100 64 v 50 44 h 0 64",
    ),
    "7": ("M 0 0 L 100 0 L 36 100", "M 0 0 L 100 0 Q 44 48 40 100"),
    "8": (
        "M 50 0 h 95 19 L 95 28 v 50 47 h 5 28 L 5 19 v 50 0 M 50 47 h 100 67 L 100 80 v 50 100"
        " h 0 80 L 0 67 v 50 47",
    ),
    "A": (
        "M 0 100 L 50 0 L 100 100 M 15 70 L 85 70",
        "M 0 100 L 38 0 L 62 0 L 100 100 M 12 68 L 88 68",
    ),
    "B": (
        "M 50 47 L 0 47 L 0 0 L 50 0 h 94 19 L 94 28 v 50 47 h 100 67 L 100 80 v 50 100 L 0 100"
        " L 0 47",
    ),
    "C": ("M 100 R v 50 0 h 0 R L 0 100-R v 50 100 h 100 100-R",),
    "D": ("M 0 0 L 46 0 h 100 R L 100 100-R v 46 100 L 0 100 L 0 0",),
    "E": ("M 100 0 L 0 0 L 0 100 L 100 100 M 0 48 L 84 48",),
    "F": ("M 100 0 L 0 0 L 0 109 M 0 48 L 84 48",),
    "G": ("M 100 R v 50 0 h 0 R L 0 100-R v 50 100 h 100 100-R L 100 54 L 54 54",),
    "H": ("M 0 0 L 0 100 M 100 0 L 100 100 M 0 48 L 100 48",),
    "I": ("M 50 -9 L 50 109", "M 50 0 L 50 100 M 0 0 L 100 0 M 0 100 L 100 100"),
    "J": (
        "M 100 0 L 100 100-R v 50 100 h 0 100-R",
        "M 34 0 L 100 0 L 100 100-R v 50 100 h 0 100-R L 0 74",
    ),
    "K": ("M 0 0 L 0 100 M 100 0 L 0 62 M 32 42 L 100 100",),
    "L": ("M 0 0 L 0 100 L 100 100",),
    "M": (
        "M 0 109 L 0 0 L 50 64 L 100 0 L 100 109",
        "M 0 109 L 0 0 L 50 100 L 100 0 L 100 109",
        "M 0 109 L 0 0 L 50 42 L 100 0 L 100 109",
    ),
    "N": ("M 0 109 L 0 0 L 100 100 L 100 -9",),
    "O": ("M 50 0 h 100 R L 100 100-R v 50 100 h 0 100-R L 0 R v 50 0",),
    "P": ("M 0 109 L 0 0 L 50 0 h 100 20 L 100 34 v 50 54 L 0 54",),
    "Q": (
        "M 50 0 h 100 R L 100 100-R v 50 100 h 0 100-R L 0 R v 50 0 M 56 72 L 104 104",
        "M 50 0 h 100 R L 100 100-R v 50 100 h 0 100-R L 0 R v 50 0 M 44 80 L 100 100",
    ),
    "R": ("M 0 109 L 0 0 L 50 0 h 100 20 L 100 34 v 50 54 L 0 54 M 46 54 L 100 100",),
    "S": (
        "M 97 R v 50 0 h 2 19 L 2 26 Q 2 40 50 48 Q 100 57 100 72 L 100 100-R v 50 100"
        " h 0 100-R",
    ),
    "T": ("M 0 0 L 100 0 M 50 0 L 50 109",),
    "U": ("M 0 0 L 0 100-R v 50 100 h 100 100-R L 100 0",),
    "V": ("M 0 0 L 50 100 L 100 0",),
    "W": (
        "M 0 0 L 23 100 L 50 22 L 77 100 L 100 0",
        "M 0 0 L 24 100 L 50 40 L 76 100 L 100 0",
    ),
    "X": ("M 0 0 L 100 100 M 100 0 L 0 100",),
    "Y": ("M 0 0 L 50 52 L 100 0 M 50 52 L 50 100",),
    "Z": ("M 0 0 L 100 0 L 0 100 L 100 100",),
}  # fmt: skip
_TURNED = {"9": "6"}

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Hand:
    """How one type draws: `width` and `pen` as shares of the height, `bend` the height of a quarter
    turn (in hundredths), `square` the exponent of its ellipse (2 is round, more is squarer),
    `alternates` which skeleton a character takes, `widths` what is not as wide as the others.
    """

    width: float
    pen: float
    bend: float = 21.0
    square: float = 2.0
    alternates: Mapping[str, int] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)


HANDS: Mapping[str, Hand] = {
    # GA 36: 45 by 90 mm, a flat-topped 3, a bare 1.
    "pen_cn": Hand(0.5, 0.118, 22, 2.0, {"6": 0, "9": 0}, {"1": 0.13}),
    "pen_cn_round": Hand(0.5, 0.112, 24, 2.1, {"4": 1, "6": 1, "9": 1, "1": 1}, {"1": 0.26}),
    # DIN 1451 as Central European plates have it.
    "pen_din": Hand(
        0.56, 0.125, 24, 2.1, {"3": 1, "1": 1, "M": 0}, {"1": 0.3, "I": 0.13, "J": 0.46}
    ),
    # FE-Schrift: every letter its own; I with serifs, letters rounder than digits.
    "pen_fe": Hand(
        0.58, 0.135, 20, 2.6,
        {"3": 1, "1": 1, "I": 1, "M": 2, "4": 0, "W": 1, "J": 1, "Q": 1, "6": 1, "9": 1},
        {"1": 0.34, "I": 0.4},
    ),
    # "Mandatory" of the United Kingdom and of old Brazilian plates: heavy, square, bare 1.
    "pen_uk": Hand(
        0.63, 0.16, 18, 2.5, {"3": 1, "4": 1, "6": 1, "9": 1, "7": 0, "A": 1},
        {"1": 0.18, "I": 0.18, "M": 0.72, "W": 0.74},
    ),
    # Dies of North America: narrow, corners squarer than round, 1 and I on serifs or not.
    "pen_us": Hand(
        0.46, 0.125, 16, 2.7, {"1": 2, "I": 1, "3": 1, "4": 1, "6": 1, "9": 1, "M": 0, "Q": 1},
        {"1": 0.34, "I": 0.34, "M": 0.56, "W": 0.58},
    ),
    "pen_us_round": Hand(
        0.44, 0.115, 20, 2.1, {"1": 1, "3": 1, "4": 1, "6": 0, "9": 0, "M": 2, "A": 1},
        {"1": 0.24, "I": 0.12, "M": 0.52, "W": 0.54},
    ),
}  # fmt: skip


def drawn(hand: Hand, character: str, height_px: int) -> U8:
    """The letter in white on black, (height_px, w), w as the hand wants it."""
    pen = hand.pen * height_px
    width = max(round(hand.widths.get(character, hand.width) * height_px), round(pen))
    mask = np.zeros((height_px, width), np.uint8)
    extent = np.array([width - pen, height_px - pen], np.float32)
    for points in _subpaths(hand, character):
        corners = pen / 2 + _run_out(points, extent, pen) - 0.5
        fixed = np.rint(corners * 16).astype(np.int32)
        cv2.polylines(mask, [fixed], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
    return mask


def _run_out(points: F32, extent: F32, pen: float) -> F32:
    """Points in pixels; free ends on the border go half a pen further."""
    scaled = np.asarray(points * extent / 100, np.float32)
    if np.array_equal(points[0], points[-1]):
        return scaled
    for end, inner in ((0, 1), (-1, -2)):
        if np.isin(points[end], (0.0, 100.0)).any():
            along = scaled[end] - scaled[inner]
            scaled[end] += along / max(float(np.hypot(*along)), 1e-6) * pen * 0.75
    return scaled


def _subpaths(hand: Hand, character: str) -> list[F32]:
    """The skeleton's lines, each (n, 2) in the box of 100."""
    source = _TURNED.get(character, character)
    forms = _PATHS[source]
    words = iter(forms[min(hand.alternates.get(character, 0), len(forms) - 1)].split())
    paths: list[list[F32]] = []
    for move in words:
        count = 2 if move == "Q" else 1
        ends = [_point(hand, next(words), next(words)) for _ in range(count)]
        if move == "M":
            paths.append([ends[0][None]])
        else:
            paths[-1].append(_piece(move, paths[-1][-1][-1], ends, hand.square))
    joined = [np.concatenate(path) for path in paths]
    return [100 - path for path in joined] if source != character else joined


def _point(hand: Hand, across: str, down: str) -> F32:
    bends = {"R": hand.bend, "100-R": 100 - hand.bend}
    return np.array([float(bends.get(x, 0) or x) for x in (across, down)], np.float32)


def _piece(move: str, start: F32, ends: list[F32], square: float) -> F32:
    """Points after `start` up to the last of `ends`."""
    turn = np.linspace(0, 1, _SEGMENTS + 1, dtype=np.float32)[1:, None]
    if move == "L":
        return ends[0][None]
    if move == "Q":
        bent = (1 - turn) ** 2 * start + 2 * turn * (1 - turn) * ends[0] + turn**2 * ends[1]
        return np.asarray(bent, np.float32)
    angle = turn * np.pi / 2
    early = np.sin(angle) ** (2 / square)
    late = 1 - np.maximum(np.cos(angle), 0) ** (2 / square)
    shares = np.hstack([early, late] if move == "h" else [late, early])
    return np.asarray(start + shares * (ends[0] - start), np.float32)
