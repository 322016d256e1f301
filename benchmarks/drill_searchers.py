"""What puts tracklets in order: the engine of the product, and three simpler ways of searching.

All work in a case of their own, on the same scope, from the same confirmed scene. Where a confirmed
subject is seen to get on or off, what it became is boxed as a probe, for all alike; the simple ones
also search with every confirmed tracklet as a probe, which the engine does by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cases.search import MAX_K, MAX_PROBES, SearchRequest
from core.arrays import F64
from core.clocks import ns_of
from core.types import (
    Account,
    Candidate,
    Case,
    Reconstruction,
    TimeSpan,
    Trajectory,
    Verdict,
)
from pipeline.service import Service

SHOWN = 50
"""Candidates that the engine is asked for: a page of them."""

_WINDOW_S, _LOOKS_A_WINDOW = 300.0, 10
_WHILE_S = 1800.0
_A_CAMERA = 3


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """One investigator at work in one case; the scope ends at `end_ns`."""

    service: Service
    actor: Account
    case: Case

    @property
    def case_id(self) -> int:
        return self.case.case_id

    @property
    def end_ns(self) -> int:
        return max(one.span.end_ns for one in self.case.grants)

    def decide(self, tracklet_id: int, verdict: Verdict) -> None:
        self.service.search.decide(self.actor, self.case_id, tracklet_id, verdict)

    def trajectory(self) -> Trajectory:
        """The confirmed sightings laid out."""
        return self.service.trajectories.reconstruct(self.actor, self.case_id)


ProbesOf = Callable[[CaseDesk, int], Sequence[int]]
"""Ids of the probes that a confirmed tracklet gives, or of what the subject is seen to become."""


# --- the engine ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reconstruction took by the clock and on all cores together, and what it showed."""

    took_s: float
    cpu_s: float
    candidates: tuple[Candidate, ...]

    @property
    def shown(self) -> list[tuple[int, float]]:
        """Tracklets that were not decided on, with the probabilities stated of them."""
        return [
            (one.tracklet_id, one.probability)
            for one in self.candidates
            if one.probability is not None and one.verdict in (None, Verdict.UNSURE)
        ]


@dataclass
class Engine:
    """Ranks by the chance that a reconstruction gives, doubted confirmations first; asks anew after
    every verdict."""

    desk: CaseDesk
    probe_ids: tuple[int, ...] = ()
    entered: ProbesOf = lambda desk, tracklet_id: ()
    name: str = "engine"
    answers: list[Answer] = field(default_factory=list)
    last: Reconstruction | None = None

    def ranked(self) -> Iterator[int]:
        since_s, since_cpu_s = perf_counter(), process_time()
        desk, asked = self.desk, SearchRequest(self.probe_ids, k=SHOWN)
        self.last = desk.service.reconstructions.reconstruct(desk.actor, desk.case_id, asked)
        took_s, cpu_s = perf_counter() - since_s, process_time() - since_cpu_s
        candidates = self.last.answer.candidates
        self.answers.append(Answer(took_s, cpu_s, candidates))
        yield from (one.tracklet_id for one in self.last.doubted)
        yield from (one.tracklet_id for one in candidates)

    @property
    def doubted(self) -> frozenset[int]:
        """Confirmed sightings that the rest speaks against."""
        return frozenset(one.tracklet_id for one in self.last.doubted) if self.last else frozenset()

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        self.desk.decide(tracklet_id, verdict)
        if verdict is Verdict.CONFIRM:
            self.probe_ids += tuple(self.entered(self.desk, tracklet_id))


# --- simpler ones --------------------------------------------------------------------------------


@dataclass
class Simple(ABC):
    """Searches by appearance with all probes so far; how the hits are ordered is its own."""

    desk: CaseDesk
    probes_of: ProbesOf
    name: str = ""
    probe_ids: list[int] = field(default_factory=list)
    confirmed: dict[int, tuple[int, TimeSpan]] = field(default_factory=dict)
    since_found: int = 0
    scene: tuple[int, TimeSpan] | None = None
    _found: dict[TimeSpan | None, tuple[Candidate, ...]] = field(default_factory=dict)

    @property
    def doubted(self) -> frozenset[int]:
        """None: nothing weighs one find against the others."""
        return frozenset()

    def ranked(self) -> Iterator[int]:
        """The order of its own, then all by appearance."""
        yield from (one.tracklet_id for one in self.ordered())
        yield from (one.tracklet_id for one in self.found(None))

    @abstractmethod
    def ordered(self) -> Iterator[Candidate]:
        """Who to look at first."""

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        self.desk.decide(tracklet_id, verdict)
        self.since_found += 1
        if verdict is Verdict.CONFIRM:
            self.confirm(tracklet_id)

    def confirm(self, tracklet_id: int) -> None:
        """Search with it from now on."""
        desk = self.desk
        self.probe_ids += self.probes_of(desk, tracklet_id)
        parts = desk.service.door.tracklets(desk.actor, desk.case_id, ids=[tracklet_id])
        (camera,) = desk.service.store.cameras.some([parts[0].camera_id])
        first_ns, last_ns = parts[0].span.start_ns, parts[-1].span.end_ns
        span = TimeSpan(camera.utc_of(first_ns), camera.utc_of(last_ns - 1) + 1)
        self.confirmed[tracklet_id] = camera.camera_id, span
        self.since_found = 0
        self._found.clear()

    def start(self, camera_id: int, at_ns: int) -> None:
        """Where and when it began, while nothing is confirmed."""
        self.scene = camera_id, TimeSpan(at_ns, at_ns + 1)

    @property
    def last(self) -> tuple[int, TimeSpan]:
        """Camera and time of the latest confirmed sighting, at first of the scene."""
        places = [*self.confirmed.values(), *([self.scene] if self.scene else [])]
        return max(places, key=lambda place: place[1].end_ns)

    def found(self, span: TimeSpan | None) -> tuple[Candidate, ...]:
        """By appearance, within a time or all of it."""
        if span not in self._found:
            asked = SearchRequest(tuple(self.probe_ids[-MAX_PROBES:]), k=MAX_K, span=span)
            search = self.desk.service.search
            self._found[span] = search.search(self.desk.actor, self.desk.case_id, asked).candidates
        return self._found[span]

    def next_seconds(self, seconds: float) -> TimeSpan | None:
        """So long after the last sighting; None where the scope ends before."""
        start_ns = self.last[1].end_ns
        end_ns = min(start_ns + ns_of(seconds), self.desk.end_ns)
        return TimeSpan(start_ns, end_ns) if start_ns < end_ns else None


@dataclass
class ByAppearance(Simple):
    """The most alike first, whenever and wherever."""

    name: str = "appearance"

    def ordered(self) -> Iterator[Candidate]:
        yield from self.found(None)


@dataclass
class ByTime(Simple):
    """The most alike of the next five minutes; each ten looks in vain double that time."""

    name: str = "time_order"

    def ordered(self) -> Iterator[Candidate]:
        doubled = min(self.since_found // _LOOKS_A_WINDOW, 6)
        span = self.next_seconds(_WINDOW_S * 2**doubled)
        if span is not None and doubled < 6:
            yield from self.found(span)


@dataclass
class ByDistance(Simple):
    """The nearest camera first: the three most alike there in the next half hour, then the next
    nearest."""

    name: str = "nearest_camera"
    _metres: dict[int, dict[int, float]] = field(default_factory=dict)

    def ordered(self) -> Iterator[Candidate]:
        span = self.next_seconds(_WHILE_S)
        if span is None:
            return
        by_camera: dict[int, list[Candidate]] = {}
        for one in self.found(span):
            by_camera.setdefault(one.camera_id, []).append(one)
        here = self.last[0]
        if here not in self._metres:
            self._metres[here] = road_m(self.desk.service, here)
        metres = self._metres[here]
        for camera_id in sorted(by_camera, key=lambda i: (metres.get(i, np.inf), i)):
            yield from by_camera[camera_id][:_A_CAMERA]


def road_m(service: Service, camera_id: int) -> dict[int, float]:
    """Metres by road from a camera to each other one."""
    graph = service.store.cameras.graph()
    ids = graph.camera_ids.tolist()
    shape = (len(ids), len(ids))
    weights = csr_array((graph.distance_m.astype(np.float64), tuple(graph.edges.T)), shape=shape)
    metres: F64 = np.asarray(dijkstra(weights, indices=[ids.index(camera_id)])[0], np.float64)
    return dict(zip(ids, metres.tolist(), strict=True))
