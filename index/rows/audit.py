"""The audit log's rows. Triggers of the database itself refuse any change, gap or fork."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, func, insert, select

from core.types import AuditEntry, AuditEvent, Outcome
from index.rows import words
from index.rows.engine import Database
from index.rows.schema import audit


class SqlAudit:
    """`core.protocols.AuditRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, make: Callable[[AuditEntry | None], AuditEntry]) -> AuditEntry:
        """Store what `make` gives for the newest entry, in one serialised durable transaction.

        `make` is called once and alone: no other process appends until it has returned and its
        entry is on disk. `Conflict` if what it gives does not follow the newest entry.
        """
        newest = select(audit).order_by(audit.c.seq.desc()).limit(1)
        with self._database.writing("append to the audit log") as connection:
            self._database.alone_in(connection, audit)
            row = connection.execute(newest).first()
            entry = make(None if row is None else _entry_of(row))
            connection.execute(insert(audit).values(_row_of(entry)))
        return entry

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """By sequence number, those above `after`."""
        wanted = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
        with self._database.reading("read the audit log") as connection:
            return [_entry_of(row) for row in connection.execute(wanted)]

    def count(self, event_kind: str | None = None) -> int:
        """Of all entries, or of one kind."""
        wanted = select(func.count()).select_from(audit)
        if event_kind is not None:
            wanted = wanted.where(audit.c.kind == event_kind)
        with self._database.reading("count the audit log") as connection:
            return connection.scalar(wanted) or 0


def _row_of(entry: AuditEntry) -> dict[str, Any]:
    event = entry.event
    return {
        "seq": entry.seq,
        "at_ns": entry.at_ns,
        "kind": event.kind,
        "outcome": str(event.outcome),
        "actor": event.actor,
        "actor_name": event.actor_name,
        "organisation": event.organisation,
        "case_id": event.case_id,
        "purpose": event.purpose,
        "detail": words.written("audit detail", event.detail),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry_of(row: Row[Any]) -> AuditEntry:
    event = AuditEvent(
        kind=row.kind,
        outcome=Outcome(row.outcome),
        actor=row.actor,
        actor_name=row.actor_name,
        organisation=row.organisation,
        case_id=row.case_id,
        purpose=row.purpose,
        detail=words.mapping("audit detail", row.detail),
    )
    return AuditEntry(row.seq, row.at_ns, event, row.previous, row.hash)
