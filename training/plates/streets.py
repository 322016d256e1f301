"""What both plate networks learn from beside drawn plates: vehicles in the city's own streets.

    python -m training.plates.streets --packs 12 --finder DIR --reader DIR

Drawn vehicles are seen from before or behind; these stand anywhere and head anywhere, with their
sides, glaring lamps, names and wheels, half hidden or cut by the border. The city's painter knows
where their plates hang. Pack `number` is the same whoever draws it.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.arrays import F32, U8
from core.geometry import iou
from core.plates.folding import folded
from core.plates.rectifying import rectified
from core.types import ObjectClass
from detectors.plate_windows import Window, window_around
from scenes.city import City, CityCamera, plan_city
from scenes.exposures import Exposure, staged
from scenes.hung_plates import shown_plates
from scenes.numberplates import PlateStyle
from scenes.plan import Actor, Placed
from scenes.splits import Split, rng_for
from scenes.views import View
from training.crowds import crowd
from training.declared import FINDER_HW, READER_HW
from training.plates.letters import PATH
from training.plates.packs import (
    FinderSample,
    ReaderSample,
    encoded,
    write_finder,
    write_reader,
)
from training.plates.poses import jittered_corners

SHARES: Mapping[ObjectClass, float] = {
    ObjectClass.CAR: 0.4,
    ObjectClass.VAN: 0.14,
    ObjectClass.TRUCK: 0.14,
    ObjectClass.BUS: 0.1,
    ObjectClass.EBIKE_RIDER: 0.11,
    ObjectClass.MOTORCYCLE_RIDER: 0.11,
}
_MOVERS = (3, 10)
_PURPOSE = 904
_CAMERAS, _PICTURES = 4, 60
_SECONDS = 20.0  # of a city of which no moment but these is used
_LEAST_BOX_PX = 48.0
_LEAST_VISIBILITY = 0.35
_FINDER_PX, _READER_PX = 11.0, 18.0
_WITHOUT = 0.35
"""How often a vehicle that shows no plate is taken."""
_JITTER = 0.05
_TIMES = 8
"""Each plate is made level so many times, by corners that are off otherwise: a city shows few."""
_QUALITIES = (35, 95)

_KINDS: Mapping[PlateStyle, tuple[str, str]] = {
    "blue": ("cn_blue", "blue"),
    "green": ("cn_green", "green"),
    "yellow": ("cn_yellow", "yellow"),
    "latin": ("eu", "white"),
    "motorcycle": ("cn_motorcycle", "yellow"),
    "ebike_white": ("cn_ebike", "white"),
    "ebike_green": ("cn_ebike", "green"),
}
"""Layout and colour, by the city's own style."""

Hung = tuple[F32, Placed]
"""Corners (4, 2) of a plate in a picture, and whose it is."""


@dataclass(frozen=True, slots=True)
class Street:
    """A picture of a camera and the plates that face it, whole or not."""

    rgb: U8
    exposure: Exposure
    plates: tuple[Hung, ...]
    covered: frozenset[int]
    """Places in `plates` of those that something nearer may hide."""


def streets(number: int) -> Iterator[tuple[Street, np.random.Generator]]:
    """The pictures of a pack, each with what else is to be drawn for it."""
    city = plan_city(number, split=Split.TRAIN, cameras=_CAMERAS, seconds=_SECONDS, theft=False)
    for camera in city.cameras:
        for picture in range(_PICTURES):
            rng = rng_for(number, Split.TRAIN, _PURPOSE, camera.row, picture)
            yield street(city, camera, picture, rng), rng


def street(city: City, camera: CityCamera, number: int, rng: np.random.Generator) -> Street:
    """One picture, its traffic drawn."""
    traffic = crowd(camera, rng, SHARES, _MOVERS)
    exposure = staged(city, camera.row, number, traffic)
    plates = tuple((one, placed) for placed in traffic for one in shown_plates(placed, camera.view))
    hidden = frozenset(
        place
        for place, (corners, placed) in enumerate(plates)
        if _hidden(corners, placed, exposure, traffic, camera.view)
    )
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*_QUALITIES))]
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(exposure.rgb[..., ::-1]), quality)[1]
    rgb = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB), np.uint8)
    return Street(rgb, exposure, plates, hidden)


def _hidden(
    corners: F32, placed: Placed, exposure: Exposure, traffic: Sequence[Placed], view: View
) -> bool:
    """Whether it is not sure that the plate is seen: a nearer mover's box lies over it."""
    boxes = exposure.boxes
    nearer = {
        one.actor.actor_id
        for one in traffic
        if _away(one, view) < _away(placed, view) and one.actor.actor_id != placed.actor.actor_id
    }
    over = boxes.xyxy[[actor in nearer for actor in boxes.actor.tolist()]]
    return bool((iou(_box(corners)[None], over) > 0).any())


def _away(placed: Placed, view: View) -> float:
    return float(np.hypot(*(np.array(placed.xy_m) - np.array(view.position_m[:2]))))


def _box(corners: F32) -> F32:
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


# --- samples -----------------------------------------------------------------------------------


def finder_samples(seen: Street, rng: np.random.Generator) -> Iterator[FinderSample]:
    """A window around each vehicle that is large enough, as the finder gets it."""
    boxes = seen.exposure.boxes
    sides = boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]
    worth = (np.sqrt(sides.prod(axis=1)) >= _LEAST_BOX_PX) & (boxes.visibility >= _LEAST_VISIBILITY)
    size = (seen.rgb.shape[0], seen.rgb.shape[1])
    for row in np.flatnonzero(worth).tolist():
        loose = boxes.xyxy[row] + rng.normal(0, 0.03, 4) * np.tile(sides[row], 2)
        window = window_around(0, np.asarray(loose, np.float32), size, FINDER_HW)
        found = _in_window(seen, window)
        if found is None or (not len(found) and rng.random() >= _WITHOUT):
            continue
        yield FinderSample(encoded(_piece(seen.rgb, window).transpose(2, 0, 1)), found)


def _in_window(seen: Street, window: Window) -> F32 | None:
    """The plates (P, 4, 2) in a window, in the finder's pixels; None where that is not sure."""
    scale = window.scale(FINDER_HW)
    found: list[F32] = []
    for place, (corners, _) in enumerate(seen.plates):
        inside = (corners >= (window.left, window.top)) & (corners <= (window.right, window.bottom))
        wide = float(np.linalg.norm(corners[1] - corners[0])) * scale
        if not inside.any() or wide < _FINDER_PX:
            continue
        if place in seen.covered:
            return None
        if inside.all(axis=1).sum() >= len(corners) - 1:
            found.append((corners - (window.left, window.top)) * scale)
    return np.asarray(np.stack(found), np.float32) if found else np.zeros((0, 4, 2), np.float32)


def _piece(rgb: U8, window: Window) -> U8:
    """The window at the finder's size; what it leaves empty repeats its border."""
    height, width = FINDER_HW
    scale = window.scale(FINDER_HW)
    cut = rgb[window.top : window.bottom, window.left : window.right]
    columns = min(width, max(1, round(cut.shape[1] * scale)))
    rows = min(height, max(1, round(cut.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(cut, (columns, rows), interpolation=way)
    border = (0, height - rows, 0, width - columns)
    return np.asarray(cv2.copyMakeBorder(small, *border, cv2.BORDER_REPLICATE), np.uint8)


def reader_samples(seen: Street, rng: np.random.Generator) -> Iterator[ReaderSample]:
    """Every plate that is surely seen, made level `_TIMES` by corners that are a little off."""
    visible = dict(
        zip(seen.exposure.boxes.actor.tolist(), seen.exposure.boxes.visibility, strict=True)
    )
    limits = (seen.rgb.shape[1], seen.rgb.shape[0])
    for place, (corners, placed) in enumerate(seen.plates):
        wide = float(np.linalg.norm(corners[1] - corners[0]))
        whole = bool((corners >= 0).all() and (corners < limits).all())
        shown = visible.get(placed.actor.actor_id, 0.0) >= _LEAST_VISIBILITY
        if wide < _READER_PX or place in seen.covered or not (whole and shown):
            continue
        layout, colour = _kind(placed.actor)
        for _ in range(_TIMES):
            loose = jittered_corners(corners, rng, _JITTER * float(rng.uniform(0.1, 1.6)))
            level = rectified(seen.rgb, loose, READER_HW).transpose(2, 0, 1)
            yield ReaderSample(encoded(level), folded(placed.actor.plate), layout, colour, wide)


def _kind(actor: Actor) -> tuple[str, str]:
    style = actor.vehicle.plate_style if actor.vehicle is not None else None
    if actor.cycle is not None:
        style = actor.cycle.plate_style
    if style is None:
        raise ValueError(f"{actor.identity}: a plate without a style")
    return _KINDS[style]


def write_pack(number: int, finder: Path, reader: Path) -> None:
    """Both packs of one city; the reader's comes last and says that all is there."""
    found: list[FinderSample] = []
    read: list[ReaderSample] = []
    for seen, rng in streets(number):
        found += finder_samples(seen, rng)
        read += reader_samples(seen, rng)
    write_finder(finder / f"{number:06}.npz", found)
    write_reader(reader / f"{number:06}.npz", read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--finder", type=Path, default=PATH.parent / "finder")
    parser.add_argument("--reader", type=Path, default=PATH.parent / "reader")
    parser.add_argument("--packs", type=int, default=30)
    parser.add_argument("--first", type=int, default=100_000, help="number, and a city's seed")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    for folder in (asked.finder, asked.reader):
        folder.mkdir(parents=True, exist_ok=True)
    for number in range(asked.first, asked.first + asked.packs):
        if not (asked.reader / f"{number:06}.npz").is_file():
            write_pack(number, asked.finder, asked.reader)
            print(f"{number}: drawn", flush=True)


if __name__ == "__main__":
    main()
