"""Search inside a case: probes of one subject in, tracklets of similar appearance out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cases import kept
from cases.answers import Ask, Found, Rows, VectorQuery, VectorSearch
from cases.audit import AuditLog
from cases.authority import Narrowing
from cases.events import EventKind, event_by, printable
from cases.probes import Box, Probes, vector_of
from cases.ranking import Match, best_matches, ranked, verdicts_for
from cases.reading import ReadingDoor
from core.clocks import Now
from core.errors import CaseTraceError, Conflict, InvalidInput, NotFound, TooLarge
from core.ids import IdSource
from core.protocols import Calibration, PictureOpener, Prober, ProbeStore, Store
from core.types import (
    Account,
    Candidate,
    Decision,
    Family,
    ObjectClass,
    Probe,
    SearchAnswer,
    TimeSpan,
    Verdict,
)

MAX_PROBES = 32
MAX_K = 500
MAX_NOTE = 2000
_SHOTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Probes of ONE subject. `families` of segments, `cameras` and `span` (UTC) narrow the case.

    Left empty, each means all that the case grants and the probes can be compared with. `version`
    is the case's that the asker saw; a later one refuses the search.
    """

    probe_ids: tuple[int, ...]
    k: int = 50
    families: tuple[Family, ...] = ()
    cameras: tuple[int, ...] = ()
    span: TimeSpan | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.probe_ids) <= MAX_PROBES:
            raise InvalidInput(f"probe_ids: want 1 to {MAX_PROBES}, got {len(self.probe_ids)}")
        if self.k < 1:
            raise InvalidInput(f"k: want 1 to {MAX_K}, got {self.k}")
        if self.k > MAX_K:
            raise TooLarge(f"k: want at most {MAX_K}, got {self.k}")

    @property
    def within(self) -> Narrowing:
        return Narrowing(tuple(self.cameras), self.span)


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """Searches, and what people decide on their answers. Results say "similar appearance"."""

    door: ReadingDoor
    store: Store
    prober: Prober
    opener: PictureOpener
    probe_files: ProbeStore
    calibrations: Mapping[str, Calibration]
    audit: AuditLog
    now: Now
    ids: IdSource

    # --- probes -------------------------------------------------------------------------------

    def probe_from_upload(
        self, actor: Account, case_id: int, content: bytes, xyxy: Box | None, family: Family
    ) -> Probe:
        """See `Probes.from_upload`."""
        return self._probes.from_upload(actor, case_id, content, xyxy, family)

    def probe_from_frame(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        at_utc_ns: int,
        xyxy: Box,
        family: Family,
    ) -> Probe:
        """See `Probes.from_frame`."""
        return self._probes.from_frame(actor, case_id, camera_id, at_utc_ns, xyxy, family)

    def probe_from_shot(self, actor: Account, case_id: int, shot_id: int) -> Probe:
        """See `Probes.from_shot`."""
        return self._probes.from_shot(actor, case_id, shot_id)

    def probes_from_confirmed(self, actor: Account, case_id: int) -> list[Probe]:
        """See `Probes.from_confirmed`: the way to search again from what was confirmed."""
        return self._probes.from_confirmed(actor, case_id)

    def probes(self, actor: Account, case_id: int) -> list[Probe]:
        """The case's probes by time, without their vectors."""
        return self._probes.of(actor, case_id)

    # --- searches -----------------------------------------------------------------------------

    def search(self, actor: Account, case_id: int, asked: SearchRequest) -> SearchAnswer:
        """The tracklets most like any of the probes, best first, with what was not searched.

        Per tracklet the best match over probes and shots counts, never a sum. What was rejected in
        this case comes last and says so. The answer is kept with the case and written to the log
        before it is returned.
        """
        started_ns = self.now()
        search_id = self.ids.next()
        queries = self._queries(actor, case_id, asked)
        spare = max(16, asked.k // 4)  # hits whose row is gone are dropped
        wanted = VectorSearch(search_id, queries, asked.k + spare)
        found = self.door.search(actor, case_id, wanted, within=asked.within, version=asked.version)
        answer = SearchAnswer(
            search_id,
            self._candidates(actor, found, queries, asked.k),
            found.coverage,
            found.passage.audit_seq,
        )
        self._keep(actor, found, asked, answer)
        self._log(actor, found, answer, started_ns)
        return answer

    def shown_again(self, actor: Account, case_id: int, search_id: int) -> SearchAnswer:
        """A kept answer without what is gone since, with today's verdicts."""
        row = self._kept_row(case_id, search_id)
        stored = kept.read(row) if row is not None else None
        ids = [c.tracklet_id for c in stored.answer.candidates] if stored else []
        detail = {"search_id": search_id, "tracklet_ids": ids}
        traced = self.door.trace(Ask(actor, case_id, EventKind.READ_SEARCH, detail=detail), ids)
        if stored is None:
            raise NotFound(f"search {search_id}: none in case {case_id}")
        told = verdicts_for(actor.account_id, self.store.cases.decisions(case_id))
        left = (c for c in stored.answer.candidates if c.tracklet_id in traced.rows.parts)
        return replace(
            stored.answer,
            candidates=_rejects_last([replace(c, verdict=told.get(c.tracklet_id)) for c in left]),
            audit_seq=traced.passage.audit_seq,
        )

    def searches(self, actor: Account, case_id: int) -> list[int]:
        """Ids of the case's searches, by time."""
        detail = {"part": "searches"}
        self.door.admit(Ask(actor, case_id, EventKind.READ_CASE, detail=detail))
        return self.store.cases.searches(case_id)

    # --- decisions ----------------------------------------------------------------------------

    def decide(
        self, actor: Account, case_id: int, tracklet_id: int, verdict: Verdict, note: str = ""
    ) -> Decision:
        """The actor's verdict on a tracklet of the case; the newest per person counts."""
        if len(note) > MAX_NOTE:
            raise TooLarge(f"note: want at most {MAX_NOTE} characters, got {len(note)}")
        decision_id = self.ids.next()
        detail = {
            "decision_id": decision_id,
            "tracklet_id": tracklet_id,
            "verdict": Verdict(verdict).value,
        }
        passage = self.door.admit(
            Ask(actor, case_id, EventKind.DECISION, detail=detail), tracklet_id=tracklet_id
        )
        decision = Decision(
            decision_id,
            case_id,
            tracklet_id,
            actor.account_id,
            Verdict(verdict),
            self.now(),
            printable(note, MAX_NOTE),
        )
        self.store.cases.put_decision(decision)
        self._probes.settle(passage)
        return decision

    def decisions(self, actor: Account, case_id: int) -> list[Decision]:
        """The case's decisions by time; another's only on what the actor has decided too.

        So that a second look is not swayed by the first.
        """
        detail = {"part": "decisions"}
        self.door.admit(Ask(actor, case_id, EventKind.READ_CASE, detail=detail))
        made = self.store.cases.decisions(case_id)
        looked_at = {d.tracklet_id for d in made if d.actor == actor.account_id}
        return [decision for decision in made if decision.tracklet_id in looked_at]

    # --- inside -------------------------------------------------------------------------------

    @property
    def _probes(self) -> Probes:
        return Probes(
            self.door,
            self.store,
            self.prober,
            self.opener,
            self.probe_files,
            self.audit,
            self.now,
            self.ids,
        )

    def _queries(
        self, actor: Account, case_id: int, asked: SearchRequest
    ) -> tuple[VectorQuery, ...]:
        """What to ask the index with, one query per family of segments and model."""
        try:
            groups = self._grouped(case_id, asked)
        except CaseTraceError:
            self._probes.of(actor, case_id, version=asked.version)  # a stranger learns nothing
            raise
        return tuple(_query(family, model, group) for (family, model), group in groups.items())

    def _grouped(self, case_id: int, asked: SearchRequest) -> dict[tuple[Family, str], list[Probe]]:
        known = {probe.probe_id: probe for probe in self.store.cases.probes(case_id)}
        groups: dict[tuple[Family, str], list[Probe]] = {}
        for probe_id in dict.fromkeys(asked.probe_ids):
            if probe_id not in known:
                raise NotFound(f"probe {probe_id}: none in case {case_id}")
            probe = known[probe_id]
            for family, model in self.prober.models(Family(probe.family)):
                if model in probe.vectors and family in (asked.families or tuple(Family)):
                    groups.setdefault((family, model), []).append(probe)
        if not groups:
            raise Conflict("search: want probes with a vector of a model that is in use, got none")
        return groups

    def _candidates(
        self, actor: Account, found: Found, queries: tuple[VectorQuery, ...], k: int
    ) -> tuple[Candidate, ...]:
        case_id = found.passage.case.case_id
        told = verdicts_for(actor.account_id, self.store.cases.decisions(case_id))
        matches = ranked(best_matches(queries, found.hits), self.calibrations)
        whole = [m for m in matches if _has_rows(m, found.rows)]
        candidates = [_candidate(match, found) for match in whole[:k]]
        return _rejects_last([replace(c, verdict=told.get(c.tracklet_id)) for c in candidates])

    def _keep(
        self, actor: Account, found: Found, asked: SearchRequest, answer: SearchAnswer
    ) -> None:
        case, at_ns = found.passage.case, self.now()
        row = kept.written(
            kept.KeptSearch(actor.account_id, at_ns, case.version, tuple(asked.probe_ids), answer)
        )
        self.store.cases.put_search(case.case_id, answer.search_id, at_ns, row)
        self._probes.settle(found.passage)

    def _log(self, actor: Account, found: Found, answer: SearchAnswer, started_ns: int) -> None:
        detail = {
            "search_id": answer.search_id,
            "search_seq": answer.audit_seq,
            "started_ns": started_ns,
            "ended_ns": self.now(),
            "tracklet_ids": [candidate.tracklet_id for candidate in answer.candidates],
            "missing_spans": len(answer.coverage.missing),
        }
        case = found.passage.case
        self.audit.write(event_by(actor, EventKind.SEARCH_ANSWERED, detail, case=case))

    def _kept_row(self, case_id: int, search_id: int) -> Mapping[str, object] | None:
        try:
            return self.store.cases.search(case_id, search_id)
        except NotFound:
            return None


def _query(family: Family, model: str, probes: list[Probe]) -> VectorQuery:
    vectors = np.stack([vector_of(probe, model) for probe in probes])
    return VectorQuery(family, model, vectors, tuple(probe.probe_id for probe in probes))


def _has_rows(match: Match, rows: Rows) -> bool:
    shots = rows.shots.get(match.tracklet_id, [])
    return match.tracklet_id in rows.parts and any(s.shot_id == match.shot_id for s in shots)


def _candidate(match: Match, found: Found) -> Candidate:
    parts, shots = found.rows.parts[match.tracklet_id], found.rows.shots[match.tracklet_id]
    others = sorted((s for s in shots if s.shot_id != match.shot_id), key=lambda s: -s.quality)
    shown = [match.shot_id, *(shot.shot_id for shot in others)]
    return Candidate(
        tracklet_id=match.tracklet_id,
        camera_id=parts[0].camera_id,
        class_label=ObjectClass(parts[0].class_id).label,
        span=found.passage.utc_span(parts),
        cosine=match.cosine,
        llr=match.llr,
        shot_id=match.shot_id,
        shot_ids=tuple(shown[:_SHOTS_SHOWN]),
        probe_id=match.probe_id,
    )


def _rejects_last(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Flagged, not hidden: the order within each half stays."""
    return tuple(sorted(candidates, key=lambda c: c.verdict is Verdict.REJECT))
