"""Plates as the command line shows them: which signs are doubtful, and why one was found."""

from core.plates.explaining import Outcome, SignMatch
from core.types import PlateReading

DOUBTFUL = 0.8
"""A sign that is less likely than this stands in brackets."""

_SAID = {
    Outcome.SUBSTITUTED: "{asked} read as {read}",
    Outcome.MISSING: "{asked} not read",
    Outcome.EXTRA: "{read} not asked",
}


def marked(reading: PlateReading) -> str:
    """The likeliest text, its doubtful signs in brackets, the layout behind it."""
    signs = (
        sign if chance >= DOUBTFUL else f"({sign})"
        for sign, chance in zip(reading.text, reading.chances, strict=True)
    )
    return f"{''.join(signs)} {reading.layout}"


def answered(reading: PlateReading) -> str:
    """What differs between the plate asked for and the reading, in order."""
    said = [_said(sign) for sign in reading.signs if sign.outcome in _SAID]
    return ", ".join(said) if said else "as asked"


def _said(sign: SignMatch) -> str:
    return _SAID[sign.outcome].format(asked=sign.asked, read=sign.read)
