"""Cases, and what they produced: probes, searches, decisions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Table, delete, insert, select, update

from core.errors import Conflict, DuplicateId, InvalidInput, NotFound
from core.types import CameraSpan, Case, CaseState, Decision, Probe, TimeSpan, Verdict
from index.rows import words
from index.rows.engine import Database
from index.rows.schema import cases, decisions, probe_vectors, probes, searches


class SqlCases:
    """`core.protocols.CaseRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, case: Case) -> None:
        """Add version 1, or replace version n-1 by n; `Conflict` if another came first."""
        if case.version < 1:
            raise InvalidInput(f"case: want version 1 or more, got {case.version}")
        if case.version == 1:
            self._add(case)
        else:
            self._replace(case)

    def get(self, case_id: int) -> Case:
        """`NotFound` if there is none."""
        with self._database.reading("read case") as connection:
            row = connection.execute(select(cases).where(cases.c.case_id == case_id)).first()
        if row is None:
            raise NotFound(f"case {case_id}: there is none")
        return _case_of(row)

    def all(self) -> list[Case]:
        """By id."""
        with self._database.reading("read cases") as connection:
            return [_case_of(r) for r in connection.execute(select(cases).order_by("case_id"))]

    def put_probe(self, probe: Probe) -> None:
        """`DuplicateId` for a known one, `Conflict` for a case that there is not."""
        vectors = [
            {"probe_id": probe.probe_id, "model": model, "rows": rows}
            for model, rows in probe.vectors.items()
        ]
        with self._database.writing(f"put probe {probe.probe_id}") as connection:
            connection.execute(insert(probes).values(_probe_row(probe)))
            if vectors:
                connection.execute(insert(probe_vectors), vectors)

    def probes(self, case_id: int) -> list[Probe]:
        """By time, then id."""
        wanted = probes.c.case_id == case_id
        joined = select(probe_vectors).join(probes).where(wanted)
        in_order = select(probes).where(wanted).order_by("created_ns", "probe_id")
        with self._database.reading("read probes") as connection:
            vectors: dict[int, dict[str, bytes]] = {}
            for row in connection.execute(joined.order_by(probe_vectors.c.model)):
                vectors.setdefault(row.probe_id, {})[row.model] = bytes(row.rows)
            rows = connection.execute(in_order).all()
        return [_probe_of(row, vectors.get(row.probe_id, {})) for row in rows]

    def put_search(
        self, case_id: int, search_id: int, at_ns: int, detail: Mapping[str, object]
    ) -> None:
        """What was searched and what it gave; `DuplicateId` for a known one."""
        row = {
            "search_id": search_id,
            "case_id": case_id,
            "at_ns": at_ns,
            "detail": words.written("search detail", detail),
        }
        with self._database.writing(f"put search {search_id}") as connection:
            connection.execute(insert(searches).values(row))

    def search(self, case_id: int, search_id: int) -> Mapping[str, object]:
        """`NotFound` if that case has no such search."""
        wanted = select(searches.c.detail).where(
            searches.c.case_id == case_id, searches.c.search_id == search_id
        )
        with self._database.reading("read search") as connection:
            detail = connection.scalar(wanted)
        if detail is None:
            raise NotFound(f"search {search_id} of case {case_id}: there is none")
        return words.mapping("search detail", detail)

    def searches(self, case_id: int) -> list[int]:
        """Ids of its searches, by time, then id."""
        wanted = select(searches.c.search_id).where(searches.c.case_id == case_id)
        in_order = wanted.order_by(searches.c.at_ns, searches.c.search_id)
        with self._database.reading("list searches") as connection:
            return list(connection.scalars(in_order))

    def put_decision(self, decision: Decision) -> None:
        """`DuplicateId` for a known one, `Conflict` for a case that there is not."""
        row = {
            "decision_id": decision.decision_id,
            "case_id": decision.case_id,
            "tracklet_id": decision.tracklet_id,
            "actor": decision.actor,
            "verdict": str(decision.verdict),
            "at_ns": decision.at_ns,
            "note": decision.note,
        }
        with self._database.writing(f"put decision {decision.decision_id}") as connection:
            connection.execute(insert(decisions).values(row))

    def decisions(self, case_id: int) -> list[Decision]:
        """All ever made, by time, then id."""
        wanted = select(decisions).where(decisions.c.case_id == case_id)
        in_order = wanted.order_by(decisions.c.at_ns, decisions.c.decision_id)
        with self._database.reading("read decisions") as connection:
            return [_decision_of(row) for row in connection.execute(in_order)]

    def erase_products(self, case_id: int) -> int:
        """Delete its probes, searches and decisions, not the case itself; their number."""
        with self._database.writing(f"erase what case {case_id} produced") as connection:
            made_by: list[Table] = [probes, searches, decisions]
            deleted = sum(
                connection.execute(delete(table).where(table.c.case_id == case_id)).rowcount
                for table in made_by
            )
        self._database.forget()
        return deleted

    def _add(self, case: Case) -> None:
        try:
            with self._database.writing(f"put case {case.case_id}") as connection:
                connection.execute(insert(cases).values(_case_row(case)))
        except DuplicateId as error:
            raise Conflict(f"case {case.case_id}: it has a version 1 already") from error

    def _replace(self, case: Case) -> None:
        same = (cases.c.case_id == case.case_id) & (cases.c.version == case.version - 1)
        with self._database.writing(f"put case {case.case_id}") as connection:
            changed = connection.execute(update(cases).where(same).values(_case_row(case)))
            if not changed.rowcount:
                found = select(cases.c.version).where(cases.c.case_id == case.case_id)
                version = connection.scalar(found)
                raise Conflict(
                    f"case {case.case_id}: version {case.version} wants {case.version - 1} "
                    f"before it, got {'none' if version is None else version}"
                )


def _case_row(case: Case) -> dict[str, Any]:
    grants = [[g.camera_id, g.span.start_ns, g.span.end_ns] for g in case.grants]
    return {
        "case_id": case.case_id,
        "version": case.version,
        "state": str(case.state),
        "reference": case.reference,
        "offence": case.offence,
        "legal_basis": case.legal_basis,
        "purpose": case.purpose,
        "requester": case.requester,
        "members": words.written("members", sorted(case.members)),
        "approver": case.approver,
        "opened_ns": case.opened_ns,
        "decided_ns": case.decided_ns,
        "expires_ns": case.expires_ns,
        "grants": words.written("grants", grants),
        "emergency": case.emergency,
        "hold": case.hold,
    }


def _case_of(row: Row[Any]) -> Case:
    grants = words.read("grants", row.grants)
    return Case(
        case_id=row.case_id,
        version=row.version,
        state=CaseState(row.state),
        reference=row.reference,
        offence=row.offence,
        legal_basis=row.legal_basis,
        purpose=row.purpose,
        requester=row.requester,
        members=frozenset(words.read("members", row.members)),
        approver=row.approver,
        opened_ns=row.opened_ns,
        decided_ns=row.decided_ns,
        expires_ns=row.expires_ns,
        grants=tuple(CameraSpan(c, TimeSpan(start, end)) for c, start, end in grants),
        emergency=row.emergency,
        hold=row.hold,
    )


def _probe_row(probe: Probe) -> dict[str, Any]:
    return {
        "probe_id": probe.probe_id,
        "case_id": probe.case_id,
        "family": str(probe.family),
        "origin": probe.origin,
        "created_ns": probe.created_ns,
        "key": probe.key,
        "camera_id": probe.camera_id,
        "device_ns": probe.device_ns,
        "tracklet_id": probe.tracklet_id,
    }


def _probe_of(row: Row[Any], vectors: dict[str, bytes]) -> Probe:
    return Probe(
        probe_id=row.probe_id,
        case_id=row.case_id,
        family=row.family,
        origin=row.origin,
        created_ns=row.created_ns,
        key=row.key,
        vectors=vectors,
        camera_id=row.camera_id,
        device_ns=row.device_ns,
        tracklet_id=row.tracklet_id,
    )


def _decision_of(row: Row[Any]) -> Decision:
    return Decision(
        decision_id=row.decision_id,
        case_id=row.case_id,
        tracklet_id=row.tracklet_id,
        actor=row.actor,
        verdict=Verdict(row.verdict),
        at_ns=row.at_ns,
        note=row.note,
    )
