"""Which random numbers belong to training, to calibration and to tests: never the same ones."""

from enum import IntEnum

import numpy as np

from core.errors import InvalidInput

MAX_SEED = 2**32 - 1


class Split(IntEnum):
    """What a seed is for. The same seed in another split is another city, of other people."""

    TEST = 0
    TRAIN = 1
    CALIBRATE = 2


def rng_for(seed: int, split: Split, *path: int) -> np.random.Generator:
    """The generator of one purpose inside one city; `path` tells purposes apart.

    The split is part of the entropy, so no seed of one split draws what another's does.
    Raises `InvalidInput` for a seed out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise InvalidInput(f"seed: want 0 to {MAX_SEED}, got {seed}")
    return np.random.default_rng((int(split), seed, *path))
