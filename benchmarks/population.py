"""A county's cameras without pixels: tracklets stream into the stores, then somebody is searched.

    python -m benchmarks.population --json FILE [--cameras 4200 --hours 2] [--tracklets N]

Two processes, one for each core. One draws the population and adds its vectors to the index; the
other keeps the rows of each batch once its vectors are durable: files, vectors, rows, as
`pipeline.writer` does. Nothing was filmed, so shots have rows and vectors but no picture. What is
timed begins with the first batch and ends when the last row is committed and the last segment
sealed; compaction, which makes one file of an hour, is timed apart. Memory is what both processes
held at their peaks together, files that the system mapped for them included.
"""

import gc
import multiprocessing
import os
import queue
import resource
import shutil
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.county import Asked, Sample, search_door, search_scope
from core.arrays import I64
from core.clocks import HOUR_NS, NS
from core.errors import CaseTraceError, InvalidInput
from core.types import Activity, ActivityKind, ClockSource, Epoch, Family, TimeSpan
from index.faiss_index import FaissIndex
from index.rows.store import SqlStore
from scenes.population import Population, PopulationPlan
from scenes.tracklets import FAMILY, SIZE_HW, Batch

PACKAGES = ("faiss-cpu", "sqlalchemy", "scipy")
BATCH_ROWS = 16384
SCOPE_ROWS = 2_000_000
TRUTH = "truth.i64"
_WRITER = 1
_LATE_NS = 60 * NS  # a tracklet's last box may come so long after its first
_WAITING_BATCHES = 2
_TOLD_EVERY = 100_000
_VEHICLE = list(Family).index(Family.VEHICLE)
# Thousands of rows live at once and none is part of a cycle: the collector would look at them for
# a third of the time.
_COLLECT_EVERY = 500_000


@dataclass(frozen=True, slots=True)
class Made:
    """What the drawing process says at its end."""

    cpu_s: float
    drawn_s: float
    load_peak_mb: float
    compact_s: float
    compact_peak_mb: float


# --- the process that draws -----------------------------------------------------------------------


def draw(plan: PopulationPlan, folder: Path, limits: tuple[int, int], pipe: Connection) -> None:
    """Vectors into the index, batches into the pipe, then None and a `Made`; or the error."""
    try:
        index = FaissIndex(folder / "vectors", writer=_WRITER)
        try:
            pipe.send(_drawn(Population(plan), index, limits, pipe))
        finally:
            index.close()
    except CaseTraceError as error:  # a process boundary; raised on the other side
        pipe.send(error)


def _drawn(
    population: Population, index: FaissIndex, limits: tuple[int, int], pipe: Connection
) -> Made:
    rows, most = limits
    batches = batches_of(population, rows, most)
    first = next(batches)  # the roads are planned before the clock begins
    pipe.send("ready")
    pipe.recv()
    began, drawn_s = process_time(), 0.0
    batch: Batch | None = first
    while batch is not None:
        since = process_time()
        vectors = population.vector_rows(batch)
        drawn_s += process_time() - since
        for part in vectors:
            index.add(part)
        pipe.send(batch)
        index.seal(int(batch.device_ns[0]) - _LATE_NS)
        since = process_time()
        batch = next(batches, None)
        drawn_s += process_time() - since
    index.seal(population.plan.span.end_ns + HOUR_NS)
    cpu_s, load_peak_mb = process_time() - began, peak_mb()
    pipe.send(None)
    since_s = perf_counter()
    index.compact()
    return Made(cpu_s, drawn_s, load_peak_mb, perf_counter() - since_s, peak_mb())


def batches_of(population: Population, rows: int, most: int) -> Iterator[Batch]:
    """The population's batches, as many as hold `most` tracklets (0: all)."""
    batches = population.batches(rows)
    return islice(batches, -(-most // rows)) if most else batches


def peak_mb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


# --- the process that keeps -----------------------------------------------------------------------


class County:
    """The rows of a population in their store, the truth beside them, a sample to search for."""

    def __init__(self, population: Population, folder: Path) -> None:
        self.folder = folder
        self.store = SqlStore.open(f"sqlite:///{folder / 'rows.db'}")
        self.sample = Sample(population.plan.cameras)
        self.tracklets = 0
        self.shots = 0
        self._truth = (folder / TRUTH).open("wb")
        self._put_cameras(population)

    def keep(self, batch: Batch) -> None:
        """Commit a batch whose vectors are durable."""
        self.store.tracks.put_parts(batch.parts())
        np.column_stack([batch.tracklet_ids, batch.subjects]).tofile(self._truth)
        self.sample.take(batch, FAMILY[batch.class_id[batch.shot_of]] == _VEHICLE)
        self.tracklets += len(batch)
        self.shots += len(batch.shot_ids)

    def truth(self) -> I64:
        """Tracklet and subject of all that was kept, ascending by tracklet, (N, 2)."""
        self._truth.flush()
        return np.fromfile(self.folder / TRUTH, np.int64).reshape(-1, 2)

    def close(self) -> None:
        self._truth.close()
        self.store.close()

    def _put_cameras(self, population: Population) -> None:
        span = population.plan.span
        cameras = population.cameras()
        self.store.cameras.put_all(cameras)
        self.store.cameras.put_graph(population.graph)
        self.store.tracks.put_epochs([epoch_of(one.camera_id, span) for one in cameras])
        self.store.tracks.put_activity([activity_of(one.camera_id, span) for one in cameras])


def epoch_of(camera_id: int, span: TimeSpan) -> Epoch:
    """The one time line of a drawn camera."""
    return Epoch(camera_id, camera_id, span.start_ns, ClockSource.RTCP, 0.05, SIZE_HW, "drawn")


def activity_of(camera_id: int, span: TimeSpan) -> Activity:
    """Says that all of its pictures were looked at."""
    whole = TimeSpan(span.start_ns - HOUR_NS, span.end_ns + HOUR_NS)
    return Activity(camera_id, camera_id, ActivityKind.ANALYSED, whole, 1)


def loaded(county: County, population: Population, limits: tuple[int, int]) -> dict[str, float]:
    """Keeps the whole population; how it went."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (population.plan, county.folder, limits, theirs)
    drawing = context.Process(target=draw, args=arguments, daemon=True)
    drawing.start()
    theirs.close()
    try:
        _next(ours)
        ours.send("go")
        took_s, cpu_s = _kept(county, ours)
        peak = peak_mb()
        made: Made = _next(ours)
    finally:
        drawing.terminate()  # it has ended by itself, or the load failed
        drawing.join()
        ours.close()
    return {
        "population.tracklets": county.tracklets,
        "population.shots": county.shots,
        "population.tracklets_per_s": county.tracklets / took_s,
        "population.cpu_us_per_tracklet": 1e6 * (made.cpu_s + cpu_s) / county.tracklets,
        "population.drawn_per_cpu_s": county.tracklets / made.drawn_s,
        "population.peak_mb": peak + made.load_peak_mb,
        "population.compact_s": made.compact_s,
        "population.compact_peak_mb": made.compact_peak_mb,
    }


def _kept(county: County, pipe: Connection) -> tuple[float, float]:
    """Wall and processor seconds that it took to keep all batches."""
    collected = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY)
    began, cpu = perf_counter(), process_time()
    try:
        for batch in _received(pipe):
            county.keep(batch)
            if county.tracklets % _TOLD_EVERY < len(batch):
                per_s = county.tracklets / (perf_counter() - began)
                print(f"{county.tracklets} tracklets, {per_s:.0f}/s", flush=True)
    finally:
        gc.set_threshold(*collected)
    return perf_counter() - began, process_time() - cpu


def _received(pipe: Connection) -> Iterator[Batch]:
    """The batches from the other process, a few of them taken from the pipe ahead."""
    waiting: queue.Queue[Batch | Exception | None] = queue.Queue(_WAITING_BATCHES)

    def pull() -> None:
        while True:
            try:
                got = _next(pipe)
            except (EOFError, OSError, CaseTraceError) as error:
                waiting.put(error)
                return
            waiting.put(got)
            if got is None:
                return

    threading.Thread(target=pull, daemon=True).start()
    while (got := waiting.get()) is not None:
        if isinstance(got, Exception):
            raise got
        yield got


def _next(pipe: Connection) -> Any:
    got = pipe.recv()
    if isinstance(got, Exception):
        raise got
    return got


# --- all ------------------------------------------------------------------------------------------


def measure(asked: Namespace, folder: Path) -> dict[str, float]:
    """All figures."""
    plan = PopulationPlan(
        cameras=asked.cameras,
        hours=asked.hours,
        seed=asked.seed,
        passings_per_camera_hour=asked.passings,
        writer=_WRITER,
    )
    population = Population(plan)
    county = County(population, folder)
    try:
        figures = loaded(county, population, (asked.rows, asked.tracklets))
        figures |= {"population.cameras": plan.cameras, "population.hours": plan.hours}
        return figures | searched(county, population, asked)
    finally:
        county.close()


def searched(county: County, population: Population, asked: Namespace) -> dict[str, float]:
    """Figures of the searches."""
    index = FaissIndex(county.folder / "vectors")
    try:
        questions = Asked(population, county.sample, county.truth(), asked.queries)
        figures = search_scope(index, questions, asked.scope_rows)
        return figures | search_door(index, county.store, questions, county.folder)
    finally:
        index.close()


def parsed() -> Namespace:
    usual = PopulationPlan()
    parser = arguments(__doc__ or "")
    parser.add_argument("--cameras", type=int, default=usual.cameras)
    parser.add_argument("--hours", type=float, default=usual.hours)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--passings", type=float, default=usual.passings_per_camera_hour)
    parser.add_argument("--tracklets", type=int, default=0, help="stop after so many; 0 keeps all")
    parser.add_argument("--rows", type=int, default=BATCH_ROWS, help="tracklets a batch")
    parser.add_argument("--scope-rows", type=int, default=SCOPE_ROWS)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to work; must not exist yet")
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    if asked.tracklets < 0 or asked.queries < 1 or asked.scope_rows < 1:
        raise SystemExit("want tracklets from 0 on, queries and scope rows from 1 on")
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="casetrace-population-"))
    folder.mkdir(parents=True, exist_ok=asked.folder is None)
    try:
        figures = measure(asked, folder)
    except InvalidInput as error:
        raise SystemExit(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures["population.load"] = os.getloadavg()[1]
    report("population", figures, into=asked.json, packages=PACKAGES)


if __name__ == "__main__":
    main()
