"""Fronts and rears: three bands each, lowest first, of seven cells from the right to the left.

P paint, K grille, C chrome, H head lamp, R tail lamp, I turn light, T dark plastic, B black.
"""

from collections.abc import Sequence

FRONTS: Sequence[tuple[str, str, str]] = (
    ("TTKKKTT", "PPPPPPP", "HHKKKHH"),
    ("TTTTTTT", "PPKKKPP", "HHKKKHH"),
    ("PKKKKKP", "PPPPPPP", "HHCCCHH"),
    ("TKKKKKT", "TPPPPPT", "PHHPHHP"),
    ("PPKKKPP", "KPPPPPK", "HHPPPHH"),
    ("TTTTTTT", "PKKKKKP", "HHPPPHH"),
    ("PKKKKKP", "PIPPPIP", "HHHHHHH"),
    ("TTTTTTT", "PPCKCPP", "HHCKCHH"),
    ("TKKKKKT", "PPPPPPP", "HHBBBHH"),
    ("TTKKKTT", "PHPPPHP", "PPPPPPP"),
)
REARS: Sequence[tuple[str, str, str]] = (
    ("TTTTTTT", "PPPPPPP", "RRPPPRR"),
    ("TTTTTTT", "PPPPPPP", "RRRRRRR"),
    ("PPTTTPP", "PPPPPPP", "RPPPPPR"),
    ("TTTTTTT", "PPPPPPP", "RRCCCRR"),
    ("TTTTTTT", "TTTTTTT", "RRPPPRR"),
    ("PPTTTPP", "RPPPPPR", "RPPPPPR"),
    ("TTTTTTT", "PPPPPPP", "PRPPPRP"),
    ("PPTTTPP", "PPPPPPP", "RRBBBRR"),
)
