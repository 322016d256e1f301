"""What an embedder is worth on passages of held-out cities: ranks, errors, slices, with intervals.

Shares come with 95 % intervals drawn by identity: whoever passes ten cameras counts once. The
operating threshold is a log-likelihood ratio; errors are stated for it and for the sizes of the
galleries searched, with queries whose subject is absent apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import Page
from benchmarks.passages import Album, hard_pairs, likeness, pair_scores, ranks
from core.arrays import F32, F64, I64, Bool
from core.protocols import Calibration, Embedder
from reid.fake import ColourEmbedder
from reid.measures import calibration_error, cllr, min_cllr

THRESHOLD_LLR = float(np.log(10))
"""The stated operating point: ten times likelier of one subject than of two."""
_DRAWS = 1000
_SIZES_PX = (48, 80, 128, 10_000)
Share = dict[str, float]

Pairs = tuple[F64, F64, I64]
"""Cosines of same (S,) and of different (D,) pairs, and the identity (S,) that asks."""


class City:
    """One city's passages of one family, and how alike an embedder finds them."""

    def __init__(self, album: Album, pages: Sequence[Page], embedder: Embedder) -> None:
        self.album, self.pages = album, pages
        self.scores = likeness(album, embedder)
        self.colours = likeness(album, ColourEmbedder())

    def pairs(self) -> Pairs:
        """Hard pairs: to each same one a look-alike in the same camera."""
        pairs = hard_pairs(self.album, self.colours)
        same, different = pair_scores(pairs, self.scores)
        who = self.album.identity[self.album.queries[pairs.query]]
        return same.astype(np.float64), different.astype(np.float64), who

    def strangers(self) -> Pairs:
        """As `pairs`, but each different one anybody in another camera, and all of them."""
        rows = self.album.queries
        who = self.album.identity[rows]
        alike = who[:, None] == self.album.identity[None, :]
        elsewhere = self.album.camera[rows][:, None] != self.album.camera[None, :]
        same, different = self.scores[alike & elsewhere], self.scores[~alike & elsewhere]
        asked = np.nonzero(alike & elsewhere)[0]
        return same.astype(np.float64), different.astype(np.float64), who[asked]


def ranking(cities: Sequence[City]) -> dict[str, Any]:
    """Rank-1 and 5, mean precision, and rank-1 by size, light and camera pair."""
    first: list[I64] = []
    precision: list[F64] = []
    who: list[I64] = []
    slices: dict[str, dict[str, list[tuple[bool, int]]]] = {"size": {}, "light": {}, "weather": {}}
    for number, city in enumerate(cities):
        found = ranks(city.album, city.scores)
        rows = city.album.queries
        counted = found.first_match > 0
        first.append(found.first_match[counted])
        precision.append(found.average_precision[counted])
        who.append(city.album.identity[rows][counted] + 100_000 * number)
        for row, hit, one in zip(rows[counted], first[-1] == 1, who[-1].tolist(), strict=True):
            page = city.pages[int(row)]
            keys = {"size": _size(page.height_px), "light": page.light, "weather": page.weather}
            for kind, key in keys.items():
                slices[kind].setdefault(key, []).append((bool(hit), one))
    ranked, names = np.concatenate(first), np.concatenate(who)
    return {
        "queries": len(ranked),
        "identities": len(np.unique(names)),
        "rank1": by_identity(ranked == 1, names),
        "rank5": by_identity(ranked <= 5, names),
        "map": float(np.concatenate(precision).mean()),
        "slices": {kind: _sliced(parts) for kind, parts in slices.items()},
        "camera_pairs": camera_pairs(cities),
    }


def _sliced(parts: Mapping[str, Sequence[tuple[bool, int]]]) -> dict[str, Share]:
    return {
        key: by_identity(np.array([hit for hit, _ in rows]), np.array([one for _, one in rows]))
        for key, rows in sorted(parts.items())
    }


def _size(height_px: float) -> str:
    low = 0
    for high in _SIZES_PX:
        if height_px < high:
            return f"{low} to {high} px" if high < 10_000 else f"from {low} px"
        low = high
    raise AssertionError(height_px)


def camera_pairs(cities: Sequence[City]) -> Share:
    """Rank-1 among the passages of one other camera: the worst, the middle and the best pair."""
    shares = []
    for city in cities:
        rows = city.album.queries
        asking = city.album.camera[rows]
        for here in np.unique(asking):
            for there in np.unique(city.album.camera):
                hits = _hits(city, np.flatnonzero(asking == here), there) if here != there else []
                shares += [float(np.mean(hits))] if len(hits) >= 5 else []
    if not shares:
        return {}
    low, middle, high = np.percentile(shares, [0, 50, 100]).tolist()
    return {"pairs": len(shares), "worst": low, "median": middle, "best": high}


def _hits(city: City, asking: I64, there: int) -> list[bool]:
    gallery = np.flatnonzero(city.album.camera == there)
    hits = []
    for place in asking.tolist():
        same = city.album.identity[gallery] == city.album.identity[city.album.queries[place]]
        if same.any():
            hits.append(bool(same[city.scores[place, gallery].argmax()]))
    return hits


def errors(cities: Sequence[City], calibration: Calibration) -> dict[str, Any]:
    """Errors at the threshold: hard pairs one by one, and whole galleries with nobody to find."""
    missed, misled, pair_who = [], [], []
    alarms, alarm_who, sizes = [], [], []
    for number, city in enumerate(cities):
        same, different, who = city.pairs()
        missed.append(_llr(calibration, same) < THRESHOLD_LLR)
        misled.append(_llr(calibration, different) >= THRESHOLD_LLR)
        pair_who.append(who + 100_000 * number)
        found, size = absent(city, calibration)
        alarms.append(found)
        alarm_who.append(city.album.identity[city.album.queries] + 100_000 * number)
        sizes.append(size)
    names = np.concatenate(pair_who)
    return {
        "threshold_llr": THRESHOLD_LLR,
        "missed": by_identity(np.concatenate(missed), names),
        "misled": by_identity(np.concatenate(misled), names),
        "gallery": float(np.concatenate(sizes).mean()),
        "absent_alarm": by_identity(np.concatenate(alarms), np.concatenate(alarm_who)),
    }


def absent(city: City, calibration: Calibration) -> tuple[Bool, I64]:
    """Whether each query (Q,) finds somebody at the threshold although its subject was taken out
    of the gallery, and how many passages that gallery has."""
    rows = city.album.queries
    others = city.album.identity[rows][:, None] != city.album.identity[None, :]
    others &= city.album.camera[rows][:, None] != city.album.camera[None, :]
    ratio = _llr(calibration, city.scores.astype(np.float64))
    found = ((ratio >= THRESHOLD_LLR) & others).any(axis=1)
    return np.asarray(found, np.bool_), np.asarray(others.sum(axis=1), np.int64)


def calibrated(pairs: Sequence[Pairs], calibration: Calibration) -> dict[str, Any]:
    """How far the stated ratios can be believed, on each city's `pairs` or `strangers`."""
    same = _llr(calibration, np.concatenate([one for one, _, _ in pairs]))
    different = _llr(calibration, np.concatenate([one for _, one, _ in pairs]))
    return {
        "pairs": len(same) + len(different),
        "cllr": cllr(same, different),
        "min_cllr": min_cllr(same, different),
        "ece": calibration_error(same, different),
    }


def _llr(calibration: Calibration, cosines: F64) -> F64:
    asked: F32 = cosines.astype(np.float32)
    return calibration.llr(asked).astype(np.float64)


def by_identity(hits: NDArray[Any], who: NDArray[Any]) -> Share:
    """The share of hits, and its 95 % interval when identities are drawn again (bootstrap)."""
    names, row = np.unique(who, return_inverse=True)
    right = np.bincount(row, hits.astype(np.float64))
    count = np.bincount(row).astype(np.float64)
    drawn = np.random.default_rng(0).integers(0, len(names), (_DRAWS, len(names)))
    shares = right[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5]).tolist()
    return {
        "share": float(right.sum() / count.sum()),
        "low": low,
        "high": high,
        "n": int(count.sum()),
        "identities": len(names),
    }
