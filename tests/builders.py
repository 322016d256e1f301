"""Small valid values with defaults, for tests of every folder. Times are seconds after `T0_NS`."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import F32
from core.clocks import HOUR_NS, NS, ns_of, parse_utc
from core.types import (
    Account,
    Activity,
    ActivityKind,
    AuditEntry,
    AuditEvent,
    Camera,
    CameraSpan,
    Case,
    CaseState,
    ClockSource,
    CutShot,
    Decision,
    Embeddings,
    Epoch,
    Family,
    FootageSegment,
    ModelSpec,
    ObjectClass,
    Outcome,
    Plate,
    Probe,
    Role,
    Scope,
    Session,
    Shot,
    TimeSpan,
    Tracklet,
    VectorRows,
    Verdict,
)
from tests.core.plates.builders import reading

T0_NS = parse_utc("2026-05-04T07:00:00Z")
"""Where the tests' time begins: a whole hour, so that an hour's segment starts here too."""

BOX = (10.0, 20.0, 50.0, 120.0)
MODEL_KEY = "colour@0123456789ab"


def at(seconds: float) -> int:
    """The instant that many seconds after `T0_NS`."""
    return T0_NS + ns_of(seconds)


def span(start_s: float = 0.0, end_s: float = 3600.0) -> TimeSpan:
    return TimeSpan(at(start_s), at(end_s))


class SetClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now_ns: int = T0_NS) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += ns_of(seconds)


# --- cameras, scopes, cases --------------------------------------------------------------------


def camera(camera_id: int = 1, *, name: str = "", retention_days: int = 0) -> Camera:
    return Camera(camera_id, name or f"camera {camera_id}", retention_days=retention_days)


def scope(
    cameras: Sequence[int] = (1,),
    start_s: float = 0.0,
    end_s: float = 3600.0,
    *,
    case_id: int = 1,
    expires_ns: int = T0_NS + 24 * HOUR_NS,
) -> Scope:
    """One span over each of some cameras."""
    parts = [(camera_id, start_s, end_s) for camera_id in cameras]
    return scope_of(parts, case_id=case_id, expires_ns=expires_ns)


def scope_of(
    parts: Sequence[tuple[int, float, float]],
    *,
    case_id: int = 1,
    expires_ns: int = T0_NS + 24 * HOUR_NS,
) -> Scope:
    """A scope of (camera_id, start_s, end_s), which may name a camera several times."""
    spans = tuple(CameraSpan(c, span(start_s, end_s)) for c, start_s, end_s in sorted(parts))
    return Scope(case_id, 1, 1, spans, expires_ns)


def case(
    case_id: int = 1,
    *,
    version: int = 1,
    state: CaseState = CaseState.ACTIVE,
    cameras: Sequence[int] = (1,),
    grants: Sequence[CameraSpan] | None = None,
    members: Sequence[int] = (1,),
    requester: int = 1,
    approver: int | None = 2,
    expires_ns: int = T0_NS + 24 * HOUR_NS,
    emergency: bool = False,
    hold: bool = False,
) -> Case:
    return Case(
        case_id=case_id,
        version=version,
        state=state,
        reference=f"2026-{case_id:04d}",
        offence="theft",
        legal_basis="criminal procedure act, section 1",
        purpose="find the phone's thief",
        requester=requester,
        members=frozenset(members),
        approver=approver,
        opened_ns=T0_NS,
        decided_ns=None if approver is None else T0_NS,
        expires_ns=expires_ns,
        grants=tuple(CameraSpan(c, span()) for c in cameras) if grants is None else tuple(grants),
        emergency=emergency,
        hold=hold,
    )


def account(
    account_id: int = 1,
    *,
    name: str = "",
    roles: Sequence[Role] = (Role.INVESTIGATOR,),
    password_hash: str = "$argon2id$not-a-real-hash",  # noqa: S107
    disabled: bool = False,
) -> Account:
    name = name or f"user{account_id}"
    return Account(
        account_id, name, name.title(), "Precinct 1", frozenset(roles), password_hash, disabled
    )


def session(token_sha256: str = "a" * 64, *, account_id: int = 1) -> Session:
    return Session(token_sha256, account_id, T0_NS, T0_NS + 8 * HOUR_NS, "browser")


def probe(
    probe_id: int = 1, *, case_id: int = 1, vectors: Mapping[str, bytes] | None = None
) -> Probe:
    kept = {MODEL_KEY: unit_rows(1).tobytes()} if vectors is None else vectors
    return Probe(
        probe_id, case_id, Family.PERSON, "upload", T0_NS, f"{case_id}/{probe_id}.jpg", kept
    )


def decision(
    decision_id: int = 1,
    *,
    case_id: int = 1,
    tracklet_id: int = 1,
    actor: int = 1,
    verdict: Verdict = Verdict.CONFIRM,
    at_s: float = 0.0,
) -> Decision:
    return Decision(decision_id, case_id, tracklet_id, actor, verdict, at(at_s))


def audit_event(kind: str = "search", *, outcome: Outcome = Outcome.ALLOW) -> AuditEvent:
    return AuditEvent(kind, outcome, 1, "user1", "Precinct 1", 1, "find the thief", {"k": 10})


def audit_entry(newest: AuditEntry | None = None, *, kind: str = "search") -> AuditEntry:
    """What follows `newest`, with a made-up hash: the real chain is the audit's own business."""
    seq = 1 if newest is None else newest.seq + 1
    previous = "" if newest is None else newest.hash
    return AuditEntry(seq, T0_NS + seq, audit_event(kind), previous, f"{seq:064x}")


# --- what ingest writes ------------------------------------------------------------------------


def tracklet(
    tracklet_id: int = 1,
    *,
    part: int = 0,
    camera_id: int = 1,
    start_s: float = 0.0,
    boxes: int = 5,
    step_s: float = 1.0,
    class_id: int = ObjectClass.PERSON,
    epoch: int = 1,
) -> Tracklet:
    """A subject at rest, one box each `step_s`."""
    return Tracklet(
        tracklet_id,
        part,
        camera_id,
        epoch,
        int(class_id),
        np.array([at(start_s + i * step_s) for i in range(boxes)], np.int64),
        np.tile(np.array(BOX, np.float32), (boxes, 1)),
        np.full(boxes, 0.9, np.float32),
    )


def shot(shot_id: int = 1, of: Tracklet | None = None, *, box: int = 0, key: str = "") -> Shot:
    """A shot of one of that tracklet's boxes."""
    seen = tracklet() if of is None else of
    return Shot(
        shot_id,
        seen.tracklet_id,
        seen.part,
        seen.camera_id,
        int(seen.device_ns[box]),
        BOX,
        0.5,
        key or f"shot-{shot_id}",
    )


def cut_shot(shot_id: int = 1, *, at_s: float = 0.0, jpeg: bytes = b"\xff\xd8jpeg") -> CutShot:
    return CutShot(shot_id, at(at_s), BOX, 0.5, jpeg)


def plate(
    plate_id: int = 1,
    of: Tracklet | None = None,
    *,
    text: str = "京A12345",
    sure: float = 0.97,
    box: int = 0,
    shot_id: int = 1,
    reads: int = 3,
    stated: bool = False,
) -> Plate:
    """What was read of that tracklet at one of its boxes; `stated` by a device, without corners."""
    seen = tracklet(class_id=ObjectClass.CAR) if of is None else of
    corners = np.array([[20, 80], [40, 80], [40, 90], [20, 90]], np.float32)
    return Plate(
        plate_id,
        seen.tracklet_id,
        seen.part,
        seen.camera_id,
        int(seen.device_ns[box]),
        reading(text, sure=sure),
        "cn_blue",
        "blue",
        reads,
        shot_id,
        None if stated else corners,
    )


def epoch(epoch_id: int = 1, *, camera_id: int = 1, start_s: float = 0.0) -> Epoch:
    return Epoch(epoch_id, camera_id, at(start_s), ClockSource.RTCP, 0.05, (720, 1280), "rtsp")


def segment(
    segment_id: int = 1, *, camera_id: int = 1, start_s: float = 0.0, end_s: float = 60.0
) -> FootageSegment:
    return FootageSegment(
        segment_id,
        camera_id,
        1,
        span(start_s, end_s),
        "h264",
        (720, 1280),
        0,
        (1, 90_000),
        1000,
        "0" * 64,
        f"segment-{segment_id}",
    )


def activity(
    activity_id: int = 1,
    *,
    camera_id: int = 1,
    kind: ActivityKind = ActivityKind.ANALYSED,
    start_s: float = 0.0,
    end_s: float = 3600.0,
    count: int = 0,
) -> Activity:
    return Activity(activity_id, camera_id, kind, span(start_s, end_s), count)


# --- vectors and models ------------------------------------------------------------------------


def unit_rows(count: int, *, dim: int = 8, seed: int = 0) -> F32:
    """Random unit vectors (count, dim)."""
    rows = np.random.default_rng(seed).standard_normal((count, dim))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def vector_rows(
    shot_ids: Sequence[int] = (1,),
    *,
    tracklet_ids: Sequence[int] | None = None,
    camera_id: int = 1,
    start_s: float = 0.0,
    vectors: F32 | None = None,
    family: Family = Family.PERSON,
    model: str = MODEL_KEY,
) -> VectorRows:
    """One row per shot, a second apart; by default each shot its own tracklet."""
    count = len(shot_ids)
    rows = unit_rows(count) if vectors is None else vectors
    return VectorRows(
        family,
        Embeddings(model, np.array(shot_ids, np.int64), rows),
        np.array(shot_ids if tracklet_ids is None else tracklet_ids, np.int64),
        np.full(count, camera_id, np.int64),
        at(start_s) + np.arange(count, dtype=np.int64) * NS,
    )


def embedder_spec(*, name: str = "colour", family: str = "person", dim: int = 8) -> ModelSpec:
    return ModelSpec(
        name=name,
        version="1",
        sha256="0123456789ab" + "0" * 52,
        licence="AGPL-3.0-or-later",
        task="embed",
        family=family,
        decoder="",
        input_hw=(32, 16),
        layout="NCHW",
        colour="RGB",
        scale=1.0,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        dim=dim,
    )
