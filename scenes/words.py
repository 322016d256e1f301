"""Names that no shop has."""

import numpy as np

_FIRST = ("Br", "Cal", "Dor", "El", "Fen", "Gal", "Hol", "Jun", "Kar", "Lum", "Mar", "Nor", "Or",
          "Pel", "Ros", "Sal", "Tor", "Ul", "Ver", "Wil")  # fmt: skip
_SECOND = ("a", "e", "i", "o", "ea", "ou", "ie")
_LAST = ("ba", "do", "lla", "mi", "na", "no", "ra", "ro", "sko", "tta", "va", "x", "zo", "nd")
_TRADES = ("Bakery", "Books", "Cafe", "Flowers", "Foods", "Hair", "Keys", "Optic", "Pharmacy",
           "Shoes", "Tailor", "Tea", "Toys", "Wine", "Bikes", "Phones")  # fmt: skip


def shop_word(rng: np.random.Generator) -> str:
    """A made-up name, often with a trade."""
    parts = (_FIRST, _SECOND, _LAST)
    name = "".join(part[int(rng.integers(len(part)))] for part in parts)
    trade = _TRADES[int(rng.integers(len(_TRADES)))]
    return f"{name} {trade}".upper() if rng.random() < 0.45 else f"{name} {trade}"
