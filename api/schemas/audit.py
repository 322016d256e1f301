"""The audit log as its auditors read it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.scalars import Id, Instant, Wire
from core.types import AuditEntry, Outcome

_SAFE = (1 << 53) - 1
_HASH_EXAMPLE = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"


def safe(value: Any) -> Any:
    """The value with whole numbers that JavaScript would round as strings: ids, nanoseconds."""
    if isinstance(value, Mapping):
        return {key: safe(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [safe(part) for part in value]
    if isinstance(value, int) and not -_SAFE <= value <= _SAFE:
        return str(value)
    return value


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
            detail=dict(safe(event.detail)),
            previous=entry.previous,
            hash=entry.hash,
        )


class AuditPage(Wire):
    """Entries by sequence number; ask again after `last` for more. `last` is null at the end."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entries": [
                        {
                            "seq": 1042,
                            "at": "2026-05-04T02:07:31.000Z",
                            "kind": "search",
                            "outcome": "allow",
                            "actor": "4503599627370497",
                            "actor_name": "lin.wei",
                            "organisation": "Criminal investigation, district 3",
                            "case_id": "17",
                            "purpose": "Find where the thief went after 07:55",
                            "detail": {"case_version": 2, "probe_ids": [817263549183001]},
                            "previous": _HASH_EXAMPLE,
                            "hash": _HASH_EXAMPLE,
                        }
                    ],
                    "last": 1042,
                }
            ]
        }
    )

    entries: list[AuditEntryOut]
    last: int | None


class AuditProof(Wire):
    """What following the chain from its first entry showed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"holds": True, "entries": 1042, "fault": None}]}
    )

    holds: bool
    entries: int = Field(description="How many hold; 0 where one does not.", examples=[1042])
    fault: str | None = Field(
        description="The first entry that was edited, deleted or moved; null if none was.",
        examples=["audit entry 17: edited; its hash does not hold"],
    )
