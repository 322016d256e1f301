"""A generated clip of a still street in which something moves for a small share of the time."""

from pathlib import Path

import av
import cv2
import numpy as np

from core.arrays import U8

FPS = 15
SECONDS = 60
SIZE_HW = (360, 640)
ACTIVE_S = ((20.0, 23.0), (45.0, 48.0))
"""When a figure crosses: a tenth of the time."""


def write_quiet_clip(path: Path, *, seed: int = 1) -> None:
    """H.264 with sensor noise, 640x360 at 15 pictures a second, one minute."""
    rng = np.random.default_rng(seed)
    height, width = SIZE_HW
    blocks = rng.integers(60, 190, (9, 16, 3), np.uint8)
    ground = cv2.resize(blocks, (width, height)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23", "g": str(2 * FPS)}
        for number in range(SECONDS * FPS):
            picture = _picture(ground, number / FPS, rng)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _picture(ground: U8, at_s: float, rng: np.random.Generator) -> U8:
    picture = ground + rng.normal(0, 2, ground.shape)
    for start_s, end_s in ACTIVE_S:
        if start_s <= at_s < end_s:
            left = round((at_s - start_s) / (end_s - start_s) * SIZE_HW[1])
            picture[150:290, left : left + 50] = (40, 45, 60)
    return np.clip(picture, 0, 255).astype(np.uint8)
