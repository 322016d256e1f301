"""The audit log: one hash chain over everything that was done, or tried and refused."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cases.events import EventKind, check_event, denied, event_by
from core.clocks import Now
from core.errors import Forbidden, InvalidInput, StorageCorrupt
from core.protocols import AuditRows
from core.types import Account, AuditEntry, AuditEvent, Role

FORMAT = "casetrace-audit-1"
GENESIS = "0" * 64
_BATCH = 1000


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8. As RFC 8785 for what we keep.

    (Its keys are ASCII and it has no floats, which is where the two could differ.)
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def hash_of(seq: int, at_ns: int, event: AuditEvent, previous: str) -> str:
    """SHA-256, in hex, over all of an entry and the hash of the one before it."""
    return hashlib.sha256(
        canonical(
            {
                "format": FORMAT,
                "seq": seq,
                "at_ns": at_ns,
                "kind": str(event.kind),
                "outcome": str(event.outcome),
                "actor": event.actor,
                "actor_name": event.actor_name,
                "organisation": event.organisation,
                "case_id": event.case_id,
                "purpose": event.purpose,
                "detail": dict(event.detail),
                "previous": previous,
            }
        )
    ).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Writes and checks the chain. Nothing here changes or removes an entry.

    A chain alone shows every change inside it; that its newest entries were cut off shows only
    against a head kept elsewhere (`verify(known=...)`).
    """

    rows: AuditRows
    now: Now

    def write(self, event: AuditEvent) -> AuditEntry:
        """The entry, durable. `InvalidInput` if the detail does not fit its kind."""
        check_event(event)
        plain = replace(event, kind=str(event.kind), detail=json.loads(canonical(event.detail)))
        return self.rows.append(lambda newest: self._next(newest, plain))

    def refuse(self, event: AuditEvent, error: Forbidden) -> AuditEntry:
        """The DENY entry that every `Forbidden` leaves, durable before it is raised."""
        return self.write(denied(event, error))

    def verify(self, known: AuditEntry | None = None) -> int:
        """How many entries there are, all of them whole and in their place.

        `StorageCorrupt` names the first entry that was edited, deleted or moved. `known` is an
        entry remembered elsewhere: it must still stand as it was.
        """
        newest: AuditEntry | None = None
        for entry in self._entries():
            _check_link(newest, entry)
            if known is not None and entry.seq == known.seq and entry.hash != known.hash:
                raise StorageCorrupt(f"audit entry {entry.seq}: differs from the one remembered")
            newest = entry
        walked = newest.seq if newest else 0
        if known is not None and walked < known.seq:
            raise StorageCorrupt(f"audit entry {walked + 1}: deleted; the log ended at {known.seq}")
        if (count := self.rows.count()) < walked:
            raise StorageCorrupt(f"audit: walked {walked} entries, the store counts {count}")
        return walked

    def read(self, actor: Account, *, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """Entries above `after`, for an auditor; the reading itself is logged first."""
        event = event_by(actor, EventKind.AUDIT_READ, {"after": after, "limit": limit})
        if Role.AUDITOR not in actor.roles:
            error = Forbidden("the audit log: want the role auditor")
            self.refuse(event, error)
            raise error
        if not 0 < limit <= _BATCH or after < 0:
            raise InvalidInput(
                f"audit: want limit 1 to {_BATCH} and after >= 0, got {limit}, {after}"
            )
        self.write(event)
        return self.rows.entries(after=after, limit=limit)

    def _next(self, newest: AuditEntry | None, event: AuditEvent) -> AuditEntry:
        seq = newest.seq + 1 if newest else 1
        previous = newest.hash if newest else GENESIS
        at_ns = self.now()
        return AuditEntry(seq, at_ns, event, previous, hash_of(seq, at_ns, event, previous))

    def _entries(self) -> Iterator[AuditEntry]:
        after = 0
        while batch := self.rows.entries(after=after, limit=_BATCH):
            yield from batch
            if batch[-1].seq <= after:
                raise StorageCorrupt(f"audit entry {batch[-1].seq}: out of its order")
            after = batch[-1].seq


def _check_link(before: AuditEntry | None, entry: AuditEntry) -> None:
    wanted = before.seq + 1 if before else 1
    if entry.seq != wanted:
        raise StorageCorrupt(f"audit entry {wanted}: deleted or moved; found {entry.seq} there")
    if entry.hash != hash_of(entry.seq, entry.at_ns, entry.event, entry.previous):
        raise StorageCorrupt(f"audit entry {entry.seq}: edited; its hash does not hold")
    if before is not None and entry.previous != before.hash:
        raise StorageCorrupt(
            f"audit entry {before.seq}: replaced; entry {entry.seq} was linked to another"
        )
    if before is None and entry.previous != GENESIS:
        raise StorageCorrupt(f"audit entry {entry.seq}: is not the first, but nothing is before it")
