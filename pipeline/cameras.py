"""Cameras as operators keep them: added, changed, corrected and deleted, each with its entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from cases.audit import AuditLog
from cases.authority import check_role
from cases.events import EventKind, event_by
from core.clocks import Now, ns_of
from core.errors import Conflict, Forbidden, InvalidInput
from core.ids import IdSource
from core.protocols import Store
from core.types import Account, AuditEvent, Camera, CameraGraph, ClockCorrection, Role, Transport

MAX_NAME = 120
_SEERS = (Role.OPERATOR, Role.ADMIN, Role.INVESTIGATOR, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class CameraDraft:
    """A camera as somebody typed it. `password` None keeps the one that is kept."""

    name: str
    lon_lat_deg: tuple[float, float] | None = None
    kind: Literal["street", "checkpoint"] = "street"
    main_url: str = ""
    sub_url: str = ""
    transport: Transport = "tcp"
    username: str = ""
    password: str | None = None
    retention_days: int = 0
    analysis_fps: float = 0.0
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class CameraDesk:
    """Where cameras are kept. Each step asks for a role and is written to the audit log first."""

    store: Store
    audit: AuditLog
    ids: IdSource
    now: Now
    seal: Callable[[str], bytes]
    check_address: Callable[[str], object]
    erase: Callable[[int], int]

    def all(self, actor: Account) -> list[Camera]:
        """Every camera, for whoever works with cases or cameras."""
        self._may_see(actor)
        return self.store.cameras.all()

    def get(self, actor: Account, camera_id: int) -> Camera:
        """One camera; `NotFound` if there is none."""
        self._may_see(actor)
        return self.store.cameras.get(camera_id)

    def add(self, actor: Account, draft: CameraDraft) -> Camera:
        """A new camera; `Conflict` if its name is taken."""
        camera = self._filled(Camera(self.ids.next(), draft.name), draft)
        self._write(actor, EventKind.CAMERA_CHANGED, _change(camera, ["added"]))
        self._refuse_taken(camera)
        self.store.cameras.put(camera)
        return camera

    def change(self, actor: Account, camera_id: int, draft: CameraDraft) -> Camera:
        """The camera as the draft says; its clock history stays."""
        before = self.store.cameras.get(camera_id)
        camera = self._filled(before, draft)
        self._write(actor, EventKind.CAMERA_CHANGED, _change(camera, _differences(before, camera)))
        self._refuse_taken(camera)
        self.store.cameras.put(camera)
        return camera

    def remove(self, actor: Account, camera_id: int) -> int:
        """Delete the camera and everything seen by it; the number of rows gone."""
        camera = self.store.cameras.get(camera_id)
        detail = {"camera": camera_id, "name": camera.name}
        self._write(actor, EventKind.CAMERA_DELETED, detail)
        return self.erase(camera_id)

    def correct_clock(self, actor: Account, camera_id: int, correction: ClockCorrection) -> Camera:
        """From `since_ns` on, the clock was found to run ahead by `offset_s`."""
        self.store.cameras.get(camera_id)
        if correction.sigma_s < 0 or abs(correction.offset_s) > 10 * 366 * 86400:
            raise InvalidInput(
                "clock: want a sigma of 0 s or more and an offset under ten years, got "
                f"{correction.offset_s} s +- {correction.sigma_s} s"
            )
        detail = {
            "camera": camera_id,
            "since_ns": correction.since_ns,
            "offset_ns": ns_of(correction.offset_s),
            "sigma_ns": ns_of(correction.sigma_s),
        }
        self._write(actor, EventKind.CLOCK_CORRECTED, detail)
        self.store.cameras.correct_clock(camera_id, correction, self.now())
        return self.store.cameras.get(camera_id)

    def import_roads(self, actor: Account, graph: CameraGraph) -> CameraGraph:
        """Replace the roads between cameras; `InvalidInput` names a camera that is not there."""
        known = {camera.camera_id for camera in self.store.cameras.all()}
        if unknown := sorted(set(graph.camera_ids.tolist()) - known):
            raise InvalidInput(f"roads: want known cameras, got {unknown[0]}")
        detail = {"cameras": len(graph.camera_ids), "edges": len(graph.edges)}
        self._write(actor, EventKind.ROADS_CHANGED, detail)
        self.store.cameras.put_graph(graph)
        return graph

    def roads(self, actor: Account) -> CameraGraph:
        """The roads as imported."""
        self._may_see(actor)
        return self.store.cameras.graph()

    def _filled(self, camera: Camera, draft: CameraDraft) -> Camera:
        _check_draft(draft)
        for url in filter(None, (draft.main_url, draft.sub_url)):
            self.check_address(url)
        secret = camera.secret if draft.password is None else self.seal(draft.password)
        return replace(
            camera,
            name=draft.name.strip(),
            lon_lat_deg=draft.lon_lat_deg,
            kind=draft.kind,
            main_url=draft.main_url,
            sub_url=draft.sub_url,
            transport=draft.transport,
            username=draft.username,
            secret=secret,
            retention_days=draft.retention_days,
            analysis_fps=draft.analysis_fps,
            recorded=draft.recorded,
        )

    def _refuse_taken(self, camera: Camera) -> None:
        for other in self.store.cameras.all():
            if other.name == camera.name and other.camera_id != camera.camera_id:
                raise Conflict(f"camera: the name {camera.name!r} is taken")

    def _may_see(self, actor: Account) -> None:
        """Names and places of cameras are no footage: a look is not written, a refusal is."""
        self._allow(event_by(actor, EventKind.READ_CAMERAS, {}), actor, *_SEERS)

    def _write(self, actor: Account, kind: EventKind, detail: Mapping[str, Any]) -> None:
        event = event_by(actor, kind, detail)
        self._allow(event, actor, Role.OPERATOR, Role.ADMIN)
        self.audit.write(event)

    def _allow(self, event: AuditEvent, actor: Account, *roles: Role) -> None:
        try:
            check_role(actor, *roles)
        except Forbidden as error:
            self.audit.refuse(event, error)
            raise


def _check_draft(draft: CameraDraft) -> None:
    if not 0 < len(draft.name.strip()) <= MAX_NAME or not draft.name.isprintable():
        raise InvalidInput(f"name: want 1 to {MAX_NAME} printable characters")
    if draft.lon_lat_deg is not None:
        lon, lat = draft.lon_lat_deg
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise InvalidInput(f"position: want lon -180..180 and lat -90..90, got {lon}, {lat}")
    if not 0 <= draft.retention_days <= 3650:
        raise InvalidInput(f"retention_days: want 0 to 3650, got {draft.retention_days}")
    if not 0 <= draft.analysis_fps <= 60:
        raise InvalidInput(f"analysis_fps: want 0 to 60, got {draft.analysis_fps}")


def _change(camera: Camera, changed: list[str]) -> dict[str, Any]:
    return {"camera": camera.camera_id, "changed": changed, "name": camera.name}


def _differences(before: Camera, after: Camera) -> list[str]:
    """Names of the fields that differ; never their values, for one of them is a secret."""
    return [name for name in Camera.__slots__ if getattr(before, name) != getattr(after, name)]
