"""The audit log as its auditors read it."""

from typing import Any

from pydantic import Field

from api.schemas.scalars import Id, Instant, Wire
from core.types import AuditEntry, Outcome


class AuditEntryOut(Wire):
    """One event in its place; `hash` covers the event and `previous`."""

    seq: int = Field(examples=[1042])
    at: Instant
    kind: str = Field(examples=["search"])
    outcome: Outcome
    actor: Id | None
    actor_name: str = Field(examples=["lin.wei"])
    organisation: str
    case_id: Id | None
    purpose: str
    detail: dict[str, Any]
    previous: str
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryOut":
        """The entry as it goes out."""
        event = entry.event
        return cls(
            seq=entry.seq,
            at=entry.at_ns,
            kind=event.kind,
            outcome=event.outcome,
            actor=event.actor,
            actor_name=event.actor_name,
            organisation=event.organisation,
            case_id=event.case_id,
            purpose=event.purpose,
            detail=dict(event.detail),
            previous=entry.previous,
            hash=entry.hash,
        )


class AuditPage(Wire):
    """Entries by sequence number; ask again after `last` for more. `last` is null at the end."""

    entries: list[AuditEntryOut]
    last: int | None


class AuditProof(Wire):
    """The chain was followed from the first entry and holds."""

    entries: int = Field(examples=[1042])
    head: str = Field(description="Hash of the newest entry; empty for an empty log.")
