"""A town with a theft in it, kept by an installation as ingest would keep it, and the truth beside.

Only the cameras that a case may look at are made: those nearest to the scene by road, each from the
moment at which somebody could have come there.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.drill_flight import Flight, numbered_from, plan_flight
from benchmarks.population import activity_of, epoch_of
from cases.transit import DEFAULT_SPEEDS
from core.arrays import F32, F64, I64, U8
from core.clocks import HOUR_NS, ns_of, parse_utc
from core.errors import ModelMissing
from core.protocols import Calibration, Embedder, VectorIndex
from core.runtime.catalogue import BUNDLED
from core.types import CameraSpan, Family, Link, ModelSpec, Shot, TimeSpan, Tracklet
from index.rows.store import SqlStore
from pipeline.build import open_kept
from pipeline.people import People, make_people
from pipeline.prober import Embedders, EmbeddingProber
from pipeline.service import Service, open_service
from pipeline.settings import FILE_NAME, checked_settings
from reid.calibration import load_calibration
from reid.fitting import fit_calibration
from scenes.noise import Drawn, VectorDraws, load_noise
from scenes.population import EMBEDDED, STAGED, Population, PopulationPlan, Staged
from scenes.splits import Split, rng_for
from scenes.tracklets import SHOTS, Batch
from scenes.travel import Ways

START_NS = parse_utc("2026-05-04T07:53:00+08:00")
THEFT_S = 120.0
"""The theft is two minutes after the population's start: 07:55."""

MOST_CAMERAS = 500
FIRST_SEED = 5000

LINKED = 2 / 7
"""How often the tracker links a change of carrier in view: 1 of 5 on the filmed cities of seeds
1000 to 1004, by Laplace's rule of succession."""

_BEFORE_S = 60.0  # what the case may look at before the theft
_STREAM = 5101  # this module's random numbers
_WRITER = 1000  # the last numbers that an installation hands out
_SCENES = 0.2  # share of the cameras, those nearest to the middle, where a theft may be
_TRIES = 1000
_SUBJECTS = 2000  # that a calibration is fitted on

Part = tuple[Tracklet, list[Shot]]


@dataclass(frozen=True, slots=True)
class TownPlan:
    """How large the town, how long the search; `links` is how often a change of carrier in view is
    linked by the tracker. Looks are calibrated to anybody of such towns, as whoever has cameras
    fits them to his own; without an `own_calibration` as the bundled embedders are."""

    seed: int = FIRST_SEED
    cameras: int = 4200
    hours: float = 2.0
    links: float = LINKED
    own_calibration: bool = True
    passings_per_camera_hour: float = 150.0
    scope_cameras: int = MOST_CAMERAS

    @property
    def population(self) -> PopulationPlan:
        return PopulationPlan(
            self.cameras,
            self.hours,
            self.seed,
            start_ns=START_NS,
            passings_per_camera_hour=self.passings_per_camera_hour,
            writer=_WRITER,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The truth: what the thief's passings are, and which tracklet shows which of them.

    `stop_of` gives, by tracklet, the row in `flight.passings`. `linked` counts the changes of
    carrier that the tracker linked.
    """

    flight: Flight
    scene_id: int  # the tracklet of the theft itself
    stop_of: Mapping[int, int]
    linked: int

    @property
    def stops(self) -> list[int]:
        """Rows of the passings that are to be found, in order of time."""
        return sorted(set(self.stop_of.values()))


@dataclass(frozen=True, slots=True, eq=False)
class TheftTown:
    """A town in which a theft is played, not yet made."""

    plan: TownPlan
    population: Population
    flight: Flight
    scope: tuple[CameraSpan, ...]

    @property
    def camera_ids(self) -> I64:
        return np.array([one.camera_id for one in self.scope], np.int64)


def plan_town(plan: TownPlan) -> TheftTown:
    """The town of a seed, always the same."""
    population = Population(plan.population)
    rng = rng_for(plan.seed, Split.TEST, _STREAM, 0)
    scene = _scene(population.ways, rng)
    flight = plan_flight(population.ways, scene, rng, at_s=THEFT_S)
    flight = _seen_at_the_scene(population, flight)
    scope = scope_of(population, scene, plan.scope_cameras)
    rows = np.array([one.camera_id - 1 for one in scope], np.int64)
    staged = Staged(flight.passings, rows, flight.riders)
    return TheftTown(plan, population.staging(staged), flight, scope)


def _scene(ways: Ways, rng: np.random.Generator) -> int:
    off_m = np.linalg.norm(ways.places_m - ways.places_m.mean(axis=0), axis=1)
    central = np.argsort(off_m, kind="stable")[: max(3, int(_SCENES * len(ways)))]
    return int(rng.choice(central))


def _seen_at_the_scene(population: Population, flight: Flight) -> Flight:
    """The same with numbers under which ingest does not miss the theft: the case starts there."""
    for attempt in range(_TRIES):
        passings = numbered_from(flight.passings, STAGED + attempt * len(flight.passings))
        if int(passings.number[0]) in population.kept(passings).passing:
            return replace(flight, passings=passings)
    raise AssertionError("a passing that is always missed")


def scope_of(population: Population, scene: int, cameras: int) -> tuple[CameraSpan, ...]:
    """What an investigator asks for: the nearest cameras by road, each from when the fastest car
    could have come there, to the end."""
    span = population.plan.span
    metres = _road_m(population.ways, scene)
    nearest = np.sort(np.argsort(metres, kind="stable")[:cameras])
    fastest_mps = DEFAULT_SPEEDS[Family.VEHICLE].fast_mps
    since_s = THEFT_S - _BEFORE_S + metres[nearest] / fastest_mps
    return tuple(
        CameraSpan(row + 1, TimeSpan(span.start_ns + ns_of(first_s), span.end_ns))
        for row, first_s in zip(nearest.tolist(), since_s.tolist(), strict=True)
        if np.isfinite(first_s) and first_s < population.plan.hours * 3600
    )


def _road_m(ways: Ways, start: int) -> F64:
    rows, columns = np.nonzero(ways.neighbours >= 0)
    ends = ways.neighbours[rows, columns]
    graph = csr_array((ways.distance_m[rows, columns], (rows, ends)), shape=(len(ways),) * 2)
    return np.asarray(dijkstra(graph, indices=[start])[0], np.float64)


# --- as ingest would keep it ---------------------------------------------------------------------


@dataclass
class _Keeper:
    """Puts batches where ingest does, the thief's own tracklets last, with their links."""

    town: TheftTown
    store: SqlStore
    vectors: VectorIndex
    tracklets: int = 0
    held: list[Part] = field(default_factory=list)
    stop_of: dict[int, int] = field(default_factory=dict)

    def keep(self, batch: Batch) -> None:
        for rows in self.town.population.vector_rows(batch):
            self.vectors.add(rows)
        parts = batch.parts()
        thief = np.flatnonzero(np.isin(batch.subjects, self.town.flight.subjects))
        first = int(self.town.flight.passings.number[0])
        for row in thief.tolist():
            self.stop_of[int(batch.tracklet_ids[row])] = int(batch.passings[row]) - first
            self.held.append(parts[row])
        mine = set(thief.tolist())
        self.store.tracks.put_parts([p for row, p in enumerate(parts) if row not in mine])
        self.tracklets += len(batch)

    def told(self) -> Told:
        """All is kept; the truth about it."""
        linked = self._linked()
        self.store.tracks.put_parts(self.held)
        scene_id = min(self.stop_of, key=lambda i: (self.stop_of[i], i))
        return Told(self.town.flight, scene_id, self.stop_of, linked)

    def _linked(self) -> int:
        """Ties the tracklets of a change, as often as the tracker does."""
        rng = rng_for(self.town.plan.seed, Split.TEST, _STREAM, 1)
        places = self.town.flight.passings
        count = 0
        for change in self.town.flight.changes:
            after = int(np.searchsorted(places.at_s, change.at_s))
            on_foot, mounted = (after - 1, after) if change.kind == "mounts" else (after, after - 1)
            chance = rng.random()
            if chance < self.town.plan.links and self._tie(change.kind, on_foot, mounted):
                count += 1
        return count

    def _tie(self, kind: str, on_foot: int, mounted: int) -> bool:
        """A link on the person's tracklet next to the moment, if both were seen."""
        persons, others = self._of_stop(on_foot), self._of_stop(mounted)
        if not persons or not others:
            return False
        last = kind == "mounts"
        place = persons[-1 if last else 0]
        tracklet, shots = self.held[place]
        other = self.held[others[0 if last else -1]][0]
        at_ns = int(tracklet.device_ns[-1 if last else 0])
        link = Link(kind, other.tracklet_id, at_ns)
        self.held[place] = (replace(tracklet, links=(link,)), shots)
        return True

    def _of_stop(self, stop: int) -> list[int]:
        """Places of its tracklets in `held`, by time."""
        mine = [
            place
            for place, (tracklet, _) in enumerate(self.held)
            if self.stop_of[tracklet.tracklet_id] == stop
        ]
        return sorted(mine, key=lambda place: self.held[place][0].span.start_ns)


def load(town: TheftTown, store: SqlStore, vectors: VectorIndex) -> tuple[Told, int]:
    """Everything of the town into the stores of an installation; the truth, and how many
    tracklets there are."""
    _put_cameras(town, store)
    keeper = _Keeper(town, store, vectors)
    for batch in town.population.batches():
        keeper.keep(batch)
    vectors.seal(town.population.plan.span.end_ns + HOUR_NS)
    return keeper.told(), keeper.tracklets


def _put_cameras(town: TheftTown, store: SqlStore) -> None:
    span = town.population.plan.span
    store.cameras.put_all(town.population.cameras())
    store.cameras.put_graph(town.population.graph)
    looked_at = town.camera_ids.tolist()
    store.tracks.put_epochs([epoch_of(one, span) for one in looked_at])
    store.tracks.put_activity([activity_of(one, span) for one in looked_at])


# --- the installation ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DrawnEmbedder:
    """An embedder of which only vectors are known, none of its pictures."""

    spec: ModelSpec

    def embed(self, crops: U8) -> F32:
        raise ModelMissing(f"{self.spec.name}: draws vectors, and sees no pictures")


def drawn_embedders(population: Population) -> Embedders:
    """By family, as an installation with the bundled models has them."""
    by_name: dict[str, Embedder] = {
        name: DrawnEmbedder(_spec(name, key, population.noise[name].dim))
        for name, key in population.models.items()
    }
    return {family: [by_name[name] for name in names] for family, names in EMBEDDED.items()}


def _spec(family: str, key: str, dim: int) -> ModelSpec:
    name, _, digest = key.partition("@")
    pixels = ((64, 64), "NCHW", "RGB", 1.0, (0.0,) * 3, (1.0,) * 3)
    return ModelSpec(name, "1", digest, "none", "embed", family, "", *pixels, dim=dim)  # type: ignore[arg-type]


def own_calibrations(population: Population) -> dict[str, Calibration]:
    """Calibrations to anybody of the town, by drawn subjects who are in none of the tests: one
    picture against the best shot of another passing, as the bundled ones are fitted too."""
    found: dict[str, Calibration] = {}
    for place, (name, noise) in enumerate(sorted(population.noise.items())):
        draws = VectorDraws(noise, population.plan.seed, Split.CALIBRATE, model=place)
        same, different = _drawn_pairs(draws)
        found[population.models[name]] = fit_calibration(
            same,
            different,
            model=population.models[name],
            subjects=_SUBJECTS,
            fitted_on="pairs of drawn subjects, each different one anybody",
            at_ns=START_NS,
            method="isotonic",
        )
    return found


def _drawn_pairs(draws: VectorDraws) -> tuple[F64, F64]:
    """Cosines of one subject's passings, and of strangers' ones."""
    who = np.arange(_SUBJECTS)
    asked = draws.vectors(Drawn(who, 2 * who, 2 * who, SHOTS * (2 * who)))
    shots = np.stack(
        [
            draws.vectors(Drawn(who, 2 * who + 1, 2 * who + 1, SHOTS * (2 * who + 1) + place))
            for place in range(SHOTS)
        ]
    )
    products = np.max(shots @ asked.T, axis=0).astype(np.float64)
    same = np.eye(_SUBJECTS, dtype=np.bool_)
    return products[same], products[~same]


def bundled_calibrations(population: Population) -> dict[str, Calibration]:
    """The bundled calibrations to anybody of the very embedders that the noise was fitted to."""
    fitted = load_noise()
    found: dict[str, Calibration] = {}
    for name, key in population.models.items():
        model = fitted[name].model
        path = BUNDLED / f"{model.partition('@')[0]}.anybody.json"
        found[key] = replace(load_calibration(path, model), model=key)
    return found


@dataclass(frozen=True)
class DrawnService(Service):
    """An installation whose embedders are a population's."""

    population: Population | None = None
    calibrated: Mapping[str, Calibration] = field(default_factory=dict)

    @cached_property
    def prober(self) -> EmbeddingProber:
        assert self.population is not None
        embedders = drawn_embedders(self.population)
        return EmbeddingProber(lambda: embedders)

    @cached_property
    def calibrations(self) -> Mapping[str, Calibration]:
        return self.calibrated

    @cached_property
    def calibrations_to_anybody(self) -> Mapping[str, Calibration]:
        return self.calibrated


@dataclass(frozen=True, slots=True, eq=False)
class KeptTown:
    """The town in an installation, with the people who work there."""

    town: TheftTown
    told: Told
    tracklets: int
    service: Service
    people: People


@contextmanager
def opened_town(town: TheftTown) -> Iterator[KeptTown]:
    """The town made and kept in a scratch folder, deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="casetrace-drill-"))
    try:
        (folder / FILE_NAME).write_text("")
        settings = checked_settings("benchmark", {"data_dir": folder})
        store = SqlStore.open(settings.url)
        kept = open_kept(settings, writer=_WRITER, store=store)
        try:
            told, tracklets = load(town, store, kept.vectors)
        finally:
            kept.close()
        opened = open_service(settings)
        calibrated = own_calibrations if town.plan.own_calibration else bundled_calibrations
        service = DrawnService(
            opened.settings,
            opened.kept,
            opened.ids,
            opened.leases,
            opened.now,
            town.population,
            calibrated(town.population),
        )
        try:
            yield KeptTown(town, told, tracklets, service, make_people(service))
        finally:
            service.close()
    finally:
        shutil.rmtree(folder)
