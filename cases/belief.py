"""What appearance and plates say of every tracklet that an answer of the index brought up.

Shots of one tracklet are correlated: of each picture or tracklet that the subject is known by the
best match counts, once, and over these the mean of the likelihoods. What was rejected pushes away
those that look like it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from cases.answers import VectorQuery
from core.arrays import F32, F64, I64
from core.protocols import Calibration
from core.types import Family, Hits, VectorRows

COMES_AGAIN = 0.05
"""The chance that a tracklet brought up is the subject of a given rejected one. Own assumption."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Tracklets brought up by their looks, each once: (M,) ascending by id.

    `llr` is NaN where the model that found it is not calibrated. `probe_ids` are those of the
    queries; `least` is the most that a tracklet that was not brought up may have, in nats.
    """

    tracklet_ids: I64
    shot_ids: I64
    probe_ids: I64
    cosine: F64
    llr: F64
    least: float

    def __len__(self) -> int:
        return len(self.tracklet_ids)

    @property
    def calibrated(self) -> bool:
        """Whether it adds up with other evidence: every model that found any has a calibration."""
        return not np.isnan(self.llr).any()


def likeness(
    queries: Sequence[VectorQuery],
    hits: Sequence[Hits],
    calibrations: Mapping[str, Calibration],
    *,
    rows: Iterable[VectorRows] = (),
    cut_from: Mapping[int, int] = MappingProxyType({}),
) -> Likeness:
    """How alike each tracklet among the hits and the `rows` is to what the queries stand for.

    Without any `hits` only the `rows` are compared.

    What a tracklet's own vectors say of it is no evidence, nor what a probe says of the tracklet
    that it was `cut_from`.
    """
    parts = [
        _matches(query, hit, calibrations, cut_from)
        for query, hit in zip(queries, hits, strict=bool(hits))
    ]
    for part in rows:
        pair = (part.family, part.embeddings.model)
        asked = [query for query in queries if (query.family, query.model) == pair]
        if len(part.tracklet_ids):
            parts += [_matches(q, _hits_of(part, q), calibrations, cut_from) for q in asked]
    sources = {
        family: len({name for q in queries if q.family == family for name in q.probe_ids})
        for family in {query.family for query in queries}
    }
    return _mixed(parts, sources, _least(queries, hits, calibrations))


@dataclass(frozen=True, slots=True, eq=False)
class _Matches:
    """Matches of one family's tracklets, all (M,)."""

    family: Family
    tracklets: I64
    shots: I64
    sources: I64
    cosine: F64
    llr: F64


def _mixed(parts: Sequence[_Matches], sources: Mapping[Family, int], least: float) -> Likeness:
    """Of each tracklet and source the best match counts; over sources the mean of likelihoods.

    The subject looks today as it did in one of the pictures, nobody knows which: with n sources the
    ratio is (1/n) of the sum of theirs. So many sources do not make strangers alike.
    """
    parts = [part for part in parts if len(part.tracklets)]
    if not parts:
        none = np.empty(0, np.int64)
        return Likeness(none, none, none, np.empty(0), np.empty(0), least)
    ids, shots, names = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("tracklets", "shots", "sources")
    )
    cosine, llr = (np.concatenate([getattr(p, name) for p in parts]) for name in ("cosine", "llr"))
    shares = np.concatenate([np.full(len(p.tracklets), math.log(sources[p.family])) for p in parts])
    worth = cosine if np.isnan(llr).any() else llr
    order = np.lexsort((shots, -cosine, -worth, names, ids))
    ids, names = ids[order], names[order]
    new = np.r_[True, (np.diff(ids) != 0) | (np.diff(names) != 0)]
    order, ids = order[new], ids[new]  # the best match of each tracklet and source
    best = np.lexsort((shots[order], -cosine[order], -worth[order], ids))
    order, ids = order[best], ids[best]
    first = np.flatnonzero(np.r_[True, np.diff(ids) > 0])
    with np.errstate(invalid="ignore"):  # without a calibration there is no ratio, nor a mean
        mixed = np.logaddexp.reduceat((llr - shares)[order], first)
    chosen = order[first]
    return Likeness(
        ids[first],
        shots[chosen],
        np.concatenate([part.sources for part in parts])[chosen],
        cosine[chosen],
        mixed,
        least,
    )


def _hits_of(rows: VectorRows, query: VectorQuery) -> Hits:
    """Every row as a hit of every vector of the query."""
    scores = np.asarray(query.vectors @ rows.embeddings.vectors.T, np.float32)
    ids = np.broadcast_to(rows.tracklet_ids, scores.shape)
    shots = np.broadcast_to(rows.embeddings.shot_ids, scores.shape)
    return Hits(np.ascontiguousarray(ids), np.ascontiguousarray(shots), scores)


def most_alike(
    queries: Sequence[VectorQuery], hits: Sequence[Hits], most: int
) -> dict[Family, list[int]]:
    """Of each family the tracklets with the best hits, `most` at most."""
    found: dict[Family, list[Hits]] = defaultdict(list)
    for query, hit in zip(queries, hits, strict=True):
        found[query.family].append(hit)
    best: dict[Family, list[int]] = {}
    for family, some in found.items():
        ids = np.concatenate([hit.ids.ravel() for hit in some])
        order = np.argsort(-np.concatenate([hit.scores.ravel() for hit in some]), kind="stable")
        order = order[ids[order] >= 0]
        best[family] = list(dict.fromkeys(ids[order].tolist()))[:most]
    return best


def pushed_away(llr: F64, rejected: F64) -> F64:
    """`llr` (M,) of the subject, told that another subject looks as like as `rejected` (M,) nats.

    The alternative to the subject is no longer anybody, but either anybody or who was rejected:
    p(x | subject) / ((1 - w) p(x | anybody) + w p(x | rejected)), with w of `COMES_AGAIN`.
    """
    return llr - np.logaddexp(math.log1p(-COMES_AGAIN), math.log(COMES_AGAIN) + rejected)


MAX_ASKED_WITH = 8
"""Vectors of decided tracklets that a model's index is asked with: as unlike as may be."""


def queries_from(
    rows: Iterable[VectorRows], pairs: Iterable[tuple[Family, str]], tracklet_ids: frozenset[int]
) -> list[VectorQuery]:
    """Queries with vectors of those tracklets, one per family and model of `pairs` to ask.

    Of many vectors by one model the `MAX_ASKED_WITH` most unlike ones ask: shots of one subject are
    much alike, and whoever is like one of the others is like one of these. Their probe ids are the
    tracklets' ids, negative: nobody has cut a probe from them.
    """
    wanted = list(pairs)
    queries: list[VectorQuery] = []
    for model, (vectors, ids) in _by_model(rows, tracklet_ids).items():
        chosen = _unlike(vectors, MAX_ASKED_WITH)
        names = tuple(-int(i) for i in ids[chosen])
        asked = [family for family, m in wanted if m == model]
        queries += [VectorQuery(family, model, vectors[chosen], names) for family in asked]
    return queries


def _by_model(
    rows: Iterable[VectorRows], tracklet_ids: frozenset[int]
) -> dict[str, tuple[F32, I64]]:
    """Vectors of those tracklets and whose they are, of all families together."""
    parts: dict[str, list[tuple[F32, I64]]] = defaultdict(list)
    for part in rows:
        chosen = np.isin(part.tracklet_ids, list(tracklet_ids))
        if chosen.any():
            vectors = part.embeddings.vectors[chosen], part.tracklet_ids[chosen]
            parts[part.embeddings.model].append(vectors)
    return {
        model: (np.concatenate([v for v, _ in some]), np.concatenate([i for _, i in some]))
        for model, some in parts.items()
    }


def _unlike(vectors: F32, most: int) -> I64:
    """Rows so chosen that each is the least like those before it (Gonzalez, Theoretical Computer
    Science 38, 1985)."""
    chosen = [0]
    nearest = vectors @ vectors[0]
    while len(chosen) < min(most, len(vectors)):
        nearest[chosen] = np.inf
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return np.array(chosen, np.int64)


def _matches(
    query: VectorQuery,
    hit: Hits,
    calibrations: Mapping[str, Calibration],
    cut_from: Mapping[int, int],
) -> _Matches:
    own = [-name if name < 0 else cut_from.get(name, -1) for name in query.probe_ids]
    others = (hit.ids >= 0) & (hit.ids != np.array(own, np.int64)[:, None])
    rows, slots = np.nonzero(others)
    cosine = hit.scores[rows, slots]
    calibration = calibrations.get(query.model)
    llr = np.full(len(cosine), np.nan) if calibration is None else calibration.llr(cosine)
    return _Matches(
        query.family,
        hit.ids[rows, slots],
        hit.shots[rows, slots],
        np.array(query.probe_ids, np.int64)[rows],
        cosine.astype(np.float64),
        llr.astype(np.float64),
    )


def _least(
    queries: Sequence[VectorQuery], hits: Sequence[Hits], calibrations: Mapping[str, Calibration]
) -> float:
    """As `cases.plates.least_llr`, but above 0 too: it is a bound, not evidence."""
    bounds = [
        float(calibrations[query.model].llr(hit.scores[full, -1]).max())
        for query, hit in zip(queries, hits, strict=bool(hits))
        if query.model in calibrations and hit.ids.shape[1]
        for full in [hit.ids[:, -1] >= 0]
        if full.any()
    ]
    return max(bounds, default=-math.inf)
