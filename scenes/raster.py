"""Figures to pixels: a painter's algorithm with soft edges (Newell, Newell and Sancha, 1972)."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, I32, U8
from scenes.light import Light, encoded, fogged, glints, linear, shaded
from scenes.shapes import Decal, Figure
from scenes.views import NEAR_M, View

_SHIFT = 4  # fillConvexPoly's sub-pixel bits
_FINE_PX, _COARSE_PX = 120, 400  # figures lower than this are sampled 3 and 2 times a pixel
_REACH_PX = 4096  # corners farther outside the picture than this are pulled in
_ON_TOP_M = 0.08  # a picture this near a face lies on it
_SMALLEST_DECAL_PX = 2.0
_MASK_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A painted figure: `rgba` (h, w, 4) with colour already times alpha, cut at the picture.

    `left_px`, `top_px` are its place; `xyxy` the whole extent, also what lies outside the picture;
    `full_px` how many pixels that whole extent covers, seen by itself.
    """

    rgba: U8
    left_px: int
    top_px: int
    xyxy: tuple[float, float, float, float]
    full_px: float
    depth_m: float

    @property
    def window(self) -> tuple[slice, slice]:
        """Where it lies in its picture."""
        height, width = self.rgba.shape[:2]
        return (
            slice(self.top_px, self.top_px + height),
            slice(self.left_px, self.left_px + width),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """What of a figure looks at the camera: polygons in pixels, far to near, with grey values."""

    polygons: list[F32]
    colours: F32
    depth_m: F32
    normals: F32
    middles: F32
    radii_m: F32


def paint(figure: Figure, view: View, light: Light) -> Sprite | None:
    """The figure as `view` sees it in `light`, or None where nothing of it is in the picture."""
    faces = _faces(figure, view, light)
    if not faces.polygons:
        return None
    xyxy = _extent(faces.polygons)
    roi = _roi(xyxy, view.size_hw)
    if roi is None:
        return None
    left, top, right, bottom = roi
    scale = _samples(xyxy[3] - xyxy[1])
    canvas = np.zeros(((bottom - top) * scale, (right - left) * scale, 4), np.uint8)
    _fill(canvas, faces, figure, _Pen(view, light, (left, top), scale))
    rgba = canvas
    if scale > 1:
        size = (right - left, bottom - top)
        rgba = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    outside = xyxy[0] < 0 or xyxy[1] < 0
    outside |= xyxy[2] > view.size_hw[1] or xyxy[3] > view.size_hw[0]
    shown = float(cv2.countNonZero(cv2.compare(rgba[..., 3], 127, cv2.CMP_GT)))
    full = max(_covered(faces.polygons, xyxy), shown) if outside else shown
    return Sprite(rgba, left, top, xyxy, full, float(np.mean(faces.depth_m)))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where and how finely the canvas lies in the picture."""

    view: View
    light: Light
    origin_px: tuple[int, int]
    scale: int

    def on_canvas(self, px: F32) -> F32:
        """Picture pixels as pixels of the canvas, whose centres are whole numbers."""
        return np.asarray(
            (px - np.array(self.origin_px, np.float32)) * self.scale - 0.5, np.float32
        )


def _samples(height_px: float) -> int:
    if height_px < _FINE_PX:
        return 3
    return 2 if height_px < _COARSE_PX else 1


def _faces(figure: Figure, view: View, light: Light) -> _Faces:
    """Front faces, projected, shaded and sorted."""
    mesh = figure.mesh
    normals, middles = face_normals(mesh.corners_m), mesh.corners_m.mean(axis=1)
    to_eye = np.asarray(view.position_m, np.float32) - middles
    front = (normals * to_eye).sum(axis=1) > 0
    px, depth_m = view.project(mesh.corners_m[front].reshape(-1, 3))
    px, depth_m = px.reshape(-1, 4, 2), depth_m.reshape(-1, 4)
    inside = (depth_m > NEAR_M).all(axis=1)
    rows = np.flatnonzero(front)
    kept = [px[inside]]
    if not inside.all():
        partly = ~inside & (depth_m > NEAR_M).any(axis=1)
        cut = [_clipped(mesh.corners_m[row], view) for row in rows[partly]]
        rows = np.concatenate([rows[inside], rows[partly]])
        depth_m = np.concatenate([depth_m[inside], np.maximum(depth_m[partly], NEAR_M)])
    else:
        cut = []
    mean_m = depth_m.mean(axis=1)
    order = np.argsort(-mean_m, kind="stable")
    polygons = [*kept[0], *cut]
    rows = rows[order]
    away = np.linalg.norm(to_eye[rows], axis=1, keepdims=True)
    colours = _coloured(figure, rows, normals[rows], to_eye[rows] / away, light)
    return _Faces(
        [polygons[place] for place in order],
        fogged(colours, mean_m[order], light),
        mean_m[order],
        normals[rows],
        middles[rows],
        np.linalg.norm(mesh.corners_m[rows] - middles[rows][:, None], axis=2).max(axis=1),
    )


def _coloured(figure: Figure, rows: I32, normals: F32, to_eye: F32, light: Light) -> F32:
    mesh = figure.mesh
    albedo, glow = linear(mesh.rgb[rows]), mesh.glow[rows][:, None]
    radiance = shaded(albedo, normals, light)
    gloss = mesh.gloss[rows]
    if gloss.any():
        radiance = radiance + glints(normals, to_eye, gloss, light)
    return encoded(np.asarray(radiance + albedo * glow, np.float32))


def face_normals(corners_m: F32) -> F32:
    """Unit normals (P, 3) of quads (P, 4, 3); those of no area are 0."""
    cross = np.cross(corners_m[:, 2] - corners_m[:, 0], corners_m[:, 3] - corners_m[:, 1])
    length = np.linalg.norm(cross, axis=1, keepdims=True)
    return np.asarray(cross / np.maximum(length, 1e-9), np.float32)


def _clipped(corners_m: F32, view: View) -> F32:
    """What of a quad lies before the lens, in pixels (K, 2) (Sutherland and Hodgman, 1974)."""
    forward = view.axes[2]
    depth = (corners_m - np.asarray(view.position_m)) @ forward - NEAR_M * 1.01
    points = []
    for here in range(4):
        there = (here + 1) % 4
        if depth[here] > 0:
            points.append(corners_m[here])
        if (depth[here] > 0) != (depth[there] > 0):
            share = depth[here] / (depth[here] - depth[there])
            points.append(corners_m[here] + share * (corners_m[there] - corners_m[here]))
    px, _ = view.project(np.asarray(points, np.float32))
    return px


def _extent(polygons: list[F32]) -> tuple[float, float, float, float]:
    points = np.concatenate(polygons)
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _roi(
    xyxy: tuple[float, float, float, float], size_hw: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Whole pixels of the picture that the extent touches: left, top, right, bottom."""
    height, width = size_hw
    left, top = max(int(np.floor(xyxy[0])), 0), max(int(np.floor(xyxy[1])), 0)
    right, bottom = min(int(np.ceil(xyxy[2])), width), min(int(np.ceil(xyxy[3])), height)
    return (left, top, right, bottom) if right > left and bottom > top else None


def _fill(canvas: U8, faces: _Faces, figure: Figure, pen: _Pen) -> None:
    """Paint faces far to near, each picture right after what it lies on."""
    after = _decal_turns(figure.decals, faces, pen.view)
    points = [_fixed(pen.on_canvas(polygon)) for polygon in faces.polygons]
    colours = (faces.colours * 255 + 0.5).astype(np.uint8).tolist()
    turn = 0
    for upto, decal in after:
        _fill_polygons(canvas, points[turn:upto], colours[turn:upto])
        _stick(canvas, decal, pen)
        turn = upto
    _fill_polygons(canvas, points[turn:], colours[turn:])


def _fill_polygons(canvas: U8, points: list[I32], colours: list[list[int]]) -> None:
    fill = cv2.fillConvexPoly
    for polygon, (red, green, blue) in zip(points, colours, strict=True):
        fill(canvas, polygon, (red, green, blue, 255), cv2.LINE_8, _SHIFT)


def _fixed(px: F32) -> I32:
    """Pixels as the fixed-point numbers that OpenCV fills with; far ones are pulled in."""
    return np.asarray(np.clip(px, -_REACH_PX, _REACH_PX) * (1 << _SHIFT), np.int32)


def _decal_turns(
    decals: tuple[Decal, ...], faces: _Faces, view: View
) -> list[tuple[int, Decal]]:
    """Which decals are seen, and after how many faces each is painted, ascending."""
    turns = []
    for decal in decals:
        corners = decal.corners_m[[0, 3, 2, 1]]  # counter-clockwise seen from its front
        normal, middle = face_normals(corners[None])[0], corners.mean(axis=0)
        if (np.asarray(view.position_m) - middle) @ normal <= 0:
            continue
        depth_m = float((middle - np.asarray(view.position_m)) @ view.axes[2])
        if depth_m < NEAR_M:
            continue
        reach_m = faces.radii_m + 0.5 * float(np.linalg.norm(corners[2] - corners[0]))
        below = np.abs((faces.middles - middle) @ normal) < _ON_TOP_M
        below &= faces.normals @ normal > 0.7
        below &= np.linalg.norm(faces.middles - middle, axis=1) < reach_m
        own = int(np.searchsorted(-faces.depth_m, -depth_m))
        last = int(np.flatnonzero(below)[-1]) + 1 if below.any() else own
        turns.append((max(own, last), decal))
    return sorted(turns, key=lambda turn: turn[0])


def _stick(canvas: U8, decal: Decal, pen: _Pen) -> None:
    """Blend a decal's picture into the canvas."""
    px, depth_m = pen.view.project(decal.corners_m)
    if (depth_m < NEAR_M).any():
        return
    target = pen.on_canvas(px)
    low = np.maximum(np.floor(target.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(target.max(axis=0)).astype(int) + 1, canvas.shape[1::-1])
    if (high - low < _SMALLEST_DECAL_PX).any():
        return
    picture = _fitting(lit_picture(decal, float(depth_m.mean()), pen.light), target)
    height, width = picture.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (target - low).astype(np.float32))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    patch = cv2.warpPerspective(picture, warp, size, flags=cv2.INTER_LINEAR)
    window = canvas[low[1] : high[1], low[0] : high[0]]
    over(window, patch.astype(np.uint8, copy=False))


def lit_picture(decal: Decal, depth_m: float, light: Light) -> U8:
    """The decal's picture in `light`, RGBA with colour times alpha."""
    normal = face_normals(decal.corners_m[[0, 3, 2, 1]][None])
    white = shaded(np.ones((1, 3), np.float32), normal, light) + decal.glow
    gain = np.power(white[0], 1 / 2.2)
    rgb = np.clip(decal.picture[..., :3].astype(np.float32) / 255 * gain, 0, 1)
    rgb = fogged(rgb, np.full(rgb.shape[:2], depth_m, np.float32), light)
    alpha = (
        decal.picture[..., 3:].astype(np.float32) / 255
        if decal.picture.shape[2] == 4
        else np.ones((*rgb.shape[:2], 1), np.float32)
    )
    both = np.concatenate([rgb * alpha, alpha], axis=2)
    return np.asarray(both * 255 + 0.5, np.uint8)


def _fitting(picture: U8, target: F32) -> U8:
    """The picture no larger than it will be seen, so that it does not flicker."""
    across = max(np.linalg.norm(target[1] - target[0]), np.linalg.norm(target[2] - target[3]))
    down = max(np.linalg.norm(target[3] - target[0]), np.linalg.norm(target[2] - target[1]))
    height, width = picture.shape[:2]
    size = min(width, max(int(across) + 1, 2)), min(height, max(int(down) + 1, 2))
    if size == (width, height):
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def over(ground: U8, rgba: U8) -> None:
    """Lay `rgba` (colour times alpha) over `ground`, of 3 or 4 channels, in place."""
    alpha = rgba[..., 3]
    channels = ground.shape[2]
    left = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2RGB)
    if channels == 4:
        left = cv2.merge([left, left[..., 0]])
    kept = cv2.multiply(ground, left, scale=1 / 255)
    cv2.add(kept, rgba[..., :channels], dst=kept)
    ground[...] = kept


def _covered(polygons: list[F32], xyxy: tuple[float, float, float, float]) -> float:
    """About how many pixels the polygons cover, also outside the picture."""
    low = np.clip(np.array(xyxy[:2]), -_REACH_PX, _REACH_PX)
    high = np.clip(np.array(xyxy[2:]), -_REACH_PX, _REACH_PX)
    scale = min(1.0, _MASK_PX / max(float((high - low).max()), 1.0))
    width, height = (np.ceil((high - low) * scale).astype(int) + 1).tolist()
    mask = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        within = np.clip(polygon, low, high)
        cv2.fillConvexPoly(mask, _fixed((within - low) * scale - 0.5), 255, cv2.LINE_8, _SHIFT)
    return cv2.countNonZero(mask) / scale**2


def ground_shadow(figure: Figure, view: View, light: Light) -> Sprite | None:
    """The figure's shadow on z=0 as an alpha patch (black), or None where none is in the picture.

    The light is far away: every point slides along its direction (Blinn, "Me and My Fake Shadow").
    """
    up = max(light.toward[2], 0.12)
    slide = np.array(light.toward[:2], np.float32) / up
    toward = face_normals(figure.mesh.corners_m) @ np.array(light.toward, np.float32) > 0
    corners = figure.mesh.corners_m[toward]
    height_m = np.clip(corners[..., 2:], 0, None)
    flat = np.concatenate([corners[..., :2] - height_m * slide, np.zeros_like(height_m)], axis=2)
    px, depth_m = view.project(flat.reshape(-1, 3))
    ahead = (depth_m.reshape(-1, 4) > NEAR_M).all(axis=1)
    return mask_of(px.reshape(-1, 4, 2)[ahead], view.size_hw) if ahead.any() else None


def mask_of(polygons: F32, size_hw: tuple[int, int]) -> Sprite | None:
    """Convex polygons (P, K, 2) in pixels as one black alpha patch."""
    xyxy = _extent(list(polygons))
    roi = _roi((xyxy[0] - 2, xyxy[1] - 2, xyxy[2] + 2, xyxy[3] + 2), size_hw)
    if roi is None:
        return None
    left, top, right, bottom = roi
    mask = np.zeros((bottom - top, right - left), np.uint8)
    origin = np.array([left, top], np.float32) + 0.5
    for polygon in _fixed(polygons - origin):
        cv2.fillConvexPoly(mask, polygon, 255, cv2.LINE_8, _SHIFT)
    rgba = cv2.merge([np.zeros_like(mask)] * 3 + [mask]).astype(np.uint8, copy=False)
    return Sprite(rgba, left, top, xyxy, float(cv2.countNonZero(mask)), 0.0)
