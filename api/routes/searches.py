"""Searches inside a case. An answer is kept with it; nothing runs again by itself."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.schemas.scalars import Id
from api.schemas.searches import SearchIn, SearchList, SearchOut

router = APIRouter(prefix="/cases/{case_id}/searches", tags=["searches"], route_class=SignedInRoute)


@router.post("", status_code=201, responses={**IN_A_CASE, **failures(413, 503)})
def search(wired: Wired, caller: Caller, case_id: Id, body: SearchIn) -> SearchOut:
    """Tracklets of similar appearance or a plate like that, best first; what was not searched."""
    return SearchOut.of(wired.search.search(caller, case_id, body.to_core()))


@router.get("", responses=IN_A_CASE)
def list_searches(wired: Wired, caller: Caller, case_id: Id) -> SearchList:
    """The case's searches by time."""
    return SearchList(search_ids=wired.search.searches(caller, case_id))


@router.get("/{search_id}", responses=IN_A_CASE)
def get_search(wired: Wired, caller: Caller, case_id: Id, search_id: Id) -> SearchOut:
    """A kept answer again, without what is gone since, with today's verdicts."""
    return SearchOut.of(wired.search.shown_again(caller, case_id, search_id))
