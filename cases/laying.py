"""Ways laid through what an index and a case know: candidates, anchors and fixed points as a pool.

Everything here is arithmetic on rows that were read; nothing is read and nobody is asked.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from cases.answers import Passage
from cases.belief import Likeness, pushed_away
from cases.crowd import Crowd
from cases.hops import CHANGES, FAMILIES, HopModel, Pool, gains, joined
from cases.network import SEEN_AGAIN, CameraNetwork, ShortestWays, network_of, shortest_ways
from cases.traveltime import TravelTimes
from cases.ways import BestWays, Lattice, all_ways, best_ways, chances
from core.arrays import F64, I64, Bool
from core.clocks import NS
from core.types import Camera, CameraGraph, CameraSpan, Coverage, Family, Pruned, SpeedPrior

T = TypeVar("T")

MISSED = 0.0625
"""The share of passings that leave no tracklet: measured, see `scenes/rates.json`."""

UNLIKE = 0.25
"""The share of those left that nobody can tell by their looks: from behind, in the dark, in a car.
Own assumption; persons are first in another camera in 0.76 of queries."""

IN_SCOPE = 0.5
"""The chance that the subject was seen in the scope at all, where nothing is confirmed yet."""

MAX_POOL = 900
"""Candidates that ways are laid through; the square of it is computed."""

K_WAYS = 5

MAX_NEAR = 600
"""Tracklets whose looks are compared because place and time speak for them."""

_NEAR_S = (-5.0, 60.0)  # of a fixed point's end: who got onto what there
_MOST_FIXED = 200


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where and when (UTC) a probe was taken from a picture, no tracklet being known for it."""

    camera_id: int
    at_ns: int
    family: Family


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What people said: tracklets on the way, tracklets that are not, and anchors."""

    fixed: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    anchors: tuple[Anchor, ...] = ()
    families: frozenset[Family] = frozenset()  # of the probes
    links: Mapping[tuple[int, int], str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What looks and plates say. `plate` are nats by tracklet, `refused` those of looking like who
    was rejected. `asked` are families that the looks were compared with."""

    looks: Likeness
    plate: Mapping[int, float]
    refused: Mapping[int, float]
    asked: frozenset[Family]


@dataclass(frozen=True, eq=False)
class Laid:
    """A pool with its lattice, the chance (M,) of each candidate, and the best ways.

    `appearance` (M,) are nats after what was rejected, NaN where nothing was compared.
    """

    pool: Pool
    lattice: Lattice
    chance: F64
    ways: BestWays
    appearance: F64
    everybody: "Everybody"
    pruned: Pruned

    @property
    def network(self) -> CameraNetwork:
        """The scope's."""
        return self.everybody.network

    @cached_property
    def hops(self) -> F64:
        """Nats (H,) of the hops of the best way, as ratios: not shared out as in a lattice."""
        chain = self.pool.taken(np.array(self.ways.best, np.int64))
        return np.asarray(self.everybody.ratios(chain).diagonal(1), np.float64)

    @cached_property
    def row_of(self) -> dict[int, int]:
        """Rows of the pool by tracklet."""
        return {int(i): row for row, i in enumerate(self.pool.tracklet_ids)}


class Networks:
    """The ways and networks of the last few scopes: one case asks for the same again and again.

    Ways of 500 cameras take some 50 MB.
    """

    def __init__(self, most: int = 4) -> None:
        self._ways = _LastOf[ShortestWays](most)
        self._networks = _LastOf[CameraNetwork](2 * most)

    def ways(self, graph: CameraGraph, cameras: Mapping[int, Camera]) -> ShortestWays:
        """As `shortest_ways`; of equal roads and cameras those that were found before."""
        return self._ways.of(_key(graph, cameras), lambda: shortest_ways(graph, cameras))

    def of(self, graph: CameraGraph, passage: Passage, coverage: Coverage) -> CameraNetwork:
        """As `network_of`; of equal roads, cameras and coverage the one that was made before."""
        cameras = passage.cameras
        unseen = unseen_of(passage.asked, coverage)
        key = hash((_key(graph, cameras), *(round(unseen[i], 3) for i in sorted(cameras))))
        return self._networks.of(key, lambda: network_of(self.ways(graph, cameras), unseen))


def _key(graph: CameraGraph, cameras: Mapping[int, Camera]) -> int:
    arrays = (graph.camera_ids, graph.edges, graph.distance_m)
    places = ((i, cameras[i].lon_lat_deg) for i in sorted(cameras))
    return hash((*places, *(array.tobytes() for array in arrays)))


class _LastOf(Generic[T]):
    """The last few things of a kind by key; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[int, T] = {}
        self._lock = Lock()

    def of(self, key: int, make: Callable[[], T]) -> T:
        with self._lock:
            known = self._kept.pop(key, None)
        known = known or make()
        with self._lock:
            self._kept[key] = known
            while len(self._kept) > self._most:
                self._kept.pop(next(iter(self._kept)))
        return known


def unseen_of(asked: Iterable[CameraSpan], coverage: Coverage) -> dict[int, float]:
    """Each camera's chance to miss who comes by: as measured, and all that was not searched."""
    asked_s: dict[int, float] = defaultdict(float)
    lost_s: dict[int, float] = defaultdict(float)
    for part in asked:
        asked_s[part.camera_id] += part.span.duration_s
    for part, _ in coverage.missing:
        lost_s[part.camera_id] += part.span.duration_s
    shares = {i: min(1.0, lost_s[i] / whole_s) for i, whole_s in asked_s.items()}
    told = (1 - MISSED) * (1 - UNLIKE)
    return {i: 1 - told * (1 - share) for i, share in shares.items()}


def laid(everybody: "Everybody", evidence: Evidence) -> Laid:
    """Ways through the likeliest of all that was read, and what each candidate's chance is."""
    known = everybody.known
    ids, families = everybody.pool.tracklet_ids, everybody.pool.families
    own, appearance = _own(ids, families, evidence)
    every = replace(everybody.pool, own=own, fixed=_among(ids, known.fixed))
    allowed = ~_among(ids, known.rejected)
    linked = _among(ids, (i for pair in (known.links or {}) for i in pair))
    always = allowed & (every.fixed | linked | _near(every))
    brought = np.flatnonzero(allowed & ~always & _brought(every, evidence))
    rows = _most_likely(every, brought, np.flatnonzero(always), everybody.fit)
    anchors = _anchor_rows(known.anchors, everybody)
    pool, order = _ordered((every.taken(rows), anchors))
    model = everybody.model
    lattice = everybody.lattice(pool)
    ways = best_ways(lattice, K_WAYS)
    left = allowed.copy()
    left[rows] = False
    pruned = _pruned(model, every, np.flatnonzero(left), (pool, ways), _bounds(families, evidence))
    looks = np.r_[appearance[rows], np.full(len(anchors), np.nan)][order]
    return Laid(pool, lattice, _chances(lattice), ways, looks, everybody, pruned)


# --- the pool -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Everybody:
    """Who passed in a scope, and what people said of some of them; `speeds` by family."""

    crowd: Crowd
    network: CameraNetwork
    known: Known
    speeds: Mapping[str, SpeedPrior]

    @property
    def pool(self) -> Pool:
        """All passings without evidence, in the order of their UTC."""
        return self.crowd.pool

    def explains(self, anchor: Anchor, row: int) -> bool:
        """Whether a fixed tracklet was in that view at that time: then that is whom it shows."""
        pool, at_s = self.pool, (anchor.at_ns - self.crowd.origin_ns) / NS
        there = (pool.camera_rows == row) & (pool.start_s <= at_s) & (pool.end_s >= at_s)
        return bool((there & _among(pool.tracklet_ids, self.known.fixed)).any())

    @cached_property
    def model(self) -> HopModel:
        """Hops between them, over the time from the first to the last."""
        pool = self.pool
        window_s = float(pool.end_s.max() - pool.start_s.min()) if len(pool) else 1.0
        return HopModel(self.network, TravelTimes(self.speeds), window_s)

    def ratios(self, pool: Pool) -> F64:
        """Nats (M, M) of the hops between some of them."""
        return self.model.ratios(pool, self.known.links or {})

    def lattice(self, pool: Pool, ratios: F64 | None = None) -> Lattice:
        """The lattice of some of them, with what is known of links and families; `ratios` are those
        of their hops, if known already."""
        if ratios is None:
            ratios = self.ratios(pool)
        return self.model.lattice(pool, expected=_expected(self.known), ratios=ratios)

    @cached_property
    def fit(self) -> F64:
        """Nats (N,) of each one's place and time among fixed points; zeros if there are none."""
        chosen = _among(self.pool.tracklet_ids, self.known.fixed)
        chain, _ = _ordered((self.pool.taken(chosen), _anchor_rows(self.known.anchors, self)))
        return gains(self.model, chain, self.pool) if len(chain) else np.zeros(len(self.pool))

    def near(self, families: frozenset[Family]) -> dict[Family, tuple[int, ...]]:
        """Tracklets of these families that fit best among the fixed points by place and time.

        `MAX_NEAR` at most; none where nothing is fixed.
        """
        pool, known = self.pool, self.known
        if not known.fixed and not known.anchors:
            return {}
        wanted = np.array([family in families for family in FAMILIES])[pool.families]
        rows = np.flatnonzero(wanted & ~_among(pool.tracklet_ids, known.fixed))
        best = rows[np.argsort(-self.fit[rows], kind="stable")[:MAX_NEAR]]
        ids, kinds = pool.tracklet_ids[best], pool.families[best]
        return {
            family: tuple(ids[kinds == number].tolist())
            for number, family in enumerate(FAMILIES)
            if (kinds == number).any()
        }


def _own(ids: I64, families: I64, evidence: Evidence) -> tuple[F64, F64]:
    """Nats (N,) of looks and plate together, and of looks alone (NaN: not compared)."""
    looks = evidence.looks
    place = np.searchsorted(looks.tracklet_ids, ids)
    place = np.minimum(place, max(len(looks) - 1, 0))
    hit = looks.tracklet_ids[place] == ids if len(looks) else np.zeros(len(ids), np.bool_)
    compared = np.array([family in evidence.asked for family in FAMILIES])[families]
    appearance = np.full(len(ids), np.nan)
    appearance[compared] = _stated(evidence.looks)
    if len(looks):
        appearance[hit] = looks.llr[place[hit]]
    refused = _looked_up(evidence.refused, ids, -np.inf)
    appearance = np.where(np.isnan(appearance), np.nan, pushed_away(appearance, refused))
    plate = _looked_up(evidence.plate, ids, 0.0)
    return np.nan_to_num(appearance, nan=0.0) + plate, appearance


def _among(ids: I64, wanted: Iterable[int]) -> Bool:
    """Which of many ids (N,) are among a few."""
    keys = np.unique(np.fromiter(wanted, np.int64))
    if not len(keys):
        return np.zeros(len(ids), np.bool_)
    place = np.minimum(np.searchsorted(keys, ids), len(keys) - 1)
    return np.asarray(keys[place] == ids, np.bool_)


def _looked_up(known: Mapping[int, float], ids: I64, otherwise: float) -> F64:
    """What is known of each id (N,)."""
    found = np.full(len(ids), otherwise)
    if known:
        keys = np.array(sorted(known), np.int64)
        values = np.array([known[key] for key in keys.tolist()])
        place = np.minimum(np.searchsorted(keys, ids), len(keys) - 1)
        hit = keys[place] == ids
        found[hit] = values[place[hit]]
    return found


def _stated(looks: Likeness) -> float:
    """What looks count for one that they did not bring up; as `cases.plates` states it."""
    return min(0.0, looks.least) if math.isfinite(looks.least) else 0.0


def _bounds(families: I64, evidence: Evidence) -> F64:
    """The most (N,) that somebody may look alike who was not brought up."""
    compared = np.array([family in evidence.asked for family in FAMILIES])[families]
    least = evidence.looks.least if math.isfinite(evidence.looks.least) else 0.0
    return np.where(compared & evidence.looks.calibrated, least, 0.0)


def _brought(every: Pool, evidence: Evidence) -> Bool:
    """What was brought up by its looks or its plate."""
    brought = _among(every.tracklet_ids, evidence.plate)
    if evidence.looks.calibrated:
        brought |= _among(every.tracklet_ids, evidence.looks.tracklet_ids.tolist())
    return brought


def _near(every: Pool) -> Bool:
    """Those that began in a fixed one's view about when it ended: who got onto what there."""
    near = np.zeros(len(every), np.bool_)
    for row in np.flatnonzero(every.fixed)[:_MOST_FIXED]:
        since_s = every.start_s - every.end_s[row]
        here = every.camera_rows == every.camera_rows[row]
        near |= here & (since_s >= _NEAR_S[0]) & (since_s <= _NEAR_S[1])
    return near


def _most_likely(every: Pool, brought: I64, always: I64, fit: F64) -> I64:
    """`always`, and the best of `brought` by their own evidence: half of them where few pass, the
    other half where and when they `fit` (N,) among the fixed points. In order of time."""
    room = max(MAX_POOL - len(always), 0)
    if len(brought) > room:
        own = every.own[brought]
        alone, fitting = own - np.log(every.rate[brought]), own + fit[brought]
        first = brought[np.argsort(-alone, kind="stable")[: room // 2]]
        second = brought[np.argsort(-fitting, kind="stable")]
        brought = np.r_[first, np.setdiff1d(second, first, assume_unique=True)][:room]
    return np.union1d(brought, always)


def _anchor_rows(anchors: Iterable[Anchor], every: "Everybody") -> Pool:
    """Anchors in the scope as rows of a pool: fixed, without a tracklet."""
    found = [
        (anchor, int(row))
        for anchor in anchors
        for row in every.network.row_of(np.array([anchor.camera_id]))
        if row >= 0 and not every.explains(anchor, int(row))
    ]
    count = len(found)
    rows = np.array([row for _, row in found], np.int64)
    families = np.array([FAMILIES.index(anchor.family) for anchor, _ in found], np.int64)
    at_s = np.array(
        [(anchor.at_ns - every.crowd.origin_ns) / NS for anchor, _ in found], np.float64
    )
    return Pool(
        -1 - np.arange(count),
        rows,
        families,
        at_s,
        at_s,
        every.crowd.sigma_s[rows],
        every.crowd.rates(rows, families, at_s),
        np.zeros(count),
        np.ones(count, np.bool_),
    )


def _ordered(parts: Sequence[Pool]) -> tuple[Pool, I64]:
    """All rows by their start, and where each stood in the parts put one after another."""
    whole = joined(parts)
    order = np.lexsort((whole.tracklet_ids, whole.end_s, whole.start_s))
    return whole.taken(order), order


# --- what is said of them -----------------------------------------------------------------------


def _expected(known: Known) -> dict[Family, float] | None:
    """How likely the subject is of each family where it is seen first."""
    if not known.families:
        return None
    others = len(FAMILIES) - len(known.families)
    rare = 2 * CHANGES / max(others, 1)
    usual = (1 - (2 * CHANGES if others else 0.0)) / len(known.families)
    return {family: usual if family in known.families else rare for family in FAMILIES}


def _chances(lattice: Lattice) -> F64:
    """`chances`; where nothing is fixed, as far as the subject was in the scope at all."""
    found = chances(lattice)
    if lattice.fixed.any() or not len(lattice):
        return found
    odds = math.log(IN_SCOPE / (1 - IN_SCOPE)) + all_ways(lattice)
    return np.asarray(found / (1 + math.exp(-min(max(odds, -700.0), 700.0))), np.float64)


def _pruned(
    model: HopModel, every: Pool, left: I64, ways: tuple[Pool, BestWays], bound: F64
) -> Pruned:
    """How much the best way could gain by one of the `left`, its looks as good as `bound` (N,).

    `gains` are of ratios. Where these are shared out (see `HopModel.lattice`), what is shared may
    be less than one, but not less than the chance of not being seen again: so much is added.
    """
    pool, best = ways
    kept = len(every) - len(left)
    if not len(left) or not best.best:
        return Pruned(len(every), kept, 0.0)
    chain = pool.taken(np.array(best.best, np.int64))
    shared = -math.log(1 - SEEN_AGAIN) if pool.fixed.any() else 0.0
    gain = bound[left] + gains(model, chain, every.taken(left)) + shared
    return Pruned(len(every), kept, max(0.0, float(gain.max())))
