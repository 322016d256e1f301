"""Trucks: a cab over its engine, a frame, and what it carries."""

from itertools import pairwise

import numpy as np

from core.arrays import F64
from scenes.bodies import floor
from scenes.shapes import Mesh, joined
from scenes.sheets import Paints, block, both_sides, sheet
from scenes.slabs import Slab, cut, deck, panel, slab_mesh
from scenes.vehicle_looks import VehicleLook
from scenes.wheels import Axle


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
        block((a, -0.45 * y, 0.5), (b, 0.45 * y, 0.86), paints["W"], lid=False)
        for a, b in pairwise(cuts.tolist())
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


def _box(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """A closed box with a frame along its edges."""
    (x0, x1), y, top = bed_x_m(look), look.width_m / 2, look.height_m
    low = 0.92 if look.length_m < 6.6 else 1.08
    count = max(3, round((x1 - x0) / 0.7))
    ribbed = look.lines[1] > 0.2
    band = "".join("SX"[place % 2] if ribbed else "S" for place in range(count))
    sides = panel((x0, y, low + 0.14), (x1, y, top - 0.1), [band] * 3, paints, (0, 1, 0))
    rims = [
        panel((x0, y, a), (x1, y, b), ["E" * count], paints, (0, 1, 0))
        for a, b in ((low, low + 0.14), (top - 0.1, top))
    ]
    lid = "ESEESE" if look.lines[2] > 0 else "ESSESE"
    rear = panel((x0, -y, low), (x0, y, top), ["E" * 6, lid, lid, "E" * 6], paints, (-1, 0, 0))
    ahead = panel((x1, -y, low), (x1, y, top), ["SSSS"] * 3, paints, (1, 0, 0))
    meshes = [both_sides(joined([sides, *rims])), rear, ahead, deck(x0, x1, y, top, "Z", paints)]
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
    wall = panel((x0, y, low), (x1, y, top), [edge, ribs, ribs, edge], paints, (0, 1, 0))
    inner = panel((x0, y - 0.05, low), (x1, y - 0.05, top), ["X" * count], paints, (0, -1, 0))
    rear = panel((x0, -y, low), (x0, y, top), ["XXXXX", "XSXSX", "XXXXX"], paints, (-1, 0, 0))
    ahead = panel((x1, -y, low), (x1, y, top + 0.3), ["XXXXX", "XSXSX"], paints, (1, 0, 0))
    inside = panel((x1 - 0.03, -y, low), (x1 - 0.03, y, top + 0.3), ["XXXXX"], paints, (-1, 0, 0))
    back = panel((x0 + 0.03, -y, low), (x0 + 0.03, y, top), ["XXXXX"], paints, (1, 0, 0))
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
    wall = panel((x0, y, low), (x1, y, top), [ribs, ribs], paints, (0, 1, 0))
    inner = panel((x0, y - 0.04, low), (x1, y - 0.04, top), ["X" * count], paints, (0, -1, 0))
    rear = panel((x0, -y, low), (x0, y, top), ["XSSSSX"] * 2, paints, (-1, 0, 0))
    grid = panel((x1, -y, low), (x1, y, look.height_m), ["XXXXXX"] * 3, paints, (1, 0, 0))
    back = panel(
        (x1 - 0.03, -y, low), (x1 - 0.03, y, look.height_m), ["XXXXXX"] * 3, paints, (-1, 0, 0)
    )
    meshes = [
        both_sides(joined([wall, inner])),
        rear,
        grid,
        back,
        deck(x0, x1, y, low + 0.02, "Z", paints),
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
    """An oval tank lying along, with a band around it and lids on top."""
    (x0, x1), y = bed_x_m(look), look.width_m / 2 * 0.98
    top, low = look.height_m - 0.12, 0.95
    ring = _oval(y, low, top)
    count = max(4, round((x1 - x0) / 0.75))
    xs = np.linspace(x0 + 0.12, x1 - 0.12, count + 1)
    skin = np.stack([_at(ring, x) for x in xs.tolist()])
    middle = (low + top) / 2
    meshes = []
    for part in range(len(ring) - 1):
        strip = skin[:, part : part + 2]
        _, aside, up = (strip.mean(axis=(0, 1)) - [0, 0, middle]).tolist()
        banded = abs(up) < 0.12 * (top - low) and look.lines[1] > 0
        letters = ["X" if banded else "S"] * count
        meshes.append(sheet(strip, letters, paints, facing=(0.0, aside, up)))
    for x, sign in ((float(xs[0]), -1), (float(xs[-1]), 1)):
        meshes.append(_tank_end(ring, (x, middle), sign, paints))
    for share in (0.25, 0.5, 0.75):
        x = x0 + share * (x1 - x0)
        meshes.append(block((x - 0.2, -0.2, top - 0.02), (x + 0.2, 0.2, top + 0.12), paints["X"]))
    return meshes


def _oval(half_m: float, low_m: float, top_m: float) -> F64:
    """A closed upright ring of points, (15, 3)."""
    angle = np.linspace(0, 2 * np.pi, 15)
    z = (low_m + top_m) / 2 - (top_m - low_m) / 2 * np.cos(angle)
    return np.column_stack([np.zeros(15), -half_m * np.sin(angle), z])


def _at(ring: F64, x_m: float) -> F64:
    return np.asarray(ring + np.array([x_m, 0, 0]), np.float64)


def _tank_end(ring: F64, hub_xz_m: tuple[float, float], sign: int, paints: Paints) -> Mesh:
    """A bulged end that looks along `sign` of x."""
    x, z = hub_xz_m
    hub = np.array([x + 0.12 * sign, 0, z])
    edge = _at(ring, x)
    inner = 0.55 * edge + 0.45 * hub + np.array([0.05 * sign, 0, 0])
    rings = np.stack([edge, inner, np.broadcast_to(hub, edge.shape)])
    count = len(ring) - 1
    return sheet(rings, ["S" * count, "X" * count], paints, facing=(sign, 0, 0))
