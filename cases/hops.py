"""What place and time say of two sightings being one subject's: from candidates to a `Lattice`.

A hop's worth is ln of (the chance that the subject is seen there next, times the density of the
time it took) over the rate at which anybody of that family comes by there. So where many pass, a
passing means little (Reid 1979, of false alarms; `cases.ways` names it).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

import numpy as np

from cases.network import SEEN_AGAIN, CameraNetwork
from cases.transit import SLACK_SIGMAS
from cases.traveltime import TravelTimes, log_density_here
from cases.ways import FLOOR, Lattice
from core.arrays import F64, I64, Bool, same_length
from core.types import Family

FAMILIES = tuple(Family)

CHANGES = 0.06
"""How often a subject goes on with one of the other carriers from one sighting to the next. Own
assumption: two changes in an escape of some fifteen sightings."""

SEEN_HERE = 0.15
"""How often the next sighting is by the same camera: measured, 0.19 of tracklets are broken
(`scenes/rates.json`), and some subjects come back."""
_BROKEN_S = 8.0

LINK_NATS = math.log(0.5 / 0.02)
"""What a link inside one view says: found at half of all changes of carrier, and between strangers
in one of fifty. Own assumption until links are measured."""

_AT_ONCE = 1 << 15  # hops: what is made on the way then stays in the cache
_OVERLAP_S = 1.0  # a tracker that begins anew may hold both for a moment
_MOUNTING_S = 5.0  # and a rider's box may begin before the walker's ends


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """M candidates by their start. `tracklet_ids` are negative for anchors: where and when a probe
    was taken, of which no tracklet is known. `camera_rows` are the network's, `families` rows of
    `FAMILIES`. Seconds count from any one instant; `sigma_s` is that of the camera's clock; `rate`
    is how many of the family come by the camera a second. `own` is the evidence of appearance and
    plate in nats; `fixed` are taken for granted.
    """

    tracklet_ids: I64
    camera_rows: I64
    families: I64
    start_s: F64
    end_s: F64
    sigma_s: F64
    rate: F64
    own: F64
    fixed: Bool

    def __post_init__(self) -> None:
        same_length(**{field.name: getattr(self, field.name) for field in fields(self)})

    def __len__(self) -> int:
        return len(self.tracklet_ids)

    def taken(self, rows: I64 | Bool) -> "Pool":
        """Those rows."""
        return Pool(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class HopModel:
    """Network and travel times of one scope. `window_s` is how long the scope is."""

    network: CameraNetwork
    times: TravelTimes
    window_s: float

    def lattice(
        self,
        pool: Pool,
        *,
        links: Mapping[tuple[int, int], str] | None = None,
        expected: Mapping[Family, float] | None = None,
        ratios: F64 | None = None,
    ) -> Lattice:
        """The lattice of a pool in time order.

        `links` are pairs of tracklets of one view that a tracker has joined; `expected` says how
        likely the subject is of each family at first; `ratios` are the pool's, if known already.
        """
        own = np.where(pool.fixed, 0.0, pool.own)
        hop = self.ratios(pool, links or {}) if ratios is None else ratios
        last = self.last(pool)
        if pool.fixed.any():
            hop, last = _told_once(hop, last, own, pool.fixed)
        return Lattice(own, hop, self.first(pool, expected), last, pool.fixed)

    def hop(self, pool: Pool, starts: I64, ends: I64) -> F64:
        """Nats of hops between rows of a pool, (H,): -inf where nobody could."""
        nats = np.empty(len(starts))
        for low in range(0, len(starts), _AT_ONCE):
            some = slice(low, low + _AT_ONCE)
            nats[some] = self._hop(pool, starts[some], ends[some])
        return nats

    def ratios(self, pool: Pool, links: Mapping[tuple[int, int], str]) -> F64:
        """Nats (M, M) of all hops from row to a later column, links of one view among them."""
        count = len(pool)
        starts, ends = np.triu_indices(count, 1)
        hop = np.full((count, count), -np.inf)
        hop[starts, ends] = self.hop(pool, starts, ends)
        row = {int(i): place for place, i in enumerate(pool.tracklet_ids)}
        for a, b in links:
            if a in row and b in row:
                low, high = sorted((row[a], row[b]))
                hop[low, high] += LINK_NATS
        return hop

    def first(self, pool: Pool, expected: Mapping[Family, float] | None = None) -> F64:
        """Nats (M,) of a way's beginning there: anywhere at any time of the scope, alike."""
        shares = [(expected or {}).get(family, 1.0) for family in FAMILIES]
        alike = math.log(len(self.network.camera_ids) * max(self.window_s, 1.0))
        return np.log(np.maximum(shares, 1e-6))[pool.families] - alike - np.log(pool.rate)

    def last(self, pool: Pool) -> F64:
        """Nats (M,) of not being seen again."""
        again = np.stack([self.network.seen_next(family).sum(axis=1) for family in FAMILIES])
        stays = np.log(np.maximum(1 - again, 1 - SEEN_AGAIN))
        return np.asarray(stays[pool.families, pool.camera_rows], np.float64)

    # --- inside -------------------------------------------------------------------------------

    def _hop(self, pool: Pool, starts: I64, ends: I64) -> F64:
        nats = np.full(len(starts), -np.inf)
        kinds = (pool.families[starts] * len(FAMILIES) + pool.families[ends]).astype(np.int8)
        order = np.argsort(kinds, kind="stable")
        bounds = np.searchsorted(kinds[order], np.arange(len(FAMILIES) ** 2 + 1))
        for kind, (low, high) in enumerate(pairwise(bounds.tolist())):
            if low < high:
                chosen = order[low:high]
                pair = FAMILIES[kind // len(FAMILIES)], FAMILIES[kind % len(FAMILIES)]
                nats[chosen] = self._of_families(pool, starts[chosen], ends[chosen], pair)
        return nats

    def _of_families(self, pool: Pool, starts: I64, ends: I64, pair: tuple[Family, Family]) -> F64:
        gap_s = pool.start_s[ends] - pool.end_s[starts]
        here = pool.camera_rows[starts] == pool.camera_rows[ends]
        nats = np.empty(len(starts))
        nats[here] = self._within_view(pool, starts[here], ends[here], pair)
        away = ~here
        nats[away] = self._across(pool, starts[away], ends[away], pair, gap_s[away])
        share = 1 - 2 * CHANGES if pair[0] == pair[1] else CHANGES
        return nats + math.log(share) - np.log(pool.rate[ends])

    def _within_view(self, pool: Pool, starts: I64, ends: I64, pair: tuple[Family, Family]) -> F64:
        gap_s = pool.start_s[ends] - pool.end_s[starts]
        overlap_s = _OVERLAP_S if pair[0] == pair[1] else _MOUNTING_S
        anchored = (pool.tracklet_ids[starts] < 0) | (pool.tracklet_ids[ends] < 0)
        nats = math.log(SEEN_HERE) + log_density_here(gap_s, usual_s=_BROKEN_S)
        return np.where(anchored | (gap_s >= -overlap_s), nats, -np.inf)

    def _across(
        self, pool: Pool, starts: I64, ends: I64, pair: tuple[Family, Family], gap_s: F64
    ) -> F64:
        a, b = pool.camera_rows[starts], pool.camera_rows[ends]
        clock_s = np.sqrt(np.square(pool.sigma_s[starts]) + np.square(pool.sigma_s[ends]))
        distance_m, least_m = self.network.ways.distance_m[a, b], self.network.ways.least_m[a, b]
        possible = self.times.feasible(pair, gap_s, least_m, SLACK_SIGMAS * clock_s)
        gap_s = np.where(least_m <= 0, np.maximum(gap_s, 0.0), gap_s)  # both may see at once
        nats = np.full(len(starts), -np.inf)
        known = np.isfinite(distance_m)
        nats[~known] = -math.log(max(self.window_s, 1.0))
        chosen = known & possible
        near = gap_s[chosen], distance_m[chosen], clock_s[chosen]
        if pair[0] == pair[1]:
            nats[chosen] = self.times.log_density(pair[0], *near)
        else:
            nats[chosen] = self.times.log_density_changed(pair, *near)
        return nats + self._log_next(pair[0])[a, b]

    def _log_next(self, family: Family) -> F64:
        if family not in self._logs:
            chance = (1 - SEEN_HERE) * self.network.seen_next(family)
            self._logs[family] = np.log(np.maximum(chance, 1e-9))
        return self._logs[family]

    @cached_property
    def _logs(self) -> dict[Family, F64]:
        return {}


def _told_once(hop: F64, last: F64, own: F64, fixed: Bool) -> tuple[F64, F64]:
    """Hops (M, M) and ends (M,) of which those from one candidate to others are chances, which sum
    to one, instead of ratios.

    Strangers too go from camera to camera and look alike everywhere. So a chain of candidates that
    fit each other is evidence once, where it is joined to a fixed point, and not again at each
    of its links.
    """
    open_ = ~fixed
    onward = np.where(open_[None, :], hop + own[None, :], -np.inf)
    most = np.maximum(onward.max(axis=1, initial=-np.inf), last)
    whole = most + np.log(np.exp(onward - most[:, None]).sum(axis=1) + np.exp(last - most))
    share = np.where(open_, whole, 0.0)
    both = open_[:, None] & open_[None, :]
    # A candidate's own evidence is in its chance to be the next, and counts where a chain begins.
    return np.where(both, hop - share[:, None], hop), last - share


def gains(model: HopModel, chain: Pool, others: Pool) -> F64:
    """How many nats (L,) place and time add to a chain in time when one of the others is put in.

    `chain` has one at least; the others' own evidence is left out.
    """
    both = joined((chain, others))
    count = len(chain)
    place = np.searchsorted(chain.start_s, others.start_s, side="right")
    rows = count + np.arange(len(others))
    into = np.where(place > 0, 0.0, model.first(others))
    out = np.where(place < count, 0.0, model.last(others))
    has, goes = place > 0, place < count
    into[has] = model.hop(both, place[has] - 1, rows[has])
    out[goes] = model.hop(both, rows[goes], place[goes])
    return np.asarray(into + out - _held(model, chain)[place], np.float64)


def _held(model: HopModel, chain: Pool) -> F64:
    """What a chain is worth in each place (L + 1,) where one could be put in."""
    count = len(chain)
    hops = model.hop(chain, np.arange(count - 1), np.arange(1, count))
    hops = np.maximum(hops, FLOOR)
    held = np.concatenate([model.first(chain)[:1], hops, model.last(chain)[-1:]])
    return np.asarray(held, np.float64)


def joined(parts: Sequence[Pool]) -> Pool:
    """All rows, part after part."""
    names = [field.name for field in fields(Pool)]
    return Pool(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def rates_of(
    camera_rows: I64, families: I64, start_s: F64, asked: tuple[I64, I64, F64], *, around_s: float
) -> F64:
    """How many of a family come by a camera a second, around each asked passing.

    The first three (N,) are all passings of the scope, `asked` (M,) the same of those to be judged;
    counted are those within `around_s` on each side, and half a one more.
    """
    span_s = float(start_s.max() - start_s.min()) if len(start_s) else 0.0
    key, wanted = camera_rows * len(FAMILIES) + families, asked[0] * len(FAMILIES) + asked[1]
    origin = float(start_s.min()) if len(start_s) else 0.0
    stride = span_s + 4 * around_s + 1.0
    line = np.sort(key * stride + (start_s - origin))
    middle = wanted * stride + np.clip(asked[2] - origin, 0.0, span_s)
    order = np.argsort(middle)  # looked up in order, the line stays in the cache
    low, high = np.empty((2, len(middle)), np.int64)
    low[order] = np.searchsorted(line, middle[order] - around_s, "left")
    high[order] = np.searchsorted(line, middle[order] + around_s, "right")
    seconds = np.minimum(np.clip(asked[2] - origin, 0.0, span_s), around_s)
    seconds = seconds + np.minimum(span_s - np.clip(asked[2] - origin, 0.0, span_s), around_s)
    return (high - low + 0.5) / np.maximum(seconds, around_s)
