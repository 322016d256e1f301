"""What appearance and plates say of every tracklet that an answer of the index brought up.

Per tracklet the best match over all that the subject is known by counts, once: shots of a tracklet
are correlated, and so are probes of one subject. What was rejected pushes away those that look
like it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


def likeness(
    queries: Sequence[VectorQuery], hits: Sequence[Hits], calibrations: Mapping[str, Calibration]
) -> Likeness:
    """The best match of each tracklet over all queries; by llr where all models have one."""
    parts = [_flat(query, hit, calibrations) for query, hit in zip(queries, hits, strict=True)]
    whole = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else []
    if not whole or not len(whole[0]):
        none = np.empty(0, np.int64)
        return Likeness(none, none, none, np.empty(0), np.empty(0), 0.0)
    ids, shots, probes, cosine, llr = whole
    worth = cosine if np.isnan(llr).any() else llr
    order = np.lexsort((shots, -cosine, -worth, ids))
    first = order[np.r_[True, np.diff(ids[order]) > 0]]
    least = _least(queries, hits, calibrations)
    return Likeness(ids[first], shots[first], probes[first], cosine[first], llr[first], least)


def pushed_away(llr: F64, rejected: F64) -> F64:
    """`llr` (M,) of the subject, told that another subject looks as like as `rejected` (M,) nats.

    The alternative to the subject is no longer anybody, but either anybody or who was rejected:
    p(x | subject) / ((1 - w) p(x | anybody) + w p(x | rejected)), with w of `COMES_AGAIN`.
    """
    return llr - np.logaddexp(math.log1p(-COMES_AGAIN), math.log(COMES_AGAIN) + rejected)


def queries_from(
    rows: Iterable[VectorRows], pairs: Iterable[tuple[Family, str]], tracklet_ids: frozenset[int]
) -> list[VectorQuery]:
    """Queries with the vectors of those tracklets, one per family and model of `pairs` to ask.

    Their probe ids are the tracklets' ids, negative: nobody has cut a probe from them.
    """
    wanted = list(pairs)
    queries: list[VectorQuery] = []
    for part in rows:
        chosen = np.isin(part.tracklet_ids, list(tracklet_ids))
        if not chosen.any():
            continue
        model = part.embeddings.model
        vectors: F32 = part.embeddings.vectors[chosen]
        names = tuple(-int(i) for i in part.tracklet_ids[chosen])
        queries += [VectorQuery(family, m, vectors, names) for family, m in wanted if m == model]
    return queries


def _flat(
    query: VectorQuery, hit: Hits, calibrations: Mapping[str, Calibration]
) -> tuple[I64, I64, I64, F64, F64]:
    rows, slots = np.nonzero(hit.ids >= 0)
    names = np.array(query.probe_ids, np.int64)[rows]
    cosine = hit.scores[rows, slots]
    calibration = calibrations.get(query.model)
    llr = np.full(len(cosine), np.nan) if calibration is None else calibration.llr(cosine)
    return (
        hit.ids[rows, slots],
        hit.shots[rows, slots],
        names,
        cosine.astype(np.float64),
        llr.astype(np.float64),
    )


def _least(
    queries: Sequence[VectorQuery], hits: Sequence[Hits], calibrations: Mapping[str, Calibration]
) -> float:
    """As `cases.plates.least_llr`, but above 0 too: it is a bound, not evidence."""
    bounds = [
        float(calibrations[query.model].llr(hit.scores[full, -1]).max())
        for query, hit in zip(queries, hits, strict=True)
        if query.model in calibrations and hit.ids.shape[1]
        for full in [hit.ids[:, -1] >= 0]
        if full.any()
    ]
    return max(bounds, default=-math.inf)
