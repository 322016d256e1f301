"""The likeliest trajectory by all evidence and by what people decided: a proposal, never a finding.

Looks, plate, place and time add up as log-likelihood ratios. What was confirmed is on every way and
is searched with; what was rejected is on none and pushes away those that look like it. Nothing of
this leaves the case or outlives it.
"""

import functools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from cases.answers import (
    Ask,
    Passage,
    Pursued,
    Pursuit,
    Rows,
    Traced,
    VectorQuery,
    VectorSearch,
    VectorsOf,
)
from cases.belief import Likeness, likeness, most_alike, queries_from
from cases.crowd import Crowds
from cases.doubts import doubted
from cases.events import EventKind
from cases.hops import FAMILIES
from cases.laying import Anchor, Everybody, Evidence, Known, Laid, Networks, laid
from cases.next_cameras import MAX_LOOKED_AT, likeliest_nodes, next_cameras
from cases.plates import plate_llrs
from cases.proposal import Proposal
from cases.ranking import confirmed, decided_for, newest, verdicts_for
from cases.reading import ReadingDoor
from cases.search import CaseSearch, SearchRequest, rejects_last
from cases.transit import Transit
from core.arrays import I64
from core.clocks import Now
from core.errors import Conflict, InvalidInput
from core.ids import IdSource
from core.plates.likelihood import PlateLikelihood
from core.protocols import Calibration, Prober, Store
from core.types import (
    Account,
    CameraGraph,
    Case,
    Coverage,
    Decision,
    Family,
    NextCamera,
    Passings,
    Probe,
    Reconstruction,
    SearchAnswer,
    Trajectory,
    VectorRows,
    Verdict,
)

HITS_EACH = 400
"""Tracklets that each vector asks for; what looks less alike is bounded, see `Pruned`."""

MAX_ALIKE = 500
"""Tracklets of a family that are compared with who was rejected: those most like the subject."""

MAX_TRACKLETS_ASKED = 16
"""Confirmed, and again rejected, tracklets whose vectors are asked with: those decided last."""


@dataclass(frozen=True, slots=True)
class Reconstructions:
    """Reconstructs inside a case. It confirms nothing, and nothing runs by itself."""

    door: ReadingDoor
    store: Store
    search: CaseSearch
    prober: Prober
    calibrations: Mapping[str, Calibration]
    now: Now
    ids: IdSource
    likelihood: PlateLikelihood = field(default_factory=PlateLikelihood)
    networks: Networks = field(default_factory=Networks)
    crowds: Crowds = field(default_factory=Crowds)

    def reconstruct(self, actor: Account, case_id: int, asked: SearchRequest) -> Reconstruction:
        """The likeliest trajectory with its rivals, all candidates by chance, and where to look.

        What another person confirmed does not count here until the actor confirms it too: a second
        look is blind to the first (EU AI Act 14(5)). `Trajectories` has what all confirmed.
        `Conflict` where there is nothing to go by: no probe, no plate and nothing confirmed. The
        answer is kept with the case like a search's.
        """
        started_ns = self.now()
        work = self._work(actor, case_id, asked)
        graph = functools.cache(self.store.cameras.graph)  # read while the index searches
        wanted = VectorSearch(self.ids.next(), work.queries, HITS_EACH, asked.plate_query)
        everybody: list[Everybody] = []
        found: list[Laid] = []
        looks: list[Likeness] = []

        def passed(passage: Passage, passings: Passings, utc_ends: tuple[I64, I64]) -> None:
            self.crowds.of(passage, passings, utc_ends)

        def prepare(passage: Passage, coverage: Coverage) -> None:
            self.networks.of(graph(), passage, coverage).ready()

        def near(read: Pursued) -> Sequence[VectorsOf]:
            network = self.networks.of(graph(), read.passage, read.found.coverage)
            speeds = Transit.of(graph(), read.passage.cameras).speeds
            utc_ends = read.utc_start_ns, read.utc_end_ns
            crowd = self.crowds.of(read.passage, read.passings, utc_ends)
            everybody.append(Everybody(crowd, network, work.known(read), speeds))
            return work.near(everybody[0], read)

        def choose(read: Pursued) -> Sequence[int]:
            evidence = self._evidence(work, read)
            looks.append(evidence.looks)
            found.append(laid(everybody[0], evidence))
            return work.shown(found[0], evidence.looks)

        pursuit = Pursuit(
            wanted,
            tracklet_ids=sorted(work.fixed | work.rejected),
            vectors_of=work.vectors_of,
            queries_of=work.queries_of,
            passed=passed,
            prepare=prepare,
            near_of=near,
            choose=choose,
        )
        read = self.door.pursue(actor, case_id, pursuit, within=asked.within, version=asked.version)
        proposal = self._proposal(work, read, found[0], looks[0], graph())
        answer = self._answer(actor, work, proposal, wanted)
        self.search.keep(actor, read.found, asked, answer)
        self.search.tell(actor, read.found, answer, started_ns)
        trajectory = proposal.trajectory()
        return Reconstruction(
            answer=answer,
            trajectory=trajectory,
            ways=proposal.ways(),
            next_cameras=tuple(self._next(read, found[0], trajectory)),
            pruned=found[0].pruned,
            doubted=doubted(found[0], work.sure) if looks[0].calibrated else (),
        )

    def prepare(self, case: Case) -> None:
        """Have the ways between the case's cameras at hand for its first answer.

        Reads cameras and roads, which say nothing of anybody; so there is no entry of it.
        """
        wanted = {grant.camera_id for grant in case.grants}
        cameras = {camera.camera_id: camera for camera in self.store.cameras.some(wanted)}
        if cameras:
            self.networks.ways(self.store.cameras.graph(), cameras).ready()

    # --- inside -------------------------------------------------------------------------------

    def _work(self, actor: Account, case_id: int, asked: SearchRequest) -> "Work":
        known = {probe.probe_id: probe for probe in self.store.cases.probes(case_id)}
        decisions = self.store.cases.decisions(case_id)
        work = Work(
            asked=asked,
            decisions=tuple(decided_for(actor.account_id, decisions)),
            twice=frozenset(_confirmed_twice(actor.account_id, decisions)),
            probes=tuple(known[i] for i in dict.fromkeys(asked.probe_ids) if i in known),
            queries=self.search.queries(actor, case_id, asked),
            pairs=tuple(dict.fromkeys(self._pairs())),
        )
        if not work.queries and asked.plate is None and not work.fixed:
            self.door.admit(Ask(actor, case_id, EventKind.READ_CASE, detail={"part": "decisions"}))
            raise Conflict("reconstruction: want a probe, a plate or something confirmed, got none")
        return work

    def _pairs(self) -> Iterator[tuple[Family, str]]:
        """Families of segments with the models that they were embedded by."""
        for family in Family:
            with suppress(InvalidInput):  # a family may have no embedder
                yield from self.prober.models(family)

    def _evidence(self, work: "Work", read: Pursued) -> Evidence:
        alike, refused = work.looks(read, self.calibrations)
        plate: dict[int, float] = {}
        if work.asked.plate_query is not None:
            found = read.found
            plate = plate_llrs(
                work.asked.plate_query, found.plate_hits, found.rows.plates, self.likelihood
            )
        others = work.asked_with(read.vectors)[1]
        several = math.log(max(len({name for q in others for name in q.probe_ids}), 1))
        sums = (refused.llr + several).tolist()  # each of them may come again, not one of them
        nats = dict(zip(refused.tracklet_ids.tolist(), sums, strict=True))
        return Evidence(alike, plate, nats, work.compared(read))

    def _proposal(
        self, work: "Work", read: Pursued, found: Laid, looks: Likeness, graph: CameraGraph
    ) -> Proposal:
        return Proposal(
            traced=_whole(read),
            laid=found,
            looks=looks,
            plate=work.asked.plate_query,
            likelihood=self.likelihood,
            decisions=work.decisions,
            fixed=work.fixed,
            transit=Transit.of(graph, read.passage.cameras),
        )

    def _answer(
        self, actor: Account, work: "Work", proposal: Proposal, wanted: VectorSearch
    ) -> SearchAnswer:
        told = verdicts_for(actor.account_id, work.decisions)
        candidates = [
            replace(one, verdict=told.get(one.tracklet_id))
            for one in proposal.candidates(work.shown(proposal.laid, proposal.looks))
        ]
        passage = proposal.traced.passage
        return SearchAnswer(
            wanted.search_id,
            rejects_last(candidates),
            proposal.traced.coverage,
            passage.audit_seq,
        )

    def _next(self, read: Pursued, found: Laid, trajectory: Trajectory) -> list[NextCamera]:
        if not trajectory.sightings:
            return []
        last = max(trajectory.sightings, key=lambda s: (s.span.end_ns, s.tracklet_id))
        ids = likeliest_nodes(found.network, last.family, last.camera_id, MAX_LOOKED_AT)
        return next_cameras(
            last,
            found.network,
            {camera.camera_id: camera for camera in self.store.cameras.some(ids)},
            read.found.coverage,
            read.passage.case.grants,
            prior=found.everybody.speeds[last.family],
            latest_ns=self.now(),
        )


@dataclass(frozen=True, slots=True)
class Work:
    """One reconstruction: what was asked for, and what the actor may know to be decided."""

    asked: SearchRequest
    decisions: tuple[Decision, ...]
    twice: frozenset[int]
    probes: tuple[Probe, ...]
    queries: tuple[VectorQuery, ...]
    pairs: tuple[tuple[Family, str], ...]

    @property
    def rejected(self) -> frozenset[int]:
        """What anybody's newest verdict rejects."""
        return frozenset(
            tracklet_id
            for (_, tracklet_id), decision in newest(self.decisions).items()
            if decision.verdict is Verdict.REJECT
        )

    @property
    def fixed(self) -> frozenset[int]:
        """What was confirmed, and what a probe was cut from: that is the subject by definition."""
        cut = {probe.tracklet_id for probe in self.probes if probe.tracklet_id is not None}
        return frozenset(confirmed(self.decisions)) | (cut - self.rejected)

    @property
    def sure(self) -> frozenset[int]:
        """What a probe was cut from, and what was confirmed more than once: not to be doubted."""
        cut = {probe.tracklet_id for probe in self.probes if probe.tracklet_id is not None}
        return self.twice | frozenset(cut)

    @property
    def vectors_of(self) -> tuple[VectorsOf, ...]:
        """Kept vectors of what was decided, by every model that has any."""
        ids = tuple(sorted(self._asked_with(self.fixed) | self._asked_with(self.rejected)))
        return tuple((family, model, ids) for family, model in self.pairs) if ids else ()

    def queries_of(self, vectors: tuple[VectorRows, ...]) -> tuple[VectorQuery, ...]:
        """All that the index is asked: who looks like the subject."""
        return self.asked_with(vectors)[0]

    def asked_with(
        self, vectors: tuple[VectorRows, ...]
    ) -> tuple[tuple[VectorQuery, ...], tuple[VectorQuery, ...]]:
        """Queries of the subject, and queries of who was rejected."""
        wanted = self.asked.families or tuple(Family)
        pairs = [(family, model) for family, model in self.pairs if family in wanted]
        fixed = queries_from(vectors, pairs, self._asked_with(self.fixed))
        refused = queries_from(vectors, pairs, self._asked_with(self.rejected))
        return (*self.queries, *fixed), tuple(refused)

    def looks(
        self, read: Pursued, calibrations: Mapping[str, Calibration]
    ) -> tuple[Likeness, Likeness]:
        """How alike tracklets are to the subject, and to who was rejected."""
        subject, others = self.asked_with(read.vectors)
        cut_from = {p.probe_id: p.tracklet_id for p in self.probes if p.tracklet_id is not None}
        return (
            likeness(subject, read.found.hits, calibrations, rows=read.near, cut_from=cut_from),
            likeness(others, (), calibrations, rows=read.near),
        )

    def compared(self, read: Pursued) -> frozenset[Family]:
        """Families that the subject's looks are compared with."""
        return frozenset(query.family for query in self.asked_with(read.vectors)[0])

    def near(self, everybody: Everybody, read: Pursued) -> list[VectorsOf]:
        """Vectors of those that place and time speak for, however unlike they may look; and of the
        most alike, where somebody was rejected whom they may be more alike to."""
        near = everybody.near(self.compared(read))
        subject, others = self.asked_with(read.vectors)
        alike = most_alike(subject, read.found.hits, MAX_ALIKE) if others else {}
        wanted = {
            family: tuple(sorted({*near.get(family, ()), *alike.get(family, ()), *self.fixed}))
            for family in Family
        }
        return [(family, model, wanted[family]) for family, model in self.pairs if wanted[family]]

    def known(self, read: Pursued) -> Known:
        """What people said, in the words of `laid`."""
        cameras = read.passage.cameras
        anchors = tuple(
            Anchor(camera.camera_id, camera.utc_of(probe.device_ns), Family(probe.family))
            for probe in self.probes
            if probe.tracklet_id is None and probe.device_ns is not None
            for camera in [cameras.get(probe.camera_id or 0)]
            if camera is not None
        )
        links = {
            (part.tracklet_id, link.tracklet_id): link.kind
            for parts in read.traced.rows.parts.values()
            for part in parts
            for link in part.links
        }
        families = frozenset(Family(probe.family) for probe in self.probes)
        return Known(self.fixed, self.rejected, anchors, families, links)

    def shown(self, found: Laid, looks: Likeness) -> list[int]:
        """Tracklets to show: the likeliest, those of the best way, and what was confirmed.

        Where looks have no calibration nothing adds up: then the most alike come first.
        """
        pool = found.pool
        order = sorted(
            (row for row in range(len(pool)) if pool.tracklet_ids[row] >= 0),
            key=lambda row: (-found.chance[row], -pool.own[row], pool.tracklet_ids[row]),
        )
        wanted = [row for row in order if self._is_wanted(found, row)]
        chosen = [int(pool.tracklet_ids[row]) for row in wanted[: self.asked.k]]
        if not looks.calibrated:
            alike = looks.tracklet_ids[np.argsort(-looks.cosine, kind="stable")]
            chosen = [i for i in alike.tolist() if i not in self.rejected][: self.asked.k]
        on_way = [int(pool.tracklet_ids[row]) for row in found.ways.best]
        always = sorted({i for i in on_way if i >= 0} | self.fixed)
        return list(dict.fromkeys([*chosen, *always, *sorted(self.rejected)[: self.asked.k]]))

    def _is_wanted(self, found: Laid, row: int) -> bool:
        family = FAMILIES[int(found.pool.families[row])]
        return not self.asked.families or family in self.asked.families

    def _asked_with(self, ids: frozenset[int]) -> frozenset[int]:
        """Those of these that were decided last, so many."""
        last = {d.tracklet_id: d.at_ns for d in sorted(self.decisions, key=lambda d: d.at_ns)}
        ordered = sorted(ids, key=lambda i: (-last.get(i, 0), i))
        return frozenset(ordered[:MAX_TRACKLETS_ASKED])


def _confirmed_twice(actor: int, decisions: Iterable[Decision]) -> Iterator[int]:
    """What one confirmed and, in other words or after another verdict, confirmed again."""
    own = (d for d in decisions if d.actor == actor and d.verdict is Verdict.CONFIRM)
    times = Counter(decision.tracklet_id for decision in own)
    return (tracklet_id for tracklet_id, count in times.items() if count > 1)


def _whole(read: Pursued) -> Traced:
    """All rows that were read, of what was decided and of what is shown."""
    found, traced = read.found.rows, read.traced.rows
    rows = Rows({**found.parts, **traced.parts}, {**found.shots, **traced.shots}, found.plates)
    return replace(read.traced, rows=rows)
