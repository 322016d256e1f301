"""The case of the demo, worked on as an investigator would, through the services of everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.search import MAX_PROBES, SearchRequest
from core.clocks import format_utc
from core.errors import InvalidInput
from core.types import Case, Family, Probe, Tracklet, Trajectory, Verdict
from pipeline.demo.eye import Drawn, Eye, box_text
from pipeline.demo.footprint import Steps
from pipeline.people import People
from pipeline.service import Service

_ROUNDS = 6
_OFFERED = 50


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of it: the trajectory, and how many tracklets were looked at for it."""

    trajectory: Trajectory
    looked_at: int
    confirmed: int


@dataclass(slots=True)
class Investigation:
    """One case. `eye` decides and draws, which only a person may."""

    service: Service
    people: People
    case: Case
    eye: Eye
    steps: Steps

    def worked(self) -> Worked:
        """Search from a box on the scene, decide on what is offered; again from what was confirmed
        and from the vehicle that the thief was seen to take, until nothing new is found."""
        drawn = [self._scene()]
        probe_ids = [drawn[0].probe_id]
        looked_at, found = 0, 0
        for number in range(1, _ROUNDS + 1):
            confirmed, seen = self._round(probe_ids)
            looked_at, found = looked_at + seen, found + len(confirmed)
            self.steps.say(
                f"round {number}: {seen} tracklets of similar appearance looked at, "
                f"{len(confirmed)} confirmed"
            )
            if not confirmed:
                break
            drawn += self._entered(confirmed)
            again = self.service.search.probes_from_confirmed(
                self.people.investigator, self.case.case_id
            )
            probe_ids = [one.probe_id for one in (*drawn, *again)][:MAX_PROBES]
        trajectory = self.service.trajectories.reconstruct(
            self.people.investigator, self.case.case_id
        )
        return Worked(trajectory, looked_at, found)

    def _scene(self) -> Probe:
        drawn = self.eye.scene()
        if drawn is None:
            raise InvalidInput("seed: want a theft whose scene shows the thief on foot")
        return self._probe(drawn, "the thief")

    def _entered(self, confirmed: Sequence[Tracklet]) -> list[Probe]:
        return [
            self._probe(drawn, "what the thief took")
            for drawn in self.eye.entered(confirmed)
            if self._has_embedder(drawn.family)
        ]

    def _has_embedder(self, family: Family) -> bool:
        settings = self.service.settings
        names = {Family.PERSON: settings.person_embedder, Family.VEHICLE: settings.vehicle_embedder}
        return bool(names.get(family, settings.person_embedder or settings.vehicle_embedder))

    def _probe(self, drawn: Drawn, whom: str) -> Probe:
        self.steps.say(
            f"a box is drawn round {whom}: {drawn.camera.name}, {format_utc(drawn.at_ns)}, "
            f"{box_text(drawn.xyxy)}"
        )
        return self.service.search.probe_from_frame(
            self.people.investigator,
            self.case.case_id,
            drawn.camera.camera_id,
            drawn.at_ns,
            drawn.xyxy,
            drawn.family,
        )

    def _round(self, probe_ids: Sequence[int]) -> tuple[list[Tracklet], int]:
        """First parts of the tracklets newly confirmed, and how many were looked at."""
        who, case_id = self.people.investigator, self.case.case_id
        asked = SearchRequest(tuple(probe_ids), k=_OFFERED)
        confirmed, seen = [], 0
        for candidate in self.service.search.search(who, case_id, asked).candidates:
            if candidate.verdict is not None:
                continue
            parts = self.service.door.tracklets(who, case_id, ids=[candidate.tracklet_id])
            right = self.eye.is_thief(parts)
            verdict = Verdict.CONFIRM if right else Verdict.REJECT
            self.service.search.decide(who, case_id, candidate.tracklet_id, verdict)
            confirmed += parts[:1] if right else []
            seen += 1
        return confirmed, seen
