"""Letters that need no font: the pen's, blobs for characters of China, bars for words."""

from functools import lru_cache

import numpy as np

from core.arrays import U8
from training.plates.fonts import HAN, LATIN
from training.plates.letters import HAN_CHARACTERS, Letters, field_of
from training.plates.strokes import CHARACTERS, HANDS, drawn
from training.plates.words import HEIGHT_PX

CATEGORIES = [
    "state_script",
    "state_plain",
    "slogan",
    "town",
    "dealer",
    "badge",
    "sign",
    "han_sign",
    "number",
    "brasil",
    "code",
    "month",
]


@lru_cache(maxsize=1)
def letters() -> Letters:
    """One pen for every face; enough to set any plate."""
    latin = {sign: field_of(drawn(HANDS["pen_cn"], sign, 288)) for sign in CHARACTERS}
    blob = field_of(np.pad(np.full((188, 60), 255, np.uint8), ((50, 50), (40, 44))))
    fields = {name: latin for name in [*HANDS, *(face.name for face in LATIN)]}
    han = {face.name: dict.fromkeys(HAN_CHARACTERS, blob) for face in HAN}
    return Letters(fields | han, {name: [bars()] * 40 for name in CATEGORIES})


def bars(count: int = 6) -> U8:
    """A strip that looks like a word from afar."""
    strip = np.zeros((HEIGHT_PX, 24 * count), np.uint8)
    for row in range(count):
        strip[:, 24 * row + 4 : 24 * row + 16] = 255
    return strip
