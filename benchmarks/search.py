"""Exact filtered search beside its peers, on a made-up city of a million shots.

    python -m benchmarks.search --json FILE [--rows 1000000 --dim 256 --engines casetrace,door,...]

Every engine lives in a process of its own and keeps all rows; then they are asked in turn, request
by request, so that whatever else the machine does falls on all of them alike. A search is one
query within random cameras and spans that hold 100, 10, 1 or 0.1 % of all, for the 10 best
distinct tracklets; engines that rank shots ask for four times as many. `door` is the whole reading
door with its audit entry. A peer that is not installed is left out, with a line that says so.
"""

import multiprocessing
import os
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.engines import make_engine, recall
from benchmarks.gallery import (
    FILTERS,
    City,
    Request,
    make_gallery,
    make_requests,
    open_gallery,
    true_tracklets,
)

ENGINES = ("casetrace", "door", "faiss_flat", "hnswlib", "milvus_lite")
PACKAGES = ("faiss-cpu", "hnswlib", "pymilvus", "milvus-lite", "sqlalchemy")
K = 10
_TUNED_ON = 5
_ENOUGH = 10  # an engine that has spent its time on a filter has answered so many at least


@dataclass(slots=True)
class Tally:
    """What one engine took for one filter."""

    took_ms: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)

    def figures(self, prefix: str) -> dict[str, float]:
        return {
            f"{prefix}.p50_ms": float(np.percentile(self.took_ms, 50)),
            f"{prefix}.p99_ms": float(np.percentile(self.took_ms, 99)),
            f"{prefix}.recall": float(np.mean(self.recalls)),
        }


class Worker:
    """An engine in its own process. `start` builds it; `None` as answer means it is missing."""

    def __init__(self, name: str, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(name, folder, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, question: str, *arguments: Any) -> Any:
        """What the engine's process answers; its error raised here."""
        self._pipe.send((question, *arguments))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def work(name: str, folder: Path, pipe: Connection) -> None:
    """The engine's process: answers questions until the pipe is closed."""
    served = Served(name, folder)
    while True:
        try:
            question, *arguments = pipe.recv()
        except EOFError:
            served.close()
            return
        try:
            answer = getattr(served, question)(*arguments)
        except Exception as error:  # noqa: BLE001 - a process boundary; raised on the other side
            answer = error
        pipe.send(answer)


class Served:
    """What an engine's process can be asked."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._asked: list[Any] = []

    def build(self) -> float:
        """Rows per second; `ImportError` if the engine is not installed."""
        self._engine = make_engine(self._name)
        own = self._folder / self._name
        own.mkdir()
        gallery = open_gallery(self._folder)
        self._before = resident_bytes()
        return len(gallery.device_ns) / self._engine.build(gallery, own)

    def prepare(self, tuning: list[Request], true: list[list[int]], asked: list[Request]) -> None:
        self._engine.tune([self._engine.prepare(request) for request in tuning], true)
        self._asked = [self._engine.prepare(request) for request in asked]

    def search(self, number: int) -> tuple[float, Sequence[int]]:
        """Milliseconds, and the tracklets found."""
        began = perf_counter()
        found = self._engine.search(self._asked[number], K)
        return (perf_counter() - began) * 1e3, found

    def memory(self) -> tuple[float, float]:
        """Megabytes since before the build: all that is resident, and what no file backs."""
        now = resident_bytes()
        return (now[0] - self._before[0]) / 1e6, (now[1] - self._before[1]) / 1e6

    def close(self) -> None:
        if hasattr(self, "_engine"):
            self._engine.close()


def resident_bytes() -> tuple[int, int]:
    """Resident bytes of this process, and those of them that no file backs (Linux)."""
    found = {}
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name in {"VmRSS", "RssAnon"}:
            found[name] = int(value.split()[0]) * 1024
    return found["VmRSS"], found["RssAnon"]


# --- the run -----------------------------------------------------------------------------------


def measure(
    city: City, engines: Sequence[str], *, queries: int, budget_s: float, folder: Path
) -> dict[str, float]:
    """All figures; engines that are not installed are left out."""
    print(f"making {city.rows} rows", flush=True)
    make_gallery(city, folder)
    figures: dict[str, float] = {}
    workers = list(started(engines, folder, figures))
    try:
        for filter_name, share in FILTERS.items():
            print(f"asking for {filter_name}", flush=True)
            tallies = asked(city, share, workers, (queries, budget_s), folder)
            for name, tally in tallies.items():
                figures |= tally.figures(f"search.{name}.{filter_name}")
        for worker in workers:
            resident_mb, anonymous_mb = worker.ask("memory")
            figures[f"search.{worker.name}.memory_mb"] = resident_mb
            figures[f"search.{worker.name}.anonymous_mb"] = anonymous_mb
    finally:
        for worker in workers:
            worker.close()
    return figures


def started(engines: Sequence[str], folder: Path, figures: dict[str, float]) -> Iterator[Worker]:
    """Each engine with all rows in it; how fast they came goes into `figures`."""
    for name in engines:
        print(f"building {name}", flush=True)
        worker = Worker(name, folder)
        try:
            rows_per_s = worker.ask("build")
        except ImportError as error:
            print(f"{name}: left out, it is not installed ({error})", flush=True)
            worker.close()
            continue
        figures[f"search.{name}.adds_per_s"] = rows_per_s
        yield worker


def asked(
    city: City, share: float, workers: Sequence[Worker], limits: tuple[int, float], folder: Path
) -> Mapping[str, Tally]:
    """What every engine took for the same requests, asked in turn."""
    queries, budget_s = limits
    gallery = open_gallery(folder)
    requests = make_requests(city, gallery, share, queries + _TUNED_ON)
    true = true_tracklets(gallery, requests, K)
    for worker in workers:
        tuning = (requests[:_TUNED_ON], true[:_TUNED_ON])
        worker.ask("prepare", *tuning, requests[_TUNED_ON:])
    tallies = {worker.name: Tally() for worker in workers}
    for number, wanted in enumerate(true[_TUNED_ON:]):
        for worker in workers:
            tally = tallies[worker.name]
            if number >= _ENOUGH and sum(tally.took_ms) > budget_s * 1e3:
                continue
            took_ms, found = worker.ask("search", number)
            tally.took_ms.append(took_ms)
            tally.recalls.append(recall(found, wanted))
    return tallies


def ratios(figures: Mapping[str, float]) -> dict[str, float]:
    """How many times as long as ours each peer took, at the median."""
    found = {}
    for filter_name in FILTERS:
        ours = figures.get(f"search.casetrace.{filter_name}.p50_ms")
        for name in ENGINES:
            theirs = figures.get(f"search.{name}.{filter_name}.p50_ms")
            if ours and theirs and name != "casetrace":
                found[f"search.{name}.{filter_name}.ratio"] = theirs / ours
    return found


def parsed() -> Namespace:
    usual = City()
    parser = arguments(__doc__ or "")
    parser.add_argument("--rows", type=int, default=usual.rows)
    parser.add_argument("--dim", type=int, default=usual.dim)
    parser.add_argument("--cameras", type=int, default=usual.cameras)
    parser.add_argument("--hours", type=int, default=usual.hours)
    parser.add_argument("--queries", type=int, default=100, help="timed requests per filter")
    parser.add_argument("--budget-s", type=float, default=60.0, help="per engine and filter")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--folder", type=Path, help="where to work; must not exist yet")
    return parser.parse_args()


def main() -> None:
    wanted = parsed()
    city = City(wanted.rows, wanted.dim, wanted.cameras, wanted.hours)
    folder = wanted.folder or Path(tempfile.mkdtemp(prefix="casetrace-search-"))
    folder.mkdir(parents=True, exist_ok=wanted.folder is None)
    try:
        figures = measure(
            city,
            wanted.engines.split(","),
            queries=wanted.queries,
            budget_s=wanted.budget_s,
            folder=folder,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    scale = {"search.rows": city.rows, "search.dim": city.dim, "search.load": os.getloadavg()[1]}
    report("search", {**figures, **ratios(figures), **scale}, into=wanted.json, packages=PACKAGES)


if __name__ == "__main__":
    main()
