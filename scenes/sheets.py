"""Skins cut into cells: a grid of points, and a letter for what each cell is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64
from core.errors import InvalidInput
from scenes.shapes import Colour, Mesh, Point, joined, quads

Surface = tuple[Colour, float, float]
"""Colour, gloss and glow."""


@dataclass(frozen=True, slots=True)
class Paints:
    """The surface of each letter. Cells of one letter in a row that are flat to within `slack_m`
    become one quad."""

    surfaces: Mapping[str, Surface]
    slack_m: float = 0.004

    def __getitem__(self, letter: str) -> Surface:
        return self.surfaces[letter]


_LONGEST_M = 1.1  # longer quads would be sorted wrongly against what lies beside them

NOTHING = "."
"""The letter of a cell that is left open."""


def sheet(points_m: F64, letters: Sequence[str], paints: Paints, *, facing: Point) -> Mesh:
    """Quads between the points (R, C, 3), seen from the side `facing` points to; `letters` has a
    string of C - 1 for each of the R - 1 rows of cells."""
    rows, columns = points_m.shape[0] - 1, points_m.shape[1] - 1
    if len(letters) != rows or any(len(row) != columns for row in letters):
        raise InvalidInput(f"letters: want {rows} rows of {columns}, got {list(letters)}")
    lines: list[list[Point]] = points_m.tolist()  # numbers of a list are read far faster
    corners: list[tuple[Point, Point, Point, Point]] = []
    surfaces: list[Surface] = []
    for row, line in enumerate(letters):
        low, high = lines[row], lines[row + 1]
        for first, last in _runs(line, low, high, paints.slack_m):
            corners.append((low[first], low[last], high[last], high[first]))
            surfaces.append(paints[line[first]])
    cells = np.array(corners).reshape(-1, 4, 3)
    normal = np.cross(cells[:, 2] - cells[:, 0], cells[:, 3] - cells[:, 1]).sum(axis=0)
    if float(normal @ np.asarray(facing)) < 0:
        cells = cells[:, ::-1]
    return _surfaced(cells, surfaces)


def _runs(
    line: str, low: Sequence[Point], high: Sequence[Point], slack_m: float
) -> Iterator[tuple[int, int]]:
    """First and last point of each run of cells that one quad can stand for."""
    first = 0
    while first < len(line):
        last = first + 1
        while last < len(line) and line[last] == line[first]:
            if not (_flat(low, first, last + 1, slack_m) and _flat(high, first, last + 1, slack_m)):
                break
            last += 1
        if line[first] != NOTHING:
            yield first, last
        first = last


def _flat(points: Sequence[Point], first: int, last: int, slack_m: float) -> bool:
    """Whether the points between lie on the way from the first to the last."""
    x0, y0, z0 = points[first]
    x, y, z = points[last][0] - x0, points[last][1] - y0, points[last][2] - z0
    reach_sq = x * x + y * y + z * z
    if reach_sq > _LONGEST_M * _LONGEST_M:
        return False
    for px, py, pz in points[first + 1 : last]:
        dx, dy, dz = px - x0, py - y0, pz - z0
        share = (dx * x + dy * y + dz * z) / max(reach_sq, 1e-12)
        off_sq = (dx - share * x) ** 2 + (dy - share * y) ** 2 + (dz - share * z) ** 2
        if off_sq > slack_m * slack_m:
            return False
    return True


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


def block(low_m: Point, high_m: Point, surface: Surface, *, lid: bool = True) -> Mesh:
    """A box between two corners, without its floor, and without its lid if none is wanted."""
    (x0, y0, z0), (x1, y1, z1) = low_m, high_m
    ring = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    low, high = np.insert(ring, 2, z0, axis=1), np.insert(ring, 2, z1, axis=1)
    after = np.roll(np.arange(4), -1)
    sides = np.stack([low, low[after], high[after], high], axis=1)
    corners = np.concatenate([sides, high[None]] if lid else [sides]).astype(np.float32)
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
