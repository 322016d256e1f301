"""A reading in a few bytes: per position its four likeliest signs, and one floor for all others.

Two bytes for layout and colour, then eight for each of ten positions: four signs, the chance of the
second, of the third and fourth, of all the rest together, and that there is no sign. The likeliest
sign has what is left. So a reading of eight positions says what it has to say in 66 bytes.

What is lost: how the rest is shared among its signs (it is spread evenly), chances below
`exp(-255 / 32)` of being in doubt, and the least sure of more than ten positions. A kept sign is
within a twentieth of its chance, the floor likewise (`tests/index/plates/test_packing.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, U8, checked
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, COLUMNS

FORMAT = "readings-1"
POSITIONS = 10
SIGNS = 4
CELL_BYTES = 8
HEAD_BYTES = 2
ROW_BYTES = HEAD_BYTES + POSITIONS * CELL_BYTES

VOID = 192
"""A position is looked at as void, when rows are narrowed down, from this level of `absent` on."""

# Both orders are part of every kept file: append, never move. Place 0 is what is not known.
LAYOUT_NAMES = (
    *("unknown", "cn_blue", "cn_green", "cn_green_large", "cn_yellow", "cn_yellow_two_rows"),
    *("cn_trailer", "cn_learner", "cn_police", "cn_emergency", "cn_military", "cn_armed_police"),
    *("cn_black", "cn_border", "cn_embassy", "cn_consulate", "cn_airport", "cn_motorcycle"),
    *("cn_ebike", "eu", "uk", "us", "br_old", "br_mercosur", "br_motorcycle"),
)
COLOUR_NAMES = (
    *("", "blue", "green", "yellow_green", "yellow", "white", "black", "grey", "red", "other"),
)

_STEPS = 32  # levels to a factor of e
_LEVELS = np.exp(-np.arange(256) / _STEPS).astype(np.float32)
# Of the sign before: fine where it matters, and nothing at all.
_RATIOS = np.array(
    [0, 0.01, 0.02, 0.04, 0.07, 0.11, 0.16, 0.22, 0.29, 0.37, 0.46, 0.56, 0.66, 0.77, 0.88, 1],
    np.float32,
)
_BETWEEN_RATIOS = (_RATIOS[1:] + _RATIOS[:-1]) / 2
_TINY = np.float32(1e-12)
_BLOCK_ROWS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Unpacked rows: `signs` (N, P, 4) with their chances `weights` (N, P, 4), the `floor` (N, P)
    of every other sign, and `absent` (N, P); weights and floors are of the position as a whole."""

    signs: U8
    weights: F32
    floor: F32
    absent: F32

    def chances(self) -> F32:
        """The chance of each sign, (N, P, C)."""
        count, positions, _ = self.signs.shape
        chances = np.empty((count, positions, ABSENT), np.float32)
        chances[:] = self.floor[..., None]
        np.put_along_axis(chances, self.signs.astype(np.intp), self.weights, axis=2)
        return chances


def packed(log_probs: F32, layouts: Sequence[str], colours: Sequence[str]) -> U8:
    """Readings (N, P, A) as rows (N, `ROW_BYTES`); an unknown layout or colour is kept as such."""
    checked("log_probs", log_probs, np.float32, "N", "P", COLUMNS)
    if not len(layouts) == len(colours) == len(log_probs):
        raise InvalidInput(
            f"plates: want a layout and a colour for each of {len(log_probs)} readings, "
            f"got {len(layouts)} and {len(colours)}"
        )
    rows = np.zeros((len(log_probs), ROW_BYTES), np.uint8)
    rows[:, 0] = [_place(name, LAYOUT_NAMES) for name in layouts]
    rows[:, 1] = [_place(name, COLOUR_NAMES) for name in colours]
    for start in range(0, len(log_probs), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        cells = _packed_cells(_ten(np.exp(log_probs[block])))
        rows[block, HEAD_BYTES:] = cells.reshape(len(cells), -1)
    return rows


def cells_of(rows: U8) -> Cells:
    """What rows (N, `ROW_BYTES`) say, without the positions that are void in all of them."""
    cells = rows[:, HEAD_BYTES:].reshape(len(rows), POSITIONS, CELL_BYTES)
    there = np.flatnonzero((cells[:, :, 7] < 255).any(axis=0))
    cells = cells[:, : there[-1] + 1 if len(there) else 0]
    second = _LEVELS[cells[..., 4]]
    third = second * _RATIOS[cells[..., 5] >> 4]
    fourth = third * _RATIOS[cells[..., 5] & 15]
    rest = _LEVELS[cells[..., 6]]
    weights = np.stack([second, second, third, fourth], axis=-1)
    weights[..., 0] = np.maximum(1 - second - third - fourth - rest, second)
    weights /= (weights.sum(axis=-1) + rest)[..., None]
    rest = 1 - weights.sum(axis=-1)
    absent = cells[..., 7].astype(np.float32) / np.float32(255)
    weights *= (1 - absent)[..., None]
    floor = np.maximum((1 - absent) * rest / (ABSENT - SIGNS), 0)
    return Cells(cells[..., :SIGNS], weights, floor, absent)


def unpacked(rows: U8) -> F32:
    """Readings (N, P, A) as `packed` kept them, rows normalised; P is the longest's."""
    cells = cells_of(rows)
    whole = np.concatenate([cells.chances(), cells.absent[..., None]], axis=2)
    return np.asarray(np.log(np.maximum(whole, _TINY)), np.float32)


def layout_and_colour(row: U8) -> tuple[str, str]:
    """The names that one row (`ROW_BYTES`,) bears."""
    return LAYOUT_NAMES[int(row[0])], COLOUR_NAMES[int(row[1])]


def level_of(chance: float) -> int:
    """The level that stands for a chance in a cell; the less likely, the higher."""
    return int(_levels(np.array([chance], np.float32))[0])


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else 0


def _ten(chances: F32) -> F32:
    """Chances (N, 10, A): void positions added, or the least likely to exist left out."""
    count, positions, _ = chances.shape
    if positions > POSITIONS:
        surest = np.argsort(chances[..., ABSENT], axis=1, kind="stable")[:, :POSITIONS]
        return np.take_along_axis(chances, np.sort(surest, axis=1)[..., None], axis=1)
    ten = np.zeros((count, POSITIONS, COLUMNS), np.float32)
    ten[..., ABSENT] = 1.0
    ten[:, :positions] = chances
    return ten


def _packed_cells(chances: F32) -> U8:
    """Chances (N, 10, A) as cells (N, 10, 8); those of void positions are zeros but the last."""
    cells = np.zeros((*chances.shape[:2], CELL_BYTES), np.uint8)
    cells[..., 7] = np.rint(chances[..., ABSENT] * 255)
    real = cells[..., 7] < 255
    cells[real, :7] = _packed_signs(chances[real][:, :ABSENT])
    return cells


def _packed_signs(signs: F32) -> U8:
    """Chances of signs (M, C), overwritten, as the first seven bytes of their cells."""
    every = np.arange(len(signs))
    there = signs.sum(axis=1)
    packed = np.empty((len(signs), 7), np.uint8)
    kept = np.empty((SIGNS, len(signs)), np.float32)
    for place in range(SIGNS):
        best = signs.argmax(axis=1)
        packed[:, place] = best
        kept[place] = signs[every, best] / there
        signs[every, best] = -1.0
    packed[:, 4] = _levels(kept[1])
    packed[:, 5] = _ratios(kept[2], kept[1]) << 4 | _ratios(kept[3], kept[2])
    packed[:, 6] = _levels(1 - kept.sum(axis=0))
    return packed


def _levels(chances: F32) -> U8:
    levels = np.rint(-_STEPS * np.log(np.maximum(chances, _TINY)))
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def _ratios(chances: F32, of: F32) -> U8:
    return np.searchsorted(_BETWEEN_RATIOS, chances / np.maximum(of, _TINY)).astype(np.uint8)
