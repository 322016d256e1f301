"""Ids and instants as JSON can carry them without loss."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from core.clocks import NS, format_utc, parse_utc
from core.errors import InvalidInput
from core.types import TimeSpan

_ID = re.compile(r"\d{1,19}", re.ASCII)
_FRACTION = re.compile(r"\.(\d{1,9})(?=[Zz+-]|$)", re.ASCII)
_LARGEST: Final = (1 << 63) - 1
# Past these the calendar of `datetime` ends; nothing of ours lies there.
_FIRST_NS: Final = 0
_LAST_NS: Final = 4_102_444_800 * NS  # 2100-01-01


class Wire(BaseModel):
    """Base of all that comes in or goes out: unknown fields are refused, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def id_of(value: Any) -> int:
    """The int64 behind a string of digits; `ValueError` otherwise."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _ID.fullmatch(value) or int(value) > _LARGEST:
        raise ValueError("want an id: a string of 1 to 19 digits")
    return int(value)


def instant_of(value: Any) -> int:
    """UTC nanoseconds of an ISO 8601 text with a zone, none of its nine digits lost."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("want an ISO 8601 instant such as 2026-05-04T07:55:00+08:00")
    fraction = _FRACTION.search(value)
    try:
        whole = parse_utc(_FRACTION.sub("", value, count=1))
    except (InvalidInput, OverflowError) as error:
        raise ValueError(str(error)) from error
    at_ns = whole + (int(fraction[1].ljust(9, "0")) if fraction else 0)
    if not _FIRST_NS <= at_ns <= _LAST_NS:
        raise ValueError(f"want an instant between 1970 and 2100, got {value!r}")
    return at_ns


def text_of(at_ns: int) -> str:
    """ISO 8601 in UTC: milliseconds, or all nine digits where there are some; `instant_of` back."""
    if at_ns % 1_000_000 == 0:
        return format_utc(at_ns)
    whole, rest = divmod(at_ns, NS)
    return f"{format_utc(whole * NS)[:-5]}.{rest:09d}Z"


Id = Annotated[
    int,
    BeforeValidator(id_of),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,19}$", "examples": ["817263549182736"]}),
]
"""An int64 key; a string in JSON, for JavaScript holds 53 bits."""

Instant = Annotated[
    int,
    BeforeValidator(instant_of),
    PlainSerializer(text_of, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-05-04T07:55:00.000Z"]}
    ),
]
"""UTC nanoseconds; ISO 8601 in JSON."""


class Span(Wire):
    """From `start` up to, and without, `end`."""

    start: Instant
    end: Instant

    @classmethod
    def of(cls, span: TimeSpan) -> "Span":
        """The span as it goes out."""
        return cls(start=span.start_ns, end=span.end_ns)

    def to_core(self) -> TimeSpan:
        """The span as it came in; `InvalidInput` if it ends before it starts."""
        if self.start >= self.end:
            wanted = f"{text_of(self.start)} to {text_of(self.end)}"
            raise InvalidInput(f"span: want start before end, got {wanted}")
        return TimeSpan(self.start, self.end)
