"""The part of a case that a request asks for: some cameras, a span of UTC, or both."""

from typing import Annotated

from fastapi import Depends, Query

from api.schemas.scalars import Id, Instant, Span
from cases.authority import Narrowing
from core.errors import InvalidInput


def _narrowing(
    camera_id: Annotated[
        list[Id] | None, Query(max_length=500, description="Of these cameras; else of all granted.")
    ] = None,
    start: Annotated[Instant | None, Query(description="UTC; give `end` too.")] = None,
    end: Annotated[Instant | None, Query(description="UTC, not included.")] = None,
) -> Narrowing:
    if (start is None) != (end is None):
        raise InvalidInput("span: want start and end, got one of them")
    span = None if start is None or end is None else Span(start=start, end=end).to_core()
    return Narrowing(tuple(camera_id or ()), span)


Within = Annotated[Narrowing, Depends(_narrowing)]
"""From the query `camera_id`, `start` and `end`; nothing given means all that the case grants."""
