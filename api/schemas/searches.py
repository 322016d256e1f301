"""Probes, searches and what they bring up: similar appearance, never the same person."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Instant, Span, Wire
from cases.search import SearchRequest
from core.errors import InvalidInput
from core.types import Candidate, Decision, Family, Probe, SearchAnswer, Verdict

Side = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Box = tuple[Side, Side, Side, Side]


def box_of(text: str) -> Box:
    """`x1,y1,x2,y2` in pixels as four numbers."""
    try:
        x1, y1, x2, y2 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput(f"box: want x1,y1,x2,y2 in pixels, got {text[:100]!r}") from error
    return x1, y1, x2, y2


class FrameProbeIn(Wire):
    """A box on the stored frame that a camera showed at an instant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "camera_id": "817263549182736",
                    "at": "2026-05-04T07:55:12.040+08:00",
                    "box": [812, 204, 901, 433],
                    "family": "person",
                }
            ]
        }
    )

    camera_id: Id
    at: Instant
    box: Box
    family: Family


class ShotProbeIn(Wire):
    """A shot that the case already shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shot_id": "817263549182999"}]})

    shot_id: Id


class ProbeOut(Wire):
    """A probe of a case, without its vectors. `at` is the device's own time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "probe_id": "817263549183001",
                    "case_id": "17",
                    "family": "person",
                    "origin": "frame",
                    "created": "2026-05-04T02:07:00.000Z",
                    "models": ["person-reidentification-retail-0248@4f1c0e5a9b7d"],
                    "camera_id": "817263549182736",
                    "at": "2026-05-03T23:55:12.040Z",
                    "tracklet_id": None,
                }
            ]
        }
    )

    probe_id: Id
    case_id: Id
    family: Family
    origin: str = Field(examples=["upload"])
    created: Instant
    models: list[str] = Field(
        description="Keys of the models that it was embedded with.",
        examples=[["person-reidentification-retail-0248@4f1c0e5a9b7d"]],
    )
    camera_id: Id | None
    at: Instant | None
    tracklet_id: Id | None

    @classmethod
    def of(cls, probe: Probe) -> "ProbeOut":
        """The probe without its vectors."""
        return cls(
            probe_id=probe.probe_id,
            case_id=probe.case_id,
            family=Family(probe.family),
            origin=probe.origin,
            created=probe.created_ns,
            models=sorted(probe.vectors),
            camera_id=probe.camera_id,
            at=probe.device_ns,
            tracklet_id=probe.tracklet_id,
        )


class SearchIn(Wire):
    """Probes of ONE subject; what is left out means all that the case grants."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "probe_ids": ["817263549183001"],
                    "camera_ids": ["817263549182736", "817263549182737"],
                    "span": {
                        "start": "2026-05-04T07:55:00+08:00",
                        "end": "2026-05-04T09:00:00+08:00",
                    },
                    "limit": 50,
                }
            ]
        }
    )

    probe_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=32)]
    camera_ids: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    families: Annotated[tuple[Family, ...], Field(max_length=3)] = ()
    span: Span | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    case_version: Annotated[int, Field(ge=1, le=2**31)] | None = Field(
        None, description="The case's version that was read; a later one refuses the search."
    )

    def to_core(self) -> SearchRequest:
        """The search as the case takes it."""
        return SearchRequest(
            self.probe_ids,
            k=self.limit,
            families=self.families,
            cameras=self.camera_ids,
            span=None if self.span is None else self.span.to_core(),
            version=self.case_version,
        )


CANDIDATE_EXAMPLE: Final[JsonDict] = {
    "tracklet_id": "817263549182801",
    "camera_id": "817263549182737",
    "class_label": "person",
    "span": {"start": "2026-05-03T23:57:02.120Z", "end": "2026-05-03T23:57:09.480Z"},
    "cosine": 0.71,
    "llr": 2.4,
    "shot_id": "817263549182999",
    "shot_ids": ["817263549182999", "817263549183000"],
    "probe_id": "817263549183001",
    "verdict": None,
}


class CandidateOut(Wire):
    """A tracklet of similar appearance. `llr` is null while its model has no calibration."""

    model_config = ConfigDict(json_schema_extra={"examples": [CANDIDATE_EXAMPLE]})

    tracklet_id: Id
    camera_id: Id
    class_label: str = Field(examples=["person"])
    span: Span
    cosine: float = Field(examples=[0.71])
    llr: float | None = Field(examples=[2.4])
    shot_id: Id = Field(description="The shot that is most like the probe.")
    shot_ids: list[Id]
    probe_id: Id = Field(description="The probe that it is most like.")
    verdict: Verdict | None

    @classmethod
    def of(cls, candidate: Candidate) -> "CandidateOut":
        """The candidate as it goes out."""
        return cls(
            tracklet_id=candidate.tracklet_id,
            camera_id=candidate.camera_id,
            class_label=candidate.class_label,
            span=Span.of(candidate.span),
            cosine=candidate.cosine,
            llr=candidate.llr,
            shot_id=candidate.shot_id,
            shot_ids=list(candidate.shot_ids),
            probe_id=candidate.probe_id,
            verdict=candidate.verdict,
        )


class SearchOut(Wire):
    """The answer, best first, with what was not searched and where the audit log has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "search_id": "817263549183100",
                    "candidates": [CANDIDATE_EXAMPLE],
                    "coverage": COVERAGE_EXAMPLE,
                    "audit_seq": 1042,
                }
            ]
        }
    )

    search_id: Id
    candidates: list[CandidateOut]
    coverage: CoverageOut
    audit_seq: int = Field(examples=[1042])

    @classmethod
    def of(cls, answer: SearchAnswer) -> "SearchOut":
        """The answer as it goes out."""
        return cls(
            search_id=answer.search_id,
            candidates=[CandidateOut.of(candidate) for candidate in answer.candidates],
            coverage=CoverageOut.of(answer.coverage),
            audit_seq=answer.audit_seq,
        )


class DecisionIn(Wire):
    """One person's verdict on one tracklet; the newest per person counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tracklet_id": "817263549182801",
                    "verdict": "confirm",
                    "note": "Same torn left sleeve, same rucksack",
                }
            ]
        }
    )

    tracklet_id: Id
    verdict: Verdict
    note: Annotated[str, Field(max_length=2000)] = ""


DECISION_EXAMPLE: Final[JsonDict] = {
    "decision_id": "817263549183200",
    "case_id": "17",
    "tracklet_id": "817263549182801",
    "actor": "4503599627370497",
    "verdict": "confirm",
    "at": "2026-05-04T02:11:40.000Z",
    "note": "Same torn left sleeve, same rucksack",
}


class DecisionOut(DecisionIn):
    """A verdict as it was kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION_EXAMPLE]})

    decision_id: Id
    case_id: Id
    actor: Id
    at: Instant

    @classmethod
    def of(cls, decision: Decision) -> "DecisionOut":
        """The decision as it goes out."""
        return cls(
            decision_id=decision.decision_id,
            case_id=decision.case_id,
            tracklet_id=decision.tracklet_id,
            actor=decision.actor,
            verdict=decision.verdict,
            at=decision.at_ns,
            note=decision.note,
        )


class SearchList(Wire):
    """A case's searches, by time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"search_ids": ["817263549183100"]}]})

    search_ids: list[Id]
