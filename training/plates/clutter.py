"""What makes a real picture hard: grain of surfaces, grilles and fences, creases, reflections.

A finder that has only seen flat colours takes every texture for writing. All in place, all cheap.
"""

import cv2
import numpy as np

from core.arrays import F32, U8
from training.plates.blank import Rgb
from training.plates.press import jittered

_GRAINS = ((5, 7), (16, 22), (48, 64))
"""Rows and columns of the grids that surfaces get their grain from, coarse to fine."""
_LEAVES: tuple[Rgb, ...] = ((60, 90, 40), (40, 60, 30), (120, 120, 60), (110, 90, 70))


def clutter(rgb: U8, rng: np.random.Generator) -> None:
    """A street's own disorder: leaves, fences, wires, over a grain."""
    if rng.random() < 0.35:
        _leaves(rgb, rng)
    for _ in range(int(rng.integers(0, 4))):
        _lattice(rgb, rng, largest=0.6)
    _lines(rgb, rng, int(rng.integers(0, 10)))
    if rng.random() < 0.7:
        _grain(rgb, rng, 0.16)


def wear(rgb: U8, rng: np.random.Generator) -> None:
    """What lies on a body: vents, creases, reflections of what stands around."""
    for _ in range(int(rng.integers(0, 3))):
        _lattice(rgb, rng, largest=0.35)
    _lines(rgb, rng, int(rng.integers(0, 7)))
    for _ in range(int(rng.integers(0, 4))):
        _reflection(rgb, rng)
    if rng.random() < 0.6:
        _grain(rgb, rng, 0.1)


def _grain(rgb: U8, rng: np.random.Generator, most: float) -> None:
    """Light and dark in three sizes."""
    size = (rgb.shape[1], rgb.shape[0])
    light = np.ones(size[::-1], np.float32)
    for grid in _GRAINS:
        noise = rng.normal(0, rng.uniform(0, most), grid).astype(np.float32)
        light += np.asarray(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), np.float32)
    cv2.multiply(rgb, cv2.merge([light] * 3), dst=rgb, dtype=cv2.CV_8U)


def _leaves(rgb: U8, rng: np.random.Generator) -> None:
    """A bush or a heap: small patches of two colours, dense towards one side."""
    size = (rgb.shape[1], rgb.shape[0])
    grid = (int(rng.integers(20, 60)), int(rng.integers(30, 90)))
    noise = np.asarray(
        cv2.resize(rng.random(grid, np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32
    )
    side = np.linspace(-0.7, 0.9, rgb.shape[1] if rng.random() < 0.5 else rgb.shape[0])
    slope = np.asarray(rng.permutation([1, -1])[0] * side, np.float32)
    slope = slope[None] if len(slope) == rgb.shape[1] else slope[:, None]
    for threshold in (0.45, 0.62):
        base = _LEAVES[int(rng.integers(len(_LEAVES)))]
        rgb[noise + slope * 0.5 > threshold] = jittered(rng, base, 18)


def _lattice(rgb: U8, rng: np.random.Generator, *, largest: float) -> None:
    """Stripes or a grid: a grille, a fence, a shutter, a drain."""
    height, width = rgb.shape[:2]
    wide = int(width * rng.uniform(0.06, largest))
    high = int(height * rng.uniform(0.04, largest))
    left, top = int(rng.integers(0, width - wide)), int(rng.integers(0, height - high))
    area = rgb[top : top + high, left : left + wide]
    step = int(rng.integers(2, 10))
    thick = int(rng.integers(1, step))
    ink = np.array(jittered(rng, (90, 90, 92), 60), np.float32)
    cover = np.zeros(area.shape[:2], np.float32)
    way = int(rng.integers(3))
    if way != 1:
        cover[np.arange(high) % step < thick] = 1
    if way != 0:
        cover[:, np.arange(wide) % step < thick] = 1
    share = cover[..., None] * float(rng.uniform(0.2, 1.0))
    area[:] = (area * (1 - share) + ink * share).astype(np.uint8)


def _lines(rgb: U8, rng: np.random.Generator, count: int) -> None:
    """Wires, creases, edges of panels; straight or bent."""
    height, width = rgb.shape[:2]
    for _ in range(count):
        colour = jittered(rng, (110, 110, 112), 70)
        thick = int(rng.choice([1, 1, 1, 2, 3]))
        at = rng.uniform(-0.1, 1.1, (2, 2)) * (width, height)
        one, other = np.rint(at).astype(int).tolist()
        if rng.random() < 0.5:
            cv2.line(rgb, one, other, colour, thick, cv2.LINE_AA)
        else:
            axes = np.maximum(np.abs(at[1] - at[0]) / 2, 2).astype(int).tolist()
            start, sweep = float(rng.uniform(0, 360)), float(rng.uniform(30, 200))
            turn = float(rng.uniform(-20, 20))
            cv2.ellipse(rgb, one, axes, turn, start, start + sweep, colour, thick, cv2.LINE_AA)


def _reflection(rgb: U8, rng: np.random.Generator) -> None:
    """A soft bright or dark patch, long and level as skies and roads are."""
    height, width = rgb.shape[:2]
    down, across = np.ogrid[0:height, 0:width]
    middle = rng.uniform(0, 1, 2) * (height, width)
    reach = np.array([rng.uniform(0.02, 0.2) * height, rng.uniform(0.05, 0.5) * width])
    away = ((down - middle[0]) / reach[0]) ** 2 + ((across - middle[1]) / reach[1]) ** 2
    patch: F32 = np.exp(-np.minimum(away, 12)).astype(np.float32)
    patch *= np.float32(rng.uniform(-60, 130))
    cv2.add(rgb, cv2.merge([patch] * 3), dst=rgb, dtype=cv2.CV_8U)
