"""Logos and letters on clothes, drawn once each."""

from functools import lru_cache

import cv2
import numpy as np

from core.arrays import U8
from scenes.looks import Print
from scenes.shapes import Colour

_SIDE_PX = 64
_STAR = [
    (np.cos(turn) * reach, np.sin(turn) * reach)
    for turn, reach in zip(np.arange(10) * np.pi / 5 - np.pi / 2, [1, 0.42] * 5, strict=True)
]


def _ink(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue, 255


@lru_cache(maxsize=1024)
def print_picture(look: Print) -> U8:
    """The print as RGBA (64, 64, 4), clear around it; the same array for the same print."""
    picture = np.zeros((_SIDE_PX, _SIDE_PX, 4), np.uint8)
    picture[:, :, :3] = _ink(look.colour)[:3]
    if look.shape in ("letters", "number"):
        _letters(picture, look)
    elif look.shape == "bars":
        for row in range(3):
            cv2.rectangle(picture, (4, 8 + 18 * row), (60, 18 + 18 * row), _ink(look.colour), -1)
    else:
        _emblem(picture, look)
    picture.setflags(write=False)
    return picture


def _letters(picture: U8, look: Print) -> None:
    font, thick = cv2.FONT_HERSHEY_DUPLEX, 6 if look.shape == "number" else 4
    (width, height), _ = cv2.getTextSize(look.text, font, 1.0, thick)
    scale = min(54 / width, 44 / height)
    size = (int(width * scale), int(height * scale))
    left, low = (_SIDE_PX - size[0]) // 2, (_SIDE_PX + size[1]) // 2
    weight = max(2, round(thick * min(scale, 1.4)))
    cv2.putText(picture, look.text, (left, low), font, scale, _ink(look.colour), weight, 16)


def _emblem(picture: U8, look: Print) -> None:
    first, second = _ink(look.colour), _ink(look.second)
    if look.shape == "disc":
        cv2.circle(picture, (32, 32), 28, first, -1, 16)
        cv2.circle(picture, (32, 32), 15, second, -1, 16)
    elif look.shape == "star":
        points = np.array(_STAR) * 29 + 32
        cv2.fillPoly(picture, [points.astype(np.int32)], first, 16)
    elif look.shape == "chevron":
        for drop, ink in ((0, first), (18, second)):
            points = np.array([(4, 8), (32, 28), (60, 8), (60, 22), (32, 44), (4, 22)]) + (0, drop)
            cv2.fillPoly(picture, [points.astype(np.int32)], ink, 16)
    else:
        cv2.rectangle(picture, (4, 10), (60, 54), first, -1)
        cv2.rectangle(picture, (12, 18), (52, 46), second, -1)
