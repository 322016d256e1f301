"""Upright hulls and panels: what buses, cabs and load bodies are built of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from scenes.bodies import ACROSS
from scenes.shapes import Mesh, Point, joined
from scenes.sheets import Paints, mirrored, sheet
from scenes.wheels import Axle, arch_m


@dataclass(frozen=True, slots=True, eq=False)
class Slab:
    """An upright hull between two x: heights of its edges, and at each how far the front and the
    rear lean in and which share of the half width it has."""

    x_m: tuple[float, float]
    half_m: float
    heights_m: Sequence[float]
    front_lean_m: Sequence[float]
    rear_lean_m: Sequence[float]
    widths: Sequence[float]
    bulge_m: float = 0.12

    def edge(self, *, front: bool) -> F64:
        """Points of the front or rear, (R, 8, 3)."""
        sign = 1 if front else -1
        lean = np.asarray(self.front_lean_m if front else self.rear_lean_m)
        bulge = self.bulge_m if front else 0.4 * self.bulge_m
        x = self.x_m[1 if front else 0] - sign * lean[:, None]
        x = x - sign * bulge * (ACROSS**2)[None]
        y = self.half_m * np.asarray(self.widths)[:, None] * ACROSS[None]
        z = np.broadcast_to(np.asarray(self.heights_m)[:, None], x.shape)
        return np.stack([x, y, z], axis=2)

    def side(self, stations: F64) -> F64:
        """Points of the left side, (R, C, 3), at stations (C, 2): x, and the height below which
        there is nothing; its ends are those of the front and the rear."""
        heights = np.asarray(self.heights_m)[:, None]
        z = np.maximum(heights, stations[None, :, 1])
        x = np.broadcast_to(stations[None, :, 0], z.shape).copy()
        x[:, 0], x[:, -1] = self.edge(front=False)[:, -1, 0], self.edge(front=True)[:, -1, 0]
        y = np.broadcast_to(self.half_m * np.asarray(self.widths)[:, None], z.shape)
        return np.stack([x, y, z], axis=2)


def cut(slab: Slab, inner_m: Sequence[float], axles: Sequence[Axle]) -> F64:
    """Stations of a side: its ends, cuts at `inner_m`, and the arches of the axles."""
    sill = slab.heights_m[0]
    arches = [arch_m(axle, sill) for axle in axles]
    free = [
        x
        for x in inner_m
        if all(abs(x - axle.x_m) > axle.radius_m * axle.arch + 0.01 for axle in axles)
        and slab.x_m[0] + 0.15 < x < slab.x_m[1] - 0.15
    ]
    rows = [(slab.x_m[0], sill), (slab.x_m[1], sill), *[(x, sill) for x in free]]
    every = np.concatenate([np.array(rows), *arches])
    return np.asarray(every[np.argsort(every[:, 0], kind="stable")])


def slab_mesh(
    slab: Slab,
    paints: Paints,
    *,
    stations: F64,
    left: Sequence[str],
    right: Sequence[str],
    front: Sequence[str],
    rear: Sequence[str],
    top: str,
) -> Mesh:
    """All faces of a hull but its floor."""
    side = slab.side(stations)
    meshes = [
        sheet(side, left, paints, facing=(0, 1, 0.1)),
        mirrored(sheet(side, right, paints, facing=(0, 1, 0.1))),
        sheet(slab.edge(front=True), front, paints, facing=(1, 0, 0.2)),
        sheet(slab.edge(front=False), rear, paints, facing=(-1, 0, 0.2)),
    ]
    ahead, behind = slab.edge(front=True)[-1], slab.edge(front=False)[-1]
    count = max(2, round((slab.x_m[1] - slab.x_m[0]) / 0.9))
    lid = np.stack([behind + share * (ahead - behind) for share in np.linspace(0, 1, count + 1)])
    meshes.append(sheet(lid, [top * 7] * count, paints, facing=(0, 0, 1)))
    return joined(meshes)


def panel(low: Point, high: Point, letters: Sequence[str], paints: Paints, normal: Point) -> Mesh:
    """An upright panel along x or along y, cut into even cells."""
    rows, columns = len(letters), len(letters[0])
    share = np.linspace(0, 1, columns + 1)[None, :]
    z = np.linspace(low[2], high[2], rows + 1)[:, None]
    x, y = low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])
    return sheet(np.stack(np.broadcast_arrays(x, y, z), axis=2), letters, paints, facing=normal)


def deck(x0: float, x1: float, y: float, z: float, letter: str, paints: Paints) -> Mesh:
    count = max(2, round((x1 - x0) / 0.8))
    xs, ys = np.linspace(x0, x1, count + 1), np.linspace(-y, y, 5)
    points = np.stack(np.broadcast_arrays(xs[:, None], ys[None], z), axis=2)
    return sheet(points, [letter * 4] * count, paints, facing=(0, 0, 1))
