"""The audit log, for auditors."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import SIGNED_IN
from api.schemas.audit import AuditEntryOut, AuditPage, AuditProof
from api.trail import verify_audit

router = APIRouter(prefix="/audit", tags=["audit"], route_class=SignedInRoute)


@router.get("", responses=SIGNED_IN)
def read_audit(
    wired: Wired,
    caller: Caller,
    after: Annotated[int, Query(ge=0, description="Entries above this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """Entries by number. Reading them is an entry too."""
    entries = wired.audit.read(caller, after=after, limit=limit)
    return AuditPage(
        entries=[AuditEntryOut.of(entry) for entry in entries],
        last=entries[-1].seq if entries else None,
    )


@router.post("/verification", responses=SIGNED_IN)
def verify_chain(wired: Wired, caller: Caller) -> AuditProof:
    """Follow the chain from the first entry; `fault` names the first that does not hold."""
    entries, fault = verify_audit(wired, caller)
    return AuditProof(holds=not fault, entries=entries, fault=fault or None)
