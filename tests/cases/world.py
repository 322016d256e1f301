"""A small installation for the rules of cases, on the real stores; only footage is made up.

Three cameras in a row, 100 m apart, each with one person who stands there for some seconds of the
first hour after `T0_NS`. It is two hours later.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np

from cases.audit import AuditLog
from cases.authority import DEFAULT_LIMITS, CaseLimits
from cases.desk import CaseDesk
from cases.papers import CaseRequest
from cases.reading import ReadingDoor
from cases.reconstruction import Reconstructions
from cases.search import CaseSearch
from cases.trajectory import Trajectories
from core.arrays import F32, U8
from core.clocks import HOUR_NS
from core.errors import MediaCorrupt, NotFound
from core.ids import IdSource
from core.protocols import Calibration, FootageStore, Store, Surface
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
    Letterbox,
    ObjectClass,
    Outcome,
    Role,
    Scope,
    TimeSpan,
    TrackletPart,
    VectorRows,
)
from index.exact import NumpyIndex
from index.plates.files import FilePlateIndex
from index.probes import FileProbeStore
from index.rows.store import SqlStore
from index.shots import PackShotStore
from pipeline.plates import plate_rows
from tests.builders import (
    MODEL_KEY,
    T0_NS,
    SetClock,
    account,
    activity,
    at,
    case,
    cut_shot,
    epoch,
    plate,
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


class Steep:
    """A calibration: six nats for the same looks, four less than none for any others."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        return np.asarray(np.clip(20 * (cosine - 0.7), -4, 6), np.float32)


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

    def clip(
        self,
        parts: Sequence[tuple[Path, FootageSegment]],
        span: TimeSpan,
        *,
        not_before_ns: int,
    ) -> bytes:
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


class World:
    """Everything wired below one folder, with the clock in the test's hand."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: CaseLimits = DEFAULT_LIMITS,
        calibrations: Mapping[str, Calibration] | None = None,
    ) -> None:
        self.folder, self.limits = folder, limits
        self.clock = SetClock(T0_NS + 2 * HOUR_NS)
        self.ids = IdSource(1, self.clock)
        self.store = SqlStore.open(f"sqlite:///{folder / 'rows.db'}")
        self.vectors = NumpyIndex(folder / "vectors", writer=1)
        self.plates = FilePlateIndex(folder / "plates", writer=1, threads=1)
        self.pictures = PackShotStore(folder / "shots", writer=1)
        self.probe_files = FileProbeStore(folder / "probes")
        self.footage = ListedFootage()
        self.audit = AuditLog(self.store.audit, self.clock)
        self.desk = CaseDesk(self.store, self.probe_files, self.audit, self.clock, limits)
        self._wire(calibrations or {})

    def _wire(self, calibrations: Mapping[str, Calibration]) -> None:
        self.door = ReadingDoor(
            self.store,
            self.vectors,
            self.pictures,
            cast(FootageStore, self.footage),  # it implements what reading asks for
            self.probe_files,
            self.footage,
            self.audit,
            self.clock,
            plates=self.plates,
            limits=self.limits,
        )
        self.search = CaseSearch(
            self.door,
            self.store,
            NamedProber(),
            open_picture,
            self.probe_files,
            calibrations,
            self.audit,
            self.clock,
            self.ids,
        )
        self.reconstructions = Reconstructions(
            self.door,
            self.store,
            self.search,
            NamedProber(),
            calibrations,
            self.clock,
            self.ids,
        )
        self.trajectories = Trajectories(self.door, self.store, self.audit, self.clock)

    def close(self) -> None:
        self.vectors.close()
        self.plates.close()
        self.pictures.close()
        self.store.close()

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
        text: str = "",
        sure: float = 0.97,
    ) -> None:
        """Somebody before a camera, with one shot of it, ten times the tracklet's number.

        With a `text` its plate was read in that shot; with no `looks` it has no vector.
        """
        seen = tracklet(
            tracklet_id,
            part=part,
            camera_id=camera_id,
            start_s=start_s,
            boxes=boxes,
            epoch=camera_id,
            class_id=class_id,
        )
        cut = cut_shot(10 * tracklet_id + part, at_s=start_s, jpeg=(looks or "car").encode())
        (key,) = self.pictures.put(camera_id, [cut])
        of = shot(cut.shot_id, seen, key=key)
        if looks:
            self.vectors.add(
                VectorRows(
                    seen.family,
                    Embeddings(MODEL_KEY, np.array([of.shot_id], np.int64), vector(looks)[None]),
                    np.array([tracklet_id], np.int64),
                    np.array([camera_id], np.int64),
                    np.array([of.device_ns], np.int64),
                )
            )
        plates = [plate(of.shot_id, seen, text=text, sure=sure, shot_id=of.shot_id)] if text else []
        rows = plate_rows([TrackletPart(seen, (), tuple(plates))])
        if rows is not None:
            self.plates.add(rows)
        self.store.tracks.put_parts([(seen, [of])], plates)

    def probe_pictures(self, case_id: int) -> int:
        """How many the case keeps."""
        return sum(1 for _ in (self.folder / "probes").glob(f"{case_id}/*.jpg"))

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


def furnish(folder: Path) -> None:
    """What `opened_world` copies: making a database and its tables takes a while."""
    world = World(folder)
    try:
        furnish_rows(world.store)
        for camera_id in CAMERAS:
            world.person(camera_id, SEEN_AT_S[camera_id], tracklet_id=100 + camera_id)
    finally:
        world.close()


@contextmanager
def opened_world(
    folder: Path,
    template: Path,
    *,
    limits: CaseLimits = DEFAULT_LIMITS,
    calibrations: Mapping[str, Calibration] | None = None,
) -> Iterator[World]:
    """A copy of the template in `folder`, opened."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    world = World(folder, limits=limits, calibrations=calibrations)
    try:
        yield world
    finally:
        world.close()


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
