"""A body that bends: bones, the skin bound to them, and the skin as a pose moves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.arrays import F32, F64
from scenes.looks import Build
from scenes.shapes import Colour, Mesh, loft


class Bone(IntEnum):
    """Each hangs from one that comes before it; HELD ones are at the hands, ROOT never moves."""

    ROOT = 0
    PELVIS = 1
    CHEST = 2
    HEAD = 3
    THIGH_L = 4
    THIGH_R = 5
    SHIN_L = 6
    SHIN_R = 7
    FOOT_L = 8
    FOOT_R = 9
    ARM_L = 10
    ARM_R = 11
    FOREARM_L = 12
    FOREARM_R = 13
    HELD_L = 14
    HELD_R = 15


PARENTS = (0, 0, 1, 2, 1, 1, 4, 5, 6, 7, 2, 2, 10, 11, 12, 13)
SIDES = (1.0, -1.0)
"""Left is +y, right is -y."""

Binding = tuple[Bone, Bone, float]
"""Two bones and the share of the first."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Lengths of one body in metres, upright, arms hanging; heights are above the ground."""

    height_m: float
    head_m: float
    shoulder_z: float
    hip_z: float
    knee_z: float
    ankle_z: float
    elbow_z: float
    wrist_z: float
    shoulder_y: float
    hip_y: float
    limb_m: float

    @property
    def chin_z(self) -> float:
        return self.height_m - self.head_m

    @property
    def waist_z(self) -> float:
        return self.hip_z + 0.44 * (self.shoulder_z - self.hip_z)

    def joints(self) -> F64:
        """Where each bone turns, at rest, (16, 3)."""
        spine = [(0, 0, 0), (0, 0, self.hip_z), (0, 0, self.waist_z), (0, 0, self.chin_z)]
        pairs = [
            (self.hip_y, self.hip_z),
            (self.hip_y, self.knee_z),
            (self.hip_y, self.ankle_z),
            (self.shoulder_y, self.shoulder_z),
            (self.shoulder_y, self.elbow_z),
            (self.shoulder_y, self.wrist_z - 0.04 * self.height_m),
        ]
        limbs = [(0.0, side * y, z) for y, z in pairs for side in SIDES]
        return np.array([*spine, *limbs], np.float64)


def anatomy(build: Build) -> Anatomy:
    """The lengths of a build (Winter, Biomechanics of Human Movement, figure 4.1); children have
    larger heads and shorter legs."""
    height = build.height_m
    grown = float(np.clip((height - 1.1) / 0.6, 0, 1))
    head = height * (0.168 - 0.036 * grown)
    shoulder = height - head - 0.042 * height
    hip = height * (0.475 + 0.045 * grown)
    return Anatomy(
        height_m=height,
        head_m=head,
        shoulder_z=shoulder,
        hip_z=hip,
        knee_z=0.545 * hip,
        ankle_z=0.042 * height,
        elbow_z=shoulder - 0.18 * height,
        wrist_z=shoulder - 0.325 * height,
        shoulder_y=0.104 * height * build.shoulders,
        hip_y=0.05 * height,
        limb_m=height * build.limbs,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Quads at rest and the bones that carry each corner.

    `corners_m` (P, 4, 3), `rgb` (P, 3), `bones` (P, 4, 2), `share` (P, 4) of the first bone.
    """

    corners_m: F64
    rgb: F64
    bones: NDArray[np.int8]
    share: F64
    gloss: float = 0.0


def tube_skin(rings_m: F64, rgb: Colour | F64, bones: NDArray[np.int8], share: F64) -> Skin:
    """The skin between rings (R, K, 3), lowest first, and a lid on each end; `rgb` one colour, or
    (R - 1, K, 3); `bones` (R, K, 2) and `share` (R, K) of each point."""
    rows, around = rings_m.shape[:2]
    number = np.arange(rows * around).reshape(rows, around, 1)
    index = loft(number.astype(np.float32) * np.ones(3, np.float32))[:, :, 0].astype(np.int64)
    lids = np.concatenate([_lid(number[0, ::-1, 0]), _lid(number[-1, :, 0])])
    index = np.concatenate([index, lids])
    colours = np.broadcast_to(np.asarray(rgb, np.float64), (rows - 1, around, 3))
    ends = np.repeat(colours[[0, -1], 0], len(lids) // 2, axis=0)
    return Skin(
        rings_m.reshape(-1, 3)[index],
        np.concatenate([colours.reshape(-1, 3), ends]),
        bones.reshape(-1, 2)[index],
        share.reshape(-1)[index],
    )


def _lid(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """Corner numbers (P, 4) that close a ring; the last may be a triangle."""
    last = len(ring) - 1
    return np.array(
        [[ring[0], ring[i], ring[i + 1], ring[min(i + 2, last)]] for i in range(1, last, 2)]
    )


def rigid(mesh: Mesh, bone: Bone, *, gloss: float = 0.0) -> Skin:
    """A mesh that one bone carries."""
    shape = mesh.corners_m.shape[:2]
    return Skin(
        mesh.corners_m.astype(np.float64),
        mesh.rgb.astype(np.float64),
        np.full((*shape, 2), bone, np.int8),
        np.ones(shape),
        gloss,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """A whole body at rest, ready to be posed; its pictures are corners of the chest."""

    joints_m: F64
    flat_m: F32
    shares: F32
    bones: NDArray[np.int8]
    rgb: F32
    gloss: F32
    feet: NDArray[np.int64]

    def posed(self, placing: F32) -> F32:
        """Corners (P, 4, 3) under bone placings (16, 3, 4)."""
        first, second = placing[self.bones[:, 0]], placing[self.bones[:, 1]]
        blend = second + (first - second) * self.shares[:, None, None]
        moved: F32 = np.einsum("vij,vj->vi", blend, self.flat_m)
        return moved.reshape(-1, 4, 3)


def rig(joints_m: F64, skins: Sequence[Skin]) -> Rig:
    """One rig of all skins."""
    corners = np.concatenate([skin.corners_m for skin in skins]).reshape(-1, 3)
    bones = np.concatenate([skin.bones for skin in skins]).reshape(-1, 2)
    gloss = np.concatenate([np.full(len(skin.rgb), skin.gloss) for skin in skins])
    feet = np.isin(bones[:, 0], (Bone.FOOT_L, Bone.FOOT_R))
    return Rig(
        joints_m=joints_m,
        flat_m=np.column_stack([corners, np.ones(len(corners))]).astype(np.float32),
        shares=np.concatenate([skin.share for skin in skins]).reshape(-1).astype(np.float32),
        bones=bones,
        rgb=np.concatenate([skin.rgb for skin in skins]).astype(np.float32),
        gloss=gloss.astype(np.float32),
        feet=np.flatnonzero(feet),
    )


def placings(joints_m: F64, angles_rad: F64, hips_m: F64) -> F32:
    """Rotation and shift of each bone, (16, 3, 4), that move points from rest to the pose.

    `angles_rad` (16, 3) are each bone's yaw, pitch and roll in the body's frame (not its
    parent's); `hips_m` where the pelvis goes.
    """
    turns = _turns(angles_rad)
    spots = np.empty((len(PARENTS), 3))
    spots[0], spots[1] = 0.0, hips_m
    offsets = joints_m - joints_m[list(PARENTS)]
    for bones in _GENERATIONS:
        above = _PARENT_ROWS[bones]
        spots[bones] = spots[above] + np.einsum("bij,bj->bi", turns[above], offsets[bones])
    shift = spots - np.einsum("bij,bj->bi", turns, joints_m)
    return np.concatenate([turns, shift[:, :, None]], axis=2).astype(np.float32)


_PARENT_ROWS = np.array(PARENTS)
_GENERATIONS = [np.array(rows) for rows in ([2, 4, 5], [3, 6, 7, 10, 11], [8, 9, 12, 13], [14, 15])]


def _turns(angles_rad: F64) -> F64:
    """Roll about x first, then pitch about y, then yaw about z, (B, 3, 3)."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(angles_rad).T, np.sin(angles_rad).T
    rows = [
        [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
        [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
        [-sp, cp * sr, cp * cr],
    ]
    return np.moveaxis(np.array(rows), 2, 0)
