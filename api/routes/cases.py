"""Cases: asked for by one person, decided by another. The papers, not what was found."""

from fastapi import APIRouter, BackgroundTasks

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, SIGNED_IN, failures
from api.schemas.cases import AmendIn, ApprovalIn, CaseIn, CaseOut, MemberIn, ReasonIn
from api.schemas.scalars import Id
from core.types import Case
from pipeline.service import Service

router = APIRouter(prefix="/cases", tags=["cases"], route_class=SignedInRoute)


@router.get("", responses=SIGNED_IN)
def list_cases(wired: Wired, caller: Caller) -> list[CaseOut]:
    """The cases that the caller works in, or may decide or audit, newest first."""
    return [_shown(wired, case) for case in wired.desk.visible(caller)]


@router.post("", status_code=201, responses={**IN_A_CASE, **failures(413)})
def request_case(wired: Wired, caller: Caller, body: CaseIn) -> CaseOut:
    """Ask for a case. Nothing can be read with it before somebody else approved it."""
    return _shown(wired, wired.desk.request(caller, body.to_core()))


@router.get("/{case_id}", responses=IN_A_CASE)
def get_case(wired: Wired, caller: Caller, case_id: Id) -> CaseOut:
    """One case's papers."""
    return _shown(wired, wired.desk.get(caller, case_id))


@router.patch("/{case_id}", responses={**IN_A_CASE, **failures(413)})
def amend_case(wired: Wired, caller: Caller, case_id: Id, body: AmendIn) -> CaseOut:
    """Change cameras, spans, expiry or hold. What asks for more waits for approval again."""
    grants = None if body.grants is None else [grant.to_core() for grant in body.grants]
    case = wired.desk.amend(
        caller, case_id, body.reason, grants=grants, expires_ns=body.expires, hold=body.hold
    )
    return _shown(wired, case)


@router.post("/{case_id}/members", responses=IN_A_CASE)
def add_member(wired: Wired, caller: Caller, case_id: Id, body: MemberIn) -> CaseOut:
    """Let one more investigator work in the case; never the one who approved it."""
    return _shown(wired, wired.desk.add_member(caller, case_id, body.account_id))


@router.post("/{case_id}/approval", responses=IN_A_CASE)
def approve_case(
    wired: Wired, caller: Caller, case_id: Id, body: ApprovalIn, later: BackgroundTasks
) -> CaseOut:
    """Approve somebody else's case."""
    case = wired.desk.approve(caller, case_id, body.note, version=body.version)
    later.add_task(wired.reconstructions.prepare, case)
    return _shown(wired, case)


@router.post("/{case_id}/rejection", responses=IN_A_CASE)
def reject_case(wired: Wired, caller: Caller, case_id: Id, body: ReasonIn) -> CaseOut:
    """Reject somebody else's case: its use stops and what it produced is erased."""
    return _shown(wired, wired.desk.reject(caller, case_id, body.reason))


@router.post("/{case_id}/closing", responses=IN_A_CASE)
def close_case(wired: Wired, caller: Caller, case_id: Id, body: ReasonIn) -> CaseOut:
    """End the case: nothing more is read with it, and it holds nothing any longer."""
    return _shown(wired, wired.desk.close(caller, case_id, body.reason))


def _shown(wired: Service, case: Case) -> CaseOut:
    return CaseOut.of(case, wired.desk.ends_ns(case))
