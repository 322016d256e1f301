"""What people put on: the colours of real streets, and garments drawn from them."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from scenes.looks import Bottom, BottomKind, Pattern, Print, PrintShape, Top, TopKind
from scenes.shapes import Colour

Choice = TypeVar("Choice")

COLOURS: Mapping[str, Colour] = {
    "black": (0.09, 0.09, 0.10),
    "charcoal": (0.21, 0.21, 0.23),
    "grey": (0.45, 0.45, 0.46),
    "silver": (0.68, 0.68, 0.69),
    "white": (0.92, 0.92, 0.90),
    "navy": (0.11, 0.14, 0.27),
    "denim": (0.26, 0.36, 0.52),
    "pale denim": (0.55, 0.65, 0.76),
    "beige": (0.76, 0.69, 0.56),
    "brown": (0.37, 0.25, 0.17),
    "olive": (0.33, 0.34, 0.20),
    "burgundy": (0.42, 0.09, 0.15),
    "red": (0.78, 0.12, 0.13),
    "orange": (0.90, 0.45, 0.12),
    "yellow": (0.93, 0.78, 0.18),
    "green": (0.13, 0.46, 0.25),
    "mint": (0.58, 0.82, 0.72),
    "teal": (0.09, 0.46, 0.50),
    "sky": (0.45, 0.68, 0.88),
    "blue": (0.13, 0.28, 0.70),
    "purple": (0.42, 0.22, 0.55),
    "pink": (0.91, 0.58, 0.68),
}

# Streets are mostly dark and grey, so that look-alikes come by themselves.
_ABOVE = {
    "black": 24, "charcoal": 10, "grey": 9, "silver": 5, "white": 13, "navy": 12, "denim": 3,
    "beige": 6, "brown": 3, "olive": 3, "burgundy": 2, "red": 2.5, "orange": 0.7, "yellow": 0.8,
    "green": 1.2, "mint": 0.6, "teal": 0.8, "sky": 1.3, "blue": 1.6, "purple": 0.8, "pink": 1.7,
}  # fmt: skip
_BELOW = {
    "black": 34, "charcoal": 10, "grey": 8, "navy": 11, "denim": 6, "beige": 9, "brown": 4,
    "olive": 4, "white": 3, "burgundy": 1, "red": 0.5, "sky": 0.5, "green": 0.5,
}  # fmt: skip
_DENIMS = {"navy": 4, "denim": 5, "pale denim": 2, "black": 2, "charcoal": 1}
_STRONG = ("red", "orange", "yellow", "green", "teal", "sky", "blue", "purple", "pink", "burgundy")

_TOPS: Mapping[TopKind, float] = {
    "tee": 22, "shirt": 13, "hoodie": 14, "jacket": 21, "coat": 8, "puffer": 9, "vest": 5,
    "dress": 8,
}  # fmt: skip
_JACKETS: Mapping[TopKind, float] = {"jacket": 5, "hoodie": 3, "puffer": 3, "coat": 1}
_BOTTOMS: Mapping[BottomKind, float] = {"trousers": 42, "jeans": 36, "shorts": 12, "skirt": 10}
_PATTERNS: Mapping[TopKind, Mapping[Pattern, float]] = {
    "tee": {"plain": 58, "hoops": 15, "two_tone": 6, "gradient": 4, "trim": 9, "blocks": 8},
    "shirt": {"plain": 48, "stripes": 20, "check": 24, "gradient": 2, "trim": 6},
    "hoodie": {"plain": 60, "two_tone": 12, "blocks": 10, "trim": 12, "hoops": 6},
    "jacket": {"plain": 62, "two_tone": 12, "blocks": 12, "trim": 14},
    "coat": {"plain": 78, "check": 14, "trim": 8},
    "puffer": {"plain": 68, "two_tone": 20, "blocks": 12},
    "vest": {"plain": 64, "hoops": 12, "trim": 14, "stripes": 10},
    "dress": {"plain": 46, "hoops": 12, "check": 14, "two_tone": 12, "gradient": 10, "trim": 6},
}
_EASE_M: Mapping[TopKind, tuple[float, float]] = {
    "tee": (0.006, 0.03), "shirt": (0.008, 0.025), "hoodie": (0.02, 0.045),
    "jacket": (0.018, 0.04), "coat": (0.02, 0.045), "puffer": (0.04, 0.065),
    "vest": (0.004, 0.02), "dress": (0.004, 0.02),
}  # fmt: skip
_PRINTS: Sequence[PrintShape] = (
    "letters", "letters", "number", "disc", "star", "bars", "chevron", "patch",
)  # fmt: skip
_PRINT_RATE: Mapping[TopKind, float] = {"tee": 0.5, "hoodie": 0.5, "jacket": 0.22, "vest": 0.3}
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def drawn(rng: np.random.Generator, weights: Mapping[Choice, float]) -> Choice:
    """One of the keys, by weight."""
    shares = np.cumsum(list(weights.values()))
    return list(weights)[int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))]


def dyed(rng: np.random.Generator, colour: Colour, spread: float = 0.03) -> Colour:
    """The colour as one maker dyes it: a little lighter or darker, a little off."""
    light = rng.normal(1.0, 2.5 * spread)
    off = rng.normal(0.0, spread / 2, 3)
    red, green, blue = (
        round(float(np.clip(part * light + shift, 0.03, 0.97)), 4)
        for part, shift in zip(colour, off, strict=True)
    )
    return red, green, blue


def apart(one: Colour, other: Colour) -> float:
    """How far two colours are from each other, 0 to about 1.7."""
    return float(np.linalg.norm(np.subtract(one, other)))


def sample_colour(rng: np.random.Generator, *, strong: float = 0.0) -> Colour:
    """A garment's colour; `strong` of the time a loud one."""
    if rng.random() < strong:
        return dyed(rng, COLOURS[_STRONG[int(rng.integers(len(_STRONG)))]])
    return dyed(rng, COLOURS[drawn(rng, _ABOVE)])


def _contrasting(rng: np.random.Generator, colour: Colour) -> Colour:
    for _ in range(8):
        second = sample_colour(rng, strong=0.3)
        if apart(second, colour) > 0.3:
            return second
    return (0.92, 0.92, 0.90) if sum(colour) < 1.5 else (0.09, 0.09, 0.10)


def _sample_print(rng: np.random.Generator, colour: Colour, width: float) -> Print:
    shape = _PRINTS[int(rng.integers(len(_PRINTS)))]
    text = str(int(rng.integers(1, 100)))
    if shape == "letters":
        count = int(rng.integers(1, 6))
        text = "".join(_LETTERS[int(rng.integers(len(_LETTERS)))] for _ in range(count))
    ink = _contrasting(rng, colour)
    return Print(shape, text, ink, _contrasting(rng, ink), round(width, 3))


def sample_top(
    rng: np.random.Generator,
    *,
    kinds: Mapping[TopKind, float] | None = None,
    colour: Colour | None = None,
    strong: float = 0.0,
) -> Top:
    """A garment for above: of one of `kinds` (any if none), dyed `colour` (any if none)."""
    kind = drawn(rng, kinds or _TOPS)
    colour = colour or sample_colour(rng, strong=strong)
    pattern = drawn(rng, _PATTERNS[kind])
    printed = rng.random() < _PRINT_RATE.get(kind, 0.0)
    chest = _sample_print(rng, colour, rng.uniform(0.25, 0.75)) if printed else None
    on_back = rng.random() < _PRINT_RATE.get(kind, 0.0) * 0.6
    back = _sample_print(rng, colour, rng.uniform(0.45, 0.85)) if on_back else None
    open_front = kind in ("jacket", "coat", "hoodie", "puffer") and bool(rng.random() < 0.35)
    return Top(
        kind=kind,
        colour=colour,
        second=_contrasting(rng, colour),
        pattern=pattern,
        scale=int(rng.integers(1, 3)),
        ease_m=round(float(rng.uniform(*_EASE_M[kind])), 4),
        open_front=open_front,
        under=_contrasting(rng, colour),
        chest=None if open_front else chest,
        back=back,
    )


def sample_jacket(rng: np.random.Generator, *, unlike: Colour) -> Top:
    """Something to put on over the rest, in a colour far from `unlike`."""
    colour = next(
        (tried for tried in (sample_colour(rng) for _ in range(12)) if apart(tried, unlike) > 0.3),
        _contrasting(rng, unlike),
    )
    return sample_top(rng, kinds=_JACKETS, colour=colour)


def sample_bottom(
    rng: np.random.Generator,
    *,
    kinds: Mapping[BottomKind, float] | None = None,
    colour: Colour | None = None,
) -> Bottom:
    """A garment for below: of one of `kinds` (any if none), dyed `colour` (any if none)."""
    kind = drawn(rng, kinds or _BOTTOMS)
    if colour is None:
        name = drawn(rng, _DENIMS if kind == "jeans" else _BELOW)
        colour = dyed(rng, COLOURS[name])
    pattern: Pattern = "plain"
    if rng.random() < 0.16:
        pattern = drawn(rng, {"stripes": 2.0, "two_tone": 2.0, "check": 1.0, "trim": 2.0})
    second = _contrasting(rng, colour)
    return Bottom(kind, colour, second, pattern, round(float(rng.uniform(0.82, 1.3)), 3))
