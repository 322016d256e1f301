"""Invented names, and where they stand: on sides, on stickers, on the boards of buses."""

from collections.abc import Mapping
from typing import get_args

import numpy as np

from scenes.looks import Print, PrintShape
from scenes.paintshop import unlike
from scenes.shapes import Colour
from scenes.vehicle_looks import Livery, LiveryStyle, Shape, Sticker, StickerPlace

_LIVERIES: tuple[LiveryStyle, ...] = get_args(LiveryStyle)
_DRAWINGS: tuple[PrintShape, ...] = get_args(PrintShape)
_PLACES: tuple[StickerPlace, ...] = get_args(StickerPlace)
_SYLLABLES = tuple(
    [
        "ka",
        "to",
        "mi",
        "ren",
        "vo",
        "sul",
        "ba",
        "no",
        "zel",
        "ri",
        "pan",
        "du",
        "lo",
        "fex",
        "gra",
        "ny",
        "te",
        "mor",
        "xa",
        "qui",
    ]
)
_TRADES = (
    "",
    "",
    "",
    *["FOODS", "CARGO", "PARCEL", "FRESH", "BAKERY", "FLOWERS", "24h", "CLEAN", "TOOLS"],
)
_LIVERY_RATE: Mapping[Shape, float] = {
    "panel_van": 0.62, "microvan": 0.3, "minibus": 0.3, "box_truck": 0.8, "tipper": 0.3,
    "flatbed": 0.3, "tanker": 0.6, "city_bus": 0.75, "coach": 0.6, "taxi": 0.5, "mini": 0.05,
    "hatchback": 0.04,
}  # fmt: skip


def _name(rng: np.random.Generator) -> str:
    parts = [_SYLLABLES[int(rng.integers(len(_SYLLABLES)))] for _ in range(int(rng.integers(2, 4)))]
    trade = _TRADES[int(rng.integers(len(_TRADES)))]
    name = "".join(parts)
    return f"{name.upper() if rng.random() < 0.6 else name.capitalize()} {trade}".strip()


def sample_livery(rng: np.random.Generator, shape: Shape, ground: Colour) -> Livery | None:
    if rng.random() >= _LIVERY_RATE.get(shape, 0.01):
        return None
    sheet = None
    if rng.random() < (0.7 if shape == "city_bus" else 0.25):
        sheet = unlike(rng, ground)
    ink = unlike(rng, sheet or ground)
    return Livery(
        text=_name(rng),
        style=_LIVERIES[int(rng.integers(len(_LIVERIES)))],
        ink=ink,
        accent=unlike(rng, sheet or ground),
        ground=sheet,
        size=round(float(rng.uniform(0.75, 1.0)), 3),
    )


def sample_stickers(rng: np.random.Generator, shape: Shape, colour: Colour) -> tuple[Sticker, ...]:
    if rng.random() > (0.5 if shape in ("taxi", "mini", "microvan") else 0.35):
        return ()
    stickers = []
    for place in _PLACES:
        if rng.random() < 0.55:
            shape_of = _DRAWINGS[int(rng.integers(len(_DRAWINGS)))]
            text = (
                str(int(rng.integers(1, 100))) if shape_of == "number" else _name(rng)[:4].upper()
            )
            ink = unlike(rng, colour)
            width = round(float(rng.uniform(0.5, 1.1)), 3)
            drawing = Print(shape_of, text, ink, unlike(rng, ink), width)
            stickers.append(Sticker(place, drawing, round(float(rng.uniform(-1, 1)), 3)))
    return tuple(stickers)


def sample_route(rng: np.random.Generator) -> str:
    name = "".join(_SYLLABLES[int(rng.integers(len(_SYLLABLES)))] for _ in range(2))
    return f"{int(rng.integers(1, 999))} {name.upper()}"
