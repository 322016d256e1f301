"""Heads with their hair and hats, at rest. Plain heads: no face is drawn."""

import numpy as np
from numpy.typing import NDArray

from core.arrays import F64
from scenes.garments import Fineness, folded, rings
from scenes.looks import Hair, Hat, PersonLook
from scenes.rig import Anatomy, Bone, Skin, rigid, tube_skin
from scenes.shapes import Colour, ellipsoid, tube

# Height above the chin, half depth, half width, forward shift, all in head heights.
_HEAD = np.array([
    (0.00, 0.20, 0.17, 0.08),
    (0.16, 0.36, 0.28, 0.04),
    (0.45, 0.42, 0.335, 0.00),
    (0.72, 0.43, 0.345, -0.01),
    (0.90, 0.33, 0.27, -0.01),
    (1.00, 0.12, 0.10, -0.01),
])  # fmt: skip
_HAIRLINE = (-2.0, -0.2, 0.25, 0.8, 2.0)
"""For each row of the head: how far forward (cosine of the side) hair covers it."""


def head_skins(look: PersonLook, body: Anatomy, fine: Fineness) -> list[Skin]:
    """Neck, head, hair and hat."""
    sides = {12: 10, 8: 8}.get(fine.torso_sides, 6)
    skins = [_neck(look, body), _head(look, body, sides), *_hair(look.hair, body, hat=look.hat)]
    if look.hat is not None:
        skins += _hat(look.hat, body, sides)
    return skins


def _scaled(levels: F64, body: Anatomy) -> F64:
    placed = np.asarray(levels, np.float64) * body.head_m
    placed[:, 0] += body.chin_z
    return placed


def _carried(points: F64, bone: Bone) -> tuple[NDArray[np.int8], F64]:
    return np.full((*points.shape[:2], 2), bone, np.int8), np.ones(points.shape[:2])


def _neck(look: PersonLook, body: Anatomy) -> Skin:
    tall = body.limb_m
    levels = np.array([
        (body.shoulder_z + 0.02 * body.height_m, 0.032 * tall, 0.034 * tall, -0.004),
        (body.chin_z + 0.2 * body.head_m, 0.031 * tall, 0.031 * tall, 0.0),
    ])  # fmt: skip
    points = rings(levels, 6)
    bones = np.full((2, 6, 2), Bone.CHEST, np.int8)
    bones[1] = Bone.HEAD
    return tube_skin(points, look.skin, bones, np.ones((2, 6)))


def _head(look: PersonLook, body: Anatomy, sides: int) -> Skin:
    levels = _HEAD.copy()
    haired = look.hair.style != "bald"
    if haired:
        levels[3:, 1:3] *= 1.07
        levels[-1, 0] = 1.03
    points = rings(_scaled(levels, body), sides)
    facing = np.cos((np.arange(sides) + 0.5) * 2 * np.pi / sides)
    covered = facing[None, :] < np.array(_HAIRLINE)[:, None]
    colours = np.where((covered & haired)[:, :, None], look.hair.colour, look.skin)
    return tube_skin(points, folded(colours, look.grain + 8, 0.04), *_carried(points, Bone.HEAD))


def _hair(hair: Hair, body: Anatomy, *, hat: object) -> list[Skin]:
    head, chin = body.head_m, body.chin_z
    if hair.style in ("long", "bob"):
        low = -0.45 if hair.style == "long" else 0.02
        levels = [(low, 0.10, 0.28, -0.27), (0.2, 0.26, 0.37, -0.20), (0.72, 0.33, 0.37, -0.12)]
        points = rings(_scaled(np.array(levels), body), 8)
        return [tube_skin(points, hair.colour, *_carried(points, Bone.HEAD))]
    if hair.style == "bun":
        place = (-0.40 * head, 0.0, chin + (0.62 if hat else 0.85) * head)
        size = (0.17 * head, 0.18 * head, 0.17 * head)
        return [rigid(ellipsoid(place, size, hair.colour, sides=6, rows=4), Bone.HEAD)]
    if hair.style == "ponytail":
        path = [(-0.40, 0.72), (-0.56, 0.55), (-0.52, 0.1), (-0.48, -0.3)]
        points_m = [(x * head, 0.0, chin + z * head) for x, z in path]
        widths = [0.06 * head, 0.11 * head, 0.11 * head, 0.04 * head]
        return [rigid(tube(points_m, widths, hair.colour, sides=5), Bone.HEAD)]
    return []


def _hat(hat: Hat, body: Anatomy, sides: int) -> list[Skin]:
    if hat.kind == "beanie":
        levels = [(0.60, 0.47, 0.39, 0.0), (0.76, 0.48, 0.40, 0.0), (1.0, 0.38, 0.32, -0.02),
                  (1.12, 0.14, 0.12, -0.02)]  # fmt: skip
        return [_dome(levels, [hat.second, hat.colour, hat.colour], body, sides)]
    crown = [(0.70, 0.46, 0.385, 0.0), (0.95, 0.40, 0.33, -0.01), (1.07, 0.18, 0.16, -0.01)]
    if hat.kind == "cap":
        visor = [(0.70, 0.24, 0.30, 0.50), (0.74, 0.26, 0.31, 0.46)]
        return [
            _dome(crown, [hat.colour, hat.colour], body, sides),
            _dome(visor, [hat.second], body, 6),
        ]
    brim = [(0.68, 0.85, 0.80, 0.0), (0.72, 0.80, 0.74, 0.0), (0.74, 0.50, 0.42, 0.0)]
    return [
        _dome(brim, [hat.colour, hat.colour], body, sides),
        _dome(crown, [hat.second, hat.colour], body, sides),
    ]


def _dome(
    levels: list[tuple[float, float, float, float]],
    colours: list[Colour],
    body: Anatomy,
    sides: int,
) -> Skin:
    points = rings(_scaled(np.array(levels), body), sides)
    by_row = np.repeat(np.array(colours)[:, None], sides, axis=1)
    return tube_skin(points, by_row, *_carried(points, Bone.HEAD))


def helmet_skin(colour: Colour, body: Anatomy, *, full: bool) -> Skin:
    """A rider's helmet; `full` covers the chin and has a dark visor."""
    low = [(0.02, 0.42, 0.36, 0.02)] if full else []
    levels = [*low, (0.42, 0.56, 0.46, 0.0), (0.66, 0.58, 0.48, -0.01), (0.92, 0.47, 0.40, -0.02),
              (1.12, 0.16, 0.14, -0.03)]  # fmt: skip
    skin = _dome(
        levels if full else levels[1:], [colour] * (len(levels) - 1 - (not full)), body, 10
    )
    if full:
        skin.rgb[[10, 19, 11, 18]] = (0.07, 0.08, 0.10)
    return skin
