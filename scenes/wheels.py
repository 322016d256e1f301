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
_ROUND, _COARSE = 16, 8  # corners of a tyre
_NAVE = 0.24  # of the rim: where its spokes begin
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
    """The arch's rim from its rear to its front, (11, 2) x and z, from the sill up and down again;
    x never runs back, so that a side can be cut there."""
    reach = axle.arch * axle.radius_m
    hub = np.array([axle.x_m, axle.radius_m])
    above = hub + reach * _half_circle()
    feet = [(axle.x_m - reach - 1e-3, sill_m), (axle.x_m + reach + 1e-3, sill_m)]
    return np.concatenate([feet[:1], above, feet[1:]])


def _half_circle() -> F64:
    """(9, 2) from the rear over the top to the front."""
    angle = np.linspace(np.pi, 0, 9)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def standing(axle: Axle, sill_m: float, rims: Rims, *, fine: bool) -> Mesh:
    """Tyres, the rims' edges and the dark in the arches: what does not show that it turns."""
    hub = np.array([axle.x_m, axle.aside_m, axle.radius_m])
    circle = _circle(_ROUND if fine else _COARSE) * axle.radius_m
    tyre = quads(_placed(_ring(circle, circle * rims.share), hub), _TYRE)
    if not fine:
        return both_sides(joined([tyre, _well(axle, hub, sill_m)]))
    return both_sides(joined([tyre, _tread(axle, hub), _well(axle, hub, sill_m)]))


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
    outer = arch_m(axle, sill_m) - hub[[0, 2]]
    inner = _half_circle() * 0.92 * axle.radius_m
    low = 0.92 * axle.radius_m * np.array([np.cos(0.6), -np.sin(0.6)])
    inner = np.concatenate([[low * [-1, 1]], inner, [low]])
    rims = [np.insert(line, 1, 0.0, axis=1) for line in (outer, inner)]
    cells = np.stack([rims[1][:-1], rims[0][:-1], rims[0][1:], rims[1][1:]], axis=1)
    return quads(_placed(cells - [0, 0.004, 0], hub), _WELL)


def _rim(axle: Axle, rims: Rims, *, fine: bool) -> Mesh:
    """Spokes and nave of a left wheel, its hub at the origin."""
    if not fine:
        disc = _disc(_circle(_COARSE) * axle.radius_m * rims.share)
        return quads(disc, _toned(rims.colour, 0.55 if rims.spokes else 0.9), gloss=_GLOSS)
    count = 2 * rims.spokes if rims.spokes else 12
    circle = _circle(count, skew=0.3 if rims.spokes else 0.0) * axle.radius_m * rims.share
    # Chords run inside the tyre's edge: a little more, and the dark ones close the gap.
    spokes = quads(_ring(circle * 1.04, circle * _NAVE).astype(np.float32), _spokes(rims, count))
    nave = quads(_disc(circle * _NAVE), _toned(rims.colour, 0.7))
    mesh = joined([spokes, nave])
    return Mesh(mesh.corners_m, mesh.rgb, np.full(len(mesh), _GLOSS, np.float32), mesh.glow)


def _disc(circle: F64) -> F32:
    """Strips (K, 4, 3) that fill an even number of points on a circle, facing +y."""
    half = len(circle) // 2
    back = circle[::-1]
    strips = [(circle[i], back[i - 1], back[i], circle[i + 1]) for i in range(half)]
    return np.array(strips, np.float32)


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


def rolling(axles: tuple[Axle, ...], rims: Rims, *, fine: bool) -> Rolling:
    """The rims of all axles, both sides."""
    meshes, hubs, radii = [], [], []
    for axle in axles:
        mesh = both_sides(_rim(axle, rims, fine=fine))
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
