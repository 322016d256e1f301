"""One case's entries of the audit log, as its report tells them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cases.events import EventKind
from cases.report_content import AuditShown
from core.clocks import HOUR_NS
from core.protocols import AuditRows
from core.types import AuditEntry, Case, Decision, Outcome

_BATCH = 1000
_SLACK_NS = HOUR_NS  # how far the service's own clock may have been set back in between


@dataclass(frozen=True, slots=True)
class ProbeAdded:
    """What the log knows of a probe beyond its row: who made it, and from which box of what."""

    actor: int | None
    camera_id: int | None
    at_ns: int | None
    box: tuple[int, int, int, int] | None
    upload_sha256: str


@dataclass(frozen=True, slots=True)
class CaseLog:
    """The case's entries by kind, and what was read out of them."""

    seqs: dict[tuple[str, bool], list[int]] = field(default_factory=dict)
    probes: dict[int, ProbeAdded] = field(default_factory=dict)
    compared: dict[int, tuple[str, ...]] = field(default_factory=dict)
    for_reports: set[int] = field(default_factory=set)
    of_scenes: set[int] = field(default_factory=set)
    shown_to: dict[tuple[int, int], int] = field(default_factory=dict)

    def shown(self) -> tuple[AuditShown, ...]:
        """Numbers of the entries by kind, refusals apart."""
        return tuple(
            AuditShown(kind, denied, tuple(seqs))
            for (kind, denied), seqs in sorted(self.seqs.items())
        )

    def had_seen(self, actor: int, decision: Decision) -> bool:
        """Whether a report had shown that person the tracklet as confirmed before the decision."""
        first_ns = self.shown_to.get((actor, decision.tracklet_id))
        return first_ns is not None and first_ns < decision.at_ns

    def take(self, entry: AuditEntry) -> None:
        event = entry.event
        denied = event.outcome is Outcome.DENY
        self.seqs.setdefault((event.kind, denied), []).append(entry.seq)
        if denied:
            return
        detail = event.detail
        if event.kind == EventKind.PROBE_ADDED:
            self.probes[int(detail["probe_id"])] = _probe_added(event.actor, detail)
        elif event.kind in (EventKind.SEARCH, EventKind.SERIES):
            search_id = int(detail["search_id"])
            models = (pair.partition(":")[2] for pair in detail["compared"])
            self.compared[search_id] = tuple(dict.fromkeys(models))
            if event.kind == EventKind.SERIES:
                self.of_scenes.add(search_id)
        elif event.kind == EventKind.READ_REPORT and "search_id" in detail:
            self.for_reports.add(int(detail["search_id"]))
        elif event.kind == EventKind.REPORT_MADE:
            for tracklet_id in detail["tracklet_ids"]:
                self.shown_to.setdefault((event.actor or 0, int(tracklet_id)), entry.at_ns)


def case_log(rows: AuditRows, case: Case) -> CaseLog:
    """All entries of that case; what was written before it was opened is not walked."""
    log = CaseLog()
    for entry in _entries(rows, after=_first_seq(rows, case.opened_ns - _SLACK_NS) - 1):
        if entry.event.case_id == case.case_id:
            log.take(entry)
    return log


def _entries(rows: AuditRows, *, after: int) -> Iterator[AuditEntry]:
    while batch := rows.entries(after=after, limit=_BATCH):
        yield from batch
        after = batch[-1].seq


def _first_seq(rows: AuditRows, at_ns: int) -> int:
    """The first entry that is not older, by halving: numbers rise with time and have no gaps."""
    low, high = 1, rows.count() + 1
    while low < high:
        middle = (low + high) // 2
        found = rows.entries(after=middle - 1, limit=1)
        if found and found[0].at_ns < at_ns:
            low = middle + 1
        else:
            high = middle
    return low


def _probe_added(actor: int | None, detail: Any) -> ProbeAdded:
    box = detail.get("box")
    return ProbeAdded(
        actor,
        detail.get("camera"),
        detail.get("at_ns"),
        tuple(box) if box else None,
        str(detail.get("upload_sha256", "")),
    )
