"""Han letters as other hands draw them: their left and right parts higher or lower than a font's.

The glyphs of GA 36 are in no open font. In theirs strokes stand elsewhere, and the left parts of a
few are set much smaller than the right ones, those of others hardly; fonts stretched to the cell
are all alike in that. So what a reader learns from is bent, differently for each plate.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.arrays import U8
from training.plates.letters import HEIGHT_PX, MARGIN_PX

SMALL_LEFT = "皖琼"
"""Provinces whose left part is set small."""

_SOFT = 0.14
"""Over how much of the width the left part goes over into the right one."""
_LEFT = (0.46, 1.02)  # how high any hand has it
_SMALL, _FULL = (0.46, 0.82), (0.8, 1.02)


@dataclass(frozen=True, slots=True)
class Hand:
    """How high the left and the right part are, and how far down they are set, in shares of the
    height; where they meet, in shares of the width; how far strokes sway, and in which phase.
    `small` is the whole letter's share of its cell."""

    high: tuple[float, float]
    down: tuple[float, float]
    meet: float
    sway: tuple[float, float]
    phase: tuple[float, float]
    small: tuple[float, float]


def sample_hand(rng: np.random.Generator) -> Hand:
    """Any hand."""
    left, right = float(rng.uniform(*_LEFT)), float(rng.uniform(0.84, 1.03))
    lifts = rng.uniform(-0.08, 0.08, 2)
    sways = rng.normal(0, 0.018, 2)
    phases = rng.uniform(0, 2 * np.pi, 2)
    return Hand(
        (left, right),
        (float(lifts[0]), float(lifts[1]) * 0.5),
        float(rng.uniform(0.3, 0.55)),
        (float(sways[0]), float(sways[1])),
        (float(phases[0]), float(phases[1])),
        (float(rng.uniform(0.84, 1.0)), float(rng.uniform(0.86, 1.0))),
    )


def hand_for(hand: Hand, sign: str) -> Hand:
    """How a hand draws that letter: its left part small where it is one of `SMALL_LEFT`."""
    low, high = _SMALL if sign in SMALL_LEFT else _FULL
    share = (hand.high[0] - _LEFT[0]) / (_LEFT[1] - _LEFT[0])
    return replace(hand, high=(low + share * (high - low), hand.high[1]))


def reshaped(field: U8, hand: Hand) -> U8:
    """A letter's field (h, w) as that hand draws it, of the same shape."""
    rows, columns = field.shape
    across = ((np.arange(columns) - MARGIN_PX) / max(columns - 2 * MARGIN_PX, 1))[None]
    down = ((np.arange(rows) - MARGIN_PX) / HEIGHT_PX)[:, None]
    right = np.clip((across - hand.meet) / _SOFT + 0.5, 0, 1)
    high = hand.high[0] + (hand.high[1] - hand.high[0]) * right
    middle = 0.5 + hand.down[0] + (hand.down[1] - hand.down[0]) * right
    from_row = 0.5 + (down - middle) / high + hand.sway[1] * np.sin(5 * across + hand.phase[1])
    from_column = across + hand.sway[0] * np.sin(5 * down + hand.phase[0])
    map_x = from_column * (columns - 2 * MARGIN_PX) + MARGIN_PX + np.zeros_like(from_row)
    map_y = from_row * HEIGHT_PX + MARGIN_PX
    bent = cv2.remap(
        field,
        map_x.astype(np.float32),
        map_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(bent, np.uint8)
