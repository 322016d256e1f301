"""How far each read of a plate can be trusted beside the other reads of the same tracklet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.arrays import F32, F64, I64
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, likely_right
from core.plates.layouts import LAYOUTS
from core.types import PlateRead

HALF_WIDTH_PX = 45.0
"""A plate this wide weighs half of a large one."""
LEAST = 0.05
"""Of sharpness, of foreshortening and of what was told, so that no read loses its voice."""
ALIKE_ALWAYS = 0.15
"""Two reads of one plate share this much of their errors however far apart: dirt, a bolt, a frame;
so a thousand reads count for less than seven."""
ALIKE_S = 0.4
"""Reads closer than this share most of their errors: the same blur, the same light."""

_ASPECTS = {layout.name: layout.size_mm[0] / layout.size_mm[1] for layout in LAYOUTS}


@dataclass(frozen=True, slots=True)
class ReadQuality:
    """`width_px` of the plate in the picture, `sharpness` 0 (smeared) to 1, `angle_deg` between the
    line of sight and the plate's normal, and `told`, the share of its signs that are likely right,
    0 to 1."""

    width_px: float
    sharpness: float = 1.0
    angle_deg: float = 0.0
    told: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 < self.width_px < np.inf and 0.0 <= self.sharpness <= 1.0):
            raise InvalidInput(
                "quality: want width_px above 0 and sharpness 0 to 1,"
                f" got {self.width_px} and {self.sharpness}"
            )
        if not 0.0 <= self.angle_deg <= 90.0:
            raise InvalidInput(f"angle_deg: want 0 to 90, got {self.angle_deg}")
        if not 0.0 <= self.told <= 1.0:
            raise InvalidInput(f"told: want 0 to 1, got {self.told}")

    @classmethod
    def of(cls, read: PlateRead, *, sharpness: float = 1.0) -> Self:
        """Width and angle as the corners of `read` show them, and what it told.

        Corners go round from the top left. The angle is what the layout's shape lost in width;
        where the layout is not known it counts as 0. A read without a picture (corners all alike)
        is as wide as `HALF_WIDTH_PX`.
        """
        told = told_share(read.log_probs)
        sides = np.linalg.norm(np.roll(read.corners, -1, axis=0) - read.corners, axis=1)
        width, height = float(sides[[0, 2]].mean()), float(sides[[1, 3]].mean())
        if width <= 0 or height <= 0:
            return cls(HALF_WIDTH_PX, sharpness, told=told)
        aspect = _ASPECTS.get(read.layout, 0.0)
        cosine = min(width / height / aspect, 1.0) if aspect else 1.0
        return cls(width, sharpness, float(np.degrees(np.arccos(cosine))), told)

    @property
    def weight(self) -> float:
        """Above 0, up to 1: size, sharpness, foreshortening and what it told, multiplied.

        The last counts by its cube: a lamp or a grille that was taken for a plate is often as large
        and as sharp as one, and comes as often.
        """
        size = self.width_px**2 / (self.width_px**2 + HALF_WIDTH_PX**2)
        facing = np.cos(np.radians(self.angle_deg)) ** 2
        told = max(self.told, LEAST) ** 3
        return float(size * max(self.sharpness, LEAST) * max(facing, LEAST) * told)


def told_share(log_probs: F32) -> float:
    """The share of a read's signs (P, A) that are likely right, 0 to 1; 0 where it has none."""
    signs = len(log_probs) - float(np.exp(log_probs[:, ABSENT]).sum())
    return float(np.clip(likely_right(log_probs) / max(signs, 1.0), 0.0, 1.0))


def has_corners(read: PlateRead) -> bool:
    """Whether a picture was read: what a device states has no corners."""
    return bool(np.ptp(read.corners, axis=0).all())


def shares_of(qualities: Sequence[ReadQuality], device_ns: I64) -> F64:
    """How much of its evidence each read counts, (n,), above 0, up to 1.

    Frames of one tracklet repeat each other's errors. With v the weights relative to the best and
    r_ij what reads i and j have in common, read i counts v_i / (1 + sum over j of r_ij v_j): all
    of it when alone, 1 / n among n that are alike (Kish's design effect, 1965, per read).
    """
    weights = np.array([quality.weight for quality in qualities])
    weights /= weights.max(initial=1e-12)
    apart_s = np.abs(device_ns[:, None] - device_ns[None]) / 1e9
    alike = ALIKE_ALWAYS + (1 - ALIKE_ALWAYS) * np.exp(-apart_s / ALIKE_S)
    np.fill_diagonal(alike, 0.0)
    return np.asarray(weights / (1 + alike @ weights))
