"""Cities for tests, each planned once."""

from functools import lru_cache

from scenes.city import City, plan_city
from scenes.splits import Split


@lru_cache(maxsize=8)
def town(seed: int = 5, *, cameras: int = 4, seconds: float = 90, theft: bool = True) -> City:
    """A small city by day in clear weather."""
    return plan_city(
        seed,
        split=Split.TEST,
        cameras=cameras,
        seconds=seconds,
        theft=theft,
        light="day",
        weather="clear",
    )


@lru_cache(maxsize=4)
def full_town(seed: int = 1) -> City:
    """The size of the benchmark: six cameras, three minutes."""
    return plan_city(seed, split=Split.TEST)
