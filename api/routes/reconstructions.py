"""Reconstructions inside a case: what the evidence and the decisions together propose."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.schemas.reconstruction import ReconstructionIn, ReconstructionOut
from api.schemas.scalars import Id

router = APIRouter(
    prefix="/cases/{case_id}/reconstructions", tags=["findings"], route_class=SignedInRoute
)


@router.post("", status_code=201, responses={**IN_A_CASE, **failures(413, 503)})
def reconstruct(
    wired: Wired, caller: Caller, case_id: Id, body: ReconstructionIn
) -> ReconstructionOut:
    """The likeliest trajectory, its rivals, all candidates, and where to look next."""
    found = wired.reconstructions.reconstruct(caller, case_id, body.to_core())
    return ReconstructionOut.of_reconstruction(found)
