"""Readings that a test writes itself."""

import numpy as np
from hypothesis import HealthCheck, settings

from core.arrays import F32, F64
from core.plates.alphabet import ABSENT, COLUMNS, index_of

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Examples of tests that must also pass on a machine that is busy with something else."""


def reading(text: str, *, sure: float = 0.97, absent: float = 0.0) -> F32:
    """A reading (P, A) of `text`: each sign with the chance `sure`, the rest spread evenly over the
    others; every position is void with the chance `absent`."""
    chances = np.full((len(text), COLUMNS), (1 - sure) / (COLUMNS - 2))
    chances[np.arange(len(text)), index_of(text)] = sure
    chances *= 1 - absent
    chances[:, ABSENT] = absent
    return logs(chances)


def padded(rows: F32, count: int) -> F32:
    """`rows` with `count` void positions at the end."""
    void = np.full((count, COLUMNS), -np.inf, dtype=np.float32)
    void[:, ABSENT] = 0.0
    return np.concatenate([rows, void])


def logs(chances: F64) -> F32:
    with np.errstate(divide="ignore"):
        return np.log(chances).astype(np.float32)
