"""People of the city: how they look, who looks like whom, and their figures."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from core.arrays import F32
from scenes.carried import bag_skins, carried_angles, phone_skin, umbrella_skins
from scenes.gaits import Gait, Stance, hips_rest, pose_angles, stride_m
from scenes.garments import Fineness, body_skins
from scenes.headwear import head_skins
from scenes.looks import (
    Bag,
    BagKind,
    BottomKind,
    Build,
    Hair,
    HairStyle,
    Hat,
    HatKind,
    PersonLook,
    Shoes,
    TopKind,
    Umbrella,
)
from scenes.prints import print_decals
from scenes.rig import Bone, Rig, anatomy, placings, rig
from scenes.shapes import Colour, Figure, Mesh
from scenes.wardrobe import (
    COLOURS,
    drawn,
    dyed,
    sample_bottom,
    sample_colour,
    sample_jacket,
    sample_top,
)

__all__ = [
    "Gait",
    "PersonLook",
    "Stance",
    "alike",
    "person_figure",
    "sample_person",
    "stride_m",
    "with_other_jacket",
]

_SKINS: tuple[Colour, ...] = (
    (0.96, 0.82, 0.72),
    (0.91, 0.74, 0.61),
    (0.85, 0.66, 0.51),
    (0.76, 0.56, 0.41),
    (0.63, 0.44, 0.31),
    (0.48, 0.32, 0.22),
    (0.33, 0.22, 0.16),
)
_HAIRS: dict[Colour, float] = {
    (0.07, 0.06, 0.06): 46,
    (0.17, 0.11, 0.08): 22,
    (0.34, 0.21, 0.13): 11,
    (0.66, 0.52, 0.32): 6,
    (0.50, 0.22, 0.12): 3,
    (0.55, 0.55, 0.55): 8,
    (0.82, 0.81, 0.78): 4,
}
_STYLES: dict[HairStyle, float] = {
    "short": 52, "long": 15, "bob": 11, "bun": 6, "ponytail": 9, "bald": 7,
}  # fmt: skip
_HATS: dict[HatKind, float] = {"cap": 5, "beanie": 3, "sun_hat": 2}
_BAGS: dict[BagKind, float] = {"backpack": 42, "shoulder": 30, "tote": 18, "trolley": 10}


def sample_person(rng: np.random.Generator) -> PersonLook:
    """Somebody as a street has them, drawn from `rng` alone."""
    build = _sample_build(rng)
    child = build.height_m < 1.5
    top = sample_top(rng, strong=0.35 if child else 0.06)
    return PersonLook(
        build=build,
        skin=dyed(rng, _SKINS[int(rng.integers(len(_SKINS)))], 0.015),
        hair=Hair(drawn(rng, _STYLES), dyed(rng, drawn(rng, _HAIRS), 0.01)),
        top=top,
        bottom=sample_bottom(rng),
        shoes=_sample_shoes(rng),
        hat=_sample_hat(rng),
        bag=_sample_bag(rng, child=child),
        umbrella=_sample_umbrella(rng),
        grain=int(rng.integers(2**31)),
    )


def alike(look: PersonLook, rng: np.random.Generator) -> PersonLook:
    """A look-alike: top and bottom in the same dominant colours, all else drawn again."""
    other = sample_person(rng)
    top = sample_top(
        rng,
        kinds=_LONG_TOPS if look.top.kind in ("coat", "dress") else _SHORT_TOPS,
        colour=dyed(rng, look.top.colour, 0.012),
    )
    bottom = sample_bottom(
        rng,
        kinds=_SHORT_LEGS if look.bottom.kind in ("shorts", "skirt") else _LONG_LEGS,
        colour=dyed(rng, look.bottom.colour, 0.012),
    )
    return replace(other, top=top, bottom=bottom)


_LONG_TOPS: dict[TopKind, float] = {"coat": 2, "dress": 1}
_SHORT_LEGS: dict[BottomKind, float] = {"shorts": 2, "skirt": 1}
_SHORT_TOPS: dict[TopKind, float] = {
    "tee": 4.0,
    "shirt": 3.0,
    "hoodie": 3.0,
    "jacket": 4.0,
    "puffer": 2.0,
    "vest": 1.0,
}
_LONG_LEGS: dict[BottomKind, float] = {"trousers": 1.0, "jeans": 1.0}


def with_other_jacket(look: PersonLook, rng: np.random.Generator) -> PersonLook:
    """The same person with another garment above, in a colour far from what was worn."""
    return replace(look, top=sample_jacket(rng, unlike=look.top.colour))


def _sample_build(rng: np.random.Generator) -> Build:
    child = rng.random() < 0.09
    height = rng.uniform(1.15, 1.5) if child else np.clip(rng.normal(1.69, 0.09), 1.48, 1.95)
    return Build(
        height_m=round(float(height), 3),
        shoulders=round(float(np.clip(rng.normal(1.0, 0.07), 0.84, 1.16)), 3),
        limbs=round(float(np.clip(rng.normal(1.0, 0.1), 0.8, 1.3)), 3),
        belly=round(float(np.clip(rng.normal(0.15, 0.3), 0.0, 1.0)), 3),
        stoop_rad=round(float(np.clip(rng.normal(0.03, 0.05), -0.03, 0.25)), 3),
        swing=round(float(rng.uniform(0.6, 1.25)), 3),
    )


def _sample_shoes(rng: np.random.Generator) -> Shoes:
    colour = sample_colour(rng, strong=0.12)
    white_sole = rng.random() < 0.5
    sole = COLOURS["white" if white_sole else "black"]
    return Shoes(colour, dyed(rng, sole), bool(rng.random() < 0.2))


def _sample_hat(rng: np.random.Generator) -> Hat | None:
    if rng.random() > 0.2:
        return None
    return Hat(drawn(rng, _HATS), sample_colour(rng, strong=0.2), sample_colour(rng, strong=0.2))


def _sample_bag(rng: np.random.Generator, *, child: bool) -> Bag | None:
    if rng.random() > 0.52:
        return None
    return Bag(
        kind="backpack" if child else drawn(rng, _BAGS),
        colour=sample_colour(rng, strong=0.2),
        second=sample_colour(rng, strong=0.2),
        side="left" if rng.random() < 0.5 else "right",
        size=round(float(rng.uniform(0.8, 1.25)), 3),
    )


def _sample_umbrella(rng: np.random.Generator) -> Umbrella | None:
    if rng.random() > 0.6:
        return None
    colour = sample_colour(rng, strong=0.5)
    return Umbrella(colour, sample_colour(rng, strong=0.5) if rng.random() < 0.3 else colour)


def person_figure(
    look: PersonLook, gait: Gait, *, detail: float = 1.0, rain: bool = False
) -> Figure:
    """The person at that moment: feet on z=0 at the origin, facing +x.

    `detail` below 0.75 and below 0.35 leaves out sides that nobody sees from afar; in `rain`
    who owns an umbrella has it open.
    """
    wet = rain and look.umbrella is not None
    worn = person_rig(look, Fineness.of(detail), wet=wet, phone=gait.pose == "phone")
    angles = pose_angles(gait, look.build)
    carried_angles(angles, look, gait, wet=wet)
    body = anatomy(look.build)
    return grounded(look, worn, placings(worn.joints_m, angles, hips_rest(body)))


def grounded(look: PersonLook, worn: Rig, placing: F32) -> Figure:
    """The posed figure, let down until its feet stand on z=0."""
    corners = worn.posed(placing)
    mesh = Mesh(corners, worn.rgb, worn.gloss, np.zeros(len(corners), np.float32))
    prints = print_decals(look, anatomy(look.build), placing[Bone.CHEST])
    low_m = float(corners.reshape(-1, 3)[worn.feet, 2].min())
    return Figure(mesh, prints).moved((0.0, 0.0, -low_m))


@lru_cache(maxsize=512)
def person_rig(look: PersonLook, fine: Fineness, *, wet: bool, phone: bool) -> Rig:
    """The body at rest with everything on; cached, for one look is drawn in many moments."""
    body = anatomy(look.build)
    skins = body_skins(look, body, fine) + head_skins(look, body, fine)
    skins += bag_skins(look, body)
    if wet and look.umbrella is not None:
        skins += umbrella_skins(look.umbrella, look, body)
    elif phone:
        skins.append(phone_skin(body))
    return rig(body.joints(), skins)
