"""Bicycles, e-bikes and motorcycles, alone or with their riders."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from core.arrays import F64
from scenes.carried import bag_skins
from scenes.cycle_parts import Geometry, cycle_mesh, geometry, plate_corners
from scenes.gaits import PITCH, Gait
from scenes.garments import Fineness, body_skins
from scenes.headwear import head_skins, helmet_skin
from scenes.looks import PersonLook, Top
from scenes.numberplates import PlateStyle, plate_picture
from scenes.prints import print_decals
from scenes.rig import SIDES, Anatomy, Bone, Rig, anatomy, placings, rig
from scenes.shapes import Colour, Decal, Figure, Mesh, joined
from scenes.wardrobe import COLOURS, drawn, dyed, sample_colour

CycleKind = Literal["bicycle", "ebike", "motorcycle"]


@dataclass(frozen=True, slots=True)
class CycleLook:
    """One machine and what its rider puts on for it; `size` scales it, `box` is a top box at the
    rear (its `box_m` the edge length), `poncho` is worn in rain only."""

    kind: CycleKind
    colour: Colour
    second: Colour
    seat: Colour
    rims: Colour
    size: float
    box: Colour | None
    box_m: float
    basket: Colour | None
    screen: Colour | None
    helmet: Colour | None
    poncho: Colour | None
    plate_style: PlateStyle | None


_KINDS: dict[CycleKind, float] = {"bicycle": 40, "ebike": 45, "motorcycle": 15}
_PAINTS = {
    "black": 22, "charcoal": 8, "silver": 8, "white": 16, "red": 12, "blue": 8, "sky": 4,
    "green": 4, "mint": 5, "teal": 3, "yellow": 4, "orange": 3, "pink": 4, "navy": 4,
}  # fmt: skip
_DELIVERY = ("yellow", "sky", "orange", "teal", "red")
_HELMET_RATE = {"bicycle": 0.3, "ebike": 0.6, "motorcycle": 0.97}


def sample_cycle(rng: np.random.Generator, kind: CycleKind | None = None) -> CycleLook:
    """A machine of a kind (any if None), drawn from `rng` alone."""
    return _sampled(rng, drawn(rng, _KINDS) if kind is None else kind)


def _sampled(rng: np.random.Generator, kind: CycleKind) -> CycleLook:
    delivers = kind == "ebike" and rng.random() < 0.28
    box = _sample_box(rng, kind, delivers=delivers)
    style: dict[CycleKind, PlateStyle | None] = {
        "bicycle": None,
        "ebike": "ebike_green" if rng.random() < 0.5 else "ebike_white",
        "motorcycle": "motorcycle",
    }
    return CycleLook(
        kind=kind,
        colour=dyed(rng, COLOURS[drawn(rng, _PAINTS)]),
        second=dyed(rng, COLOURS[drawn(rng, _PAINTS)]),
        seat=dyed(rng, COLOURS["brown" if rng.random() < 0.2 else "black"]),
        rims=dyed(rng, COLOURS["silver" if rng.random() < 0.7 else "charcoal"]),
        size=round(float(rng.uniform(0.94, 1.06)), 3),
        box=box,
        box_m=0.46 if delivers else round(float(rng.uniform(0.3, 0.36)), 3),
        basket=_maybe(rng, {"bicycle": 0.45, "ebike": 0.35}.get(kind, 0.0)),
        screen=_maybe(rng, {"ebike": 0.25, "motorcycle": 0.5}.get(kind, 0.0)),
        helmet=_maybe(rng, _HELMET_RATE[kind], strong=0.5),
        poncho=_maybe(rng, 0.7, strong=0.8),
        plate_style=style[kind],
    )


def _sample_box(rng: np.random.Generator, kind: CycleKind, *, delivers: bool) -> Colour | None:
    if delivers:
        return dyed(rng, COLOURS[_DELIVERY[int(rng.integers(len(_DELIVERY)))]])
    return _maybe(rng, {"ebike": 0.4, "motorcycle": 0.3}.get(kind, 0.0))


def _maybe(rng: np.random.Generator, rate: float, *, strong: float = 0.1) -> Colour | None:
    colour = sample_colour(rng, strong=strong)
    return colour if rng.random() < rate else None


def cycle_figure(cycle: CycleLook, *, plate: str = "", detail: float = 1.0) -> Figure:
    """The parked machine, nobody on it: wheels on z=0, facing +x, the origin between them."""
    return Figure(_machine(cycle, 0.0, detail), _plates(cycle, plate))


def rider_figure(
    person: PersonLook,
    cycle: CycleLook,
    gait: Gait,
    plate: str = "",
    *,
    detail: float = 1.0,
    rain: bool = False,
) -> Figure:
    """The machine with its rider: wheels on z=0, facing +x, the origin between them.

    One stride of `gait` is one turn of a bicycle's pedals. In `rain` a poncho is worn if owned.
    """
    worn = _rider_rig(person, cycle, Fineness.of(detail), rain=rain)
    body = anatomy(person.build)
    spots = geometry(cycle.kind, cycle.size)
    angles, hips = _riding(body, spots, cycle.kind, gait.phase)
    placing = placings(worn.joints_m, angles, hips)
    corners = worn.posed(placing)
    rider = Mesh(corners, worn.rgb, worn.gloss, np.zeros(len(corners), np.float32))
    machine = _machine(cycle, gait.phase, detail)
    covered = rain and cycle.poncho is not None
    prints = () if covered else print_decals(person, body, placing[Bone.CHEST])
    return Figure(joined([machine, rider]), _plates(cycle, plate) + prints)


def _machine(cycle: CycleLook, phase: float, detail: float) -> Mesh:
    turn = round(phase % 1.0 * 12) / 12
    return _machine_at(cycle, turn, detail >= 0.5)


@lru_cache(maxsize=512)
def _machine_at(cycle: CycleLook, turn: float, fine: bool) -> Mesh:
    return cycle_mesh(cycle, turn, fine=fine)


def _plates(cycle: CycleLook, plate: str) -> tuple[Decal, ...]:
    if not plate or cycle.plate_style is None:
        return ()
    picture = plate_picture(plate, cycle.plate_style)
    return (Decal(plate_corners(cycle.kind, cycle.size, picture.shape[:2]), picture),)


@lru_cache(maxsize=256)
def _rider_rig(person: PersonLook, cycle: CycleLook, fine: Fineness, *, rain: bool) -> Rig:
    """The rider's body with helmet and poncho; what cannot be carried while riding is left off."""
    kept = person.bag if person.bag and person.bag.kind in ("backpack", "shoulder") else None
    look = replace(person, bag=kept, hat=None if cycle.helmet else person.hat)
    if rain and cycle.poncho:
        look = replace(look, top=_poncho(cycle.poncho, person.top), bag=None)
    body = anatomy(look.build)
    skins = body_skins(look, body, fine) + head_skins(look, body, fine) + bag_skins(look, body)
    if cycle.helmet:
        skins.append(helmet_skin(cycle.helmet, body, full=cycle.kind == "motorcycle"))
    return rig(body.joints(), skins)


def _poncho(colour: Colour, over: Top) -> Top:
    return replace(
        over,
        kind="coat",
        colour=colour,
        pattern="plain",
        ease_m=0.07,
        open_front=False,
        chest=None,
        back=None,
    )


_LEANS = {"bicycle": (0.25, 0.42), "ebike": (-0.05, 0.06), "motorcycle": (0.12, 0.25)}
"""How far hips and chest bend forward, radians."""


def _riding(body: Anatomy, spots: Geometry, kind: CycleKind, phase: float) -> tuple[F64, F64]:
    """Angles (16, 3) of all bones and where the hips are."""
    angles = np.zeros((16, 3))
    angles[Bone.PELVIS, PITCH], angles[Bone.CHEST, PITCH] = _LEANS[kind]
    angles[Bone.HEAD, PITCH] = 0.3 * _LEANS[kind][1]
    hips = spots.saddle_m + np.array([0.02, 0.0, 0.075 * body.height_m / 1.7])
    joints = body.joints()
    place = placings(joints, angles, hips)
    for row, sign in enumerate(SIDES):
        shoulder = place[Bone.CHEST] @ np.append(joints[Bone.ARM_L + row], 1)
        grip = spots.grip_m * [1, sign, 1]
        arm = (body.shoulder_z - body.elbow_z, body.elbow_z - joints[Bone.HELD_L + row][2])
        bend = np.array([-0.2, 0.5 * sign, -1.0])
        upper, lower = reach(grip - shoulder, arm, bend)
        angles[Bone.ARM_L + row], angles[Bone.FOREARM_L + row] = _aimed(upper), _aimed(lower)
        hip = place[Bone.PELVIS] @ np.append(joints[Bone.THIGH_L + row], 1)
        foot = spots.foot_m(phase + 0.5 * row) * [1, sign, 1]
        leg = (body.hip_z - body.knee_z, body.knee_z - body.ankle_z)
        thigh, shin = reach(foot - hip, leg, np.array([1.0, 0.12 * sign, 0.4]))
        angles[Bone.THIGH_L + row], angles[Bone.SHIN_L + row] = _aimed(thigh), _aimed(shin)
    return angles, hips


def reach(target_m: F64, lengths_m: tuple[float, float], bend: F64) -> tuple[F64, F64]:
    """Unit directions of two bones that end at `target_m` from their root, the joint between them
    towards `bend`; stretched out straight where the target is too far."""
    first, second = lengths_m
    far = float(np.linalg.norm(target_m))
    along = target_m / max(far, 1e-9)
    far = float(np.clip(far, abs(first - second) + 1e-3, first + second - 1e-3))
    ahead = (first**2 - second**2 + far**2) / (2 * far)
    aside = bend - along * float(bend @ along)
    aside /= max(float(np.linalg.norm(aside)), 1e-9)
    joint = along * ahead + aside * np.sqrt(max(first**2 - ahead**2, 0.0))
    rest = along * far - joint
    return joint / np.linalg.norm(joint), rest / np.linalg.norm(rest)


def _aimed(direction: F64) -> F64:
    """Yaw, pitch and roll that turn a hanging bone towards a direction."""
    x, y, z = direction
    return np.array([0.0, np.arctan2(-x, -z), np.arcsin(np.clip(y, -1, 1))])


__all__ = [
    "CycleKind", "CycleLook", "cycle_figure", "rider_figure", "sample_cycle",
]  # fmt: skip
