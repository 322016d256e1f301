"""What two-wheelers are made of: where things sit, and their meshes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import F32, F64
from scenes.shapes import Colour, Mesh, Point, box, joined, prism, quads, tube

if TYPE_CHECKING:
    from scenes.cycles import CycleKind, CycleLook

_TYRE = (0.07, 0.07, 0.075)
_DARK = (0.13, 0.13, 0.14)
_METAL = (0.58, 0.58, 0.60)
_CRANK_M = 0.165


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """Where the parts of one machine sit, metres; grips and feet are those of the left."""

    rear_m: F64
    front_m: F64
    wheel_m: float
    tyre_m: float
    saddle_m: F64
    grip_m: F64
    rest_m: F64
    crank_m: float

    def foot_m(self, phase: float) -> F64:
        """Where the left ankle is; pedals turn forward, once a phase."""
        turn = 2 * np.pi * phase
        swing = np.array([np.cos(turn), 0.0, -np.sin(turn)]) * self.crank_m
        return self.rest_m + swing


_SPOTS = {
    "bicycle": (
        (-0.50, 0, 0.33), (0.55, 0, 0.33), 0.33, 0.022, (-0.20, 0, 0.92), (0.30, 0.26, 1.02),
        (-0.06, 0.11, 0.36), _CRANK_M,
    ),
    "ebike": (
        (-0.50, 0, 0.23), (0.56, 0, 0.23), 0.23, 0.05, (-0.26, 0, 0.76), (0.28, 0.29, 1.00),
        (0.16, 0.12, 0.40), 0.0,
    ),
    "motorcycle": (
        (-0.62, 0, 0.30), (0.68, 0, 0.30), 0.30, 0.06, (-0.22, 0, 0.80), (0.30, 0.34, 1.04),
        (-0.12, 0.17, 0.38), 0.0,
    ),
}  # fmt: skip


def geometry(kind: "CycleKind", size: float) -> Geometry:
    """The places of one kind, scaled."""
    rear, front, wheel, tyre, saddle, grip, rest, crank = _SPOTS[kind]
    places = [np.array(spot, np.float64) * size for spot in (rear, front, saddle, grip, rest)]
    return Geometry(
        rear_m=places[0],
        front_m=places[1],
        wheel_m=wheel * size,
        tyre_m=tyre * size,
        saddle_m=places[2],
        grip_m=places[3],
        rest_m=places[4],
        crank_m=crank * size,
    )


def plate_corners(kind: "CycleKind", size: float, shape_hw: Sequence[int]) -> F32:
    """Where the plate at the rear goes, (4, 3), facing back."""
    x, z, width = {"ebike": (-0.74, 0.52, 0.18), "motorcycle": (-0.86, 0.55, 0.22)}.get(
        kind, (-0.84, 0.6, 0.18)
    )
    half = width * size / 2
    tall = 2 * half * shape_hw[0] / shape_hw[1]
    top, low = z * size + tall / 2, z * size - tall / 2
    back = x * size
    return np.array(
        [(back, half, top), (back, -half, top), (back, -half, low), (back, half, low)], np.float32
    )


def wheel(
    middle_m: F64, radius_m: float, tyre_m: float, rims: Colour, *, turn: float, fine: bool
) -> Mesh:
    """A tyre with a rim and a few spokes, seen from both sides."""
    count = 14 if fine else 9
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.zeros(count), np.sin(angle)])
    aside = np.array([0.0, tyre_m, 0.0])
    outer, inner = ring * radius_m, ring * (radius_m - 1.8 * tyre_m - 0.012)
    left = _band(outer + 0.5 * aside, inner + aside)
    right = _band(inner - aside, outer - 0.5 * aside)
    tread = _band(outer - 0.5 * aside, outer + 0.5 * aside)
    lining = _band(inner + aside, inner - aside)
    tyre = quads(np.concatenate([left, right, tread]), _TYRE)
    meshes = [tyre, quads(lining, rims), _spokes(radius_m - 2 * tyre_m, tyre_m, rims, turn)]
    return joined(meshes).moved((float(middle_m[0]), 0.0, float(middle_m[2])))


def _band(one: F64, other: F64) -> F32:
    after, other_after = np.roll(one, -1, 0), np.roll(other, -1, 0)
    return np.stack([one, after, other_after, other], axis=1).astype(np.float32)[:, ::-1]


def _spokes(radius_m: float, tyre_m: float, rims: Colour, turn: float) -> Mesh:
    thick = 0.010 if tyre_m < 0.03 else 0.035
    angle = 2 * np.pi * turn + np.arange(4) * np.pi / 4
    along = np.column_stack([np.cos(angle), np.zeros(4), np.sin(angle)]) * radius_m
    across = np.column_stack([-np.sin(angle), np.zeros(4), np.cos(angle)]) * thick
    face = np.stack([along - across, along + across, -along + across, -along - across], axis=1)
    return quads(np.concatenate([face, face[:, ::-1]]).astype(np.float32), rims)


def _bar(one: Sequence[float], other: Sequence[float], radius_m: float, rgb: Colour) -> Mesh:
    ends: list[Point] = [(one[0], one[1], one[2]), (other[0], other[1], other[2])]
    return tube(ends, [radius_m, radius_m], rgb, sides=5)


def cycle_mesh(cycle: "CycleLook", turn: float, *, fine: bool) -> Mesh:
    """The machine alone; `turn` of its wheels and pedals."""
    spots = geometry(cycle.kind, cycle.size)
    make = {"bicycle": _bicycle, "ebike": _ebike, "motorcycle": _motorcycle}[cycle.kind]
    wheels = [
        wheel(at, spots.wheel_m, spots.tyre_m, cycle.rims, turn=turn, fine=fine)
        for at in (spots.rear_m, spots.front_m)
    ]
    return joined([*wheels, *make(cycle, spots, turn), *_extras(cycle, spots)])


def _bicycle(cycle: "CycleLook", spots: Geometry, turn: float) -> list[Mesh]:
    size = cycle.size
    bottom, seat = (-0.06 * size, 0, 0.29 * size), (-0.18 * size, 0, 0.86 * size)
    head, crown = (0.36 * size, 0, 0.86 * size), (0.41 * size, 0, 0.62 * size)
    rear, front = spots.rear_m, spots.front_m
    thick = 0.022
    meshes = [
        _bar(bottom, seat, thick, cycle.colour),
        _bar(bottom, crown, thick, cycle.colour),
        _bar((-0.15 * size, 0, 0.74 * size), head, thick, cycle.colour),
        _bar(head, crown, thick, cycle.colour),
    ]
    for side in (0.045, -0.045):
        meshes += [
            _bar(bottom, (rear[0], side, rear[2]), 0.012, cycle.colour),
            _bar((-0.16 * size, 0, 0.78 * size), (rear[0], side, rear[2]), 0.012, cycle.colour),
            _bar((crown[0], side, crown[2]), (front[0], side, front[2]), 0.013, cycle.second),
        ]
    saddle = box((0.26, 0.13, 0.06), cycle.seat).moved((-0.2 * size, 0, 0.87 * size))
    return [*meshes, saddle, *_handlebar(spots, head), *_cranks(spots, turn)]


def _handlebar(spots: Geometry, stem: Sequence[float]) -> list[Mesh]:
    x, y, z = spots.grip_m
    meshes = [_bar(stem, (x + 0.06, 0, z), 0.016, _METAL)]
    for sign in (1, -1):
        meshes.append(_bar((x + 0.06, 0, z), (x, sign * 0.6 * y, z), 0.013, _METAL))
        meshes.append(_bar((x, sign * 0.6 * y, z), (x - 0.02, sign * 1.1 * y, z), 0.018, _DARK))
    return meshes


def _cranks(spots: Geometry, turn: float) -> list[Mesh]:
    meshes = []
    low = np.array([0.0, 0.0, 0.07])
    for sign, shift in ((1, 0.0), (-1, 0.5)):
        foot = spots.foot_m(turn + shift) - low
        middle = spots.rest_m - low
        at = (float(foot[0]) + 0.05, sign * float(foot[1]), float(foot[2]) - 0.02)
        hub = (float(middle[0]), sign * 0.06, float(middle[2]))
        meshes.append(_bar(hub, (at[0], sign * 0.08, at[2]), 0.012, _DARK))
        meshes.append(box((0.09, 0.09, 0.025), _DARK).moved(at))
    return meshes


def _ebike(cycle: "CycleLook", spots: Geometry, turn: float) -> list[Mesh]:
    size = cycle.size
    body = [(-0.70, 0.52), (-0.52, 0.44), (-0.18, 0.27), (-0.06, 0.30), (-0.06, 0.66),
            (-0.16, 0.71), (-0.66, 0.71)]  # fmt: skip
    shell = prism([(x * size, z * size) for x, z in body], 0.26 * size, cycle.colour)
    floor = box((0.46 * size, 0.27 * size, 0.07), _DARK).moved((0.14 * size, 0, 0.25 * size))
    apron = [(0.32, 0.27), (0.42, 0.28), (0.48, 0.55), (0.42, 0.93), (0.34, 0.95), (0.36, 0.55)]
    front = prism([(x * size, z * size) for x, z in apron], 0.34 * size, cycle.colour)
    guard = [(0.40, 0.44), (0.58, 0.49), (0.76, 0.44), (0.72, 0.50), (0.56, 0.56), (0.42, 0.52)]
    mud = prism([(x * size, z * size) for x, z in guard], 0.13 * size, cycle.second)
    seat = box((0.56 * size, 0.25 * size, 0.07), cycle.seat).moved((-0.38 * size, 0, 0.70 * size))
    lamp = box((0.05, 0.16, 0.10), (0.93, 0.93, 0.88), gloss=0.6).moved(
        (0.45 * size, 0, 0.80 * size)
    )
    tail = box((0.03, 0.18, 0.06), (0.72, 0.08, 0.08), gloss=0.5).moved(
        (-0.70 * size, 0, 0.60 * size)
    )
    fork = [
        _bar((0.42 * size, s, 0.6 * size), (spots.front_m[0], s, spots.front_m[2]), 0.02, _DARK)
        for s in (0.08, -0.08)
    ]
    return [shell, floor, front, mud, seat, lamp, tail, *fork,
            *_handlebar(spots, (0.36 * size, 0, 0.92 * size)), *_mirrors(spots)]  # fmt: skip


def _mirrors(spots: Geometry) -> list[Mesh]:
    x, y, z = spots.grip_m
    meshes = []
    for sign in (1, -1):
        meshes.append(
            _bar((x + 0.03, sign * 0.7 * y, z), (x + 0.04, sign * y, z + 0.17), 0.008, _DARK)
        )
        meshes.append(box((0.03, 0.13, 0.08), _DARK).moved((x + 0.04, sign * (y + 0.03), z + 0.15)))
    return meshes


def _motorcycle(cycle: "CycleLook", spots: Geometry, turn: float) -> list[Mesh]:
    size = cycle.size

    def side_view(outline: Sequence[tuple[float, float]], width: float, rgb: Colour) -> Mesh:
        return prism([(x * size, z * size) for x, z in outline], width * size, rgb)

    tank = side_view([(-0.06, 0.68), (0.30, 0.72), (0.36, 0.86), (0.22, 0.95), (0.0, 0.90)], 0.28,
                     cycle.colour)  # fmt: skip
    tail = side_view([(-0.80, 0.78), (-0.50, 0.62), (-0.10, 0.60), (-0.06, 0.74), (-0.50, 0.80),
                      (-0.78, 0.86)], 0.22, cycle.colour)  # fmt: skip
    engine = side_view([(-0.22, 0.26), (0.20, 0.26), (0.30, 0.50), (0.22, 0.68), (-0.2, 0.62)],
                       0.26, _DARK)  # fmt: skip
    seat = side_view([(-0.62, 0.77), (-0.08, 0.72), (-0.04, 0.80), (-0.62, 0.84)], 0.25, cycle.seat)
    guard = side_view([(0.42, 0.52), (0.66, 0.60), (0.92, 0.50), (0.88, 0.58), (0.66, 0.66),
                       (0.46, 0.60)], 0.14, cycle.second)  # fmt: skip
    lamp = box((0.12, 0.20, 0.18), cycle.second, gloss=0.4).moved((0.46 * size, 0, 0.82 * size))
    pipe = tube([(0.1, -0.16, 0.3), (-0.3, -0.17, 0.3), (-0.75, -0.18, 0.38)], [0.03, 0.04, 0.05],
                _METAL, sides=6)  # fmt: skip
    rear = box((0.03, 0.14, 0.06), (0.72, 0.08, 0.08), gloss=0.5).moved(
        (-0.82 * size, 0, 0.72 * size)
    )
    fork = [
        _bar((0.36 * size, s, 0.92 * size), (spots.front_m[0], s, spots.front_m[2]), 0.028, _METAL)
        for s in (0.09, -0.09)
    ]
    arms = [
        _bar((-0.1 * size, s, 0.36 * size), (spots.rear_m[0], s, spots.rear_m[2]), 0.028, _DARK)
        for s in (0.09, -0.09)
    ]
    return [tank, tail, engine, seat, guard, lamp, pipe, rear, *fork, *arms,
            *_handlebar(spots, (0.34 * size, 0, 0.94 * size)), *_mirrors(spots)]  # fmt: skip


def _extras(cycle: "CycleLook", spots: Geometry) -> list[Mesh]:
    meshes = []
    size = cycle.size
    if cycle.box is not None:
        edge = cycle.box_m
        top = spots.saddle_m[2] - (0.02 if cycle.kind != "bicycle" else 0.2)
        at = (float(spots.rear_m[0]) - 0.14 - 0.25 * edge, 0.0, float(top))
        meshes.append(box((edge, edge, 0.95 * edge), cycle.box).moved(at))
        lid = box((1.03 * edge, 1.03 * edge, 0.05), cycle.second)
        meshes.append(lid.moved((at[0], 0.0, at[2] + 0.9 * edge)))
    if cycle.basket is not None:
        place = {"bicycle": (0.58, 0.70), "ebike": (0.60, 0.62)}[cycle.kind]
        basket = box((0.26, 0.32, 0.22), cycle.basket).moved((place[0] * size, 0, place[1] * size))
        meshes.append(basket)
    if cycle.screen is not None:
        low, high = 0.93 * size, 1.28 * size
        pane = np.array([(0.46, 0.22, low), (0.46, -0.22, low), (0.36, -0.17, high),
                         (0.36, 0.17, high)])  # fmt: skip
        meshes.append(
            quads(np.stack([pane, pane[::-1]]).astype(np.float32), cycle.screen, gloss=0.6)
        )
    return meshes
