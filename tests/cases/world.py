"""A small installation for the rules of cases: real rows, real audit; files are in memory.

Three cameras in a row, 100 m apart, each with one person who stands there for some seconds of the
first hour after `T0_NS`. It is two hours later. What is kept in memory honours its scope.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np

from cases.audit import AuditLog
from cases.authority import DEFAULT_LIMITS, CaseLimits
from cases.desk import CaseDesk
from cases.papers import CaseRequest
from cases.reading import ReadingDoor
from cases.search import CaseSearch
from cases.trajectory import Trajectories
from core.arrays import F32, U8
from core.clocks import HOUR_NS
from core.errors import MediaCorrupt, NotFound
from core.ids import IdSource
from core.protocols import Calibration, FootageStore, ShotStore, Store, Surface, VectorIndex
from core.types import (
    AuditEntry,
    Camera,
    CameraSpan,
    Case,
    ClockSource,
    Embeddings,
    Family,
    FootageSegment,
    Frame,
    Hits,
    Letterbox,
    ObjectClass,
    Outcome,
    Role,
    Scope,
    TimeSpan,
    VectorRows,
    no_hits,
)
from index.rows.store import SqlStore
from tests.builders import (
    MODEL_KEY,
    T0_NS,
    SetClock,
    account,
    activity,
    at,
    case,
    epoch,
    segment,
    shot,
    span,
    tracklet,
    unit_rows,
)

ANN = account(1, name="ann")  # asks for cases
BEN = account(2, name="ben")  # works in them
ZOE = account(3, name="zoe")  # a stranger to all
APPROVER = account(4, name="approver", roles=(Role.APPROVER,))
BOTH = account(5, name="both", roles=(Role.INVESTIGATOR, Role.APPROVER))
AUDITOR = account(6, name="auditor", roles=(Role.AUDITOR,))
ADMIN = account(7, name="admin", roles=(Role.ADMIN,))
PEOPLE = (ANN, BEN, ZOE, APPROVER, BOTH, AUDITOR, ADMIN)

CAMERAS = (1, 2, 3)
SEEN_AT_S = {1: 100.0, 2: 300.0, 3: 500.0}
"""When the person stands before each camera; the tracklet of camera c is 100 + c, its shot ten
times that."""


class ListedVectors:
    """A `VectorIndex` for reading: a list of rows, searched one by one within the scope."""

    def __init__(self) -> None:
        self.rows: list[VectorRows] = []
        self.searched = 0

    def add(self, rows: VectorRows) -> None:
        self.rows.append(rows)

    def search(self, scope: Scope, family: Family, model: str, queries: F32, k: int) -> Hits:
        self.searched += 1
        best: list[dict[int, tuple[float, int]]] = [{} for _ in queries]
        for rows in self.rows:
            if rows.family is family and rows.embeddings.model == model:
                self._look(rows, scope, queries, best)
        hits = no_hits(len(queries), k)
        for q, found in enumerate(best):
            ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:k]
            for slot, (tracklet_id, (score, shot_id)) in enumerate(ordered):
                hits.ids[q, slot], hits.shots[q, slot] = tracklet_id, shot_id
                hits.scores[q, slot] = score
        return hits

    def _look(
        self,
        rows: VectorRows,
        scope: Scope,
        queries: F32,
        best: list[dict[int, tuple[float, int]]],
    ) -> None:
        scores = queries @ rows.embeddings.vectors.T
        for i, tracklet_id in enumerate(rows.tracklet_ids.tolist()):
            if not scope.holds(int(rows.camera_ids[i]), int(rows.device_ns[i])):
                continue
            for q, found in enumerate(best):
                score, shot_id = float(scores[q, i]), int(rows.embeddings.shot_ids[i])
                if score > found.get(tracklet_id, (-2.0, 0))[0]:
                    found[tracklet_id] = (score, shot_id)


class ListedShots:
    """A `ShotStore` for reading: pictures by key with their camera and time."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, int, bytes]] = {}

    def get(self, scope: Scope, key: str) -> bytes:
        camera_id, device_ns, jpeg = self.kept[key]
        if not scope.holds(camera_id, device_ns):
            raise NotFound(f"shot {key}: none in the scope")
        return jpeg


class ListedProbes:
    """A `ProbeStore`: pictures by case."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, bytes]] = {}

    def put(self, case_id: int, probe_id: int, jpeg: bytes) -> str:
        self.kept[f"{case_id}/{probe_id}"] = (case_id, jpeg)
        return f"{case_id}/{probe_id}"

    def get(self, scope: Scope, key: str) -> bytes:
        case_id, jpeg = self.kept.get(key, (-1, b""))
        if case_id != scope.case_id:
            raise NotFound(f"probe {key}: none in the case")
        return jpeg

    def erase_case(self, case_id: int) -> None:
        self.kept = {key: kept for key, kept in self.kept.items() if kept[0] != case_id}


class Plain:
    """A `Surface` of one colour; its JPEG is its name and box, so that tests can read it."""

    def __init__(self, name: str = "picture", size: tuple[int, int] = (720, 1280)) -> None:
        self.name = name
        self.size = size

    def letterbox(self, slot: U8) -> Letterbox:
        slot[:] = 0
        return Letterbox(slot.shape[1] / self.size[1], slot.shape[0] / self.size[0], 0.0, 0.0)

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        return np.zeros((len(xyxy), 3, *hw), np.uint8)

    def luma(self, hw: tuple[int, int]) -> U8:
        return np.zeros(hw, np.uint8)

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        return f"{self.name} {None if xyxy is None else xyxy.tolist()}".encode()


class ListedFootage:
    """A `FootageStore` and a `Footage` for reading: segments without packets."""

    def __init__(self) -> None:
        self.early_s = 0.0  # how long before the asked instant the picture was shown

    def path(self, scope: Scope, segment: FootageSegment) -> Path:
        spans = (part for camera, parts in scope.by_camera() for part in parts)
        if not any(part.overlaps(segment.span) for part in spans):
            raise NotFound(f"segment {segment.segment_id}: none in the scope")
        return Path(segment.key)

    def frame(self, path: Path, segment: FootageSegment, device_ns: int) -> Frame:
        shown_ns = device_ns - round(self.early_s * 1e9)
        return Frame(
            segment.camera_id,
            Plain(f"frame of {path}"),
            0,
            Fraction(1, 90_000),
            shown_ns,
            shown_ns,
            ClockSource.RTCP,
            0.01,
            segment.epoch,
        )

    def clip(self, parts: Sequence[tuple[Path, FootageSegment]], span: TimeSpan) -> bytes:
        return f"clip of {len(parts)} over {span}".encode()

    def proxy(self, parts: Sequence[tuple[Path, FootageSegment]], span: TimeSpan) -> bytes:
        return f"proxy of {len(parts)} over {span}".encode()


class NamedProber:
    """A `Prober`: a picture's name says which unit row it has; persons are riders too."""

    def models(self, family: Family) -> Sequence[tuple[Family, str]]:
        if family is Family.VEHICLE:
            return []
        return [(Family.PERSON, MODEL_KEY), (Family.RIDER, MODEL_KEY)]

    def embed(
        self, surface: Surface, xyxy: F32, family: Family, probe_id: int
    ) -> Sequence[Embeddings]:
        assert xyxy.shape == (1, 4)
        if family is Family.VEHICLE:
            return []
        name = surface.jpeg().decode().split(" ")[0]
        return [Embeddings(MODEL_KEY, np.array([probe_id], np.int64), vector(name)[None])]


def vector(name: str) -> F32:
    """A unit row for a name, always the same; `a~b` lies between those of `a` and `b`."""
    if "~" in name:
        near, far = (vector(part) for part in name.split("~"))
        mixed = 0.8 * near + 0.2 * far
        return np.asarray(mixed / np.linalg.norm(mixed), np.float32)
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return np.asarray(unit_rows(1, seed=seed)[0], np.float32)


def open_picture(content: bytes) -> Surface:
    """The picture that the bytes name; bytes that begin with `text` are none."""
    if content.startswith(b"text"):
        raise MediaCorrupt("picture: not one that can be read")
    return Plain(content.decode())


@dataclass
class World:
    """Everything wired, with the clock in the test's hand."""

    store: Store
    clock: SetClock
    limits: CaseLimits = DEFAULT_LIMITS
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vectors, self.pictures, self.footage = ListedVectors(), ListedShots(), ListedFootage()
        self.probe_files = ListedProbes()
        self.audit = AuditLog(self.store.audit, self.clock)
        self.desk = CaseDesk(self.store, self.probe_files, self.audit, self.clock, self.limits)
        self.door = ReadingDoor(
            self.store,
            cast(VectorIndex, self.vectors),  # what follows implements what reading asks for
            cast(ShotStore, self.pictures),
            cast(FootageStore, self.footage),
            self.probe_files,
            self.footage,
            self.audit,
            self.clock,
            limits=self.limits,
        )
        self.ids = IdSource(1, self.clock)
        self.search = CaseSearch(
            self.door,
            self.store,
            NamedProber(),
            open_picture,
            self.probe_files,
            self.calibrations,
            self.audit,
            self.clock,
            self.ids,
        )
        self.trajectories = Trajectories(self.door, self.store, self.audit, self.clock)

    def person(
        self,
        camera_id: int,
        start_s: float,
        *,
        tracklet_id: int,
        looks: str = "thief",
        boxes: int = 5,
        part: int = 0,
        class_id: int = ObjectClass.PERSON,
    ) -> None:
        """Somebody before a camera, with one shot of it, ten times the tracklet's number."""
        seen = tracklet(
            tracklet_id,
            part=part,
            camera_id=camera_id,
            start_s=start_s,
            boxes=boxes,
            epoch=camera_id,
            class_id=class_id,
        )
        of = shot(10 * tracklet_id + part, seen)
        self.pictures.kept[of.key] = (camera_id, of.device_ns, looks.encode())
        self.vectors.add(
            VectorRows(
                seen.family,
                Embeddings(MODEL_KEY, np.array([of.shot_id], np.int64), vector(looks)[None]),
                np.array([tracklet_id], np.int64),
                np.array([camera_id], np.int64),
                np.array([of.device_ns], np.int64),
            )
        )
        self.store.tracks.put_parts([(seen, [of])])

    def open_case(self, *, cameras: Sequence[int] = (1, 2), **changes: object) -> Case:
        """An active case of ann and ben over the first hour of some cameras."""
        return put_case(self.store, cameras=cameras, **changes)

    def newest_seq(self) -> int:
        return self.store.audit.count()

    def entries(self, since: int = 0) -> list[AuditEntry]:
        """What was written after number `since`."""
        return self.store.audit.entries(after=since, limit=1000)

    def kinds(self, since: int = 0) -> list[str]:
        return [entry.event.kind for entry in self.entries(since)]

    def denials(self, since: int = 0) -> list[AuditEntry]:
        return [e for e in self.entries(since) if e.event.outcome is Outcome.DENY]


def put_case(store: Store, **changes: object) -> Case:
    """A case straight into the rows, as the next number; `changes` as in `tests.builders.case`."""
    number = len(store.cases.all()) + 1
    wanted: dict[str, object] = {"requester": ANN.account_id, "members": (BEN.account_id,)}
    wanted |= {"approver": APPROVER.account_id} | changes
    version = int(str(wanted.pop("version", 1)))
    made = case(number, **wanted)  # type: ignore[arg-type]
    for later in range(1, version + 1):
        store.cases.put(replace(made, version=later))
    return replace(made, version=version)


def request(**changes: object) -> CaseRequest:
    """A good request for the first hour of cameras 1 and 2."""
    grants = tuple(CameraSpan(camera_id, span()) for camera_id in (1, 2))
    made = CaseRequest(
        reference="2026-05-0417",
        offence="theft of a phone",
        legal_basis="criminal procedure act, section 115",
        purpose="find where the thief went after 07:55",
        grants=grants,
        expires_ns=T0_NS + 48 * HOUR_NS,
        members=frozenset({BEN.account_id}),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def template_in(folder: Path) -> Path:
    """A database with the rows of `furnish`, to be copied: making its tables takes a while."""
    path = folder / "rows.db"
    store = SqlStore.open(f"sqlite:///{path}")
    try:
        furnish_rows(store)
    finally:
        store.close()
    return path


@contextmanager
def opened_world(
    folder: Path, template: Path, calibrations: Mapping[str, Calibration] | None = None
) -> Iterator[World]:
    """A world whose cameras were looked at throughout the first hour."""
    shutil.copy(template, folder / "rows.db")
    store = SqlStore.open(f"sqlite:///{folder / 'rows.db'}")
    try:
        world = World(store, SetClock(T0_NS + 2 * HOUR_NS), calibrations=calibrations or {})
        for camera_id in CAMERAS:
            world.person(camera_id, SEEN_AT_S[camera_id], tracklet_id=100 + camera_id)
        yield world
    finally:
        store.close()


def furnish_rows(store: Store) -> None:
    """People, and cameras with footage that was looked at."""
    for person in PEOPLE:
        store.accounts.put(person)
    for camera_id in CAMERAS:
        east_deg = 0.0009 * camera_id  # 100 m along the equator
        store.cameras.put(Camera(camera_id, f"camera {camera_id}", lon_lat_deg=(east_deg, 0.0)))
        store.tracks.put_epoch(epoch(camera_id, camera_id=camera_id))
        store.tracks.put_activity([activity(camera_id, camera_id=camera_id)])
        store.tracks.put_footage(segment(camera_id, camera_id=camera_id, end_s=3600.0))


def instant(seconds: float) -> TimeSpan:
    """The one nanosecond at that second."""
    return TimeSpan(at(seconds), at(seconds) + 1)
