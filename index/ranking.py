"""The k best distinct tracklets, exactly, out of scores that carry rounding errors.

Float sums depend on the order in which a kernel adds. So a fast pass only says which rows may
still win, by a bound on its error; those few are scored again in double precision. All kernels and
batch sizes then give the same answer, ties broken by tracklet, then by shot.
"""

from collections.abc import Sequence

import numpy as np

from core.arrays import F32, I64
from core.types import Hits, no_hits
from index.catalogue import Places

Winner = tuple[float, int, int]
"""Score, tracklet, shot."""

Best = tuple[F32, I64, I64]
"""Scores, tracklets and shots (N,) of several, best first; never changed in place."""

_RESCORED_ROWS = 4096


def error_bound(dim: int) -> float:
    """How far two single-precision dot products of unit vectors may lie apart.

    Twice D * u for unit roundoff u = 2^-24 (Higham, Accuracy and Stability, 3.1), lengths up to
    1.001 each and some room.
    """
    return (2.1 * dim + 8) * 2.0**-24


def exact_scores(vectors: F32, query: F32) -> F32:
    """Cosines (N,) of unit rows with a unit query, summed in double precision."""
    scores = np.empty(len(vectors), np.float32)
    wide = query.astype(np.float64)
    for start in range(0, len(vectors), _RESCORED_ROWS):
        part = slice(start, start + _RESCORED_ROWS)
        scores[part] = (vectors[part] * wide).sum(axis=1)
    return scores


class Shortlist:
    """The k best tracklets of one query so far, each with its best shot."""

    def __init__(self, query: F32, k: int) -> None:
        self.query = query
        self.k = k
        self._margin = error_bound(len(query))
        self._scores = np.empty(0, np.float32)  # of the best so far, best first
        self._tracklets = np.empty(0, np.int64)
        self._shots = np.empty(0, np.int64)

    @property
    def floor(self) -> float:
        """What a new tracklet must reach; -inf while there are fewer than k."""
        return float(self._scores[-1]) if len(self._scores) == self.k else -np.inf

    @property
    def best(self) -> Best:
        """The best so far."""
        return self._scores, self._tracklets, self._shots

    def resume(self, best: Best) -> None:
        """Go on from what another shortlist of the same query and k came to."""
        self._scores, self._tracklets, self._shots = best

    def offer(self, places: Places, scores: F32, tracklets: I64) -> None:
        """Take in all rows of `places` by single-precision scores and their tracklets."""
        rows = self._hopeful(scores, tracklets)
        for start in range(0, len(rows), _RESCORED_ROWS):
            self.take(places, rows[start : start + _RESCORED_ROWS])

    def take(self, places: Places, rows: I64) -> None:
        """Take in some rows (N,) of `places`, scored exactly. A row may be taken twice."""
        if not len(rows):
            return
        tracklets, shots, vectors = places.found(rows)
        scores = np.r_[self._scores, exact_scores(vectors, self.query)]
        tracklets, shots = np.r_[self._tracklets, tracklets], np.r_[self._shots, shots]
        ranked = np.lexsort((shots, tracklets, -scores))
        _, first = np.unique(tracklets[ranked], return_index=True)
        best = ranked[np.sort(first)[: self.k]]
        self._scores, self._tracklets, self._shots = scores[best], tracklets[best], shots[best]

    def winners(self) -> list[Winner]:
        """The best so far, best first."""
        columns = (self._scores, self._tracklets, self._shots)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _hopeful(self, scores: F32, tracklets: I64) -> I64:
        """Rows that may be the best of one of the k best tracklets."""
        wanted = min(len(scores), 4 * self.k + 16)
        while True:
            cut = len(scores) - wanted
            top = np.argpartition(scores, cut)[cut:] if cut else np.arange(len(scores))
            top = top[np.argsort(-scores[top])]
            ranked = scores[top].tolist()
            kth = _kth_distinct(tracklets[top].tolist(), self.k)
            if kth is not None or not cut:
                break
            wanted = min(len(scores), 4 * wanted)
        floor = self.floor if kth is None else max(self.floor, ranked[kth])
        if ranked[-1] < floor - self._margin:
            return top[: sum(score >= floor - self._margin for score in ranked)]
        return np.flatnonzero(scores >= np.float32(floor - self._margin))


def _kth_distinct(tracklets: Sequence[int], k: int) -> int | None:
    """Where the k-th distinct tracklet stands for the first time; None if there are fewer."""
    seen: set[int] = set()
    for place, tracklet in enumerate(tracklets):
        seen.add(tracklet)
        if len(seen) == k:
            return place
    return None


def hits_of(winners: Sequence[Sequence[Winner]], k: int) -> Hits:
    """One row of hits per query, padded."""
    hits = no_hits(len(winners), k)
    for row, best in enumerate(winners):
        if best:
            scores, tracklets, shots = zip(*best, strict=True)
            hits.ids[row, : len(best)] = tracklets
            hits.shots[row, : len(best)] = shots
            hits.scores[row, : len(best)] = scores
    return hits
