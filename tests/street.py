"""A street of coloured shapes with ground truth, for tests that want the whole way and no model.

Persons are upright two-coloured boxes, cars lying ones; they cross each camera's view from side
to side. One subject passes every camera in turn; others share one of its two colours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from core.arrays import U8
from core.errors import InvalidInput

FPS = 10
SIZE_HW = (360, 640)
SECONDS = 40
MAX_SEED = 2**32 - 1
_PERSON_HW = (80, 34)  # four lanes that never touch: what touches is one shape to the fake
_CAR_HW = (56, 120)
_NOISES = 7
_STEP_DEG = 0.0012  # between neighbouring cameras, about 130 m at the equator

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

PALETTE: tuple[Colour, ...] = (
    (220, 30, 30),
    (30, 170, 40),
    (40, 60, 220),
    (230, 200, 20),
    (200, 40, 200),
    (20, 190, 200),
    (240, 120, 20),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what crosses: upper and lower colour, and how large."""

    name: str
    upper: Colour
    lower: Colour
    size_hw: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Crossing:
    """One subject crossing one camera's view; `speed_px_s` negative goes to the left."""

    subject: Subject
    camera: int
    start_s: float
    speed_px_s: float
    floor_px: int

    def box(self, at_s: float) -> Box | None:
        """Where it is (xyxy, pixels, cut at the border), or None while out of view."""
        height, width = self.subject.size_hw
        travelled = (at_s - self.start_s) * self.speed_px_s
        left = travelled - width if self.speed_px_s > 0 else SIZE_HW[1] + travelled
        box = (max(left, 0.0), float(self.floor_px - height), left + width, float(self.floor_px))
        inside = at_s >= self.start_s and left + width > 2 and left < SIZE_HW[1] - 2
        return (*box[:2], min(box[2], float(SIZE_HW[1])), box[3]) if inside else None

    @property
    def middle_s(self) -> float:
        """When it is in the middle of the view."""
        return self.start_s + (SIZE_HW[1] / 2 + self.subject.size_hw[1] / 2) / abs(self.speed_px_s)


@dataclass(frozen=True, slots=True)
class Street:
    """Cameras in a row and who crosses them when; seconds from the start of the clips."""

    seed: int
    names: tuple[str, ...]
    lon_lat_deg: tuple[tuple[float, float], ...]
    crossings: tuple[Crossing, ...]
    wanted: Subject
    seconds: int = SECONDS

    def truth(self) -> list[Crossing]:
        """The wanted subject's crossings, by time."""
        mine = [one for one in self.crossings if one.subject == self.wanted]
        return sorted(mine, key=lambda one: one.start_s)


def plan_street(seed: int, *, cameras: int = 3) -> Street:
    """A street for a seed; the same seed gives the same street."""
    if not 0 <= seed <= MAX_SEED:
        raise InvalidInput(f"seed: want 0 to {MAX_SEED}, got {seed}")
    if not 2 <= cameras <= 3:
        raise InvalidInput(f"cameras: want 2 or 3, got {cameras}")
    rng = np.random.default_rng(seed)
    upper, lower, *others = (PALETTE[i] for i in rng.permutation(len(PALETTE)))
    wanted = Subject("wanted", upper, lower, _PERSON_HW)
    alike = Subject("same coat", upper, others[0], _PERSON_HW)
    also = Subject("same trousers", others[1], lower, _PERSON_HW)
    car = Subject("car", others[2], others[2], _CAR_HW)
    crossings = []
    for camera in range(cameras):
        crossings.append(_crossing(rng, wanted, camera, 3 + 12 * camera, floor_px=284))
        crossings.append(_crossing(rng, alike, camera, 1 + 7 * ((camera + 1) % cameras), 190))
        crossings.append(_crossing(rng, also, camera, 14 + 5 * ((camera + 2) % cameras), 96))
        crossings.append(_crossing(rng, car, camera, 6 + 8 * camera, floor_px=354))
    names = tuple(f"street {letter}" for letter in "ABC"[:cameras])
    places = tuple((116.0 + _STEP_DEG * row, 39.9) for row in range(cameras))
    return Street(seed, names, places, tuple(crossings), wanted)


def _crossing(
    rng: np.random.Generator, subject: Subject, camera: int, start_s: float, floor_px: int
) -> Crossing:
    speed = float(rng.uniform(70, 90)) * (1 if rng.random() < 0.5 else -1)
    return Crossing(subject, camera, start_s + float(rng.uniform(0, 1)), speed, floor_px)


def pictures(street: Street, camera: int) -> Iterator[U8]:
    """The pictures of one camera, RGB (360, 640, 3), `FPS` a second."""
    rng = np.random.default_rng((street.seed, camera))
    ground = _ground(rng)
    noise = rng.integers(0, 7, (_NOISES, *ground.shape), np.uint8)  # drawing it costs more than all
    mine = sorted(
        (one for one in street.crossings if one.camera == camera), key=lambda one: one.floor_px
    )
    for number in range(street.seconds * FPS):
        picture = ground.copy()
        for crossing in mine:
            box = crossing.box(number / FPS)
            if box is not None:
                _paint(picture, crossing.subject, box)
        yield cv2.add(picture, noise[number % len(noise)]).astype(np.uint8)


def _ground(rng: np.random.Generator) -> U8:
    """Dull asphalt and walls, so that only subjects are colourful."""
    height, width = SIZE_HW
    ground = np.full((height, width, 3), 105, np.uint8)
    ground[: height // 3] = 150
    for _ in range(12):
        left, top = int(rng.integers(0, width - 60)), int(rng.integers(0, height // 3 - 30))
        cv2.rectangle(ground, (left, top), (left + 40, top + 28), (125, 125, 128), -1)
    return cv2.GaussianBlur(ground, (5, 5), 0).astype(np.uint8)


def _paint(picture: U8, subject: Subject, box: Box) -> None:
    left, top, right, bottom = (round(side) for side in box)
    waist = top + (bottom - top) * 55 // 100
    picture[top:waist, left:right] = subject.upper
    picture[waist:bottom, left:right] = subject.lower


def render(street: Street, camera: int, path: Path) -> None:
    """Write one camera's clip as H.264 MP4, `FPS` pictures a second, a keyframe each second."""
    height, width = SIZE_HW
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.options = {"preset": "veryfast", "crf": "23", "g": str(FPS)}
        for picture in pictures(street, camera):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
