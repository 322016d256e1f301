"""Lettering that is no number: strips of words, set once from fonts and stamped ever after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import U8

HEIGHT_PX = 40
_LONGEST_PX = 640


@dataclass(frozen=True, slots=True)
class Lettering:
    """`texts` set in each of `faces` in turn, kept under `category`."""

    category: str
    faces: tuple[str, ...]
    texts: tuple[str, ...]


def lettered(lettering: Sequence[Lettering], files: Mapping[str, Path]) -> dict[str, list[U8]]:
    """Masks (HEIGHT_PX, w) by category."""
    fonts = {name: cv2.FontFace(str(path)) for name, path in files.items()}
    strips: dict[str, list[U8]] = {}
    for one in lettering:
        for row, text in enumerate(one.texts):
            font = fonts[one.faces[row % len(one.faces)]]
            strips.setdefault(one.category, []).append(strip(text, font))
    return strips


def strip(text: str, font: "cv2.FontFace") -> U8:
    """The words cut to their ink, HEIGHT_PX high."""
    canvas = np.zeros((120, 120 + 64 * len(text), 3), np.uint8)
    cv2.putText(canvas, text, (30, 80), (255, 255, 255), font, 56)
    grey = canvas[..., 0]
    rows, columns = np.flatnonzero(grey.max(axis=1)), np.flatnonzero(grey.max(axis=0))
    cut = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = min(_LONGEST_PX, max(4, round(cut.shape[1] * HEIGHT_PX / cut.shape[0])))
    return np.asarray(cv2.resize(cut, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)
