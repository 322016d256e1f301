"""What stands on pavements: lamps, signals, bollards, benches, bins, signs, boxes."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, U8
from scenes.shapes import Colour, Decal, Figure, Mesh, box, ellipsoid, joined, quads, tube

_STEEL: Colour = (0.36, 0.38, 0.39)
_DARK: Colour = (0.13, 0.14, 0.15)
_WOOD: Colour = (0.46, 0.31, 0.19)
_LEAF: Colour = (0.22, 0.36, 0.16)
_PAINTS: tuple[Colour, ...] = ((0.20, 0.30, 0.26), (0.16, 0.17, 0.18), (0.30, 0.31, 0.32))
_FACE_PX = 96


def lamp(height_m: float, *, lit: bool) -> Figure:
    """A street lamp whose arm reaches to +x."""
    pole = tube([(0, 0, 0), (0, 0, 1.1), (0, 0, height_m)], [0.07, 0.055, 0.045], _DARK, sides=8)
    arm = tube([(0, 0, height_m), (1.4, 0, height_m + 0.15)], [0.045, 0.035], _DARK, sides=6)
    foot = tube([(0, 0, 0), (0, 0, 0.5)], [0.13, 0.11], _DARK, sides=8)
    head = box((0.75, 0.26, 0.1), _DARK).moved((1.55, 0.0, height_m + 0.08))
    pane = quads(_flat((0.6, 0.2), height_m + 0.07), (1.0, 0.9, 0.7)).moved((1.55, 0, 0))
    glow = np.full(1, 3.0 if lit else 0.0, np.float32)
    return Figure(joined([foot, pole, arm, head, Mesh(pane.corners_m, pane.rgb, pane.gloss, glow)]))


def _flat(size_m: tuple[float, float], level_m: float) -> F32:
    """One quad (1, 4, 3) that looks down."""
    x, y = size_m[0] / 2, size_m[1] / 2
    ring = [(-x, -y), (-x, y), (x, y), (x, -y)]
    return np.array([[(*point, level_m) for point in ring]], np.float32)


def signal() -> Figure:
    """Traffic lights that face +x, all dim: nobody reads them in a picture."""
    pole = tube([(0, 0, 0), (0, 0, 3.3)], [0.06, 0.055], _STEEL, sides=8)
    head = box((0.22, 0.3, 0.92), (0.07, 0.075, 0.08)).moved((0.12, 0.0, 2.4))
    board = box((0.03, 0.46, 1.08), (0.06, 0.06, 0.065)).moved((0.0, 0.0, 2.32))
    small = box((0.16, 0.22, 0.44), (0.07, 0.075, 0.08)).moved((0.0, 0.16, 1.95))
    face = picture((0.28, 0.9), _lights())
    return Figure(joined([pole, board, head, small]), (face.moved((0.235, 0.0, 2.41)),))


def _lights() -> U8:
    picture = np.full((3 * _FACE_PX, _FACE_PX, 3), 18, np.uint8)
    for row, rgb in enumerate(((150, 40, 34), (140, 104, 30), (30, 92, 64))):
        at = (_FACE_PX // 2, row * _FACE_PX + _FACE_PX // 2)
        cv2.circle(picture, at, 36, rgb, -1, cv2.LINE_AA)
        cv2.circle(picture, (at[0] - 10, at[1] - 12), 10, tuple(2 * p // 3 + 80 for p in rgb), -1)
    return picture


def picture(size_m: tuple[float, float], rgb: U8, glow: float = 0.0) -> Decal:
    """A picture that faces +x, its foot at the origin."""
    half, tall = size_m[0] / 2, size_m[1]
    corners = [(0, -half, tall), (0, half, tall), (0, half, 0), (0, -half, 0)]
    return Decal(np.array(corners, np.float32), rgb, glow)


def bollard() -> Figure:
    """A steel post with a light band."""
    post = tube([(0, 0, 0), (0, 0, 0.72)], [0.065, 0.06], _DARK, sides=8)
    band = tube([(0, 0, 0.72), (0, 0, 0.82)], [0.064, 0.064], (0.80, 0.80, 0.78), sides=8)
    cap = tube([(0, 0, 0.82), (0, 0, 0.92), (0, 0, 0.96)], [0.062, 0.06, 0.03], _DARK, sides=8)
    return Figure(joined([post, band, cap]))


def bench(rng: np.random.Generator) -> Figure:
    """A wooden bench that looks to +x."""
    slats = [box((0.1, 1.7, 0.035), _WOOD).moved((x, 0, 0.44)) for x in (-0.14, -0.01, 0.12)]
    back = [
        box((0.03, 1.7, 0.1), _WOOD).moved((-0.22 - 0.04 * row, 0, 0.56 + 0.14 * row))
        for row in range(3)
    ]
    legs = [box((0.4, 0.06, 0.44), _DARK).moved((0, y, 0)) for y in (-0.65, 0.65)]
    return Figure(joined([*legs, *slats, *back]))


def litter_bin(rng: np.random.Generator) -> Figure:
    """A round bin with a lid."""
    rgb = _PAINTS[int(rng.integers(len(_PAINTS)))]
    body = tube([(0, 0, 0.05), (0, 0, 0.8)], [0.21, 0.25], rgb, sides=12)
    lid = tube([(0, 0, 0.8), (0, 0, 0.86), (0, 0, 0.94)], [0.27, 0.27, 0.12], _DARK, sides=12)
    return Figure(joined([body, lid]))


def post_box(rng: np.random.Generator) -> Figure:
    """A letter box, red, yellow or blue."""
    rgbs: tuple[Colour, ...] = ((0.62, 0.10, 0.10), (0.82, 0.64, 0.12), (0.14, 0.24, 0.46))
    rgb = rgbs[int(rng.integers(len(rgbs)))]
    stand = box((0.3, 0.3, 0.5), _DARK)
    body = box((0.36, 0.46, 0.75), rgb, gloss=0.4).moved((0, 0, 0.5))
    slot = box((0.02, 0.3, 0.04), (0.05, 0.05, 0.05)).moved((0.18, 0, 1.05))
    return Figure(joined([stand, body, slot]))


def cabinet(rng: np.random.Generator) -> Figure:
    """A grey box full of wires."""
    grey = float(rng.uniform(0.36, 0.5))
    rgb = (grey, grey * 1.02, grey * 0.96)
    body = box((0.36, float(rng.uniform(0.8, 1.3)), 1.15), rgb)
    foot = box((0.4, 1.0, 0.12), (0.3, 0.3, 0.3))
    return Figure(joined([foot, body]))


def planter(rng: np.random.Generator) -> Figure:
    """A trough with a low hedge or flowers."""
    long = float(rng.uniform(1.1, 1.8))
    wood = rng.random() < 0.5
    trough = box((0.5, long, 0.46), _WOOD if wood else (0.5, 0.49, 0.47))
    meshes = [trough]
    blooms: tuple[Colour, ...] = ((0.72, 0.2, 0.26), (0.82, 0.66, 0.24), (0.6, 0.4, 0.66))
    bloom = blooms[int(rng.integers(len(blooms)))]
    for _ in range(22):
        shade = float(rng.uniform(0.7, 1.25))
        leaf = (_LEAF[0] * shade, _LEAF[1] * shade, _LEAF[2] * shade)
        at = (rng.uniform(-0.18, 0.18), rng.uniform(-long / 2 + 0.1, long / 2 - 0.1), 0.52)
        size = float(rng.uniform(0.1, 0.19))
        meshes.append(ellipsoid(at, (size, size, size * 1.1), leaf, sides=6, rows=4))
    for _ in range(14):
        at = (rng.uniform(-0.22, 0.22), rng.uniform(-long / 2, long / 2), rng.uniform(0.6, 0.72))
        meshes.append(ellipsoid(at, (0.05, 0.05, 0.05), bloom, sides=5, rows=3))
    return Figure(joined(meshes))


def cycle_stand() -> Figure:
    """A steel hoop to lock cycles to."""
    turn = np.linspace(0, np.pi, 7)
    bend = [(float(0.35 * np.cos(a)), 0.0, float(0.6 + 0.22 * np.sin(a))) for a in turn]
    points = [(0.35, 0.0, 0.0), *bend, (-0.35, 0.0, 0.0)]
    return Figure(tube(points, [0.025] * len(points), _STEEL, sides=6))


def sign(rng: np.random.Generator) -> Figure:
    """A traffic sign on a pole, seen from +x and grey from behind."""
    pole = tube([(0, 0, 0), (0, 0, 2.9)], [0.035, 0.035], _STEEL, sides=6)
    back = box((0.02, 0.58, 0.58), (0.42, 0.43, 0.44)).moved((0.03, 0, 2.3))
    face = picture((0.56, 0.56), _SIGNS[int(rng.integers(len(_SIGNS)))]())
    return Figure(joined([pole, back]), (face.moved((0.05, 0.0, 2.31)),))


def _blank(rgb: tuple[int, int, int]) -> U8:
    picture = np.zeros((_FACE_PX, _FACE_PX, 3), np.uint8)
    picture[...] = rgb
    return picture


def _no_stopping() -> U8:
    picture, middle = _blank((206, 208, 208)), (_FACE_PX // 2, _FACE_PX // 2)
    cv2.circle(picture, middle, 44, (176, 28, 32), -1, cv2.LINE_AA)
    cv2.circle(picture, middle, 34, (30, 62, 140), -1, cv2.LINE_AA)
    cv2.line(picture, (22, 22), (74, 74), (176, 28, 32), 10, cv2.LINE_AA)
    return picture


def _parking() -> U8:
    picture = _blank((28, 66, 150))
    cv2.putText(picture, "P", (22, 78), cv2.FONT_HERSHEY_DUPLEX, 2.6, (240, 240, 240), 8)
    return picture


def _speed() -> U8:
    picture, middle = _blank((206, 208, 208)), (_FACE_PX // 2, _FACE_PX // 2)
    cv2.circle(picture, middle, 45, (186, 30, 34), -1, cv2.LINE_AA)
    cv2.circle(picture, middle, 34, (240, 240, 238), -1, cv2.LINE_AA)
    cv2.putText(picture, "30", (20, 62), cv2.FONT_HERSHEY_DUPLEX, 1.4, (20, 20, 20), 4)
    return picture


def _crossing() -> U8:
    picture = _blank((28, 66, 150))
    triangle = np.array([(48, 12), (86, 80), (10, 80)], np.int32)
    cv2.fillConvexPoly(picture, triangle, (240, 240, 240), cv2.LINE_AA)
    cv2.line(picture, (48, 36), (48, 58), (20, 20, 20), 8)
    cv2.line(picture, (48, 56), (36, 76), (20, 20, 20), 5)
    cv2.line(picture, (48, 56), (60, 76), (20, 20, 20), 5)
    return picture


_SIGNS: tuple[Callable[[], U8], ...] = (_no_stopping, _parking, _speed, _crossing)


def camera_pole(height_m: float) -> Figure:
    """A pole with a camera that looks to +x."""
    pole = tube([(0, 0, 0), (0, 0, height_m)], [0.07, 0.055], _STEEL, sides=8)
    body = box((0.34, 0.12, 0.12), (0.82, 0.82, 0.80)).moved((0.2, 0, height_m - 0.15))
    return Figure(joined([pole, body]))


@dataclass(frozen=True, eq=False)
class Standing:
    """A figure in the world and where it stands, (2,)."""

    figure: Figure
    xy_m: F64
