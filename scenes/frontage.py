"""House fronts on the picture: their light, their place, their depth."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, Bool
from scenes.easel import Easel, fixed
from scenes.facades import Facade, facade
from scenes.houses import House
from scenes.light import LAMP_HEIGHT_M, LAMP_POWER, LAMP_RGB, Light, linear
from scenes.skies import sky_at

_FINEST_PX, _COARSEST_PX = 110.0, 6.0
_SLACK_M = 0.5
_MIRRORED_PX = 14.0  # reflections are blurred anyway
_WINDOWS_M, _WINDOW_POWER, _WINDOW_RGB = 60.0, 1.5, (1.0, 0.78, 0.50)
_DIM = 0.05  # a beam that weak draws no shadow
_CELL_M = 0.5  # light on a front changes slowly
_GLOW = {"day": 0.0, "dusk": 0.55, "night": 0.6}


@dataclass(frozen=True, slots=True, eq=False)
class Fronts:
    """`depth_m` (H, W) of the front before each fine pixel; infinite where there is none."""

    depth_m: F32


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Houses, lamps (L, 2) and light before an easel.

    `mirrored` is what a wet ground shows: the houses as if they hung below it, roughly.
    """

    easel: Easel
    houses: list[House]
    light: Light
    lamps_m: F64
    mirrored: bool = False

    @property
    def up(self) -> float:
        """Which way houses stand."""
        return -1.0 if self.mirrored else 1.0


def paint_fronts(radiance: F32, setting: Setting) -> Fronts:
    """Paint all fronts that are seen over the linear `radiance` (H, W, 3), nearest on top."""
    depth = np.full(setting.easel.fine.size_hw, np.inf, np.float32)
    eye = setting.easel.view.position_m
    seen = [house for house in setting.houses if house.faces(eye)]
    for house in sorted(seen, key=lambda house: _nearest(house, eye)):
        patch = _placed(house, setting, depth)
        if patch is not None:
            front = lit_front(house, _density(house, setting), patch.top_m, setting)
            _paint(radiance, patch, front, setting)
    return Fronts(depth)


def window_light(xy_m: F32, houses: list[House], eye_m: tuple[float, float, float]) -> F32:
    """What lit shop windows give the ground at places (N, 2), linear (N, 3)."""
    total = np.zeros(len(xy_m), np.float32)
    for house in houses:
        if house.ground != "shop" or _nearest(house, eye_m) > _WINDOWS_M:
            continue
        offset = xy_m - np.array(house.start_m, np.float32)
        out = offset @ house.outward.astype(np.float32)
        along = offset @ house.along.astype(np.float32)
        beside = along - np.clip(along, 0.5, max(house.width_m - 0.5, 0.5))
        away_sq = out**2 + beside**2 + 1.5**2
        total += np.where(out > 0, _WINDOW_POWER * out / away_sq**1.5, 0).astype(np.float32)
    return np.asarray(total[:, None] * np.array(_WINDOW_RGB, np.float32), np.float32)


def _nearest(house: House, eye: tuple[float, float, float]) -> float:
    """Distance from the eye to the front's nearest point, along the ground."""
    return float(np.linalg.norm(_foot(house, eye)[:2] - np.asarray(eye[:2])))


def _foot(house: House, eye: tuple[float, float, float]) -> F64:
    along = (np.asarray(eye[:2]) - np.asarray(house.start_m)) @ house.along
    return np.array(house.at(float(np.clip(along, 0, house.width_m)), 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """Where a front is on the picture: a window, which of its pixels, and up to which height."""

    house: House
    rows: slice
    columns: slice
    shown: Bool
    top_m: float


def _placed(house: House, setting: Setting, depth: F32) -> _Patch | None:
    """The pixels that a front wins; their depth is written."""
    easel = setting.easel
    outline = easel.outline(house.quad_m() * np.array([1.0, 1.0, setting.up]))
    if outline is None:
        return None
    height, width = easel.fine.size_hw
    low = np.clip(np.floor(outline.min(axis=0)), 0, [width, height]).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0)) + 1, 0, [width, height]).astype(int)
    if (high <= low).any():
        return None
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    inside = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillConvexPoly(inside, fixed(outline - low.astype(np.float32)), 1, cv2.LINE_8, 5)
    away = _depths(house, easel, (rows, columns))
    shown = (inside > 0) & (away < depth[rows, columns])
    if not shown.any():
        return None
    depth[rows, columns][shown] = away[shown]
    top_row = rows.start + int(np.flatnonzero(shown.any(axis=1))[0])
    top_m = house.height_m
    if not setting.mirrored:
        top_m = _top(house, easel, top_row, float(away[shown].max()))
    return _Patch(house, rows, columns, shown, top_m)


def _top(house: House, easel: Easel, row: int, depth_m: float) -> float:
    """The greatest height that is seen of a front at or below a row."""
    fine = easel.fine
    down = (row - fine.size_hw[0] / 2) / fine.focal_px
    rise = down * fine.axes[1, 2] + fine.axes[2, 2]
    level = fine.position_m[2] + max(rise * depth_m, rise * 0.3) + _SLACK_M
    return float(np.clip(level, 1.0, house.height_m))


def _depths(house: House, easel: Easel, window: tuple[slice, slice]) -> F32:
    """Depth of the front's plane at each pixel of a window; its inverse is linear in pixels."""
    fine = easel.fine
    normal = np.array([*house.outward, 0.0])
    offset = normal @ (np.array(house.at(0.0, 0.0)) - np.asarray(fine.position_m))
    slope = fine.axes @ normal / offset
    rows, columns = (np.arange(span.start, span.stop) + 0.5 for span in window)
    down = (rows - fine.size_hw[0] / 2) / fine.focal_px * slope[1] + slope[2]
    aside = (columns - fine.size_hw[1] / 2) / fine.focal_px * slope[0]
    inverse = np.maximum(down[:, None] + aside[None], 1e-6)
    return np.asarray(1 / inverse, np.float32)


def _density(house: House, setting: Setting) -> float:
    """How many texture pixels a metre of the front wants."""
    fine = setting.easel.fine
    feet = np.array([house.at(along, 0.0) for along in np.linspace(0, house.width_m, 5)])
    depth = (feet - np.asarray(fine.position_m)) @ fine.axes[2]
    ahead = depth[depth > 1.0]
    near = float(ahead.min()) if len(ahead) else 1.0
    return float(
        np.clip(
            fine.focal_px / near, _COARSEST_PX, _MIRRORED_PX if setting.mirrored else _FINEST_PX
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class LitFront:
    """A front's linear radiance (h, w, 3), `px_per_m` fine, up to `top_m`."""

    radiance: F32
    px_per_m: float
    top_m: float


def lit_front(house: House, px_per_m: float, top_m: float, setting: Setting) -> LitFront:
    """What a front sends out: what falls on it, what shines in it, what its panes mirror."""
    look, light = facade(house, px_per_m, top_m), setting.light
    radiance = _LINEAR[look.albedo]
    radiance *= _falls(house, look.glass.shape, px_per_m, setting)
    if light.dark:
        radiance += _LINEAR[look.glow] * np.float32(_GLOW[light.hour])
    _mirror(radiance, look, px_per_m, light)
    return LitFront(radiance, px_per_m, len(look.albedo) / px_per_m)


_LINEAR = linear(np.arange(256, dtype=np.float32) / np.float32(255))


def _mirror(radiance: F32, look: Facade, px_per_m: float, light: Light) -> None:
    """Panes show the sky above the houses across, slanted and broken by uneven glass."""
    height, width = look.glass.shape
    z = (height - np.arange(height, dtype=np.float32)) / px_per_m
    u = np.arange(width, dtype=np.float32) / px_per_m
    wave = 0.5 + 0.5 * np.sin(u[None] * 1.7 + z[:, None] * 0.9 + 1.3 * np.sin(z[:, None] * 0.8))
    above = np.clip(0.1 + z / 25, 0, 1)
    bright = sky_at(np.asarray(above, np.float32), light)[:, None]
    share = look.glass.astype(np.float32)[..., None] / 255 * (0.10 + 0.22 * wave[..., None])
    radiance += share * bright


def _falls(house: House, size: tuple[int, ...], px_per_m: float, setting: Setting) -> F32:
    """Light on a front, (h, w, 3), worked out on a coarse grid."""
    light = setting.light
    height, width = size[0] / px_per_m, size[1] / px_per_m
    u = np.linspace(0, width, max(int(width / _CELL_M), 2) + 1)
    z = np.linspace(height, 0, max(int(height / _CELL_M), 2) + 1)
    out, rise = house.outward, z[:, None]
    beam = max(float(out @ np.array(light.toward[:2])), 0.0)
    beam = beam if sum(light.beam_rgb) > _DIM else 0.0
    sunny = _sunny(house, u, z, setting) if beam > 0 else np.zeros((len(z), len(u)))
    open_sky = 0.5 * (0.72 + 0.28 * np.clip(rise / 6, 0, 1)) * np.ones(len(u))
    falls = (
        beam * sunny[..., None] * np.array(light.beam_rgb)
        + open_sky[..., None] * np.array(light.sky_rgb)
        + 0.5 * np.array(light.bounce_rgb)
    )
    if light.dark:
        falls = falls + _lamps_on(house, u, z, setting.lamps_m)[..., None] * np.array(LAMP_RGB)
    grown = cv2.resize(falls.astype(np.float32), size[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown, np.float32)


def _sunny(house: House, u: F64, z: F64, setting: Setting) -> F64:
    """Share of the beam that passes the other houses, (Z, U)."""
    toward = np.array(setting.light.toward[:2])
    flat = float(np.linalg.norm(toward))
    climb = setting.light.toward[2] / max(flat, 1e-6)
    toward = toward / max(flat, 1e-6)
    feet = np.asarray(house.start_m) + np.outer(u, house.along) + 0.05 * house.outward
    reach_m = np.zeros(len(u))
    for other in setting.houses:
        start = np.asarray(other.start_m) - feet
        step = np.asarray(other.end_m) - np.asarray(other.start_m)
        across = toward[0] * step[1] - toward[1] * step[0]
        if other is house or abs(across) < 1e-9:
            continue
        reach = (start[:, 0] * step[1] - start[:, 1] * step[0]) / across
        share = (start[:, 0] * toward[1] - start[:, 1] * toward[0]) / across
        meets = (reach > 0.2) & (share >= 0) & (share <= 1)
        reach_m = np.where(meets, np.maximum(reach_m, other.height_m - reach * climb), reach_m)
    return np.clip((z[:, None] - reach_m) / 0.6 + 0.5, 0, 1)


def _lamps_on(house: House, u: F64, z: F64, lamps: F64) -> F64:
    """Light of the street lamps on an upright face, (Z, U)."""
    total = np.zeros((len(z), len(u)))
    for lamp in lamps:
        offset = lamp - np.asarray(house.start_m)
        out, along = float(offset @ house.outward), float(offset @ house.along)
        if out < 0.1 or not -25 < along < house.width_m + 25:
            continue
        drop = LAMP_HEIGHT_M - z[:, None]
        away_sq = out**2 + (u[None] - along) ** 2 + drop**2
        cone = np.clip(0.25 + drop / LAMP_HEIGHT_M, 0.02, 1)
        total += LAMP_POWER * cone * out / np.maximum(away_sq, 1.0) ** 1.5
    return total


def _paint(radiance: F32, patch: _Patch, front: LitFront, setting: Setting) -> None:
    """Warp a front onto its pixels."""
    size = patch.shown.shape
    warp = _homography(patch, front, setting)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = cv2.BORDER_REPLICATE
    seen = cv2.warpPerspective(front.radiance, warp, size[::-1], flags=flags, borderMode=edge)
    radiance[patch.rows, patch.columns][patch.shown] = seen[patch.shown]


def _homography(patch: _Patch, front: LitFront, setting: Setting) -> F64:
    """From the window's pixels to the front's, (3, 3)."""
    fine, house, up = setting.easel.fine, patch.house, setting.up
    along = np.array([*house.along, 0.0]) / front.px_per_m
    down = np.array([0.0, 0.0, -up / front.px_per_m])
    origin = np.array(house.at(0.0, up * front.top_m)) - np.asarray(fine.position_m)
    place = fine.axes @ np.column_stack([along, down, origin])
    height, width = fine.size_hw
    lens = np.array([[fine.focal_px, 0, width / 2], [0, fine.focal_px, height / 2], [0, 0, 1]])
    shift = np.array(
        [[1, 0, -patch.columns.start - 0.5], [0, 1, -patch.rows.start - 0.5], [0, 0, 1]]
    )
    centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return np.asarray(np.linalg.inv(shift @ lens @ place @ centre))
