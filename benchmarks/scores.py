"""What one city gives to be counted, and the figures of several cities together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from benchmarks.judging import JudgedBoxes, ap50_by_class, wanted_by_class, with_interval
from benchmarks.thefts import WayScore
from benchmarks.tracks import TrackScore
from core.arrays import F64
from reid.measures import calibration_error, cllr, min_cllr
from reid.metrics import RankMetrics

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Natural-log ratios of balanced hard pairs: of one subject (P,) and of two (P,)."""

    same: F64
    different: F64


@dataclass(frozen=True, slots=True, eq=False)
class CityScore:
    """One city: every found box judged, a track score a camera, ranks by `reid.` key, ratios by
    family, and the case if there was one, with how many tracklets were looked at for it."""

    judged: tuple[JudgedBoxes, ...] = ()
    tracks: tuple[TrackScore, ...] = ()
    ranks: tuple[tuple[str, RankMetrics], ...] = ()
    ratios: tuple[tuple[str, Ratios], ...] = ()
    way: WayScore | None = None
    looked_at: int = 0


def figures_of(cities: Sequence[CityScore]) -> dict[str, float]:
    """All figures by key; a part that no city has is left out."""
    return {
        **detect_figures([one for city in cities for one in city.judged]),
        **track_figures([one for city in cities for one in city.tracks]),
        **rank_figures(_by_key(pair for city in cities for pair in city.ranks)),
        **calibration_figures(_by_key(pair for city in cities for pair in city.ratios)),
        **case_figures(cities),
    }


def _by_key(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def detect_figures(judged: Sequence[JudgedBoxes]) -> dict[str, float]:
    """AP at half overlap: the mean over the classes that the truth holds, and each one's."""
    by_class = ap50_by_class(judged)
    if not by_class:
        return {}
    wanted = wanted_by_class(judged)
    figures: dict[str, float] = {"detect.ap50": float(np.mean(list(by_class.values())))}
    for kind, value in by_class.items():
        figures[f"detect.ap50.{kind.label}"] = value
        figures[f"detect.ap50.{kind.label}.n"] = int(wanted[kind])
    return figures


def track_figures(scores: Sequence[TrackScore]) -> dict[str, float]:
    """Means over cameras, and the worst camera."""
    if not scores:
        return {}
    idf1 = [one.idf1 for one in scores]
    hota = [one.hota for one in scores]
    return {
        "track.idf1": float(np.mean(idf1)),
        "track.idf1.worst": min(idf1),
        "track.hota": float(np.mean(hota)),
        "track.hota.worst": min(hota),
        "track.det_a": float(np.mean([one.det_a for one in scores])),
        "track.ass_a": float(np.mean([one.ass_a for one in scores])),
        "track.cameras": len(scores),
    }


def rank_figures(ranks: Mapping[str, Sequence[RankMetrics]]) -> dict[str, float]:
    """Rank-1 with its interval, and mean average precision, over the queries of all cities."""
    figures: dict[str, float] = {}
    for key, cities in ranks.items():
        first = np.concatenate([one.first_match for one in cities])
        precision = np.concatenate([one.average_precision for one in cities])
        if not (first > 0).any():
            continue
        figures |= with_interval(f"reid.{key}.rank1", first[first > 0] == 1)
        figures[f"reid.{key}.map"] = float(precision[first > 0].mean())
    return figures


def calibration_figures(ratios: Mapping[str, Sequence[Ratios]]) -> dict[str, float]:
    """Of all families' pairs together as `calibration.*`, and of each as `calibration.FAMILY.*`."""
    groups = {"": [one for parts in ratios.values() for one in parts]}
    groups |= {f".{family}": list(parts) for family, parts in ratios.items()}
    figures: dict[str, float] = {}
    for name, parts in groups.items():
        same = np.concatenate([np.empty(0), *(one.same for one in parts)])
        different = np.concatenate([np.empty(0), *(one.different for one in parts)])
        if len(same) and len(different):
            figures |= _calibration(f"calibration{name}", same, different)
    return figures


def _calibration(key: str, same: F64, different: F64) -> dict[str, float]:
    bits = cllr(same, different)
    return {
        f"{key}.cllr": bits,
        f"{key}.cllr.n": len(same) + len(different),
        f"{key}.min_cllr": min_cllr(same, different),
        # Of the posterior at even odds, in nats; pairs are balanced, so it is Cllr in other units.
        f"{key}.logloss": bits * float(np.log(2)),
        f"{key}.ece": calibration_error(same, different),
    }


def case_figures(cities: Sequence[CityScore]) -> dict[str, float]:
    """Hops of all cases together; order and tracklets looked at as means over cases."""
    ways = [city.way for city in cities if city.way is not None]
    if not ways:
        return {}
    laid, true, right = (sum(hops) for hops in zip(*map(_hops, ways), strict=True))
    exact = [way.precision == way.recall == way.order == 1 for way in ways]
    looked_at = [city.looked_at for city in cities if city.way is not None]
    return {
        "case.hop_precision": right / laid if laid else 0.0,
        "case.hop_precision.n": laid,
        "case.hop_recall": right / true if true else 0.0,
        "case.hop_recall.n": true,
        "case.order": float(np.mean([way.order for way in ways])),
        **with_interval("case.exact", np.array(exact)),
        "case.looked_at": float(np.mean(looked_at)),
    }


def _hops(way: WayScore) -> tuple[int, int, int]:
    return way.laid, way.true, way.right
