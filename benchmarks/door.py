"""The whole reading door: case checked, audit entry durable, vectors, rows and coverage read."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np

from benchmarks.engines import MODEL, CaseTrace, camera_spans
from benchmarks.gallery import SHOTS, START_NS, Gallery, Request
from cases.answers import VectorQuery, VectorSearch
from cases.audit import AuditLog
from cases.reading import ReadingDoor
from core.clocks import DAY_NS, HOUR_NS
from core.protocols import Footage
from core.types import (
    Account,
    Activity,
    ActivityKind,
    Camera,
    Case,
    CaseState,
    ClockSource,
    Epoch,
    Family,
    Role,
    Shot,
    TimeSpan,
    Tracklet,
)

_PARTS_AT_ONCE = 5000
_BOX = (0.0, 0.0, 64.0, 128.0)


class Door:
    """`ReadingDoor.search` over our index, SQLite and the audit log, one case per request."""

    def build(self, gallery: Gallery, folder: Path) -> float:
        """Seconds that the rows took, beside the vectors of `CaseTrace`."""
        from index.footage import FileFootageStore
        from index.plates.files import FilePlateIndex
        from index.probes import FileProbeStore
        from index.rows.store import SqlStore
        from index.shots import PackShotStore

        self.vectors = CaseTrace()
        self.vectors.build(gallery, folder)
        self.store = SqlStore.open(f"sqlite:///{folder / 'rows.db'}")
        self.end_ns = int(gallery.device_ns[-1]) + HOUR_NS
        self.door = ReadingDoor(
            self.store,
            self.vectors.index,
            PackShotStore(folder / "shots"),
            FileFootageStore(folder / "footage"),
            FileProbeStore(folder / "probes"),
            cast(Footage, None),  # no search opens any
            AuditLog(self.store.audit, self._now),
            self._now,
            plates=FilePlateIndex(folder / "plates"),
        )
        self.actor = Account(1, "bench", "Bench", "", frozenset({Role.INVESTIGATOR}), "")
        self.store.accounts.put(self.actor)
        self._cases = 0
        began = perf_counter()
        self._put_cameras(gallery)
        self._put_tracklets(gallery)
        return perf_counter() - began

    def prepare(self, request: Request) -> Any:
        self._cases += 1
        self.store.cases.put(self._case(self._cases, request))
        query = VectorQuery(Family.PERSON, MODEL, request.query[None], (1,))
        return self._cases, query

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        for one in asked:
            self.search(one, 10)

    def search(self, asked: Any, k: int) -> Sequence[int]:
        case_id, query = asked
        wanted = VectorSearch(case_id, (query,), k)
        found: list[int] = self.door.search(self.actor, case_id, wanted).hits[0].ids[0].tolist()
        return found

    def close(self) -> None:
        self.vectors.close()
        self.store.close()

    def _now(self) -> int:
        return self.end_ns

    def _case(self, case_id: int, request: Request) -> Case:
        return Case(
            case_id=case_id,
            version=1,
            state=CaseState.ACTIVE,
            reference=f"bench-{case_id}",
            offence="theft",
            legal_basis="benchmark on made-up vectors",
            purpose="how long a search takes",
            requester=1,
            members=frozenset(),
            approver=2,
            opened_ns=START_NS,
            decided_ns=START_NS,
            expires_ns=self.end_ns + DAY_NS,
            grants=camera_spans(request),
        )

    def _put_cameras(self, gallery: Gallery) -> None:
        hours = range(START_NS, self.end_ns - HOUR_NS, HOUR_NS)
        for camera_id in np.unique(gallery.camera_ids).tolist():
            self.store.cameras.put(Camera(camera_id, f"camera {camera_id}"))
            origin = ("stream", START_NS, ClockSource.RTCP, 0.02, (1080, 1920))
            epoch = Epoch(camera_id, camera_id, *origin[1:], origin[0])
            self.store.tracks.put_epoch(epoch)
            self.store.tracks.put_activity(
                [
                    Activity(
                        camera_id * 10**6 + number,
                        camera_id,
                        ActivityKind.ANALYSED,
                        TimeSpan(hour, hour + HOUR_NS),
                        3600,
                    )
                    for number, hour in enumerate(hours)
                ]
            )

    def _put_tracklets(self, gallery: Gallery) -> None:
        by_tracklet = np.argsort(gallery.tracklet_ids, kind="stable").reshape(-1, SHOTS)
        for start in range(0, len(by_tracklet), _PARTS_AT_ONCE):
            rows = by_tracklet[start : start + _PARTS_AT_ONCE]
            self.store.tracks.put_parts([_part(gallery, shots) for shots in rows])


def _part(gallery: Gallery, rows: Any) -> tuple[Tracklet, list[Shot]]:
    camera_id, tracklet_id = int(gallery.camera_ids[rows[0]]), int(gallery.tracklet_ids[rows[0]])
    device_ns = gallery.device_ns[rows]
    tracklet = Tracklet(
        tracklet_id,
        0,
        camera_id,
        camera_id,
        0,
        device_ns,
        np.tile(np.array(_BOX, np.float32), (len(rows), 1)),
        np.ones(len(rows), np.float32),
    )
    shots = [
        Shot(row + 1, tracklet_id, 0, camera_id, at_ns, _BOX, 1.0, f"{row}")
        for row, at_ns in zip(rows.tolist(), device_ns.tolist(), strict=True)
    ]
    return tracklet, shots
