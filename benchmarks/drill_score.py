"""What a drill is worth: looks, hops, seconds, over seeds, for each way of searching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.drill_desk import Looked
from benchmarks.drill_searchers import Answer
from benchmarks.thefts import Visit, WayScore, way_score
from core.types import Sighting, Trajectory

ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Drilled:
    """One searcher in one seed. `refused` counts true hops that were called infeasible;
    `proposed` scores the engine's own trajectory, what it proposes among what was confirmed."""

    searcher: str
    looked: tuple[Looked, ...]
    complete: bool
    way: WayScore
    refused: int
    answers: tuple[Answer, ...] = ()
    proposed: WayScore | None = None
    stop_of: Mapping[int, int] = field(default_factory=dict)

    @property
    def claims(self) -> list[tuple[float, bool]]:
        """Every probability that was stated of an undecided tracklet, and whether it was true."""
        return [
            (chance, tracklet_id in self.stop_of)
            for answer in self.answers
            for tracklet_id, chance in answer.shown
        ]

    @property
    def looks(self) -> int:
        return len(self.looked)

    @property
    def excess(self) -> int:
        """Looks beyond one for each true hop."""
        return self.looks - self.way.true


def scored(stops: Sequence[int], stop_of: Mapping[int, int], laid: Sequence[Sighting]) -> WayScore:
    """The sightings, in their order, against the `stops` to be found, by which tracklet is which.

    Two tracklets of one stop are one sighting of it.
    """
    place = {stop: row for row, stop in enumerate(stops)}
    truth = [_visit(row) for row in range(len(stops))]
    rows = [place.get(stop_of.get(one.tracklet_id, -1), -1) for one in laid]
    return way_score(truth, [_visit(row) for row in rows])


def _visit(row: int) -> Visit:
    """A stop, as if each were a camera of its own."""
    return Visit(row, float(row), row + 0.5)


def refused_hops(stop_of: Mapping[int, int], trajectory: Trajectory) -> int:
    """Hops between sightings that are truly the subject's that were called infeasible."""
    right = [one.tracklet_id in stop_of for one in trajectory.sightings]
    return sum(not hop.feasible and right[hop.start] and right[hop.end] for hop in trajectory.hops)


# --- over all seeds ------------------------------------------------------------------------------


def figures_of(drilled: Sequence[Drilled]) -> dict[str, float]:
    """All figures; the engine's under `drill`, the others' under `drill.NAME`."""
    names = list(dict.fromkeys(one.searcher for one in drilled))
    found: dict[str, float] = {}
    for name in names:
        mine = [one for one in drilled if one.searcher == name]
        found |= looked_figures("drill" if name == ENGINE else f"drill.{name}", mine)
    engine = [one for one in drilled if one.searcher == ENGINE]
    found |= _engine_figures(engine)
    simple = [found[f"drill.{name}.excess_looks"] for name in names if name != ENGINE]
    if engine and simple:
        # An order without any excess look would make any ratio infinite: one look is the least.
        ratio = found["drill.excess_looks"] / max(min(simple), 1.0)
        found["drill.excess_ratio_to_best_simple"] = ratio
    return found


def looked_figures(prefix: str, mine: Sequence[Drilled]) -> dict[str, float]:
    """Looks and hops of one searcher."""
    looks = [one.looks for one in mine]
    return {
        f"{prefix}.looks": float(np.mean(looks)),
        f"{prefix}.looks.max": max(looks),
        f"{prefix}.excess_looks": float(np.mean([one.excess for one in mine])),
        f"{prefix}.complete": float(np.mean([one.complete for one in mine])),
        **way_figures(prefix, [one.way for one in mine]),
        f"{prefix}.hops_refused": sum(one.refused for one in mine),
    }


def way_figures(prefix: str, ways: Sequence[WayScore]) -> dict[str, float]:
    """Hops of all seeds together."""
    laid, true, right = (sum(getattr(way, name) for way in ways) for name in _COUNTS)
    return {
        f"{prefix}.hop_recall": right / true if true else 1.0,
        f"{prefix}.hop_recall.n": true,
        f"{prefix}.hop_precision": right / laid if laid else float(not true),
        f"{prefix}.hop_precision.n": laid,
        f"{prefix}.order": float(np.mean([way.order for way in ways])),
    }


_COUNTS = ("laid", "true", "right")


def _engine_figures(mine: Sequence[Drilled]) -> dict[str, float]:
    answers = [answer for one in mine for answer in one.answers]
    found: dict[str, float] = {}
    if answers:
        took_s = [answer.took_s for answer in answers]
        found = {
            "drill.answers": float(len(answers)),
            "drill.machine_s": float(np.mean(took_s)),
            "drill.machine_s.p50": float(np.percentile(took_s, 50)),
            "drill.machine_s.p95": float(np.percentile(took_s, 95)),
            "drill.machine_s.max": max(took_s),
            "drill.machine_cpu_s": float(np.mean([answer.cpu_s for answer in answers])),
        }
    proposed = [one.proposed for one in mine if one.proposed is not None]
    return found | (way_figures("drill.proposed", proposed) if proposed else {})
