"""What the reader learns from: plates cut out of a camera's picture and made level.

Sample `row` of `seed` is always the same picture, whoever draws it and in whatever order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, U8, checked
from core.plates.rectifying import rectified
from training.declared import READER_HW
from training.plates.cameras import sample_taken, taken
from training.plates.designs import SHARES, Plate, sample_plate
from training.plates.letters import Letters
from training.plates.mounting import mounted
from training.plates.poses import jittered_corners, sample_corners, upright_box
from training.plates.surroundings import panel

SHOTS = 3
"""Rows that follow each other show one plate so many times, each time hung and taken anew."""

_WIDTHS_PX = (12.0, 34.0, 200.0)
_TINY = 0.13
"""How often a plate is narrower than the middle of these: hardly to be read, but a reader must know
its own doubt."""
_BOXED = 0.33
"""How often only the level box around the plate is known, not its corners."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is drawn how often: layouts by `shares`, `tiny` plates, `boxed` ones, and those of which
    somebody `cut` the box out; how much further boxed ones are `rolled`, as by a hand."""

    shares: Mapping[str, float]
    tiny: float = _TINY
    boxed: float = _BOXED
    cut: float = 0.4
    rolled: float = 1.0


_ABROAD = {name: share for name, share in SHARES.items() if not name.startswith("cn_blue")}
COURSES: Mapping[str, Course] = {
    "all": Course(SHARES),
    "chinese": Course({**_ABROAD, "cn_blue": 1.3}, tiny=0.04, boxed=0.6, cut=0.7, rolled=2.0),
}
"""`chinese` is for going on with what was learnt from `all`: a reader meets each of 31 provinces
seldom, and tells them apart only where they are large enough to be read."""

_STEEP = 2.2
"""How much further such plates are turned at most: nobody has made them level."""
_STAMP_PX = ((22, 44), (84, 140))
"""Heights and widths that such pictures are kept at, whatever their shape was."""
_SHRUNK = (
    (cv2.INTER_AREA, 0.34),
    (cv2.INTER_LINEAR, 0.4),
    (cv2.INTER_CUBIC, 0.16),
    (cv2.INTER_NEAREST, 0.1),
)
"""How, and how often so: most programs skip pixels, and strokes of a province with them."""
_LOOSE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class ReaderSamples:
    """`pictures` (N, 3, 48, 160) RGB, and of each its text, layout, colour and width in the
    camera's picture, `wide_px` (N,)."""

    pictures: U8
    texts: tuple[str, ...]
    layouts: tuple[str, ...]
    colours: tuple[str, ...]
    wide_px: F32

    def __post_init__(self) -> None:
        checked("pictures", self.pictures, np.uint8, "N", 3, *READER_HW)
        checked("wide_px", self.wide_px, np.float32, len(self.texts))


def reader_samples(
    letters: Letters, seed: int, rows: Sequence[int], course: Course = COURSES["all"]
) -> ReaderSamples:
    """The samples of these rows."""
    drawn: list[tuple[U8, Plate, float]] = []
    number, plate = -1, None
    for row in rows:
        if plate is None or number != row // SHOTS:
            number = row // SHOTS
            plate = sample_plate(letters, np.random.default_rng((seed, number, 0)), course.shares)
        rng = np.random.default_rng((seed, row, 1))
        drawn.append(reader_sample(plate, letters, rng, course))
    return _stacked(drawn)


def _stacked(drawn: Sequence[tuple[U8, Plate, float]]) -> ReaderSamples:
    pictures = np.empty((len(drawn), 3, *READER_HW), np.uint8)
    for row, (rgb, _, _) in enumerate(drawn):
        pictures[row] = rgb.transpose(2, 0, 1)
    plates = [plate for _, plate, _ in drawn]
    return ReaderSamples(
        pictures,
        tuple(plate.text for plate in plates),
        tuple(plate.layout for plate in plates),
        tuple(plate.colour for plate in plates),
        np.array([wide for _, _, wide in drawn], np.float32),
    )


def reader_sample(
    plate: Plate,
    letters: Letters,
    rng: np.random.Generator,
    course: Course = COURSES["all"],
) -> tuple[U8, Plate, float]:
    """A rectified picture (h, w, 3), the plate, and how wide it was in the camera's picture."""
    low, middle, high = np.log(_WIDTHS_PX).tolist()
    span = (low, middle) if rng.random() < course.tiny else (middle, high)
    wide_px = float(np.exp(rng.uniform(*span)))
    boxed = rng.random() < course.boxed
    steep = float(rng.uniform(1, _STEEP)) if boxed else 1.0
    rolled = course.rolled if boxed else 1.0
    picture, corners = photographed(plate, letters, rng, wide_px, steep=steep, rolled=rolled)
    if boxed:
        corners = upright_box(corners)
    corners = jittered_corners(corners, rng, _LOOSE * float(rng.uniform(0.1, 1.6)))
    if boxed and rng.random() < course.cut:
        picture, corners = _cut_out(picture, upright_box(corners), rng)
    return rectified(picture, corners, READER_HW), plate, wide_px


def _cut_out(picture: U8, box: F32, rng: np.random.Generator) -> tuple[U8, F32]:
    """What lies in the box alone, mostly shrunk to a size without regard to its shape."""
    limits = np.array([picture.shape[1], picture.shape[0]])
    left, top = np.clip(np.floor(box[0]), 0, limits - 2).astype(int).tolist()
    right, bottom = np.clip(np.ceil(box[2]), (left + 2, top + 2), limits).astype(int).tolist()
    cut = picture[top:bottom, left:right]
    if rng.random() < 0.7:
        high, wide = (int(rng.integers(*span)) for span in _STAMP_PX)
        ways, shares = zip(*_SHRUNK, strict=True)
        way = int(rng.choice(ways, p=shares)) if cut.shape[1] > wide else cv2.INTER_LINEAR
        cut = np.asarray(cv2.resize(cut, (wide, high), interpolation=way), np.uint8)
    whole = np.array([[0, 0], [cut.shape[1], cut.shape[0]]], np.float32)
    return cut, upright_box(whole)


def photographed(
    plate: Plate,
    letters: Letters,
    rng: np.random.Generator,
    wide_px: float,
    *,
    steep: float = 1.0,
    rolled: float = 1.0,
) -> tuple[U8, F32]:
    """The camera's picture (h, w, 3) of a plate on its vehicle, and its corners (4, 2) there."""
    drawn_px = int(np.clip(1.3 * wide_px, 24, plate.rgb.shape[1]))
    hung = mounted(plate, letters, rng, drawn_px)
    shape = plate.rgb.shape[1] / plate.rgb.shape[0]
    corners = sample_corners(rng, shape, wide_px, steep=steep, rolled=rolled)
    low, high = corners.min(axis=0), corners.max(axis=0)
    around = np.array([0.1, 0.22]) * (high - low) + 3
    corners = np.asarray(corners - low + around, np.float32)
    width, height = np.ceil(high - low + 2 * around).astype(int).tolist()
    view = panel((height, width), letters, rng)
    matrix = cv2.getPerspectiveTransform(hung.corners, corners)
    lit = laid_over(view, hung.rgba, np.asarray(matrix, np.float64))
    how = sample_taken(rng, wide_px)
    return taken(view, how, rng, lit), np.asarray(corners * how.enlarged, np.float32)


def laid_over(view: U8, rgba: U8, matrix: F64) -> U8:
    """Lay `rgba`, warped by `matrix`, over `view` in place; gives its cover (h, w)."""
    size = (view.shape[1], view.shape[0])
    warped = cv2.warpPerspective(rgba, matrix, size, flags=cv2.INTER_LINEAR)
    cover = np.ascontiguousarray(warped[..., 3])
    share = cover * np.float32(1 / 255)
    view[:] = cv2.blendLinear(view, np.ascontiguousarray(warped[..., :3]), 1 - share, share)
    return np.asarray(cover, np.uint8)
