"""Pictures on vehicles: plates, names on the sides, stickers, a bus's boards."""

from functools import lru_cache

import numpy as np

from core.arrays import F32, U8
from scenes.bodies import Hull, plates_m
from scenes.liveries import board_picture, livery_picture
from scenes.lorries import bed_x_m
from scenes.numberplates import plate_picture, plate_size_m
from scenes.outlines import OUTLINES
from scenes.prints import print_picture
from scenes.shapes import Decal
from scenes.vehicle_looks import Sticker, VehicleLook

_ADRIFT_M = 0.012  # how far a picture stands off what it lies on


def upright(middle_m: tuple[float, float, float], size_m: tuple[float, float], toward: str) -> F32:
    """Corners (4, 3) of an upright picture (width, height) seen from `toward`: front, rear, left or
    right of the vehicle."""
    across = {"front": (0, 1, 0), "rear": (0, -1, 0), "left": (-1, 0, 0), "right": (1, 0, 0)}[
        toward
    ]
    aside, up = np.array(across) * size_m[0] / 2, np.array([0, 0, size_m[1] / 2])
    middle = np.asarray(middle_m)
    corners = [middle - aside + up, middle + aside + up, middle + aside - up, middle - aside - up]
    return np.array(corners, np.float32)


def plate_decals(look: VehicleLook, plate: str) -> tuple[Decal, ...]:
    """The plates at the front and the rear; none where there is no text."""
    if not plate:
        return ()
    picture, size = plate_picture(plate, look.plate_style), plate_size_m(look.plate_style)
    front, rear = _plate_spots(look)
    return (
        Decal(upright((front[0], 0, front[1]), size, "front"), picture),
        Decal(upright((rear[0], 0, rear[1]), size, "rear"), picture),
    )


@lru_cache(maxsize=512)
def _plate_spots(look: VehicleLook) -> tuple[tuple[float, float], tuple[float, float]]:
    half = look.length_m / 2
    if look.label == "bus":
        return (half + _ADRIFT_M, 0.50), (-half - _ADRIFT_M, 0.80)
    if look.label == "truck":
        return (half + _ADRIFT_M, 0.55), (-half - _ADRIFT_M, 0.68)
    return plates_m(Hull(look, OUTLINES[look.shape]))


def markings(look: VehicleLook) -> tuple[Decal, ...]:
    """All pictures but the plates."""
    decals = list(_named(look)) if look.livery else []
    if look.label == "bus":
        decals += _boards(look)
    if look.label in ("car", "van"):
        decals += [_stuck(look, sticker) for sticker in look.stickers]
    return tuple(decals)


def _named(look: VehicleLook) -> list[Decal]:
    """The name on both sides, and on a van's or box's rear."""
    if look.livery is None:
        return []
    x, z, width, height = _panel_m(look)
    size = (width * look.livery.size, height * look.livery.size)
    picture = livery_picture(look.livery, round(size[0] / size[1], 1))
    y = look.width_m / 2 * (0.985 if look.label in ("car", "van") else 1.0) + _ADRIFT_M
    return [
        Decal(upright((x, y, z), size, "left"), picture),
        Decal(upright((x, -y, z), size, "right"), picture),
    ]


def _panel_m(look: VehicleLook) -> tuple[float, float, float, float]:
    """Middle x and z, width and height of the side's free panel."""
    half = look.length_m / 2
    if look.label == "bus":
        return (-0.02 * look.length_m, 0.84, 0.34 * look.length_m, 0.5)
    if look.shape == "box_truck":
        x0, x1 = bed_x_m(look)
        low, top = 1.2, look.height_m - 0.15
        return ((x0 + x1) / 2, (low + top) / 2, 0.9 * (x1 - x0), 0.62 * (top - low))
    if look.shape in ("tipper", "flatbed", "tanker"):
        x0, x1 = bed_x_m(look)
        z = {"tipper": 0.55 * look.height_m, "flatbed": 1.2, "tanker": 0.55 * look.height_m}
        return ((x0 + x1) / 2, z[look.shape], 0.45 * (x1 - x0), 0.34)
    if look.shape == "panel_van":
        return (
            -0.16 * look.length_m,
            0.60 * look.height_m,
            0.46 * look.length_m,
            0.30 * look.height_m,
        )
    return (-0.02 * half, 0.40 * look.height_m, 0.30 * look.length_m, 0.14 * look.height_m)


def _boards(look: VehicleLook) -> list[Decal]:
    """The route, lit, at the front, the rear and beside the first door."""
    picture: U8 = board_picture(look.route, look.face.lamps)
    half, z = look.length_m / 2, 0.86 * look.height_m
    side = (half - 2.6, -look.width_m / 2 * 0.965 - 0.02, z)
    return [
        Decal(upright((half - 0.26, 0, z), (1.5, 0.30), "front"), picture, 0.9),
        Decal(upright((-half + 0.06, 0, z), (0.9, 0.18), "rear"), picture, 0.9),
        Decal(upright(side, (1.0, 0.20), "right"), picture, 0.9),
    ]


def _stuck(look: VehicleLook, sticker: Sticker) -> Decal:
    hull = Hull(look, OUTLINES[look.shape])
    picture = print_picture(sticker.drawing)
    side = 0.5 * sticker.drawing.width
    if sticker.place in ("left", "right"):
        sign = 1 if sticker.place == "left" else -1
        x = (0.02 + 0.2 * sticker.along) * look.length_m
        rows = hull.rows_m(hull.share(x))
        z = float(0.55 * rows[2] + 0.45 * rows[3])
        y = sign * (hull.half_m(hull.share(x)) * 0.99 + _ADRIFT_M)
        return Decal(upright((x, y, z), (side, side), sticker.place), picture)
    if sticker.place == "rear":
        rows = hull.rows_m(0.0)
        y = 0.35 * sticker.along * look.width_m
        spot = (-look.length_m / 2 + 0.02, y, float(rows[2] + rows[3]) / 2)
        return Decal(upright(spot, (0.5 * side, 0.5 * side), "rear"), picture)
    return _on_bonnet(hull, picture, side)


def _on_bonnet(hull: Hull, picture: U8, side: float) -> Decal:
    front, rear = hull.x_m(0.97), hull.x_m(hull.outline.cowl[0] + 0.06)
    middle = (front + rear) / 2
    half = min(side, 0.7 * (front - rear)) / 2
    x0, x1 = middle - half, middle + half
    z0, z1 = (float(hull.rows_m(hull.share(x))[3]) + 0.06 for x in (x0, x1))
    corners = [(x0, -half, z0), (x0, half, z0), (x1, half, z1), (x1, -half, z1)]
    return Decal(np.array(corners, np.float32)[[1, 0, 3, 2]], picture)
