"""The city at scale, without pixels: tracklets, shots and vectors of all who pass its cameras.

Everything about a tracklet is a function of the population's seed and of who passed where and when,
so the same population comes in batches of any size. Only the subjects in town and the cameras are
kept in memory, however many tracklets come.
"""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from core.arrays import F32, F64, I32, I64
from core.clocks import DAY_NS, ns_of, parse_utc, s_of
from core.errors import InvalidInput
from core.ids import ids_at
from core.types import (
    Camera,
    CameraGraph,
    ClockCorrection,
    Embeddings,
    Family,
    TimeSpan,
    VectorRows,
)
from scenes.draws import Draws
from scenes.noise import Drawn, EmbeddingNoise, VectorDraws, load_noise
from scenes.roads import MAX_NODES, RoadGraph, camera_places, camera_roads, plan_roads
from scenes.splits import Split, rng_for
from scenes.tracklets import (
    FAMILY,
    Batch,
    Pieces,
    Rates,
    boxes_of,
    pieces_of,
    shots_of,
    views_of,
)
from scenes.travel import CLASSES, Passings, Town, Ways, town_of, ways_between

MAX_CAMERAS = 66_000
MAX_HOURS = 72.0
BATCH_ROWS = 4096
START_NS = parse_utc("2026-05-04T07:00:00+08:00")
BUNDLED_RATES = Path(__file__).with_name("rates.json")

EMBEDDED = {
    Family.PERSON: ("person",),
    Family.RIDER: ("person", "vehicle"),
    Family.VEHICLE: ("vehicle",),
}
"""Which embedders see a family, as `core.types.Family` says."""

STAGED = 1 << 40
"""Numbers of passings and subjects that no town gives out."""

_STREAM = 5001  # this module's random numbers
_JUNCTIONS_PER_CAMERA = 12  # a checkpoint every third of a kilometre, as far as the map allows
_FEWEST_JUNCTIONS = 49
_STEP_PASSINGS = 4096
_LONGEST_STEP_S = 60.0
_CLOCK_SIGMA_S = 0.05


@dataclass(frozen=True, slots=True)
class PopulationPlan:
    """What to make: so many cameras over so many hours, and how busy they are."""

    cameras: int = 4200
    hours: float = 2.0
    seed: int = 1
    split: Split = Split.TEST
    start_ns: int = START_NS
    passings_per_camera_hour: float = 150.0
    writer: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.cameras <= MAX_CAMERAS:
            raise InvalidInput(f"cameras: want 2 to {MAX_CAMERAS}, got {self.cameras}")
        if not 0 < self.hours <= MAX_HOURS:
            raise InvalidInput(f"hours: want more than 0, to {MAX_HOURS:g}, got {self.hours}")
        if not 0 < self.passings_per_camera_hour <= 5000:
            raise InvalidInput(
                f"passings: want more than 0, to 5000 an hour, got {self.passings_per_camera_hour}"
            )

    @property
    def span(self) -> TimeSpan:
        """From the start to the end, UTC; the last tracklets go on for some seconds."""
        return TimeSpan(self.start_ns, self.start_ns + ns_of(self.hours * 3600))


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """What is played in a town besides its own life, and which of its cameras are looked at.

    `passings` have numbers and subjects from `STAGED` on, which no others have; `riders` are
    subjects of theirs who are another one, mounted. `cameras` are rows, ascending.
    """

    passings: Passings
    cameras: I64
    riders: Mapping[int, int] = field(default_factory=dict)


class Population:
    """A planned population. `batches` gives it from the start, as often as asked, always the same.

    `noise` are the embedders by name (`person`, `vehicle`), `rates` what ingest does to passings.
    Camera ids count from 1; a camera's epoch has its number.
    """

    def __init__(
        self,
        plan: PopulationPlan,
        *,
        noise: Mapping[str, EmbeddingNoise] | None = None,
        rates: Rates | None = None,
    ) -> None:
        """Raises `InvalidInput` for a seed out of range."""
        self.plan = plan
        if noise is None:
            noise = {name: fitted.noise for name, fitted in load_noise().items()}
        self.noise = dict(noise)
        self.rates = rates or load_rates()
        self._staged: Staged | None = None
        self._vectors = self._vector_draws({})
        self._views = views_of(plan.cameras, self._rng(1))
        self._broken, self._paths, self._boxes = (self._draws(place) for place in (2, 3, 4))

    def staging(self, staged: Staged) -> "Population":
        """The same population with something played in it, seen by some of its cameras only."""
        other = copy.copy(self)
        other._staged = staged
        pairs = np.array(sorted(staged.riders.items()), np.int64).reshape(-1, 2)
        other._vectors = self._vector_draws(dict(_by_class(pairs).tolist()))
        return other

    # --- the town ---

    @cached_property
    def roads(self) -> RoadGraph:
        """Its streets."""
        junctions = max(_FEWEST_JUNCTIONS, _JUNCTIONS_PER_CAMERA * self.plan.cameras)
        nodes = min(junctions, MAX_NODES)
        return plan_roads(self.plan.seed, self.plan.split, nodes=nodes)

    @cached_property
    def ways(self) -> Ways:
        """The ways that its people take from camera to camera."""
        edges, distance_m = self._edges
        return ways_between(self._places_m, edges, distance_m.astype(np.float64))

    @cached_property
    def graph(self) -> CameraGraph:
        """The ways between its cameras."""
        edges, distance_m = self._edges
        return CameraGraph(np.arange(1, self.plan.cameras + 1), edges, distance_m)

    def cameras(self) -> list[Camera]:
        """The cameras, their clocks' errors known."""
        places = self.roads.to_lon_lat(self._places_m).tolist()
        offsets_s = [s_of(offset) for offset in self._views.offset_ns.tolist()]
        since_ns = self.plan.start_ns - DAY_NS
        return [
            Camera(
                number,
                f"checkpoint {number:05d}",
                (lon, lat),
                "checkpoint",
                clocks=(ClockCorrection(since_ns, offset_s, _CLOCK_SIGMA_S),),
            )
            for number, ((lon, lat), offset_s) in enumerate(
                zip(places, offsets_s, strict=True), start=1
            )
        ]

    # --- its tracklets ---

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[Batch]:
        """All tracklets in order of time, `rows` at once; the last batch has what is left."""
        if rows < 1:
            raise InvalidInput(f"rows: want 1 or more, got {rows}")
        last_ids = (0, 0)
        for pieces in self._rebatched(rows):
            batch = self._batch(pieces, last_ids)
            last_ids = int(batch.tracklet_ids[-1]), int(batch.shot_ids[-1])
            yield batch

    def vector_rows(self, batch: Batch) -> list[VectorRows]:
        """The vectors of a batch's shots, by family and embedder; none for an empty one."""
        found = []
        family = FAMILY[batch.class_id[batch.shot_of]]
        for place, one in enumerate(Family):
            rows = np.flatnonzero(family == place)
            found += [self._rows_of(batch, rows, one, name) for name in EMBEDDED[one] if len(rows)]
        return found

    def vectors(self, batch: Batch, shots: I64, embedder: str) -> F32:
        """The unit vectors of some shots (S,), rows of the batch's, by one embedder."""
        of = batch.shot_of[shots]
        drawn = Drawn(
            _by_class(batch.subjects[of]),
            batch.camera_ids[of],
            batch.passings[of],
            batch.shot_draws[shots],
        )
        return self._vectors[embedder].vectors(drawn)

    def probes(self, subjects: I64, embedder: str) -> F32:
        """What the embedder would make of pictures that somebody outside took of these, (N, D)."""
        outside = np.zeros(len(subjects), np.int64)
        unseen = -1 - np.arange(len(subjects))
        drawn = Drawn(_by_class(subjects), outside, unseen, unseen)
        return self._vectors[embedder].vectors(drawn)

    @cached_property
    def models(self) -> Mapping[str, str]:
        """The key of each embedder; never that of a real model, whose vectors these are not."""
        return {name: f"drawn-{name}@{_digest(one)}" for name, one in self.noise.items()}

    def kept(self, passings: Passings) -> Pieces:
        """What ingest makes of some passings: none of those that are missed."""
        return pieces_of(passings, self.rates, self._broken)

    # --- inside ---

    def _vector_draws(self, riders: Mapping[int, int]) -> dict[str, VectorDraws]:
        plan = self.plan
        return {
            name: VectorDraws(one, plan.seed, plan.split, model=place, riders=riders)
            for place, (name, one) in enumerate(sorted(self.noise.items()))
        }

    def _rows_of(self, batch: Batch, rows: I64, family: Family, name: str) -> VectorRows:
        of = batch.shot_of[rows]
        return VectorRows(
            family,
            Embeddings(self.models[name], batch.shot_ids[rows], self.vectors(batch, rows, name)),
            batch.tracklet_ids[of],
            batch.camera_ids[of],
            batch.device_ns[batch.shot_box[rows]],
        )

    def _batch(self, pieces: Pieces, last_ids: tuple[int, int]) -> Batch:
        plan = self.plan
        start_ns = plan.start_ns + np.rint(pieces.start_s * 1e9).astype(np.int64)
        boxes = boxes_of(pieces, self._views, (self._paths, self._boxes), plan.start_ns)
        first = self._vectors[min(self._vectors)]
        shots = shots_of(pieces, boxes, first)
        return Batch(
            tracklet_ids=ids_at(start_ns, plan.writer, after=last_ids[0]),
            camera_ids=pieces.camera + 1,
            class_id=(pieces.subject % CLASSES).astype(np.int32),
            subjects=pieces.subject,
            passings=pieces.passing,
            box_starts=boxes.starts,
            device_ns=boxes.device_ns,
            xyxy=boxes.xyxy,
            confidence=boxes.confidence,
            shot_ids=ids_at(start_ns[shots.of], plan.writer, after=last_ids[1]),
            shot_of=shots.of,
            shot_box=shots.box,
            shot_quality=shots.quality,
            shot_draws=shots.number,
        )

    def _rebatched(self, rows: int) -> Iterator[Pieces]:
        held: list[Pieces] = []
        count = 0
        for pieces in self._pieces():
            held.append(pieces)
            count += len(pieces)
            if count < rows:
                continue
            whole = Pieces.joined(held)
            full = count - count % rows
            for low in range(0, full, rows):
                yield whole[low : low + rows]
            held, count = [whole[full:]], count - full
        if count:
            yield Pieces.joined(held)

    def _pieces(self) -> Iterator[Pieces]:
        """All pieces by the time of their first box: a broken passing's rest begins later."""
        rest: list[Pieces] = []
        done_s = 0.0
        step_s = self._step_s
        for passings in self._town().steps(self.plan.hours * 3600, step_s=step_s):
            done_s += step_s
            if self._staged is not None:
                passings = _played(passings, self._staged, (done_s - step_s, done_s))
            pieces = Pieces.joined([*rest, self.kept(passings)])
            begun = pieces.start_s < done_s
            rest = [pieces[~begun]]
            yield pieces[begun].in_order()
        if rest:
            yield rest[0].in_order()

    def _town(self) -> Town:
        return town_of(self.ways, self._rng(5), passings_per_s=self._passings_per_s)

    @property
    def _passings_per_s(self) -> float:
        return self.plan.cameras * self.plan.passings_per_camera_hour / 3600

    @property
    def _step_s(self) -> float:
        return min(_STEP_PASSINGS / self._passings_per_s, _LONGEST_STEP_S)

    @cached_property
    def _edges(self) -> tuple[I32, F32]:
        return camera_roads(self.roads, *self._camera_places)

    @cached_property
    def _places_m(self) -> F64:
        return self.roads.at(*self._camera_places)

    @cached_property
    def _camera_places(self) -> tuple[I64, F64]:
        return camera_places(self.roads, self.plan.cameras, self._rng(0))

    def _rng(self, purpose: int) -> np.random.Generator:
        return rng_for(self.plan.seed, self.plan.split, _STREAM, purpose)

    def _draws(self, purpose: int) -> Draws:
        return Draws(self.plan.seed, self.plan.split, _STREAM, purpose)


def _played(passings: Passings, staged: Staged, step_s: tuple[float, float]) -> Passings:
    """Those of a step at the cameras that are looked at, with what is played in it."""
    low, high = step_s
    added = staged.passings[(staged.passings.at_s >= low) & (staged.passings.at_s < high)]
    both = Passings.joined([passings, added])
    seen = both[np.isin(both.camera, staged.cameras)]
    return seen[np.argsort(seen.at_s, kind="stable")]


def _by_class(subjects: I64) -> I64:
    """The same subjects numbered class by class."""
    serial, kind = np.divmod(subjects, CLASSES)
    return np.asarray(kind * (1 << 40) + serial)


def _digest(noise: EmbeddingNoise) -> str:
    content = json.dumps(asdict(noise), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def load_rates(path: Path = BUNDLED_RATES) -> Rates:
    """What ingest was measured to miss and to break. Raises `InvalidInput` for another file."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Rates(float(found["missed"]), float(found["broken"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(f"{path}: want the shares missed and broken: {error!r}") from error


def rates_of(labelled: int, covered: int, tracklets: int) -> Rates:
    """The rates by Laplace's rule, from how many labelled passings were covered by how many."""
    if not 0 <= covered <= labelled or tracklets < covered:
        raise InvalidInput(
            f"rates: want covered up to labelled, and tracklets from covered on, got "
            f"{covered} of {labelled} by {tracklets}"
        )
    broken = (tracklets - covered + 1) / (covered + 2)
    return Rates((labelled - covered + 1) / (labelled + 2), min(broken, 1.0))
