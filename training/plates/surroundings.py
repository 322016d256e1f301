"""What a plate hangs on and what stands around it: body panels, edges, shadows and stray words."""

import cv2
import numpy as np

from core.arrays import U8
from training.plates.blank import Rgb, stamp
from training.plates.letters import Letters
from training.plates.press import jittered, words

_PAINTS: tuple[Rgb, ...] = (
    (232, 232, 230), (24, 24, 28), (168, 170, 174), (92, 96, 102), (150, 22, 30), (28, 52, 120),
    (40, 90, 70), (206, 190, 150), (110, 70, 44), (230, 180, 30), (222, 110, 30), (90, 140, 190),
)  # fmt: skip
_PAINT_STEPS = np.cumsum((0.24, 0.2, 0.15, 0.1, 0.08, 0.07, 0.03, 0.03, 0.03, 0.03, 0.02))


def sample_paint(rng: np.random.Generator) -> Rgb:
    """The colour of a vehicle."""
    return jittered(rng, _PAINTS[int(np.searchsorted(_PAINT_STEPS, rng.random()))], 12)


def panel(hw: tuple[int, int], letters: Letters, rng: np.random.Generator) -> U8:
    """A piece of bumper, boot lid or grille, RGB (h, w, 3), with edges and at times words."""
    height, width = hw
    dark = rng.random() < 0.35
    paint = jittered(rng, (30, 30, 33), 8) if dark else sample_paint(rng)
    coarse = (
        np.array(paint, np.float32) + rng.normal(0, 14, (3, 3, 1)) + rng.normal(0, 3, (3, 3, 3))
    )
    smooth = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    view = np.clip(smooth, 0, 255).astype(np.uint8)
    tilt = float(rng.normal(0, 0.06))
    for _ in range(int(rng.integers(0, 5))):
        _edge(view, tilt, rng)
    if rng.random() < 0.22:
        _stray(view, letters, rng)
    return view


def _edge(view: U8, tilt: float, rng: np.random.Generator) -> None:
    """A seam, a crease or the border of another part, about level."""
    height, width = view.shape[:2]
    y = float(rng.uniform(-0.1, 1.1)) * height
    rise = tilt * width / 2
    ends = ((0, round((y - rise) * 8)), (width * 8, round((y + rise) * 8)))
    shade = jittered(rng, (28, 28, 30) if rng.random() < 0.6 else (200, 200, 200), 30)
    if rng.random() < 0.6:
        thick = max(1, round(float(rng.uniform(0.01, 0.07)) * height))
        cv2.line(view, ends[0], ends[1], shade, thick, cv2.LINE_AA, 3)
        return
    outer = 0 if y < height / 2 else height * 8
    corners = np.array([ends[0], ends[1], (width * 8, outer), (0, outer)], np.int32)
    cv2.fillPoly(view, [corners], shade, cv2.LINE_AA, 3)


def _stray(view: U8, letters: Letters, rng: np.random.Generator) -> None:
    """A badge or a sticker cut by the picture's border."""
    height, width = view.shape[:2]
    strip = words(letters, "badge" if rng.random() < 0.5 else "sign", rng)
    tall = max(3, round(float(rng.uniform(0.08, 0.2)) * height))
    wide = round(tall * strip.shape[1] / strip.shape[0])
    left = int(rng.integers(-wide // 2, width))
    top = 0 if rng.random() < 0.5 else height - tall
    stamp(view, strip, (left, top, left + wide, top + tall), jittered(rng, (190, 190, 190), 40))
