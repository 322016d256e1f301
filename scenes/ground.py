"""The ground of a still picture: what it is made of, at every pixel."""

from dataclasses import dataclass

import cv2
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
    clouds = grain.clouds(x, y, 31.0)
    grit = grain.grit(x, y, 5.1) * _seen(easel, 0.02)
    albedo = _asphalt(plan, clouds, grit, palette)
    paved = plan.kind == _PAVEMENT
    albedo[paved] = _slabs(plan, easel, grain, palette)[paved]
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
    grey = float(palette.uniform(0.135, 0.175))
    value = grey * (1 + 0.07 * clouds + 0.13 * grit)
    aside = np.abs(plan.aside_m)
    lane = np.mod(aside, LANE_M) - LANE_M / 2  # wheels run 0.75 m from a lane's middle
    tracks = np.exp(-(((np.abs(lane) - 0.78) / 0.3) ** 2))
    oil = np.exp(-((lane / 0.35) ** 2)) * np.clip(0.6 + 0.4 * clouds, 0, 1)
    driven = plan.street & (aside < plan.drive_m)
    value *= np.where(driven, 1 - 0.09 * tracks - 0.13 * oil, 1)
    gutter = plan.street & (plan.half_m - aside < 0.35)
    value *= np.where(gutter, 0.82, 1)
    albedo = value[..., None] * np.array([1.0, 1.0, 1.02], np.float32)
    tint = np.array(_STRIPS[int(palette.integers(len(_STRIPS)))], np.float32)
    strip = plan.street & (aside > plan.drive_m) & (aside < plan.drive_m + CYCLE_STRIP_M)
    albedo[strip] = tint * (1 + 0.09 * clouds[strip] + 0.12 * grit[strip])[:, None]
    bay = plan.street & plan.parking & (aside > plan.drive_m + CYCLE_STRIP_M)
    albedo[bay] *= np.array([1.16, 1.13, 1.08], np.float32)
    return np.asarray(albedo, np.float32)


def _slabs(plan: _Plan, easel: Easel, grain: Grain, palette: np.random.Generator) -> F32:
    rgb, long_m, wide_m, differ = _PAVINGS[int(palette.integers(len(_PAVINGS)))]
    across = plan.aside_m / np.float32(wide_m)
    course = np.floor(across)
    along = plan.along_m / np.float32(long_m) + np.mod(course, 2) * np.float32(0.5)
    slab = np.floor(along)
    shades = palette.standard_normal((64, 64)).astype(np.float32)
    shade = shades[slab.astype(np.int32) & 63, course.astype(np.int32) & 63]
    joint_m = np.minimum(_to_edge(along - slab) * long_m, _to_edge(across - course) * wide_m)
    width = np.maximum(easel.footprint_m * 0.35, 0.006)
    joint = np.clip(1 - joint_m / width, 0, 1) * np.minimum(0.006 / width, 1.0) ** 0.6
    x, y = easel.ground_m
    value = 1 + differ * shade * _seen(easel, min(long_m, wide_m) * 0.6)
    value += 0.07 * grain.clouds(x, y, 17.0) + 0.06 * grain.grit(x, y, 3.3) * _seen(easel, 0.015)
    value *= 1 - 0.5 * joint
    front = np.clip((np.abs(plan.aside_m) - plan.half_m - PAVEMENT_M + 0.5) / 0.5, 0, 1)
    value *= np.where(plan.street, 1 - 0.22 * front, 1)
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
    worn = np.clip(0.86 + 0.12 * noise, 0.25, 1)
    _lay(albedo, _drawn(easel, marks.patch) * 0.30, (0.075, 0.075, 0.08))
    _lay(albedo, _drawn(easel, marks.white) * worn, _WHITE)
    _lay(albedo, _drawn(easel, marks.dark) * 0.55, (0.05, 0.05, 0.05))
    _lay(albedo, _drawn(easel, marks.iron) * 0.8, (0.085, 0.08, 0.075))
    _lay(albedo, _drawn(easel, marks.tactile) * 0.9, (0.52, 0.46, 0.30))
    _lay(albedo, _drawn(easel, marks.kerb_side) * 0.75, (0.12, 0.12, 0.12))
    _lay(albedo, _drawn(easel, marks.kerb) * 0.9, (0.46, 0.45, 0.43))


def _drawn(easel: Easel, polygons: list[F64]) -> F32:
    mask = easel.mask()
    easel.fill(mask, polygons)
    return np.asarray(mask.astype(np.float32) / 255, np.float32)


def _lay(albedo: F32, share: F32, rgb: tuple[float, float, float]) -> None:
    touched = cv2.boundingRect((share > 0).astype(np.uint8))
    left, top, width, height = touched
    window = (slice(top, top + height), slice(left, left + width))
    part = share[window][..., None]
    albedo[window] += (np.array(rgb, np.float32) - albedo[window]) * part
