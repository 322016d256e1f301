"""What is painted, set or worn into a street's surface, as polygons on the ground."""

from dataclasses import dataclass, field

import numpy as np

from core.arrays import F64
from scenes.easel import strip
from scenes.roads import (
    BULGE_RAD,
    CYCLE_STRIP_M,
    LANE_M,
    PARKING_STRIP_M,
    ZEBRA_M,
    RoadGraph,
)

BAR_M = 0.5
"""Width of a zebra's bars, and of the gaps between them."""
STOP_M = 1.3
"""From a zebra to its stop line."""
_LINE_M = 0.12
_SOLID_M = 13.0  # before a stop line nobody changes lanes
_DASH_M, _GAP_M = 3.0, 3.6
_BAY_M = 5.6
_KERB_M = 0.16
_STRAIGHT_RAD = np.radians(160)
_ARROW = np.array([(-0.1, -2.2), (0.1, -2.2), (0.1, 0.2), (-0.1, 0.2)])
_HEAD = np.array([(-0.38, 0.2), (0.38, 0.2), (0.0, 2.0)])
_BEND = np.array([(0.0, -0.5), (0.0, -0.1), (0.75, 0.55), (0.9, 0.25)])
_TURN = np.array([(0.62, 0.95), (1.05, -0.1), (1.6, 0.95)])

Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Paints:
    """Convex polygons (K, 2) by what they are made of."""

    white: list[F64] = field(default_factory=list)
    kerb: list[F64] = field(default_factory=list)
    kerb_side: list[F64] = field(default_factory=list)
    dark: list[F64] = field(default_factory=list)
    patch: list[F64] = field(default_factory=list)
    iron: list[F64] = field(default_factory=list)
    tactile: list[F64] = field(default_factory=list)

    def add(self, other: "Paints") -> None:
        """Take over all of another's polygons."""
        for name, polygons in vars(other).items():
            getattr(self, name).extend(polygons)


def street_paints(roads: RoadGraph, edge: int, rng: np.random.Generator, *, fine: bool) -> Paints:
    """Everything on one street; without `fine` only what is seen from far."""
    paints = Paints()
    paints.white.extend(_zebra(roads, edge, 0) + _zebra(roads, edge, 1))
    paints.white.extend(_lines(roads, edge))
    _kerbs(paints, roads, edge, fine=fine)
    if fine:
        paints.white.extend(_arrows(roads, edge) + _cycles(roads, edge))
        _tactile(paints, roads, edge)
        _wear(paints, roads, edge, rng)
    return paints


def _span(roads: RoadGraph, edge: int) -> Span:
    """Where a street's open road begins and ends: between its zebras."""
    near, far = roads.setback_m[edge]
    return float(near) + ZEBRA_M, float(roads.length_m[edge] - far) - ZEBRA_M


def _box(roads: RoadGraph, edge: int, along: Span, aside: Span) -> F64:
    ends = np.array([along[0], along[1], along[1], along[0]])
    return roads.at(edge, ends, np.array([aside[0], aside[0], aside[1], aside[1]]))


def _line(
    roads: RoadGraph, edge: int, span: Span, aside_m: float, *, width_m: float = _LINE_M
) -> F64:
    return _box(roads, edge, span, (aside_m - width_m / 2, aside_m + width_m / 2))


def _zebra(roads: RoadGraph, edge: int, end: int) -> list[F64]:
    low, high = _span(roads, edge)
    along = (low - ZEBRA_M + 0.35, low - 0.35) if end == 0 else (high + 0.35, high + ZEBRA_M - 0.35)
    half = float(roads.half_width_m[edge]) - 0.35
    count = int((2 * half + BAR_M) / (2 * BAR_M))
    starts = 2 * BAR_M * np.arange(count) - (count * 2 - 1) * BAR_M / 2
    return [_box(roads, edge, along, (float(at), float(at) + BAR_M)) for at in starts]


def _lines(roads: RoadGraph, edge: int) -> list[F64]:
    """Stop lines, middle line, lanes, the cycle strips' edges, parking bays."""
    low, high = _span(roads, edge)
    drive = float(roads.lanes[edge]) * LANE_M
    stops = (low + STOP_M, high - STOP_M)
    made = [
        _box(roads, edge, (stops[0], stops[0] + 0.4), (0.15, drive - 0.1)),
        _box(roads, edge, (stops[1] - 0.4, stops[1]), (-drive + 0.1, -0.15)),
    ]
    if high - low < 8.0:
        return made
    calm = min(_SOLID_M, (high - low) / 3)
    open_road = (low + calm, high - calm)
    solid = [(stops[0], open_road[0]), (open_road[1], stops[1])]
    dashed = [side * lane * LANE_M for lane in range(1, int(roads.lanes[edge])) for side in (-1, 1)]
    if roads.lanes[edge] > 1:
        made += [_line(roads, edge, stops, aside) for aside in (-0.12, 0.12)]
    else:
        dashed.append(0.0)
    for aside in dashed:
        made += _dashes(roads, edge, open_road, aside)
        made += [_line(roads, edge, part, aside) for part in solid]
    for side in (-1, 1):
        made.append(_line(roads, edge, (low, high), side * drive))
        if roads.parking[edge]:
            made += _bays(roads, edge, side)
    return made


def _dashes(roads: RoadGraph, edge: int, span: Span, aside_m: float) -> list[F64]:
    starts = np.arange(span[0] + _GAP_M / 2, span[1] - _DASH_M, _DASH_M + _GAP_M)
    return [_line(roads, edge, (float(at), float(at) + _DASH_M), aside_m) for at in starts]


def _bays(roads: RoadGraph, edge: int, side: int) -> list[F64]:
    low, high = _span(roads, edge)
    inner = float(roads.half_width_m[edge]) - PARKING_STRIP_M
    asides = (side * inner, side * (inner + PARKING_STRIP_M - 0.1))
    made = [_line(roads, edge, (low + 2.0, high - 2.0), side * inner, width_m=0.1)]
    marks = np.arange(low + 2.0, high - 1.9, _BAY_M).tolist()
    return made + [_box(roads, edge, (at - 0.05, at + 0.05), asides) for at in marks]


def _placed(roads: RoadGraph, edge: int, at: Span, shape: F64) -> F64:
    """A shape (right, ahead) on the road, pointing the way that traffic goes there."""
    way = -1.0 if at[1] > 0 else 1.0
    return roads.at(edge, at[0] + way * shape[:, 1], at[1] - way * shape[:, 0])


def _arrows(roads: RoadGraph, edge: int) -> list[F64]:
    low, high = _span(roads, edge)
    if high - low < 20.0:
        return []
    made: list[F64] = []
    for lane in range(int(roads.lanes[edge])):
        aside = (lane + 0.5) * LANE_M
        turns = np.array([-1.0, 1.0]) if lane == 0 and edge % 2 else np.ones(2)
        parts = [_ARROW, _HEAD, _BEND * turns, _TURN * turns]
        for at in ((low + STOP_M + 5.0, aside), (high - STOP_M - 5.0, -aside)):
            made += [_placed(roads, edge, at, part) for part in parts]
    return made


def _cycles(roads: RoadGraph, edge: int) -> list[F64]:
    """Little pictures of bicycles in the cycle strips."""
    low, high = _span(roads, edge)
    aside = float(roads.lanes[edge]) * LANE_M + CYCLE_STRIP_M / 2
    made: list[F64] = []
    for at in np.arange(low + 6.0, high - 5.0, 24.0):
        for side in (-1, 1):
            made += [_placed(roads, edge, (float(at), side * aside), part) for part in _BICYCLE]
    return made


def _bicycle() -> list[F64]:
    """Two wheels and a frame, seen from the side and drawn out along the road."""
    turn = np.linspace(0, 2 * np.pi, 13)
    wheel = np.column_stack([np.cos(turn), np.sin(turn)]) * 0.19
    frame = [
        [(-0.26, 0.0), (-0.1, 0.3), (0.2, 0.3), (0.26, 0.0)],
        [(-0.1, 0.3), (0.02, 0.0), (0.2, 0.3)],
        [(0.2, 0.3), (0.18, 0.42), (0.28, 0.44)],
        [(-0.12, 0.3), (-0.14, 0.4), (-0.05, 0.4)],
    ]
    parts: list[F64] = []
    for middle in (-0.26, 0.26):
        parts += strip(wheel + np.array([middle, 0.0]), 0.06)
    for line in frame:
        parts += strip(np.array(line), 0.06)
    return [part * np.array([1.0, 1.9]) for part in parts]


_BICYCLE = _bicycle()


def _kerbs(paints: Paints, roads: RoadGraph, edge: int, *, fine: bool) -> None:
    """The stones along both kerbs, their faces to the road and the joints between them."""
    near, far = roads.setback_m[edge]
    span = (float(near), float(roads.length_m[edge] - far))
    half = float(roads.half_width_m[edge])
    for side in (-1, 1):
        top, face = side * (half + _KERB_M / 2), side * (half - 0.04)
        paints.kerb.append(_line(roads, edge, span, top, width_m=_KERB_M))
        paints.kerb_side.append(_line(roads, edge, span, face, width_m=0.09))
        joints = np.arange(span[0], span[1], 1.0) if fine else np.zeros(0)
        along = joints[:, None] + np.array([0.0, 0.014, 0.014, 0.0])
        aside = side * (half + np.array([0.0, 0.0, _KERB_M, _KERB_M]))
        paints.dark.extend(roads.at(edge, along, np.broadcast_to(aside, along.shape)))


def corner_kerbs(roads: RoadGraph, node: int) -> list[F64]:
    """The kerb lines (K, 2) around a junction's corners, rounded, counter-clockwise; each begins
    at the left of one arm's mouth and ends at the right of the next one's."""
    arms, corner = roads.arms, roads.meeting_m(0.0)
    lines = []
    for row in np.flatnonzero(arms.node == node):
        first, last = _mouth(roads, int(row))[1], _mouth(roads, int(arms.next[row]))[0]
        if arms.gap_rad[row] > BULGE_RAD:
            lines.append(np.stack([first, corner[row], last]))
        elif arms.gap_rad[row] > _STRAIGHT_RAD:
            lines.append(np.stack([first, last]))
        else:
            share = np.linspace(0, 1, 9)[:, None]
            bend = (1 - share) ** 2 * first + 2 * share * (1 - share) * corner[row]
            lines.append(bend + share**2 * last)
    return lines


def _mouth(roads: RoadGraph, row: int) -> tuple[F64, F64]:
    """The right and the left end of a mouth, seen out of the junction."""
    edge, end = int(roads.arms.edge[row]), int(roads.arms.end[row])
    setback = float(roads.setback_m[edge, end])
    along = setback if end == 0 else float(roads.length_m[edge]) - setback
    left = float(roads.half_width_m[edge]) * (1 if end == 0 else -1)
    return roads.at(edge, along, -left), roads.at(edge, along, left)


def junction_paints(roads: RoadGraph, node: int) -> Paints:
    """The kerbs around its corners."""
    paints = Paints()
    for line in corner_kerbs(roads, node):
        paints.kerb.extend(strip(_beside(line, -_KERB_M / 2), _KERB_M))
        paints.kerb_side.extend(strip(_beside(line, 0.04), 0.09))
    return paints


def _beside(line: F64, left_m: float) -> F64:
    """A line moved to its left; junction corners have the road on their left."""
    step = np.gradient(line, axis=0)
    step = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    return np.asarray(line + left_m * np.column_stack([-step[:, 1], step[:, 0]]))


def _tactile(paints: Paints, roads: RoadGraph, edge: int) -> None:
    """Ribbed slabs where people wait to cross."""
    low, high = _span(roads, edge)
    half = float(roads.half_width_m[edge])
    for along in ((low - ZEBRA_M + 0.5, low - 0.5), (high + 0.5, high + ZEBRA_M - 0.5)):
        for side in (-1, 1):
            aside = (side * (half + 0.25), side * (half + 0.95))
            paints.tactile.append(_box(roads, edge, along, aside))


def _wear(paints: Paints, roads: RoadGraph, edge: int, rng: np.random.Generator) -> None:
    """Mended places, cracks, manholes and gullies."""
    low, high = _span(roads, edge)
    if high - low < 6.0:
        return
    half = float(roads.half_width_m[edge])
    for _ in range(int(rng.integers(2, 6))):
        at, aside = rng.uniform(low, high), rng.uniform(-half + 1, half - 1)
        long, wide = rng.uniform(0.6, 2.2), rng.uniform(0.5, 1.2)
        box = _box(roads, edge, (at - long, at + long), (aside - wide, aside + wide))
        paints.patch.append(box)
    start, trench = rng.uniform(low, (low + high) / 2), float(rng.uniform(-half + 0.8, half - 0.8))
    paints.patch.append(
        _line(roads, edge, (start, start + rng.uniform(8, 30)), trench, width_m=0.7)
    )
    for _ in range(int(rng.integers(3, 8))):
        paints.dark.extend(strip(_crack(roads, edge, (low, high), rng), 0.016))
    for at in np.arange(low + rng.uniform(2, 9), high, rng.uniform(13, 22)):
        aside = float(rng.choice([-1, 1])) * LANE_M / 2
        paints.iron.append(_disc(roads.at(edge, float(at), aside), 0.34))
    for at in np.arange(low + rng.uniform(1, 5), high, 17.0).tolist():
        for side in (-1, 1):
            gully = (side * (half - 0.06), side * (half - 0.36))
            paints.iron.append(_box(roads, edge, (at, at + 0.5), gully))


def _crack(roads: RoadGraph, edge: int, span: Span, rng: np.random.Generator) -> F64:
    half = float(roads.half_width_m[edge]) - 0.5
    steps = int(rng.integers(8, 30))
    turn = rng.choice([0.0, np.pi / 2]) + np.cumsum(rng.normal(0, 0.35, steps))
    along = rng.uniform(*span) + np.cumsum(0.25 * np.cos(turn))
    aside = rng.uniform(-half, half) + np.cumsum(0.25 * np.sin(turn))
    return roads.at(edge, along, np.clip(aside, -half, half))


def _disc(middle: F64, radius_m: float) -> F64:
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    return np.asarray(middle + radius_m * np.column_stack([np.cos(turn), np.sin(turn)]))
