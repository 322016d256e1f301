"""Buses and trucks: upright hulls, cabs, and what stands behind a cab."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from scenes.bodies import ACROSS, floor
from scenes.shapes import Mesh, Point, joined
from scenes.sheets import Paints, block, both_sides, mirrored, sheet
from scenes.vehicle_looks import VehicleLook
from scenes.wheels import Axle, arch_m

_RED = (0.62, 0.10, 0.08)


@dataclass(frozen=True, slots=True, eq=False)
class Slab:
    """An upright hull between two x: heights of its edges, and at each how far the front and the
    rear lean in and which share of the half width it has."""

    x_m: tuple[float, float]
    half_m: float
    heights_m: Sequence[float]
    front_lean_m: Sequence[float]
    rear_lean_m: Sequence[float]
    widths: Sequence[float]
    bulge_m: float = 0.12

    def edge(self, *, front: bool) -> F64:
        """Points of the front or rear, (R, 8, 3)."""
        sign = 1 if front else -1
        lean = np.asarray(self.front_lean_m if front else self.rear_lean_m)
        bulge = self.bulge_m if front else 0.4 * self.bulge_m
        x = self.x_m[1 if front else 0] - sign * lean[:, None]
        x = x - sign * bulge * (ACROSS**2)[None]
        y = self.half_m * np.asarray(self.widths)[:, None] * ACROSS[None]
        z = np.broadcast_to(np.asarray(self.heights_m)[:, None], x.shape)
        return np.stack([x, y, z], axis=2)

    def side(self, stations: F64) -> F64:
        """Points of the left side, (R, C, 3), at stations (C, 2): x, and the height below which
        there is nothing; its ends are those of the front and the rear."""
        heights = np.asarray(self.heights_m)[:, None]
        z = np.maximum(heights, stations[None, :, 1])
        x = np.broadcast_to(stations[None, :, 0], z.shape).copy()
        x[:, 0], x[:, -1] = self.edge(front=False)[:, -1, 0], self.edge(front=True)[:, -1, 0]
        y = np.broadcast_to(self.half_m * np.asarray(self.widths)[:, None], z.shape)
        return np.stack([x, y, z], axis=2)


def cut(slab: Slab, inner_m: Sequence[float], axles: Sequence[Axle]) -> F64:
    """Stations of a side: its ends, cuts at `inner_m`, and the arches of the axles."""
    sill = slab.heights_m[0]
    arches = [arch_m(axle, sill) for axle in axles]
    free = [
        x
        for x in inner_m
        if all(abs(x - axle.x_m) > axle.radius_m * axle.arch + 0.01 for axle in axles)
        and slab.x_m[0] + 0.15 < x < slab.x_m[1] - 0.15
    ]
    rows = [(slab.x_m[0], sill), (slab.x_m[1], sill), *[(x, sill) for x in free]]
    every = np.concatenate([np.array(rows), *arches])
    return np.asarray(every[np.argsort(every[:, 0], kind="stable")])


def slab_mesh(
    slab: Slab,
    paints: Paints,
    *,
    stations: F64,
    left: Sequence[str],
    right: Sequence[str],
    front: Sequence[str],
    rear: Sequence[str],
    top: str,
) -> Mesh:
    """All faces of a hull but its floor."""
    side = slab.side(stations)
    meshes = [
        sheet(side, left, paints, facing=(0, 1, 0.1)),
        mirrored(sheet(side, right, paints, facing=(0, 1, 0.1))),
        sheet(slab.edge(front=True), front, paints, facing=(1, 0, 0.2)),
        sheet(slab.edge(front=False), rear, paints, facing=(-1, 0, 0.2)),
    ]
    ahead, behind = slab.edge(front=True)[-1], slab.edge(front=False)[-1]
    count = max(2, round((slab.x_m[1] - slab.x_m[0]) / 0.9))
    lid = np.stack([behind + share * (ahead - behind) for share in np.linspace(0, 1, count + 1)])
    lid = lid[:, ::1]
    meshes.append(sheet(lid, [top * 7] * count, paints, facing=(0, 0, 1)))
    return joined(meshes)


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
    return joined([mesh, *_bus_extras(look, paints, slab), floor(look, paints)])


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


def _bus_extras(look: VehicleLook, paints: Paints, slab: Slab) -> list[Mesh]:
    """Cooling on the roof, and mirrors that hang before the front."""
    half, z = look.length_m / 2, look.height_m
    units = [(-0.27, 0.16), (0.14, 0.12)] if look.lines[3] > -0.2 else [(-0.12, 0.2)]
    meshes = []
    for at, reach in units:
        x, along = at * look.length_m, reach * look.length_m
        for x0 in np.linspace(x - along / 2, x + along / 2, 3)[:-1]:
            meshes.append(
                block((x0, -0.72, z - 0.02), (x0 + along / 2, 0.72, z + 0.2), paints["A"])
            )
    y, top = look.width_m / 2, 0.82 * z
    arm = block((half - 0.12, y - 0.04, top), (half + 0.16, y + 0.06, top + 0.06), paints["B"])
    glass = block((half + 0.06, y - 0.02, top - 0.42), (half + 0.2, y + 0.18, top), paints["B"])
    return [*meshes, both_sides(joined([arm, glass]))]


def truck_axles(look: VehicleLook) -> tuple[Axle, ...]:
    half, radius = look.length_m / 2, 0.40 if look.length_m < 6.6 else 0.50
    aside = look.width_m / 2 - 0.03
    front = Axle(half - 1.15 if look.length_m < 6.6 else half - 1.35, radius, aside, 0.26, 1.12)
    rear_x = -half + 0.22 * look.length_m
    rears = [rear_x] if look.length_m < 8.2 else [rear_x - 0.55, rear_x + 0.68]
    return (front, *[Axle(x, radius, aside, 0.5, 0.9) for x in rears])


def cab_x_m(look: VehicleLook) -> float:
    """Where the cab ends."""
    return look.length_m / 2 - (1.75 if look.length_m < 6.6 else 2.1)


def cab_height_m(look: VehicleLook) -> float:
    return 2.2 + 0.06 * look.lines[0] if look.length_m < 6.6 else 2.72 + 0.1 * look.lines[0]


def truck_body(look: VehicleLook, paints: Paints) -> Mesh:
    """A cab over its engine, a frame, and a load body."""
    meshes = [_cab(look, paints), _frame(look, paints), floor(look, paints)]
    loads = {"box_truck": _box, "tipper": _tipper, "flatbed": _flatbed, "tanker": _tanker}
    meshes += loads[look.shape](look, paints)
    return joined(meshes)


_CAB_FRONTS = (
    ("TTKKKTT", "HHPPPHH", "PPKKKPP", "BGGGGGB", "PgggggP", "UUUUUUU"),
    ("HHTTTHH", "PPKKKPP", "PPKKKPP", "PGGGGGP", "PgggggP", "UUUUUUU"),
    ("PHHTHHP", "PKKKKKP", "PPPPPPP", "BGGGGGB", "BgggggB", "UUUUUUU"),
    ("SSSSSSS", "HHKKKHH", "PPCCCPP", "PGGGGGP", "PgggggP", "UUUUUUU"),
    ("TTTTTTT", "HHSSSHH", "SSSSSSS", "BGGGGGB", "PgggggP", "PPPPPPP"),
)


def _cab(look: VehicleLook, paints: Paints) -> Mesh:
    x0, x1, height = cab_x_m(look), look.length_m / 2, cab_height_m(look)
    belt = 0.56 * height
    slab = Slab(
        (x0, x1),
        look.width_m / 2 * (0.97 if look.length_m >= 6.6 else 0.93),
        (0.36, 0.68, 0.9, belt, 0.5 * (belt + 0.93 * height), 0.93 * height, height),
        (0.04, 0.0, 0.0, 0.06, 0.16, 0.30, 0.52),
        (0.0, 0.0, 0.0, 0.0, 0.02, 0.05, 0.16),
        (0.97, 1.0, 1.0, 0.99, 0.97, 0.93, 0.78),
        bulge_m=0.14,
    )
    door = (x0 + 0.30, x1 - 0.22)
    cuts = [x + d for x in door for d in (-0.02, 0.02)] + [x0 + 0.36, x1 - 0.45]
    axle = truck_axles(look)[0]
    stations = cut(slab, cuts, [axle])
    middles = (stations[1:, 0] + stations[:-1, 0]) / 2
    slit = [any(abs(x - edge) < 0.02 for edge in door) for x in middles]
    glazed = [door[0] < x < x1 - 0.15 for x in middles]
    low, middle, _ = tuple(look.scheme)
    rows = ["".join("D" if gap else band for gap in slit) for band in (low, middle, middle)]
    glass = "".join(
        "B" if gap else "G" if pane else "P" for gap, pane in zip(slit, glazed, strict=True)
    )
    rows += [glass, glass.replace("G", "g"), "U" * len(slit)]
    front = _CAB_FRONTS[look.face.front % len(_CAB_FRONTS)]
    rear = ["TTTTTTT", "PPPPPPP", "PPPPPPP", "PPPPPPP", "PPPPPPP", "UUUUUUU"]
    cab = slab_mesh(
        slab, paints, stations=stations, left=rows, right=rows, front=front, rear=rear, top="U"
    )
    y, z = look.width_m / 2, belt + 0.12
    arm = block((x1 - 0.30, y - 0.06, z), (x1 - 0.16, y + 0.2, z + 0.45), paints["B"])
    return joined([cab, both_sides(arm)])


def _frame(look: VehicleLook, paints: Paints) -> Mesh:
    """The chassis with tank, toolbox, guards and tail lamps."""
    x0, x1 = -look.length_m / 2 + 0.02, cab_x_m(look)
    y = look.width_m / 2
    cuts = np.linspace(x0, x1, 6)
    beams = [
        block((a, -0.45 * y, 0.5), (b, 0.45 * y, 0.86), paints["W"])
        for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]
    rear = max(axle.x_m + axle.radius_m for axle in truck_axles(look)[1:])
    tank = block(
        (rear + 0.25, y - 0.5, 0.42), (min(rear + 1.15, x1 - 0.1), y - 0.06, 0.84), paints["C"]
    )
    guard = block((x0, -0.9 * y, 0.42), (x0 + 0.1, 0.9 * y, 0.56), paints["T"])
    lamp = block((x0 - 0.01, 0.62 * y, 0.60), (x0 + 0.08, 0.94 * y, 0.76), paints["R"])
    return joined([*beams, both_sides(tank), guard, both_sides(lamp)])


def bed_x_m(look: VehicleLook) -> tuple[float, float]:
    """Where the load body begins and ends."""
    return -look.length_m / 2 + 0.04, cab_x_m(look) - 0.12


def _panel(low: Point, high: Point, letters: Sequence[str], paints: Paints, normal: Point) -> Mesh:
    """An upright panel along x or along y, cut into even cells."""
    rows, columns = len(letters), len(letters[0])
    share = np.linspace(0, 1, columns + 1)[None, :]
    z = np.linspace(low[2], high[2], rows + 1)[:, None]
    x, y = low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])
    return sheet(np.stack(np.broadcast_arrays(x, y, z), axis=2), letters, paints, facing=normal)


def _deck(x0: float, x1: float, y: float, z: float, letter: str, paints: Paints) -> Mesh:
    count = max(2, round((x1 - x0) / 0.8))
    xs, ys = np.linspace(x0, x1, count + 1), np.linspace(-y, y, 5)
    points = np.stack(np.broadcast_arrays(xs[:, None], ys[None], z), axis=2)
    return sheet(points, [letter * 4] * count, paints, facing=(0, 0, 1))


def _box(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """A closed box with a frame along its edges."""
    (x0, x1), y, top = bed_x_m(look), look.width_m / 2, look.height_m
    low = 0.92 if look.length_m < 6.6 else 1.08
    count = max(3, round((x1 - x0) / 0.7))
    ribbed = look.lines[1] > 0.2
    band = "".join("SX"[place % 2] if ribbed else "S" for place in range(count))
    sides = _panel((x0, y, low + 0.14), (x1, y, top - 0.1), [band] * 3, paints, (0, 1, 0))
    rims = [
        _panel((x0, y, a), (x1, y, b), ["E" * count], paints, (0, 1, 0))
        for a, b in ((low, low + 0.14), (top - 0.1, top))
    ]
    lid = "ESEESE" if look.lines[2] > 0 else "ESSESE"
    rear = _panel((x0, -y, low), (x0, y, top), ["E" * 6, lid, lid, "E" * 6], paints, (-1, 0, 0))
    ahead = _panel((x1, -y, low), (x1, y, top), ["SSSS"] * 3, paints, (1, 0, 0))
    meshes = [both_sides(joined([sides, *rims])), rear, ahead, _deck(x0, x1, y, top, "Z", paints)]
    if look.lines[3] > 0.2:
        cool = block((x1, -0.5 * y, top - 0.75), (x1 + 0.32, 0.5 * y, top - 0.1), paints["A"])
        meshes.append(cool)
    return meshes


def _tipper(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """An open steel body with ribs; what it carries heaps up inside."""
    (x0, x1), y = bed_x_m(look), look.width_m / 2
    low, top = 1.02, look.height_m - 0.35
    count = 2 * max(3, round((x1 - x0) / 0.75)) + 1
    ribs = "".join("XS"[place % 2] for place in range(count))
    edge = "X" * count
    wall = _panel((x0, y, low), (x1, y, top), [edge, ribs, ribs, edge], paints, (0, 1, 0))
    inner = _panel((x0, y - 0.05, low), (x1, y - 0.05, top), ["X" * count], paints, (0, -1, 0))
    rear = _panel((x0, -y, low), (x0, y, top), ["XXXXX", "XSXSX", "XXXXX"], paints, (-1, 0, 0))
    ahead = _panel((x1, -y, low), (x1, y, top + 0.3), ["XXXXX", "XSXSX"], paints, (1, 0, 0))
    inside = _panel((x1 - 0.03, -y, low), (x1 - 0.03, y, top + 0.3), ["XXXXX"], paints, (-1, 0, 0))
    back = _panel((x0 + 0.03, -y, low), (x0 + 0.03, y, top), ["XXXXX"], paints, (1, 0, 0))
    return [both_sides(joined([wall, inner])), rear, ahead, inside, back, _heap(look, paints, top)]


def _heap(look: VehicleLook, paints: Paints, top: float) -> Mesh:
    (x0, x1), y = bed_x_m(look), look.width_m / 2 - 0.05
    xs, ys = np.linspace(x0 + 0.03, x1 - 0.03, 8), np.linspace(-y, y, 6)
    u, v = np.linspace(-1, 1, 8)[:, None], np.linspace(-1, 1, 6)[None]
    rough = 0.05 * np.sin(7.0 * u + 3 * look.lines[0]) * np.cos(5.0 * v + 4 * look.lines[1])
    full = -0.32 + 0.5 * (look.lines[2] > -0.4)
    z = top + full * (1 - u**2) * (1 - v**2) - 0.12 + rough * (1 - v**2)
    points = np.stack(np.broadcast_arrays(xs[:, None], ys[None], z), axis=2)
    return sheet(points, ["FFFFF"] * 7, paints, facing=(0, 0, 1))


def _flatbed(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """Low boards around a floor, and crates on it."""
    (x0, x1), y = bed_x_m(look), look.width_m / 2
    low, top = 0.98, 1.42
    count = 2 * max(3, round((x1 - x0) / 1.0)) + 1
    ribs = "".join("XS"[place % 2] if place % 4 == 0 else "S" for place in range(count))
    wall = _panel((x0, y, low), (x1, y, top), [ribs, ribs], paints, (0, 1, 0))
    inner = _panel((x0, y - 0.04, low), (x1, y - 0.04, top), ["X" * count], paints, (0, -1, 0))
    rear = _panel((x0, -y, low), (x0, y, top), ["XSSSSX"] * 2, paints, (-1, 0, 0))
    grid = _panel((x1, -y, low), (x1, y, look.height_m), ["XXXXXX"] * 3, paints, (1, 0, 0))
    back = _panel(
        (x1 - 0.03, -y, low), (x1 - 0.03, y, look.height_m), ["XXXXXX"] * 3, paints, (-1, 0, 0)
    )
    meshes = [
        both_sides(joined([wall, inner])),
        rear,
        grid,
        back,
        _deck(x0, x1, y, low + 0.02, "Z", paints),
    ]
    if look.load is not None:
        meshes += _crates(look, paints, low + 0.02)
    return meshes


def _crates(look: VehicleLook, paints: Paints, low: float) -> list[Mesh]:
    (x0, x1), y = bed_x_m(look), look.width_m / 2 - 0.12
    count = max(2, round((x1 - x0) / 1.1))
    step = (x1 - x0 - 0.2) / count
    meshes = []
    for place in range(count):
        tall = 0.55 + 0.35 * np.sin(2.1 * place + 5 * look.lines[0])
        if tall < 0.35:
            continue
        start = x0 + 0.1 + place * step
        high = (start + step - 0.08, y, low + tall)
        letter = "F" if (place + (look.lines[1] > 0)) % 3 else "X"
        meshes.append(block((start, -y, low), high, paints[letter]))
    return meshes


def _tanker(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """An oval tank lying along, with bands around it and lids on top."""
    (x0, x1), y = bed_x_m(look), look.width_m / 2 * 0.98
    top, low = look.height_m - 0.12, 0.95
    angle = np.linspace(0, 2 * np.pi, 15)[:-1]
    ring = np.column_stack(
        [np.zeros(14), -y * np.sin(angle), (low + top) / 2 - (top - low) / 2 * np.cos(angle)]
    )
    count = max(4, round((x1 - x0) / 0.75))
    xs = np.linspace(x0 + 0.12, x1 - 0.12, count + 1)
    closed = np.vstack([ring, ring[:1]])
    points = np.stack([closed + [x, 0, 0] for x in xs])
    meshes = []
    for part in range(14):
        strip = points[:, part : part + 2]
        middle = strip.mean(axis=(0, 1)) - [0, 0, (low + top) / 2]
        stripe = "X" if abs(middle[2]) < 0.12 * (top - low) and look.lines[1] > 0 else "S"
        facing = (0.0, float(middle[1]), float(middle[2]))
        meshes.append(sheet(strip, [stripe] * count, paints, facing=facing))
    for x, shift, sign in ((xs[0], -0.12, -1), (xs[-1], 0.12, 1)):
        hub = np.array([x + shift, 0, (low + top) / 2])
        fan = np.stack([closed + [x, 0, 0], 0.55 * (closed + [x, 0, 0]) + 0.45 * hub + [0.4 * shift, 0, 0],
                        np.broadcast_to(hub, closed.shape)])  # fmt: skip
        meshes.append(sheet(fan, ["S" * 14, "X" * 14], paints, facing=(sign, 0, 0)))
    for share in (0.25, 0.5, 0.75):
        x = x0 + share * (x1 - x0)
        meshes.append(block((x - 0.2, -0.2, top - 0.02), (x + 0.2, 0.2, top + 0.12), paints["X"]))
    return meshes
