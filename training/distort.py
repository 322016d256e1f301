"""What other cameras would have made of a picture: tint, softness, grain, compression, veils.

Every function gives a new RGB picture (h, w, 3) and draws from `rng` alone. The city's own cameras
differ less than real ones do; what is learnt must not hang on their colours.
"""

from functools import lru_cache

import cv2
import numpy as np

from core.arrays import U8

_GREY = (0.299, 0.587, 0.114)


def tinted(picture: U8, rng: np.random.Generator, strength: float) -> U8:
    """Another exposure, contrast, gamma and white balance, and weaker or stronger colours."""
    gamma = np.exp(rng.normal(0, 0.35 * strength))
    gain = np.exp(rng.normal(0, 0.2 * strength)) * np.exp(rng.normal(0, 0.1 * strength, 3))
    lift = rng.normal(0, 12 * strength)
    levels = (np.arange(256)[:, None] / 255) ** gamma * 255 * gain + lift
    table = np.clip(levels, 0, 255).astype(np.uint8)
    toned = np.asarray(cv2.LUT(picture, table[None]), np.uint8)
    vivid = float(np.clip(rng.normal(1, 0.3 * strength), 0, 2))
    grey = cv2.cvtColor(cv2.cvtColor(toned, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(toned, vivid, grey, 1 - vivid, 0), np.uint8)


def softened(picture: U8, rng: np.random.Generator, most_px: float) -> U8:
    """Blurred by a lens or by haste: a Gaussian, or a straight smear."""
    if rng.random() < 0.7:
        sigma = float(rng.uniform(0.3, max(most_px, 0.31)))
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    length = int(rng.integers(2, 3 + int(2 * most_px)))
    smear = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = (length - 1) / 2
    start, end = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
    cv2.line(smear, start.tolist(), end.tolist(), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, smear / max(smear.sum(), 1)), np.uint8)


@lru_cache(maxsize=4)
def _grain(side: int) -> U8:
    noise = np.random.default_rng(0).normal(128, 32, (side, side, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def grained(picture: U8, rng: np.random.Generator, most: float) -> U8:
    """With sensor noise of up to `most` grey levels; a piece of one large patch of noise."""
    height, width = picture.shape[:2]
    patch = _grain(1024)
    top, left = int(rng.integers(0, 1025 - height)), int(rng.integers(0, 1025 - width))
    share = float(rng.uniform(0, most)) / 32
    piece = patch[top : top + height, left : left + width]
    return np.asarray(cv2.addWeighted(picture, 1.0, piece, share, -128 * share), np.uint8)


def compressed(picture: U8, rng: np.random.Generator) -> U8:
    """As after a JPEG of poor quality: blocks like those of a video's."""
    quality = int(rng.integers(25, 85))
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


def shrunk(picture: U8, rng: np.random.Generator, least_px: int) -> U8:
    """As if it had been smaller: down to a height of `least_px` and up again."""
    height, width = picture.shape[:2]
    if height <= least_px:
        return picture
    small = float(np.exp(rng.uniform(np.log(least_px / height), 0)))
    size = (max(2, round(width * small)), max(2, round(height * small)))
    low = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def veiled(picture: U8, rng: np.random.Generator) -> U8:
    """With a part hidden: a bar across a side, or a block, in one colour or in noise."""
    height, width = picture.shape[:2]
    hidden = picture.copy()
    if rng.random() < 0.5:  # from an edge, as a car, a wall or a passer-by hides
        deep = float(rng.uniform(0.1, 0.4))
        along, across = (height, width) if rng.random() < 0.7 else (width, height)
        thick = max(1, int(deep * (along if along == height else across)))
        side = slice(height - thick, height) if rng.random() < 0.7 else slice(0, thick)
        area = hidden[side] if along == height else hidden[:, side.start : side.stop]
    else:
        high, wide = int(height * rng.uniform(0.1, 0.4)), int(width * rng.uniform(0.2, 0.6))
        top, left = int(rng.integers(0, height - high + 1)), int(rng.integers(0, width - wide + 1))
        area = hidden[top : top + high, left : left + wide]
    area[:] = (
        rng.integers(0, 256, 3)
        if rng.random() < 0.7
        else _grain(1024)[: area.shape[0], : area.shape[1]]
    )
    return hidden
