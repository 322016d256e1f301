"""Probes: pictures of the subject, kept with the case and erased with it."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, failures, media
from api.schemas.scalars import Id
from api.schemas.searches import FrameProbeIn, ProbeOut, ShotProbeIn, box_of
from core.types import Family

router = APIRouter(prefix="/cases/{case_id}/probes", tags=["probes"], route_class=SignedInRoute)

_MADE = {**IN_A_CASE, **failures(413, 503)}

Picture = Annotated[UploadFile, File(description="A JPEG, PNG or other still picture.")]
BoxText = Annotated[
    str,
    Form(
        max_length=200,
        description="`x1,y1,x2,y2` in pixels of the picture; left out, the whole picture.",
        examples=["812,204,901,433"],
    ),
]


@router.get("", responses=IN_A_CASE)
def list_probes(wired: Wired, caller: Caller, case_id: Id) -> list[ProbeOut]:
    """The case's probes by time, without their vectors."""
    return [ProbeOut.of(probe) for probe in wired.search.probes(caller, case_id)]


@router.post("/upload", status_code=201, responses=_MADE)
def probe_by_upload(
    wired: Wired,
    caller: Caller,
    case_id: Id,
    picture: Picture,
    family: Annotated[Family, Form()],
    box: BoxText = "",
) -> ProbeOut:
    """A probe from a picture with a box. Only the box's own pixels are kept."""
    sides = box_of(box) if box else None
    content = picture.file.read()
    probe = wired.search.probe_from_upload(caller, case_id, content, sides, family)
    return ProbeOut.of(probe)


@router.post("/frame", status_code=201, responses=_MADE)
def probe_by_frame(wired: Wired, caller: Caller, case_id: Id, body: FrameProbeIn) -> ProbeOut:
    """A probe from a box on the frame that one of the case's cameras showed."""
    probe = wired.search.probe_from_frame(
        caller, case_id, body.camera_id, body.at, body.box, body.family
    )
    return ProbeOut.of(probe)


@router.post("/shot", status_code=201, responses=_MADE)
def probe_by_shot(wired: Wired, caller: Caller, case_id: Id, body: ShotProbeIn) -> ProbeOut:
    """A probe from a shot that the case already shows."""
    return ProbeOut.of(wired.search.probe_from_shot(caller, case_id, body.shot_id))


@router.post("/confirmed", status_code=201, responses=_MADE)
def probes_of_confirmed(wired: Wired, caller: Caller, case_id: Id) -> list[ProbeOut]:
    """A probe per confirmed tracklet, to search again from what was confirmed."""
    made = wired.search.probes_from_confirmed(caller, case_id)
    return [ProbeOut.of(probe) for probe in made]


@router.get("/{probe_id}.jpg", response_class=Response, responses=media("image/jpeg", "The probe."))
def get_probe_picture(wired: Wired, caller: Caller, case_id: Id, probe_id: Id) -> Response:
    """The picture of a probe, as it was kept."""
    jpeg = wired.door.probe_jpeg(caller, case_id, probe_id)
    return Response(jpeg, media_type="image/jpeg")
