"""What things are made of: convex quads with a colour each, and flat pictures stuck onto them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, U8
from core.errors import InvalidInput

Colour = tuple[float, float, float]
"""Red, green, blue as a surface reflects them in white light, 0 to 1."""
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """P convex quads, seen from the side where their corners run counter-clockwise.

    `corners_m` (P, 4, 3); a triangle repeats its last corner. `rgb` (P, 3) 0 to 1; `gloss` (P,)
    0 is cloth, 1 is polished; `glow` (P,) is light of its own (a lamp), 0 is none.
    """

    corners_m: F32
    rgb: F32
    gloss: F32
    glow: F32

    def __post_init__(self) -> None:
        count = len(self.corners_m)
        wanted = {
            "corners_m": (count, 4, 3),
            "rgb": (count, 3),
            "gloss": (count,),
            "glow": (count,),
        }
        for name, shape in wanted.items():
            got = getattr(self, name)
            if got.dtype != np.float32 or got.shape != shape:
                raise InvalidInput(f"{name}: want float32 {shape}, got {got.dtype} {got.shape}")

    def __len__(self) -> int:
        return len(self.corners_m)

    def moved(self, offset_m: Point, heading_rad: float = 0.0, pitch_rad: float = 0.0) -> "Mesh":
        """Pitched about y (nose down is positive), turned about z, then shifted."""
        turn = rotation(heading_rad, pitch_rad)
        corners = self.corners_m @ turn.T + np.asarray(offset_m, np.float32)
        return Mesh(corners.astype(np.float32), self.rgb, self.gloss, self.glow)


@dataclass(frozen=True, slots=True, eq=False)
class Decal:
    """A flat picture on a quad: `corners_m` (4, 3) are where the picture's top left, top right,
    bottom right and bottom left go; seen from its front only. `picture` RGB or RGBA (h, w, 3 or 4).
    """

    corners_m: F32
    picture: U8
    glow: float = 0.0

    def moved(self, offset_m: Point, heading_rad: float = 0.0) -> "Decal":
        corners = self.corners_m @ rotation(heading_rad).T + np.asarray(offset_m, np.float32)
        return Decal(corners.astype(np.float32), self.picture, self.glow)


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A thing to paint: its quads and its pictures, in one frame of coordinates."""

    mesh: Mesh
    decals: tuple[Decal, ...] = ()

    def moved(self, offset_m: Point, heading_rad: float = 0.0) -> "Figure":
        decals = tuple(decal.moved(offset_m, heading_rad) for decal in self.decals)
        return Figure(self.mesh.moved(offset_m, heading_rad), decals)


def rotation(heading_rad: float, pitch_rad: float = 0.0) -> F32:
    """(3, 3) for column vectors: pitch about y first, heading about z after."""
    cos_h, sin_h, cos_p, sin_p = *_cos_sin(heading_rad), *_cos_sin(pitch_rad)
    turn = np.array([[cos_h, -sin_h, 0], [sin_h, cos_h, 0], [0, 0, 1]])
    nod = np.array([[cos_p, 0, sin_p], [0, 1, 0], [-sin_p, 0, cos_p]])
    both: F32 = (turn @ nod).astype(np.float32)
    return both


def _cos_sin(angle_rad: float) -> tuple[float, float]:
    return float(np.cos(angle_rad)), float(np.sin(angle_rad))


def quads(corners_m: F32, rgb: Colour | F32, *, gloss: float = 0.0, glow: float = 0.0) -> Mesh:
    """A mesh of (P, 4, 3) corners in one colour, or in one a quad (P, 3)."""
    corners = np.ascontiguousarray(corners_m, np.float32)
    count = len(corners)
    colours = np.broadcast_to(np.asarray(rgb, np.float32), (count, 3)).copy()
    return Mesh(
        corners, colours, np.full(count, gloss, np.float32), np.full(count, glow, np.float32)
    )


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """All quads of several meshes; none gives an empty mesh."""
    if not meshes:
        return quads(np.zeros((0, 4, 3), np.float32), (0.0, 0.0, 0.0))
    return Mesh(
        np.concatenate([mesh.corners_m for mesh in meshes]),
        np.concatenate([mesh.rgb for mesh in meshes]),
        np.concatenate([mesh.gloss for mesh in meshes]),
        np.concatenate([mesh.glow for mesh in meshes]),
    )


def box(size_m: Point, rgb: Colour, *, gloss: float = 0.0) -> Mesh:
    """Six faces of a box that stands on z=0, centred on x and y."""
    x, y, z = size_m[0] / 2, size_m[1] / 2, size_m[2]
    ring = np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
    low, high = np.insert(ring, 2, 0, axis=1), np.insert(ring, 2, z, axis=1)
    sides = loft(np.stack([low, high]))
    return quads(np.concatenate([sides, [high, low[::-1]]]), rgb, gloss=gloss)


def loft(rings_m: F32) -> F32:
    """The skin (P, 4, 3) between rings (R, K, 3) of K points each that run counter-clockwise
    seen from the last ring's side: each pair of neighbouring rings gives K quads."""
    rings = np.asarray(rings_m, np.float32)
    low, high = rings[:-1], rings[1:]
    around = np.stack([low, np.roll(low, -1, 1), np.roll(high, -1, 1), high], axis=2)
    return around.reshape(-1, 4, 3)


def tube(
    points_m: Sequence[Point], radii_m: Sequence[float], rgb: Colour | F32, *, sides: int = 8
) -> Mesh:
    """A closed round skin along points (limbs, poles): one radius a point; colour one or a quad's.

    With n points there are (n - 1) * sides skin quads first, then `sides` triangles at each end.
    """
    axis = np.asarray(points_m, np.float64)
    along = np.gradient(axis, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    aside = np.array([1.0, 0, 0]) if abs(along[0, 0]) < 0.9 else np.array([0, 1.0, 0])
    across = np.cross(along, aside)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    third = np.cross(along, across)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    circle = (
        np.cos(turn)[None, :, None] * across[:, None] + np.sin(turn)[None, :, None] * third[:, None]
    )
    rings = axis[:, None] + circle * np.asarray(radii_m)[:, None, None]
    skin = loft(rings)
    ends = np.concatenate([_fan(rings[0][::-1], axis[0]), _fan(rings[-1], axis[-1])])
    if isinstance(rgb, tuple):
        return quads(np.concatenate([skin, ends]), rgb)
    colours = np.concatenate([rgb, np.repeat(rgb[[0, -1]], sides, axis=0)])
    return quads(np.concatenate([skin, ends]), colours)


def _fan(ring: F32, middle: F32) -> F32:
    hub = np.broadcast_to(middle, ring.shape)
    return np.stack([ring, np.roll(ring, -1, 0), hub, hub], axis=1)


def ellipsoid(
    middle_m: Point, radii_m: Point, rgb: Colour, *, sides: int = 8, rows: int = 6
) -> Mesh:
    """A closed egg (heads, hats, leaves)."""
    tilt = np.linspace(-np.pi / 2, np.pi / 2, rows + 1)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rings = np.stack(
        [
            np.outer(np.cos(tilt), np.cos(turn)),
            np.outer(np.cos(tilt), np.sin(turn)),
            np.outer(np.sin(tilt), np.ones(sides)),
        ],
        axis=2,
    )
    return quads(loft(rings * np.asarray(radii_m) + np.asarray(middle_m)), rgb)


def prism(outline_m: Sequence[tuple[float, float]], width_m: float, rgb: Colour) -> Mesh:
    """A side view (x, z), counter-clockwise seen with x to the right, pulled out over y: both
    sides are fans of triangles about the outline's mean, so it must be star-shaped from there."""
    side = np.asarray(outline_m, np.float64)
    right = np.column_stack([side[:, 0], np.full(len(side), -width_m / 2), side[:, 1]])
    left = right * [1, -1, 1]
    skin = loft(np.stack([right[::-1], left[::-1]]))
    fans = [_fan(right, right.mean(0)), _fan(left[::-1], left.mean(0))]
    return quads(np.concatenate([skin, *fans]), rgb)
