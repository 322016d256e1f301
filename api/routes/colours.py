"""The colours that shots show, named from their own pixels when asked; nothing is stored."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.schemas.colours import ColourOut, ColoursIn, ShotColoursOut
from api.schemas.scalars import Id
from reid.colours import colours_of

router = APIRouter(prefix="/cases/{case_id}", tags=["footage"], route_class=SignedInRoute)


@router.post("/colours", responses={**IN_A_CASE, **failures(413)})
def name_colours(
    wired: Wired, caller: Caller, case_id: Id, body: ColoursIn
) -> list[ShotColoursOut]:
    """The colours of clothes and bodywork that shots show, by name, in the order asked."""
    return [
        ShotColoursOut(
            shot_id=one.shot.shot_id,
            colours=[ColourOut.of(colour) for colour in colours_of(one.jpeg, one.family)],
        )
        for one in wired.door.pictures(caller, case_id, body.shot_ids)
    ]
