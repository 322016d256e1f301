"""Wheels: a tyre in the arch that stands still, and the rim that turns in it."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64
from scenes.shapes import Colour, Mesh, joined, quads
from scenes.sheets import both_sides
from scenes.vehicle_looks import Rims

_TYRE = (0.055, 0.055, 0.06)
_TREAD = (0.085, 0.085, 0.085)
_WELL = (0.015, 0.015, 0.017)
_BEHIND = (0.05, 0.05, 0.055)
_ROUND = 18  # corners of a tyre
_LIP, _NAVE = 0.9, 0.24  # of the rim: where its spokes end and begin
_GLOSS = 0.35


@dataclass(frozen=True, slots=True)
class Axle:
    """Two wheels: `aside_m` from the middle to their outer faces; the arch is that much larger."""

    x_m: float
    radius_m: float
    aside_m: float
    width_m: float = 0.22
    arch: float = 1.14


def arch_m(axle: Axle, sill_m: float) -> F64:
    """The arch's rim from its rear to its front, (9, 2) x and z, from the sill up and down again;
    x never runs back, so that a side can be cut there."""
    reach = axle.arch * axle.radius_m
    angle = np.linspace(np.pi, 0, 7)
    hub = np.array([axle.x_m, axle.radius_m])
    above = hub + reach * np.column_stack([np.cos(angle), np.sin(angle)])
    feet = [(axle.x_m - reach - 1e-3, sill_m), (axle.x_m + reach + 1e-3, sill_m)]
    return np.concatenate([feet[:1], above, feet[1:]])


def standing(axle: Axle, sill_m: float, rims: Rims) -> Mesh:
    """Tyres, the rims' edges and the dark in the arches: what does not show that it turns."""
    hub = np.array([axle.x_m, axle.aside_m, axle.radius_m])
    circle = _circle(_ROUND) * axle.radius_m
    tyre = quads(_placed(_ring(circle, circle * rims.share), hub), _TYRE)
    edge = _ring(circle * rims.share, circle * (_LIP - 0.05) * rims.share)
    lip = quads(_placed(edge, hub), rims.colour, gloss=_GLOSS)
    return both_sides(joined([tyre, lip, _tread(axle, hub), _well(axle, hub, sill_m)]))


def _placed(cells: F64, hub: F64) -> F32:
    return (cells + hub).astype(np.float32)


def _tread(axle: Axle, hub: F64) -> Mesh:
    """The lower half of what rolls on the road."""
    circle = _circle(_ROUND)
    circle = circle[circle[:, 2] < 0.3] * axle.radius_m
    after, aside = circle[1:], np.array([0, axle.width_m, 0])
    faces = np.stack([circle[:-1], circle[:-1] - aside, after - aside, after], axis=1)
    outward = np.cross(faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1])
    wrong = (outward * faces.mean(axis=1) * [1, 0, 1]).sum(axis=1) < 0
    faces[wrong] = faces[wrong][:, ::-1]
    return quads((faces + hub).astype(np.float32), _TREAD)


def _well(axle: Axle, hub: F64, sill_m: float) -> Mesh:
    """The dark between tyre and arch, in one plane with the tyre so that nothing overlaps."""
    if axle.arch < 1:
        return quads(np.zeros((0, 4, 3), np.float32), _WELL)
    circle = _circle(_ROUND)
    cells = _ring(circle * axle.radius_m * axle.arch * 1.04, circle * axle.radius_m) + hub
    above = cells[:, :, 2].mean(axis=1) > sill_m
    return quads(cells[above].astype(np.float32), _WELL)


def _rim(axle: Axle, rims: Rims) -> Mesh:
    """Spokes and nave of a left wheel, its hub at the origin."""
    count = 2 * rims.spokes if rims.spokes else 12
    circle = _circle(count, skew=0.3 if rims.spokes else 0.0) * axle.radius_m * rims.share
    spokes = quads(_ring(circle * _LIP, circle * _NAVE).astype(np.float32), _spokes(rims, count))
    nave = quads(_ring(circle * _NAVE, circle * 0).astype(np.float32), _toned(rims.colour, 0.7))
    mesh = joined([spokes, nave])
    return Mesh(mesh.corners_m, mesh.rgb, np.full(len(mesh), _GLOSS, np.float32), mesh.glow)


def _spokes(rims: Rims, count: int) -> F32:
    """Colours (count, 3): spokes alternate with the dark behind them."""
    colours = np.tile(np.asarray(rims.colour, np.float32), (count, 1))
    if rims.spokes:
        colours[1::2] = _BEHIND
    else:
        colours[::3] *= 0.7
    return colours


def _toned(colour: Colour, gain: float) -> Colour:
    return colour[0] * gain, colour[1] * gain, colour[2] * gain


def _circle(count: int, skew: float = 0.0) -> F64:
    """(count, 3) on the unit circle in x and z; `skew` narrows every second step."""
    steps = np.arange(count) + np.where(np.arange(count) % 2 == 1, -skew, 0.0)
    angle = 2 * np.pi * steps / count
    return np.column_stack([np.cos(angle), np.zeros(count), np.sin(angle)])


def _ring(outer: F64, inner: F64) -> F64:
    """Cells (K, 4, 3) between two circles that face +y."""
    after, inner_after = np.roll(outer, -1, 0), np.roll(inner, -1, 0)
    return np.stack([inner, inner_after, after, outer], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """All rims at rest, about their own hubs: corners (P, 4, 3), hubs (P, 3), radii (P,)."""

    mesh: Mesh
    hubs_m: F32
    radii_m: F32

    def at(self, travelled_m: float) -> Mesh:
        """The rims after that way, where they belong."""
        angle = travelled_m / self.radii_m
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        rest = self.mesh.corners_m
        x, z = rest[..., 0], rest[..., 2]
        turned = np.stack([cos * x + sin * z, rest[..., 1], cos * z - sin * x], axis=2)
        corners = (turned + self.hubs_m[:, None]).astype(np.float32)
        return Mesh(corners, self.mesh.rgb, self.mesh.gloss, self.mesh.glow)


def rolling(axles: tuple[Axle, ...], rims: Rims) -> Rolling:
    """The rims of all axles, both sides."""
    meshes, hubs, radii = [], [], []
    for axle in axles:
        mesh = both_sides(_rim(axle, rims))
        half = len(mesh) // 2
        hub = np.array([axle.x_m, axle.aside_m, axle.radius_m])
        meshes.append(mesh)
        hubs += [np.tile(hub, (half, 1)), np.tile(hub * [1, -1, 1], (half, 1))]
        radii.append(np.full(len(mesh), axle.radius_m))
    return Rolling(
        joined(meshes),
        np.concatenate(hubs).astype(np.float32),
        np.concatenate(radii).astype(np.float32),
    )
