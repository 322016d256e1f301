"""Search inside a case: probes of one subject or its plate in, the likeliest tracklets out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from cases import kept
from cases.answers import Ask, Found, Passage, PlateQuery, VectorQuery, VectorSearch
from cases.audit import AuditLog
from cases.authority import Narrowing
from cases.events import EventKind, event_by, printable
from cases.plates import Joint, joined, least_llr, plate_llrs, reading_of, signs_of
from cases.probes import Box, Probes, vector_of
from cases.ranking import best_matches, newest, ranked, verdicts_for
from cases.reading import ReadingDoor
from core.clocks import Now
from core.errors import CaseTraceError, Conflict, InvalidInput, NotFound, TooLarge
from core.ids import IdSource
from core.plates.likelihood import PlateLikelihood
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
    """Probes of ONE subject, its plate, or both. `families`, `cameras` and `span` (UTC) narrow.

    Left empty, each means all that the case grants and the probes can be compared with. `plate` is
    a plate, a part of one, or a pattern with `?` and `*`; a text that asks for none is refused at
    once. `version` is the case's that the asker saw; a later one refuses the search. Where what was
    confirmed counts as probes by itself (`from_confirmed`), it needs neither.
    """

    probe_ids: tuple[int, ...] = ()
    k: int = 50
    families: tuple[Family, ...] = ()
    cameras: tuple[int, ...] = ()
    span: TimeSpan | None = None
    version: int | None = None
    plate: str | None = None
    from_confirmed: bool = False

    def __post_init__(self) -> None:
        least = 1 if self.plate is None and not self.from_confirmed else 0
        if not least <= len(self.probe_ids) <= MAX_PROBES:
            raise InvalidInput(
                f"probe_ids: want {least} to {MAX_PROBES}, got {len(self.probe_ids)}"
                f"{' and no plate' if least else ''}"
            )
        if self.plate is not None:
            PlateQuery.of(self.plate)
        if self.k < 1:
            raise InvalidInput(f"k: want 1 to {MAX_K}, got {self.k}")
        if self.k > MAX_K:
            raise TooLarge(f"k: want at most {MAX_K}, got {self.k}")

    @property
    def within(self) -> Narrowing:
        return Narrowing(tuple(self.cameras), self.span)

    @property
    def plate_query(self) -> PlateQuery | None:
        return None if self.plate is None else PlateQuery.of(self.plate)


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """Searches, and what people decide on their answers. Results say "similar appearance", or how
    likely a plate's reading is of the plate asked for; never "the same"."""

    door: ReadingDoor
    store: Store
    prober: Prober
    opener: PictureOpener
    probe_files: ProbeStore
    calibrations: Mapping[str, Calibration]
    audit: AuditLog
    now: Now
    ids: IdSource
    likelihood: PlateLikelihood = field(default_factory=PlateLikelihood)

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
        """The tracklets most like any of the probes and whose plate is likeliest the one asked for,
        best first, with what was not searched.

        Per tracklet the best match over probes and shots counts, never a sum, and the best reading
        of its plate; the ratios of appearance and plate add up as `cases.plates` says. What was
        rejected in this case comes last and says so. The answer is kept with the case and written
        to the log before it is returned.
        """
        started_ns = self.now()
        search_id = self.ids.next()
        wanted = VectorSearch(
            search_id,
            self.queries(actor, case_id, asked),
            asked.k + self._spare(asked),
            asked.plate_query,
        )
        found = self.door.search(actor, case_id, wanted, within=asked.within, version=asked.version)
        answer = SearchAnswer(
            search_id,
            self._candidates(actor, found, wanted, asked),
            found.coverage,
            found.passage.audit_seq,
        )
        self.keep(actor, found, asked, answer)
        self.tell(actor, found, answer, started_ns)
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
            candidates=rejects_last([replace(c, verdict=told.get(c.tracklet_id)) for c in left]),
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
        """The actor's verdict on a tracklet of the case; the newest per person counts.

        The same again in the same words is one decision, sent twice: its entry names the first.
        """
        if len(note) > MAX_NOTE:
            raise TooLarge(f"note: want at most {MAX_NOTE} characters, got {len(note)}")
        made = self._decision(actor, case_id, tracklet_id, Verdict(verdict), note)
        known = self._known(made)
        detail = {
            "decision_id": (known or made).decision_id,
            "tracklet_id": tracklet_id,
            "verdict": made.verdict.value,
        }
        passage = self.door.admit(
            Ask(actor, case_id, EventKind.DECISION, detail=detail), tracklet_id=tracklet_id
        )
        if known is not None:
            return known
        made = replace(made, at_ns=self.now())
        self.store.cases.put_decision(made)
        self._probes.settle(passage)
        return made

    def decisions(self, actor: Account, case_id: int) -> list[Decision]:
        """The case's decisions by time; another's only on what the actor has decided too.

        So that a second look is not swayed by the first.
        """
        detail = {"part": "decisions"}
        self.door.admit(Ask(actor, case_id, EventKind.READ_CASE, detail=detail))
        made = self.store.cases.decisions(case_id)
        looked_at = {d.tracklet_id for d in made if d.actor == actor.account_id}
        return [decision for decision in made if decision.tracklet_id in looked_at]

    def settle(self, passage: Passage) -> None:
        """See `Probes.settle`: for whoever else keeps an answer with a case."""
        self._probes.settle(passage)

    # --- inside -------------------------------------------------------------------------------

    def _decision(
        self, actor: Account, case_id: int, tracklet_id: int, verdict: Verdict, note: str
    ) -> Decision:
        return Decision(
            self.ids.next(),
            case_id,
            tracklet_id,
            actor.account_id,
            verdict,
            self.now(),
            printable(note, MAX_NOTE),
        )

    def _known(self, made: Decision) -> Decision | None:
        """The actor's newest decision on that tracklet, if it says the same."""
        told = newest(self.store.cases.decisions(made.case_id))
        known = told.get((made.actor, made.tracklet_id))
        if known is None or (known.verdict, known.note) != (made.verdict, made.note):
            return None
        return known

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

    def queries(
        self, actor: Account, case_id: int, asked: SearchRequest
    ) -> tuple[VectorQuery, ...]:
        """What to ask the index with, one query per family of segments and model."""
        if not asked.probe_ids:
            return ()
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

    def _spare(self, asked: SearchRequest) -> int:
        """Hits beyond those wanted: those whose row is gone are dropped, and those of a plate whose
        family was not asked for."""
        spare = max(16, asked.k // 4)
        return spare + asked.k if asked.plate is not None and asked.families else spare

    def _candidates(
        self, actor: Account, found: Found, wanted: VectorSearch, asked: SearchRequest
    ) -> tuple[Candidate, ...]:
        case_id = found.passage.case.case_id
        told = verdicts_for(actor.account_id, self.store.cases.decisions(case_id))
        whole = [one for one in self._ranked(found, wanted) if _has_rows(one, found, asked)]
        candidates = [self._candidate(one, found, wanted.plate) for one in whole[: asked.k]]
        return rejects_last([replace(c, verdict=told.get(c.tracklet_id)) for c in candidates])

    def _ranked(self, found: Found, wanted: VectorSearch) -> list[Joint]:
        matches = ranked(best_matches(wanted.queries, found.hits), self.calibrations)
        if wanted.plate is None:
            return [Joint(match.tracklet_id, match, match.llr) for match in matches]
        return joined(
            matches,
            plate_llrs(wanted.plate, found.plate_hits, found.rows.plates, self.likelihood),
            by_looks=bool(wanted.queries),
            least=least_llr(wanted.queries, found.hits, self.calibrations),
        )

    def _candidate(self, one: Joint, found: Found, asked: PlateQuery | None) -> Candidate:
        parts, shots = found.rows.parts[one.tracklet_id], found.rows.shots[one.tracklet_id]
        plate = found.rows.plates.get(one.tracklet_id)
        signs = signs_of(asked, plate, self.likelihood) if asked and plate else ()
        reading = None if plate is None else reading_of(plate, shots, signs)
        first = [one.match.shot_id] if one.match else []
        if reading is not None and reading.shot_id is not None:
            first.append(reading.shot_id)
        best_first = sorted(shots, key=lambda shot: -shot.quality)
        shown = list(dict.fromkeys([*first, *(shot.shot_id for shot in best_first)]))
        return Candidate(
            tracklet_id=one.tracklet_id,
            camera_id=parts[0].camera_id,
            class_label=ObjectClass(parts[0].class_id).label,
            span=found.passage.utc_span(parts),
            cosine=one.match.cosine if one.match else None,
            llr=one.llr,
            shot_id=shown[0],
            shot_ids=tuple(shown[:_SHOTS_SHOWN]),
            probe_id=one.match.probe_id if one.match else None,
            plate_llr=one.plate_llr,
            plate=reading,
            notes=one.notes,
        )

    def keep(
        self, actor: Account, found: Found, asked: SearchRequest, answer: SearchAnswer
    ) -> None:
        """Keep an answer with its case."""
        case, at_ns = found.passage.case, self.now()
        row = kept.written(
            kept.KeptSearch(
                actor.account_id,
                at_ns,
                case.version,
                tuple(asked.probe_ids),
                answer,
                plate=asked.plate,
            )
        )
        self.store.cases.put_search(case.case_id, answer.search_id, at_ns, row)
        self._probes.settle(found.passage)

    def tell(self, actor: Account, found: Found, answer: SearchAnswer, started_ns: int) -> None:
        """Say in the audit log what an answer held, and how long it took."""
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


def _has_rows(one: Joint, found: Found, asked: SearchRequest) -> bool:
    """Whether it still has the rows that it is shown by, and is of a family asked for."""
    parts = found.rows.parts.get(one.tracklet_id)
    shots = found.rows.shots.get(one.tracklet_id)
    if not parts or not shots:
        return False
    if asked.families and parts[0].family not in asked.families:
        return False
    return one.match is None or any(shot.shot_id == one.match.shot_id for shot in shots)


def rejects_last(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Flagged, not hidden: the order within each half stays."""
    return tuple(sorted(candidates, key=lambda c: c.verdict is Verdict.REJECT))
