"""A small installation for tests: real rows, rules and audit; what lies on disks is in memory.

Two cameras, each with one person standing there during the first hour after `T0_NS`. It is two
hours later now. Accounts are named after what they may do.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
from argon2 import PasswordHasher
from starlette.types import ASGIApp

from cases.accounts import Accounts
from cases.audit import AuditLog
from cases.desk import CaseDesk
from cases.papers import CaseRequest
from cases.reading import ReadingDoor
from cases.report import Reports
from cases.search import CaseSearch
from cases.series import Series
from cases.trajectory import Trajectories
from core.arrays import F32, I64
from core.clocks import HOUR_NS
from core.errors import MediaCorrupt, SourceRefused
from core.ids import IdSource
from core.protocols import (
    Footage,
    FootageStore,
    PictureOpener,
    PlateIndex,
    Prober,
    ProbeStore,
    ShotStore,
    Surface,
    VectorIndex,
)
from core.runtime.models import ModelFolder
from core.types import (
    Account,
    Activity,
    ActivityKind,
    AuditEntry,
    CameraSpan,
    Case,
    ClockSource,
    Embeddings,
    Family,
    FootageSegment,
    Frame,
    Hits,
    ObjectClass,
    Role,
    Scope,
    TimeSpan,
    TrackletPart,
    VectorRows,
    no_hits,
)
from index.plates.files import FilePlateIndex
from index.rows.store import SqlStore
from ingest.surface import HostSurface
from pipeline.cameras import CameraDesk
from pipeline.plates import plate_rows
from pipeline.service import Service
from pipeline.settings import Settings
from tests.api.client import Client
from tests.api.reconstructions import FixedReconstructions
from tests.builders import (
    MODEL_KEY,
    T0_NS,
    SetClock,
    activity,
    at,
    camera,
    epoch,
    plate,
    segment,
    shot,
    span,
    tracklet,
    unit_rows,
    vector_rows,
)

NOW_NS = T0_NS + 2 * HOUR_NS
PASSWORD = "a long enough phrase"
HERE, THERE, ELSEWHERE = 1, 2, 3
"""Cameras: the case grants the first two."""
SEEN_HERE, SEEN_THERE, SEEN_ELSEWHERE = 101, 102, 103
"""Their tracklets; the shot of each is ten times its number."""

ROLES = {
    "admin": (Role.ADMIN,),
    "operator": (Role.OPERATOR,),
    "ann": (Role.INVESTIGATOR,),  # asks for the case
    "ben": (Role.INVESTIGATOR,),  # works in it
    "zoe": (Role.INVESTIGATOR,),  # a stranger to it
    "approver": (Role.APPROVER,),
    "auditor": (Role.AUDITOR,),
}


def picture(height: int = 480, width: int = 640) -> bytes:
    """A JPEG with something on it."""
    pixels = np.full((height, width, 3), 90, np.uint8)
    pixels[height // 4 : height // 2, width // 4 : width // 2] = (20, 40, 200)
    return bytes(cv2.imencode(".jpg", pixels)[1])


def open_picture(content: bytes) -> HostSurface:
    """Decodes in this process: the killable one has tests of its own."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise MediaCorrupt("picture: not one that can be read")
    return HostSurface.of_bgr(np.asarray(pixels, np.uint8))


class OneVector:
    """A prober whose every picture looks alike."""

    def models(self, family: Family) -> Sequence[tuple[Family, str]]:
        return [(family, MODEL_KEY)]

    def embed(
        self, surface: Surface, xyxy: F32, family: Family, probe_id: int
    ) -> Sequence[Embeddings]:
        return [Embeddings(MODEL_KEY, np.array([probe_id], np.int64), unit_rows(1))]


class ListedVectors:
    """Finds the tracklets of the scope's cameras, in their order."""

    def search(self, scope: Scope, family: Family, model: str, queries: F32, k: int) -> Hits:
        kept = {HERE: SEEN_HERE, THERE: SEEN_THERE, ELSEWHERE: SEEN_ELSEWHERE}
        found = [kept[camera_id] for camera_id, _ in scope.by_camera()][:k]
        hits = no_hits(len(queries), k)
        for row, tracklet_id in enumerate(found):
            hits.ids[:, row] = tracklet_id
            hits.shots[:, row] = tracklet_id * 10
            hits.scores[:, row] = 0.9 - 0.1 * row
        return hits

    def rows(self, scope: Scope, family: Family, model: str, tracklet_ids: I64) -> VectorRows:
        return vector_rows(
            (10 * tracklet_ids).tolist(), tracklet_ids=tracklet_ids.tolist(), family=family
        )


class StraightCalibration:
    """A ratio that is five times the cosine."""

    model = MODEL_KEY

    def llr(self, cosine: F32) -> F32:
        return np.asarray(5 * cosine, np.float32)


class MemoryPictures:
    """Shots and probes: one picture for every key."""

    def __init__(self) -> None:
        self.erased: list[int] = []

    def put(self, case_id: int, probe_id: int, jpeg: bytes) -> str:
        return f"{case_id}/{probe_id}"

    def get(self, scope: Scope, key: str) -> bytes:
        return picture(120, 60)

    def erase_case(self, case_id: int) -> None:
        self.erased.append(case_id)


class MemoryFootage:
    """Footage files and their reader."""

    def path(self, scope: Scope, kept: FootageSegment) -> Path:
        return Path(kept.key)

    def frame(self, path: Path, kept: FootageSegment, device_ns: int) -> Frame:
        surface = open_picture(picture())
        return Frame(
            kept.camera_id,
            surface,
            0,
            Fraction(1, 1000),
            device_ns,
            device_ns,
            ClockSource.RTCP,
            0.0,
            kept.epoch,
        )

    def clip(
        self,
        parts: Sequence[tuple[Path, FootageSegment]],
        wanted: TimeSpan,
        *,
        not_before_ns: int,
    ) -> bytes:
        return b"\0\0\0\x18ftypisom original"

    def proxy(self, parts: Sequence[tuple[Path, FootageSegment]], wanted: TimeSpan) -> bytes:
        return b"\0\0\0\x18ftypisom derived"


def check_address(url: str) -> None:
    """As the allow-list of networks does, for one address."""
    if "198.51.100" in url:
        raise SourceRefused(f"{url}: outside the allowed networks")


@dataclass
class House:
    """The service with its clock and its people."""

    service: Service
    clock: SetClock
    people: dict[str, Account]
    make_app: Callable[[Service], ASGIApp]
    plates: FilePlateIndex
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = self.make_app(self.service)

    def client(self, name: str = "", *, scheme: str = "http") -> Client:
        """A client of that person, by bearer token; of nobody without a name."""
        token = self.token(name) if name else ""
        return Client(self.app, token=token, scheme=scheme)

    def token(self, name: str) -> str:
        if name not in self.tokens:
            self.tokens[name] = self.service.accounts.login(name, PASSWORD, "bearer")[0]
        return self.tokens[name]

    def case(self, *, approved: bool = True, cameras: Sequence[int] = (HERE, THERE)) -> Case:
        """A case of ann's with ben in it."""
        asked = CaseRequest(
            reference="2026-05-0417",
            offence="theft of a phone",
            legal_basis="criminal procedure act, section 1",
            purpose="find where the thief went",
            grants=tuple(CameraSpan(camera_id, span()) for camera_id in cameras),
            expires_ns=at(7 * 24 * 3600),
            members=frozenset({self.people["ben"].account_id}),
        )
        case = self.service.desk.request(self.people["ann"], asked)
        if not approved:
            return case
        return self.service.desk.approve(self.people["approver"], case.case_id)

    def drive(
        self,
        tracklet_id: int,
        text: str,
        *,
        camera_id: int = HERE,
        start_s: float = 60.0,
        sure: float = 0.97,
    ) -> None:
        """A car whose plate was read; its shot is ten times its number, its plate twenty times."""
        seen = tracklet(
            tracklet_id,
            camera_id=camera_id,
            start_s=start_s,
            epoch=camera_id,
            class_id=ObjectClass.CAR,
        )
        taken = shot(10 * tracklet_id, seen)
        read = plate(20 * tracklet_id, seen, text=text, sure=sure, shot_id=taken.shot_id)
        rows = plate_rows([TrackletPart(seen, (), (read,))])
        assert rows is not None
        self.plates.add(rows)
        self.service.store.tracks.put_parts([(seen, [taken])], [read])

    def give_role(self, name: str, role: str) -> None:
        """That person with one more role."""
        account = self.people[name]
        roles = {*account.roles, Role(role)}
        accounts = self.service.accounts
        self.people[name] = accounts.change_roles(self.people["admin"], account.account_id, roles)
        self.tokens.pop(name, None)

    def open_uploads_with(self, opener: PictureOpener) -> None:
        """Decode uploads as in real use: in a process that may be killed."""
        service = cast("Any", self.service)
        service.search = replace(service.search, opener=opener)

    def kinds_after(self, seq: int) -> list[str]:
        """Kinds of the audit entries above `seq`, refusals with a `!` before them."""
        entries = self.service.store.audit.entries(after=seq, limit=100_000)
        return [f"{'!' * (e.event.outcome == 'deny')}{e.event.kind}" for e in entries]

    def last_entry(self) -> AuditEntry:
        """The newest audit entry."""
        audit = self.service.store.audit
        return audit.entries(after=audit.count() - 1)[-1]


def fill(store: SqlStore) -> None:
    """What the cameras saw."""
    for camera_id in (HERE, THERE, ELSEWHERE):
        store.cameras.put(camera(camera_id))
        store.tracks.put_epoch(epoch(camera_id, camera_id=camera_id))
        seen = tracklet(
            100 + camera_id, camera_id=camera_id, start_s=600.0 * camera_id, epoch=camera_id
        )
        store.tracks.put_parts([(seen, [shot((100 + camera_id) * 10, seen)])])
        store.tracks.put_footage(segment(camera_id, camera_id=camera_id, end_s=3600.0))
        looked: Activity = activity(
            camera_id, camera_id=camera_id, kind=ActivityKind.ANALYSED, end_s=3000.0, count=1
        )
        store.tracks.put_activity([looked])


def people(accounts: Accounts) -> None:
    """One account per entry of `ROLES`, all with the same password."""
    admin = accounts.create_first_admin("admin", PASSWORD)
    for name, roles in ROLES.items():
        if name != "admin":
            accounts.create(admin, name, PASSWORD, roles, organisation="Precinct 1")


def quick_hasher() -> PasswordHasher:
    """Argon2 at its least: tests hash often and guard nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def wired(store: SqlStore, data_dir: Path, clock: SetClock, plates: PlateIndex) -> Service:
    """The parts as `open_service` puts them together, on memory where that used disks."""
    audit, ids = AuditLog(store.audit, clock), IdSource(1, clock)
    pictures, footage = MemoryPictures(), MemoryFootage()
    probes = cast("ProbeStore", pictures)
    door = ReadingDoor(
        store,
        cast("VectorIndex", ListedVectors()),
        cast("ShotStore", pictures),
        cast("FootageStore", footage),
        probes,
        cast("Footage", footage),
        audit,
        clock,
        plates=plates,
    )
    prober = cast("Prober", OneVector())

    def erase(camera_id: int) -> int:
        store.cameras.delete(camera_id)
        return 1

    cameras = CameraDesk(
        store, audit, ids, clock, seal=str.encode, check_address=check_address, erase=erase
    )
    search = CaseSearch(door, store, prober, open_picture, probes, {}, audit, clock, ids)
    trajectories = Trajectories(door, store, audit, clock)
    parts = SimpleNamespace(
        settings=Settings(data_dir=data_dir),
        store=store,
        audit=audit,
        accounts=Accounts(store.accounts, audit, clock, hasher=quick_hasher()),
        desk=CaseDesk(store, probes, audit, clock),
        door=door,
        search=search,
        trajectories=trajectories,
        reconstructions=FixedReconstructions(search, trajectories),
        reports=Reports(door, store, audit, clock),
        series=Series(
            door,
            store,
            prober,
            {MODEL_KEY: StraightCalibration()},
            audit,
            clock,
            ids,
            search.settle,
        ),
        cameras=cameras,
        models=ModelFolder(data_dir / "models"),
        now=clock,
        close=store.close,
    )
    return cast("Service", parts)


def build(data_dir: Path) -> Path:
    """The database of a house, with its people and what its cameras saw, closed."""
    path = data_dir / "rows.db"
    store, clock = SqlStore.open(f"sqlite:///{path}"), SetClock(NOW_NS)
    try:
        fill(store)
        people(
            wired(store, data_dir, clock, FilePlateIndex(data_dir / "plates", threads=1)).accounts
        )
    finally:
        store.close()
    return path


@contextmanager
def open_house(
    built: Path, data_dir: Path, make_app: Callable[[Service], ASGIApp]
) -> Iterator[House]:
    """A house of one's own on a copy of what `build` made; closed again at the end."""
    shutil.copyfile(built, data_dir / "rows.db")
    store, clock = SqlStore.open(f"sqlite:///{data_dir / 'rows.db'}"), SetClock(NOW_NS)
    plates = FilePlateIndex(data_dir / "plates", writer=1, reserve_bytes=0, threads=1)
    try:
        known = {account.name: account for account in store.accounts.all()}
        yield House(wired(store, data_dir, clock, plates), clock, known, make_app, plates)
    finally:
        plates.close()
        store.close()
