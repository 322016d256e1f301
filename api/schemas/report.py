"""What a case's report would hold, and what it still lacks."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.scalars import Id, Wire
from cases.report_content import Lack, Report

LACK_EXAMPLE: Final[JsonDict] = {
    "kind": "one_reviewer",
    "blocking": True,
    "count": 2,
    "tracklet_ids": ["817263549182801"],
}


class LackOut(Wire):
    """One thing that is missing.

    `tracklet_ids` are those of `count` that the caller has decided on, or that nobody has: which
    ones others confirmed would sway a second look.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [LACK_EXAMPLE]})

    kind: str = Field(examples=["one_reviewer"])
    blocking: bool
    count: int = Field(examples=[2])
    tracklet_ids: list[Id]

    @classmethod
    def of(cls, lack: Lack, hidden: set[int]) -> "LackOut":
        """The lack as it goes out, without the `hidden` tracklets."""
        return cls(
            kind=lack.kind.value,
            blocking=lack.blocking,
            count=lack.count,
            tracklet_ids=[i for i in lack.tracklet_ids if i not in hidden],
        )


class ReportStatus(Wire):
    """Whether a report of the case is worth filing as of now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "worth_filing": False,
                    "lacks": [LACK_EXAMPLE],
                    "sightings": 5,
                    "hops": 4,
                    "probes": 1,
                    "decisions": 9,
                    "undecided_by_caller": 2,
                }
            ]
        }
    )

    worth_filing: bool
    lacks: list[LackOut]
    sightings: int
    hops: int
    probes: int
    decisions: int
    undecided_by_caller: int = Field(
        description="Confirmed sightings that the caller has not judged: best done before reading."
    )

    @classmethod
    def of(cls, report: Report, caller: int) -> "ReportStatus":
        """The status as that person is told it."""
        judged = {d.decision.tracklet_id for d in report.decisions if d.person.account_id == caller}
        others = {d.decision.tracklet_id for d in report.decisions} - judged
        seen = {one.sighting.tracklet_id for one in report.sightings}
        return cls(
            worth_filing=report.worth_filing,
            lacks=[LackOut.of(lack, others) for lack in report.lacks],
            sightings=len(report.sightings),
            hops=len(report.trajectory.hops),
            probes=len(report.scenes),
            decisions=len(report.decisions),
            undecided_by_caller=len(seen - judged),
        )
