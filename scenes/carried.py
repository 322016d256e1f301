"""What people carry: bags, umbrellas, a phone; and the arms that hold them."""

from collections.abc import Sequence

import numpy as np

from core.arrays import F64
from scenes.gaits import PITCH, ROLL, YAW, Gait
from scenes.garments import depth_m, rings
from scenes.looks import Bag, PersonLook, Side, Umbrella
from scenes.rig import SIDES, Anatomy, Bone, Skin, rigid, tube_skin
from scenes.shapes import Colour, Mesh, Point, box, joined, loft, quads, tube

_METAL = (0.55, 0.55, 0.57)


def carried_angles(angles: F64, look: PersonLook, gait: Gait, *, wet: bool) -> None:
    """Bend the arms in `angles` (16, 3) to what they carry."""
    bag = look.bag
    if bag is not None and bag.kind == "trolley" and gait.pose != "sit":
        _hold(angles, bag.side, forward=-0.45, elbow=0.1)
    if wet and gait.pose != "sit":
        _hold(angles, umbrella_side(look), forward=0.3, elbow=2.0)


def _hold(angles: F64, side: Side, *, forward: float, elbow: float) -> None:
    row = 0 if side == "left" else 1
    inward = -0.2 * SIDES[row] if elbow > 1 else 0.0
    angles[Bone.ARM_L + row] = (0, -forward, 0.1 * SIDES[row])
    angles[Bone.FOREARM_L + row] = (inward, -forward - elbow, 0)
    angles[Bone.HELD_L + row] = 0


def umbrella_side(look: PersonLook) -> Side:
    """The hand that is free of a bag."""
    if look.bag is not None and look.bag.kind in ("tote", "trolley"):
        return "left" if look.bag.side == "right" else "right"
    return "right"


def bag_skins(look: PersonLook, body: Anatomy) -> list[Skin]:
    """The bag with its straps; none without a bag."""
    if look.bag is None:
        return []
    make = {"backpack": _backpack, "shoulder": _shoulder_bag, "tote": _tote, "trolley": _trolley}
    return make[look.bag.kind](look.bag, look, body)


def _row(side: Side) -> int:
    return 0 if side == "left" else 1


def strip(points_m: Sequence[Point], width_m: Point, rgb: Colour) -> Mesh:
    """A band along points, seen from both sides; `width_m` is the vector across it."""
    path, across = np.asarray(points_m), np.asarray(width_m) / 2
    left, right = path + across, path - across
    front = np.stack([left[:-1], right[:-1], right[1:], left[1:]], axis=1)
    return quads(np.concatenate([front, front[:, ::-1]]), rgb)


def _backpack(bag: Bag, look: PersonLook, body: Anatomy) -> list[Skin]:
    tall = body.height_m
    size = bag.size * min(1.0, tall / 1.6)
    top, low = body.shoulder_z + 0.01 * tall, body.shoulder_z - 0.27 * tall * size
    deep = 0.085 * size
    back = -depth_m(look, body, body.shoulder_z - 0.06 * tall) - deep
    levels = np.array([
        (low, 0.8 * deep, 0.13 * size, back),
        (low + 0.12 * size, 1.25 * deep, 0.16 * size, back - 0.02),
        (low + 0.2 * size, deep, 0.155 * size, back),
        (top - 0.07, 0.95 * deep, 0.145 * size, back),
        (top, 0.5 * deep, 0.09 * size, back + 0.03),
    ])  # fmt: skip
    points = rings(levels, 8, power=3.0)
    colours = np.empty((4, 8, 3))
    colours[:] = bag.colour
    colours[:2] = bag.second
    bones = np.full((*points.shape[:2], 2), Bone.CHEST, np.int8)
    sack = tube_skin(points, colours, bones, np.ones(points.shape[:2]))
    return [sack, rigid(joined([_strap(bag, look, body, sign) for sign in SIDES]), Bone.CHEST)]


def _strap(bag: Bag, look: PersonLook, body: Anatomy, sign: float) -> Mesh:
    aside = 0.55 * body.shoulder_y * sign
    rows = [body.shoulder_z + 0.02 * body.height_m, body.shoulder_z - 0.02 * body.height_m]
    rows.append(body.shoulder_z - 0.1 * body.height_m)
    rows.append(body.waist_z)
    path = [(0.92 * depth_m(look, body, z), aside, z) for z in rows]
    over = [(-0.05, aside, rows[0] + 0.012), *path]
    return strip(over, (0.0, 0.045, 0.0), bag.colour)


def _shoulder_bag(bag: Bag, look: PersonLook, body: Anatomy) -> list[Skin]:
    sign, size = SIDES[_row(bag.side)], bag.size
    width = 0.1 * body.limb_m + 0.03 + look.top.ease_m
    middle = (0.0, sign * (width + 0.05), body.hip_z - 0.1 * size)
    sack = box((0.30 * size, 0.10, 0.22 * size), bag.colour).moved(middle)
    flap = box((0.31 * size, 0.105, 0.1 * size), bag.second)
    flap = flap.moved((middle[0], middle[1], middle[2] + 0.125 * size))
    high = body.shoulder_z + 0.03 * body.height_m
    straps = []
    for face in (1, -1):
        rows = np.linspace(0, 1, 5)
        path = []
        for row in rows:
            z = high + (middle[2] + 0.2 * size - high) * row
            y = -sign * 0.5 * body.shoulder_y * (1 - row) + sign * width * row
            swell = np.sqrt(max(1 - (y / (width * 1.25)) ** 2, 0.1))
            path.append((face * (depth_m(look, body, z) + 0.006) * swell, y, z))
        straps.append(strip(path, (0.0, 0.03, 0.022 * sign), bag.colour))
    return [rigid(joined([sack, flap]), Bone.PELVIS), rigid(joined(straps), Bone.CHEST)]


def _tote(bag: Bag, _: PersonLook, body: Anatomy) -> list[Skin]:
    row, size = _row(bag.side), bag.size * min(1.0, body.height_m / 1.6)
    hand = body.joints()[Bone.HELD_L + row]
    hand[2] -= 0.02
    low = max(float(hand[2]) - 0.16 - 0.3 * size, 0.06)
    sack = box((0.32 * size, 0.11, 0.3 * size), bag.colour).moved((hand[0], hand[1], low))
    band = box((0.325 * size, 0.115, 0.08 * size), bag.second)
    band = band.moved((hand[0], hand[1], low + 0.1 * size))
    top = low + 0.3 * size
    path = [(-0.08 * size, top), (0.0, float(hand[2])), (0.08 * size, top)]
    handle = strip([(x, float(hand[1]), z) for x, z in path], (0.0, 0.025, 0.0), bag.colour)
    return [rigid(joined([sack, band, handle]), Bone(Bone.HELD_L + row))]


def _trolley(bag: Bag, _: PersonLook, body: Anatomy) -> list[Skin]:
    tall, size = body.height_m, bag.size
    aside = SIDES[_row(bag.side)] * (body.shoulder_y + 0.06)
    case = box((0.24 * size, 0.36 * size, 0.5 * size), bag.colour, gloss=0.3)
    band = box((0.245 * size, 0.365 * size, 0.05), bag.second).moved((0, 0, 0.22 * size))
    long_m = 0.56 * tall
    bars = [
        tube([(0, y, 0.5 * size), (0, y, long_m)], [0.008, 0.008], _METAL, sides=4)
        for y in (0.07, -0.07)
    ]
    grip = box((0.03, 0.17, 0.03), (0.1, 0.1, 0.1)).moved((0, 0, long_m))
    wheels = [
        box((0.05, 0.03, 0.05), (0.08, 0.08, 0.08)).moved((0, y, -0.05))
        for y in (0.13 * size, -0.13 * size)
    ]
    upright = joined([case, band, *bars, grip, *wheels])
    lean = 0.55
    foot = (-0.16 * tall - np.sin(lean) * long_m, aside, 0.06)
    return [rigid(upright.moved(foot, 0.0, lean), Bone.ROOT)]


def umbrella_skins(umbrella: Umbrella, look: PersonLook, body: Anatomy) -> list[Skin]:
    """An open umbrella over the head, upright in the hand that is free."""
    row = _row(umbrella_side(look))
    hand = body.joints()[Bone.HELD_L + row]
    tall = body.height_m
    lift = 0.36 * tall
    tip = np.array([hand[0] - 0.12 * tall, hand[1] * 0.35, hand[2] + lift])
    shaft = tube([tuple(hand), tuple(tip)], [0.009, 0.007], _METAL, sides=4)
    canopy = _canopy(tip, umbrella.colour, umbrella.second)
    return [rigid(joined([shaft, canopy]), Bone(Bone.HELD_L + row))]


def _canopy(tip: F64, colour: Colour, second: Colour) -> Mesh:
    levels = np.array([
        (-0.22, 0.54, 0.54, 0.0), (-0.09, 0.40, 0.40, 0.0), (0.0, 0.02, 0.02, 0.0),
    ])  # fmt: skip
    outside = loft((rings(levels, 8) + tip).astype(np.float32))
    panels = np.array([colour, second])[np.arange(len(outside)) % 2]
    inside = outside[:, ::-1]
    return joined(
        [
            quads(outside, panels.astype(np.float32)),
            quads(inside, (0.55 * panels).astype(np.float32)),
        ]
    )


def phone_skin(body: Anatomy) -> Skin:
    """A phone in the right hand."""
    hand = body.joints()[Bone.HELD_R]
    slab = box((0.012, 0.075, 0.15), (0.06, 0.06, 0.07), gloss=0.6)
    return rigid(slab.moved((hand[0] + 0.03, hand[1], hand[2] - 0.1)), Bone.FOREARM_R)


__all__ = [
    "PITCH", "ROLL", "YAW", "bag_skins", "carried_angles", "phone_skin", "strip", "umbrella_side",
    "umbrella_skins",
]  # fmt: skip
