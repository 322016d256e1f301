"""What glass and sensor do to a picture: blur, shading to the corners, colour cast, noise."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import U8


@dataclass(frozen=True, slots=True)
class Optics:
    """One camera's glass and sensor.

    `blur_px` is the sigma of its softness, `noise` the standard deviation of a grey value by day
    (0 to 255), `cast` the gain of red, green and blue, `vignette` how much light the corners lose
    (0 to 1), `gamma` bends the grey scale (above 1 is darker), `exposure` is a gain.
    """

    blur_px: float = 0.5
    noise: float = 3.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignette: float = 0.15
    gamma: float = 1.0
    exposure: float = 1.0


_GRAINS = 4
_SLACK_PX = 64  # a grain is shifted by up to that each time
_DRIFT = 0.035  # of the exposure, as a camera's automatic makes it
_DARK_GAIN = 1.9  # of the noise: a dark street is amplified
_CHROMA = 0.55  # of the noise: what differs between red, green and blue


class Lens:
    """Turns what is before a camera into its picture; `rng` draws what the camera has for ever."""

    def __init__(
        self, optics: Optics, size_hw: tuple[int, int], rng: np.random.Generator, *, dark: bool
    ) -> None:
        self._optics = optics
        self._shade = _shade(optics.vignette, size_hw)
        sigma = optics.noise * (_DARK_GAIN if dark else 1.0)
        self._grains = [_grain(size_hw, sigma, rng) for _ in range(_GRAINS)]
        self._drift = rng.uniform([0, 7, 0, 1.9], [2 * np.pi, 16, 2 * np.pi, 4.5])

    def expose(self, rgb: U8, at_s: float, rng: np.random.Generator) -> U8:
        """The picture of that instant; `rng` draws its noise."""
        soft = rgb
        if self._optics.blur_px > 0.2:
            soft = np.asarray(cv2.GaussianBlur(rgb, (0, 0), self._optics.blur_px), np.uint8)
        lit = cv2.multiply(soft, self._shade, scale=1 / 255)
        toned = cv2.LUT(lit, self._tones(at_s))
        top, left = rng.integers(_SLACK_PX, size=2).tolist()
        height, width = rgb.shape[:2]
        window = slice(top, top + height), slice(left, left + width)
        more, less = self._grains[int(rng.integers(_GRAINS))]
        return np.asarray(cv2.subtract(cv2.add(toned, more[window]), less[window]), np.uint8)

    def _tones(self, at_s: float) -> U8:
        """The grey scale of each channel at that instant, (1, 256, 3)."""
        phase, period, other, quick = self._drift
        wave = np.sin(2 * np.pi * at_s / period + phase) * np.sin(2 * np.pi * at_s / quick + other)
        gain = self._optics.exposure * (1 + _DRIFT * wave)
        grey = np.linspace(0, 1, 256) ** self._optics.gamma * gain
        tones = grey[:, None] * np.asarray(self._optics.cast)
        # The brightest are rolled off: a plain cut would tint every white wall.
        rolled = np.where(tones > 0.8, 0.8 + 0.2 * np.tanh((tones - 0.8) / 0.2), tones)
        return np.asarray(rolled * 255 + 0.5, np.uint8)[None]


def _shade(vignette: float, size_hw: tuple[int, int]) -> U8:
    """What is left of the light at each pixel, 0 to 255, (h, w, 3): the fourth power of the cosine,
    near enough."""
    height, width = size_hw
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    left = 1 - vignette * ((x * x + y * y) / 2) ** 1.5
    return np.repeat(np.asarray(left * 255 + 0.5, np.uint8)[..., None], 3, axis=2)


def _grain(size_hw: tuple[int, int], sigma: float, rng: np.random.Generator) -> tuple[U8, U8]:
    """Noise (h, w, 3) as what it adds and what it takes away: both fit a byte."""
    height, width = size_hw[0] + _SLACK_PX, size_hw[1] + _SLACK_PX
    shared = rng.normal(0, sigma, (height, width, 1))
    own = rng.normal(0, sigma * _CHROMA, (height // 2 + 1, width // 2 + 1, 3))
    coarse = cv2.resize(own, (width, height), interpolation=cv2.INTER_LINEAR)
    noise = np.clip(np.rint(shared + coarse), -255, 255)
    return np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)
