"""Street trees: trunks and crowns of many leaf clusters."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, U8
from scenes.canvas import Sprite
from scenes.light import GAMMA, Light, fogged, linear
from scenes.shapes import Figure, tube
from scenes.views import NEAR_M, View

_GREENS = ((0.30, 0.42, 0.17), (0.36, 0.46, 0.20), (0.25, 0.38, 0.19), (0.44, 0.44, 0.18))
_BARK = (0.30, 0.25, 0.20)
_CLUSTERS = 1400
_SAMPLES = 2
_SHIFT = 3


@dataclass(frozen=True, eq=False)
class Tree:
    """`leaves_m` (N, 3) middles of leaf clusters, `radii_m` (N,), `tones` (N,) about 1."""

    xy_m: F64
    leaves_m: F32
    radii_m: F32
    tones: F32
    rgb: tuple[float, float, float]
    trunk: Figure
    crown_m: tuple[float, float]

    def shadow_m(self, slide: F64) -> list[F64]:
        """Polygons (6, 2) on the ground where its leaves keep the sun off; `slide` (2,) is how far
        a shadow moves per metre of height."""
        turn = np.linspace(0, 2 * np.pi, 6, endpoint=False)
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        leaves, radii = self.leaves_m[::3], self.radii_m[::3, None, None]
        middle = leaves[:, :2] - leaves[:, 2:] * slide
        return list(middle[:, None] + circle * (1.8 * radii))


def tree(xy_m: F64, rng: np.random.Generator) -> Tree:
    """A young street tree with its crown above people's heads."""
    wide, low = float(rng.uniform(1.3, 1.9)), float(rng.uniform(2.9, 3.3))
    tall = wide * float(rng.uniform(1.1, 1.5))
    middle = np.array([*xy_m, low + tall])
    way = rng.standard_normal((_CLUSTERS, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    bumps = 1 + 0.16 * np.sin(way @ rng.uniform(2, 5, (3, 3))).sum(axis=1)
    reach = rng.uniform(0.25, 1.0, _CLUSTERS) ** 0.45 * bumps
    leaves = middle + way * reach[:, None] * [wide, wide, tall]
    lean = rng.normal(0, 0.12, 2)
    fork = (float(xy_m[0] + lean[0]), float(xy_m[1] + lean[1]), low + 0.5 * tall)
    foot = (float(xy_m[0]), float(xy_m[1]), 0.0)
    knee = (float(xy_m[0] + 0.3 * lean[0]), float(xy_m[1] + 0.3 * lean[1]), 0.5)
    trunk = tube([foot, knee, fork], [0.15, 0.11, 0.07], _BARK, sides=8)
    return Tree(
        xy_m=np.asarray(xy_m),
        leaves_m=leaves.astype(np.float32),
        radii_m=rng.uniform(0.05, 0.13, _CLUSTERS).astype(np.float32),
        tones=rng.normal(1.0, 0.13, _CLUSTERS).astype(np.float32),
        rgb=_GREENS[int(rng.integers(len(_GREENS)))],
        trunk=Figure(trunk),
        crown_m=(wide, tall),
    )


def crown(plant: Tree, view: View, light: Light) -> Sprite | None:
    """The crown's leaves as a picture; None where none is in view."""
    px, depth = view.project(plant.leaves_m)
    radii = plant.radii_m * view.focal_px / np.maximum(depth, NEAR_M)
    low, high = (px - radii[:, None]).min(axis=0), (px + radii[:, None]).max(axis=0)
    height, width = view.size_hw
    left, top = np.clip(np.floor(low), 0, [width, height]).astype(int).tolist()
    right, bottom = np.clip(np.ceil(high), 0, [width, height]).astype(int).tolist()
    if depth.min() < 1.0 or right <= left or bottom <= top:
        return None
    canvas = np.zeros(((bottom - top) * _SAMPLES, (right - left) * _SAMPLES, 4), np.uint8)
    colours = _colours(plant, depth, light)
    points = np.round((px - [left, top]) * _SAMPLES * (1 << _SHIFT)).astype(int)
    sizes = np.maximum(np.round(radii * _SAMPLES * (1 << _SHIFT)), 1 << _SHIFT).astype(int)
    for row in np.argsort(-depth).tolist():
        rgb = (*colours[row].tolist(), 255)
        cv2.circle(canvas, points[row].tolist(), int(sizes[row]), rgb, -1, cv2.LINE_8, _SHIFT)
    small = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    rgba = np.asarray(small, np.uint8)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    full = float((rgba[..., 3] > 127).sum())
    depths = (float(depth.mean()), float(depth.min()), float(depth.max()))
    return Sprite(rgba, left, top, box, full, *depths)


def _colours(plant: Tree, depth: F32, light: Light) -> U8:
    """Leaf clusters in their light: bright towards the sun and above, dark inside and below."""
    middle = plant.leaves_m.mean(axis=0)
    out = (plant.leaves_m - middle) / _row((plant.crown_m[0], plant.crown_m[0], plant.crown_m[1]))
    sun = np.clip(0.35 + 0.75 * (out @ _row(light.toward)), 0.05, 1)
    above = np.clip(0.55 + 0.45 * out[:, 2], 0.15, 1)
    inside = 0.45 + 0.55 * np.clip(np.linalg.norm(out, axis=1), 0, 1) ** 2
    falls = sun[:, None] * _row(light.beam_rgb) + above[:, None] * _row(light.sky_rgb)
    albedo = linear(_row(plant.rgb)) * (inside * plant.tones)[:, None]
    seen = np.power(np.clip(albedo * falls, 0, 1), 1 / GAMMA)
    seen = fogged(np.asarray(seen, np.float32), depth, light)
    return np.asarray(np.clip(seen * 255, 0, 255), np.uint8)


def _row(values: tuple[float, float, float]) -> F32:
    return np.array(values, np.float32)
