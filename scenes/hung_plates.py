"""Where the plates of a placed vehicle or rider are on a camera's picture."""

import numpy as np

from core.arrays import F32
from scenes.cycles import cycle_figure
from scenes.markings import plate_decals
from scenes.plan import Actor, Placed
from scenes.shapes import Decal
from scenes.stickers import stickers
from scenes.views import View


def shown_plates(placed: Placed, view: View) -> list[F32]:
    """Corners (4, 2) in pixels of those that face the camera, clockwise from each plate's own
    upper left. Whether something stands before them, or the picture ends, is not looked at."""
    hung = (one.moved((*placed.xy_m, 0.0), placed.heading_rad) for one in plates_of(placed.actor))
    return [np.asarray(one.px, np.float32) for one in stickers(tuple(hung), view)]


def plates_of(actor: Actor) -> tuple[Decal, ...]:
    """The plates on a vehicle or a cycle at the origin; none where it has no number."""
    if not actor.plate:
        return ()
    if actor.vehicle is not None:
        return plate_decals(actor.vehicle, actor.plate)
    return () if actor.cycle is None else cycle_figure(actor.cycle, plate=actor.plate).decals
