"""Confirmed sightings in time order, and how each hop between them could be."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Span, Wire
from api.schemas.searches import DECISION_EXAMPLE, DecisionOut
from core.types import Hop, Sighting, Trajectory


class SightingOut(Wire):
    """A claim, made by people, that the subject is this tracklet."""

    tracklet_id: Id
    camera_id: Id
    family: str = Field(examples=["person"])
    span: Span
    clock_sigma_s: float = Field(examples=[0.5])
    llr: dict[str, float] = Field(examples=[{"appearance": 3.1, "transit": 0.4}])
    decisions: list[DecisionOut]
    shot_ids: list[Id]

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
