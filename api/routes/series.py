"""Serial cases: scenes of one case compared with each other."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.schemas.scalars import Id
from api.schemas.series import SeriesIn, SeriesOut

router = APIRouter(prefix="/cases/{case_id}", tags=["searches"], route_class=SignedInRoute)


@router.post("/series", status_code=201, responses={**IN_A_CASE, **failures(413, 503)})
def compare_scenes(wired: Wired, caller: Caller, case_id: Id, body: SeriesIn) -> SeriesOut:
    """Tracklets of similar appearance across several scenes, weighed against chance."""
    answer = wired.series.compare(
        caller,
        case_id,
        [scene.to_core() for scene in body.scenes],
        families=body.families,
        least=body.least,
        k=body.limit,
    )
    return SeriesOut.of(answer)
