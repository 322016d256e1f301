"""How bodies move: the angles of all bones at one moment of a gait."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import F64
from core.errors import InvalidInput
from scenes.looks import Build
from scenes.rig import PARENTS, Anatomy, Bone

Stance = Literal["walk", "run", "stand", "sit", "phone"]

YAW, PITCH, ROLL = 0, 1, 2
_ROWS = 64


@dataclass(frozen=True, slots=True)
class Gait:
    """A moment of moving: `phase` counts strides (two steps each) and may grow for ever."""

    speed_mps: float
    phase: float
    pose: Stance

    def __post_init__(self) -> None:
        if not (np.isfinite(self.phase) and np.isfinite(self.speed_mps)):
            raise InvalidInput(
                f"gait: want a finite speed and phase, got {self.speed_mps} and {self.phase}"
            )


def stride_m(height_m: float, speed_mps: float) -> float:
    """How far one stride carries somebody of that height: phase is distance over this."""
    return 0.83 * height_m * float(np.sqrt(np.clip(speed_mps, 0.3, 6.0) / (0.8 * height_m)))


def _curve(*degrees: float) -> F64:
    """A closed curve through angles at even parts of a stride, as `_ROWS` radians."""
    knots = np.fft.rfft(np.radians(degrees))
    smooth: F64 = np.fft.irfft(knots, _ROWS) * (_ROWS / len(degrees))
    return smooth


# Flexion at each tenth of a stride from heel strike on (Perry, Gait Analysis; read off figures).
_WALK = np.stack(
    [
        _curve(28, 25, 17, 8, -2, -10, -6, 10, 24, 30),
        _curve(4, 16, 15, 8, 4, 11, 36, 61, 52, 18),
        _curve(0, -6, 3, 8, 11, 3, -17, -6, 1, 2),
    ]
)
_RUN = np.stack(
    [
        _curve(42, 34, 16, -4, -20, -18, 6, 36, 54, 52),
        _curve(22, 40, 36, 22, 20, 52, 92, 104, 74, 34),
        _curve(4, 16, 14, -6, -22, -12, 0, 6, 6, 4),
    ]
)


def _at(curves: F64, phase: float) -> F64:
    place = (phase % 1.0) * _ROWS
    low = int(place) % _ROWS
    part = place - int(place)
    both: F64 = curves[:, low] * (1 - part) + curves[:, (low + 1) % _ROWS] * part
    return both


def pose_angles(gait: Gait, build: Build) -> F64:
    """Yaw, pitch and roll of each bone in the body's frame, (16, 3) radians."""
    angles = np.zeros((len(PARENTS), 3))
    if gait.pose in ("walk", "run"):
        _stride(angles, gait, build)
    elif gait.pose == "sit":
        _seated(angles)
    else:
        _idle(angles, gait)
    _bend_spine(angles, build.stoop_rad)
    return angles


def _stride(angles: F64, gait: Gait, build: Build) -> None:
    running = gait.pose == "run"
    usual = 3.0 if running else 1.35
    vigour = float(np.clip(gait.speed_mps / usual, 0.3, 1.4)) ** 0.6
    for side, shift in ((0, 0.0), (1, 0.5)):
        hip, knee, ankle = _at(_RUN if running else _WALK, gait.phase + shift) * vigour
        _leg(angles, side, hip, knee, ankle)
        swing = -np.cos(2 * np.pi * (gait.phase + shift)) * build.swing * vigour
        if running:
            _arm(angles, side, 0.65 * swing - 0.15, 1.5 + 0.25 * swing)
        else:
            _arm(angles, side, 0.4 * swing - 0.04, 0.3 + 0.24 * max(swing, -0.5))
    turn = np.cos(2 * np.pi * gait.phase) * vigour
    angles[Bone.PELVIS, YAW] = -0.07 * turn
    angles[Bone.CHEST, YAW] = (0.16 if running else 0.08) * turn
    angles[Bone.PELVIS, ROLL] = 0.05 * np.sin(2 * np.pi * gait.phase) * vigour
    angles[Bone.PELVIS, PITCH] = 0.10 if running else 0.02
    angles[Bone.CHEST, PITCH] = 0.10 + 0.05 * gait.speed_mps / 3 if running else 0.03


def _leg(angles: F64, side: int, hip: float, knee: float, ankle: float) -> None:
    """Flexions, all forward from the bone above; a bone's forward swing is a negative pitch."""
    angles[Bone.THIGH_L + side, PITCH] = -hip
    angles[Bone.SHIN_L + side, PITCH] = -hip + knee
    angles[Bone.FOOT_L + side, PITCH] = -hip + knee - ankle


def _arm(angles: F64, side: int, forward: float, elbow: float, out: float = 0.13) -> None:
    sign = 1 - 2 * side
    angles[Bone.ARM_L + side] = (0, -forward, sign * out)
    angles[Bone.FOREARM_L + side] = (0, -forward - elbow, sign * out * 0.3)
    angles[Bone.HELD_L + side, PITCH] = -0.3 * forward


def _idle(angles: F64, gait: Gait) -> None:
    sway = float(np.sin(2 * np.pi * gait.phase))
    for side in (0, 1):
        sign = 1 - 2 * side
        _leg(angles, side, 0.03 + 0.03 * (1 - sign * sway), 0.05 + 0.05 * (1 - sign * sway), 0.0)
        angles[[Bone.THIGH_L + side, Bone.SHIN_L + side], ROLL] = 0.05 * sign
        angles[Bone.FOOT_L + side, YAW] = 0.16 * sign
        _arm(angles, side, 0.03 * sway, 0.22, 0.11)
    angles[Bone.PELVIS, ROLL] = 0.03 * sway
    angles[Bone.HEAD, YAW] = 0.3 * float(np.sin(1.7 * gait.phase))
    if gait.pose == "phone":
        _arm(angles, 1, 0.3, 1.55, 0.06)
        angles[Bone.FOREARM_R, YAW] = 0.35
        angles[Bone.HEAD] = (-0.1, 0.5, 0.0)


def _seated(angles: F64) -> None:
    for side in (0, 1):
        _leg(angles, side, 1.5, 1.5, 0.0)
        _arm(angles, side, 0.5, 0.8)


def _bend_spine(angles: F64, stoop_rad: float) -> None:
    angles[Bone.CHEST, PITCH] += stoop_rad
    angles[Bone.HEAD] += angles[Bone.CHEST] * [0.3, 0.35, 0.0]


def hips_rest(body: Anatomy) -> F64:
    return np.array([0.0, 0.0, body.hip_z])
