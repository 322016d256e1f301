"""What the audit log can hold: the kinds of events, and the shape of each one's detail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import CaseTraceError, InvalidInput
from core.types import Account, AuditEvent, Case, Outcome


class EventKind(StrEnum):
    """Everything that leaves an entry, with the line of law that asks for it.

    - Collection, alteration, consultation, disclosure and erasure, with justification, time and
      person: UK Data Protection Act 2018 s.62. Collection: `ingest_run`, `camera_changed`,
      `probe_added`. Alteration: the `*_changed` and `case_*` kinds. Consultation: `search` and
      the `read_*` kinds. Erasure: `erase`, `retention_run`, `camera_deleted`, `case_rejected`.
    - Each use with start, end, what was searched, what matched and who verified it: EU AI Act
      12(3). `search` (what was asked, and when it began), `search_answered` (when it ended, and
      the tracklets that it gave), `series` and `series_answered` (the same of several scenes),
      `trajectory_answered`, `decision` (who verified).
    - What was written down for the file: `read_report` (what it was read from), `report_made` (the
      hash of what left; also UK Data Protection Act 2018 s.62: disclosure, with time and person).
    - Prior authorisation and its refusal: EU AI Act 26(10). `case_requested`, `case_amended`,
      `case_approved`, `case_rejected`, `case_closed`, `member_added`.
    - The user, the organisation and the purpose of each access: Cal. Civ. Code 1798.90.52. On
      every entry, from the account and the case.
    - The register of call-ups (reason, content, unit and name): State Council order 799, arts
      15-16. The same entries; `read_footage`, `read_clip` and `read_proxy` are the call-ups.
    - Who tried to get in, and who looked at this log: CJIS Security Policy, AU family. `login`,
      `login_failed`, `logout`, `account_*`, `password_changed`, `audit_read`, `audit_verified`.
    """

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DISABLED = "account_disabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a name, not a password)

    CASE_REQUESTED = "case_requested"
    CASE_AMENDED = "case_amended"
    CASE_APPROVED = "case_approved"
    CASE_REJECTED = "case_rejected"
    CASE_CLOSED = "case_closed"
    MEMBER_ADDED = "member_added"
    READ_CASE = "read_case"

    SEARCH = "search"
    SEARCH_ANSWERED = "search_answered"
    READ_SEARCH = "read_search"
    READ_TRACKLETS = "read_tracklets"
    READ_SHOT = "read_shot"
    READ_FOOTAGE = "read_footage"
    READ_FRAME = "read_frame"
    READ_CLIP = "read_clip"
    READ_PROXY = "read_proxy"
    READ_PROBE = "read_probe"
    READ_COVERAGE = "read_coverage"
    READ_ACTIVITY = "read_activity"
    READ_TRAJECTORY = "read_trajectory"
    TRAJECTORY_ANSWERED = "trajectory_answered"
    SERIES = "series"
    SERIES_ANSWERED = "series_answered"
    READ_REPORT = "read_report"
    REPORT_MADE = "report_made"

    PROBE_ADDED = "probe_added"
    DECISION = "decision"

    INGEST_RUN = "ingest_run"
    READ_CAMERAS = "read_cameras"
    CAMERA_CHANGED = "camera_changed"
    CAMERA_DELETED = "camera_deleted"
    CLOCK_CORRECTED = "clock_corrected"
    ROADS_CHANGED = "roads_changed"
    MODEL_CHANGED = "model_changed"
    ERASE = "erase"
    RETENTION_RUN = "retention_run"
    BACKUP = "backup"
    AUDIT_READ = "audit_read"
    AUDIT_VERIFIED = "audit_verified"


Check = Callable[[Any], bool]

MAX_TEXT = 4000
MAX_ROWS = 100_000
# A URL's user part, an argon2 hash: what must never be written, whatever field it comes in.
_SECRET = re.compile(r"://[^/\s]*@|\$argon2")


def is_whole(value: Any) -> bool:
    """An int of 64 bits, and not a bool. No floats anywhere: their text differs by writer."""
    return type(value) is int and -(2**63) <= value < 2**63


def is_text(value: Any) -> bool:
    """Text that every database keeps as it is, and that shows no credential."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_TEXT
        and "\0" not in value
        and not _SECRET.search(value)
        and (value.isascii() or _encodable(value))
    )


def _encodable(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_flag(value: Any) -> bool:
    """A bool."""
    return isinstance(value, bool)


def are_wholes(value: Any) -> bool:
    """A list or tuple of ints."""
    return isinstance(value, list | tuple) and len(value) <= MAX_ROWS and all(map(is_whole, value))


def are_texts(value: Any) -> bool:
    """A list or tuple of texts."""
    return isinstance(value, list | tuple) and len(value) <= MAX_ROWS and all(map(is_text, value))


def are_grants(value: Any) -> bool:
    """A list or tuple of `[camera_id, start_ns, end_ns]`."""
    return (
        isinstance(value, list | tuple)
        and len(value) <= MAX_ROWS
        and all(are_wholes(row) and len(row) == 3 for row in value)
    )


_WORDS: Mapping[Check, str] = {
    is_whole: "a 64-bit whole number",
    is_text: f"text of at most {MAX_TEXT} characters without NUL or credentials",
    is_flag: "true or false",
    are_wholes: "a list of whole numbers",
    are_texts: "a list of texts",
    are_grants: "a list of [camera_id, start_ns, end_ns]",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one kind's detail. A refusal may lack any of them, but says its `reason`."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check]


_DENIAL: Mapping[str, Check] = {"reason": is_text, "why": is_text}
_WITHIN: Mapping[str, Check] = {"cameras": are_wholes, "start_ns": is_whole, "end_ns": is_whole}
_PAPER: Mapping[str, Check] = {
    "case_version": is_whole,
    "reference": is_text,
    "offence": is_text,
    "legal_basis": is_text,
    "grants": are_grants,
    "expires_ns": is_whole,
    "members": are_wholes,
    "emergency": is_flag,
    "hold": is_flag,
}


def _shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Shape:
    return Shape(required, optional or {})


def _read(
    fields: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Shape:
    """A read by the door: the case's version, and how the scope was narrowed, if it was."""
    required = {"case_version": is_whole} | dict(fields or {})
    return Shape(required, {**_WITHIN, **(optional or {})})


SHAPES: Mapping[EventKind, Shape] = {
    EventKind.LOGIN: _shape({"session": is_text}),
    EventKind.LOGIN_FAILED: _shape({"origin": is_text, "known": is_flag}),
    EventKind.LOGOUT: _shape({}),
    EventKind.ACCOUNT_CREATED: _shape(
        {"account": is_whole, "name": is_text, "roles": are_texts}, {"first": is_flag}
    ),
    EventKind.ACCOUNT_CHANGED: _shape(
        {"account": is_whole, "changed": are_texts}, {"roles": are_texts}
    ),
    EventKind.ACCOUNT_DISABLED: _shape({"account": is_whole}),
    EventKind.PASSWORD_CHANGED: _shape({"account": is_whole}),
    EventKind.CASE_REQUESTED: _shape(_PAPER),
    EventKind.CASE_AMENDED: _shape(_PAPER, {"note": is_text, "asks_again": is_flag}),
    EventKind.CASE_APPROVED: _shape({"case_version": is_whole}, {"note": is_text}),
    EventKind.CASE_REJECTED: _shape(
        {"case_version": is_whole, "note": is_text}, {"erased": is_whole}
    ),
    EventKind.CASE_CLOSED: _shape({"case_version": is_whole}, {"note": is_text}),
    EventKind.MEMBER_ADDED: _shape({"case_version": is_whole, "account": is_whole}),
    EventKind.READ_CASE: _shape({"case_version": is_whole}, {"part": is_text}),
    EventKind.SEARCH: _read(
        {
            "search_id": is_whole,
            "started_ns": is_whole,
            "probe_ids": are_wholes,
            "compared": are_texts,
            "limit": is_whole,
        },
        {"plate": is_text, "plate_pattern": is_text, "tracklet_ids": are_wholes},
    ),
    EventKind.SEARCH_ANSWERED: _shape(
        {
            "search_id": is_whole,
            "search_seq": is_whole,
            "started_ns": is_whole,
            "ended_ns": is_whole,
            "tracklet_ids": are_wholes,
            "missing_spans": is_whole,
        }
    ),
    EventKind.READ_SEARCH: _read({"search_id": is_whole, "tracklet_ids": are_wholes}),
    EventKind.READ_TRACKLETS: Shape(
        {"case_version": is_whole},
        {**_WITHIN, "tracklet_ids": are_wholes, "shot_ids": are_wholes, "families": are_texts},
    ),
    EventKind.READ_SHOT: _read({"shot_ids": are_wholes}),
    EventKind.READ_FOOTAGE: _read(),
    EventKind.READ_FRAME: _read(),
    EventKind.READ_CLIP: _read(),
    EventKind.READ_PROXY: _read(),
    EventKind.READ_PROBE: _read({"probe_id": is_whole}),
    EventKind.READ_COVERAGE: _read(),
    EventKind.READ_ACTIVITY: _read({}, {"bucket_ns": is_whole}),
    EventKind.READ_TRAJECTORY: _read({"tracklet_ids": are_wholes}),
    EventKind.TRAJECTORY_ANSWERED: _shape(
        {
            "trajectory_seq": is_whole,
            "started_ns": is_whole,
            "ended_ns": is_whole,
            "tracklet_ids": are_wholes,
            "infeasible": is_whole,
        }
    ),
    EventKind.SERIES: _shape(
        {
            "case_version": is_whole,
            "search_id": is_whole,
            "started_ns": is_whole,
            "windows": are_grants,
            "scenes": are_wholes,  # of each window the scene that it is of
            "compared": are_texts,
        }
    ),
    EventKind.SERIES_ANSWERED: _shape(
        {
            "search_id": is_whole,
            "search_seq": is_whole,
            "started_ns": is_whole,
            "ended_ns": is_whole,
            "tracklet_ids": are_wholes,
            "pairs": is_whole,
        }
    ),
    EventKind.READ_REPORT: _read(
        {"tracklet_ids": are_wholes, "probe_ids": are_wholes, "pictures": is_flag},
        {"search_id": is_whole},  # of the reconstruction that was made for it
    ),
    EventKind.REPORT_MADE: _shape(
        {
            "report_seq": is_whole,
            "content_sha256": is_text,
            "sha256": is_text,
            "bytes": is_whole,
            "format": is_text,
            "language": is_text,
            "tracklet_ids": are_wholes,
            "shot_ids": are_wholes,
            "probe_ids": are_wholes,
        },
    ),
    EventKind.PROBE_ADDED: Shape(
        {"case_version": is_whole, "probe_id": is_whole, "origin": is_text, "family": is_text},
        {
            **_WITHIN,
            "upload_sha256": is_text,
            "box": are_wholes,
            "camera": is_whole,
            "at_ns": is_whole,
            "shot_id": is_whole,
            "tracklet_id": is_whole,
        },
    ),
    EventKind.DECISION: Shape(
        {
            "case_version": is_whole,
            "decision_id": is_whole,
            "tracklet_id": is_whole,
            "verdict": is_text,
        },
        _WITHIN,
    ),
    EventKind.INGEST_RUN: _shape({"camera": is_whole, "origin": is_text}, {"writer": is_whole}),
    EventKind.READ_CAMERAS: _shape({}, {"camera": is_whole}),
    EventKind.CAMERA_CHANGED: _shape({"camera": is_whole, "changed": are_texts}, {"name": is_text}),
    EventKind.CAMERA_DELETED: _shape({"camera": is_whole}, {"name": is_text, "rows": is_whole}),
    EventKind.CLOCK_CORRECTED: _shape(
        {"camera": is_whole, "since_ns": is_whole, "offset_ns": is_whole, "sigma_ns": is_whole}
    ),
    EventKind.ROADS_CHANGED: _shape({"cameras": is_whole, "edges": is_whole}),
    EventKind.MODEL_CHANGED: _shape({"model": is_text, "sha256": is_text}, {"step": is_text}),
    EventKind.ERASE: _shape(
        {"note": is_text},
        {
            "camera": is_whole,
            "start_ns": is_whole,
            "end_ns": is_whole,
            "rows": is_whole,
            "bytes": is_whole,
        },
    ),
    EventKind.RETENTION_RUN: _shape(
        {"before_ns": is_whole},
        {
            "cameras": are_wholes,
            "rows": is_whole,
            "bytes": is_whole,
            "segments": is_whole,
            "held": is_whole,
        },
    ),
    EventKind.BACKUP: _shape({"sha256": is_text}, {"files": is_whole, "bytes": is_whole}),
    EventKind.AUDIT_READ: _shape({"after": is_whole, "limit": is_whole}, {"format": is_text}),
    EventKind.AUDIT_VERIFIED: _shape({"entries": is_whole}),
}


def check_event(event: AuditEvent) -> None:
    """`InvalidInput` names the field that does not fit the schema of the event's kind."""
    try:
        shape = SHAPES[EventKind(event.kind)]
    except ValueError as error:
        raise InvalidInput(f"kind: want one of EventKind, got {event.kind!r}") from error
    allowed = {**shape.required, **shape.optional}
    needed = set(shape.required)
    if event.outcome is Outcome.DENY:
        allowed, needed = {**allowed, **_DENIAL}, {"reason"}
    _check_fields(event, allowed, needed)
    for field in ("actor_name", "organisation", "purpose"):
        if not is_text(getattr(event, field)):
            raise InvalidInput(f"{field}: want {_WORDS[is_text]}")


def _check_fields(event: AuditEvent, allowed: Mapping[str, Check], needed: set[str]) -> None:
    if unknown := sorted(set(event.detail) - set(allowed)):
        raise InvalidInput(f"{event.kind}: no such field {unknown[0]!r}; knows {sorted(allowed)}")
    if missing := sorted(needed - set(event.detail)):
        raise InvalidInput(f"{event.kind}: want a {missing[0]!r}")
    for field, value in event.detail.items():
        if not allowed[field](value):  # the value itself may be what must not be shown
            raise InvalidInput(f"{event.kind}.{field}: want {_WORDS[allowed[field]]}")


def event_by(
    actor: Account,
    kind: EventKind,
    detail: Mapping[str, Any],
    *,
    case: Case | None = None,
    case_id: int | None = None,
) -> AuditEvent:
    """`actor` did this, for `case` and its purpose if there is one."""
    return AuditEvent(
        kind=kind,
        outcome=Outcome.ALLOW,
        actor=actor.account_id,
        actor_name=actor.name,
        organisation=actor.organisation,
        case_id=case.case_id if case else case_id,
        purpose=case.purpose if case else "",
        detail=detail,
    )


def event_of_system(kind: EventKind, detail: Mapping[str, Any]) -> AuditEvent:
    """The installation itself did this: a command at its console, retention, an ingest run."""
    return AuditEvent(kind, Outcome.ALLOW, None, "system", "", None, "", detail)


def denied(event: AuditEvent, error: CaseTraceError) -> AuditEvent:
    """The same event, refused for that reason."""
    detail = {**event.detail, "reason": error.code, "why": printable(str(error))}
    return AuditEvent(
        kind=event.kind,
        outcome=Outcome.DENY,
        actor=event.actor,
        actor_name=event.actor_name,
        organisation=event.organisation,
        case_id=event.case_id,
        purpose=event.purpose,
        detail=detail,
    )


def printable(text: str, limit: int = 1000) -> str:
    """What somebody typed, fit for the log: one line, cut, no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:limit])
