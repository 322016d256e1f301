"""Searches in a county's index: within a scope of millions, and through the reading door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np

from cases.answers import VectorQuery, VectorSearch
from cases.audit import AuditLog
from cases.authority import DEFAULT_LIMITS
from cases.reading import ReadingDoor
from core.arrays import F32, I64, Bool
from core.clocks import DAY_NS, HOUR_NS
from core.protocols import Footage
from core.types import Account, CameraSpan, Case, CaseState, Family, Role, Scope, TimeSpan
from index.faiss_index import FaissIndex
from index.footage import FileFootageStore
from index.plates.files import FilePlateIndex
from index.probes import FileProbeStore
from index.rows.store import SqlStore
from index.shots import PackShotStore
from scenes.population import Population
from scenes.tracklets import Batch

K = 50
FAMILY = Family.VEHICLE
EMBEDDER = "vehicle"
_WARM_UP = 10
_SEED = 20260504


class Sample:
    """How many vectors each camera has, (C + 1,), and a vehicle of every batch to look for."""

    def __init__(self, cameras: int) -> None:
        self.rows = np.zeros(cameras + 1, np.int64)
        self.subjects: list[int] = []

    def take(self, batch: Batch, wanted: Bool) -> None:
        """Count the batch's wanted shots (S,)."""
        of = batch.shot_of[wanted]
        self.rows += np.bincount(batch.camera_ids[of], minlength=len(self.rows))
        self.subjects += batch.subjects[of[:: max(1, len(of) // 4)]].tolist()


class Asked:
    """What is searched for: probes (Q, D) of subjects (Q,) who are there, and the truth."""

    def __init__(self, population: Population, sample: Sample, truth: I64, queries: int) -> None:
        rng = np.random.default_rng(_SEED)
        known = np.unique(sample.subjects)
        self.rng = rng
        self.subjects = known[rng.integers(0, len(known), queries + _WARM_UP)]
        self.probes = population.probes(self.subjects, EMBEDDER)
        self.model = population.models[EMBEDDER]
        self.rows = sample.rows
        margin_ns = HOUR_NS // 2
        span = population.plan.span
        self.span = TimeSpan(span.start_ns - margin_ns, span.end_ns + margin_ns)
        self._truth = truth

    def grants(self, cameras: Sequence[int]) -> tuple[CameraSpan, ...]:
        """The whole time of these cameras."""
        return tuple(CameraSpan(camera, self.span) for camera in sorted(cameras))

    def held(self, cameras: Sequence[int]) -> int:
        """How many vectors these cameras have."""
        return int(self.rows[list(cameras)].sum())

    def found(self, query: int, tracklets: I64) -> bool:
        """Whether one of these is truly of the query's subject."""
        place = np.searchsorted(self._truth[:, 0], tracklets[tracklets >= 0])
        return bool((self._truth[place, 1] == self.subjects[query]).any())


@dataclass(frozen=True, slots=True)
class Timed:
    """What the searches took, and in how many the subject was among the first."""

    took_ms: list[float]
    found: float

    def figures(self, prefix: str) -> dict[str, float]:
        return {
            f"{prefix}.p50_ms": float(np.percentile(self.took_ms, 50)),
            f"{prefix}.p95_ms": float(np.percentile(self.took_ms, 95)),
            f"{prefix}.found": self.found,
        }


def timed(asked: Asked, search: Callable[[F32], I64]) -> Timed:
    """One search per probe, the first ones only to bring the files into memory."""
    took, found = [], []
    for query in range(len(asked.subjects)):
        began = perf_counter()
        tracklets = search(asked.probes[query : query + 1])
        took.append((perf_counter() - began) * 1e3)
        found.append(asked.found(query, tracklets))
    return Timed(took[_WARM_UP:], float(np.mean(found[_WARM_UP:])))


def search_scope(index: FaissIndex, asked: Asked, rows: int) -> dict[str, float]:
    """Figures of the bare index within a scope of about so many vectors, or of all."""
    order = 1 + asked.rng.permutation(len(asked.rows) - 1)
    enough = int(np.searchsorted(np.cumsum(asked.rows[order]), rows)) + 1
    cameras = order[:enough].tolist()
    scope = Scope(1, 1, 1, asked.grants(cameras), asked.span.end_ns + DAY_NS)

    def search(probe: F32) -> I64:
        hits = index.search(scope, FAMILY, asked.model, probe, K)
        return np.asarray(hits.ids[0])

    prefix = "population.search_2m"
    shape = {f"{prefix}.rows": asked.held(cameras), f"{prefix}.cameras": len(cameras)}
    return shape | timed(asked, search).figures(prefix)


def search_door(index: FaissIndex, store: SqlStore, asked: Asked, folder: Path) -> dict[str, float]:
    """Figures of the reading door, its audit entry durable, in the largest case there may be."""
    busiest = 1 + np.argsort(-asked.rows[1:], kind="stable")
    cameras = busiest[: DEFAULT_LIMITS.max_cameras].tolist()
    now_ns = asked.span.end_ns + HOUR_NS
    door = ReadingDoor(
        store,
        index,
        PackShotStore(folder / "shots"),
        FileFootageStore(folder / "footage"),
        FileProbeStore(folder / "probes"),
        cast(Footage, None),  # no search opens any
        AuditLog(store.audit, lambda: now_ns),
        lambda: now_ns,
        plates=FilePlateIndex(folder / "plates"),
    )
    actor = Account(1, "bench", "Bench", "", frozenset({Role.INVESTIGATOR}), "")
    store.accounts.put(actor)
    store.cases.put(_case(asked, cameras, now_ns))

    def search(probe: F32) -> I64:
        query = VectorQuery(FAMILY, asked.model, probe, (1,))
        (hits,) = door.search(actor, 1, VectorSearch(1, (query,), K)).hits
        return np.asarray(hits.ids[0])

    prefix = "population.door"
    shape = {f"{prefix}.rows": asked.held(cameras), f"{prefix}.cameras": len(cameras)}
    return shape | timed(asked, search).figures(prefix)


def _case(asked: Asked, cameras: Sequence[int], now_ns: int) -> Case:
    return Case(
        case_id=1,
        version=1,
        state=CaseState.ACTIVE,
        reference="bench-1",
        offence="theft",
        legal_basis="benchmark on drawn vectors",
        purpose="how long a search takes",
        requester=1,
        members=frozenset(),
        approver=2,
        opened_ns=asked.span.start_ns,
        decided_ns=asked.span.start_ns,
        expires_ns=now_ns + DAY_NS,
        grants=asked.grants(cameras),
    )
