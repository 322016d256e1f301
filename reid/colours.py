"""Names of the colours that a shot's clothes or bodywork show, for people to filter by.

The eleven basic terms (Berlin and Kay, Basic Color Terms, 1969). Where one hue ends and the next
begins lies midway between the answers that 222,500 people gave (Munroe, Color Survey Results,
2010), in CIELAB. A colour is of clothes, never of skin: heads are cut off, and what has a hue and
chroma that human skin can have (Xiao et al., Skin Research and Technology 23, 2017) gets no name
at all, at the price of beige and brown clothes. What is all but black is named black.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from core.arrays import F32, U8
from core.errors import MediaCorrupt
from core.types import Family


class Colour(StrEnum):
    BLACK = "black"
    GREY = "grey"
    WHITE = "white"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"


@dataclass(frozen=True, slots=True)
class ColourOf:
    """One colour of one part of the subject; `share` is how much of the part has it."""

    part: str  # upper, lower: clothes; body: of a vehicle
    colour: Colour
    share: float


@dataclass(frozen=True, slots=True)
class _Region:
    """A part of the subject as shares of its box, kept clear of head, road and background."""

    part: str
    top: float
    bottom: float
    left: float
    right: float

    def of(self, picture: U8) -> U8:
        height, width = picture.shape[:2]
        top, left = int(self.top * height), int(self.left * width)
        bottom, right = int(self.bottom * height), int(self.right * width)
        return picture[top : max(bottom, top + 1), left : max(right, left + 1)]


_REGIONS: Final[Mapping[Family, tuple[_Region, ...]]] = {
    Family.PERSON: (
        _Region("upper", 0.20, 0.46, 0.28, 0.72),
        _Region("lower", 0.54, 0.80, 0.30, 0.70),
    ),
    # What lies below a rider's waist is as much cycle as trousers.
    Family.RIDER: (_Region("upper", 0.18, 0.42, 0.30, 0.70),),
    Family.VEHICLE: (_Region("body", 0.30, 0.75, 0.12, 0.88),),
}

# Hues in degrees where each name begins, going round; the last runs on over 0.
_HUES: Final = (
    (14.5, Colour.RED),
    (48.0, Colour.ORANGE),
    (80.0, Colour.YELLOW),
    (120.0, Colour.GREEN),
    (218.0, Colour.BLUE),
    (309.5, Colour.PURPLE),
    (334.5, Colour.PINK),
)
_SIDE: Final = 24  # pixels that a region is averaged down to: folds and noise go, stripes stay
_LEAST_SHARE: Final = 0.25
_LEAST_BLACK_BODY: Final = 0.5  # windows, tyres and shade are black on every vehicle
_MOST_NAMES: Final = 2
_UNNAMED: Final = -1
_COLOURS: Final = tuple(Colour)


def colours_of(jpeg: bytes, family: Family) -> tuple[ColourOf, ...]:
    """The colours of each part, by part and share; none where no colour has a quarter of it."""
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise MediaCorrupt("shot: want a JPEG, got bytes that cannot be decoded")
    return colours_in(np.asarray(decoded, np.uint8), family)


def colours_in(bgr: U8, family: Family) -> tuple[ColourOf, ...]:
    """The same of a picture (H, W, 3) of exactly the subject's box."""
    clothed = family is not Family.VEHICLE
    return tuple(
        one
        for region in _REGIONS[family]
        for one in _shares(region.part, _lab(region.of(bgr)), clothed=clothed)
    )


def _shares(part: str, lab: F32, *, clothed: bool) -> list[ColourOf]:
    names = _names(lab, clothed=clothed)
    found = []
    for place, colour in enumerate(_COLOURS):
        share = float((names == place).mean())
        black_body = not clothed and colour is Colour.BLACK
        if share >= (_LEAST_BLACK_BODY if black_body else _LEAST_SHARE):
            found.append(ColourOf(part, colour, share))
    return sorted(found, key=lambda one: -one.share)[:_MOST_NAMES]


def _lab(bgr: U8) -> F32:
    """CIELAB (N, 3) of a region: L in 0..100, a and b around 0."""
    height, width = (min(_SIDE, length) for length in bgr.shape[:2])
    small = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_BGR2LAB)
    return cast(F32, lab.reshape(-1, 3))


def _names(lab: F32, *, clothed: bool) -> NDArray[np.int64]:
    """Places in `Colour` (N,); `_UNNAMED` for what could be skin, if skin is to be expected."""
    light, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = cast(F32, np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360.0)
    names = _by_hue(light, chroma, hue)
    # Noise colours the dark and lamps tint what is light: there more is wanted for a name.
    grey = chroma < np.interp(light, [0.0, 30.0, 50.0, 70.0], [14.0, 11.0, 10.0, 16.0])
    names[grey] = _place(Colour.GREY)
    names[grey & (light > 68.0)] = _place(Colour.WHITE)
    names[(grey & (light < 27.0)) | (light < 12.0)] = _place(Colour.BLACK)
    if clothed:
        names[_like_skin(light, chroma, hue)] = _UNNAMED
    return names


def _by_hue(light: F32, chroma: F32, hue: F32) -> NDArray[np.int64]:
    starts = np.array([start for start, _ in _HUES])
    places = np.array([_place(colour) for _, colour in _HUES], np.int64)
    names = places[(np.searchsorted(starts, hue, side="right") - 1) % len(places)]
    reddish = (names == _place(Colour.RED)) | (names == _place(Colour.ORANGE))
    names[reddish & (light < 55.0) & (chroma < 45.0)] = _place(Colour.BROWN)
    names[(names == _place(Colour.RED)) & (light > 65.0)] = _place(Colour.PINK)
    # What is called pink when light is called purple when dark.
    names[(names == _place(Colour.PINK)) & (light < 40.0)] = _place(Colour.PURPLE)
    return names


def _like_skin(light: F32, chroma: F32, hue: F32) -> NDArray[np.bool_]:
    """What skin of any tone can look like, in lamps from cold to warm."""
    brown = (hue >= 33.0) & (hue < 85.0) & (chroma < 50.0)
    rosy = ((hue < 33.0) | (hue > 350.0)) & (chroma < 30.0)
    coloured = (chroma >= 7.0) & (light > 8.0)
    return np.asarray(coloured & (brown | rosy), np.bool_)


def _place(colour: Colour) -> int:
    return _COLOURS.index(colour)
