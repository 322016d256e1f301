"""The likeliest trajectory by all evidence: a proposal with its rivals, never a finding."""

from typing import Final, Literal, cast

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE
from api.schemas.scalars import Id, Span, Wire
from api.schemas.searches import CANDIDATE_EXAMPLE, SearchIn, SearchOut
from api.schemas.trajectory import SIGHTING_EXAMPLE, TrajectoryOut
from cases.search import SearchRequest
from core.types import Doubted, NextCamera, Pruned, Reconstruction, WayThrough


class ReconstructionIn(SearchIn):
    """As for a search; with something confirmed in the case neither probe nor plate is needed.

    What was confirmed counts as probes by itself, what was rejected pushes away.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{}, {"probe_ids": ["817263549183001"], "plate": "京A?12*", "limit": 200}]
        }
    )

    def to_core(self, *, from_confirmed: bool = True) -> SearchRequest:
        """The reconstruction as the case takes it."""
        return super().to_core(from_confirmed=from_confirmed)


Standing = Literal["in_scope", "down", "outside"]


class NextCameraOut(Wire):
    """A camera that the subject may have come by after the last sighting: a hint for the eye.

    `standing` says why nothing was seen there: `in_scope` was searched without a find, `down` had
    no pictures then, `outside` is not granted and the approver is to be asked.
    """

    camera_id: Id
    probability: float = Field(
        description="Of being the next camera passed, with the passing not looked at yet.",
        examples=[0.41],
    )
    expected: Span = Field(description="When, UTC: the central 90 %.")
    standing: Standing
    distance_m: float | None = Field(examples=[410.0])
    unseen_s: float = Field(description="How much of `expected` was not searched.", examples=[12.5])

    @classmethod
    def of(cls, one: NextCamera) -> "NextCameraOut":
        """The camera as it goes out."""
        return cls(
            camera_id=one.camera_id,
            probability=one.probability,
            expected=Span.of(one.expected),
            standing=cast("Standing", one.standing),
            distance_m=one.distance_m,
            unseen_s=one.unseen_s,
        )


class WayOut(Wire):
    """One of the best trajectories: its tracklets in time order, and its llr in nats."""

    tracklet_ids: list[Id]
    llr: float = Field(examples=[9.4])

    @classmethod
    def of(cls, way: WayThrough) -> "WayOut":
        """The way as it goes out."""
        return cls(tracklet_ids=list(way.tracklet_ids), llr=way.llr)


class DoubtedOut(Wire):
    """A confirmed tracklet that the rest speaks against: its chance if nobody had confirmed it."""

    tracklet_id: Id
    probability: float = Field(examples=[0.04])

    @classmethod
    def of(cls, one: Doubted) -> "DoubtedOut":
        """The doubt as it goes out."""
        return cls(tracklet_id=one.tracklet_id, probability=one.probability)


class PrunedOut(Wire):
    """What was left out before ways were laid: no way through it can be more than `lost` nats
    better than the best."""

    candidates: int = Field(examples=[100000])
    kept: int = Field(examples=[4000])
    lost: float = Field(examples=[0.0])

    @classmethod
    def of(cls, pruned: Pruned) -> "PrunedOut":
        """The bound as it goes out."""
        return cls(candidates=pruned.candidates, kept=pruned.kept, lost=pruned.lost)


RECONSTRUCTION_EXAMPLE: Final[JsonDict] = {
    "search_id": "817263549183100",
    "candidates": [{**CANDIDATE_EXAMPLE, "transit_llr": 1.7, "probability": 0.83}],
    "coverage": COVERAGE_EXAMPLE,
    "audit_seq": 1042,
    "trajectory": {
        "sightings": [
            SIGHTING_EXAMPLE,
            {
                "tracklet_id": "817263549182811",
                "camera_id": "817263549182738",
                "family": "rider",
                "span": {"start": "2026-05-04T00:02:31.000Z", "end": "2026-05-04T00:02:38.200Z"},
                "clock_sigma_s": 0.5,
                "llr": {"appearance": 1.9, "transit": 1.7},
                "decisions": [],
                "shot_ids": ["817263549183011"],
                "proposed": True,
                "probability": 0.83,
                "margin": 2.3,
                "rivals": [{"tracklet_ids": ["817263549182815"], "margin": 2.3}],
            },
        ],
        "hops": [
            {
                "start": 0,
                "end": 1,
                "gap_s": 321.5,
                "distance_m": 1410.0,
                "fastest_s": 169.2,
                "slowest_s": 705.0,
                "feasible": True,
                "why": "1410 m in 322 s is a ride",
                "between": ["817263549182820"],
                "change": "person to rider",
                "llr": 1.7,
                "missed": ["817263549182740"],
            }
        ],
        "gaps": [],
        "contradictions": [],
        "coverage": COVERAGE_EXAMPLE,
        "margin": 2.3,
    },
    "ways": [
        {"tracklet_ids": ["817263549182801", "817263549182811"], "llr": 9.4},
        {"tracklet_ids": ["817263549182801", "817263549182815"], "llr": 7.1},
    ],
    "next_cameras": [
        {
            "camera_id": "817263549182741",
            "probability": 0.41,
            "expected": {"start": "2026-05-04T00:03:20.000Z", "end": "2026-05-04T00:06:05.000Z"},
            "standing": "outside",
            "distance_m": 620.0,
            "unseen_s": 165.0,
        }
    ],
    "pruned": {"candidates": 100000, "kept": 4000, "lost": 0.0},
    "doubted": [{"tracklet_id": "817263549182801", "probability": 0.04}],
}


class ReconstructionOut(SearchOut):
    """The likeliest trajectory by all evidence and all decisions, and how else it could be.

    The answer is kept like that of a search, by `search_id`. Only people confirm: what nobody
    confirmed is marked as proposed.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [RECONSTRUCTION_EXAMPLE]})

    trajectory: TrajectoryOut
    ways: list[WayOut] = Field(description="The best trajectories, the best first.")
    next_cameras: list[NextCameraOut]
    pruned: PrunedOut
    doubted: list[DoubtedOut] = Field(
        description="Confirmed tracklets to be looked at again, the least likely first."
    )

    @classmethod
    def of_reconstruction(cls, found: Reconstruction) -> "ReconstructionOut":
        """The reconstruction as it goes out."""
        answer = SearchOut.of(found.answer)
        return cls(
            search_id=answer.search_id,
            candidates=answer.candidates,
            coverage=answer.coverage,
            audit_seq=answer.audit_seq,
            trajectory=TrajectoryOut.of(found.trajectory),
            ways=[WayOut.of(way) for way in found.ways],
            next_cameras=[NextCameraOut.of(one) for one in found.next_cameras],
            pruned=PrunedOut.of(found.pruned),
            doubted=[DoubtedOut.of(one) for one in found.doubted],
        )
