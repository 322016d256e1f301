"""Cases, the people in them, what they decided, and the trajectory that follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.plates.explaining import SignMatch
from core.types.footage import Coverage
from core.types.spans import CameraSpan, TimeSpan


class Role(StrEnum):
    """What an account may do. Nobody reads footage by role alone: that takes a case."""

    ADMIN = "admin"  # accounts, cameras, settings
    OPERATOR = "operator"  # cameras and ingest
    INVESTIGATOR = "investigator"  # asks for cases and works in them
    APPROVER = "approver"  # approves or rejects cases of others
    AUDITOR = "auditor"  # reads the audit log


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in. `password_hash` is argon2id."""

    account_id: int
    name: str
    full_name: str
    organisation: str
    roles: frozenset[Role]
    password_hash: str = field(repr=False)
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A live login: only the SHA-256 of its token is kept."""

    token_sha256: str = field(repr=False)
    account_id: int
    created_ns: int
    expires_ns: int
    kind: str  # "browser" or "bearer"


class CaseState(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REJECTED = "rejected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """An authorised look back. `grants` are UTC spans per camera; `version` grows with each change.

    An `emergency` case may be read before approval, for 48 hours at most (EU AI Act 26(10)).
    `hold` keeps what lies in its grants from retention.
    """

    case_id: int
    version: int
    state: CaseState
    reference: str
    offence: str
    legal_basis: str
    purpose: str
    requester: int
    members: frozenset[int]
    approver: int | None
    opened_ns: int
    decided_ns: int | None
    expires_ns: int
    grants: tuple[CameraSpan, ...]
    emergency: bool = False
    hold: bool = False


class Verdict(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's verdict on one tracklet in one case; the newest per person counts."""

    decision_id: int
    case_id: int
    tracklet_id: int
    actor: int
    verdict: Verdict
    at_ns: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A picture of the subject, kept with the case and erased with it.

    `origin` says where it came from (`upload`, `frame`, `shot`); `vectors` holds its unit rows as
    float32 bytes by model key; `key` is the picture in the probe store.
    """

    probe_id: int
    case_id: int
    family: str
    origin: str
    created_ns: int
    key: str
    vectors: Mapping[str, bytes] = field(repr=False)
    camera_id: int | None = None
    device_ns: int | None = None
    tracklet_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlateReading:
    """What was read of a tracklet's plate: the likeliest `text` with the chance of each sign.

    `corners` are four points in pixels of the picture with `shot_id`, clockwise from the plate's
    own upper left; none where a device stated the plate and nobody saw it, and no `shot_id` where
    the picture is gone. `signs` say how it answers what was asked; none where no plate was.
    """

    plate_id: int
    text: str
    chances: tuple[float, ...]
    layout: str
    colour: str
    reads: int
    shot_id: int | None
    corners: tuple[tuple[float, float], ...] = ()
    signs: tuple[SignMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tracklet that a search brought up.

    `llr` is of appearance, None while its model has no calibration or no picture was asked for;
    `plate_llr` of the plate, None where none was asked for. They add up, and the sum ranks. What
    counts without evidence of its own (no plate was read, not among the most alike) says so in
    `notes`; `cosine` and `probe_id` are None where no probe brought it up. `transit_llr` is what
    place and time say and `probability` the chance that it is the subject by all of it together;
    both are None outside a reconstruction.
    """

    tracklet_id: int
    camera_id: int
    class_label: str
    span: TimeSpan  # UTC
    cosine: float | None
    llr: float | None
    shot_id: int  # the best one
    shot_ids: tuple[int, ...]
    probe_id: int | None  # the probe it is most like
    verdict: Verdict | None = None
    plate_llr: float | None = None
    plate: PlateReading | None = None
    notes: tuple[str, ...] = ()
    transit_llr: float | None = None
    probability: float | None = None

    @property
    def belief(self) -> float | None:
        """The sum of what is known; None where nothing is."""
        known = [llr for llr in (self.llr, self.plate_llr, self.transit_llr) if llr is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    search_id: int
    candidates: tuple[Candidate, ...]
    coverage: Coverage
    audit_seq: int


class Outcome(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is written before an answer leaves. `detail` is JSON and never holds a secret."""

    kind: str
    outcome: Outcome
    actor: int | None
    actor_name: str
    organisation: str
    case_id: int | None
    purpose: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event in its place in the log: `hash` covers the event and `previous`."""

    seq: int
    at_ns: int
    event: AuditEvent
    previous: str
    hash: str
