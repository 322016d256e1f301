"""Cases: what may be looked at, why, by whom, until when."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.scalars import Id, Instant, Span, Wire
from cases.papers import CaseRequest
from core.types import CameraSpan, Case, CaseState

Statement = Annotated[str, Field(min_length=1, max_length=2000)]


class Grant(Wire):
    """One camera over one span of UTC."""

    camera_id: Id
    start: Instant
    end: Instant

    def to_core(self) -> CameraSpan:
        """The grant as it came in; `InvalidInput` if it ends before it starts."""
        return CameraSpan(self.camera_id, Span(start=self.start, end=self.end).to_core())

    @classmethod
    def of(cls, grant: CameraSpan) -> "Grant":
        """The grant as it goes out."""
        return cls(camera_id=grant.camera_id, start=grant.span.start_ns, end=grant.span.end_ns)


Grants = Annotated[list[Grant], Field(min_length=1, max_length=5000)]

GRANT_EXAMPLE: Final[JsonDict] = {
    "camera_id": "817263549182736",
    "start": "2026-05-04T07:30:00+08:00",
    "end": "2026-05-04T10:30:00+08:00",
}


class CaseIn(Wire):
    """A request for a case. Somebody else must approve it before anything can be looked at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "2026-05-0417",
                    "offence": "Theft of a phone, Criminal Law art. 264",
                    "legal_basis": "Criminal Procedure Law art. 115",
                    "purpose": "Find where the thief went after 07:55",
                    "expires": "2026-05-11T00:00:00+08:00",
                    "grants": [GRANT_EXAMPLE],
                    "members": [],
                    "emergency": False,
                    "hold": False,
                }
            ]
        }
    )

    reference: Annotated[str, Field(min_length=1, max_length=100)]
    offence: Statement
    legal_basis: Statement
    purpose: Statement
    expires: Instant
    grants: Grants
    members: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    emergency: bool = False
    hold: bool = False

    def to_core(self) -> CaseRequest:
        """The request as the desk takes it."""
        return CaseRequest(
            reference=self.reference,
            offence=self.offence,
            legal_basis=self.legal_basis,
            purpose=self.purpose,
            grants=tuple(grant.to_core() for grant in self.grants),
            expires_ns=self.expires,
            members=frozenset(self.members),
            emergency=self.emergency,
            hold=self.hold,
        )


class AmendIn(Wire):
    """What is to change of a case; a field left out stays. Widening needs approval again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "He went east on Elm Street", "grants": [GRANT_EXAMPLE]}]
        }
    )

    reason: Statement
    grants: Grants | None = None
    expires: Instant | None = None
    hold: bool | None = None


class MemberIn(Wire):
    """One more person who may work in the case."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"account_id": "4503599627370497"}]})

    account_id: Id


class ApprovalIn(Wire):
    """`version` is the one that the approver has read: a later one is not approved unseen."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 1, "note": "Offence and span fit together"}]}
    )

    version: Annotated[int, Field(ge=1, le=2**31)]
    note: Annotated[str, Field(max_length=2000)] = ""


class ReasonIn(Wire):
    """Why; it stands in the audit log."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The span is far too wide for the offence"}]}
    )

    reason: Statement


class CaseOut(Wire):
    """A case's papers: not what was found with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case_id": "17",
                    "version": 2,
                    "state": "active",
                    "reference": "2026-05-0417",
                    "offence": "Theft of a phone, Criminal Law art. 264",
                    "legal_basis": "Criminal Procedure Law art. 115",
                    "purpose": "Find where the thief went after 07:55",
                    "requester": "4503599627370497",
                    "members": [],
                    "approver": "4503599627370502",
                    "opened": "2026-05-04T02:01:00.000Z",
                    "decided": "2026-05-04T02:05:30.000Z",
                    "expires": "2026-05-10T16:00:00.000Z",
                    "grants": [GRANT_EXAMPLE],
                    "emergency": False,
                    "hold": False,
                    "readable_until": "2026-05-10T16:00:00.000Z",
                }
            ]
        }
    )

    case_id: Id
    version: int
    state: CaseState
    reference: str
    offence: str
    legal_basis: str
    purpose: str
    requester: Id
    members: list[Id]
    approver: Id | None
    opened: Instant
    decided: Instant | None
    expires: Instant
    grants: list[Grant]
    emergency: bool
    hold: bool
    readable_until: Instant | None = Field(
        description="Until when the case can be read as it stands; null if it cannot."
    )

    @classmethod
    def of(cls, case: Case, readable_until_ns: int | None) -> "CaseOut":
        """The case as its people see it."""
        return cls(
            case_id=case.case_id,
            version=case.version,
            state=case.state,
            reference=case.reference,
            offence=case.offence,
            legal_basis=case.legal_basis,
            purpose=case.purpose,
            requester=case.requester,
            members=sorted(case.members),
            approver=case.approver,
            opened=case.opened_ns,
            decided=case.decided_ns,
            expires=case.expires_ns,
            grants=[Grant.of(grant) for grant in case.grants],
            emergency=case.emergency,
            hold=case.hold,
            readable_until=readable_until_ns,
        )
