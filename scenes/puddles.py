"""Wet ground: what it mirrors, and how much darker it is."""

import cv2
import numpy as np

from core.arrays import F32, F64
from scenes.easel import Easel
from scenes.frontage import Setting, paint_fronts
from scenes.light import LAMP_HEIGHT_M, LAMP_RGB
from scenes.skies import sky_at

_DARKER = 0.62
_SMEAR = 0.11  # of the picture's height: ripples draw reflections out downwards
_LAMP_RADIANCE = 9.0
_WATER = 0.02  # what water mirrors of light that falls straight down


def mirrored(setting: Setting) -> F32:
    """What a calm wet ground mirrors, linear (H, W, 3): sky, house fronts, lamps."""
    easel = Easel(setting.easel.view, 1)
    fine = easel.fine
    rows = np.arange(fine.size_hw[0]) + 0.5
    below = np.arctan((rows - fine.size_hw[0] / 2) / fine.focal_px) + fine.tilt_rad
    above = sky_at(np.asarray(below, np.float32), setting.light)
    seen = np.repeat(above[:, None], fine.size_hw[1], axis=1)
    rough = Setting(easel, setting.houses, setting.light, setting.lamps_m, mirrored=True)
    fronts = paint_fronts(seen, rough)
    if setting.light.dark:
        _lamps(seen, fronts.depth_m, easel, setting.lamps_m)
    tall = max(int(fine.size_hw[0] * _SMEAR), 3)
    seen = np.asarray(cv2.blur(seen, (max(tall // 10, 1), tall)), np.float32)
    height, width = setting.easel.fine.size_hw
    return np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _lamps(seen: F32, depth_m: F32, easel: Easel, lamps: F64) -> None:
    """Lamps mirrored as short bright streaks."""
    heads = np.column_stack([lamps, np.full(len(lamps), -LAMP_HEIGHT_M)])
    px, depth = easel.fine.project(heads.astype(np.float32))
    height, width = depth_m.shape
    for (x, y), away in zip(px.tolist(), depth.tolist(), strict=True):
        column, row = int(x), int(y)
        if away < 1.0 or not (0 <= column < width and 0 <= row < height):
            continue
        half = max(int(0.25 * easel.fine.focal_px / away), 1)
        rows = slice(max(row - 2 * half, 0), row + 2 * half)
        columns = slice(max(column - half, 0), column + half)
        if depth_m[row, column] > away:
            seen[rows, columns] = np.array(LAMP_RGB, np.float32) * _LAMP_RADIANCE


def soak(radiance: F32, smooth: F32, mirror: F32, easel: Easel) -> None:
    """Darken the ground and lay its reflections over it, in place (Schlick, 1994)."""
    fine = easel.fine
    rows = np.arange(fine.size_hw[0]) + 0.5
    down = np.arctan((rows - fine.size_hw[0] / 2) / fine.focal_px) + fine.tilt_rad
    fresnel = _WATER + (1 - _WATER) * (1 - np.sin(np.clip(down, 0, np.pi / 2))) ** 5
    share = (smooth * (0.08 + fresnel[:, None])).astype(np.float32)[..., None]
    radiance *= np.float32(_DARKER)
    radiance += share * (mirror - radiance)
