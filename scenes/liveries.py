"""What is written on vans, trucks and buses: invented names with a mark, drawn once each."""

from functools import lru_cache

import cv2
import numpy as np

from core.arrays import U8
from scenes.shapes import Colour
from scenes.vehicle_looks import Livery

_TALL_PX = 72
Ink = tuple[int, int, int, int]


def ink_of(colour: Colour) -> Ink:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue, 255


@lru_cache(maxsize=512)
def livery_picture(livery: Livery, aspect: float) -> U8:
    """RGBA (72, 72 * aspect, 4), clear where the paint shows; one array for the same livery."""
    width = max(72, round(_TALL_PX * aspect))
    picture = np.zeros((_TALL_PX, width, 4), np.uint8)
    picture[..., :3] = ink_of(livery.ink)[:3]
    if livery.ground is not None:
        picture[:] = ink_of(livery.ground)
    left = _mark(picture, livery)
    write(picture, livery.text, (left, 0.16, 0.97, 0.80), ink_of(livery.ink))
    picture.setflags(write=False)
    return picture


def _mark(picture: U8, livery: Livery) -> float:
    """Draws what belongs to the style; returns the share of the width where the name begins."""
    height, width = picture.shape[:2]
    accent = ink_of(livery.accent)
    side: float = height / width
    if livery.style == "disc":
        middle = (round(0.55 * height), height // 2)
        cv2.circle(picture, middle, round(0.40 * height), accent, -1, cv2.LINE_AA)
        cv2.circle(picture, middle, round(0.18 * height), ink_of(livery.ink), -1, cv2.LINE_AA)
        return 1.15 * side
    if livery.style == "sweep":
        points = [(0, height), (0.32 * width, 0), (0.42 * width, 0), (0.10 * width, height)]
        cv2.fillPoly(picture, [np.array(points, np.int32)], accent, cv2.LINE_AA)
        return 0.36
    if livery.style == "stripes":
        for top in (0.08, 0.86):
            low = (width, round((top + 0.08) * height))
            cv2.rectangle(picture, (0, round(top * height)), low, accent, -1)
    if livery.style == "framed":
        cv2.rectangle(picture, (3, 3), (width - 4, height - 4), accent, 5)
        return 0.06
    if livery.style == "blocks":
        for place in range(3):
            left = round((0.12 + 0.30 * place) * height)
            low = round((0.35 + 0.18 * place) * height)
            cv2.rectangle(picture, (left, height - low), (left + 15, height - 8), accent, -1)
        return 1.12 * side
    return 0.04


def write(picture: U8, text: str, box: tuple[float, float, float, float], ink: Ink) -> None:
    """The text as large as fits into the box (left, top, right, bottom, shares of the picture)."""
    height, width = picture.shape[:2]
    left, top, right, low = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    font = cv2.FONT_HERSHEY_DUPLEX
    (wide, tall), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = min((right - left) / wide, (low - top) / tall)
    thick = max(1, round(3.4 * scale))
    at = (
        round((left + right) / 2 - wide * scale / 2),
        round((top + low) / 2 + tall * scale / 2),
    )
    cv2.putText(picture, text, at, font, scale, ink, thick, cv2.LINE_AA)


@lru_cache(maxsize=256)
def board_picture(route: str, colour: Colour) -> U8:
    """A bus's board: lit letters on black, RGB."""
    picture = np.full((32, 160, 3), 14, np.uint8)
    amber = (255, 176, 40) if colour[2] < 0.6 else (235, 240, 255)
    write(picture, route, (0.04, 0.14, 0.96, 0.86), (*amber, 255))
    picture.setflags(write=False)
    return picture
