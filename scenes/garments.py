"""Bodies and the clothes on them, at rest: upright, arms hanging, facing +x."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import F64
from scenes.looks import Pattern, PersonLook
from scenes.rig import SIDES, Anatomy, Binding, Bone, Skin, tube_skin
from scenes.shapes import Colour

_LONG = ("coat", "dress")
_HEM_AT = {"coat": 0.62, "dress": 0.8}
"""Where long garments end, as a share of the way from knee to hip (coat) or above the knee."""


@dataclass(frozen=True, slots=True)
class Fineness:
    """How many sides and rows the skins have."""

    torso_sides: int
    torso_rows: int
    limb_sides: int

    @classmethod
    def of(cls, detail: float) -> "Fineness":
        if detail >= 0.75:
            return cls(12, 8, 7)
        return cls(8, 5, 5) if detail >= 0.35 else cls(6, 3, 4)


def painted(
    colours: tuple[Colour, Colour], pattern: Pattern, scale: int, *, shape: tuple[int, int]
) -> F64:
    """A garment's quads in two colours, (rows, sides, 3); rows from the hem up, side 0 is left of
    the front's middle."""
    rows, sides = shape
    up = ((np.arange(rows) + 0.5) / rows)[:, None] * np.ones(sides)
    row, side = np.indices(shape)
    share = np.zeros(shape)
    if pattern == "hoops":
        share = (row // scale % 2).astype(float)
    elif pattern == "stripes":
        share = (side // scale % 2).astype(float)
    elif pattern == "check":
        share = 0.5 * (row % 2) + 0.5 * (side % 2)
    elif pattern == "two_tone":
        share = (up > (0.45 if scale == 1 else 0.62)).astype(float)
    elif pattern == "blocks":
        share = ((side < sides // 2) ^ ((up > 0.5) & (scale == 2))).astype(float)
    elif pattern == "gradient":
        share = up
    elif pattern == "trim":
        share = (row < scale).astype(float)
    first, second = np.asarray(colours[0]), np.asarray(colours[1])
    return np.asarray(first + (second - first) * share[:, :, None], np.float64)


def rings(levels: F64, sides: int, *, middle_y: float = 0.0, power: float = 2.0) -> F64:
    """Rings (R, K, 3) at levels (R, 4) of height, half depth, half width and forward shift;
    `power` above 2 squares them off."""
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = (np.sign(part) * np.abs(part) ** (2 / power) for part in (cos, sin))
    height, depth, width, forward = levels.T[:, :, None]
    return np.stack([forward + depth * x, middle_y + width * y, height + 0 * x], axis=2)


def torso_levels(look: PersonLook, body: Anatomy) -> F64:
    """The trunk from crotch to neck, (8, 4) as `rings` takes them."""
    tall, wide, belly = body.height_m, body.shoulder_y, look.build.belly
    thick = 0.5 + 0.5 * look.build.limbs
    hip, waist, shoulder = body.hip_z, body.waist_z, body.shoulder_z
    round_m = 0.05 * belly * tall
    levels = [
        (hip - 0.04 * tall, 0.055 * tall * thick, 0.080 * tall * thick, 0.0),
        (hip + 0.01 * tall, 0.067 * tall * thick + 0.4 * round_m, 0.096 * tall * thick, 0.0),
        (waist - 0.02 * tall, 0.060 * tall * thick + round_m, 0.083 * tall * thick + round_m / 2,
         0.5 * round_m),
        (waist + 0.05 * tall, 0.064 * tall * thick + 0.6 * round_m, 0.088 * tall * thick, 0.0),
        (shoulder - 0.06 * tall, 0.068 * tall * thick, 0.92 * wide, 0.0),
        (shoulder + 0.004 * tall, 0.058 * tall * thick, 1.02 * wide, 0.0),
        (shoulder + 0.026 * tall, 0.042 * tall, 0.70 * wide, 0.0),
        (shoulder + 0.040 * tall, 0.033 * tall, 0.036 * tall, 0.0),
    ]  # fmt: skip
    return np.array(levels)


def depth_m(look: PersonLook, body: Anatomy, height_m: float) -> float:
    """How far the clothed trunk reaches forward and back at a height."""
    levels = torso_levels(look, body)
    return float(np.interp(height_m, levels[:, 0], levels[:, 1])) + look.top.ease_m + 0.008


def resampled(levels: F64, heights: F64) -> F64:
    """Levels (R, 4) at other heights, in between by straight lines."""
    columns = [np.interp(heights, levels[:, 0], column) for column in levels.T[1:]]
    return np.column_stack([heights, *columns])


def trunk_binding(points_m: F64, body: Anatomy) -> tuple[NDArray[np.int8], F64]:
    """Bones (R, K, 2) and shares (R, K) of points about the trunk: the chest carries what is
    above the waist, the pelvis what is about the hips, the thighs what hangs below."""
    height, aside = points_m[..., 2], points_m[..., 1]
    bones = np.empty((*height.shape, 2), np.int8)
    bones[..., 0], bones[..., 1] = Bone.CHEST, Bone.PELVIS
    share = np.clip((height - body.hip_z) / (1.1 * (body.waist_z - body.hip_z)), 0, 1)
    hanging = height < body.hip_z - 0.02 * body.height_m
    bones[..., 0][hanging] = np.where(aside > 0, Bone.THIGH_L, Bone.THIGH_R)[hanging]
    deep = np.clip((body.hip_z - height) / (0.16 * body.height_m), 0, 1)
    swung = deep * np.clip(np.abs(aside) / (1.2 * body.hip_y), 0.12, 1) * 0.85
    return bones, np.where(hanging, swung, share)


def limb_binding(
    heights: F64, sides: int, bend_z: float, bones: tuple[Bone, Bone], soft_m: float
) -> tuple[NDArray[np.int8], F64]:
    """Bones and shares of rings of a limb that bends at `bend_z`, upper bone first."""
    share = np.clip((heights - bend_z) / (2 * soft_m) + 0.5, 0, 1)
    pair = np.broadcast_to(np.array(bones, np.int8), (len(heights), sides, 2))
    return pair, np.repeat(share[:, None], sides, axis=1)


def hem_z(look: PersonLook, body: Anatomy) -> float:
    """How far down what is worn above reaches."""
    if look.top.kind == "coat":
        return body.knee_z + 0.25 * (body.hip_z - body.knee_z)
    if look.top.kind == "dress":
        return body.knee_z + 0.05 * (body.hip_z - body.knee_z)
    drop = {"hoodie": 0.02, "jacket": 0.0, "puffer": 0.01, "shirt": 0.01, "vest": 0.03, "tee": 0.0}
    return body.hip_z - drop.get(look.top.kind, 0.0) * body.height_m + 0.01 * body.height_m


def skirt_z(look: PersonLook, body: Anatomy) -> float:
    """Down to where legs are hidden in cloth that hangs: their skins start there."""
    long = look.top.kind in _LONG
    skirt = body.knee_z + 0.02 * body.height_m
    if look.bottom.kind == "skirt" and look.top.kind != "dress":
        return min(skirt, hem_z(look, body)) if long else skirt
    return hem_z(look, body) if long else body.hip_z


def top_skin(look: PersonLook, body: Anatomy, fine: Fineness) -> Skin:
    """What is worn above, without its sleeves."""
    top, levels = look.top, torso_levels(look, body)
    hem, shoulder = hem_z(look, body), levels[-3, 0]
    heights = np.concatenate([np.linspace(hem, shoulder, fine.torso_rows), levels[-2:, 0]])
    worn = resampled(levels, heights)
    worn[:-1, 1:3] += top.ease_m
    below = np.clip((body.hip_z - heights) / body.height_m, 0, None)
    flare = 0.45 if top.kind == "dress" else 0.22
    worn[:, 1] += flare * below * body.height_m
    worn[:, 2] += 0.6 * flare * below * body.height_m
    if top.kind == "puffer":
        worn[1:-2:2, 1:3] += 0.018
    points = rings(worn, fine.torso_sides, power=2.5)
    return tube_skin(points, _top_colours(look, points), *trunk_binding(points, body))


def _top_colours(look: PersonLook, points: F64) -> F64:
    top = look.top
    shape = (len(points) - 1, points.shape[1])
    colours = painted((top.colour, top.second), top.pattern, top.scale, shape=shape)
    if top.open_front:
        colours[:, [0, -1]] = top.under
    return folded(colours, look.grain)


def folded(colours: F64, grain: int, spread: float = 0.05) -> F64:
    """Colours (rows, sides, 3) with the light and dark of folds."""
    rng = np.random.default_rng(grain)
    light = 1 + rng.uniform(-spread, spread, colours.shape[:2])
    return np.clip(colours * light[:, :, None], 0, 1)


def hips_skin(look: PersonLook, body: Anatomy, fine: Fineness) -> Skin:
    """Seat of the trousers, or a skirt."""
    bottom, levels = look.bottom, torso_levels(look, body)
    skirt = bottom.kind == "skirt"
    low = skirt_z(look, body) if skirt else levels[0, 0]
    tucked = max(min(body.waist_z, hem_z(look, body) + 0.015 * body.height_m), low + 0.02)
    heights = np.linspace(low, tucked, fine.torso_rows - 1 if skirt else 3)
    worn = resampled(levels, heights)
    worn[:, 1:3] += 0.006
    if skirt:
        below = np.clip(body.hip_z - heights, 0, None)
        worn[:, 1:3] += (0.12 * bottom.width * below)[:, None]
    points = rings(worn, fine.torso_sides, power=2.3)
    shape = (len(heights) - 1, fine.torso_sides)
    pattern: Pattern = bottom.pattern if skirt else "plain"
    colours = painted((bottom.colour, bottom.second), pattern, 1, shape=shape)
    return tube_skin(points, folded(colours, look.grain + 1), *trunk_binding(points, body))


def leg_skins(look: PersonLook, body: Anatomy, fine: Fineness, side: int) -> list[Skin]:
    """One leg: cloth down to where it ends, bare below that."""
    sign, tall = SIDES[side], body.limb_m
    start, ankle = min(skirt_z(look, body), body.hip_z) + 0.02, body.ankle_z
    end = cloth_end_z(look, body)
    bare = np.array([
        (ankle - 0.01, 0.024 * tall, 0.022 * tall, -0.005),
        (body.knee_z * 0.7, 0.034 * tall, 0.031 * tall, -0.012),
        (body.knee_z, 0.032 * tall, 0.031 * tall, 0.004),
        (body.hip_z - 0.06 * tall, 0.050 * tall, 0.046 * tall, 0.0),
        (body.hip_z + 0.03, 0.054 * tall, 0.048 * tall, 0.0),
    ])  # fmt: skip
    skins = []
    if end < start - 0.03:
        cloth = _trouser_levels(look, bare, np.array([start, end]), body)
        skins.append(_leg(look, body, cloth, fine, side))
    low = ankle - 0.01
    if end > low + 0.04:
        heights = _bends(low, min(end + 0.02, start), body.knee_z)
        levels = resampled(bare, heights)
        points = rings(levels, fine.limb_sides, middle_y=sign * body.hip_y)
        bones = (Bone(Bone.THIGH_L + side), Bone(Bone.SHIN_L + side))
        binding = limb_binding(heights, fine.limb_sides, body.knee_z, bones, 0.06)
        skins.append(tube_skin(points, look.skin, *binding))
    return skins


def cloth_end_z(look: PersonLook, body: Anatomy) -> float:
    """Where trousers end; above the legs' start if there are none."""
    if look.top.kind == "dress" or look.bottom.kind == "skirt":
        return body.hip_z + 0.1
    if look.bottom.kind == "shorts":
        return body.knee_z + 0.02 * body.height_m * look.bottom.width
    return body.ankle_z * 0.7


def _bends(low: float, high: float, bend: float) -> F64:
    """Heights from low to high with a ring on each side of the bend and one in it."""
    middle = [z for z in (bend - 0.07, bend, bend + 0.07) if low + 0.03 < z < high - 0.03]
    far = [low + 0.45 * (bend - 0.07 - low)] if len(middle) == 3 else []
    return np.array([low, *far, *middle, high])


def _trouser_levels(look: PersonLook, bare: F64, span: F64, body: Anatomy) -> F64:
    start, end = span
    levels = resampled(bare, _bends(end, start, body.knee_z))
    down = np.clip((body.hip_z - levels[:, 0]) / body.hip_z, 0, 1)
    wide = look.bottom.width
    ease = 0.008 + 0.022 * wide * down + (0.05 * (wide - 1.0) * down if wide > 1 else 0)
    levels[:, 1:3] += np.broadcast_to(ease, len(levels))[:, None] if np.ndim(ease) else ease
    return levels


def _leg(look: PersonLook, body: Anatomy, levels: F64, fine: Fineness, side: int) -> Skin:
    bottom, sides = look.bottom, fine.limb_sides
    points = rings(levels, sides, middle_y=SIDES[side] * body.hip_y)
    shape = (len(levels) - 1, sides)
    colours = painted((bottom.colour, bottom.second), "plain", 1, shape=shape)
    if bottom.pattern == "stripes":
        outer = sides // 4 if side == 0 else sides - 1 - sides // 4
        colours[:, outer] = bottom.second
    elif bottom.pattern == "trim":
        colours[0] = bottom.second
    if bottom.kind == "jeans":
        colours[-2:, [0, -1]] = np.clip(colours[-2:, [0, -1]] * 1.22, 0, 1)
    bones = (Bone(Bone.THIGH_L + side), Bone(Bone.SHIN_L + side))
    binding = limb_binding(levels[:, 0], sides, body.knee_z, bones, 0.07)
    return tube_skin(points, folded(colours, look.grain + 2 + side), *binding)


def arm_skins(look: PersonLook, body: Anatomy, fine: Fineness, side: int) -> list[Skin]:
    """One arm: the sleeve, then what it leaves bare, then the hand."""
    tall, top = body.limb_m, look.top
    tip = body.wrist_z - 0.085 * body.height_m
    start = body.shoulder_z + 0.022 * body.height_m
    bare = np.array([
        (tip, 0.012 * tall, 0.007 * tall, 0.01),
        (tip + 0.035 * tall, 0.022 * tall, 0.011 * tall, 0.008),
        (body.wrist_z, 0.016 * tall, 0.013 * tall, 0.0),
        (body.elbow_z, 0.024 * tall, 0.023 * tall, 0.0),
        (body.shoulder_z - 0.03 * tall, 0.029 * tall, 0.027 * tall, 0.0),
        (body.shoulder_z + 0.005 * tall, 0.028 * tall, 0.026 * tall, 0.0),
        (start, 0.014 * tall, 0.013 * tall, 0.0),
    ])  # fmt: skip
    end = sleeve_end_z(look, body)
    hand = [tip, tip + 0.035 * tall, body.wrist_z]
    skins = []
    if end < start:
        heights = np.append(_bends(end, body.shoulder_z, body.elbow_z), start)
        levels = resampled(bare, heights)
        levels[:, 1:3] += 0.006 + 0.65 * top.ease_m
        skins.append(_arm(look, body, levels, fine, side, sleeve=True))
    high = [
        z for z in _bends(body.wrist_z, min(end + 0.02, start), body.elbow_z)[1:] if z > hand[-1]
    ]
    levels = resampled(bare, np.array(hand + high))
    skins.append(_arm(look, body, levels, fine, side, sleeve=False))
    return skins


def sleeve_end_z(look: PersonLook, body: Anatomy) -> float:
    reach = {"tee": 0.62, "vest": -1.0, "dress": 0.55}.get(look.top.kind)
    if reach is None:
        return body.wrist_z - 0.01
    if reach < 0:
        return body.height_m
    return body.elbow_z + (1 - reach) * (body.shoulder_z - body.elbow_z)


def _arm(
    look: PersonLook, body: Anatomy, levels: F64, fine: Fineness, side: int, *, sleeve: bool
) -> Skin:
    sides, top = fine.limb_sides, look.top
    points = rings(levels, sides, middle_y=SIDES[side] * (body.shoulder_y + 0.012))
    shape = (len(levels) - 1, sides)
    colours = np.broadcast_to(np.asarray(look.skin), (*shape, 3)).copy()
    if sleeve:
        pattern: Pattern = top.pattern if top.pattern in ("hoops", "check", "trim") else "plain"
        first = top.second if top.pattern == "two_tone" and top.scale == 1 else top.colour
        colours = folded(
            painted((first, top.second), pattern, 1, shape=shape), look.grain + 4 + side
        )
    bones = (Bone(Bone.ARM_L + side), Bone(Bone.FOREARM_L + side))
    return tube_skin(points, colours, *limb_binding(levels[:, 0], sides, body.elbow_z, bones, 0.05))


def shoe_skin(look: PersonLook, body: Anatomy, fine: Fineness, side: int) -> Skin:
    """One shoe, sole and upper."""
    tall, high = body.height_m, 1.7 if look.shoes.boots else 1.0
    levels = np.array([
        (0.0, 0.074 * tall, 0.026 * tall, 0.026 * tall),
        (0.014, 0.078 * tall, 0.028 * tall, 0.026 * tall),
        (0.028 * tall, 0.062 * tall, 0.027 * tall, 0.014 * tall),
        (0.046 * tall * high, 0.030 * tall, 0.025 * tall, -0.010 * tall),
    ])  # fmt: skip
    points = rings(
        levels, max(fine.limb_sides - 1, 4), middle_y=SIDES[side] * body.hip_y, power=2.4
    )
    colours = np.empty((3, points.shape[1], 3))
    colours[0], colours[1:] = look.shoes.sole, look.shoes.colour
    shares = np.ones(points.shape[:2])
    foot = Bone(Bone.FOOT_L + side)
    return tube_skin(points, colours, np.full((*shares.shape, 2), foot, np.int8), shares)


def body_skins(look: PersonLook, body: Anatomy, fine: Fineness) -> list[Skin]:
    """Everything but head, hair, hat and what is carried."""
    skins = [top_skin(look, body, fine)]
    if look.top.kind != "dress":
        skins.append(hips_skin(look, body, fine))
    for side in (0, 1):
        skins += leg_skins(look, body, fine, side)
        skins += arm_skins(look, body, fine, side)
        skins.append(shoe_skin(look, body, fine, side))
    return skins


__all__ = ["Binding", "Fineness", "body_skins", "painted", "torso_levels"]
