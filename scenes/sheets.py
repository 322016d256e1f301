"""Skins cut into cells: a grid of points, and a letter for what each cell is made of."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import F32, F64
from core.errors import InvalidInput
from scenes.shapes import Colour, Mesh, Point, joined, quads

Surface = tuple[Colour, float, float]
"""Colour, gloss and glow."""
Paints = Mapping[str, Surface]

NOTHING = "."
"""The letter of a cell that is left open."""


def sheet(points_m: F64, letters: Sequence[str], paints: Paints, *, facing: Point) -> Mesh:
    """Quads between the points (R, C, 3), seen from the side `facing` points to; `letters` has a
    string of C - 1 for each of the R - 1 rows of cells."""
    rows, columns = points_m.shape[0] - 1, points_m.shape[1] - 1
    if len(letters) != rows or any(len(row) != columns for row in letters):
        raise InvalidInput(f"letters: want {rows} rows of {columns}, got {list(letters)}")
    cells = np.stack(
        [points_m[:-1, :-1], points_m[:-1, 1:], points_m[1:, 1:], points_m[1:, :-1]], axis=2
    ).reshape(-1, 4, 3)
    normal = np.cross(cells[:, 2] - cells[:, 0], cells[:, 3] - cells[:, 1]).sum(axis=0)
    if float(normal @ np.asarray(facing)) < 0:
        cells = cells[:, ::-1]
    flat = "".join(letters)
    kept = np.array([letter != NOTHING for letter in flat], np.bool_)
    return _surfaced(cells[kept], [paints[one] for one in flat if one != NOTHING])


def _surfaced(cells: F64, surfaces: Sequence[Surface]) -> Mesh:
    return Mesh(
        np.ascontiguousarray(cells, np.float32),
        np.array([one[0] for one in surfaces], np.float32).reshape(-1, 3),
        np.array([one[1] for one in surfaces], np.float32),
        np.array([one[2] for one in surfaces], np.float32),
    )


def patch(corners_m: F32 | F64 | Sequence[Point], surface: Surface, *, facing: Point) -> Mesh:
    """One quad."""
    corners = np.asarray(corners_m, np.float64)
    if float(np.cross(corners[2] - corners[0], corners[3] - corners[1]) @ np.asarray(facing)) < 0:
        corners = corners[::-1]
    return quads(corners[None].astype(np.float32), surface[0], gloss=surface[1], glow=surface[2])


def block(low_m: Point, high_m: Point, surface: Surface) -> Mesh:
    """A box between two corners, without its floor."""
    (x0, y0, z0), (x1, y1, z1) = low_m, high_m
    ring = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    low, high = np.insert(ring, 2, z0, axis=1), np.insert(ring, 2, z1, axis=1)
    after = np.roll(np.arange(4), -1)
    sides = np.stack([low, low[after], high[after], high], axis=1)
    corners = np.concatenate([sides, high[None]]).astype(np.float32)
    return quads(corners, surface[0], gloss=surface[1], glow=surface[2])


def mirrored(mesh: Mesh) -> Mesh:
    """The other side: y turned about."""
    flipped = (mesh.corners_m * np.array([1, -1, 1], np.float32))[:, ::-1]
    return Mesh(np.ascontiguousarray(flipped), mesh.rgb, mesh.gloss, mesh.glow)


def both_sides(mesh: Mesh) -> Mesh:
    return joined([mesh, mirrored(mesh)])


def dirtied(mesh: Mesh, dirt: float, height_m: float) -> Mesh:
    """The same with dust on what is low: colours go brown and the shine goes."""
    if dirt <= 0:
        return mesh
    low = np.clip(1 - mesh.corners_m[..., 2].mean(axis=1) / (0.55 * height_m), 0, 1)
    share = np.where(mesh.glow > 0, 0.3, 1.0) * dirt * (0.15 + 0.85 * low)
    dust = np.array([0.42, 0.37, 0.30], np.float32)
    rgb = mesh.rgb * (1 - share[:, None]) + dust * share[:, None]
    gloss = mesh.gloss * (1 - share)
    return Mesh(mesh.corners_m, rgb.astype(np.float32), gloss.astype(np.float32), mesh.glow)
