"""What a camera makes of a view: light, lens, haste, sensor, and the way to the disk.

H.264 is imitated, not run: its blocks of 4 by 4 come from a JPEG of the doubled picture, whose
tables are as coarse as a slow stream's, and its deblocking from a small blur. Real encoders also
predict from earlier pictures, which leaves a plate older than its car; that is not imitated.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from core.arrays import F32, U8
from training.plates.press import chosen

_GREY = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True)
class Taken:
    """How one picture is taken. Lengths are in pixels of the picture, light in shares of white."""

    gain: tuple[float, float, float]
    gamma: float
    vivid: float
    infrared: bool
    plate_gain: float
    shadow: float
    glare: float
    haze: float
    focus_px: float
    smear_px: float
    smear_angle: float
    sharpened: float
    noise: float
    enlarged: float
    jpeg: tuple[int, ...]
    video: bool


_HOURS = {"day": 0.52, "dull": 0.22, "night": 0.16, "infrared": 0.1}
_BRIGHT = {
    "day": (0.0, 0.25),
    "dull": (-0.55, 0.35),
    "night": (-1.25, 0.5),
    "infrared": (-0.3, 0.4),
}
"""Mean and spread of the logarithm of the exposure."""


def sample_taken(rng: np.random.Generator, wide_px: float) -> Taken:
    """A camera and a moment; blur stays in proportion to a plate `wide_px` wide."""
    hour = chosen(rng, _HOURS)
    middle, spread = _BRIGHT[hour]
    tint = 0.07 if rng.random() < 0.78 else 0.19
    gain = np.exp(min(rng.normal(middle, spread), 0.4) + rng.normal(0, tint, 3))
    dark = hour in ("night", "infrared")
    thrown = dark and rng.random() < 0.7
    worst = min(0.024 * wide_px, 3.2)
    hard = float(rng.beta(1.1, 2.6))  # most pictures are fair, some are at the limit of reading
    return Taken(
        gain=(float(gain[0]), float(gain[1]), float(gain[2])),
        gamma=float(np.exp(rng.normal(0, 0.25))),
        vivid=float(np.clip(rng.normal(0.95, 0.35), 0, 2.2)),
        infrared=hour == "infrared",
        plate_gain=max(1.0, float(rng.uniform(0.5, 1.35) / gain.mean())) if thrown else 1.0,
        shadow=float(rng.uniform(0.25, 0.8)) if not dark and rng.random() < 0.22 else 1.0,
        glare=float(rng.uniform(0.2, 1.1)) if rng.random() < 0.12 else 0.0,
        haze=float(rng.uniform(0.05, 0.5)) if rng.random() < 0.2 else 0.0,
        focus_px=float(0.25 + worst * hard * rng.uniform(0.2, 1)),
        smear_px=float(rng.uniform(1.5, 2 + 3 * worst)) if rng.random() < 0.3 else 0.0,
        smear_angle=float(rng.normal(0, 0.5)),
        sharpened=float(rng.uniform(0.3, 2.5)) if rng.random() < 0.4 else 0.0,
        noise=float(rng.gamma(1.3, 2.4) + (3 if dark else 0)),
        enlarged=float(rng.uniform(1.2, 2.4)) if rng.random() < 0.22 else 1.0,
        jpeg=tuple(rng.integers(24, 96, 1 + int(rng.random() < 0.3)).tolist()),
        video=bool(rng.random() < 0.35),
    )


def taken(rgb: U8, how: Taken, rng: np.random.Generator, lit: U8 | None = None) -> U8:
    """The picture as it comes out of the camera, `how.enlarged` times as large; `lit` (h, w) marks
    what throws a lamp's light back."""
    view = _in_light(rgb, how, rng, lit)
    view = _through_lens(view, how)
    if how.noise > 0.5:
        view = _grained(view, how, rng)
    seen = view.clip(0, 255).astype(np.uint8)
    if how.enlarged != 1:
        size = (round(seen.shape[1] * how.enlarged), round(seen.shape[0] * how.enlarged))
        seen = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return _kept(seen, how, rng)


def _in_light(rgb: U8, how: Taken, rng: np.random.Generator, lit: U8 | None) -> F32:
    levels = (np.arange(256, dtype=np.float32)[:, None] / 255) ** how.gamma * 255
    table = (levels * np.array(how.gain, np.float32))[None]
    view = np.asarray(cv2.LUT(rgb, table), np.float32)
    if how.plate_gain != 1 and lit is not None:
        view *= 1 + (how.plate_gain - 1) / 255 * lit[..., None].astype(np.float32)
    if how.infrared or how.vivid != 1:
        mix = rng.dirichlet((2, 2, 2)).astype(np.float32) if how.infrared else _GREY
        share = 0.0 if how.infrared else how.vivid
        matrix = np.eye(3, dtype=np.float32) * share + (1 - share) * mix[None]
        view = np.asarray(cv2.transform(view, matrix), np.float32)
    if how.shadow < 1:
        view *= _half_plane(view.shape[:2], how.shadow, rng)[..., None]
    if how.haze:
        veil = float(rng.uniform(80, 235))
        view = np.asarray(cv2.addWeighted(view, 1 - how.haze, view, 0, veil * how.haze), np.float32)
    if how.glare:
        view += _spot(view.shape[:2], how.glare * 255, rng)[..., None]
    return view


def _half_plane(hw: tuple[int, int], dark: float, rng: np.random.Generator) -> F32:
    """1 on the sunny side, `dark` on the other, with a soft or hard edge."""
    angle = rng.uniform(0, 2 * np.pi)
    down, across = np.ogrid[-0.5 : 0.5 : hw[0] * 1j, -0.5 : 0.5 : hw[1] * 1j]
    side = down * np.sin(angle) + across * np.cos(angle) - rng.uniform(-0.3, 0.3)
    share = np.clip(side * float(rng.uniform(4, 60)) + 0.5, 0, 1)
    return np.asarray(dark + (1 - dark) * share, np.float32)


def _spot(hw: tuple[int, int], strength: float, rng: np.random.Generator) -> F32:
    down, across = np.ogrid[0 : hw[0] * 1.0, 0 : hw[1] * 1.0]
    at = rng.uniform(0, 1, 2) * hw
    radius = float(rng.uniform(0.05, 0.4)) * hw[1]
    away = ((down - at[0]) ** 2 + (across - at[1]) ** 2) / radius**2
    return np.asarray(strength * np.exp(-away), np.float32)


def _through_lens(view: F32, how: Taken) -> F32:
    seen: cv2.typing.MatLike = view
    if how.focus_px > 0.3:
        seen = cv2.GaussianBlur(seen, (0, 0), how.focus_px)
    if how.smear_px > 1.5:
        seen = cv2.filter2D(seen, -1, _smear(how.smear_px, how.smear_angle))
    if how.sharpened:
        soft = cv2.GaussianBlur(seen, (0, 0), max(0.8, how.focus_px))
        seen = cv2.addWeighted(seen, 1 + how.sharpened, soft, -how.sharpened, 0)
    return np.asarray(seen, np.float32)


def _smear(length_px: float, angle: float) -> F32:
    """A straight line of that length, its ends weighted by how far they reach into a pixel."""
    side = int(np.ceil(length_px)) // 2 * 2 + 3
    kernel = np.zeros((side, side), np.float32)
    steps = np.linspace(-length_px / 2, length_px / 2, 4 * side)
    across = np.rint(side // 2 + steps * np.cos(angle)).astype(int)
    down = np.rint(side // 2 + steps * np.sin(angle)).astype(int)
    np.add.at(kernel, (down, across), 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


@lru_cache(maxsize=1)
def _noise() -> F32:
    """One large patch of a sensor's noise, partly the same in all colours and coarser there."""
    rng = np.random.default_rng(0)
    side = 1024
    fine = rng.standard_normal((side, side, 1), np.float32)
    coarse = rng.standard_normal((side // 2, side // 2, 3), np.float32)
    colour = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(fine + np.float32(0.6) * colour, np.float32)


def _grained(view: F32, how: Taken, rng: np.random.Generator) -> F32:
    """With a piece of that patch; larger pictures are laid out with it as tiles are."""
    patch = _noise()
    height, width = view.shape[:2]
    if max(height, width) > patch.shape[0]:
        patch = np.tile(patch, (-(-height // 1024), -(-width // 1024), 1))
    top, left = (int(rng.integers(0, limit + 1)) for limit in
                 (patch.shape[0] - height, patch.shape[1] - width))  # fmt: skip
    piece = patch[top : top + height, left : left + width]
    if how.infrared:
        piece = np.repeat(piece[..., :1], 3, axis=2)
    return np.asarray(cv2.addWeighted(view, 1, piece, how.noise, 0), np.float32)


def _kept(seen: U8, how: Taken, rng: np.random.Generator) -> U8:
    """Through the stream and the files that it goes through."""
    if how.video:
        seen = _streamed(seen, int(rng.integers(18, 70)))
    for quality in how.jpeg:
        seen = jpeg(seen, quality)
    return seen


def _streamed(seen: U8, quality: int) -> U8:
    height, width = seen.shape[:2]
    doubled = cv2.resize(seen, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    coarse = jpeg(np.asarray(doubled, np.uint8), quality)
    back = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(back, (3, 3), 0.45), np.uint8)


def jpeg(rgb: U8, quality: int) -> U8:
    """As after a JPEG file of that quality; colours at half resolution."""
    _, content = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
