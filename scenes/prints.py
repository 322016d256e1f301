"""Logos and letters on clothes, drawn once each."""

from functools import lru_cache

import cv2
import numpy as np

from core.arrays import F32, U8
from scenes.garments import depth_m
from scenes.looks import PersonLook, Print
from scenes.rig import Anatomy
from scenes.shapes import Colour, Decal

_SIDE_PX = 64
_OFF_M = 0.004
_CHEVRON = np.array([(4, 8), (32, 28), (60, 8), (60, 22), (32, 44), (4, 22)], np.int32)
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
            cv2.fillPoly(picture, [_CHEVRON + np.array([0, drop], np.int32)], ink, 16)
    else:
        cv2.rectangle(picture, (4, 10), (60, 54), first, -1)
        cv2.rectangle(picture, (12, 18), (52, 46), second, -1)


def print_decals(look: PersonLook, body: Anatomy, chest: F32) -> tuple[Decal, ...]:
    """The prints of what is worn above, where the chest's placing (3, 4) puts them; a backpack
    hides the one behind."""
    hidden = look.bag is not None and look.bag.kind == "backpack"
    sides = ((look.top.chest, 1.0), (None if hidden else look.top.back, -1.0))
    return tuple(_decal(look, body, one, facing, chest) for one, facing in sides if one)


def _decal(look: PersonLook, body: Anatomy, shown: Print, facing: float, chest: F32) -> Decal:
    half_m = 0.5 * shown.width * 1.3 * body.shoulder_y
    middle_m = body.shoulder_z - (0.07 if facing > 0 else 0.08) * body.height_m - 0.5 * half_m
    ahead_m = facing * (depth_m(look, body, middle_m) + _OFF_M)
    corners = [
        (ahead_m, -facing * half_m, middle_m + half_m, 1.0),
        (ahead_m, facing * half_m, middle_m + half_m, 1.0),
        (ahead_m, facing * half_m, middle_m - half_m, 1.0),
        (ahead_m, -facing * half_m, middle_m - half_m, 1.0),
    ]
    return Decal((np.array(corners, np.float32) @ chest.T).astype(np.float32), print_picture(shown))
