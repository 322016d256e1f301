"""Where things stand along the streets: at the kerb, clear of zebras and of cameras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.arrays import F64
from scenes import furniture
from scenes.city import City
from scenes.furniture import Standing
from scenes.greenery import Tree, tree
from scenes.houses import House
from scenes.lamps import lamps_m
from scenes.light import LAMP_HEIGHT_M
from scenes.roads import ZEBRA_M, RoadGraph
from scenes.shapes import Figure
from scenes.shopfronts import hangings
from scenes.splits import rng_for
from scenes.streetpaint import STOP_M, corner_kerbs
from scenes.views import View

REACH_M = 85.0
_STREAM, _CORNERS = 241, 242
_ASIDE_M = 0.38  # from the kerb
_CLEAR_M = 4.0  # around a camera's pole
_TREE_CLEAR_M = 12.5
_BULKY_CLEAR_M = 7.5
_POLE_CLEAR_M = 8.0
_HUNG_CLEAR_M = 9.0
_STEP_M = 4.2
_BOLLARD_M = 1.5
_MARGIN_M = 9.0


@dataclass(frozen=True, eq=False)
class Streetscape:
    """All that stands before a camera."""

    view: View
    things: list[Standing] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)

    def shows(self, xy_m: F64) -> bool:
        """Whether something at a place can be in the picture, with its shadow."""
        offset = xy_m - np.asarray(self.view.position_m[:2])
        cos, sin = np.cos(self.view.heading_rad), np.sin(self.view.heading_rad)
        ahead, across = float(offset @ [cos, sin]), abs(float(offset @ [-sin, cos]))
        slope = self.view.size_hw[1] / 2 / self.view.focal_px / np.cos(self.view.tilt_rad)
        return ahead > -_MARGIN_M and across < 1.2 * slope * max(ahead, 0.0) + _MARGIN_M


def streetscape(city: City, view: View, houses: Sequence[House] = (), *, lit: bool) -> Streetscape:
    """Everything that `view` can see, or whose shadow it can see; a thing looks the same to all.

    What hangs from `houses` is among it.
    """
    roads, eye = city.roads, np.asarray(view.position_m[:2])
    cameras = np.array([camera.view.position_m[:2] for camera in city.cameras])
    made = Streetscape(view)
    middle = roads.nodes_m[roads.edges].mean(axis=1)
    away = np.linalg.norm(middle - eye, axis=1) - roads.length_m / 2
    lamps = lamps_m(roads)
    for edge in np.flatnonzero(away < REACH_M).tolist():
        _street(made, city, edge, (cameras, lamps))
    for node in np.flatnonzero(np.linalg.norm(roads.nodes_m - eye, axis=1) < REACH_M).tolist():
        _corners(made, roads, node, cameras)
    _lamps(made, city, lamps, lit=lit)
    _other_cameras(made, city, eye)
    for house in houses:
        away = float(np.linalg.norm(np.asarray(house.start_m) - eye))
        if away < REACH_M and house.faces(view.position_m):
            hung = [one for one in hangings(house, lit=lit) if made.shows(one.xy_m)]
            reach = [np.linalg.norm(one.xy_m - eye) for one in hung]
            made.things.extend(
                one for one, far in zip(hung, reach, strict=True) if _HUNG_CLEAR_M < far < REACH_M
            )
    return made


def _free(xy_m: F64, cameras: F64, clear_m: float) -> bool:
    return bool(np.linalg.norm(cameras - xy_m, axis=1).min() > clear_m)


def _street(made: Streetscape, city: City, edge: int, taken: tuple[F64, F64]) -> None:
    """Trees and furniture in a row along both kerbs, and the signals before the zebras."""
    roads = city.roads
    rng = rng_for(city.seed, city.split, _STREAM, edge)
    low = float(roads.setback_m[edge, 0]) + ZEBRA_M
    high = float(roads.length_m[edge] - roads.setback_m[edge, 1]) - ZEBRA_M
    half = float(roads.half_width_m[edge]) + _ASIDE_M
    green = rng.random() < 0.55
    cameras, lamps = taken
    for side in (-1, 1):
        for at in np.arange(low + 5.0, high - 5.0, _STEP_M).tolist():
            own, spot = rng.spawn(1)[0], roads.at(edge, at, side * half)
            if np.linalg.norm(lamps - spot, axis=1).min() > 1.8:
                _spot(made, own, (spot, _heading(roads, edge, side)), cameras, green=green)
    for end, at in ((0, low + STOP_M + 0.2), (1, high - STOP_M - 0.2)):
        side = 1 if end == 0 else -1
        spot = roads.at(edge, at, side * half)
        if made.shows(spot) and _free(spot, cameras, _POLE_CLEAR_M):
            ahead = float(np.arctan2(*roads.along[edge][::-1])) + (0.0 if end == 0 else np.pi)
            _stand(made, furniture.signal(), spot, ahead)


def _heading(roads: RoadGraph, edge: int, side: int) -> float:
    """Towards the middle of the street."""
    return float(np.arctan2(*(-side * roads.left[edge])[::-1]))


def _stand(made: Streetscape, figure: Figure, spot: F64, heading_rad: float) -> None:
    placed = figure.moved((float(spot[0]), float(spot[1]), 0.0), heading_rad)
    made.things.append(Standing(placed, np.asarray(spot)))


def _spot(
    made: Streetscape,
    rng: np.random.Generator,
    place: tuple[F64, float],
    cameras: F64,
    *,
    green: bool,
) -> None:
    """Something or, mostly, nothing at one place of the row."""
    spot, heading = place
    draw = float(rng.random())
    if not made.shows(spot):
        return
    if green and draw < 0.3:
        if _free(spot, cameras, _TREE_CLEAR_M):
            made.trees.append(tree(spot, rng))
        return
    if not _free(spot, cameras, _BULKY_CLEAR_M):
        return
    kinds: tuple[tuple[float, Callable[[], Figure]], ...] = (
        (0.36, lambda: furniture.litter_bin(rng)),
        (0.42, lambda: furniture.bench(rng)),
        (0.48, lambda: furniture.planter(rng)),
        (0.53, lambda: furniture.sign(rng)),
        (0.57, lambda: furniture.cabinet(rng)),
        (0.60, lambda: furniture.post_box(rng)),
        (0.68, furniture.cycle_stand),
    )
    for upto, make in kinds:
        if 0.3 <= draw < upto:
            _stand(made, make(), spot, heading)
            return


def _corners(made: Streetscape, roads: RoadGraph, node: int, cameras: F64) -> None:
    """Bollards around the junction's corners."""
    for line in corner_kerbs(roads, node):
        step = np.gradient(line, axis=0)
        step = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
        behind = line + 0.5 * np.column_stack([step[:, 1], -step[:, 0]])
        length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(behind, axis=0), axis=1))]
        for at in np.arange(0.6, length[-1] - 0.5, _BOLLARD_M):
            spot = np.array([np.interp(at, length, behind[:, axis]) for axis in (0, 1)])
            if made.shows(spot) and _free(spot, cameras, _CLEAR_M):
                _stand(made, furniture.bollard(), spot, 0.0)


def _lamps(made: Streetscape, city: City, feet: F64, *, lit: bool) -> None:
    eye = np.asarray(made.view.position_m[:2])
    cameras = np.array([camera.view.position_m[:2] for camera in city.cameras])
    for foot in feet[np.linalg.norm(feet - eye, axis=1) < REACH_M]:
        if made.shows(foot) and _free(foot, cameras, _POLE_CLEAR_M):
            _stand(made, furniture.lamp(LAMP_HEIGHT_M, lit=lit), foot, _to_road(city.roads, foot))


def _to_road(roads: RoadGraph, foot: F64) -> float:
    """From a lamp's foot to the middle of its street."""
    start = roads.nodes_m[roads.edges[:, 0]]
    ahead = ((foot - start) * roads.along).sum(axis=1)
    aside = ((foot - start) * roads.left).sum(axis=1)
    inside = (ahead > 0) & (ahead < roads.length_m)
    edge = int(np.argmin(np.where(inside, np.abs(aside), np.inf)))
    return _heading(roads, edge, 1 if aside[edge] > 0 else -1)


def _other_cameras(made: Streetscape, city: City, eye: F64) -> None:
    for camera in city.cameras:
        x, y, height = camera.view.position_m
        spot = np.array([x, y])
        if _CLEAR_M < np.linalg.norm(spot - eye) < REACH_M:
            _stand(made, furniture.camera_pole(height), spot, camera.view.heading_rad)
