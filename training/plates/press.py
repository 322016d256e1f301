"""What all countries' presses share: a row of letters, set in cells or by their own widths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.arrays import U8
from core.plates.alphabet import PROVINCES, SPECIALS
from training.plates.blank import Blank, Box, Punch, Rgb
from training.plates.letters import HEIGHT_PX, MARGIN_PX, Letters
from training.plates.reshaping import Hand, hand_for, reshaped

_HAN = frozenset(PROVINCES + SPECIALS)


@dataclass(frozen=True, slots=True, eq=False)
class Printed:
    """A sheet with its text; `depth` scales how deep its letters are pressed."""

    blank: Blank
    text: str
    colour: str
    depth: float = 1.0


@dataclass(frozen=True, slots=True)
class Type:
    """The faces one plate is set in, and how its letters are punched."""

    latin: str
    punch: Punch
    ink: Rgb
    han: str = ""
    wide: float = 1.0
    inks: Mapping[int, Rgb] = field(default_factory=dict)
    """Positions with an ink of their own."""
    hand: Hand | None = None
    """Who draws Han letters otherwise than the face has them."""

    def face_of(self, sign: str) -> str:
        return self.han if sign in _HAN else self.latin


def chosen(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """A name drawn by its weight."""
    left = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        left -= weight
        if left < 0:
            return name
    return list(weights)[-1]  # the last, where rounding left a rest


def jittered(rng: np.random.Generator, colour: Sequence[int], spread: float) -> Rgb:
    """The colour as another maker mixed it."""
    red, green, blue, all_three = (rng.standard_normal(4) * spread).tolist()
    shifts = (red + all_three, green + all_three, blue + all_three)
    one, two, three = (
        int(min(max(level + shift, 0), 255)) for level, shift in zip(colour, shifts, strict=True)
    )
    return one, two, three


def sample_punch(rng: np.random.Generator, *, raised: float = 1.0) -> Punch:
    """As a workshop's tools are that day: weight, sharpness and wear."""
    worn = float(rng.uniform(0.05, 0.45)) if rng.random() < 0.15 else 0.0
    return Punch(float(rng.normal(0, 0.9)), float(rng.uniform(0.5, 1.3)), raised, worn)


def in_cells(blank: Blank, signs: Sequence[tuple[str, Box]], letters: Letters, kind: Type) -> None:
    """Letters that fill their cells; narrow ones stay narrow in the middle of theirs."""
    for row, (sign, box) in enumerate(signs):
        glyph = letters.fields[kind.face_of(sign)][sign]
        ink = kind.inks.get(row, kind.ink)
        if kind.hand is not None and sign in _HAN:
            hand = hand_for(kind.hand, sign)
            glyph, box = reshaped(glyph, hand), _within(box, hand.small)
        blank.letter(glyph, _own_box(glyph, sign, box), ink, kind.punch)


def _within(box: Box, shares: tuple[float, float]) -> Box:
    """The middle of a cell."""
    left, top, width, height = box
    wide, high = width * shares[0], height * shares[1]
    return left + (width - wide) / 2, top + (height - high) / 2, wide, high


def _own_box(field_px: U8, sign: str, box: Box) -> Box:
    if sign not in "1I":
        return box
    left, top, width, height = box
    own = min(width, _shape(field_px) * height)
    return left + (width - own) / 2, top, own, height


def _shape(field_px: U8) -> float:
    """Width by height of the letter itself."""
    return float(field_px.shape[1] - 2 * MARGIN_PX) / HEIGHT_PX


def in_line(
    blank: Blank,
    groups: Sequence[str],
    box: Box,
    letters: Letters,
    kind: Type,
    *,
    gap: float = 0.16,
    between: float = 0.5,
) -> list[float]:
    """Letters by their own widths in the middle of `box`, groups apart; the middles of the breaks.

    `gap` and `between` are shares of the height; what is too long is narrowed to fit.
    """  # fmt: skip
    left, top, width, height = box
    wides = [
        [_shape(letters.fields[kind.face_of(s)][s]) * kind.wide for s in one] for one in groups
    ]
    breaks = len(groups) - 1
    letters_gap = gap * sum(len(one) - 1 for one in groups)
    total = sum(map(sum, wides)) + letters_gap + between * breaks
    squeeze = min(1.0, width / (total * height))
    step = height * squeeze
    at = left + (width - total * step) / 2
    middles: list[float] = []
    position = 0
    for group, shares in zip(groups, wides, strict=True):
        for sign, share in zip(group, shares, strict=True):
            glyph = letters.fields[kind.face_of(sign)][sign]
            ink = kind.inks.get(position, kind.ink)
            blank.letter(glyph, (at, top, share * step, height), ink, kind.punch)
            at += (share + gap) * step
            position += 1
        middles.append(at + (between - gap) / 2 * step - gap / 2 * step)
        at += (between - gap) * step
    return middles[:-1]


def words(letters: Letters, category: str, rng: np.random.Generator) -> U8:
    """Any lettering of the category."""
    strips = letters.words[category]
    return strips[int(rng.integers(len(strips)))]


def faded(ground: Sequence[Rgb], share: float = 0.0) -> U8:
    """A ground that runs from the first colour at the top to the last, (64, 4, 3)."""
    stops = np.array(ground, np.float32)
    at = np.clip((np.linspace(0, 1, 64) - share) / max(1 - share, 1e-6), 0, 1) * (len(stops) - 1)
    rows = np.stack([np.interp(at, np.arange(len(stops)), stops[:, c]) for c in range(3)], axis=1)
    return np.repeat(rows[:, None].astype(np.uint8), 4, axis=1)
