"""What the finder learns from: pieces of pictures around a vehicle, plates with their corners.

Sample `row` of `seed` is always the same picture, whoever draws it and in whatever order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, I64, U8, checked
from training.declared import FINDER_HW
from training.plates.cameras import sample_taken, taken
from training.plates.designs import sample_plate
from training.plates.letters import Letters
from training.plates.mounting import mounted
from training.plates.poses import sample_corners
from training.plates.reader import laid_over
from training.plates.vehicles import Place, Scene, sample_scene

MOST_PLATES = 3
LEAST_PX = 12.0
_LEAST_INSIDE = 0.75
"""A plate cut by the border counts when so much of its area is left."""


@dataclass(frozen=True, slots=True, eq=False)
class FinderSamples:
    """`pictures` (N, 3, 192, 256) RGB; `corners` (N, 3, 4, 2) pixels, clockwise from the
    plate's own upper left, of which the first `counts` (N,) hold."""

    pictures: U8
    corners: F32
    counts: I64

    def __post_init__(self) -> None:
        checked("pictures", self.pictures, np.uint8, "N", 3, *FINDER_HW)
        checked("corners", self.corners, np.float32, len(self.pictures), MOST_PLATES, 4, 2)
        checked("counts", self.counts, np.int64, len(self.pictures))


def finder_samples(letters: Letters, seed: int, rows: Sequence[int]) -> FinderSamples:
    """The samples of these rows."""
    pictures = np.empty((len(rows), 3, *FINDER_HW), np.uint8)
    corners = np.zeros((len(rows), MOST_PLATES, 4, 2), np.float32)
    counts = np.zeros(len(rows), np.int64)
    for at, row in enumerate(rows):
        rgb, found = finder_sample(letters, np.random.default_rng((seed, row)))
        pictures[at] = rgb.transpose(2, 0, 1)
        corners[at, : len(found)] = found
        counts[at] = len(found)
    return FinderSamples(pictures, corners, counts)


def finder_sample(letters: Letters, rng: np.random.Generator) -> tuple[U8, F32]:
    """A picture (h, w, 3) and the corners (P, 4, 2) of its plates."""
    scene = sample_scene(FINDER_HW, letters, rng)
    lit = np.zeros(FINDER_HW, np.uint8)
    found = [_hung(scene, place, lit, (letters, rng)) for place in scene.places[:MOST_PLATES]]
    widest = max((place.wide_px for place in scene.places), default=60.0)
    how = sample_taken(rng, widest)
    seen = taken(scene.rgb, how, rng, lit)
    if how.enlarged != 1:
        size = (FINDER_HW[1], FINDER_HW[0])
        seen = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.uint8)
    kept = [one for one in found if one is not None]
    return seen, np.stack(kept) if kept else np.zeros((0, 4, 2), np.float32)


def _hung(
    scene: Scene, place: Place, lit: U8, tools: tuple[Letters, np.random.Generator]
) -> F32 | None:
    """Hang a plate at its place; its corners, or nothing where too little of it is to be seen."""
    letters, rng = tools
    plate = sample_plate(letters, rng, place.shares)
    hung = mounted(plate, letters, rng, int(np.clip(1.4 * place.wide_px, 20, plate.rgb.shape[1])))
    shape = plate.rgb.shape[1] / plate.rgb.shape[0]
    wide_px = place.wide_px * min(1.0, max(0.55, shape / 3.1))  # low plates are the wide ones
    if wide_px < LEAST_PX:
        wide_px = LEAST_PX
    flat = sample_corners(rng, shape, wide_px, steep=0.35)
    corners = np.asarray(flat @ place.turn.T + place.at, np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(hung.corners, corners), np.float64)
    np.maximum(lit, laid_over(scene.rgb, hung.rgba, matrix), out=lit)
    return corners if _inside(corners) >= _LEAST_INSIDE else None


def _inside(corners: F32) -> float:
    """The share of a plate's area that lies in the picture."""
    height, width = FINDER_HW
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    area, _ = cv2.intersectConvexConvex(corners, frame)
    return float(area / max(cv2.contourArea(corners), 1e-6))
