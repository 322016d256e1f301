"""The one door to read: footage, shots, tracklets and hits leave only through here.

Each read checks that its case stands right now, writes its audit entry durably, and only then
reads, within a `Scope` that no other module can build. After the read the case is looked at once
more: if it changed meanwhile, the answer does not leave.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

from cases.answers import (
    Ask,
    ChooseOfScenes,
    Compared,
    Found,
    Passage,
    Picture,
    Pursued,
    Pursuit,
    Reported,
    Traced,
    VectorSearch,
)
from cases.audit import AuditLog
from cases.authority import (
    DEFAULT_LIMITS,
    EVERYTHING,
    CaseLimits,
    Narrowing,
    check_standing,
    check_unchanged,
    check_worker,
    device_spans,
    narrowed,
    nothing_there,
)
from cases.events import EventKind, denied
from cases.marks import Marks
from cases.pursuit import pursued
from cases.shelves import Shelves
from cases.shown import ShownLately
from core.clocks import Now, ns_of
from core.errors import Forbidden, InvalidInput, NotFound, TooLarge
from core.protocols import (
    Footage,
    FootageStore,
    PlateIndex,
    ProbeStore,
    ShotStore,
    Store,
    VectorIndex,
)
from core.types import (
    Account,
    Camera,
    CameraSpan,
    Case,
    Coverage,
    Family,
    FootageSegment,
    Frame,
    PlateReading,
    Scope,
    Shot,
    TimeSpan,
    Tracklet,
)

T = TypeVar("T")

Covering = Callable[[Case], int | None]
"""Given the case as it stands, the entry that covers a read already; None for none."""

MAX_PARTS = 10_000
"""Tracklet parts in one answer: nothing leaves in bulk."""

MAX_PICTURES = 500
"""Shots in one answer."""


class ReadingDoor:
    """Reads for one actor in one case; anything else is `Forbidden` and leaves one DENY entry.

    What is inside the case but does not exist is `NotFound`, exactly like what exists outside.
    """

    def __init__(
        self,
        store: Store,
        vectors: VectorIndex,
        shots: ShotStore,
        footage_files: FootageStore,
        probe_files: ProbeStore,
        footage_reader: Footage,
        audit: AuditLog,
        now: Now,
        *,
        plates: PlateIndex,
        limits: CaseLimits = DEFAULT_LIMITS,
    ) -> None:
        self._store = store
        self._shelves = Shelves(
            store, vectors, plates, shots, footage_files, probe_files, footage_reader
        )
        self._shown = ShownLately(store.cases.search)
        self._audit = audit
        self._now = now
        self._limits = limits

    # --- rows and vectors ---------------------------------------------------------------------

    def search(
        self,
        actor: Account,
        case_id: int,
        wanted: VectorSearch,
        *,
        within: Narrowing = EVERYTHING,
        version: int | None = None,
    ) -> Found:
        """The most similar tracklets per query and those whose plate is likeliest the one asked
        for, with their rows and what was not searched."""
        ask = Ask(actor, case_id, EventKind.SEARCH, within, version, wanted.told(self._now()))
        return self._read(ask, lambda passage: self._shelves.found(passage, wanted))

    def pursue(
        self,
        actor: Account,
        case_id: int,
        asked: Pursuit,
        *,
        within: Narrowing = EVERYTHING,
        version: int | None = None,
    ) -> Pursued:
        """All that a reconstruction needs, under one entry of a search."""
        ask = Ask(actor, case_id, EventKind.SEARCH, within, version, asked.told(self._now()))
        return self._read(ask, lambda passage: pursued(self._shelves, passage, asked))

    def tracklets(
        self,
        actor: Account,
        case_id: int,
        *,
        within: Narrowing = EVERYTHING,
        ids: Sequence[int] | None = None,
        families: Sequence[Family] | None = None,
        limit: int = 1000,
        version: int | None = None,
    ) -> list[Tracklet]:
        """Tracklet parts that overlap the scope, in device time order, `limit` at most."""
        if not 1 <= limit <= MAX_PARTS:
            raise TooLarge(f"tracklets: want a limit of 1 to {MAX_PARTS}, got {limit}")
        detail: dict[str, Any] = {} if ids is None else {"tracklet_ids": list(ids)}
        if families is not None:
            detail["families"] = [family.value for family in families]
        ask = Ask(actor, case_id, EventKind.READ_TRACKLETS, within, version, detail)
        return self._read(
            ask,
            lambda passage: self._store.tracks.tracklets(
                passage.scope, ids=ids, families=families, limit=limit
            ),
        )

    def shots(
        self,
        actor: Account,
        case_id: int,
        *,
        within: Narrowing = EVERYTHING,
        shot_ids: Sequence[int] | None = None,
        tracklet_ids: Sequence[int] | None = None,
        version: int | None = None,
    ) -> list[Shot]:
        """Rows of shots, or of tracklets' shots, inside the scope in device time order."""
        given = {"shot_ids": shot_ids, "tracklet_ids": tracklet_ids}
        detail = {name: list(ids) for name, ids in given.items() if ids is not None}
        if len(detail) != 1:
            raise InvalidInput(f"shots: want ids of one kind, got {' and '.join(detail) or 'none'}")
        ask = Ask(actor, case_id, EventKind.READ_TRACKLETS, within, version, detail)
        return self._read(
            ask,
            lambda passage: self._store.tracks.shots(
                passage.scope, shot_ids=shot_ids, tracklet_ids=tracklet_ids
            ),
        )

    def plate(
        self, actor: Account, case_id: int, tracklet_id: int, *, version: int | None = None
    ) -> PlateReading | None:
        """What was read of a tracklet's plate inside the case; None where nothing was."""
        detail = {"tracklet_ids": [tracklet_id]}
        ask = Ask(actor, case_id, EventKind.READ_TRACKLETS, EVERYTHING, version, detail)
        return self._read(ask, lambda passage: self._shelves.reading(passage, tracklet_id))

    def coverage(
        self,
        actor: Account,
        case_id: int,
        *,
        within: Narrowing = EVERYTHING,
        version: int | None = None,
    ) -> Coverage:
        """What of the case, or of a part of it, was never searched."""
        ask = Ask(actor, case_id, EventKind.READ_COVERAGE, within, version)
        return self._read(ask, self._shelves.coverage)

    def marks(
        self,
        actor: Account,
        case_id: int,
        *,
        within: Narrowing = EVERYTHING,
        bucket_s: float | None = None,
        version: int | None = None,
    ) -> Marks:
        """How much passed each camera and when, with what was never searched.

        `TooLarge` for more buckets than a page can draw: narrow it down.
        """
        detail = {} if bucket_s is None else {"bucket_ns": ns_of(bucket_s)}
        ask = Ask(actor, case_id, EventKind.READ_ACTIVITY, within, version, detail)
        return self._read(ask, lambda passage: self._shelves.marks(passage, bucket_s))

    def trace(self, ask: Ask, tracklet_ids: Sequence[int]) -> Traced:
        """The rows of those tracklets that lie in the case, and what was not searched."""
        return self._read(ask, lambda passage: self._shelves.traced(passage, tracklet_ids))

    def report(
        self, ask: Ask, tracklet_ids: Sequence[int], *, shots_each: int, probe_ids: Sequence[int]
    ) -> Reported:
        """Those tracklets with plates and their best pictures, and those probes' pictures."""
        if len(tracklet_ids) * shots_each + len(probe_ids) > MAX_PICTURES:
            raise TooLarge(
                f"report: want at most {MAX_PICTURES} pictures, got {len(tracklet_ids)} tracklets "
                f"of {shots_each} and {len(probe_ids)} probes"
            )
        return self._read(
            ask,
            lambda passage: self._shelves.reported(passage, tracklet_ids, shots_each, probe_ids),
        )

    def scenes(
        self,
        ask: Ask,
        windows: Sequence[Narrowing],
        models: Sequence[tuple[Family, str]],
        *,
        most: int,
        choose: ChooseOfScenes,
    ) -> Compared:
        """Each window's tracklets with their vectors, and the rows of those that `choose` names.

        One entry covers all windows; one that is not granted throughout refuses them all.
        """
        within = self._windows(ask, windows)

        def read(passage: Passage) -> Compared:
            parts = [self._part(passage, asked) for asked in within]
            found = tuple(self._shelves.scene(part, models, most) for part in parts)
            rows = self._shelves.rows(passage.scope, choose(found))
            return Compared(passage, found, rows)

        return self._read(ask.of_scenes(within, models), read)

    # --- pictures -----------------------------------------------------------------------------

    def shot_jpeg(
        self,
        actor: Account,
        case_id: int,
        shot_id: int,
        *,
        search_id: int | None = None,
        version: int | None = None,
    ) -> bytes:
        """One shot's JPEG. With the `search_id` whose answer shows it, that entry covers it.

        It does so for whoever searched, for an hour, while the case is unchanged; otherwise
        the picture gets an entry of its own. The checks are the same in both ways.
        """
        ask = Ask(actor, case_id, EventKind.READ_SHOT, EVERYTHING, version, {"shot_ids": [shot_id]})

        def entry(case: Case) -> int | None:
            if search_id is None:
                return None
            who, now_ns = actor.account_id, self._now()
            return self._shown.entry(case, search_id, shot_id=shot_id, actor=who, now_ns=now_ns)

        return self._read(ask, lambda p: self._shelves.shot_jpeg(p, shot_id), covering=entry)

    def pictures(
        self,
        actor: Account,
        case_id: int,
        shot_ids: Sequence[int],
        *,
        version: int | None = None,
    ) -> list[Picture]:
        """Several shots with their JPEGs, in the order asked, under one entry."""
        if len(shot_ids) > MAX_PICTURES:
            raise TooLarge(f"pictures: want at most {MAX_PICTURES}, got {len(shot_ids)}")
        detail = {"shot_ids": list(shot_ids)}
        ask = Ask(actor, case_id, EventKind.READ_SHOT, EVERYTHING, version, detail)
        return self._read(ask, lambda passage: self._shelves.pictures(passage, shot_ids))

    def probe_jpeg(
        self, actor: Account, case_id: int, probe_id: int, *, version: int | None = None
    ) -> bytes:
        """The picture of one of the case's probes."""
        detail = {"probe_id": probe_id}
        ask = Ask(actor, case_id, EventKind.READ_PROBE, EVERYTHING, version, detail)
        return self._read(ask, lambda passage: self._shelves.probe_picture(passage, probe_id))

    # --- footage ------------------------------------------------------------------------------

    def footage(
        self,
        actor: Account,
        case_id: int,
        *,
        within: Narrowing = EVERYTHING,
        version: int | None = None,
    ) -> list[FootageSegment]:
        """Segments that overlap the scope, by camera and device time; not the packets.

        `TooLarge` beyond `max_footage_hours` of all cameras together: narrow it down.
        """
        ask = Ask(actor, case_id, EventKind.READ_FOOTAGE, within, version)
        return self._read(
            ask, lambda passage: self._shelves.footage(passage, self._limits.max_footage_hours)
        )

    def frame(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        at_utc_ns: int,
        *,
        version: int | None = None,
    ) -> Frame:
        """The picture that the camera showed at that instant; `NotFound` if none is kept."""
        within = Narrowing((camera_id,), TimeSpan(at_utc_ns, at_utc_ns + 1))
        ask = Ask(actor, case_id, EventKind.READ_FRAME, within, version)
        return self._read(ask, lambda passage: self._shelves.frame(passage, camera_id, at_utc_ns))

    def frame_jpeg(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        at_utc_ns: int,
        *,
        version: int | None = None,
    ) -> bytes:
        """The whole picture that the camera showed at that instant, as JPEG."""
        return self.frame(actor, case_id, camera_id, at_utc_ns, version=version).surface.jpeg()

    def clip(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        span: TimeSpan,
        *,
        version: int | None = None,
    ) -> bytes:
        """MP4 of the camera's own packets over a span of UTC, not transcoded."""
        ask = self._clip_ask(actor, case_id, camera_id, span, version, EventKind.READ_CLIP)
        return self._read(ask, lambda passage: self._shelves.clip(passage, span))

    def proxy(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        span: TimeSpan,
        *,
        version: int | None = None,
    ) -> bytes:
        """The same span transcoded for a browser, marked as derived."""
        ask = self._clip_ask(actor, case_id, camera_id, span, version, EventKind.READ_PROXY)
        return self._read(ask, lambda passage: self._shelves.proxy(passage, span))

    # --- for the work inside a case -------------------------------------------------------------

    def admit(self, ask: Ask, *, tracklet_id: int | None = None) -> Passage:
        """Authority for a step that reads nothing out, such as a decision, with its entry.

        `NotFound` if `tracklet_id` is given and no part of it lies in the scope.
        """
        return self._read(ask, lambda passage: self._shelves.known(passage, tracklet_id))

    def still(self, passage: Passage) -> None:
        """`CaseNotActive`, with its DENY entry, if the case has changed since the passage."""
        ask, version = passage.ask, passage.case.version
        case = self._case(ask.case_id)
        try:
            self._check(ask, case, version)
        except Forbidden as error:
            self._refuse(ask, case, error)

    # --- inside: authority --------------------------------------------------------------------

    def _read(
        self, ask: Ask, reader: Callable[[Passage], T], *, covering: Covering | None = None
    ) -> T:
        passage = self._enter(ask, covering)
        try:
            answer = reader(passage)
        except (NotFound, InvalidInput) as error:  # the entry said that it was read
            self._audit.write(denied(ask.event(passage.case), error))
            raise
        self.still(passage)
        return answer

    def _enter(self, ask: Ask, covering: Covering | None) -> Passage:
        case = self._case(ask.case_id)
        try:
            standing, ends_ns = self._check(ask, case, ask.version)
            asked = narrowed(standing, ask.within, self._now())
        except Forbidden as error:
            self._refuse(ask, case, error)
        cameras = self._cameras(asked)
        seq = None if covering is None else covering(standing)
        if seq is None:
            seq = self._audit.write(ask.event(standing)).seq
        scope = self._scope(ask, standing, device_spans(asked, cameras), ends_ns)
        return Passage(ask, standing, asked, cameras, scope, seq)

    def _check(self, ask: Ask, case: Case | None, version: int | None) -> tuple[Case, int]:
        """The case and when its authority ends, if the actor may read in it at this moment."""
        if case is None:
            raise Forbidden(nothing_there(ask.case_id))
        check_worker(ask.actor, case)
        ends_ns = check_standing(case, self._now(), self._limits)
        check_unchanged(case, version)
        return case, ends_ns

    def _windows(self, ask: Ask, windows: Sequence[Narrowing]) -> list[tuple[CameraSpan, ...]]:
        """What of the grants each window asks for; a refusal leaves its DENY entry."""
        case = self._case(ask.case_id)
        try:
            standing, _ = self._check(ask, case, ask.version)
            return [narrowed(standing, window, self._now()) for window in windows]
        except Forbidden as error:
            self._refuse(ask, case, error)

    def _part(self, passage: Passage, asked: tuple[CameraSpan, ...]) -> Passage:
        """The same passage for some of its spans."""
        cameras = {
            part.camera_id: passage.cameras[part.camera_id]
            for part in asked
            if part.camera_id in passage.cameras
        }
        spans = device_spans(asked, cameras)
        scope = self._scope(passage.ask, passage.case, spans, passage.scope.expires_ns)
        return replace(passage, asked=asked, cameras=cameras, scope=scope)

    def _scope(self, ask: Ask, case: Case, spans: tuple[CameraSpan, ...], ends_ns: int) -> Scope:
        return Scope(case.case_id, case.version, ask.actor.account_id, spans, ends_ns)

    def _refuse(self, ask: Ask, case: Case | None, error: Forbidden) -> NoReturn:
        self._audit.refuse(ask.event(case), error)
        raise error

    def _case(self, case_id: int) -> Case | None:
        try:
            return self._store.cases.get(case_id)
        except NotFound:
            return None

    def _cameras(self, asked: Iterable[CameraSpan]) -> dict[int, Camera]:
        """Those that still exist."""
        wanted = {part.camera_id for part in asked}
        return {camera.camera_id: camera for camera in self._store.cameras.some(wanted)}

    def _clip_ask(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        span: TimeSpan,
        version: int | None,
        kind: EventKind,
    ) -> Ask:
        if span.duration_s > self._limits.max_clip_s:
            raise TooLarge(
                f"clip: want at most {self._limits.max_clip_s:.0f} s, got {span.duration_s:.0f} s"
            )
        return Ask(actor, case_id, kind, Narrowing((camera_id,), span), version)
