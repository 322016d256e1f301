"""One ingest run as a person sees it: a bar for files, a live table for streams, a report."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
import typer
from prometheus_client import start_http_server
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.commands.cases import instant_from
from api.console import EXIT_CODES, show_json, table
from api.installation import Installation
from api.metrics import camera_registry
from core.clocks import format_utc, s_of
from core.errors import CaseTraceError, InvalidInput, SourceUnavailable, StorageError
from ingest.folders import TimedFile, back_to_back, named_by_time
from ingest.media import summary_of
from ingest.stills import Still, stated_plates
from pipeline.counters import CameraCount, Counters
from pipeline.ingest import IngestReport, Job, run_ingest
from pipeline.settings import Settings
from pipeline.supervisor import Supervisor

log = structlog.get_logger("ingest")

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
_REFRESH_S = 0.5
_COLUMNS = ("camera", "state", "time", "decoded", "looked", "quiet", "shed", "parts", "outages")


def ingested(
    installation: Installation,
    settings: Settings,
    jobs: Sequence[Job],
    *,
    name: str,
    metrics_port: int,
) -> None:
    """Run until the files end or a signal comes; ends the process with 8 if a camera failed."""
    counters, stop = Counters(), threading.Event()
    with stopped_by_signals(stop), metrics_served(metrics_port, counters):
        run = Run(lambda: run_ingest(settings, jobs, name=name, counters=counters, stop=stop))
        run.start()
        _watch(run, jobs, counters, quiet=installation.as_json)
    _report(installation, run.result())


def supervised(
    installation: Installation, jobs: Sequence[Job], *, name: str, metrics_port: int
) -> int:
    """Run those streams in a child process, again and again until it ends in order."""
    cameras = [word for job in jobs for word in ("--camera", str(job.camera_id))]
    command = [
        *(sys.executable, "-m", "api", "--data-dir", str(installation.data_dir)),
        *(["--json"] if installation.as_json else []),
        *("ingest", "--no-supervise", "--name", name, "--metrics-port", str(metrics_port)),
        *cameras,
    ]

    def told(code: int, wait_s: float) -> None:
        log.error("ingest fell", exit_code=code, again_in_s=round(wait_s, 1))

    stop = threading.Event()
    with stopped_by_signals(stop):
        return Supervisor(command, falls=is_fall, told=told).run(stop)


def is_fall(code: int) -> bool:
    """Whether another start may help: a crash, or a lease or disk that another holds for now."""
    return code < 0 or code in (1, EXIT_CODES[StorageError])


class Run(threading.Thread):
    """The ingest beside the display; what ended it is raised by `result`."""

    def __init__(self, work: Any) -> None:
        super().__init__(name="ingest")
        self._work = work
        self._report: IngestReport | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._report = self._work()
        except BaseException as error:  # noqa: BLE001 (a thread's end: raised again by `result`)
            self._error = error

    def result(self) -> IngestReport:
        """What it gave, once it has ended."""
        self.join()
        if self._error is not None:
            raise self._error
        if self._report is None:
            raise CaseTraceError("ingest: ended without a report")
        return self._report


def stream_jobs(installation: Installation, wanted: Sequence[int]) -> list[Job]:
    """The streams of those cameras, or of all that have an address."""
    with installation.service() as service:
        known = {camera.camera_id: camera for camera in service.store.cameras.all()}
    if strange := [camera_id for camera_id in wanted if camera_id not in known]:
        raise InvalidInput(f"camera {strange[0]}: there is none")
    chosen = [known[camera_id] for camera_id in wanted] or list(known.values())
    jobs = [Job(camera.camera_id) for camera in chosen if camera.main_url]
    if not jobs:
        raise InvalidInput("ingest: no camera has an address; add one, or name a file")
    return jobs


def file_jobs(
    path: Path, cameras: Sequence[int], *, start: str, pattern: str, zone: str
) -> list[Job]:
    """A file, a folder of files, or a checkpoint's picture, of one camera."""
    if len(cameras) != 1:
        raise InvalidInput("ingest: want exactly one --camera that the files belong to")
    if path.suffix.lower() in PICTURES:
        return [Job(cameras[0], stills=(_still(path, start),))]
    if bool(start) == bool(pattern):
        raise InvalidInput("ingest: want either --start or --name-pattern for files")
    if pattern:
        files = named_by_time(path, pattern, _zone(zone))
    elif path.is_dir():
        files = back_to_back(path, instant_from(start))
    else:
        files = [TimedFile(path, instant_from(start))]
    return [Job(cameras[0], tuple(files))]


def _still(path: Path, start: str) -> Still:
    """A checkpoint's picture; its decoder comes later, and checks what it is.

    A JSON file of the same name beside it says which plates the device itself read.
    """
    if not start:
        raise InvalidInput("ingest: want --start for a picture")
    sidecar = path.with_suffix(".json")
    try:
        stated = stated_plates(sidecar.read_bytes()) if sidecar.is_file() else ()
        return Still(path.name, instant_from(start), path.read_bytes(), stated)
    except OSError as error:
        raise SourceUnavailable(f"{path}: cannot be read ({error.strerror})") from error


def _zone(text: str) -> Any:
    try:
        return datetime.strptime(text, "%z").tzinfo
    except ValueError as error:
        raise InvalidInput(f"zone: want +HH:MM, got {text!r}") from error


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """A supervisor's SIGTERM and Ctrl-C end the run in order: what is finished is committed."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def metrics_served(port: int, counters: Counters) -> Iterator[None]:
    """Prometheus reads the counters there meanwhile; port 0 is nowhere."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, "127.0.0.1", camera_registry(counters.all))
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _watch(run: Run, jobs: Sequence[Job], counters: Counters, *, quiet: bool) -> None:
    if quiet or not sys.stdout.isatty():
        run.join()
    elif any(job.live for job in jobs):
        watch_streams(run, counters)
    else:
        watch_files(run, jobs, counters)


def watch_streams(run: Run, counters: Counters) -> None:
    """A table of the cameras, drawn again twice a second until the run ends."""
    with Live(console=Console(), refresh_per_second=2) as live:
        while run.is_alive():
            live.update(_sheet(counters.all()))
            run.join(_REFRESH_S)
        live.update(_sheet(counters.all()))


def watch_files(run: Run, jobs: Sequence[Job], counters: Counters) -> None:
    """A bar for each camera, moved by the time of its newest picture, until the run ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
    )
    with Progress(*columns, TimeRemainingColumn()) as progress:
        bars = {
            job.camera_id: progress.add_task(f"camera {job.camera_id}", total=_total_s(job))
            for job in jobs
        }
        starts = {job.camera_id: job.files[0].start_ns for job in jobs}
        while run.is_alive():
            _move(progress, bars, starts, counters.all())
            run.join(_REFRESH_S)
        _move(progress, bars, starts, counters.all())


def _move(
    progress: Progress,
    bars: Mapping[int, TaskID],
    starts: Mapping[int, int],
    counts: Sequence[CameraCount],
) -> None:
    for count in counts:
        if count.device_ns:
            done_s = s_of(count.device_ns - starts[count.camera_id])
            progress.update(bars[count.camera_id], completed=done_s)


def _total_s(job: Job) -> float | None:
    """From the first file's start to the last one's end; None if that cannot be told."""
    last = job.files[-1]
    try:
        duration_s = summary_of(last.path).duration_s
    except CaseTraceError:
        return None  # the ingest itself will say what is wrong with it
    return s_of(last.start_ns - job.files[0].start_ns) + duration_s if duration_s else None


def _sheet(counts: Sequence[CameraCount]) -> Table:
    sheet = Table(*_COLUMNS)
    for count in counts:
        sheet.add_row(*map(str, _row(count)))
    return sheet


def _row(count: CameraCount) -> tuple[object, ...]:
    time = format_utc(count.device_ns) if count.device_ns else "-"
    numbers = (count.decoded, count.looked, count.quiet, count.shed, count.parts, count.outages)
    return (count.camera_id, count.state, time, *numbers)


def _report(installation: Installation, report: IngestReport) -> None:
    if installation.as_json:
        names = CameraCount.__dataclass_fields__
        show_json([{name: getattr(count, name) for name in names} for count in report.counts])
    else:
        table("ingested", _COLUMNS, map(_row, report.counts))
    for count in report.failed:
        log.error("camera failed", camera_id=count.camera_id, reason=count.error)
    if report.failed:
        raise typer.Exit(8)
