"""What a camera of the city sees: its pictures one by one, and what is true of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from core.arrays import F32, I32, I64, U8, checked, same_length
from core.errors import InvalidInput
from scenes.backdrop import backdrop
from scenes.beams import add_glare, brightened, road_light
from scenes.canvas import darkened, over
from scenes.city import City
from scenes.lamps import lamps_m, near
from scenes.lens import Lens
from scenes.light import light_of
from scenes.movers import Mover, Movers
from scenes.ordering import far_to_near
from scenes.plan import Placed
from scenes.rain import add_mirrored, add_streaks
from scenes.splits import rng_for

FPS = 10

LEAST_VISIBILITY = 0.05
LEAST_HEIGHT_PX = 6.0
_LIT_M = 180.0  # lamps farther from the camera light nothing that it sees
_PICTURES, _GLASS = 81, 82
_STAGES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What can be seen in one picture (N,): `actor` ids, `class_id`, `xyxy` of the full extent cut
    at the border, `visibility` the share of its own pixels that is in the picture and not hidden.
    """

    actor: I64
    class_id: I32
    xyxy: F32
    visibility: F32

    def __post_init__(self) -> None:
        checked("actor", self.actor, np.int64, "N")
        checked("class_id", self.class_id, np.int32, "N")
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("visibility", self.visibility, np.float32, "N")
        same_length(
            actor=self.actor,
            class_id=self.class_id,
            xyxy=self.xyxy,
            visibility=self.visibility,
        )

    def __len__(self) -> int:
        return len(self.actor)

    @classmethod
    def none(cls) -> Self:
        """An empty picture's."""
        return cls(
            np.empty(0, np.int64),
            np.empty(0, np.int32),
            np.empty((0, 4), np.float32),
            np.empty(0, np.float32),
        )

    @property
    def height_px(self) -> F32:
        return np.asarray(self.xyxy[:, 3] - self.xyxy[:, 1], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """One picture, RGB (h, w, 3), of the instant `at_s` of its city."""

    rgb: U8
    at_s: float
    boxes: Seen


def frames(city: City, camera: int, first: int = 0, count: int | None = None) -> Iterator[Exposure]:
    """The pictures of camera row `camera` from number `first` on: `count` of them, or all.

    Picture n is the same whatever the first one was. Raises `InvalidInput` for a row or numbers
    that the city does not have.
    """
    total = round(city.seconds * FPS)
    count = total - first if count is None else count
    if not 0 <= camera < len(city.cameras):
        raise InvalidInput(f"camera: want a row below {len(city.cameras)}, got {camera}")
    if not 0 <= first <= first + count <= total:
        raise InvalidInput(f"pictures: want some of {total}, got {count} from {first} on")
    stage = _stage(city, camera)
    return (stage.exposure(number) for number in range(first, first + count))


def staged(city: City, camera: int, number: int, placed: Sequence[Placed]) -> Exposure:
    """The picture that camera row `camera` would take as number `number`, with other movers."""
    return _stage(city, camera).painted(number, list(placed))


@lru_cache(maxsize=_STAGES)
def _stage(city: City, camera: int) -> "_Stage":
    """Kept for the next call: who wants single pictures shall not pay for a backdrop each."""
    return _Stage(city, camera)


class _Stage:
    """One camera's view, with everything that does not move."""

    def __init__(self, city: City, camera: int) -> None:
        self._city, self._row = city, camera
        placed = city.cameras[camera]
        self._view = placed.view
        self._still = backdrop(city, placed)
        self._light = light = light_of(city)
        self._open = np.where(np.isinf(self._still.standing_m), 255, 0).astype(np.uint8)
        lamps = near(lamps_m(city.roads), self._view.position_m[:2], reach_m=_LIT_M)
        self._movers = Movers(self._view, self._still, light, lamps)
        glass = rng_for(city.seed, city.split, _GLASS, camera)
        self._lens = Lens(placed.lens, self._view.size_hw, glass, dark=light.dark)

    def exposure(self, number: int) -> Exposure:
        return self.painted(number, self._city.placed(number / FPS, self._row))

    def painted(self, number: int, placed: list[Placed]) -> Exposure:
        at_s = number / FPS
        rng = rng_for(self._city.seed, self._city.split, _PICTURES, self._row, number)
        movers, dark = self._movers.at(placed, at_s)
        order = self._far_to_near(movers)
        rgb = self._ground(order, dark)
        whose = np.zeros(self._view.size_hw, np.int32)
        for turn, mover in enumerate(order, start=1):
            window = mover.sprite.window
            over(rgb[window], mover.sprite.rgba)
            whose[window][mover.sprite.rgba[..., 3] > 127] = turn
        left_px = [
            int(np.count_nonzero(whose[mover.sprite.window] == turn))
            for turn, mover in enumerate(order, start=1)
        ]
        seen = _seen(order, left_px, self._view.size_hw)
        if self._light.dark:
            add_glare(rgb, order, whose, self._view, self._still.standing_m)
        if self._light.wet:
            add_streaks(rgb, rng)
        return Exposure(self._lens.expose(rgb, at_s, rng), at_s, seen)

    def _ground(self, order: list[Mover], dark: U8) -> U8:
        """The backdrop with what movers do to it."""
        rgb = darkened(self._still.rgb, dark)
        if self._light.dark:
            beam = road_light(order, self._view, self._open)
            rgb = rgb if beam is None else brightened(rgb, beam)
        if self._light.wet:
            for mover in order:
                add_mirrored(rgb, mover.sprite, self._open)
        return rgb

    def _far_to_near(self, movers: list[Mover]) -> list[Mover]:
        if not movers:
            return []
        grounds = np.stack([mover.ground for mover in movers])
        sprites = [mover.sprite for mover in movers]
        return [movers[row] for row in far_to_near(grounds, sprites, self._view.position_m[:2])]


def _seen(movers: list[Mover], left_px: list[int], size_hw: tuple[int, int]) -> Seen:
    """The truth about those that have a label and can be seen."""
    whole = np.array([size_hw[1], size_hw[0]] * 2, np.float32)
    boxes = np.array([mover.sprite.xyxy for mover in movers], np.float32).reshape(-1, 4)
    xyxy = np.clip(boxes, 0, whole)
    full = np.array([max(mover.sprite.full_px, 1.0) for mover in movers], np.float32)
    visibility = np.minimum(np.array(left_px) / full, 1).astype(np.float32)
    labelled = np.array([mover.placed.actor.labelled for mover in movers], np.bool_)
    sides = xyxy[:, 2:] - xyxy[:, :2]
    kept = labelled & (visibility >= LEAST_VISIBILITY) & (sides[:, 1] >= LEAST_HEIGHT_PX)
    kept &= sides[:, 0] >= 1
    return Seen(
        np.array([mover.placed.actor.actor_id for mover in movers], np.int64)[kept],
        np.array([int(mover.placed.actor.kind) for mover in movers], np.int32)[kept],
        xyxy[kept],
        visibility[kept],
    )
