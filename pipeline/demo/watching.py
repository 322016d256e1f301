"""The film into the product: over RTSP from cameras of our own in real time, or as files."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from core.clocks import DAY_NS, ns_of, s_of
from core.errors import CaseTraceError, SourceUnavailable
from core.types import Account, Camera, CameraGraph, ClockCorrection
from ingest.folders import TimedFile
from pipeline.cameras import CameraDraft
from pipeline.counters import CameraCount, Counters
from pipeline.demo.film import Film
from pipeline.demo.footprint import Share
from pipeline.ingest import IngestReport, Job, run_ingest
from pipeline.service import Service
from scenes.rtsp import CameraServer, Clip, Mount
from scenes.truth import CameraTruth

_LOOKS_PER_S = 5.0  # every second picture: two cores can look at five cameras so often
_CLOCK_SIGMA_S = 0.5
"""The operator reads a camera's clock off its picture, to the second."""
_LOOK_S = 0.25
_START_S = 60.0
"""How long models may take to load and cameras to be reached before the demo gives up."""
_TAIL_S, _QUIET_S = 6.0, 0.75  # for what is under way when the last picture was sent


@dataclass(frozen=True, slots=True)
class Watched:
    """The cameras as kept, when the film began (UTC), and what each camera gave."""

    cameras: tuple[Camera, ...]
    start_ns: int
    counts: tuple[CameraCount, ...]

    @property
    def shed(self) -> int:
        """Looks that were left out because the machine was too slow."""
        return sum(count.shed for count in self.counts)

    @property
    def looked(self) -> int:
        return sum(count.looked for count in self.counts)


def watched_live(service: Service, operator: Account, film: Film, share: Share) -> Watched:
    """Serve the film over RTSP in real time and ingest it meanwhile, as cameras of a street are.

    What the machine is too slow to look at is shed and counted. Raises what ended the ingest.
    """
    start_ns = service.now()
    mounts = {
        f"camera-{row}": Mount(
            Clip(camera.clip, loop=False), start_ns=start_ns + ns_of(camera.clock_offset_s)
        )
        for row, camera in enumerate(film.cameras)
    }
    with CameraServer(mounts) as server:
        urls = [server.url(name) for name in server.names]
        cameras = added_cameras(service, operator, film, urls)
        jobs = [Job(camera.camera_id) for camera in cameras]
        with Ingesting(service, jobs) as ingesting:
            _until_ended(server, film, ingesting, share)
            _until_taken(ingesting)
    counts = ingesting.result().counts
    # That they are gone once the film is over is no fault of theirs.
    _refuse([count for count in counts if not count.decoded])
    return Watched(cameras, start_ns, counts)


def watched_files(service: Service, operator: Account, film: Film, share: Share) -> Watched:
    """Ingest the clips as files of yesterday, every picture that is due, none shed."""
    start_ns = service.now() // DAY_NS * DAY_NS - DAY_NS + film.city.start_ns % DAY_NS
    cameras = added_cameras(service, operator, film, [""] * len(film.cameras))
    starts = [start_ns + ns_of(camera.clock_offset_s) for camera in film.cameras]
    jobs = [
        Job(camera.camera_id, (TimedFile(filmed.clip, begins_ns),))
        for camera, filmed, begins_ns in zip(cameras, film.cameras, starts, strict=True)
    ]
    with Ingesting(service, jobs) as ingesting:
        while not ingesting.wait(_LOOK_S):
            done_s = [
                s_of(count.device_ns - begins_ns)
                for count, begins_ns in zip(ingesting.counts, starts, strict=False)
            ]
            share(max(0.0, min(done_s, default=0.0)) / film.seconds)
    report = ingesting.result()
    _refuse(report.failed)
    return Watched(cameras, start_ns, report.counts)


def _refuse(failed: Sequence[CameraCount]) -> None:
    """`SourceUnavailable` for cameras of which there is no footage."""
    if failed:
        raise SourceUnavailable("; ".join(count.error or "no picture came" for count in failed))


def added_cameras(
    service: Service, operator: Account, film: Film, urls: Sequence[str]
) -> tuple[Camera, ...]:
    """The film's cameras as an operator would add them: place, clock, and the roads between."""
    desk = service.cameras
    cameras = tuple(
        _added(service, operator, filmed, url)
        for filmed, url in zip(film.cameras, urls, strict=True)
    )
    ids = np.array([camera.camera_id for camera in cameras], np.int64)
    desk.import_roads(operator, CameraGraph(ids, film.city.roads, film.city.distance_m))
    return cameras


def _added(service: Service, operator: Account, filmed: CameraTruth, url: str) -> Camera:
    draft = CameraDraft(
        filmed.name, lon_lat_deg=filmed.lon_lat_deg, main_url=url, analysis_fps=_LOOKS_PER_S
    )
    camera = service.cameras.add(operator, draft)
    told_s = float(round(filmed.clock_offset_s))
    clock = ClockCorrection(0, told_s, _CLOCK_SIGMA_S)
    return service.cameras.correct_clock(operator, camera.camera_id, clock)


def _until_ended(server: CameraServer, film: Film, ingesting: "Ingesting", share: Share) -> None:
    """Until every camera has sent its last picture; `SourceUnavailable` if one is never begun."""
    looks = int((film.seconds + _START_S) / _LOOK_S)
    for _ in range(looks):
        if ingesting.wait(_LOOK_S):
            ingesting.result()
            raise CaseTraceError("demo: the ingest ended before the film did")
        share(min(server.position_s(name) for name in server.names) / film.seconds)
        if all(server.wait_ended(name, timeout_s=0.0) for name in server.names):
            return
    late = [name for name in server.names if not server.wait_ended(name, timeout_s=0.0)]
    errors = {count.camera_id: count.error for count in ingesting.counts if count.error}
    raise SourceUnavailable(f"demo: {late[0]} did not end in time; {errors or 'no error is known'}")


def _until_taken(ingesting: "Ingesting") -> None:
    """Until nothing has come for a while: what is still on its way is not lost.

    A decoder holds a few pictures back until it hears that no more will come, and a live one never
    hears that.
    """
    before = -1
    for _ in range(int(_TAIL_S / _QUIET_S)):
        taken = sum(count.decoded for count in ingesting.counts)
        if taken == before or ingesting.wait(_QUIET_S):
            return
        before = taken


class Ingesting:
    """An ingest beside this thread, stopped in order when the block ends, whatever ends it."""

    def __init__(self, service: Service, jobs: Sequence[Job]) -> None:
        self._counters = Counters()
        self._stop = threading.Event()
        self._report: IngestReport | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, args=(service, jobs), name="demo-ingest", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def counts(self) -> list[CameraCount]:
        """What each camera gave so far, by camera."""
        return self._counters.all()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended, within the time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def result(self) -> IngestReport:
        """What it gave; raises what ended it."""
        if self._error is not None:
            raise self._error
        if self._report is None:
            raise CaseTraceError("demo: the ingest has not ended")
        return self._report

    def _run(self, service: Service, jobs: Sequence[Job]) -> None:
        try:
            self._report = run_ingest(
                service.settings,
                jobs,
                name="demo",
                counters=self._counters,
                stop=self._stop,
                now=service.now,
            )
        except BaseException as error:  # noqa: BLE001 - a thread's end: raised again by `result`
            self._error = error
