"""The ground of a still picture: what it is made of, at every pixel."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64, I64, U8, Bool
from scenes.easel import Easel
from scenes.grain import Grain
from scenes.roads import CYCLE_STRIP_M, LANE_M, PAVEMENT_M, RoadGraph
from scenes.splits import Split, rng_for
from scenes.streetpaint import Paints, corner_kerbs, junction_paints, street_paints

REACH_M = 260.0
"""Streets further away than that are a few pixels high."""
_FINE_M = 75.0
_STREAM, _PALETTE = 221, 222
_BLOCK, _PAVEMENT, _ROAD = 0, 1, 2
_WHITE = (0.62, 0.62, 0.59)

_PAVINGS = (
    # linear colour, slab size along and across, how much slabs differ
    ((0.36, 0.35, 0.33), 0.6, 0.6, 0.06),
    ((0.40, 0.35, 0.29), 0.9, 0.6, 0.08),
    ((0.34, 0.25, 0.20), 0.24, 0.12, 0.16),
    ((0.30, 0.30, 0.31), 0.4, 0.4, 0.09),
)
_STRIPS = ((0.26, 0.10, 0.075), (0.10, 0.20, 0.13), (0.15, 0.15, 0.155), (0.10, 0.16, 0.25))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """`albedo` linear (H, W, 3) and `smooth` (H, W): how much of a mirror it is when wet."""

    albedo: F32
    smooth: F32


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Where pixels lie: `kind` (H, W), the streets' own coordinates, and whether they hold."""

    kind: U8
    along_m: F32
    aside_m: F32
    half_m: F32
    drive_m: F32
    parking: Bool
    street: Bool


def ground(roads: RoadGraph, easel: Easel, seed: tuple[int, Split], *, home: int) -> Ground:
    """The ground as `easel` sees it; `home` is the street whose slabs go on around corners."""
    edges = _near_streets(roads, easel)
    plan = _plan(roads, easel, edges, home)
    grain = Grain(rng_for(*seed, _PALETTE, 1))
    palette = rng_for(*seed, _PALETTE)
    x, y = easel.ground_m
    clouds = 0.8 * grain.clouds(x, y, 37.0) + 0.6 * grain.clouds(y, x, 6.3) * _seen(easel, 0.1)
    grit = grain.grit(x, y, 5.1) * _seen(easel, 0.02)
    albedo = _asphalt(plan, clouds, grit, palette)
    paved = plan.kind == _PAVEMENT
    albedo[paved] = _slabs(_Paved.of(plan, easel, paved), (clouds + grit)[paved], palette)
    _lay_marks(albedo, _marks(roads, easel, edges, seed), easel, clouds + grit)
    puddle = np.clip(grain.clouds(x + 7.0, y, 23.0) * 0.5 + 0.45, 0, 1)
    smooth = np.where(plan.kind == _ROAD, 0.45 + 0.55 * puddle, 0.25 + 0.45 * puddle)
    return Ground(albedo, smooth.astype(np.float32))


def _near_streets(roads: RoadGraph, easel: Easel) -> I64:
    eye = np.asarray(easel.view.position_m[:2])
    middle = roads.nodes_m[roads.edges].mean(axis=1)
    away = np.linalg.norm(middle - eye, axis=1) - roads.length_m / 2
    order = np.argsort(away)
    return np.asarray(order[away[order] < REACH_M][:250], np.int64)


def _seen(easel: Easel, size_m: float) -> F32:
    """How much contrast is left of patterns of a size, (H, 1): none where a pixel covers more."""
    left = np.clip(1.3 - easel.footprint_m / (2.2 * size_m), 0, 1)
    return np.asarray(left, np.float32)


def _plan(roads: RoadGraph, easel: Easel, edges: I64, home: int) -> _Plan:
    kind, row = easel.mask(), easel.mask()
    nodes = np.unique(roads.edges[edges])
    for node in nodes:
        easel.fill_hard(kind, roads.junction_m(int(node), PAVEMENT_M), _PAVEMENT)
    pavements, carriageways = roads.pavements_m(), roads.carriageways_m()
    for place, edge in enumerate(edges, 1):
        easel.fill_hard(kind, pavements[edge], _PAVEMENT)
        easel.fill_hard(row, pavements[edge], place)
    for edge in edges:
        easel.fill_hard(kind, carriageways[edge], _ROAD)
    for node in nodes:
        easel.fill_hard(kind, np.concatenate(corner_kerbs(roads, int(node))), _ROAD)
    table = np.concatenate([[home], edges])
    return _coordinates(roads, easel, table, (kind, row))


def _coordinates(roads: RoadGraph, easel: Easel, table: I64, maps: tuple[U8, U8]) -> _Plan:
    kind, row = maps
    x, y = easel.ground_m
    start = roads.nodes_m[roads.edges[table, 0]]
    step = roads.along[table]
    ahead, left = (step * start).sum(1), step[:, 0] * start[:, 1] - step[:, 1] * start[:, 0]
    columns = [step[:, 0], step[:, 1], ahead, left]
    dx, dy, ahead_m, left_m = (column.astype(np.float32)[row] for column in columns)
    half, drive = roads.half_width_m[table], roads.lanes[table] * LANE_M
    return _Plan(
        kind=kind,
        along_m=x * dx + y * dy - ahead_m,
        aside_m=y * dx - x * dy - left_m,
        half_m=half.astype(np.float32)[row],
        drive_m=drive.astype(np.float32)[row],
        parking=roads.parking[table][row],
        street=row > 0,
    )


def _asphalt(plan: _Plan, clouds: F32, grit: F32, palette: np.random.Generator) -> F32:
    grey = float(palette.uniform(0.15, 0.19))
    value = grey * (1 + 0.10 * clouds + 0.17 * grit)
    aside = np.abs(plan.aside_m)
    driven = plan.street & (aside < plan.drive_m) & (plan.kind == _ROAD)
    value[driven] *= _worn(aside[driven], clouds[driven])
    gutter = plan.street & (plan.half_m - aside < 0.35)
    value *= np.where(gutter, 0.82, 1)
    albedo = value[..., None] * np.array([1.0, 1.0, 1.02], np.float32)
    tint = np.array(_STRIPS[int(palette.integers(len(_STRIPS)))], np.float32)
    strip = plan.street & (plan.kind == _ROAD)
    bay = strip & plan.parking & (aside > plan.drive_m + CYCLE_STRIP_M)
    strip &= (aside > plan.drive_m) & (aside < plan.drive_m + CYCLE_STRIP_M)
    worn = 1 + 0.10 * clouds[strip] + 0.16 * grit[strip]
    albedo[strip] = tint * worn[:, None]
    albedo[bay] *= np.array([1.16, 1.13, 1.08], np.float32)
    return np.asarray(albedo, np.float32)


def _worn(aside_m: F32, clouds: F32) -> F32:
    """What wheels, which run beside a lane's middle, and drops of oil leave of the grey."""
    lane = np.mod(aside_m, np.float32(LANE_M)) - np.float32(LANE_M / 2)
    tracks = np.exp(-(((np.abs(lane) - 0.78) / 0.3) ** 2))
    oil = np.exp(-((lane / 0.35) ** 2)) * np.clip(0.6 + 0.4 * clouds, 0, 1)
    return np.asarray(1 - 0.12 * tracks - 0.16 * oil, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Paved:
    """The pixels that show pavement, each array (P,)."""

    along_m: F32
    beyond_m: F32
    aside_m: F32
    footprint_m: F32

    @classmethod
    def of(cls, plan: _Plan, easel: Easel, paved: Bool) -> "_Paved":
        """`beyond_m` is how far behind the kerb; 0 off the streets."""
        wide = np.broadcast_to(easel.footprint_m, paved.shape)
        aside = plan.aside_m[paved]
        beyond = np.where(plan.street[paved], np.abs(aside) - plan.half_m[paved], 0)
        beyond = np.asarray(beyond, np.float32)
        return cls(plan.along_m[paved], beyond, aside, wide[paved])

    def seen(self, size_m: float) -> F32:
        """How much contrast is left of patterns of a size."""
        return np.asarray(np.clip(1.3 - self.footprint_m / (2.2 * size_m), 0, 1), np.float32)


def _slabs(paved: _Paved, noise: F32, palette: np.random.Generator) -> F32:
    rgb, long_m, wide_m, differ = _PAVINGS[int(palette.integers(len(_PAVINGS)))]
    across = paved.aside_m / np.float32(wide_m)
    course = np.floor(across)
    along = paved.along_m / np.float32(long_m) + np.mod(course, 2) * np.float32(0.5)
    slab = np.floor(along)
    shades = palette.standard_normal((64, 64)).astype(np.float32)
    shade = shades[slab.astype(np.int32) & 63, course.astype(np.int32) & 63]
    joint_m = np.minimum(_to_edge(along - slab) * long_m, _to_edge(across - course) * wide_m)
    width = np.maximum(paved.footprint_m * 0.35, 0.006)
    joint = np.clip(1 - joint_m / width, 0, 1) * np.minimum(0.006 / width, 1.0) ** 0.6
    value = 1 + differ * shade * paved.seen(min(long_m, wide_m) * 0.6)
    value += 0.075 * noise
    value *= 1 - 0.5 * joint
    value *= 1 - 0.3 * np.clip((paved.beyond_m - PAVEMENT_M + 0.7) / 0.7, 0, 1) ** 2
    return np.asarray(value[..., None] * np.array(rgb, np.float32), np.float32)


def _to_edge(share: F32) -> F32:
    return np.asarray(np.minimum(share, 1 - share), np.float32)


def _marks(roads: RoadGraph, easel: Easel, edges: I64, seed: tuple[int, Split]) -> Paints:
    marks = Paints()
    eye = np.asarray(easel.view.position_m[:2])
    for edge in edges.tolist():
        line = roads.nodes_m[roads.edges[edge]]
        fine = _distance(eye, line[0], line[1]) < _FINE_M
        rng = rng_for(*seed, _STREAM, edge)
        marks.add(street_paints(roads, edge, rng, fine=fine))
    for node in np.unique(roads.edges[edges]).tolist():
        marks.add(junction_paints(roads, node))
    return marks


def _distance(point: F64, first: F64, last: F64) -> float:
    step = last - first
    share = np.clip((point - first) @ step / (step @ step), 0, 1)
    return float(np.linalg.norm(first + share * step - point))


def _lay_marks(albedo: F32, marks: Paints, easel: Easel, noise: F32) -> None:
    """Paint them in place, worn where the surface is."""
    worn = np.clip(0.80 + 0.17 * noise, 0.12, 0.97)
    layers: list[tuple[list[F64], F32 | float, tuple[float, float, float]]] = [
        (marks.patch, 0.34, (0.085, 0.085, 0.09)),
        (marks.white, worn, _WHITE),
        (marks.dark, 0.55, (0.05, 0.05, 0.05)),
        (marks.iron, 0.8, (0.085, 0.08, 0.075)),
        (marks.tactile, 0.85, (0.50, 0.44, 0.29)),
        (marks.kerb_side, 0.8, (0.10, 0.10, 0.10)),
        (marks.kerb, 0.9, (0.48, 0.47, 0.45)),
    ]
    for polygons, share, rgb in layers:
        mask = easel.mask()
        easel.fill(mask, polygons)
        _lay(albedo, mask, share, rgb)


def _lay(albedo: F32, mask: U8, share: F32 | float, rgb: tuple[float, float, float]) -> None:
    at = np.flatnonzero(mask)
    part = mask.ravel()[at].astype(np.float32) / 255
    part *= share if isinstance(share, float) else share.ravel()[at]
    flat = albedo.reshape(-1, 3)
    here = flat[at]
    flat[at] = here + (np.array(rgb, np.float32) - here) * part[:, None]
