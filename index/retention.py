"""What is kept how long: drops what is too old, erases by order, spares what a case holds.

Rows go first, so that nothing refers to what is gone; then vectors, plates, shots, footage. Every
step may be done again: a run that was killed is finished by the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clocks import DAY_NS, Now
from core.errors import Conflict, InvalidInput
from core.protocols import (
    FootageStore,
    PlateIndex,
    ProbeStore,
    ShotStore,
    Store,
    VectorIndex,
)
from core.types import Camera, Case, CaseState, TimeSpan, without
from index.lease import UpkeepLease
from index.rows.erasure import BEGINNING_NS


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What a run deleted. `before_ns` is the UTC instant that the default retention gives.

    `cameras` are those that lost something; `held` counts spans that a case kept alive.
    """

    before_ns: int
    cameras: tuple[int, ...]
    rows: int
    segments: int
    bytes: int
    held: int

    def detail(self) -> dict[str, object]:
        """For the audit entry."""
        return {
            "before_ns": self.before_ns,
            "cameras": list(self.cameras),
            "rows": self.rows,
            "segments": self.segments,
            "bytes": self.bytes,
            "held": self.held,
        }


class Retention:
    """The only one that deletes what was kept, except a case's products (`erase_case`).

    A camera's own days count, or `default_days`; never fewer than `minimum_days`, never more than
    `maximum_days` if there is such a law. Days are of true time: each camera's clock history says
    which device times they are.
    """

    def __init__(
        self,
        store: Store,
        vectors: VectorIndex,
        shots: ShotStore,
        footage: FootageStore,
        now: Now,
        *,
        plates: PlateIndex,
        default_days: int = 30,
        minimum_days: int = 1,
        maximum_days: int | None = None,
    ) -> None:
        if not 1 <= minimum_days <= default_days <= (maximum_days or default_days):
            raise InvalidInput(
                f"retention: want 1 <= minimum <= default <= maximum days, got "
                f"{minimum_days}, {default_days}, {maximum_days}"
            )
        self._store = store
        self._vectors = vectors
        self._plates = plates
        self._shots = shots
        self._footage = footage
        self._now = now
        self._default_days = default_days
        self._minimum_days = minimum_days
        self._maximum_days = maximum_days

    def run(self) -> RetentionReport:
        """Drop what is older than its camera's days, except what a case holds.

        `Busy` while another run or a backup goes on.
        """
        now_ns = self._now()
        holding = [case for case in self._store.cases.all() if keeps_alive(case, now_ns)]
        trims: list[_Trim] = []
        with UpkeepLease(self._store.writers, "retention", self._now) as lease:
            for camera in self._store.cameras.all():
                lease.renew()
                trims.append(self._trim(camera, holding, now_ns))
            lease.renew()
            segments, freed = self._drop(min(t.oldest_ns for t in trims)) if trims else (0, 0)
        return RetentionReport(
            before_ns=now_ns - self._default_days * DAY_NS,
            cameras=tuple(t.camera_id for t in trims if t.rows or t.bytes),
            rows=sum(t.rows for t in trims),
            segments=segments,
            bytes=freed + sum(t.bytes for t in trims),
            held=sum(t.held for t in trims),
        )

    def erase_camera(self, camera_id: int, *, despite_holds: bool = False) -> int:
        """Delete the camera and all that is kept of it; the number of rows gone.

        `Busy` while an ingest process has the camera; `Conflict` while a case with `hold` has
        grants of it, unless an order goes `despite_holds`; `NotFound` if there is none. The camera
        itself goes last: as long as it is there, so may be something of it.
        """
        if not despite_holds:
            self._refuse_held(camera_id)
        with UpkeepLease(self._store.writers, "erasure", self._now) as lease:
            # Nobody ingests it from here on: the lease goes with the camera, not before.
            lease.take_camera(camera_id)
            rows = self._store.tracks.erase(camera_id, None, self._now())
            self._vectors.erase(camera_id)
            self._plates.erase(camera_id)
            self._shots.erase(camera_id)
            self._footage.erase(camera_id)
            lease.renew()
            self._vectors.compact()
            self._plates.compact()
            self._store.cameras.delete(camera_id)
        return rows

    def _drop(self, before_ns: int) -> tuple[int, int]:
        """Segments dropped, and bytes freed by rewriting those that lost rows."""
        indexes = (self._vectors, self._plates)
        dropped = sum(index.drop(before_ns) for index in indexes)
        return dropped, sum(index.compact() for index in indexes)

    def _days_of(self, camera: Camera) -> int:
        days = max(camera.retention_days or self._default_days, self._minimum_days)
        return days if self._maximum_days is None else min(days, self._maximum_days)

    def _trim(self, camera: Camera, holding: Sequence[Case], now_ns: int) -> "_Trim":
        """Delete what of the camera is too old and not held."""
        before = TimeSpan(BEGINNING_NS, now_ns - self._days_of(camera) * DAY_NS)
        expired = camera.device_spans(before)
        held = [
            self._store.tracks.widened(camera.camera_id, span)
            for case in holding
            for grant in case.grants
            if grant.camera_id == camera.camera_id and grant.span.overlaps(before)
            for span in camera.device_spans(grant.span)
        ]
        rows = freed = 0
        for span in (piece for whole in expired for piece in without(whole, held)):
            rows += self._store.tracks.erase(camera.camera_id, span, now_ns)
            self._vectors.erase(camera.camera_id, span)
            self._plates.erase(camera.camera_id, span)
            freed += self._shots.erase(camera.camera_id, span)
            freed += self._footage.erase(camera.camera_id, span)
        ends = [span.end_ns for span in expired] + [span.start_ns for span in held]
        return _Trim(camera.camera_id, rows, freed, len(held), min(ends, default=BEGINNING_NS))

    def _refuse_held(self, camera_id: int) -> None:
        for case in self._store.cases.all():
            grants = {grant.camera_id for grant in case.grants}
            if case.hold and case.state != CaseState.REJECTED and camera_id in grants:
                raise Conflict(
                    f"camera {camera_id}: case {case.reference!r} holds what was seen by it"
                )


@dataclass(frozen=True, slots=True)
class _Trim:
    """What was deleted of one camera; nothing before `oldest_ns` (device time) is left of it."""

    camera_id: int
    rows: int
    bytes: int
    held: int
    oldest_ns: int


def keeps_alive(case: Case, now_ns: int) -> bool:
    """Whether what lies in its grants is spared: on hold, or readable right now."""
    if case.state == CaseState.REJECTED:
        return False
    readable = case.state == CaseState.ACTIVE or (
        case.state == CaseState.REQUESTED and case.emergency
    )
    return case.hold or (readable and now_ns < case.expires_ns)


def erase_case(store: Store, probes: ProbeStore, case_id: int) -> int:
    """Delete what a rejected case produced: probes, pictures, searches, decisions; rows gone."""
    rows = store.cases.erase_products(case_id)
    probes.erase_case(case_id)
    return rows
