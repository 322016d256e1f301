"""Cameras, their clocks and the roads between them. What they saw is not here."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, SIGNED_IN, failures
from api.schemas.cameras import (
    CameraChangeIn,
    CameraIn,
    CameraOut,
    ClockIn,
    GeoGraphIn,
    GraphIn,
)
from api.schemas.scalars import Id

router = APIRouter(tags=["cameras"], route_class=SignedInRoute)


@router.get("/cameras", responses=SIGNED_IN)
def list_cameras(wired: Wired, caller: Caller) -> list[CameraOut]:
    """Every camera; addresses only for those who operate them, passwords for nobody."""
    return [CameraOut.of(camera, caller) for camera in wired.cameras.all(caller)]


@router.post("/cameras", status_code=201, responses={**IN_A_CASE, **failures(502)})
def add_camera(wired: Wired, caller: Caller, body: CameraIn) -> CameraOut:
    """Add a camera. Its password is kept encrypted and never shown again."""
    return CameraOut.of(wired.cameras.add(caller, body.to_core()), caller)


@router.get("/cameras/{camera_id}", responses=IN_A_CASE)
def get_camera(wired: Wired, caller: Caller, camera_id: Id) -> CameraOut:
    """One camera with its clock history."""
    return CameraOut.of(wired.cameras.get(caller, camera_id), caller)


@router.patch("/cameras/{camera_id}", responses={**IN_A_CASE, **failures(502)})
def change_camera(wired: Wired, caller: Caller, camera_id: Id, body: CameraChangeIn) -> CameraOut:
    """Change what is sent; what is left out stays."""
    draft = body.to_core(wired.cameras.get(caller, camera_id))
    return CameraOut.of(wired.cameras.change(caller, camera_id, draft), caller)


@router.delete("/cameras/{camera_id}", status_code=204, responses=IN_A_CASE)
def remove_camera(wired: Wired, caller: Caller, camera_id: Id) -> None:
    """Delete a camera and everything that was seen by it: rows, vectors, shots, footage."""
    wired.cameras.remove(caller, camera_id)


@router.post("/cameras/{camera_id}/clocks", status_code=201, responses=IN_A_CASE)
def correct_clock(wired: Wired, caller: Caller, camera_id: Id, body: ClockIn) -> CameraOut:
    """Say how far off a camera's clock was from some instant on; what was seen is mended too."""
    camera = wired.cameras.correct_clock(caller, camera_id, body.to_core())
    return CameraOut.of(camera, caller)


@router.get("/roads", responses=SIGNED_IN)
def get_roads(wired: Wired, caller: Caller) -> GraphIn:
    """The roads between cameras."""
    return GraphIn.of(wired.cameras.roads(caller))


@router.put("/roads", responses=IN_A_CASE)
def import_roads(wired: Wired, caller: Caller, body: GraphIn | GeoGraphIn) -> GraphIn:
    """Replace the roads: plain edges, or a GeoJSON FeatureCollection of LineStrings."""
    plain = body.to_plain() if isinstance(body, GeoGraphIn) else body
    return GraphIn.of(wired.cameras.import_roads(caller, plain.to_core()))
