"""The houses behind the town's walls: every wall is cut into fronts of its own look."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from core.arrays import F64, Bool
from scenes.roads import RoadGraph
from scenes.splits import Split, rng_for

_STREAM = 231
_WIDTH_M = (7.0, 14.0)
_LEAST_M = 3.5
_GROUND = Literal["shop", "home", "garage", "office"]
_STYLES = ("plaster", "brick", "stone", "modern")
_STYLE_SHARES = (0.45, 0.25, 0.15, 0.15)
_GROUNDS: tuple[_GROUND, ...] = ("shop", "home", "garage", "office")
_TALLER = (-1, 0, 0, 0, 1)  # than the houses beside it, by storeys
_GROUND_SHARES = (0.48, 0.32, 0.08, 0.12)


@dataclass(frozen=True)
class House:
    """One front: from `start_m` to `end_m` along its wall, the street on the right.

    `seed` is what its look is drawn from; the same for whoever looks at it.
    """

    start_m: tuple[float, float]
    end_m: tuple[float, float]
    storeys: int
    ground_m: float
    storey_m: float
    style: str
    ground: _GROUND
    seed: tuple[int, ...]

    @cached_property
    def width_m(self) -> float:
        return float(np.hypot(self.end_m[0] - self.start_m[0], self.end_m[1] - self.start_m[1]))

    @property
    def height_m(self) -> float:
        return self.ground_m + self.storey_m * (self.storeys - 1) + 0.7

    @cached_property
    def along(self) -> F64:
        """Unit vector of the front, (2,)."""
        step = np.asarray(self.end_m, np.float64) - np.asarray(self.start_m)
        return np.asarray(step / self.width_m)

    @cached_property
    def outward(self) -> F64:
        """Unit vector out of the front to the street, (2,)."""
        along = self.along
        return np.array([along[1], -along[0]])

    def at(self, along_m: float, height_m: float, out_m: float = 0.0) -> tuple[float, float, float]:
        """A point of the front, or `out_m` before it."""
        xy = np.asarray(self.start_m) + along_m * self.along + out_m * self.outward
        return float(xy[0]), float(xy[1]), height_m

    def quad_m(self, low_m: float = 0.0, high_m: float | None = None) -> F64:
        """Its corners (4, 3): both feet, then both eaves."""
        top = self.height_m if high_m is None else high_m
        feet = np.array([self.start_m, self.end_m])
        low, high = (np.insert(feet, 2, level, axis=1) for level in (low_m, top))
        return np.concatenate([low, high[::-1]])

    def faces(self, eye_m: tuple[float, float, float]) -> bool:
        """Whether the front is seen from there."""
        return bool((np.asarray(eye_m[:2]) - np.asarray(self.start_m)) @ self.outward > 0.05)


def houses_near(
    roads: RoadGraph, seed: tuple[int, Split], eye_m: tuple[float, float], *, reach_m: float
) -> list[House]:
    """All fronts within about `reach_m` of a place, whichever way they look."""
    walls = roads.walls_m()
    rows = np.flatnonzero(_near(walls, np.asarray(eye_m), reach_m))
    return [house for row in rows.tolist() for house in _houses(walls[row], row, seed)]


def _near(walls: F64, eye: F64, reach_m: float) -> Bool:
    step = walls[:, 1] - walls[:, 0]
    length_sq = np.maximum((step**2).sum(axis=1), 1e-9)
    share = np.clip(((eye - walls[:, 0]) * step).sum(axis=1) / length_sq, 0, 1)
    away = np.linalg.norm(walls[:, 0] + share[:, None] * step - eye, axis=1)
    return np.asarray(away < reach_m, np.bool_)


def _houses(wall: F64, row: int, seed: tuple[int, Split]) -> list[House]:
    length = float(np.linalg.norm(wall[1] - wall[0]))
    if length < 0.3:
        return []
    rng = rng_for(*seed, _STREAM, row)
    storeys = int(rng.choice([3, 4, 5], p=[0.5, 0.35, 0.15]))
    cuts = [0.0]
    while length - cuts[-1] > _WIDTH_M[1]:
        cuts.append(cuts[-1] + float(rng.uniform(*_WIDTH_M)))
    if length - cuts[-1] < _LEAST_M and len(cuts) > 1:
        cuts.pop()
    cuts.append(length)
    along = (wall[1] - wall[0]) / length
    made = []
    for place, (low, high) in enumerate(pairwise(cuts)):
        start, end = wall[0] + along * low, wall[0] + along * high
        made.append(_house(start, end, storeys, (int(seed[1]), seed[0], _STREAM, row, place)))
    return made


def _house(start: F64, end: F64, storeys: int, seed: tuple[int, ...]) -> House:
    rng = np.random.default_rng(seed)
    style = _STYLES[_drawn(_STYLE_SHARES, float(rng.random()))]
    ground = _GROUNDS[_drawn(_GROUND_SHARES, float(rng.random()))]
    if style == "modern" and ground == "home":
        ground = "office"
    if np.linalg.norm(end - start) < 5.0 and ground != "home":
        ground = "shop"
    return House(
        start_m=(float(start[0]), float(start[1])),
        end_m=(float(end[0]), float(end[1])),
        storeys=storeys + _TALLER[int(rng.integers(len(_TALLER)))],
        ground_m=float(rng.uniform(3.5, 4.2)),
        storey_m=float(rng.uniform(2.9, 3.3)),
        style=style,
        ground=ground,
        seed=seed,
    )


def _drawn(shares: tuple[float, ...], draw: float) -> int:
    """Which of several shares a number from 0 to 1 falls into."""
    return min(int(np.searchsorted(np.cumsum(shares), draw, side="right")), len(shares) - 1)
