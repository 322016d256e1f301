"""A plate as it hangs: bent, dirty, bolted, in a frame with its dealer's name."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, U8
from training.plates.blank import Rgb, filled, stamp
from training.plates.designs import Plate
from training.plates.letters import Letters
from training.plates.press import jittered, words

_FRAME_COLOURS: tuple[Rgb, ...] = ((22, 22, 24), (30, 30, 34), (190, 192, 196), (232, 232, 230))


@dataclass(frozen=True, slots=True, eq=False)
class Mounted:
    """`rgba` (h, w, 4) of plate and frame, `corners` (4, 2) of the plate in it, clockwise from the
    upper left."""

    rgba: U8
    corners: F32


def mounted(plate: Plate, letters: Letters, rng: np.random.Generator, wide_px: int) -> Mounted:
    """The plate at about `wide_px`, with what holds it and what hides it."""
    high_px = max(4, round(plate.rgb.shape[0] * wide_px / plate.rgb.shape[1]))
    shrunk = cv2.resize(plate.rgb, (wide_px, high_px), interpolation=cv2.INTER_AREA)
    rgb = np.asarray(shrunk, np.uint8)
    if rng.random() < 0.35:
        rgb = _soiled(rgb, rng)
    if rng.random() < 0.65:
        _bolt(rgb, plate, rng)
    if rng.random() < 0.15:
        rgb = _dented(rgb, rng)
    american = plate.layout == "us"
    if rng.random() < (0.5 if american else 0.45):
        return _framed(rgb, letters, rng, over=american or rng.random() < 0.25)
    return Mounted(_rounded(rgb, rng), _rectangle(0, 0, wide_px, high_px))


def _rectangle(left: float, top: float, width: float, height: float) -> F32:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _rounded(rgb: U8, rng: np.random.Generator) -> U8:
    """With the corners cut, as sheets are."""
    height, width = rgb.shape[:2]
    mask = np.full((height, width), 255, np.uint8)
    radius = round(float(rng.uniform(0.02, 0.1)) * height)
    for x in (0, width - 1):
        for y in (0, height - 1):
            at = (
                radius if x == 0 else width - 1 - radius,
                radius if y == 0 else height - 1 - radius,
            )
            cv2.rectangle(mask, (x, y), at, 0, -1)
            cv2.circle(mask, at, radius, 255, -1)
    return np.asarray(cv2.merge([*cv2.split(rgb), mask]), np.uint8)


def _soiled(rgb: U8, rng: np.random.Generator) -> U8:
    """Mud and road film, heavier towards the lower edge."""
    height, width = rgb.shape[:2]
    grid = (int(rng.integers(2, 9)), int(rng.integers(3, 18)))
    patches = cv2.resize(
        rng.random(grid, np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    slope = np.linspace(-0.25, 0.25, height, dtype=np.float32)[:, None]
    least = float(rng.uniform(0.35, 0.9))
    cover = np.clip(
        (patches + slope - least) * float(rng.uniform(1, 4)), 0, float(rng.uniform(0.3, 0.9))
    )
    mud = np.array(jittered(rng, (110, 96, 76), 25), np.float32)
    return np.asarray(rgb + cover[..., None] * (mud - rgb), np.uint8)


def _bolt(rgb: U8, plate: Plate, rng: np.random.Generator) -> None:
    """Bolts, screw caps or empty holes."""
    height, width = rgb.shape[:2]
    radius = height * float(rng.uniform(0.03, 0.07))
    colour = jittered(rng, (150, 148, 140) if rng.random() < 0.6 else (40, 38, 36), 30)
    for x, y in plate.holes:
        if rng.random() < 0.2:
            continue
        at = (round(x * width * 8), round(y * height * 8))
        cv2.circle(rgb, at, round(radius * 8), colour, -1, cv2.LINE_AA, 3)
        bright = tuple(min(255, one + 70) for one in colour)
        spark = (at[0] - round(radius * 2), at[1] - round(radius * 3))
        cv2.circle(rgb, spark, round(radius * 3), bright, -1, cv2.LINE_AA, 3)


def _dented(rgb: U8, rng: np.random.Generator) -> U8:
    """Bent along its length and lit by the bend."""
    height, width = rgb.shape[:2]
    along = np.linspace(0, 2 * np.pi * float(rng.uniform(0.3, 1.2)), width) + rng.uniform(0, 6)
    shift = np.sin(along) * height * float(rng.uniform(0.01, 0.045))
    rows = np.arange(height, dtype=np.float32)[:, None] + shift[None].astype(np.float32)
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    bent = cv2.remap(rgb, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = 1 + np.cos(along) * float(rng.uniform(0, 0.2))
    return np.clip(bent * light[None, :, None], 0, 255).astype(np.uint8)


def _framed(rgb: U8, letters: Letters, rng: np.random.Generator, *, over: bool) -> Mounted:
    """In a frame with words; `over` covers the plate's own edges, as American ones do."""
    height, width = rgb.shape[:2]
    rim = max(1, round(float(rng.uniform(0.02, 0.09)) * height))
    lower = max(rim, round(float(rng.uniform(0.04, 0.24)) * height))
    upper = max(rim, round(float(rng.uniform(0.02, 0.2)) * height)) if over else rim
    inner = (round(upper * 0.6), round(lower * 0.7), round(rim * 0.6)) if over else (0, 0, 0)
    base = _FRAME_COLOURS[int(rng.choice(4, p=[0.4, 0.25, 0.22, 0.13]))]
    colour = jittered(rng, base, 10)
    size = (upper + height + lower - inner[0] - inner[1], width + 2 * (rim - inner[2]))
    whole = filled(size, colour)
    left, top = rim - inner[2], upper - inner[0]
    whole[top : top + height, left : left + width] = rgb
    if over:
        whole[:upper], whole[size[0] - lower :] = colour, colour
        whole[:, :rim], whole[:, size[1] - rim :] = colour, colour
    _lettered_frame(whole, (upper, lower), colour, (letters, rng))
    return Mounted(_rounded(whole, rng), _rectangle(left, top, width, height))


def _lettered_frame(
    whole: U8, bars: tuple[int, int], colour: Rgb, tools: tuple[Letters, np.random.Generator]
) -> None:
    letters, rng = tools
    ink: Rgb = (24, 24, 30) if sum(colour) > 400 else jittered(rng, (226, 226, 220), 20)
    height, width = whole.shape[:2]
    for top, thick in ((0, bars[0]), (height - bars[1], bars[1])):
        if thick < 3 or rng.random() < 0.2:
            continue
        category = "number" if rng.random() < 0.2 else "slogan" if rng.random() < 0.2 else "dealer"
        strip = words(letters, category, rng)
        tall = max(2, round(thick * float(rng.uniform(0.55, 0.85))))
        wide = min(round(width * 0.9), round(tall * strip.shape[1] / strip.shape[0] * 1.2))
        left = (width - wide) // 2
        y = top + (thick - tall) // 2
        stamp(whole, strip, (left, y, left + wide, y + tall), ink)
