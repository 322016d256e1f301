"""Cameras on their poles: which junctions they watch, where they look, through which glass."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.arrays import F64, Bool
from core.errors import InvalidInput
from scenes.lens import Optics
from scenes.roads import ZEBRA_M, RoadGraph
from scenes.views import View

STREET_HW = (360, 640)
CHECKPOINT_HW = (720, 1280)
WALLS_M = 130.0
"""House fronts further away than that hide nothing that could be told apart."""
CHAIN = 6
"""At most so many cameras stand at junctions that follow each other along one way."""

_PERSON_M = 1.7
_POLE_M = 0.6  # from the kerb, on the pavement
_TRIES = 40
_THIS_SIDE = 0.985  # somebody in a doorway is before the wall
_FOCAL_PX = (700.0, 1000.0)
_CHECKPOINT_FOCAL_PX = (1450.0, 1800.0)
_CHECKPOINT_FAR_M = (17.0, 23.0)
_SCENIC, _SCENIC_M = 0.25, (45.0, 90.0)  # some show the street's far end
_WALKED_M = 36.0
_TALL_PX, _WORTH = (23.0, 24.0, 60.0, 90.0), (0.0, 0.25, 0.9, 1.0)
_TILT_DEG = (12.0, 30.0)
_FAR_M = (18.0, 32.0)  # where the picture's top meets people's heads
_STREETS = (
    "Alder", "Birch", "Castle", "Dyer", "Ember", "Ferry", "Garden", "Harbour", "Iron", "Juniper",
    "Kiln", "Linden", "Mill", "North", "Orchard", "Park", "Quarry", "River", "Station", "Tanner",
    "Upper", "Vine", "Weaver", "York",
)  # fmt: skip
_KINDS = ("Street", "Road", "Lane", "Row", "Way")


@dataclass(frozen=True)
class CityCamera:
    """A camera of the city.

    It stands `along_m` down street row `street` and watches junction `node`. `clock_offset_s` is
    how far its clock runs ahead of UTC. `walls_m` (W, 2, 2) are the house fronts around: they hide
    what is behind them.
    """

    row: int
    name: str
    lon_lat_deg: tuple[float, float]
    view: View
    kind: Literal["street", "checkpoint"]
    clock_offset_s: float
    lens: Optics
    street: int
    along_m: float
    node: int
    walls_m: F64 = field(repr=False, compare=False)

    def heights_px(self, xy_m: F64) -> F64:
        """How tall upright things of 1.7 m at places (N, 2) appear, (N,); 0 where their middle is
        not in the picture or behind a house."""
        tall = heights_px(self.view, xy_m)
        if not tall.any():
            return tall
        shown = np.flatnonzero(tall > 0)
        behind = hidden(self.view, xy_m[shown], self.walls_m)
        tall[shown[behind]] = 0.0
        return tall


def heights_px(view: View, xy_m: F64, height_m: float = _PERSON_M) -> F64:
    """How tall upright things of `height_m` at places (N, 2) appear, (N,); 0 where their middle is
    not in the picture."""
    count = len(xy_m)
    feet = np.column_stack([xy_m, np.zeros(count)])
    px, depth = view.project(
        np.concatenate([feet, feet + np.array([0, 0, height_m])]).astype(np.float32)
    )
    low, high = px[:count], px[count:]
    middle = (low + high) / 2
    height, width = view.size_hw
    inside = (middle > 0).all(axis=1) & (middle[:, 0] < width) & (middle[:, 1] < height)
    tall = np.where(
        inside & (np.minimum(depth[:count], depth[count:]) > 1.0), low[:, 1] - high[:, 1], 0.0
    )
    return np.asarray(tall, np.float64)


def hidden(view: View, xy_m: F64, walls_m: F64) -> Bool:
    """Whether the straight line from the camera to places (N, 2) meets a wall (W, 2, 2), (N,)."""
    eye = np.asarray(view.position_m[:2])
    start, along = walls_m[:, 0] - eye, walls_m[:, 1] - walls_m[:, 0]
    ray = xy_m - eye
    across = ray[:, None, 0] * along[:, 1] - ray[:, None, 1] * along[:, 0]
    across = np.where(np.abs(across) < 1e-9, np.nan, across)
    reach = (start[:, 0] * along[:, 1] - start[:, 1] * along[:, 0]) / across
    share = (start[:, 0] * ray[:, None, 1] - start[:, 1] * ray[:, None, 0]) / across
    meets = (reach > 0) & (reach < _THIS_SIDE) & (share >= 0) & (share <= 1)
    return np.asarray(meets.any(axis=1), np.bool_)


def near_walls(roads: RoadGraph, eye_m: F64) -> F64:
    """House fronts (W, 2, 2) that can stand in the way of a camera at (2,)."""
    walls = roads.walls_m()
    middle, half = walls.mean(axis=1), np.linalg.norm(walls[:, 1] - walls[:, 0], axis=1) / 2
    return np.asarray(walls[np.linalg.norm(middle - eye_m, axis=1) - half < WALLS_M])


def within(view: View, xy_m: F64, margin: float) -> Bool:
    """Whether feet at (N, 2) lie in the picture, `margin` (share of it) away from its border."""
    feet = np.column_stack([xy_m, np.zeros(len(xy_m))]).astype(np.float32)
    px, depth = view.project(feet)
    share = px / np.array(view.size_hw[::-1], np.float32)
    inside = (share > margin).all(axis=1) & (share < 1 - margin).all(axis=1) & (depth > 1.0)
    return np.asarray(inside, np.bool_)


def watched_junctions(roads: RoadGraph, count: int, rng: np.random.Generator) -> list[int]:
    """Junctions for `count` cameras: the first ones, up to `CHAIN`, each a street away from the
    one before; the others close around, then those again."""
    around = np.linalg.norm(roads.nodes_m - roads.nodes_m.mean(axis=0), axis=1)
    order = [int(node) for node in np.argsort(around + rng.uniform(0, 40, len(around)))]
    chain = next(
        found for start in order if (found := _chain(roads, start, min(count, CHAIN), rng))
    )
    others = [node for node in order if node not in chain]
    apart = roads.distances_m(np.asarray(chain, np.int64)).min(axis=0)
    others.sort(key=lambda node: float(apart[node]))
    nodes = chain + others[: max(len(chain), count) - len(chain)]
    return (nodes * (count // len(nodes) + 1))[:count]


def _chain(roads: RoadGraph, start: int, count: int, rng: np.random.Generator) -> list[int]:
    """A way of `count` junctions that never comes back to one, staying near the town's middle."""
    middle = roads.nodes_m.mean(axis=0)
    way = [start]
    while len(way) < count:
        fresh = [node for node in roads.neighbours(way[-1]) if node not in way]
        if not fresh:
            return []
        away = [float(np.linalg.norm(roads.nodes_m[node] - middle)) for node in fresh]
        way.append(fresh[int(np.argmin(np.array(away) + rng.uniform(0, 130, len(away))))])
    return way


def place_cameras(
    roads: RoadGraph, nodes: list[int], rng: np.random.Generator
) -> tuple[CityCamera, ...]:
    """One camera a junction, in their order; every fifth or so is a checkpoint."""
    checkpoints = _checkpoints(len(nodes), rng)
    streets = rng.permutation(len(_STREETS))
    cameras: list[CityCamera] = []
    for row, node in enumerate(nodes):
        beside = {nodes[other] for other in (row - 1, row + 1) if 0 <= other < len(nodes)}
        kind: Literal["street", "checkpoint"] = "checkpoint" if row in checkpoints else "street"
        stand = _best_stand(roads, node, beside, kind, rng)
        taken = {(camera.street, round(camera.along_m)) for camera in cameras}
        for _ in range(_TRIES):
            if (stand.street, round(stand.along_m)) not in taken:
                break
            stand = _best_stand(roads, node, beside, kind, rng)
        word = _STREETS[int(streets[row % len(streets)])]
        name = f"{word} {_KINDS[int(rng.integers(len(_KINDS)))]} {row + 1}"
        cameras.append(_camera(roads, stand, row, name, rng))
    return tuple(cameras)


def _checkpoints(count: int, rng: np.random.Generator) -> set[int]:
    return {int(low + rng.integers(2, 4)) for low in range(0, count - 3, 5)}


@dataclass(frozen=True)
class _Stand:
    node: int
    street: int
    along_m: float
    view: View
    kind: Literal["street", "checkpoint"]


def _best_stand(
    roads: RoadGraph,
    node: int,
    beside: set[int],
    kind: Literal["street", "checkpoint"],
    rng: np.random.Generator,
) -> _Stand:
    """Of several stands the one that sees most of where people walk, and sees it large."""
    arms = roads.arms
    mine = np.flatnonzero(arms.node == node)
    ways, weight = [], []
    for row in mine:
        edge, end = int(arms.edge[row]), int(arms.end[row])
        ways.append(_walked(roads, edge, end))
        leads_on = int(roads.edges[edge, 1 - end]) in beside
        weight.append(np.full(len(ways[-1]), 2.5 if leads_on else 1.0))
    points, weights = np.concatenate(ways), np.concatenate(weight)
    walls = near_walls(roads, roads.nodes_m[node])
    best: tuple[float, _Stand] | None = None
    for _ in range(_TRIES):
        arm = int(rng.choice(mine))
        stand = _stand(roads, node, (int(arms.edge[arm]), int(arms.end[arm])), kind, rng)
        tall = heights_px(stand.view, points) * ~hidden(stand.view, points, walls)
        score = float((weights * np.interp(tall, _TALL_PX, _WORTH)).sum())
        if best is None or score > best[0]:
            best = (score, stand)
    if best is None:
        raise InvalidInput(f"node: want a junction with streets, got {node}")
    return best[1]


def _walked(roads: RoadGraph, edge: int, end: int) -> F64:
    """Places (P, 2) on an arm's two pavements and on its zebra."""
    zebra_m = float(roads.setback_m[edge, end]) + ZEBRA_M / 2
    half = float(roads.half_width_m[edge])
    out = np.arange(zebra_m, zebra_m + _WALKED_M, 2.5)
    over = np.linspace(-half, half, 5)
    outs = np.r_[out, out, np.full(len(over), zebra_m)]
    asides = np.r_[np.full(len(out), half + 2.0), np.full(len(out), -half - 2.0), over]
    return roads.at(edge, outs if end == 0 else roads.length_m[edge] - outs, asides)


def _stand(
    roads: RoadGraph,
    node: int,
    arm: tuple[int, int],
    kind: Literal["street", "checkpoint"],
    rng: np.random.Generator,
) -> _Stand:
    """A pole at the kerb some way down an arm, looking up the arm or across it.

    A checkpoint stands on the side where traffic comes towards it, close to the zebra.
    """
    edge, end = arm
    near = kind == "checkpoint"
    zebra_m = float(roads.setback_m[edge, end]) + ZEBRA_M / 2
    reach = float(rng.uniform(9.5, 12.5) if near else rng.uniform(7.0, 24.0))
    reach = min(reach, float(roads.length_m[edge]) - zebra_m - 6.0)
    outward = 1 if end == 0 else -1
    side = outward if near else outward * int(rng.choice([-1, 1]))
    half = float(roads.half_width_m[edge])

    def at(out_m: float, aside_m: float) -> F64:
        along = out_m if end == 0 else float(roads.length_m[edge]) - out_m
        return roads.at(edge, along, aside_m)

    pole = at(zebra_m + reach, side * (half + _POLE_M))
    ahead = reach if near else reach * float(rng.uniform(0.5, 1.1))
    share = rng.uniform(0.1, 0.7) if near else rng.uniform(-1.5, 0.9)
    view = _aimed(pole, at(zebra_m + reach - ahead, side * half * float(share)), near, rng)
    along_m = zebra_m + reach if end == 0 else float(roads.length_m[edge]) - zebra_m - reach
    return _Stand(node, edge, along_m, view, kind)


def _aimed(pole: F64, aim: F64, near: bool, rng: np.random.Generator) -> View:
    """High and wide for a street, low and narrow for a checkpoint. The tilt brings those far away
    into the picture's top: they are small, and many."""
    heading = float(np.arctan2(*(aim - pole)[::-1]))
    size_hw = CHECKPOINT_HW if near else STREET_HW
    height = float(rng.uniform(3.2, 3.9) if near else rng.uniform(3.4, 6.0))
    focal = float(rng.uniform(*(_CHECKPOINT_FOCAL_PX if near else _FOCAL_PX)))
    half_rad = float(np.arctan2(size_hw[0] / 2, focal))
    wide = _SCENIC_M if rng.random() < _SCENIC else _FAR_M
    far_m = rng.uniform(*(_CHECKPOINT_FAR_M if near else wide))
    top_rad = float(np.arctan2(height - _PERSON_M, far_m))
    tilt = float(np.clip(top_rad + half_rad, *np.radians(_TILT_DEG)))
    return View(_at(pole, height), heading, tilt, focal, size_hw)


def _at(pole: F64, height_m: float) -> tuple[float, float, float]:
    return float(pole[0]), float(pole[1]), height_m


def _camera(
    roads: RoadGraph, stand: _Stand, row: int, name: str, rng: np.random.Generator
) -> CityCamera:
    lon, lat = roads.to_lon_lat(np.asarray(stand.view.position_m[:2]))
    wrong = rng.random() < 0.6
    offset_s = round(float(rng.uniform(-3, 3)), 3) if wrong else 0.0
    return CityCamera(
        row=row,
        name=name,
        lon_lat_deg=(float(lon), float(lat)),
        view=stand.view,
        kind=stand.kind,
        clock_offset_s=offset_s,
        lens=_optics(stand.kind, rng),
        street=stand.street,
        along_m=stand.along_m,
        node=stand.node,
        walls_m=near_walls(roads, np.asarray(stand.view.position_m[:2])),
    )


def _optics(kind: str, rng: np.random.Generator) -> Optics:
    """No two cameras show a colour alike; checkpoints have the better glass."""
    worse = 0.6 if kind == "checkpoint" else 1.0
    red, green, blue = np.exp(rng.normal(0, 1, 3) * [0.09, 0.03, 0.11])
    return Optics(
        blur_px=worse * float(rng.uniform(0.35, 1.05)),
        noise=worse * float(rng.uniform(1.5, 6.0)),
        cast=(float(red), float(green), float(blue)),
        vignette=float(rng.uniform(0.0, 0.32)),
        gamma=float(rng.uniform(0.85, 1.2)),
        exposure=float(rng.uniform(0.85, 1.2)),
    )
