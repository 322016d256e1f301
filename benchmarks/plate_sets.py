"""Real photographs of plates, split once and for all: some may guide, the others only judge."""

import hashlib
from typing import Literal

Half = Literal["guide", "test"]


def half_of(name: str) -> Half:
    """Which half a photograph belongs to, by the SHA-256 of its file name with its ending.

    `guide` may be looked at while generators are made better; `test` is for measuring alone. No
    photograph of either half is ever trained on.
    """
    digest = hashlib.sha256(name.encode()).hexdigest()
    return "guide" if int(digest, 16) % 2 == 0 else "test"
