"""Probes, plates, searches and what they bring up: similar or likely, never the same."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Instant, Span, Wire
from cases.search import SearchRequest
from core.errors import InvalidInput
from core.plates.explaining import Outcome, SignMatch
from core.types import (
    Candidate,
    Decision,
    Family,
    PlateReading,
    Probe,
    SearchAnswer,
    Verdict,
)

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
    """Probes of ONE subject, its plate, or both; what is left out means all that the case grants.

    One of `probe_ids` and `plate` at least is wanted.
    """

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
                },
                {"plate": "京A?12*"},
            ]
        }
    )

    probe_ids: Annotated[tuple[Id, ...], Field(max_length=32)] = ()
    plate: str | None = Field(
        None,
        description="A plate, a part of one, or a pattern: `?` is one sign, `*` any number.",
        examples=["B?123*"],
    )
    camera_ids: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    families: Annotated[tuple[Family, ...], Field(max_length=3)] = ()
    span: Span | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    case_version: Annotated[int, Field(ge=1, le=2**31)] | None = Field(
        None, description="The case's version that was read; a later one refuses the search."
    )

    def to_core(self, *, from_confirmed: bool = False) -> SearchRequest:
        """The search as the case takes it."""
        return SearchRequest(
            self.probe_ids,
            k=self.limit,
            families=self.families,
            cameras=self.camera_ids,
            span=None if self.span is None else self.span.to_core(),
            version=self.case_version,
            plate=self.plate,
            from_confirmed=from_confirmed,
        )


PLATE_EXAMPLE: Final[JsonDict] = {
    "text": "京A8123",
    "chances": [0.99, 0.97, 0.61, 0.98, 0.99, 0.96],
    "layout": "cn_blue",
    "colour": "blue",
    "reads": 7,
    "shot_id": "817263549182999",
    "corners": [[41.0, 96.5], [83.5, 97.0], [83.0, 110.5], [40.5, 110.0]],
    "signs": [
        {"asked": "京", "read": "京", "chance": 0.99, "llr": 3.4, "outcome": "same"},
        {"asked": "A", "read": "A", "chance": 0.97, "llr": 2.9, "outcome": "same"},
        {"asked": "B", "read": "8", "chance": 0.31, "llr": -0.2, "outcome": "substituted"},
    ],
}


class SignOut(Wire):
    """One sign of an answer: what was asked and what was read, each empty where there is none."""

    asked: str = Field(examples=["B"])
    read: str = Field(examples=["8"])
    chance: float = Field(
        description="Of the asked sign there; of the read one where none was asked.",
        examples=[0.31],
    )
    llr: float = Field(examples=[-0.2])
    outcome: Outcome

    @classmethod
    def of(cls, sign: SignMatch) -> "SignOut":
        """The sign as it goes out."""
        return cls(
            asked=sign.asked,
            read=sign.read,
            chance=sign.chance,
            llr=sign.llr,
            outcome=sign.outcome,
        )


class PlateOut(Wire):
    """What was read of a tracklet's plate: the likeliest text, never the only one."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLATE_EXAMPLE]})

    text: str = Field(examples=["京A8123"])
    chances: list[float] = Field(description="Of each sign of `text`.")
    layout: str = Field(examples=["cn_blue"])
    colour: str = Field(examples=["blue"])
    reads: int = Field(description="How many reads it is made from.", examples=[7])
    shot_id: Id | None = Field(description="The picture that its best read was made in.")
    corners: list[tuple[float, float]] = Field(
        description="Of the plate, in pixels of that picture; none where only a device stated it."
    )
    signs: list[SignOut] = Field(description="How it answers the plate asked for; else none.")

    @classmethod
    def of(cls, reading: PlateReading) -> "PlateOut":
        """The reading as it goes out."""
        return cls(
            text=reading.text,
            chances=list(reading.chances),
            layout=reading.layout,
            colour=reading.colour,
            reads=reading.reads,
            shot_id=reading.shot_id,
            corners=list(reading.corners),
            signs=[SignOut.of(sign) for sign in reading.signs],
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
    "plate_llr": None,
    "plate": None,
    "notes": [],
    "transit_llr": None,
    "probability": None,
}


class CandidateOut(Wire):
    """A tracklet of similar appearance, or whose plate may be the one asked for.

    `llr` is of appearance, null while its model has no calibration, `plate_llr` of the plate, null
    where none was asked for; their sum ranks. `cosine` and `probe_id` are null where a plate alone
    brought it up. `transit_llr` is of place and time, `probability` the chance that it is the
    subject by all of it; both are null outside a reconstruction, the latter also while a model
    that it rests on has no calibration.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [CANDIDATE_EXAMPLE]})

    tracklet_id: Id
    camera_id: Id
    class_label: str = Field(examples=["person"])
    span: Span
    cosine: float | None = Field(examples=[0.71])
    llr: float | None = Field(examples=[2.4])
    shot_id: Id = Field(description="The shot that is most like the probe.")
    shot_ids: list[Id]
    probe_id: Id | None = Field(description="The probe that it is most like.")
    verdict: Verdict | None
    plate_llr: float | None = Field(examples=[14.2])
    plate: PlateOut | None
    notes: list[str] = Field(description="What counts without evidence of its own, and why.")
    transit_llr: float | None = Field(examples=[1.7])
    probability: float | None = Field(examples=[0.83])

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
            plate_llr=candidate.plate_llr,
            plate=PlateOut.of(candidate.plate) if candidate.plate else None,
            notes=list(candidate.notes),
            transit_llr=candidate.transit_llr,
            probability=candidate.probability,
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
