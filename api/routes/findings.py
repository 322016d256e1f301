"""What people decided in a case, and the trajectory that follows from it."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.schemas.scalars import Id
from api.schemas.searches import DecisionIn, DecisionOut
from api.schemas.trajectory import TrajectoryOut

router = APIRouter(prefix="/cases/{case_id}", tags=["findings"], route_class=SignedInRoute)


@router.get("/decisions", responses=IN_A_CASE)
def list_decisions(wired: Wired, caller: Caller, case_id: Id) -> list[DecisionOut]:
    """The caller's own decisions by time: another's would sway a second look."""
    return [DecisionOut.of(decision) for decision in wired.search.decisions(caller, case_id)]


@router.post("/decisions", status_code=201, responses={**IN_A_CASE, **failures(413)})
def decide(wired: Wired, caller: Caller, case_id: Id, body: DecisionIn) -> DecisionOut:
    """Confirm, reject or leave open that a tracklet is the subject. Only people do this."""
    decision = wired.search.decide(caller, case_id, body.tracklet_id, body.verdict, body.note)
    return DecisionOut.of(decision)


@router.get("/trajectory", responses=IN_A_CASE)
def get_trajectory(wired: Wired, caller: Caller, case_id: Id) -> TrajectoryOut:
    """Confirmed sightings in time order, each hop with how it could be, nothing hidden."""
    return TrajectoryOut.of(wired.trajectories.reconstruct(caller, case_id))
