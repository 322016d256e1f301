"""Confirmed sightings in time order, and how each hop between them could be; nothing hidden."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cases import kept
from cases.answers import Ask, Traced
from cases.audit import AuditLog
from cases.events import EventKind, event_by
from cases.ranking import confirmed, newest
from cases.reading import ReadingDoor
from cases.transit import SLACK_SIGMAS, Transit, Travel
from core.clocks import Now, format_utc, s_of
from core.protocols import Store
from core.types import (
    Account,
    CameraGraph,
    Candidate,
    Decision,
    Epoch,
    Hop,
    Probe,
    Sighting,
    TimeSpan,
    Tracklet,
    Trajectory,
    Verdict,
)

MAX_SUGGESTED = 5
"""Candidates named per hop."""

_MAX_READ = 500  # undecided candidates read for suggestions, the best of all searches
_WORTH_NAMING_S = 60.0  # a gap shorter than this is not named, however short the way
_SHOTS_SHOWN = 4
_CAMERAS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Trajectories:
    """Lays a case's confirmed sightings out. It confirms nothing and guesses nothing."""

    door: ReadingDoor
    store: Store
    audit: AuditLog
    now: Now

    def reconstruct(
        self, actor: Account, case_id: int, *, version: int | None = None
    ) -> Trajectory:
        """The trajectory of what people confirmed, as of now; empty while nothing is.

        Hops that no speed explains are flagged, not dropped. What somebody confirmed and somebody
        else rejected stays out and is named. Its audit entry names every tracklet read.
        """
        started_ns = self.now()
        decisions = self.store.cases.decisions(case_id)
        best = best_candidates(self._kept(case_id), self.store.cases.probes(case_id))
        wanted, open_ids = confirmed(decisions), undecided(best.values(), decisions)
        ids = [*wanted, *open_ids[:_MAX_READ]]
        detail = {"tracklet_ids": sorted(ids)}
        ask = Ask(actor, case_id, EventKind.READ_TRAJECTORY, version=version, detail=detail)
        traced = self.door.trace(ask, ids)
        transit = Transit.of(self.store.cameras.graph(), traced.passage.cameras)
        maker = Layout(traced, transit, decisions, best)
        trajectory = maker.trajectory(wanted, open_ids)
        self._log(actor, traced, trajectory, started_ns)
        return trajectory

    def _kept(self, case_id: int) -> Iterator[kept.KeptSearch]:
        for search_id in self.store.cases.searches(case_id):
            yield kept.read(self.store.cases.search(case_id, search_id))

    def _log(self, actor: Account, traced: Traced, trajectory: Trajectory, started_ns: int) -> None:
        detail = {
            "trajectory_seq": traced.passage.audit_seq,
            "started_ns": started_ns,
            "ended_ns": self.now(),
            "tracklet_ids": [sighting.tracklet_id for sighting in trajectory.sightings],
            "infeasible": sum(not hop.feasible for hop in trajectory.hops),
        }
        case = traced.passage.case
        self.audit.write(event_by(actor, EventKind.TRAJECTORY_ANSWERED, detail, case=case))


def laid_out(
    traced: Traced,
    graph: CameraGraph,
    decisions: Sequence[Decision],
    best: Mapping[int, Candidate],
) -> Trajectory:
    """The trajectory of what those decisions confirm, of rows that were read before."""
    transit = Transit.of(graph, traced.passage.cameras)
    return Layout(traced, transit, decisions, best).trajectory(confirmed(decisions), ())


def best_candidates(
    searches: Iterable[kept.KeptSearch], probes: Iterable[Probe]
) -> dict[int, Candidate]:
    """Each tracklet's best candidate over a case's searches, by tracklet; of its plate the best.

    What a probe says of the tracklet that it was cut from is no evidence and does not count, nor
    does an appearance or a plate that a search only stated for want of one.
    """
    cut_from = {probe.probe_id: probe.tracklet_id for probe in probes}
    best: dict[int, Candidate] = {}
    for search in searches:
        for candidate in search.answer.candidates:
            one = _evidence_of(candidate, cut_from)
            if one.cosine is None and one.plate_llr is None:
                continue
            known = best.get(one.tracklet_id)
            best[one.tracklet_id] = one if known is None else _better(known, one)
    return best


def _evidence_of(candidate: Candidate, cut_from: Mapping[int, int | None]) -> Candidate:
    probe_id = candidate.probe_id
    if probe_id is None or cut_from.get(probe_id) == candidate.tracklet_id:
        candidate = replace(candidate, cosine=None, llr=None)
    return candidate if candidate.plate else replace(candidate, plate_llr=None)


def _better(one: Candidate, other: Candidate) -> Candidate:
    """The one that looks more alike, with the likelier reading of both: each counts once."""
    first, second = sorted((one, other), key=_alike, reverse=True)
    plates = [c for c in (first, second) if c.plate_llr is not None]
    likeliest = max(plates, key=lambda c: c.plate_llr or 0.0, default=first)
    return replace(first, plate_llr=likeliest.plate_llr, plate=likeliest.plate)


def undecided(candidates: Iterable[Candidate], decisions: Iterable[Decision]) -> list[int]:
    """Tracklets that nobody's newest verdict confirms or rejects, the most alike first."""
    settled = {
        tracklet_id
        for (_, tracklet_id), decision in newest(decisions).items()
        if decision.verdict is not Verdict.UNSURE
    }
    ordered = sorted(candidates, key=lambda c: (_belief(c), -c.tracklet_id), reverse=True)
    return [c.tracklet_id for c in ordered if c.tracklet_id not in settled]


@dataclass(frozen=True, slots=True)
class Layout:
    """One reconstruction: the rows that were read, and the rules for hops."""

    traced: Traced
    transit: Transit
    decisions: Sequence[Decision]
    best: Mapping[int, Candidate]

    def trajectory(self, wanted: Sequence[int], open_ids: Sequence[int]) -> Trajectory:
        sightings = sorted(
            (self.sighting(i) for i in wanted if i in self.traced.rows.parts), key=_when
        )
        offered = [self.sighting(i) for i in open_ids if i in self.traced.rows.parts]
        hops = tuple(
            self.hop(sightings, start, offered) for start in range(max(0, len(sightings) - 1))
        )
        return Trajectory(
            sightings=tuple(sightings),
            hops=hops,
            gaps=(*self.gaps(sightings, hops), *self.lost(wanted)),
            contradictions=(*self.contradictions(sightings), *self.contested()),
            coverage=self.traced.coverage,
        )

    def sighting(self, tracklet_id: int) -> Sighting:
        """All parts of a tracklet as one claim, in corrected UTC."""
        parts = self.traced.rows.parts[tracklet_id]
        shots = self.traced.rows.shots.get(tracklet_id, [])
        best_first = sorted(shots, key=lambda shot: -shot.quality)
        return Sighting(
            tracklet_id=tracklet_id,
            camera_id=parts[0].camera_id,
            family=parts[0].family,
            span=self.traced.passage.utc_span(parts),
            clock_sigma_s=max(self.sigma_s(part) for part in parts),
            llr=_llr_of(self.best.get(tracklet_id)),
            decisions=tuple(d for d in self.decisions if d.tracklet_id == tracklet_id),
            shot_ids=tuple(shot.shot_id for shot in best_first[:_SHOTS_SHOWN]),
        )

    def sigma_s(self, part: Tracklet) -> float:
        """One standard deviation of a part's UTC: its time line's and the correction's."""
        camera = self.traced.passage.cameras[part.camera_id]
        correction = camera.correction_at(part.span.start_ns)
        epoch: Epoch | None = self.traced.epochs.get(part.epoch)
        return math.hypot(correction.sigma_s, epoch.clock_sigma_s if epoch else 0.0)

    def hop(self, sightings: Sequence[Sighting], start: int, offered: Sequence[Sighting]) -> Hop:
        before, after = sightings[start], sightings[start + 1]
        travel = self.travel(before, after)
        between = [
            s.tracklet_id
            for s in offered
            if before.span.start_ns <= s.span.start_ns <= after.span.start_ns
            and self.travel(before, s).feasible
            and self.travel(s, after).feasible
        ]
        return Hop(
            start=start,
            end=start + 1,
            gap_s=_gap_s(before, after),
            distance_m=travel.distance_m,
            fastest_s=travel.fastest_s,
            slowest_s=travel.slowest_s,
            feasible=travel.feasible,
            why=travel.why,
            between=tuple(between[:MAX_SUGGESTED]),
        )

    def travel(self, before: Sighting, after: Sighting) -> Travel:
        """How one sighting could follow the other, clocks of both cameras in the sum."""
        return self.transit.judge(
            before.camera_id,
            after.camera_id,
            _gap_s(before, after),
            families=(before.family, after.family),
            sigma_s=_sigma_s(before, after),
        )

    def contradictions(self, sightings: Sequence[Sighting]) -> Iterator[str]:
        """Pairs that one subject cannot be: at once in two places, or twice in one view."""
        for row, before in enumerate(sightings):
            for after in sightings[row + 1 :]:
                if after.span.start_ns >= before.span.end_ns:
                    break
                if said := self.at_once(before, after):
                    yield said

    def at_once(self, before: Sighting, after: Sighting) -> str:
        """Why two sightings that overlap in time exclude each other; empty if they need not."""
        pair = f"tracklets {before.tracklet_id} and {after.tracklet_id}"
        if before.camera_id == after.camera_id:
            return f"{pair}: at once in the view of {self.name(before)}, doubled or two subjects"
        overlap_s = -_gap_s(before, after)
        if self.travel(before, after).feasible or overlap_s <= SLACK_SIGMAS * _sigma_s(
            before, after
        ):
            return ""
        return (
            f"{pair}: at once at {self.name(before)} and {self.name(after)}, "
            f"for {overlap_s:.1f} s from {format_utc(after.span.start_ns)}"
        )

    def gaps(self, sightings: Sequence[Sighting], hops: Iterable[Hop]) -> Iterator[str]:
        """Hops that took longer than the slowest way explains, with what was not searched then."""
        for (before, after), hop in zip(pairwise(sightings), hops, strict=True):
            if hop.gap_s <= max(_WORTH_NAMING_S, hop.slowest_s or 0.0):
                continue
            span = TimeSpan(before.span.end_ns, after.span.start_ns)
            blind = self.blind(span)
            also = f"; not searched throughout: {', '.join(blind)}" if blind else ""
            yield (
                f"{self.name(before)} to {self.name(after)}: unseen for {hop.gap_s:.0f} s "
                f"from {format_utc(span.start_ns)}{also}"
            )

    def blind(self, span: TimeSpan) -> list[str]:
        """Names of the cameras of which some of `span` was not searched; the first few."""
        missing = self.traced.coverage.missing
        ids = sorted({part.camera_id for part, _ in missing if part.span.overlaps(span)})
        cameras = self.traced.passage.cameras
        names = [cameras[i].name if i in cameras else f"camera {i}" for i in ids]
        shown = names[:_CAMERAS_NAMED]
        return shown if len(names) == len(shown) else [*shown, f"{len(names) - len(shown)} more"]

    def lost(self, wanted: Iterable[int]) -> Iterator[str]:
        for tracklet_id in wanted:
            if tracklet_id not in self.traced.rows.parts:
                yield f"tracklet {tracklet_id}: was confirmed, and is not in the case any more"

    def contested(self) -> Iterator[str]:
        said: dict[int, dict[Verdict, list[int]]] = {}
        for (actor, tracklet_id), decision in newest(self.decisions).items():
            said.setdefault(tracklet_id, {}).setdefault(decision.verdict, []).append(actor)
        for tracklet_id, by in sorted(said.items()):
            if Verdict.CONFIRM in by and Verdict.REJECT in by:
                yield f"tracklet {tracklet_id}: confirmed by one person, rejected by another"

    def name(self, sighting: Sighting) -> str:
        return self.traced.passage.cameras[sighting.camera_id].name


def _llr_of(known: Candidate | None) -> dict[str, float]:
    """By evidence, what searches found of a tracklet."""
    if known is None:
        return {}
    by_evidence = {"appearance": known.llr, "plate": known.plate_llr}
    return {name: llr for name, llr in by_evidence.items() if llr is not None}


def _belief(candidate: Candidate) -> tuple[bool, float, float]:
    """Candidates with a ratio first, by it; the others by cosine."""
    belief, cosine = candidate.belief, candidate.cosine
    return belief is not None, belief or 0.0, -1.0 if cosine is None else cosine


def _alike(candidate: Candidate) -> tuple[bool, bool, float, float]:
    """The same by appearance alone."""
    llr, cosine = candidate.llr, candidate.cosine
    return cosine is not None, llr is not None, llr or 0.0, -1.0 if cosine is None else cosine


def _when(sighting: Sighting) -> tuple[int, int, int]:
    return sighting.span.start_ns, sighting.span.end_ns, sighting.tracklet_id


def _gap_s(before: Sighting, after: Sighting) -> float:
    return s_of(after.span.start_ns - before.span.end_ns)


def _sigma_s(a: Sighting, b: Sighting) -> float:
    """Of the time between two sightings. One camera's clock is wrong by the same on both sides."""
    if a.camera_id == b.camera_id:
        return 0.0
    return math.hypot(a.clock_sigma_s, b.clock_sigma_s)
