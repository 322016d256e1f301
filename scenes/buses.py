"""Buses: city buses and coaches."""

from collections.abc import Sequence

import numpy as np

from core.arrays import F64
from scenes.bodies import floor
from scenes.shapes import Mesh, joined
from scenes.sheets import Paints, block, both_sides
from scenes.slabs import Slab, cut, slab_mesh
from scenes.vehicle_looks import VehicleLook
from scenes.wheels import Axle


def bus_axles(look: VehicleLook) -> tuple[Axle, ...]:
    half = look.length_m / 2
    aside = look.width_m / 2 - 0.03
    front = half - (2.7 if look.shape == "city_bus" else 2.3)
    return tuple(Axle(x, 0.48, aside, 0.28, 1.12) for x in (-half + 0.29 * look.length_m, front))


def bus_body(look: VehicleLook, paints: Paints) -> Mesh:
    """A bus: windows all round, two doors on the right, a board for its route."""
    height, half = look.height_m, look.length_m / 2
    coach = look.shape == "coach"
    belt = (1.45 if coach else 1.12) + 0.06 * look.lines[0]
    slab = Slab(
        (-half, half),
        look.width_m / 2,
        (0.30, 0.62, belt, belt + 0.62, 0.79 * height, 0.93 * height, height),
        (0.05, 0.0, 0.03, 0.10, 0.22, 0.34, 0.62),
        (0.04, 0.0, 0.0, 0.03, 0.06, 0.10, 0.34),
        (0.985, 1.0, 1.0, 0.99, 0.975, 0.95, 0.80),
    )
    axles = bus_axles(look)
    stations, kinds = _bus_columns(look, slab, axles)
    rows = _bus_rows(look, kinds)
    faces = _bus_faces(look)
    mesh = slab_mesh(
        slab,
        paints,
        stations=stations,
        left=[row.replace("D", "") for row in rows[0]],
        right=rows[1],
        front=faces[0],
        rear=faces[1],
        top="U",
    )
    return joined([mesh, *_bus_extras(look, paints), floor(look, paints)])


def _bus_columns(look: VehicleLook, slab: Slab, axles: Sequence[Axle]) -> tuple[F64, str]:
    """Stations, and what each column is: w window, p pillar, d a door on the right side."""
    half = look.length_m / 2
    doors = [(half - 1.75, half - 0.55)]
    if look.shape == "city_bus":
        doors.append((-0.35, 1.15))
    pitch = 1.35 + 0.12 * look.lines[1]
    pillars = np.arange(-half + 0.5, half - 0.4, pitch)
    cuts = [x + d for x in pillars for d in (-0.05, 0.05)]
    cuts = [x for x in cuts if all(not low - 0.1 < x < high + 0.1 for low, high in doors)]
    for low, high in doors:
        cuts += [low, (low + high) / 2 - 0.03, (low + high) / 2 + 0.03, high]
    stations = cut(slab, cuts, axles)
    middles = (stations[1:, 0] + stations[:-1, 0]) / 2
    kinds = []
    for x in middles:
        if any(low < x < high for low, high in doors):
            split = any(abs(x - (low + high) / 2) < 0.03 for low, high in doors)
            kinds.append("s" if split else "d")
        else:
            near = np.abs(pillars - x).min() < 0.05 or abs(x) > half - 0.4
            kinds.append("p" if near else "w")
    return stations, "".join(kinds)


def _bus_rows(look: VehicleLook, kinds: str) -> tuple[list[str], list[str]]:
    """Letters of the left and the right side."""
    low, middle, high = tuple(look.scheme)
    pillar = "B" if look.lines[2] > -0.3 else "P"
    window = {"w": "V", "p": pillar, "d": "V", "s": "V"}
    glass = "".join(window[kind] for kind in kinds)
    plain = [band * len(kinds) for band in (low, middle)]
    left = [*plain, glass, glass.replace("V", "v"), high * len(kinds), "U" * len(kinds)]
    right = []
    for number, row in enumerate(left):
        door = {0: "T", 1: "G", 2: "G", 3: "g"}.get(number)
        right.append("".join(
            row[place] if door is None or kind in "wp" else (door if kind == "d" else "T")
            for place, kind in enumerate(kinds)
        ))  # fmt: skip
    return left, right


_BUS_FRONTS = (
    ("TTTTTTT", "HHPPPHH", "BGGGGGB", "BgggggB", "BBBBBBB", "UUUUUUU"),
    ("SSTTTSS", "PHHPHHP", "PGGGGGP", "PgggggP", "PBBBBBP", "UUUUUUU"),
    ("TTTTTTT", "HSSSSSH", "BGGGGGB", "BgggggB", "PBBBBBP", "UUUUUUU"),
    ("SSSSSSS", "HHSKSHH", "BGGGGGB", "BgggggB", "BBBBBBB", "UUUUUUU"),
)
_BUS_REARS = (
    ("TTTTTTT", "RTTTTTR", "RPVVVPR", "PPvvvPP", "PPBBBPP", "UUUUUUU"),
    ("SSTTTSS", "RSKKKSR", "PSSSSSP", "PBVVVBP", "PPPPPPP", "UUUUUUU"),
    ("TTTTTTT", "RPKKKPR", "RPPPPPR", "BBvvvBB", "BBBBBBB", "UUUUUUU"),
)


def _bus_faces(look: VehicleLook) -> tuple[Sequence[str], Sequence[str]]:
    return (
        _BUS_FRONTS[look.face.front % len(_BUS_FRONTS)],
        _BUS_REARS[look.face.rear % len(_BUS_REARS)],
    )


def _bus_extras(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """Cooling on the roof, and mirrors that hang before the front."""
    half, z = look.length_m / 2, look.height_m
    units = [(-0.27, 0.16), (0.14, 0.12)] if look.lines[3] > -0.2 else [(-0.12, 0.2)]
    meshes = []
    for at, reach in units:
        x, step = at * look.length_m, reach * look.length_m / 2
        for x0, x1 in ((x - step, x), (x, x + step)):
            meshes += [block((x0, -0.72, z - 0.02), (x1, 0.72, z + 0.2), paints["A"])]
    y, top = look.width_m / 2, 0.82 * z
    arm = block((half - 0.12, y - 0.04, top), (half + 0.16, y + 0.06, top + 0.06), paints["B"])
    glass = block((half + 0.06, y - 0.02, top - 0.42), (half + 0.2, y + 0.18, top), paints["B"])
    return [*meshes, both_sides(joined([arm, glass]))]
