"""Bodies of cars and vans: a side view per shape, bent round at its corners and glazed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F64
from scenes.faces import FRONTS, REARS
from scenes.outlines import OUTLINES, Outline
from scenes.shapes import Mesh, joined
from scenes.sheets import Paints, block, both_sides, mirrored, patch, sheet
from scenes.vehicle_looks import OddPanel, VehicleLook
from scenes.wheels import Axle, arch_m

ACROSS: F64 = np.array([-1.0, -0.9, -0.58, -0.24, 0.24, 0.58, 0.9, 1.0])
"""Where decks and faces are cut, from the right side to the left."""
_NARROWS: F64 = np.array(
    [[0, 0.86], [0.05, 0.945], [0.18, 1.0], [0.80, 1.0], [0.94, 0.94], [1, 0.83]]
)
_WAIST = (0.955, 1.0, 1.0, 0.965)  # of the width, at the four heights of the side
_FRONT_LEAN_M, _REAR_LEAN_M = (0.06, 0.0, 0.02, 0.11), (0.05, 0.0, 0.02, 0.07)
_SLIT_M = 0.011  # half a door's gap


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """The measures of one body; shares `s` along it run from 0 at its rear corners to 1."""

    look: VehicleLook
    outline: Outline

    @property
    def ends_m(self) -> tuple[float, float]:
        """x of the rear and the front corners."""
        half = self.look.length_m / 2
        return -half + self.outline.bulge_m[0], half - self.outline.bulge_m[1]

    @property
    def axles(self) -> tuple[Axle, ...]:
        half = self.look.length_m / 2
        places = [-half + s * self.look.length_m for s in self.outline.axles_x]
        return tuple(
            Axle(x, self.outline.wheel_m, self.half_m(self.share(x)) * _WAIST[1] - 0.035)
            for x in places
        )

    def x_m(self, s: float) -> float:
        rear, front = self.ends_m
        return rear + s * (front - rear)

    def share(self, x_m: float) -> float:
        rear, front = self.ends_m
        return (x_m - rear) / (front - rear)

    def half_m(self, s: float) -> float:
        """Half the width at the body's widest height."""
        return float(np.interp(s, _NARROWS[:, 0], _NARROWS[:, 1])) * self.look.width_m / 2

    def rows_m(self, s: float, low_m: float = 0.0) -> F64:
        """Heights of the side's four edges, none below `low_m`."""
        nose, tail, sill = self.nose_m, self.tail_m, self.outline.sill_m
        cowl, back = self.outline.cowl, self.outline.back
        height = self.look.height_m
        waist_z = [tail, back[1] * height, cowl[1] * height, nose]
        top = float(np.interp(s, [0, back[0], cowl[0], 1], waist_z))
        low = sill + 0.17
        middle = low + 0.5 * float(np.interp(s, [0, 1], [tail - low, nose - low]))
        return np.maximum([sill, low, middle, top], low_m)

    @property
    def nose_m(self) -> float:
        return (self.outline.nose_z + 0.02 * self.look.lines[0]) * self.look.height_m

    @property
    def tail_m(self) -> float:
        return (self.outline.tail_z + 0.015 * self.look.lines[1]) * self.look.height_m

    @property
    def roof_s(self) -> tuple[float, float]:
        rear, front = self.outline.roof_x
        return rear + 0.02 * self.look.lines[2], front + 0.015 * self.look.lines[3]


def body(look: VehicleLook, paints: Paints) -> Mesh:
    """The body without wheels: wheels stand on z=0, the origin in the middle between its ends."""
    hull = Hull(look, OUTLINES[look.shape])
    meshes = [*_sides(hull, paints), *_faces(hull, paints), *_decks(hull, paints)]
    meshes += [*_cabin(hull, paints), both_sides(_mirror(hull, paints))]
    return joined([*meshes, floor(look, paints)])


def floor(look: VehicleLook, paints: Paints) -> Mesh:
    """The dark under the vehicle."""
    reach, y = look.length_m / 2 - 0.4, look.width_m / 2 - 0.34
    xs = np.linspace(-reach, reach, round(look.length_m / 0.6) + 1)
    points = np.stack(np.broadcast_arrays(xs[:, None], np.array([-y, y])[None], 0.01), axis=2)
    return sheet(points, ["W"] * (len(xs) - 1), paints, facing=(0, 0, 1))


def _stations(hull: Hull) -> F64:
    """Where the sides are cut, (C, 2): x, and the height below which there is nothing."""
    sill = hull.outline.sill_m
    arches = [arch_m(axle, sill) for axle in hull.axles]
    cuts = [
        hull.x_m(s) for s in (0, 1, *_NARROWS[1:-1, 0], hull.outline.back[0], hull.outline.cowl[0])
    ]
    for s in hull.outline.doors_x:
        cuts += [hull.x_m(s) - _SLIT_M, hull.x_m(s) + _SLIT_M]
    for x, _ in _handles(hull):
        cuts += [x - 0.12, x + 0.12]
    arched = np.concatenate(arches)
    free = [
        x
        for x in cuts
        if all(abs(x - arch[:, 0].mean()) > np.ptp(arch[:, 0]) / 2 for arch in arches)
    ]
    plain = np.column_stack([free, np.full(len(free), sill)])
    every = np.concatenate([plain, arched])
    return np.asarray(every[np.argsort(every[:, 0], kind="stable")])


def _handles(hull: Hull) -> list[tuple[float, float]]:
    """x and height of the door handles: each near the rear edge of its door."""
    edges = sorted(hull.x_m(s) for s in hull.outline.doors_x)[:-1]
    spots = []
    for x in edges:
        rows = hull.rows_m(hull.share(x + 0.2))
        spots.append((x + 0.2, float(0.35 * rows[2] + 0.65 * rows[3])))
    return spots


def _side_points(hull: Hull, stations: F64) -> F64:
    """The left side, (4, C, 3)."""
    columns = []
    for place, (x, low) in enumerate(stations):
        s = hull.share(x)
        lean = np.zeros(4)
        if place == 0:
            lean = np.array(_REAR_LEAN_M)
        elif place == len(stations) - 1:
            lean = -np.array(_FRONT_LEAN_M)
        half = hull.half_m(s) * np.array(_WAIST)
        columns.append(np.column_stack([x + lean, half, hull.rows_m(s, low)]))
    return np.stack(columns, axis=1)


def _sides(hull: Hull, paints: Paints) -> list[Mesh]:
    stations = _stations(hull)
    points = _side_points(hull, stations)
    middles = (stations[1:, 0] + stations[:-1, 0]) / 2
    slits = np.array([hull.x_m(s) for s in hull.outline.doors_x])
    slit = (np.abs(middles[:, None] - slits) < _SLIT_M / 2).any(axis=1)
    meshes = []
    for left in (True, False):
        rows = []
        for band in hull.look.scheme:
            letters = ["D" if gap else band for gap in slit]
            rows.append("".join(letters))
        odd = hull.look.odd
        if odd is not None and odd.left == left:
            rows[1:] = [_mended(row, odd) for row in rows[1:]]
        mesh = sheet(points, rows, paints, facing=(0, 1, 0))
        meshes.append(mesh if left else mirrored(mesh))
    meshes += [both_sides(_handle(hull, paints, *spot)) for spot in _handles(hull)]
    return meshes


def _mended(row: str, odd: OddPanel) -> str:
    """The row with the cells between two gaps of another colour."""
    parts = row.split("D")
    place = odd.column % len(parts)
    parts[place] = "O" * len(parts[place])
    return "D".join(parts)


def _handle(hull: Hull, paints: Paints, x: float, z: float) -> Mesh:
    y = hull.half_m(hull.share(x)) * 0.985 + 0.01
    return block((x - 0.1, y - 0.02, z - 0.018), (x + 0.1, y + 0.015, z + 0.018), paints["L"])


def _faces(hull: Hull, paints: Paints) -> list[Mesh]:
    """Front and rear, three bands each."""
    front, rear = (
        FRONTS[hull.look.face.front % len(FRONTS)],
        REARS[hull.look.face.rear % len(REARS)],
    )
    leans = -np.array(_FRONT_LEAN_M), np.array(_REAR_LEAN_M)
    meshes = []
    for s, lean, sign, rows in ((1.0, leans[0], 1, front), (0.0, leans[1], -1, rear)):
        bulge = hull.outline.bulge_m[1 if sign > 0 else 0]
        half, leans_in, heights = (
            _brow(one) for one in (hull.half_m(s) * np.array(_WAIST), lean, hull.rows_m(s))
        )
        x = hull.x_m(s) + leans_in[:, None] + sign * bulge * (1 - ACROSS**2)[None]
        y = half[:, None] * ACROSS[None]
        points = np.stack([x, y, np.broadcast_to(heights[:, None], x.shape)], axis=2)
        bands = [*rows, rows[2].translate(_UPPER if sign * hull.look.lines[0] > 0 else _DARKER)]
        bands[2] = rows[2].translate(_DARKER if sign * hull.look.lines[0] > 0 else _UPPER)
        meshes.append(sheet(points, bands, paints, facing=(sign, 0, 0)))
    return [*meshes, _badge(hull, paints)]


_BROW = 0.55  # of the lamps' height: where they change
_DARKER = str.maketrans("HRKC", "hrkC")
_UPPER = str.maketrans("", "")


def _brow(edges: F64) -> F64:
    """Five edges from four: the uppermost band is cut in two."""
    return np.insert(edges, 3, edges[2] + _BROW * (edges[3] - edges[2]))


def _badge(hull: Hull, paints: Paints) -> Mesh:
    """The maker's mark in the middle of the front."""
    heights = hull.rows_m(1.0)
    x = hull.look.length_m / 2 - 0.03
    z = float(heights[2] + 0.55 * (heights[3] - heights[2]))
    corners = [(x, y, z + up) for y, up in ((-0.09, 0), (0, -0.05), (0.09, 0), (0, 0.05))]
    return patch(corners, paints["C"], facing=(1, 0, 0))


def _line(hull: Hull, s: float, *, bulge_m: float = 0.0, crown_m: float = 0.0) -> F64:
    """Points across the body at the height of its waist, (8, 3)."""
    half = hull.half_m(s) * _WAIST[3]
    round_off = 1 - ACROSS**2
    x = np.full(8, hull.x_m(s))
    if s == 1:
        x -= _FRONT_LEAN_M[3]
    elif s == 0:
        x += _REAR_LEAN_M[3]
    return np.column_stack(
        [x + bulge_m * round_off, half * ACROSS, hull.rows_m(s)[3] + crown_m * round_off]
    )


_COWL_BULGE_M, _BACK_BULGE_M = 0.12, -0.06


def _decks(hull: Hull, paints: Paints) -> list[Mesh]:
    """Bonnet and boot lid."""
    cowl, back = hull.outline.cowl[0], hull.outline.back[0]
    stops = [cowl, *[s for s in _NARROWS[:, 0] if cowl + 0.02 < s < 0.99], 1.0]
    lines = []
    for s in stops:
        share = (s - cowl) / (1 - cowl)
        bulge = _COWL_BULGE_M + share * (hull.outline.bulge_m[1] - _COWL_BULGE_M)
        lines.append(_line(hull, s, bulge_m=bulge, crown_m=0.05 * (1 - 0.6 * share)))
    letters = ["PPPPPPP"] * (len(stops) - 1)
    meshes = [sheet(np.stack(lines), letters, paints, facing=(0, 0, 1))]
    if hull.outline.bed:
        return [*meshes, *_bed(hull, paints)]
    behind = [0.0, *[s for s in _NARROWS[:, 0] if 0.01 < s < back - 0.02], back]
    lines = [
        _line(hull, s, bulge_m=-hull.outline.bulge_m[0] * (1 - s / back) + _BACK_BULGE_M * s / back,
              crown_m=0.02)
        for s in behind
    ]  # fmt: skip
    letters = ["PPPPPPP"] * (len(behind) - 1)
    return [*meshes, sheet(np.stack(lines), letters, paints, facing=(0, 0, 1))]


def _bed(hull: Hull, paints: Paints) -> list[Mesh]:
    """A pickup's load bed: its floor, the inner walls, and the rim around."""
    back = hull.outline.back[0]
    x0, x1 = hull.x_m(0) + 0.06, hull.x_m(back)
    y = hull.half_m(0.18) * 0.88
    top, low = hull.rows_m(0.1)[3], 0.75 * hull.rows_m(0.1)[3]
    xs, ys = np.linspace(x0, x1, 4), np.linspace(-y, y, 4)
    flat = np.stack(np.broadcast_arrays(xs[:, None], ys[None], low), axis=2)
    meshes = [sheet(flat, ["WWW"] * 3, paints, facing=(0, 0, 1))]
    wall = np.stack([np.column_stack([xs, np.full(4, y), np.full(4, z)]) for z in (low, top)])
    meshes.append(both_sides(sheet(wall, ["TTT"], paints, facing=(0, -1, 0))))
    for x, facing in ((x0, 1), (x1, -1)):
        end = np.stack([np.column_stack([np.full(4, x), ys, np.full(4, z)]) for z in (low, top)])
        meshes.append(sheet(end, ["TTT"], paints, facing=(facing, 0, 0)))
    stops = [0.0, 0.05, 0.18, back]
    outer = np.stack([_line(hull, s)[-1] for s in stops])
    inner = outer * [1, 0, 1] + [0, y, 0]
    meshes.append(both_sides(sheet(np.stack([inner, outer]), ["PPP"], paints, facing=(0, 0, 1))))
    tail = _line(hull, 0.0, bulge_m=-hull.outline.bulge_m[0])
    edge = np.column_stack([np.full(8, x0), tail[:, 1], tail[:, 2]])
    return [*meshes, sheet(np.stack([tail, edge]), ["PPPPPPP"], paints, facing=(0, 0, 1))]


def _roof_line(hull: Hull, s: float, z_m: float, *, bulge_m: float = 0.0) -> F64:
    half = hull.look.width_m / 2 * hull.outline.roof_width
    round_off = 1 - ACROSS**2
    return np.column_stack(
        [hull.x_m(s) + bulge_m * round_off, half * ACROSS, z_m - 0.05 * (1 - round_off)]
    )


def _roof_lines(hull: Hull) -> F64:
    """Points of the roof from its rear edge to its front edge, (5, 8, 3)."""
    height = hull.look.height_m
    rear, front = hull.roof_s
    low_rear, low_front = (z * height for z in hull.outline.roof_z)
    stops = np.linspace(rear, front, 5)
    arc = np.interp(
        stops, [rear, rear + 0.55 * (front - rear), front], [low_rear, height, low_front]
    )
    bulges = np.linspace(-0.04, 0.07, 5)
    return np.stack(
        [
            _roof_line(hull, s, z, bulge_m=b)
            for s, z, b in zip(stops.tolist(), arc.tolist(), bulges.tolist(), strict=True)
        ]
    )


def _cabin(hull: Hull, paints: Paints) -> list[Mesh]:
    """Glass, pillars and roof."""
    roof = _roof_lines(hull)
    plain = "UUUUUUU"
    rows = [plain, plain, "UUBBBUU", plain] if hull.look.sunroof else [plain] * 4
    meshes = [sheet(roof, rows, paints, facing=(0, 0, 1))]
    cowl = _line(hull, hull.outline.cowl[0], bulge_m=_COWL_BULGE_M, crown_m=0.05)
    back = _line(hull, hull.outline.back[0], bulge_m=_BACK_BULGE_M, crown_m=0.02)
    screen = _between(cowl, roof[-1], (0, 0.1, 0.55, 0.93, 1))
    meshes.append(sheet(screen, ["PBBBBBP", "PGGGGGP", "PgggggP".replace(" ", "g")[:7], "PBBBBBP"],
                        paints, facing=(1, 0, 0.5)))  # fmt: skip
    window = _between(back, roof[0], (0, 0.12, 0.86, 1))
    glass = "PPBVVVBPP"[1:8] if hull.look.shape != "panel_van" else "PPPPPPP"
    meshes.append(sheet(window, ["PPPPPPP", glass, "PPPPPPP"], paints, facing=(-1, 0, 0.2)))
    meshes.append(both_sides(_glazing(hull, paints, roof)))
    return meshes


def _between(low: F64, high: F64, shares: Sequence[float]) -> F64:
    return np.stack([low + share * (high - low) for share in shares])


def _glazing(hull: Hull, paints: Paints, roof: F64) -> Mesh:
    """The left side above the waist."""
    rear, front = hull.outline.back[0], hull.outline.cowl[0]
    ends = [0.0, *[end for _, end in hull.outline.glazing]]
    knots = [(s - rear) / (front - rear) for s in _NARROWS[:, 0] if rear + 0.01 < s < front - 0.01]
    cuts = np.array(
        sorted({*ends, *[knot for knot in knots if min(abs(knot - np.array(ends))) > 0.015]})
    )
    top_knots = np.linspace(0, 1, len(roof))
    top = np.column_stack([np.interp(cuts, top_knots, roof[:, -1, axis]) for axis in range(3)])
    low = np.array([_line(hull, rear + u * (front - rear))[-1] for u in cuts])
    middles = (cuts[1:] + cuts[:-1]) / 2
    letters = "".join(hull.outline.glazing[int(np.searchsorted(ends[1:], u))][0] for u in middles)
    sky = letters.replace("G", "g").replace("V", "v")
    roofs = "".join("U" if one in "GV" else one for one in letters)
    grid = _between(low, top, (0, 0.07, 0.5, 0.87, 1))
    moulding = "".join("M" if one in "GVB" else one for one in letters)
    return sheet(
        grid, [moulding, letters, sky, roofs.replace("B", "U")], paints, facing=(0, 1, 0.2)
    )


def _mirror(hull: Hull, paints: Paints) -> Mesh:
    s = hull.outline.cowl[0] - 0.035
    x, y, z = _line(hull, s)[-1]
    z += 0.04
    return block((x - 0.06, y + 0.02, z), (x + 0.06, y + 0.19, z + 0.13), paints["Y"])


def plates_m(hull: Hull) -> tuple[tuple[float, float], tuple[float, float]]:
    """x and height of the plates' middles, front and rear."""
    half = hull.look.length_m / 2
    front, rear = hull.rows_m(1.0), hull.rows_m(0.0)
    at = float(front[1] + front[2]) / 2, float(rear[1] + rear[2]) / 2
    return (half + 0.012, at[0]), (-half - 0.0, at[1])
