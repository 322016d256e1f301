"""Confirmed sightings in time order, and how each hop between them could be."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Span, Wire
from api.schemas.searches import DECISION_EXAMPLE, DecisionOut
from core.types import Hop, Rival, Sighting, Trajectory


class RivalOut(Wire):
    """Another way that the trajectory could be, `margin` nats behind the best: these instead."""

    tracklet_ids: list[Id]
    margin: float = Field(examples=[2.3])

    @classmethod
    def of(cls, rival: Rival) -> "RivalOut":
        """The rival as it goes out."""
        return cls(tracklet_ids=list(rival.tracklet_ids), margin=rival.margin)


class SightingOut(Wire):
    """A claim that the subject is this tracklet: made by people, or `proposed` by the evidence.

    `margin` is how many nats the best trajectory is ahead of the best one without it, null for
    what people confirmed. `proposed`, `probability`, `margin` and `rivals` only ever say something
    in a reconstruction.
    """

    tracklet_id: Id
    camera_id: Id
    family: str = Field(examples=["person"])
    span: Span
    clock_sigma_s: float = Field(examples=[0.5])
    llr: dict[str, float] = Field(examples=[{"appearance": 3.1, "transit": 0.4}])
    decisions: list[DecisionOut]
    shot_ids: list[Id]
    proposed: bool
    probability: float | None = Field(examples=[0.83])
    margin: float | None = Field(examples=[2.3])
    rivals: list[RivalOut]

    @classmethod
    def of(cls, sighting: Sighting) -> "SightingOut":
        """The sighting as it goes out."""
        return cls(
            tracklet_id=sighting.tracklet_id,
            camera_id=sighting.camera_id,
            family=sighting.family,
            span=Span.of(sighting.span),
            clock_sigma_s=sighting.clock_sigma_s,
            llr=dict(sighting.llr),
            decisions=[DecisionOut.of(decision) for decision in sighting.decisions],
            shot_ids=list(sighting.shot_ids),
            proposed=sighting.proposed,
            probability=sighting.probability,
            margin=sighting.margin,
            rivals=[RivalOut.of(rival) for rival in sighting.rivals],
        )


class HopOut(Wire):
    """From one sighting to the next; `start` and `end` are places in `sightings`."""

    start: int
    end: int
    gap_s: float = Field(examples=[312.0])
    distance_m: float | None = Field(examples=[410.0])
    fastest_s: float | None = Field(examples=[58.6])
    slowest_s: float | None = Field(examples=[820.0])
    feasible: bool
    why: str = Field(examples=["410 m in 312 s is a walk"])
    between: list[Id] = Field(description="Tracklets that could stand between, best first.")
    change: str = Field(
        description="How the subject changed carrier on the way; empty if it did not.",
        examples=["person to rider"],
    )
    llr: float | None = Field(
        description="What the hop's place and time say; null outside a reconstruction.",
        examples=[1.7],
    )
    missed: list[Id] = Field(description="Cameras on the way that did not see the subject.")

    @classmethod
    def of(cls, hop: Hop) -> "HopOut":
        """The hop as it goes out."""
        return cls(
            start=hop.start,
            end=hop.end,
            gap_s=hop.gap_s,
            distance_m=hop.distance_m,
            fastest_s=hop.fastest_s,
            slowest_s=hop.slowest_s,
            feasible=hop.feasible,
            why=hop.why,
            between=list(hop.between),
            change=hop.change,
            llr=hop.llr,
            missed=list(hop.missed),
        )


SIGHTING_EXAMPLE: Final[JsonDict] = {
    "tracklet_id": "817263549182801",
    "camera_id": "817263549182737",
    "family": "person",
    "span": {"start": "2026-05-03T23:57:02.120Z", "end": "2026-05-03T23:57:09.480Z"},
    "clock_sigma_s": 0.5,
    "llr": {"appearance": 2.4},
    "decisions": [DECISION_EXAMPLE],
    "shot_ids": ["817263549182999"],
    "proposed": False,
    "probability": None,
    "margin": None,
    "rivals": [],
}


class TrajectoryOut(Wire):
    """What people confirmed, in time order, with what is missing and what cannot be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sightings": [SIGHTING_EXAMPLE],
                    "hops": [],
                    "gaps": [],
                    "contradictions": [],
                    "coverage": COVERAGE_EXAMPLE,
                    "margin": None,
                }
            ]
        }
    )

    sightings: list[SightingOut]
    hops: list[HopOut]
    gaps: list[str]
    contradictions: list[str]
    coverage: CoverageOut
    margin: float | None

    @classmethod
    def of(cls, trajectory: Trajectory) -> "TrajectoryOut":
        """The trajectory as it goes out."""
        return cls(
            sightings=[SightingOut.of(sighting) for sighting in trajectory.sightings],
            hops=[HopOut.of(hop) for hop in trajectory.hops],
            gaps=list(trajectory.gaps),
            contradictions=list(trajectory.contradictions),
            coverage=CoverageOut.of(trajectory.coverage),
            margin=trajectory.margin,
        )
