"""What goes through the reading door: what is asked, on what authority, and what comes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from cases.authority import EVERYTHING, Narrowing
from cases.events import EventKind, event_by, printable
from core.arrays import F32, I64
from core.clocks import ns_of
from core.plates.patterns import Pattern, parse_pattern
from core.types import (
    Account,
    AuditEvent,
    Camera,
    CameraSpan,
    Case,
    Coverage,
    Epoch,
    Family,
    Hits,
    Passings,
    Plate,
    PlateHit,
    Scope,
    Shot,
    TimeSpan,
    Tracklet,
    VectorRows,
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One read, as its audit entry will tell it. `version` is the case's that the asker saw."""

    actor: Account
    case_id: int
    kind: EventKind
    within: Narrowing = EVERYTHING
    version: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def event(self, case: Case | None) -> AuditEvent:
        """The entry's content, with how the scope was narrowed."""
        detail: dict[str, Any] = {"case_version": case.version} if case else {}
        if self.within.cameras:
            detail["cameras"] = list(self.within.cameras)
        if span := self.within.span:
            detail |= {"start_ns": span.start_ns, "end_ns": span.end_ns}
        return event_by(
            self.actor, self.kind, {**detail, **self.detail}, case=case, case_id=self.case_id
        )

    def of_scenes(
        self, windows: Sequence[tuple[CameraSpan, ...]], models: Sequence[tuple[Family, str]]
    ) -> Self:
        """The same read, telling its windows in UTC and by which models they are compared."""
        spans = [(row, part) for row, window in enumerate(windows) for part in window]
        detail = {
            "windows": [
                [part.camera_id, part.span.start_ns, part.span.end_ns] for _, part in spans
            ],
            "scenes": [row for row, _ in spans],
            "compared": sorted(f"{family}:{model}" for family, model in models),
        }
        return replace(self, detail={**self.detail, **detail})


@dataclass(frozen=True, slots=True)
class Passage:
    """A read that was let through. `asked` in UTC; `cameras` those of it that still exist."""

    ask: Ask
    case: Case
    asked: tuple[CameraSpan, ...]
    cameras: Mapping[int, Camera]
    scope: Scope
    audit_seq: int

    def utc_times(self, camera_ids: I64, device_ns: I64) -> I64:
        """UTC nanoseconds of device times (N,) of these cameras (N,)."""
        utc_ns = device_ns.copy()
        if not len(utc_ns):
            return utc_ns  # `split` makes one part of nothing
        order = np.argsort(camera_ids, kind="stable")
        known, starts = np.unique(camera_ids[order], return_index=True)
        for camera_id, own in zip(known.tolist(), np.split(order, starts[1:]), strict=True):
            steps = sorted(self.cameras[camera_id].clocks, key=lambda step: step.since_ns)
            if steps:
                since_ns = np.array([step.since_ns for step in steps], np.int64)
                ahead_ns = np.array([0, *(ns_of(step.offset_s) for step in steps)], np.int64)
                utc_ns[own] -= ahead_ns[np.searchsorted(since_ns, device_ns[own], side="right")]
        return utc_ns

    def utc_ends(self, passings: Passings) -> tuple[I64, I64]:
        """UTC nanoseconds where each passing starts and ends (N,), as `utc_span` has it."""
        start_ns = self.utc_times(passings.camera_ids, passings.start_ns)
        last_ns = self.utc_times(passings.camera_ids, passings.end_ns - 1)
        return start_ns, np.maximum(start_ns, last_ns) + 1

    def utc_span(self, parts: Sequence[Tracklet]) -> TimeSpan:
        """From the first box to just past the last of one tracklet's parts, in UTC.

        A clock that was set back in between could turn it round: the span then is its first box.
        """
        camera = self.cameras[parts[0].camera_id]
        start_ns = camera.utc_of(min(part.span.start_ns for part in parts))
        last_ns = camera.utc_of(max(part.span.end_ns for part in parts) - 1)
        return TimeSpan(start_ns, max(start_ns, last_ns) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class VectorQuery:
    """Unit rows (Q, D) by one model of the probes `probe_ids` (Q), for one family's segments."""

    family: Family
    model: str
    vectors: F32
    probe_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlateQuery:
    """A plate, a part of one or a pattern: as it was `typed`, and what it was understood as."""

    typed: str
    pattern: Pattern

    @classmethod
    def of(cls, typed: str) -> Self:
        """`InvalidInput` or `TooLarge` where no plate is asked for; see `parse_pattern`."""
        return cls(typed, parse_pattern(typed))


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """A search as the door sees it: vectors, whose probes they are, for the log, and a plate."""

    search_id: int
    queries: tuple[VectorQuery, ...]
    k: int
    plate: PlateQuery | None = None

    def told(self, at_ns: int, vectors_of: Sequence["VectorsOf"] = ()) -> dict[str, Any]:
        """It as its entry tells it, begun at `at_ns`, with whose kept vectors it compares."""
        compared = {(query.family, query.model) for query in self.queries}
        compared |= {(family, model) for family, model, _ in vectors_of}
        detail: dict[str, Any] = {
            "search_id": self.search_id,
            "started_ns": at_ns,
            "probe_ids": sorted({i for query in self.queries for i in query.probe_ids}),
            "compared": sorted(f"{family}:{model}" for family, model in compared),
            "limit": self.k,
        }
        if self.plate is not None:
            detail["plate"] = printable(self.plate.typed)
            detail["plate_pattern"] = str(self.plate.pattern)
        return detail


@dataclass(frozen=True, slots=True)
class Rows:
    """Stored rows by tracklet, each list in time order; of plates the one that counts."""

    parts: Mapping[int, list[Tracklet]]
    shots: Mapping[int, list[Shot]]
    plates: Mapping[int, Plate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Hits per query, in order, and of the plate, with the rows of every hit that has any."""

    passage: Passage
    hits: tuple[Hits, ...]
    rows: Rows
    coverage: Coverage
    plate_hits: tuple[PlateHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored shot with its JPEG and what kind of subject it shows."""

    shot: Shot
    family: Family
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Traced:
    """All that a trajectory is made from, read under one entry."""

    passage: Passage
    rows: Rows
    epochs: Mapping[int, Epoch]
    coverage: Coverage


VectorsOf = tuple[Family, str, tuple[int, ...]]
"""Whose kept vectors are wanted: a family's segments, a model's key, and tracklets."""


@dataclass(frozen=True, slots=True, eq=False)
class Pursued:
    """What a reconstruction is made from, read under one entry; see `ReadingDoor.pursue`.

    `passings` are all of the scope, `utc_start_ns` and `utc_end_ns` (N,) their times corrected by
    today's clock histories. `vectors` answer the `vectors_of` in order. `traced` are the tracklets
    asked for by id. `found.rows` stay empty until the tracklets to show are chosen, but for the
    plates where one was asked for; a hit that is in none of the `passings` is gone. `near` are the
    vectors of tracklets that were named by what had been read.
    """

    passage: Passage
    found: Found
    passings: Passings
    utc_start_ns: I64
    utc_end_ns: I64
    vectors: tuple[VectorRows, ...]
    traced: Traced
    near: tuple[VectorRows, ...] = ()


QueriesOf = Callable[[tuple[VectorRows, ...]], tuple[VectorQuery, ...]]
"""Makes what the index is asked of the vectors that were read, such as those of the confirmed."""

Passed = Callable[[Passage, Passings, tuple[I64, I64]], None]
"""Does what needs no more than who passed and their UTC ends, while the index searches."""

Prepare = Callable[[Passage, Coverage], None]
"""Does what needs no more than these, while the index searches."""

NearOf = Callable[[Pursued], Sequence[VectorsOf]]
"""Names tracklets whose vectors are wanted besides, such as those that place and time speak for."""

Choose = Callable[[Pursued], Sequence[int]]
"""Names the tracklets that are shown, best first."""


@dataclass(frozen=True, slots=True)
class Pursuit:
    """All that a reconstruction reads, in this order.

    First the kept vectors of `vectors_of` and the rows of `tracklet_ids`; then the hits of
    `wanted`, whose queries `queries_of` may replace by some made of those vectors, beside every
    passing of the scope, while `passed` and `prepare` are done; then the vectors that `near_of`
    names of all that; last the rows of what `choose` names.
    """

    wanted: VectorSearch
    tracklet_ids: Sequence[int] = ()
    vectors_of: Sequence[VectorsOf] = ()
    queries_of: QueriesOf | None = None
    passed: Passed | None = None
    prepare: Prepare | None = None
    near_of: NearOf | None = None
    choose: Choose | None = None

    def told(self, at_ns: int) -> dict[str, Any]:
        """It as its entry tells it, begun at `at_ns`."""
        ids = {"tracklet_ids": sorted(set(self.tracklet_ids))}
        return self.wanted.told(at_ns, self.vectors_of) | ids


@dataclass(frozen=True, slots=True, eq=False)
class SceneRows:
    """What passed in one window of a series, and the vectors of it by model.

    `passage` is of the window alone; `utc_start_ns` and `utc_end_ns` (N,) are those of `passings`.
    """

    passage: Passage
    passings: Passings
    utc_start_ns: I64
    utc_end_ns: I64
    vectors: Mapping[str, tuple[VectorRows, ...]]
    coverage: Coverage


ChooseOfScenes = Callable[[Sequence[SceneRows]], Sequence[int]]
"""Names the tracklets of several scenes that are shown."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The scenes of a series, and the rows of the tracklets that are shown of it."""

    passage: Passage
    scenes: tuple[SceneRows, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Reported:
    """All that a report shows, read under one entry: rows with plates, and JPEGs by id.

    A picture that is not kept any more is missing from its mapping.
    """

    traced: Traced
    shots_kept: Mapping[int, int]  # of each tracklet, of which `rows.shots` are the best
    shot_jpegs: Mapping[int, bytes]
    probe_jpegs: Mapping[int, bytes]
