"""The shape of each event: nothing unknown, nothing secret, nothing that a store would change."""

from dataclasses import replace
from typing import Any

import pytest

from cases.events import (
    MAX_TEXT,
    SHAPES,
    EventKind,
    check_event,
    denied,
    event_by,
    event_of_system,
    printable,
)
from core.errors import InvalidInput, OutOfScope
from core.types import AuditEvent, Outcome
from tests.builders import account, case


def erasure(note: Any = "court order", **more: object) -> AuditEvent:
    return event_of_system(EventKind.ERASE, {"note": note, **more})


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_a_shape(kind: EventKind) -> None:
    assert kind in SHAPES


def test_an_event_that_fits_passes() -> None:
    check_event(erasure(camera=1, rows=12))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="kind"):
        check_event(replace(erasure(), kind="watch_list_hit"))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidInput, match="want a 'note'"):
        check_event(event_of_system(EventKind.ERASE, {}))


@pytest.mark.parametrize(
    "note",
    [
        "rtsp://user:canary@192.0.2.1/stream",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        "x" * (MAX_TEXT + 1),
        "nul \0 byte",
        "half a pair \ud800",
        7,
        None,
        1.5,
    ],
)
def test_text_that_shows_a_credential_or_cannot_be_kept_is_refused(note: object) -> None:
    with pytest.raises(InvalidInput, match=r"erase\.note: want text"):
        check_event(erasure(note))


@pytest.mark.parametrize("rows", [1.0, True, "1", 2**63])
def test_a_whole_number_is_neither_float_nor_flag_nor_too_long(rows: object) -> None:
    with pytest.raises(InvalidInput, match=r"erase\.rows: want a 64-bit whole number"):
        check_event(erasure(rows=rows))


def test_the_refused_value_itself_is_not_shown() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_event(erasure("rtsp://user:canary@192.0.2.1/stream"))
    assert "canary" not in str(caught.value)


def test_a_denial_may_lack_fields_but_says_its_reason() -> None:
    event = denied(event_by(account(), EventKind.SEARCH, {}, case_id=7), OutOfScope("camera 9"))
    check_event(event)
    assert (event.outcome, event.detail["reason"]) == (Outcome.DENY, "out_of_scope")


def test_a_denial_without_a_reason_is_refused() -> None:
    event = replace(event_by(account(), EventKind.SEARCH, {}), outcome=Outcome.DENY)
    with pytest.raises(InvalidInput, match="want a 'reason'"):
        check_event(event)


def test_an_event_in_a_case_names_person_organisation_and_purpose() -> None:
    event = event_by(account(3, name="ann"), EventKind.READ_CASE, {"case_version": 1}, case=case(9))
    assert (event.actor, event.actor_name, event.organisation, event.case_id, event.purpose) == (
        3,
        "ann",
        "Precinct 1",
        9,
        "find the phone's thief",
    )


def test_printable_makes_one_line_of_what_somebody_typed() -> None:
    assert printable("a\nb\0c\x1b[31m\ud800") == "a b c [31m "
