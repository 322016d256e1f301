"""Furniture and trees painted over a backdrop, far to near."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64, U8
from scenes.canvas import Sprite, over
from scenes.greenery import crown
from scenes.light import Light, under_lamps
from scenes.raster import paint
from scenes.streetscape import Streetscape
from scenes.views import View

_HALF = 127


@dataclass(frozen=True, eq=False)
class Onlooker:
    """Who looks, in which light, near which lamps (L, 2)."""

    view: View
    light: Light
    lamps_m: F64


def stand(rgb: U8, standing_m: F32, scape: Streetscape, onlooker: Onlooker) -> None:
    """Paint all that stands there into `rgb` and its depth into `standing_m`, both in place."""
    for sprite in sorted(_sprites(scape, onlooker), key=lambda sprite: -sprite.depth_m):
        rows, columns = sprite.window
        near = standing_m[rows, columns] > sprite.depth_m
        rgba = sprite.rgba * near[..., None]
        over(rgb[rows, columns], np.ascontiguousarray(rgba))
        solid = rgba[..., 3] > _HALF
        standing_m[rows, columns][solid] = sprite.depth_m


def _sprites(scape: Streetscape, onlooker: Onlooker) -> list[Sprite]:
    view, light = onlooker.view, onlooker.light
    lamps = onlooker.lamps_m.astype(np.float32)
    made = []
    for thing in scape.things:
        here = under_lamps(light, (float(thing.xy_m[0]), float(thing.xy_m[1])), lamps)
        made.append(paint(thing.figure, view, here))
    for plant in scape.trees:
        here = under_lamps(light, (float(plant.xy_m[0]), float(plant.xy_m[1])), lamps)
        made += [paint(plant.trunk, view, here), crown(plant, view, here)]
    return [sprite for sprite in made if sprite is not None]
