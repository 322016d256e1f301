"""Instants (int64 UTC nanoseconds), and the words people write them in."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction

from core.errors import InvalidInput

NS = 1_000_000_000
HOUR_NS = 3600 * NS
DAY_NS = 24 * HOUR_NS

Now = Callable[[], int]
"""Asks a clock: UTC nanoseconds. Passed in wherever time matters, so that tests set it."""


def system_now() -> int:
    """The machine's clock, UTC nanoseconds."""
    return time.time_ns()


def utc_of(pts: int, time_base: Fraction, first_utc_ns: int) -> int:
    """UTC nanoseconds of a picture, cut to a whole nanosecond; error never adds up."""
    return first_utc_ns + int(pts * time_base * NS)


def ns_of(seconds: float) -> int:
    """Whole nanoseconds of a duration in seconds."""
    return round(seconds * NS)


def s_of(duration_ns: int) -> float:
    """Seconds of a duration in nanoseconds."""
    return duration_ns / NS


def parse_utc(text: str) -> int:
    """UTC nanoseconds of an ISO 8601 instant; one without a zone is refused: it could be any."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"time: want ISO 8601 such as 2026-05-04T07:55:00+08:00, got {text!r}"
        ) from error
    if moment.tzinfo is None:
        raise InvalidInput(f"time: {text!r} has no zone; add Z or an offset such as +08:00")
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * NS + moment.microsecond * 1000


def format_utc(at_ns: int) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-05-04T07:55:00.000Z`."""
    whole, rest = divmod(at_ns, NS)
    moment = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{rest // 1_000_000:03d}Z"
