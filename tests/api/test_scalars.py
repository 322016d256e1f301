"""Ids and instants survive JSON whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.schemas.scalars import Id, Instant, Span, instant_of, text_of
from core.clocks import NS, parse_utc
from core.errors import InvalidInput
from tests.builders import T0_NS, at

ids = TypeAdapter(Id)
instants = TypeAdapter(Instant)


@given(st.integers(0, (1 << 63) - 1))
def test_id_comes_back_from_json_as_it_went(an_id: int) -> None:
    sent = ids.dump_json(an_id)
    assert isinstance(json.loads(sent), str)
    assert ids.validate_json(sent) == an_id


@pytest.mark.parametrize(
    "bad", ["", "-1", "1.0", "1e3", "٣", "9" * 20, str(1 << 63), None, True, []]
)
def test_what_is_no_id_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        ids.validate_python(bad)


@given(st.integers(0, 4_102_444_800 * NS))
def test_instant_comes_back_to_the_nanosecond(at_ns: int) -> None:
    assert instant_of(text_of(at_ns)) == at_ns
    assert instants.validate_json(instants.dump_json(at_ns)) == at_ns


@pytest.mark.parametrize(
    "text", ["2026-05-04T07:55:00+08:00", "2026-05-03T23:55:00Z", "2026-05-03T23:55:00.000000Z"]
)
def test_instant_in_any_zone_is_the_same(text: str) -> None:
    assert instant_of(text) == parse_utc("2026-05-03T23:55:00Z")


@pytest.mark.parametrize(
    "bad",
    [
        *("", "yesterday", "2026-05-04T07:55:00", "2026-13-04T07:55:00Z", "9" * 50),
        *("1969-12-31T00:00:00Z", "2200-01-01T00:00:00Z", None, 1.5),
    ],
)
def test_what_is_no_instant_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        instants.validate_python(bad)


def test_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="start before end"):
        Span(start=at(10), end=T0_NS).to_core()
