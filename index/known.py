"""Asking the store which ids have a row, a bounded number at a time."""

from collections.abc import Callable

import numpy as np

from core.arrays import I64, Bool

Known = Callable[[I64], Bool]
"""Which of these ids (N,) have a row, (N,)."""

_BATCH_IDS = 4096


def known_in_batches(known: Known, ids: I64) -> Bool:
    """What `known` says of all `ids`, (N,)."""
    answers = [known(ids[start : start + _BATCH_IDS]) for start in range(0, len(ids), _BATCH_IDS)]
    return np.concatenate([np.empty(0, np.bool_), *answers])
