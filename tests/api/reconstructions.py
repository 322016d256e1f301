"""A reconstruction for tests: real rights, audit and rows; its beliefs are made up and fixed."""

from dataclasses import dataclass, field, replace

from cases.search import CaseSearch, SearchRequest
from cases.trajectory import Trajectories
from core.types import (
    Account,
    Case,
    Doubted,
    NextCamera,
    Pruned,
    Reconstruction,
    Rival,
    TimeSpan,
    WayThrough,
)

LOOK_NEXT = 3
"""The camera that it names next; the house's case does not grant it."""


@dataclass(frozen=True, slots=True)
class FixedReconstructions:
    """Every candidate is worth one nat of transit and an even chance."""

    search: CaseSearch
    trajectories: Trajectories
    prepared: list[int] = field(default_factory=list)

    def prepare(self, case: Case) -> None:
        self.prepared.append(case.case_id)

    def reconstruct(self, actor: Account, case_id: int, asked: SearchRequest) -> Reconstruction:
        found = self.search.search(actor, case_id, asked)
        ids = tuple(one.tracklet_id for one in found.candidates)
        candidates = [replace(one, transit_llr=1.0, probability=0.5) for one in found.candidates]
        laid = self.trajectories.reconstruct(actor, case_id)
        sightings = tuple(replace(one, rivals=(Rival(ids, 2.5),)) for one in laid.sightings)
        later = TimeSpan(1_777_881_600_000_000_000, 1_777_881_660_000_000_000)
        return Reconstruction(
            replace(found, candidates=tuple(candidates)),
            replace(laid, sightings=sightings, margin=2.5),
            (WayThrough(ids, 4.0),),
            (NextCamera(LOOK_NEXT, 0.4, later, "outside", 410.0, 60.0),),
            Pruned(1000, 40, 0.01),
            tuple(Doubted(one.tracklet_id, 0.04) for one in sightings[:1]),
        )
