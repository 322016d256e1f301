"""Figures to pixels: a painter's algorithm with soft edges (Newell, Newell and Sancha, 1972)."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, I64, U8, Bool
from scenes.canvas import (
    REACH_PX,
    Extent,
    Shade,
    Sprite,
    extent,
    fill,
    fixed,
    mask_of,
    over,
    shade_of,
    within,
)
from scenes.light import Light, encoded, fogged, glints, linear, shaded
from scenes.shapes import Figure, Mesh
from scenes.stickers import Sticker, stick, stickers
from scenes.views import NEAR_M, View

__all__ = ["Sprite", "face_normals", "ground_shadow", "over", "paint"]

_FINE_PX, _COARSE_PX = 130, 400  # figures lower than this are sampled 3 and 2 times a pixel
LOWEST_SUN = 0.16
"""A lower one throws shadows as if it stood so high: else they would have no end."""
_ON_TOP_M = 0.08  # a picture this near a face lies on it
_LEAST_AREA_PX = 0.15  # a face smaller than that changes hardly a pixel
_MASK_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """What of a mesh looks at the camera, far to near: rows of the mesh, polygons (P, K, 2) in
    pixels, depth (P,)."""

    rows: I64
    polygons: F32
    depth_m: F32
    near_m: float
    far_m: float


def paint(figure: Figure, view: View, light: Light) -> Sprite | None:
    """The figure as `view` sees it in `light`, or None where nothing of it is in the picture."""
    faces = _faces(figure.mesh, view)
    if not len(faces.rows):
        return None
    xyxy = extent(faces.polygons)
    window = within(xyxy, view.size_hw)
    if window is None:
        return None
    left, top, right, bottom = window
    scale = _samples(xyxy[3] - xyxy[1])
    canvas = np.zeros(((bottom - top) * scale, (right - left) * scale, 4), np.uint8)
    _fill(canvas, faces, figure, _Pen(view, light, (left, top), scale))
    rgba = canvas
    if scale > 1:
        size = (right - left, bottom - top)
        rgba = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
    full = _full_px(rgba, faces, xyxy, view.size_hw)
    depth = float(faces.depth_m.mean())
    return Sprite(rgba, left, top, xyxy, full, depth, faces.near_m, faces.far_m)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where and how finely the canvas lies in the picture."""

    view: View
    light: Light
    origin_px: tuple[int, int]
    scale: int

    def on_canvas(self, px: F32) -> F32:
        """Picture pixels as pixels of the canvas, whose centres are whole numbers."""
        origin = np.array(self.origin_px, np.float32)
        return np.asarray((px - origin) * np.float32(self.scale) - np.float32(0.5), np.float32)


def _samples(height_px: float) -> int:
    if height_px < _FINE_PX:
        return 3
    return 2 if height_px < _COARSE_PX else 1


def _faces(mesh: Mesh, view: View) -> _Faces:
    """Front faces, projected and sorted."""
    flat, depth = _projected(mesh.corners_m, view)
    polygons, depth_m = flat.reshape(-1, 4, 2), depth.reshape(-1, 4)
    if depth.min(initial=np.inf) > NEAR_M:
        rows = np.flatnonzero(_doubled(polygons) < -2 * _LEAST_AREA_PX)
        polygons = polygons[rows]
    else:
        rows, polygons = _ahead(mesh, view, polygons, depth_m)
    mean_m = _mean(np.maximum(depth_m[rows], NEAR_M))
    order = np.argsort(-mean_m, kind="stable")
    near, far = float(depth.min(initial=np.inf)), float(depth.max(initial=0.0))
    return _Faces(rows[order], polygons[order], mean_m[order], near, far)


def _projected(corners_m: F32, view: View) -> tuple[F32, F32]:
    """Pixels (N, 2) and depth (N,) of all corners: `View.project` in half the time."""
    seen = corners_m.reshape(-1, 3) - np.array(view.position_m, np.float32)
    seen = seen @ view.axes.T.astype(np.float32)
    depth_m = seen[:, 2]
    scale = np.float32(view.focal_px) / np.maximum(depth_m, np.float32(NEAR_M))
    height, width = view.size_hw
    px = seen[:, :2] * scale[:, None] + np.array([width / 2, height / 2], np.float32)
    return np.asarray(px, np.float32), depth_m


def _ahead(mesh: Mesh, view: View, polygons: F32, depth_m: F32) -> tuple[I64, F32]:
    """Rows and polygons (P, 6, 2) of front faces, those that reach behind the lens cut off."""
    ahead = depth_m > NEAR_M
    whole = ahead.all(axis=1)
    rows = np.flatnonzero(whole & (_doubled(polygons) < -2 * _LEAST_AREA_PX))
    cut = np.flatnonzero(~whole & ahead.any(axis=1))
    cut = cut[_facing(mesh.corners_m[cut], view)]
    clipped = [_clipped(mesh.corners_m[row], view)[None] for row in cut.tolist()]
    padded = polygons[rows][:, [0, 1, 2, 3, 3, 3]]
    return np.concatenate([rows, cut]), np.concatenate([padded, *clipped])


def _doubled(polygons: F32) -> F32:
    """Twice the area of quads (P, 4, 2) in pixels, below 0 where they run counter-clockwise."""
    first, second = polygons[:, 2] - polygons[:, 0], polygons[:, 3] - polygons[:, 1]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0], np.float32)


def _mean(corners: F32) -> F32:
    """The mean over four corners (P, 4, ...); `mean` takes three times as long."""
    total = corners[:, 0] + corners[:, 1] + corners[:, 2] + corners[:, 3]
    return np.asarray(total * np.float32(0.25), np.float32)


def _facing(corners_m: F32, view: View) -> Bool:
    to_eye = np.asarray(view.position_m, np.float32) - corners_m.mean(axis=1)
    return np.asarray((face_normals(corners_m) * to_eye).sum(axis=1) > 0, np.bool_)


def face_normals(corners_m: F32) -> F32:
    """Unit normals (P, 3) of quads (P, 4, 3); those of no area are 0."""
    (ax, ay, az), (bx, by, bz) = (
        (corners_m[:, 2] - corners_m[:, 0]).T,
        (corners_m[:, 3] - corners_m[:, 1]).T,
    )
    cross = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)
    length = np.sqrt((cross * cross).sum(axis=1, keepdims=True))
    return np.asarray(cross / np.maximum(length, 1e-9), np.float32)


def _clipped(corners_m: F32, view: View) -> F32:
    """What of a quad with a corner ahead lies before the lens, in pixels (6, 2), the last one
    repeated (Sutherland and Hodgman, 1974). A twisted quad may cross the lens' plane four times."""
    depth = (corners_m - np.asarray(view.position_m)) @ view.axes[2] - NEAR_M
    points = []
    for here in range(4):
        there = (here + 1) % 4
        if depth[here] > 0:
            points.append(corners_m[here])
        if (depth[here] > 0) != (depth[there] > 0):
            share = depth[here] / (depth[here] - depth[there])
            points.append(corners_m[here] + share * (corners_m[there] - corners_m[here]))
    points += [points[-1]] * (6 - len(points))
    px, _ = view.project(np.asarray(points, np.float32))
    return px


def _fill(canvas: U8, faces: _Faces, figure: Figure, pen: _Pen) -> None:
    """Paint faces far to near, each picture right after what it lies on."""
    colours = _coloured(figure.mesh, faces, pen)
    points = fixed(pen.on_canvas(faces.polygons))
    turn = 0
    for upto, sticker in _turns(figure, faces, pen.view):
        fill(canvas, points[turn:upto], colours[turn:upto])
        stick(canvas, sticker, pen.on_canvas(sticker.px), pen.light)
        turn = upto
    fill(canvas, points[turn:], colours[turn:])


def _coloured(mesh: Mesh, faces: _Faces, pen: _Pen) -> list[list[int]]:
    """What each face sends to the camera: RGBA, 0 to 255."""
    rows, light = faces.rows, pen.light
    corners, albedo = mesh.corners_m[rows], linear(mesh.rgb[rows])
    normals = face_normals(corners)
    radiance = shaded(albedo, normals, light) + albedo * mesh.glow[rows][:, None]
    gloss = mesh.gloss[rows]
    if gloss.any():
        to_eye = np.asarray(pen.view.position_m, np.float32) - _mean(corners)
        to_eye /= np.sqrt((to_eye * to_eye).sum(axis=1, keepdims=True))
        radiance = radiance + glints(normals, to_eye, gloss, light)
    rgb = fogged(encoded(np.asarray(radiance, np.float32)), faces.depth_m, light)
    rgba = np.full((len(rows), 4), 255, np.uint8)
    rgba[:, :3] = rgb * 255 + 0.5
    colours: list[list[int]] = rgba.tolist()
    return colours


def _turns(figure: Figure, faces: _Faces, view: View) -> list[tuple[int, Sticker]]:
    """The pictures that are seen, and after how many faces each is painted, ascending."""
    shown = stickers(figure.decals, view)
    if not shown:
        return []
    corners = figure.mesh.corners_m[faces.rows]
    normals, middles = face_normals(corners), corners.mean(axis=1)
    radii = np.linalg.norm(corners[:, 0] - middles, axis=1)
    turns = []
    for one in shown:
        apart = middles - one.middle_m
        below = np.abs(apart @ one.normal) < _ON_TOP_M
        below &= normals @ one.normal > 0.7
        below &= np.linalg.norm(apart, axis=1) < radii + one.reach_m
        last = int(np.flatnonzero(below)[-1]) + 1 if below.any() else 0
        turns.append((max(int(np.searchsorted(-faces.depth_m, -one.depth_m)), last), one))
    return sorted(turns, key=lambda turn: turn[0])


def _full_px(rgba: U8, faces: _Faces, xyxy: Extent, size_hw: tuple[int, int]) -> float:
    """How many pixels the figure covers, also outside of the picture."""
    shown = float(np.count_nonzero(rgba[..., 3] > 127))
    outside = min(xyxy[:2]) < 0 or xyxy[2] > size_hw[1] or xyxy[3] > size_hw[0]
    if not outside:
        return shown
    low = np.clip(np.array(xyxy[:2], np.float32), -REACH_PX, REACH_PX)
    high = np.clip(np.array(xyxy[2:], np.float32), -REACH_PX, REACH_PX)
    scale = min(1.0, _MASK_PX / max(float((high - low).max()), 1.0))
    width, height = (np.ceil((high - low) * scale).astype(int) + 1).tolist()
    points = (np.clip(faces.polygons, low, high) - low) * np.float32(scale) - np.float32(0.5)
    mask = mask_of(fixed(points), (height, width))
    return max(float(np.count_nonzero(mask)) / scale**2, shown)


def ground_shadow(figure: Figure, view: View, light: Light) -> Sprite | None:
    """The figure's shadow on z=0 as a black alpha patch, or None where none is in the picture."""
    shade = cast_shade(figure, view, light, rough=False)
    if shade is None:
        return None
    rgba = np.zeros((*shade.mask.shape, 4), np.uint8)
    rgba[..., 3] = shade.mask
    xyxy = (shade.left_px, shade.top_px, shade.left_px + rgba.shape[1], shade.top_px + len(rgba))
    return Sprite(rgba, shade.left_px, shade.top_px, xyxy, float(np.count_nonzero(rgba)), 0.0)


def cast_shade(figure: Figure, view: View, light: Light, *, rough: bool) -> Shade | None:
    """The figure's shadow on z=0, or None where none is in the picture.

    The light is far away: every point slides along its direction (Blinn, "Me and My Fake Shadow").
    A `rough` one is filled up to its convex hull: right for what is boxy or far away.
    """
    corners = figure.mesh.corners_m
    flat = (corners[:, ::2] if rough else corners).reshape(-1, 3).copy()
    slide = np.array(light.toward[:2], np.float32) / max(light.toward[2], LOWEST_SUN)
    flat[:, :2] -= np.maximum(flat[:, 2:], 0) * slide
    flat[:, 2] = 0
    px, depth_m = _projected(flat, view)
    if rough:
        px = px[depth_m > NEAR_M]
        if not len(px):
            return None
        hull = np.array(cv2.convexHull(px), np.float32)
        return shade_of(hull.reshape(1, -1, 2), view.size_hw, 0.8)
    polygons = px.reshape(-1, 4, 2)
    whole = (depth_m > NEAR_M).reshape(-1, 4).all(axis=1)
    # A closed skin throws the same shadow with either half: the one whose shadow turns so.
    polygons = polygons[whole & (_doubled(polygons) < -2 * _LEAST_AREA_PX)]
    return shade_of(polygons, view.size_hw, 0.6) if len(polygons) else None
