"""The colour embedder tells clothes apart by colour and place."""

import numpy as np

from core.arrays import U8
from reid.fake import ColourEmbedder

RED, BLUE, GREEN = (200, 20, 20), (20, 20, 200), (20, 180, 20)
Colour = tuple[int, int, int]


def person(coat: Colour, trousers: Colour) -> U8:
    """A crop (3, 96, 48), head grey."""
    crop = np.full((3, 96, 48), 128, np.uint8)
    crop[:, 32:64] = np.array(coat)[:, None, None]
    crop[:, 64:] = np.array(trousers)[:, None, None]
    return crop


def cosine(a: U8, b: U8) -> float:
    rows = ColourEmbedder().embed(np.stack([a, b]))
    return float(rows[0] @ rows[1])


def test_same_clothes_in_other_light_are_alike() -> None:
    bright = person(RED, BLUE)
    assert cosine(bright, (bright * 0.85).astype(np.uint8)) > 0.8


def test_coat_and_trousers_exchanged_are_unlike() -> None:
    assert cosine(person(RED, BLUE), person(BLUE, RED)) < 0.6


def test_other_coat_lowers_the_likeness() -> None:
    assert cosine(person(RED, BLUE), person(GREEN, BLUE)) < 0.75
