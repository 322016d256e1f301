"""What shops hang out over the pavement, above people's heads: awnings and signs."""

import cv2
import numpy as np

from core.arrays import F64, U8
from scenes.furniture import Standing, picture
from scenes.houses import House
from scenes.shapes import Colour, Figure, box, joined, quads
from scenes.words import shop_word

_STREAM = 7
_REACH_M, _DROP_M, _STRIPE_M, _FRILL_M = 0.85, 0.42, 0.42, 0.18
_CLOTHS: tuple[tuple[Colour, Colour], ...] = (
    ((0.66, 0.16, 0.15), (0.86, 0.82, 0.74)),
    ((0.16, 0.34, 0.26), (0.84, 0.82, 0.74)),
    ((0.18, 0.26, 0.44), (0.84, 0.83, 0.80)),
    ((0.78, 0.52, 0.20), (0.80, 0.54, 0.21)),
    ((0.42, 0.14, 0.20), (0.44, 0.15, 0.21)),
)
_BLADES = ((146, 30, 34), (22, 70, 60), (26, 44, 92), (30, 30, 34), (196, 150, 50))


def hangings(house: House, *, lit: bool) -> list[Standing]:
    """A shop's awning, in short pieces so that each has one depth, and its hanging sign."""
    if house.ground != "shop" or house.width_m < 5.0:
        return []
    rng = np.random.default_rng((*house.seed, _STREAM))
    made = _awning(house, rng) if rng.random() < 0.45 else []
    if rng.random() < 0.6:
        made.append(_blade(house, rng, lit=lit))
    return made


def _awning(house: House, rng: np.random.Generator) -> list[Standing]:
    cloths = _CLOTHS[int(rng.integers(len(_CLOTHS)))]
    top = house.ground_m - 0.9
    starts = np.arange(0.35, house.width_m - 0.35 - _STRIPE_M, _STRIPE_M)
    return [_stripe(house, float(at), top, cloths[place % 2]) for place, at in enumerate(starts)]


def _stripe(house: House, left_m: float, top_m: float, rgb: Colour) -> Standing:
    right_m, low = left_m + _STRIPE_M + 0.01, top_m - _DROP_M
    at = house.at
    cloth = [at(left_m, top_m, 0.02), at(left_m, low, _REACH_M)]
    cloth += [at(right_m, low, _REACH_M), at(right_m, top_m, 0.02)]
    frill = [at(left_m, low, _REACH_M), at(left_m, low - _FRILL_M, _REACH_M)]
    frill += [at(right_m, low - _FRILL_M, _REACH_M), at(right_m, low, _REACH_M)]
    faces = np.array([cloth, cloth[::-1], frill, frill[::-1]], np.float32)
    dim = np.array([1.0, 0.55, 0.92, 0.6], np.float32)
    middle = np.asarray(at((left_m + right_m) / 2, 0.0, _REACH_M / 2)[:2])
    return Standing(Figure(quads(faces, dim[:, None] * np.array(rgb, np.float32))), middle)


def _blade(house: House, rng: np.random.Generator, *, lit: bool) -> Standing:
    """A board that sticks out from the wall, with the same name on both of its sides."""
    ground = _BLADES[int(rng.integers(len(_BLADES)))]
    low = float(rng.uniform(2.5, 2.75))
    face = picture((0.66, 0.6), _board(shop_word(rng), ground), glow=0.9 if lit else 0.0)
    body = box((0.09, 0.7, 0.64), (0.14, 0.14, 0.15)).moved((0, 0, low - 0.02))
    arm = box((0.03, 0.5, 0.03), (0.1, 0.1, 0.1)).moved((0, 0, low + 0.68))
    faces = [face.moved((0.05, 0, low)), face.moved((0, 0, 0), np.pi).moved((-0.05, 0, low))]
    spot = house.at(float(rng.choice([0.2, house.width_m - 0.2])), 0.0, 0.5)
    heading = float(np.arctan2(house.along[1], house.along[0]))
    figure = Figure(joined([body, arm]), tuple(faces)).moved(spot, heading)
    return Standing(figure, _xy(spot))


def _xy(spot: tuple[float, float, float]) -> F64:
    return np.array(spot[:2])


def _board(text: str, ground: tuple[int, int, int]) -> U8:
    """The name in two lines, in a frame."""
    board = np.zeros((120, 132, 3), np.uint8)
    board[...] = ground
    ink = (244, 238, 224)
    cv2.rectangle(board, (5, 5), (126, 114), ink, 2)
    for row, word in enumerate(text.split()[:2]):
        (wide, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        size = min(108 / wide, 1.1)
        at = (66 - int(wide * size / 2), 52 + 42 * row)
        cv2.putText(board, word, at, cv2.FONT_HERSHEY_DUPLEX, size, ink, 2, cv2.LINE_AA)
    return board
