"""What a scene is laid out from: the case's cameras on the map, and marks on their time line."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures
from api.routes.narrowing import Within
from api.schemas.scalars import Id, Instant
from api.schemas.scene import ActivityOut, CaseCameraOut
from cases.answers import Ask
from cases.events import EventKind
from cases.places import Place, cameras_of
from core.errors import InvalidInput

router = APIRouter(prefix="/cases/{case_id}", tags=["scene"], route_class=SignedInRoute)

Near = Annotated[
    str | None,
    Query(max_length=60, description="Longitude and latitude in degrees: `116.3975,39.9087`."),
]


@router.get("/cameras", responses=IN_A_CASE)
def list_case_cameras(
    wired: Wired,
    caller: Caller,
    case_id: Id,
    near: Near = None,
    at: Annotated[Instant | None, Query(description="UTC: which are granted then.")] = None,
) -> list[CaseCameraOut]:
    """The case's cameras by id; with `near` the nearest first, those on no map last."""
    place = None if near is None else _place(near)
    ask = Ask(caller, case_id, EventKind.READ_CASE, detail={"part": "cameras"})
    passage = wired.door.admit(ask)
    return [CaseCameraOut.of(one) for one in cameras_of(passage, near=place, at_ns=at)]


@router.get("/activity", responses={**IN_A_CASE, **failures(413)})
def get_activity(
    wired: Wired,
    caller: Caller,
    case_id: Id,
    within: Within,
    bucket_s: Annotated[
        float | None,
        Query(
            gt=0,
            le=7 * 86_400,
            allow_inf_nan=False,
            description="Seconds of a bucket; left out, about 240 buckets cover the span.",
        ),
    ] = None,
) -> ActivityOut:
    """How much passed each camera and when, by family, and what was never looked at."""
    marks = wired.door.marks(caller, case_id, within=within, bucket_s=bucket_s)
    return ActivityOut.of(marks)


def _place(near: str) -> Place:
    """`InvalidInput` unless it is two numbers of degrees."""
    parts = near.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError as error:
        raise InvalidInput(f"near: want LON,LAT in degrees, got {near!r}") from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(f"near: want degrees within 180 and 90, got {near!r}")
    return lon, lat
