"""Plates found again among millions of noisy reads: how fast, how many, and what others find.

    python -m benchmarks.plates --json FILE [--reads 10000000] [--noise FILE] [--queries 100]

One read each of the plates that pass a city's cameras (`benchmarks.plate_fleet`), spoiled as a
reader's confusion says (`benchmarks.plate_noise`; `--noise` gives a measured one), kept as ingest
keeps them, sealed and compacted, then asked for within all cameras and hours. `recall` is the share
of queries for whole plates that have a read of the true plate among the first 1 or 20; exact match
and edit distance search the likeliest text of the same reads for the same plates, ties in any
order.
`kept20` is what narrowing leaves of the likely ones (3 nats or more) among the first 20 that
scoring every read gives, over all kinds of queries, on a sample of cameras; `lost_nats` how much
less likely they then are. Times are of whole searches in a warm process.
"""

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.plate_fleet import KINDS_ASKED, LONGEST, Fleet, Witness, draw_fleet, plate_keys
from benchmarks.plate_noise import PlateNoise, load_plate_noise
from benchmarks.plate_rivals import edit_distances, expected_recall, likeliest_signs
from benchmarks.search import resident_bytes
from core.arrays import I64, U8
from core.clocks import HOUR_NS, parse_utc
from core.plates.alphabet import ABSENT
from core.plates.likelihood import PlateLikelihood
from core.plates.patterns import parse_pattern
from core.runtime.answering import ready_to_answer
from core.types import CameraSpan, PlateHit, PlateRows, Scope, TimeSpan
from index.plates.files import FilePlateIndex
from index.plates.narrowing import Effort
from index.plates.packing import POSITIONS

START_NS = parse_utc("2026-05-04T00:00:00Z")
K = 20
_ADDED_ROWS = 8192
_WARM_UPS = 10
_SAMPLED_READS = 100_000
_LIKELY = 3.0  # nats
_SAMPLED_QUERIES = 5


@dataclass(frozen=True, slots=True)
class Site:
    """How much there is, and how it is spread."""

    reads: int = 10_000_000
    cameras: int = 100
    hours: int = 72
    seed: int = 20260504

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(START_NS, START_NS + self.hours * HOUR_NS)

    def scope(self, cameras: int = 0) -> Scope:
        """All hours of the first cameras (0: all)."""
        numbers = range(1, (cameras or self.cameras) + 1)
        spans = tuple(CameraSpan(camera, self.span) for camera in numbers)
        return Scope(1, 1, 1, spans, self.span.end_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What was read, row by row; the id of a read is its row and one. `plates` (N, 8), `texts` the
    likeliest text of each read (N, 10), both ended by `ABSENT`, and a number per plate (N,)."""

    plates: U8
    texts: U8
    keys: I64


# --- filling -------------------------------------------------------------------------------------


def fill(site: Site, noise: PlateNoise, index: FilePlateIndex) -> tuple[Truth, dict[str, float]]:
    """Keep all reads; what they were, and how long keeping them took."""
    rng = np.random.default_rng(site.seed)
    plates = np.empty((site.reads, LONGEST), np.uint8)
    texts = np.empty((site.reads, POSITIONS), np.uint8)
    spent = dict.fromkeys(("add", "seal", "compact"), 0.0)
    for first, fleet, rows in _batches(site, rng, noise):
        plates[first : first + len(fleet.plates)] = fleet.plates
        texts[first : first + len(fleet.plates)] = likeliest_signs(rows.log_probs, POSITIONS)
        began = perf_counter()
        index.add(rows)
        spent["add"] += perf_counter() - began
        began = perf_counter()
        index.seal(int(rows.device_ns[0]))
        spent["seal"] += perf_counter() - began
    spent["seal"] += _timed(lambda: index.seal(site.span.end_ns))
    spent["compact"] = _timed(index.compact)
    keys = plate_keys(plates.astype(np.int64))
    figures = {
        "plates.ingest.reads_per_s": site.reads / (spent["add"] + spent["seal"]),
        "plates.compact_s": spent["compact"],
        "plates.distinct": len(np.unique(keys)) / site.reads,
        "plates.reads.exact": float((texts == _padded(plates)).all(axis=1).mean()),
    }
    return Truth(plates, texts, keys), figures


def _batches(
    site: Site, rng: np.random.Generator, noise: PlateNoise
) -> Iterator[tuple[int, Fleet, PlateRows]]:
    for first in range(0, site.reads, _ADDED_ROWS):
        count = min(_ADDED_ROWS, site.reads - first)
        fleet = draw_fleet(count, rng)
        ids = np.arange(first + 1, first + count + 1)
        at_ns = START_NS + (ids - 1) * (site.hours * HOUR_NS // site.reads)
        cameras = rng.integers(1, site.cameras + 1, count)
        log_probs = noise.read(fleet.plates)
        yield (
            first,
            fleet,
            PlateRows(ids, ids, cameras, at_ns, log_probs, fleet.layout_names, fleet.colours),
        )


def _padded(plates: U8) -> U8:
    texts = np.full((len(plates), POSITIONS), ABSENT, np.uint8)
    texts[:, :LONGEST] = plates
    return texts


def _timed(work: object) -> float:
    began = perf_counter()
    assert callable(work)
    work()
    return perf_counter() - began


# --- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of one kind about the plate of a row."""

    kind: str
    row: int
    query: str


def asked(site: Site, truth: Truth, noise: PlateNoise, count: int) -> list[Asked]:
    """As many queries of each kind about plates that were read."""
    rng = np.random.default_rng((site.seed, 1))
    witness = Witness(noise.confusion, site.seed)
    rows = rng.integers(0, site.reads, count).tolist()
    return [
        Asked(kind, row, witness.asks(kind, truth.plates[row].astype(np.int64)))
        for row in rows
        for kind in KINDS_ASKED
    ]


def search(
    site: Site, index: FilePlateIndex, truth: Truth, queries: Sequence[Asked]
) -> dict[str, float]:
    """Times of all queries, and what share of the true plates came among the first."""
    scope = site.scope()
    for one in queries[:_WARM_UPS]:
        index.search(scope, parse_pattern(one.query), K)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS_ASKED}
    places: dict[str, list[int]] = {kind: [] for kind in KINDS_ASKED}
    spent_s = process_time()
    for one in queries:
        pattern = parse_pattern(one.query)
        began = perf_counter()
        hits = index.search(scope, pattern, K)
        took[one.kind].append((perf_counter() - began) * 1e3)
        places[one.kind].append(_place(hits, truth, one.row))
    cpu_ms = (process_time() - spent_s) * 1e3 / len(queries)
    return {**_times(took), "plates.search.cpu_ms": cpu_ms, **_recalls(places)}


def _place(hits: Sequence[PlateHit], truth: Truth, row: int) -> int:
    """Where the first hit stands that is a read of the true plate; K if none is."""
    rows = np.array([hit.plate_id - 1 for hit in hits], np.int64)
    right = np.flatnonzero(truth.keys[rows] == truth.keys[row])
    return int(right[0]) if len(right) else K


def _times(took: dict[str, list[float]]) -> dict[str, float]:
    every = [one for some in took.values() for one in some]
    figures = {f"plates.search.{name}_ms": _quantile(every, q) for name, q in _QUANTILES}
    for kind, some in took.items():
        figures |= {f"plates.search.{kind}.{name}_ms": _quantile(some, q) for name, q in _QUANTILES}
    return figures


_QUANTILES = (("p50", 50), ("p99", 99))
_SAME = 0.01  # nats that mean nothing


def _quantile(took_ms: Sequence[float], percent: float) -> float:
    return float(np.percentile(took_ms, percent))


def _recalls(places: dict[str, list[int]]) -> dict[str, float]:
    figures = {}
    for kind in ("exact", "fuzzy"):
        found = np.array(places[kind])
        prefix = "plates.search" if kind == "exact" else f"plates.search.{kind}"
        figures[f"{prefix}.recall1"] = float((found < 1).mean())
        figures[f"{prefix}.recall20"] = float((found < K).mean())
    return figures


def rivals(truth: Truth, queries: Sequence[Asked]) -> dict[str, float]:
    """What equal text and the least edit distance find for the whole plates asked for."""
    exact, edit = [], []
    for one in queries:
        if one.kind == "exact":
            plate = truth.plates[one.row].astype(np.int64)
            distances = edit_distances(plate[plate != ABSENT], truth.texts)
            true = truth.keys == truth.keys[one.row]
            exact.append(expected_recall(distances, true, K, at_most=0))
            edit.append(expected_recall(distances, true, K))
    return {
        "plates.exact_match.recall20": float(np.mean(exact)),
        "plates.edit_distance.recall20": float(np.mean(edit)),
    }


def kept(
    site: Site, narrow: FilePlateIndex, whole: FilePlateIndex, queries: Sequence[Asked]
) -> dict[str, float]:
    """What narrowing leaves of the first 20 of scoring everything, on some cameras."""
    cameras = max(1, min(site.cameras, round(site.cameras * _SAMPLED_READS / site.reads)))
    scope = site.scope(cameras)
    shares, losses = [], []
    for one in queries[: _SAMPLED_QUERIES * len(KINDS_ASKED)]:
        pattern = parse_pattern(one.query)
        full = whole.search(scope, pattern, K)
        found = narrow.search(scope, pattern, K)
        likely = [hit.llr for hit in full if hit.llr >= _LIKELY]
        # Of equals any will do, so what counts is how likely they are.
        near = [hit.llr for hit in found if hit.llr >= min(likely, default=0.0) - _SAME]
        shares += [float(place < len(near)) for place in range(len(likely))]
        losses += [one - other for one, other in zip(likely, near, strict=False)]
    return {
        "plates.narrowing.kept20": float(np.mean(shares)) if shares else 1.0,
        "plates.narrowing.lost_nats": float(np.mean(losses)) if losses else 0.0,
    }


# --- the run -------------------------------------------------------------------------------------


def measure(site: Site, folder: Path, noise: PlateNoise, queries: int) -> dict[str, float]:
    """All figures of one run in `folder`."""
    likelihood = PlateLikelihood(noise.confusion)
    root = folder / "plates"
    index = FilePlateIndex(root, writer=1, reserve_bytes=0, likelihood=likelihood)
    narrow = FilePlateIndex(root, likelihood=likelihood)
    whole = FilePlateIndex(root, likelihood=likelihood, effort=Effort(picked=site.reads))
    try:
        truth, figures = fill(site, noise, index)
        ready_to_answer()  # as `casetrace serve` does
        wanted = asked(site, truth, noise, queries)
        before = resident_bytes()
        figures |= search(site, index, truth, wanted)
        after = resident_bytes()
        figures |= {
            "plates.search.memory_mb": (after[0] - before[0]) / 1e6,
            "plates.search.anonymous_mb": (after[1] - before[1]) / 1e6,
            "plates.disk_bytes_per_read": _disk_bytes(folder) / site.reads,
        }
        figures |= kept(site, narrow, whole, wanted)
    finally:
        for one in (index, narrow, whole):
            one.close()
    return {**figures, **rivals(truth, wanted), "plates.reads": float(site.reads)}


def _disk_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def parsed() -> Namespace:
    usual = Site()
    parser = arguments(__doc__ or "")
    parser.add_argument("--reads", type=int, default=usual.reads)
    parser.add_argument("--cameras", type=int, default=usual.cameras)
    parser.add_argument("--hours", type=int, default=usual.hours)
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    parser.add_argument("--noise", type=Path, help="JSON, see `benchmarks.plate_noise`")
    parser.add_argument("--folder", type=Path, help="where to work; must not exist yet")
    return parser.parse_args()


def main() -> None:
    wanted = parsed()
    site = Site(wanted.reads, wanted.cameras, wanted.hours)
    folder = wanted.folder or Path(tempfile.mkdtemp(prefix="casetrace-plates-"))
    folder.mkdir(parents=True, exist_ok=wanted.folder is None)
    try:
        noise = load_plate_noise(wanted.noise, site.seed)
        figures = measure(site, folder, noise, wanted.queries)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report("plates", figures, into=wanted.json, packages=("scipy",))


if __name__ == "__main__":
    main()
