"""The k best distinct tracklets, exactly, out of scores that carry rounding errors.

Float sums depend on the order in which a kernel adds. So a fast pass only says which rows may
still win, by a bound on its error; those few are scored again in double precision. All kernels and
batch sizes then give the same answer, ties broken by tracklet, then by shot.
"""

import numpy as np

from core.arrays import F32, F64, I64
from core.types import Hits, no_hits
from index.catalogue import Places

_RESCORED_ROWS = 4096
_UNPRUNED_ROWS = 256


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
        products: F64 = vectors[part].astype(np.float64) * wide
        scores[part] = products.sum(axis=1)
    return scores


def best_tracklets(tracklets: I64, shots: I64, scores: F32, k: int) -> tuple[I64, I64, F32]:
    """Tracklet, best shot and score of the k best, best first; ties by tracklet, then shot."""
    by_tracklet = np.lexsort((shots, -scores, tracklets))
    first = np.ones(len(by_tracklet), np.bool_)
    ordered = tracklets[by_tracklet]
    first[1:] = ordered[1:] != ordered[:-1]
    best = by_tracklet[first]
    best = best[np.lexsort((tracklets[best], -scores[best]))][:k]
    return tracklets[best], shots[best], scores[best]


class Shortlist:
    """The rows that may still be among the k best tracklets of one query."""

    def __init__(self, k: int, margin: float) -> None:
        self._k = k
        self._margin = margin
        self._floor = -np.inf
        self._positions = np.empty(0, np.int64)
        self._scores = np.empty(0, np.float32)
        self._tracklets = np.empty(0, np.int64)

    def offer(self, scores: F32, tracklets: I64, first: int) -> None:
        """Take in the scores and tracklets of the positions from `first` on."""
        self._raise_floor(scores, tracklets)
        rows = np.flatnonzero(scores >= self._floor)
        self._positions = np.concatenate([self._positions, rows + first])
        self._scores = np.concatenate([self._scores, scores[rows]])
        self._tracklets = np.concatenate([self._tracklets, tracklets[rows]])
        if len(self._positions) > _UNPRUNED_ROWS:
            self._prune()

    def best(self, places: Places, query: F32) -> tuple[I64, I64, F32]:
        """The winners: tracklets, shots and scores, at most k."""
        shots, vectors = places.shots_and_vectors(self._positions, len(query))
        return best_tracklets(self._tracklets, shots, exact_scores(vectors, query), self._k)

    def _raise_floor(self, scores: F32, tracklets: I64) -> None:
        """Find rows of k tracklets among the best; whatever lies clearly below is out."""
        wanted = min(len(scores), 4 * self._k + 16)
        while True:
            cut = len(scores) - wanted
            top = np.argpartition(scores, cut)[cut:] if cut else np.arange(len(scores))
            best = _best_scores(tracklets[top], scores[top])
            if len(best) >= self._k or not cut:
                break
            wanted = min(len(scores), 4 * wanted)
        self._raise_to(best)

    def _prune(self) -> None:
        tracklets, which = np.unique(self._tracklets, return_inverse=True)
        best = np.full(len(tracklets), -np.inf, np.float32)
        np.maximum.at(best, which, self._scores)
        self._raise_to(best)
        keep = (self._scores >= self._floor) & (self._scores >= best[which] - self._margin)
        self._positions = self._positions[keep]
        self._scores = self._scores[keep]
        self._tracklets = self._tracklets[keep]

    def _raise_to(self, best: F32) -> None:
        if len(best) >= self._k:
            kth = np.partition(best, len(best) - self._k)[len(best) - self._k]
            self._floor = max(self._floor, float(kth) - self._margin)


def _best_scores(tracklets: I64, scores: F32) -> F32:
    """The best score of each distinct tracklet, in no order."""
    order = np.lexsort((scores, tracklets))
    ordered = tracklets[order]
    last = np.ones(len(order), np.bool_)
    last[:-1] = ordered[1:] != ordered[:-1]
    return scores[order][last]


def hits_of(winners: list[tuple[I64, I64, F32]], k: int) -> Hits:
    """One row of hits per query, padded."""
    hits = no_hits(len(winners), k)
    for row, (tracklets, shots, scores) in enumerate(winners):
        hits.ids[row, : len(tracklets)] = tracklets
        hits.shots[row, : len(tracklets)] = shots
        hits.scores[row, : len(tracklets)] = scores
    return hits
