"""Paint of the streets' vehicles: which colours, how many of each, and which go together."""

from collections.abc import Mapping

import numpy as np

from scenes.shapes import Colour
from scenes.vehicle_looks import Shape, VehicleLabel
from scenes.wardrobe import apart, drawn, dyed

PAINT: Mapping[str, Colour] = {
    "white": (0.90, 0.90, 0.89), "pearl": (0.86, 0.85, 0.80), "black": (0.055, 0.055, 0.06),
    "charcoal": (0.19, 0.20, 0.21), "grey": (0.38, 0.39, 0.41), "silver": (0.66, 0.67, 0.69),
    "champagne": (0.70, 0.63, 0.50), "brown": (0.30, 0.20, 0.14), "red": (0.66, 0.07, 0.08),
    "burgundy": (0.34, 0.05, 0.09), "orange": (0.86, 0.38, 0.07), "yellow": (0.90, 0.72, 0.10),
    "green": (0.07, 0.36, 0.20), "olive": (0.28, 0.32, 0.22), "mint": (0.55, 0.78, 0.70),
    "teal": (0.05, 0.40, 0.44), "sky": (0.38, 0.62, 0.84), "blue": (0.07, 0.22, 0.62),
    "navy": (0.06, 0.10, 0.24), "purple": (0.32, 0.16, 0.44), "pink": (0.88, 0.60, 0.66),
}  # fmt: skip
_CARS = {
    "white": 25, "pearl": 4, "black": 19, "charcoal": 9, "grey": 9, "silver": 11, "champagne": 2,
    "brown": 2, "red": 6, "burgundy": 2, "orange": 1, "yellow": 1, "green": 1.5, "olive": 1,
    "mint": 0.8, "teal": 1, "sky": 1.4, "blue": 5, "navy": 3, "purple": 0.5, "pink": 0.5,
}  # fmt: skip
_VANS = {
    "white": 44, "silver": 18, "grey": 6, "charcoal": 5, "black": 6, "blue": 5, "red": 4,
    "yellow": 4, "green": 3, "champagne": 3, "sky": 2,
}  # fmt: skip
_LOUD = {
    "red": 5, "blue": 5, "green": 4, "yellow": 4, "orange": 3, "sky": 3, "teal": 3, "white": 2,
    "purple": 1, "navy": 2, "mint": 2,
}  # fmt: skip
_CABS = {
    "white": 30, "blue": 22, "red": 14, "yellow": 6, "green": 5, "silver": 6, "orange": 5,
    "navy": 5, "sky": 3,
}  # fmt: skip
_TAXIS = (
    ("yellow", "green"), ("sky", "silver"), ("green", "white"), ("red", "champagne"),
    ("teal", "white"), ("yellow", "yellow"), ("blue", "white"), ("orange", "silver"),
    ("white", "teal"),
)  # fmt: skip


def sample_paint(
    rng: np.random.Generator, label: VehicleLabel, shape: Shape
) -> tuple[Colour, Colour, Colour, str]:
    """Body, second colour, roof, and which band of the side has which."""
    if shape == "taxi":
        first, other = (
            dyed(rng, PAINT[name], 0.02) for name in _TAXIS[int(rng.integers(len(_TAXIS)))]
        )
        roof = first if rng.random() < 0.6 else other
        return first, other, roof, drawn(rng, {"SSP": 4.0, "SPP": 3.0, "PSP": 2.0})
    if label == "truck":
        colour = dyed(rng, PAINT[drawn(rng, _CABS)], 0.02)
        return colour, _load_body(rng, shape, colour), colour, drawn(rng, {"TPP": 6.0, "PPP": 3.0})
    if label == "bus":
        colour = dyed(rng, PAINT[drawn(rng, _LOUD)], 0.02)
        second = unlike(rng, colour)
        roof = colour if rng.random() < 0.5 else dyed(rng, PAINT["white"], 0.02)
        return (
            colour,
            second,
            roof,
            drawn(rng, {"SPP": 4.0, "SPS": 3.0, "PPP": 2.0, "SSP": 2.0, "PSP": 2.0}),
        )
    colour = dyed(rng, PAINT[drawn(rng, _VANS if label == "van" else _CARS)], 0.02)
    second = unlike(rng, colour)
    black_roof = rng.random() < (0.22 if shape in ("mini", "suv", "hatchback", "mpv") else 0.05)
    roof = (0.05, 0.05, 0.055) if black_roof else colour
    clad = {"suv": 0.6, "pickup": 0.5, "microvan": 0.3, "panel_van": 0.5}.get(shape, 0.2)
    scheme = "TPP" if rng.random() < clad else "PPP"
    if rng.random() < (0.22 if label == "van" else 0.03):
        scheme = drawn(rng, {"PSP": 2.0, "SPP": 1.0, "SSP": 1.0})
    return colour, second, roof, scheme


def _load_body(rng: np.random.Generator, shape: Shape, colour: Colour) -> Colour:
    if shape == "box_truck":
        plain = rng.random() < 0.6
        return dyed(
            rng, PAINT[drawn(rng, {"white": 5, "silver": 3, "sky": 1} if plain else _LOUD)], 0.02
        )
    if shape == "tanker":
        return dyed(
            rng, PAINT[drawn(rng, {"silver": 5, "white": 3, "yellow": 1, "green": 1})], 0.02
        )
    if rng.random() < 0.5:
        return dyed(rng, colour, 0.03)
    return dyed(
        rng,
        PAINT[drawn(rng, {"blue": 3, "red": 3, "grey": 2, "green": 2, "orange": 2, "yellow": 2})],
        0.02,
    )


def unlike(rng: np.random.Generator, colour: Colour) -> Colour:
    for _ in range(8):
        other = dyed(
            rng, PAINT[drawn(rng, {**_LOUD, "white": 8, "silver": 4, "charcoal": 3})], 0.02
        )
        if apart(other, colour) > 0.3:
            return other
    return PAINT["white"] if sum(colour) < 1.5 else PAINT["charcoal"]
