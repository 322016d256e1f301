"""One ingest process: cameras in, committed tracklets and footage out. Describe, build, run."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from cases.audit import AuditLog
from cases.events import EventKind, event_of_system, printable
from core.clocks import HOUR_NS, Now, system_now
from core.errors import CaseTraceError, InvalidInput, StorageError
from core.ids import IdSource
from core.protocols import FrameSource, Store
from core.runtime.models import ModelFolder
from core.types import Camera
from index.rows.store import SqlStore
from ingest.cadence import Cadence
from ingest.folders import TimedFile
from ingest.motion import MotionGate
from ingest.pictures import open_own_jpeg
from ingest.salvage import recover_staged
from ingest.stills import Still
from pipeline.analysis import Analysis, Builder, CameraAnalysis, hole_s
from pipeline.batcher import Batcher
from pipeline.build import (
    Kept,
    load_detector,
    load_embedders,
    load_plate_models,
    open_kept,
)
from pipeline.camera import CameraThread
from pipeline.counters import CameraCount, Counters
from pipeline.leases import Leases
from pipeline.ledger import Ledger
from pipeline.plates import PlatePass
from pipeline.settings import Settings
from pipeline.sources import SourceMaker
from pipeline.writer import CommitWriter
from tracking.still import StillBuilder
from tracking.tracklets import TrackletBuilder

_WATCH_S = 1.0
_SEAL_AFTER_NS = 2 * HOUR_NS  # late events still find their segment open
_SEAL_EVERY_S = 600.0
_RESTART_S = 10.0  # a source reconnects by itself; this is for one that gave up


@dataclass(frozen=True, slots=True)
class Job:
    """A camera to ingest: recorded `files`, a checkpoint's `stills`, or with neither its stream."""

    camera_id: int
    files: tuple[TimedFile, ...] = ()
    stills: tuple[Still, ...] = ()

    @property
    def live(self) -> bool:
        return not self.files and not self.stills

    @property
    def origin(self) -> str:
        """What is read, for the rows and the log; never an address with a credential."""
        if self.live:
            return "stream"
        names = [*(file.path.name for file in self.files), *(still.name for still in self.stills)]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(names[:3]) + more


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What each camera gave, and the error that ended it, if one did."""

    counts: tuple[CameraCount, ...]

    @property
    def failed(self) -> tuple[CameraCount, ...]:
        return tuple(count for count in self.counts if count.error)


def run_ingest(
    settings: Settings,
    jobs: Sequence[Job],
    *,
    name: str = "main",
    counters: Counters | None = None,
    stop: threading.Event | None = None,
    now: Now = system_now,
) -> IngestReport:
    """Ingest all jobs until the files end, or until `stop`.

    `Busy` if another process has this `name` or one of the cameras, or takes one over. A camera
    that fails is in the report and does not stop the others; a failing disk, model or database
    stops all and is raised.
    """
    stop = stop or threading.Event()
    lost: list[CaseTraceError] = []

    def give_up(error: CaseTraceError) -> None:
        lost.append(error)
        stop.set()

    with opened_host(settings, jobs, name=name, now=now, lost=give_up) as host:
        report = host.run(counters or Counters(), stop)
    if lost:
        raise lost[0]
    return report


@contextmanager
def opened_host(
    settings: Settings,
    jobs: Sequence[Job],
    *,
    name: str = "main",
    now: Now = system_now,
    lost: Callable[[CaseTraceError], None] | None = None,
) -> Iterator["IngestHost"]:
    """A host with its leases taken and its models loaded; `lost` is called when a lease is."""
    if not jobs:
        raise InvalidInput("ingest: want one camera at least, got none")
    store = SqlStore.open(settings.url)
    leases = Leases(store.writers, now, lost=lost)
    try:
        writer = leases.take_writer(f"ingest-{name}")
        leases.take_cameras([job.camera_id for job in jobs])
        kept = open_kept(settings, writer=writer, store=store)
        try:
            yield IngestHost(settings, kept, jobs, IdSource(writer, now), now)
        finally:
            leases.close()
            kept.close()
    finally:
        leases.close()
        store.close()


class IngestHost:
    """The cameras, the analysis and the writer of one process."""

    def __init__(
        self, settings: Settings, kept: Kept, jobs: Sequence[Job], ids: IdSource, now: Now
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._jobs = {job.camera_id: job for job in jobs}
        self._ids = ids
        self._now = now
        self._cameras = {job.camera_id: kept.store.cameras.get(job.camera_id) for job in jobs}
        models = ModelFolder(settings.models)
        self.detector = load_detector(settings, models)
        self.embedders = load_embedders(settings, models)
        self.plate_models = load_plate_models(settings, models)

    def run(self, counters: Counters, stop: threading.Event) -> IngestReport:
        """Until all files ended or `stop` is set."""
        sweep(self._kept)
        _note_runs(self._kept.store, self._jobs, self._now)
        settings = self._settings
        batcher = Batcher(
            batch=settings.batch_size,
            latency_s=settings.batch_latency_s,
            depth=settings.queue_depth,
        )
        with ThreadPoolExecutor(2, "footage") as finishing:
            makes = SourceMaker(
                settings, self._kept, self._ids, self._now, finishing=finishing, counters=counters
            )
            analysis = self._analysis(batcher, counters)
            analysis.start()
            threads = {
                camera_id: self._thread(camera_id, makes, batcher, counters)
                for camera_id in self._jobs
            }
            for thread in threads.values():
                thread.start()
            try:
                self._watch(
                    threads, analysis, stop, lambda c: self._thread(c, makes, batcher, counters)
                )
            finally:
                _end(threads.values(), batcher, analysis)
        self._seal(self._seal_before())
        for thread in threads.values():
            if isinstance(thread.error, StorageError):
                raise thread.error
        return IngestReport(tuple(counters.all()))

    def _watch(
        self,
        threads: dict[int, CameraThread],
        analysis: Analysis,
        stop: threading.Event,
        again: Callable[[int], CameraThread],
    ) -> None:
        """Stand by until the end: put fallen streams back on their feet, seal hours gone by."""
        fallen_s: dict[int, float] = {}
        since_seal_s = 0.0
        while not stop.is_set() and not analysis.failed and self._goes_on(threads):
            for camera_id in self._fallen(threads):
                fallen_s[camera_id] = fallen_s.get(camera_id, 0.0) + _WATCH_S
                if fallen_s[camera_id] >= _RESTART_S:
                    del fallen_s[camera_id]
                    threads[camera_id] = again(camera_id)
                    threads[camera_id].start()
            _wait(threads, stop)
            since_seal_s += _WATCH_S
            if since_seal_s >= _SEAL_EVERY_S:
                since_seal_s = 0.0
                self._seal(self._now() - _SEAL_AFTER_NS)

    def _goes_on(self, threads: Mapping[int, CameraThread]) -> bool:
        """Whether pictures still come; a disk or database that failed under a camera ends all."""
        if any(isinstance(thread.error, StorageError) for thread in threads.values()):
            return False
        return any(
            thread.is_alive() or self._jobs[camera_id].live for camera_id, thread in threads.items()
        )

    def _fallen(self, threads: Mapping[int, CameraThread]) -> list[int]:
        return [c for c, thread in threads.items() if self._jobs[c].live and not thread.is_alive()]

    def _seal(self, before_ns: int) -> None:
        self._kept.vectors.seal(before_ns)
        self._kept.plates.seal(before_ns)

    def _seal_before(self) -> int:
        live = any(job.live for job in self._jobs.values())
        return self._now() - _SEAL_AFTER_NS if live else self._now()

    def _analysis(self, batcher: Batcher, counters: Counters) -> Analysis:
        settings, kept = self._settings, self._kept
        writer = CommitWriter(
            kept.store.tracks,
            kept.shots,
            kept.vectors,
            plates=kept.plates,
            embedders=self.embedders,
            open_jpeg=open_own_jpeg,
        )
        return Analysis(
            batcher,
            self.detector,
            writer,
            cameras={camera_id: self._camera_analysis(camera_id) for camera_id in self._jobs},
            counters=counters,
            commit_s=settings.commit_s,
        )

    def _camera_analysis(self, camera_id: int) -> CameraAnalysis:
        fps = self._fps(self._cameras[camera_id])
        builder: Builder
        plates = PlatePass(self._ids, self.plate_models)
        if self._jobs[camera_id].stills:
            builder = StillBuilder(camera_id, self._ids, plates=plates)
        else:
            builder = TrackletBuilder(
                camera_id,
                self._ids,
                part_s=self._settings.part_s,
                plates=plates if self.plate_models else None,
            )
        return CameraAnalysis(builder, Ledger(camera_id, self._ids, hole_s=hole_s(fps)))

    def _thread(
        self, camera_id: int, makes: SourceMaker, batcher: Batcher, counters: Counters
    ) -> CameraThread:
        camera, job = self._cameras[camera_id], self._jobs[camera_id]
        gated = self._settings.motion_gate and not job.stills
        return CameraThread(
            _source(makes, camera, job),
            batcher,
            cadence=Cadence(0 if job.stills else self._fps(camera)),
            gate=MotionGate() if gated else None,
            put_epoch=self._kept.store.tracks.put_epoch,
            counters=counters,
            origin=job.origin,
            shed=job.live,
        )

    def _fps(self, camera: Camera) -> float:
        return camera.analysis_fps or self._settings.analysis_fps


def _source(makes: SourceMaker, camera: Camera, job: Job) -> FrameSource:
    if job.stills:
        return makes.stills(camera, job.stills)
    return makes.files(camera, job.files) if job.files else makes.stream(camera)


def sweep(kept: Kept) -> None:
    """Salvage the footage that an earlier run left unfinished; cut off what has no row."""
    recover_staged(kept.footage.unfinished(), kept.footage, kept.store.tracks.put_footage)
    kept.vectors.sweep(kept.store.tracks.known_shots)
    kept.plates.sweep(kept.store.tracks.known_plates)
    kept.shots.sweep(kept.store.tracks.known_shots)
    kept.footage.sweep(kept.store.tracks.known_segments)


def _wait(threads: Mapping[int, CameraThread], stop: threading.Event) -> None:
    """About a second, or until all threads ended or `stop`."""
    for _ in range(10):
        if stop.wait(_WATCH_S / 10) or not any(t.is_alive() for t in threads.values()):
            return


def _end(threads: Iterable[CameraThread], batcher: Batcher, analysis: Analysis) -> None:
    """Close the cameras, then let everything that they gave be committed."""
    waiting = list(threads)
    for thread in waiting:
        thread.close()
    for thread in waiting:
        thread.join()
    batcher.close()
    analysis.join()


def _note_runs(store: Store, jobs: Mapping[int, Job], now: Now) -> None:
    audit = AuditLog(store.audit, now)
    for job in jobs.values():
        detail = {"camera": job.camera_id, "origin": printable(job.origin)}
        audit.write(event_of_system(EventKind.INGEST_RUN, detail))
