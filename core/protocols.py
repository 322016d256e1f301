"""The seams between the folders. Each has a contract suite in `tests/contracts/`.

Promises that a type cannot say, held by every implementation: empty in, empty out; order kept; a
batch of n equals n batches of one; a duplicate id raises `DuplicateId` and changes nothing; after
`kill -9` and reopening the answers are the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from core.arrays import F32, I64, U8, Bool
from core.plates.patterns import Pattern
from core.types import (
    Account,
    Activity,
    AuditEntry,
    Camera,
    CameraGraph,
    Case,
    ClockCorrection,
    CutShot,
    Decision,
    Detections,
    Embeddings,
    Epoch,
    Family,
    FootageSegment,
    Frame,
    Hits,
    Letterbox,
    ModelSpec,
    Passings,
    Plate,
    PlateHit,
    PlateRead,
    PlateRows,
    Probe,
    Scope,
    Session,
    Shot,
    TimeSpan,
    Tracklet,
    VectorRows,
)

# --- pixels ------------------------------------------------------------------------------------


class Surface(Protocol):
    """A picture where it lies; only what is asked for is converted. Boxes are source pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in source pixels."""

    def letterbox(self, slot: U8) -> Letterbox:
        """Fill `slot` (h, w, 3) with the whole picture as RGB, aspect kept, padded with 114."""

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        """Boxes (N, 4), clipped to the picture, as RGB (N, 3, h, w)."""

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        """One box (4,), clipped, or the whole picture, as JPEG at quality 95 in source pixels."""

    def luma(self, hw: tuple[int, int]) -> U8:
        """The brightness scaled down to (h, w)."""


class FrameSource(Protocol):
    """One camera's pictures in time order, on one thread; `close` may come from another."""

    @property
    def camera_id(self) -> int: ...

    def __iter__(self) -> Iterator[Frame]:
        """Frames until the end of a file, or until `close`; `SourceError` if they fail for good."""

    def close(self) -> None:
        """Make the iterator end soon; safe to call twice and from another thread."""


class PictureOpener(Protocol):
    def __call__(self, content: bytes) -> Surface:
        """A picture that somebody handed in, decoded in a killable process with limits.

        Raises `MediaCorrupt` for what is no picture, `TooLarge` beyond the limits.
        """


# --- models ------------------------------------------------------------------------------------


class Detector(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def detect(self, frames: Sequence[Frame]) -> Detections:
        """Boxes of our classes in source pixels, `frame_index` into `frames`."""


class PlateFinder(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def find(self, surfaces: Sequence[Surface], vehicles: Detections) -> tuple[F32, F32, I64]:
        """Corners (P, 4, 2) source pixels, confidence (P,), row in `vehicles` (P,)."""


class PlateReader(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def read(self, rectified: U8) -> Sequence[PlateRead]:
        """One read per rectified plate (P, 3, h, w)."""


class Embedder(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def embed(self, crops: U8) -> F32:
        """Unit rows (N, D) of RGB crops (N, 3, h, w) at `spec.input_hw`."""


class Calibration(Protocol):
    @property
    def model(self) -> str:
        """`ModelSpec.key` of the embedder that it was fitted for."""

    def llr(self, cosine: F32) -> F32:
        """Natural-log likelihood ratio, same against different subject, of each cosine."""


class Tracker(Protocol):
    """Boxes over time of one camera to live track numbers."""

    def update(self, device_ns: int, detections: Detections) -> I64:
        """The track of each box (N,), -1 while unconfirmed."""

    def coast(self, device_ns: int) -> None:
        """Time passed and nothing was looked at: a subject at rest stays alive."""

    def reset(self) -> None:
        """The time line broke: forget all tracks."""


# --- kept in files -----------------------------------------------------------------------------


class VectorIndex(Protocol):
    """Unit vectors in segments of one hour, family, model and writer; exact by default."""

    def add(self, rows: VectorRows) -> None:
        """Keep rows durably (fsync) and make them searchable. `DuplicateId` for a known shot."""

    def search(self, scope: Scope, family: Family, model: str, queries: F32, k: int) -> Hits:
        """The k most similar tracklets within `scope` per unit query (Q, D)."""

    def rows(self, scope: Scope, family: Family, model: str, tracklet_ids: I64) -> VectorRows:
        """All rows of those tracklets that lie in `scope`, by shot id; of others none."""

    def seal(self, before_ns: int) -> int:
        """Sort, checksum and close this writer's open segments that end before; their number."""

    def drop(self, before_ns: int) -> int:
        """Delete all segments that end before, of any writer; their number."""

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> None:
        """No search finds that camera's rows of that span (None: any) from now on."""

    def compact(self) -> int:
        """Rewrite sealed segments without erased rows; bytes freed."""

    def sweep(self, known: Callable[[I64], Bool]) -> int:
        """Cut off this writer's rows whose shot has no row in the store; their number."""

    def verify(self) -> None:
        """`StorageCorrupt` names the first segment whose checksum does not hold."""


class PlateIndex(Protocol):
    """Posteriors of plates in segments of one hour and writer, beside those of the vectors."""

    def add(self, rows: PlateRows) -> None:
        """Keep rows durably (fsync) and make them searchable. `DuplicateId` for a known plate."""

    def search(self, scope: Scope, pattern: Pattern, k: int) -> Sequence[PlateHit]:
        """The k likeliest tracklets within `scope`, best first; fewer if there are no more."""

    def seal(self, before_ns: int) -> int:
        """Sort, checksum and close this writer's open segments that end before; their number."""

    def drop(self, before_ns: int) -> int:
        """Delete all segments that end before, of any writer; their number."""

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> None:
        """No search finds that camera's rows of that span (None: any) from now on."""

    def compact(self) -> int:
        """Rewrite sealed segments without erased rows; bytes freed."""

    def sweep(self, known: Callable[[I64], Bool]) -> int:
        """Cut off this writer's rows whose plate has no row in the store; their number."""

    def verify(self) -> None:
        """`StorageCorrupt` names the first segment whose checksum does not hold."""


class ShotStore(Protocol):
    """JPEGs of shots in append-only packs by camera, hour and writer."""

    def put(self, camera_id: int, shots: Sequence[CutShot]) -> list[str]:
        """A key per shot, in order; durable (fsync) on return."""

    def get(self, scope: Scope, key: str) -> bytes:
        """The JPEG, if its camera and time lie in `scope`; `NotFound` otherwise."""

    def drop(self, camera_id: int, before_ns: int) -> int:
        """Delete what is older; the bytes freed."""

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> int:
        """Delete that camera's shots of that span (None: any) for good; the bytes freed."""

    def sweep(self, known: Callable[[I64], Bool]) -> int:
        """Cut off this writer's pictures whose shot has no row in the store; their number."""

    def verify(self) -> None:
        """`StorageCorrupt` names the first pack that does not hold."""


class FootageStore(Protocol):
    """The camera's own packets in files of about a minute, each with its SHA-256."""

    def stage(self, camera_id: int, segment_id: int) -> Path:
        """Where the recorder writes a segment that is not finished yet."""

    def keep(self, staged: Path, segment: FootageSegment) -> FootageSegment:
        """Move a finished file to its place, durably; the segment with hash, size and key."""

    def path(self, scope: Scope, segment: FootageSegment) -> Path:
        """The file, if its camera and time overlap `scope`; `NotFound` otherwise."""

    def drop(self, camera_id: int, before_ns: int) -> int:
        """Delete segments that end before; the bytes freed."""

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> int:
        """Delete that camera's segments that overlap the span (None: any); the bytes freed."""

    def sweep(self, known: Callable[[I64], Bool]) -> int:
        """Delete staged files of dead writers and files whose segment has no row; their number."""

    def verify(self, segments: Iterable[FootageSegment]) -> None:
        """`StorageCorrupt` names the first file whose hash differs from its row."""


class ProbeStore(Protocol):
    """Probe pictures, kept with their case."""

    def put(self, case_id: int, probe_id: int, jpeg: bytes) -> str: ...

    def get(self, scope: Scope, key: str) -> bytes:
        """The JPEG, if it belongs to the scope's case; `NotFound` otherwise."""

    def erase_case(self, case_id: int) -> None: ...


# --- rows --------------------------------------------------------------------------------------


class WriterRows(Protocol):
    """Who may write: numbers for id makers, and leases so that two never take one camera."""

    def lease_writer(self, name: str, owner: str, now_ns: int, until_ns: int) -> int:
        """The number of `name`, for ever the same; `Busy` while another owner's lease lives."""

    def lease_camera(self, camera_id: int, owner: str, now_ns: int, until_ns: int) -> None:
        """Take or renew; `Busy` while another owner's lease lives."""

    def release(self, owner: str) -> None:
        """Give back all leases of `owner`."""


class CameraRows(Protocol):
    def put(self, camera: Camera) -> None:
        """Add or replace all but its clock history."""

    def get(self, camera_id: int) -> Camera:
        """`NotFound` if there is none."""

    def all(self) -> list[Camera]: ...

    def some(self, camera_ids: Iterable[int]) -> list[Camera]:
        """Those of these that there are, by id."""

    def correct_clock(self, camera_id: int, correction: ClockCorrection, at_ns: int) -> None:
        """Add a version to the clock history; the newest per `since_ns` counts."""

    def put_graph(self, graph: CameraGraph) -> None: ...

    def graph(self) -> CameraGraph:
        """The roads; empty edges when none were imported."""

    def delete(self, camera_id: int) -> None:
        """The camera and every row of it (tracklets, shots, footage, activity, clocks, edges)."""


class TrackRows(Protocol):
    """What ingest writes and the door reads. Times are device times, as in `Scope`."""

    def put_epoch(self, epoch: Epoch) -> None: ...

    def put_parts(
        self, parts: Sequence[tuple[Tracklet, Sequence[Shot]]], plates: Sequence[Plate] = ()
    ) -> None:
        """All or none, in one transaction, with the plates of those parts.

        `DuplicateId` for a known (tracklet, part), shot or plate.
        """

    def put_footage(self, segment: FootageSegment) -> None: ...

    def put_activity(self, activities: Sequence[Activity]) -> None:
        """Add, or replace those with a known id."""

    def known_shots(self, shot_ids: I64) -> Bool:
        """Which of these (N,) have a row, for the sweeps."""

    def known_plates(self, plate_ids: I64) -> Bool:
        """Which of these (N,) have a row, for the sweep."""

    def known_segments(self, segment_ids: I64) -> Bool: ...

    def tracklets(
        self,
        scope: Scope,
        *,
        ids: Sequence[int] | None = None,
        families: Sequence[Family] | None = None,
        limit: int = 1000,
    ) -> list[Tracklet]:
        """Whole parts that overlap the scope, by first time, then id and part."""

    def passings(self, scope: Scope) -> Passings:
        """Every tracklet that overlaps the scope, without boxes: parts in it joined.

        Several askers may get the same arrays: nobody writes to them.
        """

    def shots(
        self,
        scope: Scope,
        *,
        shot_ids: Sequence[int] | None = None,
        tracklet_ids: Sequence[int] | None = None,
    ) -> list[Shot]:
        """Shots inside the scope, by time. Give ids of one kind."""

    def plates(
        self,
        scope: Scope,
        *,
        plate_ids: Sequence[int] | None = None,
        tracklet_ids: Sequence[int] | None = None,
    ) -> list[Plate]:
        """Plates inside the scope, by time. Give ids of one kind.

        Of each of the `tracklet_ids` one: that of the most reads, the latest of those.
        """

    def footage(self, scope: Scope) -> list[FootageSegment]:
        """Segments that overlap the scope, by camera and time."""

    def all_footage(self) -> Iterator[FootageSegment]:
        """Every segment, for verification only."""

    def activity(self, scope: Scope) -> list[Activity]:
        """What happened in the scope, by camera and time."""

    def epochs(self, scope: Scope, epochs: Sequence[int]) -> list[Epoch]:
        """Those of the cameras in the scope."""

    def widened(self, camera_id: int, span: TimeSpan) -> TimeSpan:
        """Out to the ends of the parts and footage that overlap it: retention cuts only there."""

    def erase(self, camera_id: int, span: TimeSpan | None, now_ns: int) -> int:
        """Delete rows that START in the span (None: any), note it as ERASED; their number."""


class CaseRows(Protocol):
    def put(self, case: Case) -> None:
        """Add version 1, or replace version n-1 by n; `Conflict` if another came first."""

    def get(self, case_id: int) -> Case: ...

    def all(self) -> list[Case]: ...

    def put_probe(self, probe: Probe) -> None: ...

    def probes(self, case_id: int) -> list[Probe]: ...

    def put_search(
        self, case_id: int, search_id: int, at_ns: int, detail: Mapping[str, object]
    ) -> None:
        """What was searched and what it gave (candidates with scores), as JSON."""

    def search(self, case_id: int, search_id: int) -> Mapping[str, object]:
        """`NotFound` if there is none."""

    def searches(self, case_id: int) -> list[int]:
        """Ids of its searches, by time."""

    def put_decision(self, decision: Decision) -> None: ...

    def decisions(self, case_id: int) -> list[Decision]:
        """All ever made, by time."""

    def erase_products(self, case_id: int) -> int:
        """Delete its probes, searches and decisions, not the case itself; their number."""


class AccountRows(Protocol):
    def put(self, account: Account) -> None:
        """Add or replace; `Conflict` if another account has that name."""

    def get(self, account_id: int) -> Account: ...

    def by_name(self, name: str) -> Account: ...

    def all(self) -> list[Account]: ...

    def put_session(self, session: Session) -> None: ...

    def session(self, token_sha256: str) -> Session:
        """`NotFound` if there is none; expiry is the caller's to check."""

    def end_session(self, token_sha256: str) -> None: ...

    def end_sessions(self, account_id: int) -> None:
        """All of an account: at a password change or when it is disabled."""


class AuditRows(Protocol):
    """Append-only. There is no update and no delete."""

    def append(self, make: Callable[[AuditEntry | None], AuditEntry]) -> AuditEntry:
        """Store what `make` gives for the newest entry, in one serialised durable transaction."""

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """By sequence number, those above `after`."""

    def count(self, event_kind: str | None = None) -> int: ...


class Store(Protocol):
    """All rows behind one engine. Every write is one transaction, durable when it returns."""

    @property
    def writers(self) -> WriterRows: ...
    @property
    def cameras(self) -> CameraRows: ...
    @property
    def tracks(self) -> TrackRows: ...
    @property
    def cases(self) -> CaseRows: ...
    @property
    def accounts(self) -> AccountRows: ...
    @property
    def audit(self) -> AuditRows: ...

    def close(self) -> None: ...


# --- what cases need of others -----------------------------------------------------------------


class Prober(Protocol):
    """Turns a boxed picture into what the index can be asked with."""

    def models(self, family: Family) -> Sequence[tuple[Family, str]]:
        """Which (family of segments, model key) pairs a probe of `family` is compared with."""

    def embed(
        self, surface: Surface, xyxy: F32, family: Family, probe_id: int
    ) -> Sequence[Embeddings]:
        """One row per model of `family` for the one box (1, 4), its `shot_ids` the probe's id."""


class Footage(Protocol):
    """Reads kept packets; the caller has already checked the scope."""

    def frame(self, path: Path, segment: FootageSegment, device_ns: int) -> Frame:
        """The picture shown at that device time: the last one not after it."""

    def clip(
        self,
        parts: Sequence[tuple[Path, FootageSegment]],
        span: TimeSpan,
        *,
        not_before_ns: int,
    ) -> bytes:
        """MP4 of the original packets, from the keyframe before the start; no transcoding.

        Where that keyframe is before `not_before_ns`, from the first one after it.
        """

    def proxy(self, parts: Sequence[tuple[Path, FootageSegment]], span: TimeSpan) -> bytes:
        """H.264 MP4 for a browser that cannot play the original codec; marked as derived."""
