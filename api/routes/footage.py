"""What the case's cameras kept: footage, frames, tracklets and shots, all through the one door."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, media
from api.routes.narrowing import Within
from api.schemas.coverage import CoverageOut
from api.schemas.footage import SegmentOut, ShotOut, TrackletOut, TrackletPartOut
from api.schemas.scalars import Id, Instant, Span, text_of
from api.schemas.searches import PlateOut
from core.errors import NotFound
from core.types import Family, TimeSpan
from ingest.thumbnails import height_for, small_frame, thumbnail

router = APIRouter(prefix="/cases/{case_id}", tags=["footage"], route_class=SignedInRoute)

JPEG = "image/jpeg"
MP4 = "video/mp4"
DEVICE_TIME_HEADER = "X-CaseTrace-Device-Time"
DERIVED_HEADER = "X-CaseTrace-Derived"

SOURCE_SIZE_HEADER = "X-CaseTrace-Source-Size"
ORIGINAL_HEADER = "X-CaseTrace-Original-SHA256"
THUMBNAIL = "thumbnail"

Height = Annotated[
    int | None,
    Query(
        ge=1,
        le=10_000,
        description="Pixels that are enough: the picture is made smaller, to the next of 96, 192, "
        "384 and 768, never larger. A header marks it as derived.",
    ),
]
At = Annotated[Instant, Query(description="UTC; the last picture not after it is shown.")]
Start = Annotated[Instant, Query(description="UTC.")]
End = Annotated[Instant, Query(description="UTC, not included.")]


@router.get("/footage", responses=IN_A_CASE)
def list_footage(wired: Wired, caller: Caller, case_id: Id, within: Within) -> list[SegmentOut]:
    """Segments that overlap the case, or a part of it, by camera and time."""
    found = wired.door.footage(caller, case_id, within=within)
    return [SegmentOut.of(segment) for segment in found]


@router.get(
    "/cameras/{camera_id}/frame.jpg", response_class=Response, responses=media(JPEG, "Whole.")
)
def get_frame(
    wired: Wired, caller: Caller, case_id: Id, camera_id: Id, at: At, height: Height = None
) -> Response:
    """The picture that a camera showed at an instant; headers say its device time and size."""
    frame = wired.door.frame(caller, case_id, camera_id, at)
    high, wide = frame.surface.size
    headers = {DEVICE_TIME_HEADER: text_of(frame.device_ns), SOURCE_SIZE_HEADER: f"{wide}x{high}"}
    small = _small(height, lambda px: small_frame(frame.surface, px))
    if small is not None:
        headers[DERIVED_HEADER] = THUMBNAIL
    return Response(small or frame.surface.jpeg(), media_type=JPEG, headers=headers)


@router.get(
    "/cameras/{camera_id}/clip.mp4",
    response_class=Response,
    responses=media(MP4, "The camera's own packets, not transcoded.", 413),
)
def get_clip(
    wired: Wired, caller: Caller, case_id: Id, camera_id: Id, start: Start, end: End
) -> Response:
    """The camera's own packets over a span, from the keyframe before its start."""
    span = Span(start=start, end=end).to_core()
    clip = wired.door.clip(caller, case_id, camera_id, span)
    return Response(clip, media_type=MP4, headers=_named(case_id, camera_id, span))


@router.get(
    "/cameras/{camera_id}/proxy.mp4",
    response_class=Response,
    responses=media(MP4, "H.264 for a browser; derived, no evidence.", 413),
)
def get_proxy(
    wired: Wired, caller: Caller, case_id: Id, camera_id: Id, start: Start, end: End
) -> Response:
    """The same span transcoded, for a browser that cannot play the original."""
    span = Span(start=start, end=end).to_core()
    proxy = wired.door.proxy(caller, case_id, camera_id, span)
    headers = {**_named(case_id, camera_id, span, "-proxy"), DERIVED_HEADER: "proxy"}
    return Response(proxy, media_type=MP4, headers=headers)


@router.get("/tracklets", responses=IN_A_CASE)
def list_tracklets(
    wired: Wired,
    caller: Caller,
    case_id: Id,
    within: Within,
    family: Annotated[list[Family] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[TrackletPartOut]:
    """Tracklet parts that overlap the case, or a part of it, in time order."""
    found = wired.door.tracklets(caller, case_id, within=within, families=family, limit=limit)
    return [TrackletPartOut.of(part) for part in found]


@router.get("/tracklets/{tracklet_id}", responses=IN_A_CASE)
def get_tracklet(wired: Wired, caller: Caller, case_id: Id, tracklet_id: Id) -> TrackletOut:
    """One tracklet whole: its parts, its shots and what was read of its plate."""
    parts = wired.door.tracklets(caller, case_id, ids=[tracklet_id])
    if not parts:
        raise NotFound(f"tracklet {tracklet_id}: none in case {case_id}")
    shots = wired.door.shots(caller, case_id, tracklet_ids=[tracklet_id])
    plate = wired.door.plate(caller, case_id, tracklet_id)
    return TrackletOut(
        parts=[TrackletPartOut.of(part) for part in parts],
        shots=[ShotOut.of(shot) for shot in shots],
        plate=PlateOut.of(plate) if plate else None,
    )


@router.get("/shots/{shot_id}.jpg", response_class=Response, responses=media(JPEG, "The shot."))
def get_shot(
    wired: Wired,
    caller: Caller,
    case_id: Id,
    shot_id: Id,
    search_id: Annotated[Id | None, Query(description="The search whose answer shows it.")] = None,
    height: Height = None,
) -> Response:
    """A shot's picture. With `search_id` the search's own audit entry covers it."""
    jpeg = wired.door.shot_jpeg(caller, case_id, shot_id, search_id=search_id)
    small = _small(height, lambda px: thumbnail(jpeg, px))
    if small is None:
        return Response(jpeg, media_type=JPEG)
    made_of = {DERIVED_HEADER: THUMBNAIL, ORIGINAL_HEADER: hashlib.sha256(jpeg).hexdigest()}
    return Response(small, media_type=JPEG, headers=made_of)


@router.get("/coverage", responses=IN_A_CASE)
def get_coverage(wired: Wired, caller: Caller, case_id: Id, within: Within) -> CoverageOut:
    """What of the case, or of a part of it, was never searched, and why."""
    return CoverageOut.of(wired.door.coverage(caller, case_id, within=within))


def _small(wanted_px: int | None, make: Callable[[int], bytes | None]) -> bytes | None:
    """What `make` gives for the height that is enough; None where the original is wanted."""
    height_px = None if wanted_px is None else height_for(wanted_px)
    return None if height_px is None else make(height_px)


def _named(case_id: int, camera_id: int, span: TimeSpan, more: str = "") -> dict[str, str]:
    """A file name that says where the bytes are from; digits and letters only."""
    start = text_of(span.start_ns).replace(":", "").replace("-", "").replace(".", "")
    name = f"case{case_id}-camera{camera_id}-{start}{more}.mp4"
    return {"Content-Disposition": f'inline; filename="{name}"'}
