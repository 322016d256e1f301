"""What a laid way looks like to people: candidates with their evidence, hops, rivals."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from cases.answers import PlateQuery, Traced
from cases.belief import Likeness
from cases.laying import Laid
from cases.plates import NO_PLATE, plate_llrs, reading_of, signs_of
from cases.ranking import confirmed
from cases.trajectory import Layout
from cases.transit import Transit
from core.plates.likelihood import PlateLikelihood
from core.types import (
    Candidate,
    Decision,
    Hop,
    ObjectClass,
    PlateReading,
    Rival,
    Shot,
    Sighting,
    Trajectory,
    WayThrough,
)

RIVAL_NATS = 5.0
"""A rival further behind matters to nobody: one to 150."""
MAX_RIVALS = 3

EXPECTED = 8
"""Sightings of a subject that a scope is expected to hold: the prior of a tracklet to be one."""

PUSHED = "looks like a tracklet that was rejected, which counts against it"
LIKE_CONFIRMED = "most like a confirmed sighting, tracklet {}"
NOT_COMPARED = "its appearance was not compared: it counts neither for nor against"

_SHOTS_SHOWN = 8
_SURE = 1e-9


@dataclass(frozen=True, eq=False)
class Proposal:
    """One reconstruction in words and rows. `fixed` were taken for granted."""

    traced: Traced
    laid: Laid
    looks: Likeness
    plate: PlateQuery | None
    likelihood: PlateLikelihood
    decisions: Sequence[Decision]
    fixed: frozenset[int]
    transit: Transit

    def candidates(self, tracklet_ids: Iterable[int]) -> list[Candidate]:
        """Those of these that still have their rows, in the same order."""
        return [self._all[i] for i in tracklet_ids if i in self._all]

    @cached_property
    def _all(self) -> dict[int, Candidate]:
        rows = self.traced.rows
        there = [i for i in rows.parts if rows.shots.get(i)]
        plates = self._plate_llrs(there)
        return {i: self._candidate(i, plates.get(i)) for i in there}

    def trajectory(self) -> Trajectory:
        """The best way; of what nobody confirmed the sightings are `proposed`."""
        laid, pool = self.laid, self.laid.pool
        ids = [int(pool.tracklet_ids[row]) for row in laid.ways.best]
        ids = [i for i in ids if i in self.traced.rows.parts]
        ids += sorted(self._confirmed - set(ids))  # of what is gone the gaps tell
        best = self._all
        layout = Layout(self.traced, self.transit, self.decisions, best)
        others = sorted(set(best) - set(ids), key=lambda i: (-(best[i].probability or 0.0), i))
        way = layout.trajectory(ids, others)
        rows = laid.row_of
        return replace(
            way,
            sightings=tuple(self._sighting(one, best, rows) for one in way.sightings),
            hops=tuple(self._hop(hop, way.sightings) for hop in way.hops),
            margin=self._margin(),
        )

    def ways(self) -> tuple[WayThrough, ...]:
        """The K best, anchors left out."""
        pool = self.laid.pool
        return tuple(
            WayThrough(tuple(int(i) for i in pool.tracklet_ids[list(rows)] if i >= 0), worth)
            for rows, worth in self.laid.ways.ways
        )

    # --- candidates ---------------------------------------------------------------------------

    def _plate_llrs(self, tracklet_ids: Sequence[int]) -> dict[int, float]:
        if self.plate is None:
            return {}
        plates = {i: p for i in tracklet_ids if (p := self.traced.rows.plates.get(i))}
        return plate_llrs(self.plate, (), plates, self.likelihood)

    def _candidate(self, tracklet_id: int, plate_llr: float | None) -> Candidate:
        parts = self.traced.rows.parts[tracklet_id]
        reading = self._reading(tracklet_id)
        place = self._place(tracklet_id)
        shots = self._shots(tracklet_id, place, reading)
        row = self.laid.row_of.get(tracklet_id)
        llr = self._appearance(place, row)
        if self.plate is not None and plate_llr is None:
            plate_llr = 0.0
        chance = None if row is None or not self.looks.calibrated else float(self.laid.chance[row])
        return Candidate(
            tracklet_id=tracklet_id,
            camera_id=parts[0].camera_id,
            class_label=ObjectClass(parts[0].class_id).label,
            span=self.traced.passage.utc_span(parts),
            cosine=None if place is None else float(self.looks.cosine[place]),
            llr=llr,
            shot_id=shots[0],
            shot_ids=tuple(shots[:_SHOTS_SHOWN]),
            probe_id=self._probe_of(place),
            plate_llr=plate_llr,
            plate=reading,
            notes=tuple(self._notes(place, row, llr, reading)),
            transit_llr=self._transit(tracklet_id, chance, (llr or 0.0) + (plate_llr or 0.0)),
            probability=chance,
        )

    def _place(self, tracklet_id: int) -> int | None:
        """Where it stands among what was brought up by its looks."""
        place = int(np.searchsorted(self.looks.tracklet_ids, tracklet_id))
        there = place < len(self.looks) and self.looks.tracklet_ids[place] == tracklet_id
        return place if there else None

    def _appearance(self, place: int | None, row: int | None) -> float | None:
        """Nats after what was rejected; as found where it had no place in the pool."""
        if place is None:
            return None
        after = math.nan if row is None else float(self.laid.appearance[row])
        nats = float(self.looks.llr[place]) if math.isnan(after) else after
        return None if math.isnan(nats) else nats

    def _probe_of(self, place: int | None) -> int | None:
        probe = -1 if place is None else int(self.looks.probe_ids[place])
        return probe if probe >= 0 else None

    def _reading(self, tracklet_id: int) -> PlateReading | None:
        plate = self.traced.rows.plates.get(tracklet_id)
        if plate is None:
            return None
        signs = signs_of(self.plate, plate, self.likelihood) if self.plate else ()
        return reading_of(plate, self.traced.rows.shots[tracklet_id], signs)

    def _shots(
        self, tracklet_id: int, place: int | None, reading: PlateReading | None
    ) -> list[int]:
        """The shot most alike first, then the plate's, then by quality."""
        shots: list[Shot] = self.traced.rows.shots[tracklet_id]
        there = {shot.shot_id for shot in shots}
        first = [] if place is None else [int(self.looks.shot_ids[place])]
        if reading is not None and reading.shot_id is not None:
            first.append(reading.shot_id)
        by_quality = [shot.shot_id for shot in sorted(shots, key=lambda shot: -shot.quality)]
        return list(dict.fromkeys([*(i for i in first if i in there), *by_quality]))

    def _transit(self, tracklet_id: int, chance: float | None, own: float) -> float | None:
        """What place and time add to a tracklet's own evidence and the prior, given the chance.

        None for what is taken for granted.
        """
        if chance is None or tracklet_id in self.fixed:
            return None
        share = min(0.5, EXPECTED / max(self.laid.pruned.candidates, 1))
        sure = min(max(chance, _SURE), 1 - _SURE)
        return math.log(sure / (1 - sure)) - own - math.log(share / (1 - share))

    def _notes(
        self, place: int | None, row: int | None, llr: float | None, reading: PlateReading | None
    ) -> Iterator[str]:
        if place is None:
            yield NOT_COMPARED
        else:
            probe = int(self.looks.probe_ids[place])
            if probe < 0:
                yield LIKE_CONFIRMED.format(-probe)
            if llr is not None and row is not None and self.looks.llr[place] - llr > 0.5:
                yield PUSHED
        if self.plate is not None and reading is None:
            yield NO_PLATE

    # --- the way ------------------------------------------------------------------------------

    def _sighting(
        self, one: Sighting, best: dict[int, Candidate], rows: dict[int, int]
    ) -> Sighting:
        candidate, row = best.get(one.tracklet_id), rows.get(one.tracklet_id)
        llr = dict(one.llr)
        if candidate is not None and candidate.transit_llr is not None:
            llr["transit"] = candidate.transit_llr
        if row is None:
            return replace(one, llr=llr)
        margin, rivals = self._rivals(row)
        return replace(
            one,
            llr=llr,
            proposed=one.tracklet_id not in self._confirmed,
            probability=None if candidate is None else candidate.probability,
            margin=margin,
            rivals=rivals,
        )

    @cached_property
    def _confirmed(self) -> frozenset[int]:
        return frozenset(confirmed(self.decisions))

    def _rivals(self, row: int) -> tuple[float | None, tuple[Rival, ...]]:
        """How far the best way is ahead without this candidate, and others in its place.

        In its place is what comes after the sighting before it and before the one after it.
        """
        laid, ways = self.laid, self.laid.ways
        if laid.pool.fixed[row] or row not in ways.best:
            return None, ()
        worth, _ = ways.without(row)
        place = ways.best.index(row)
        low = ways.best[place - 1] if place else -1
        high = ways.best[place + 1] if place + 1 < len(ways.best) else len(laid.pool)
        behind = ways.worth - ways.through()
        near = [r for r in range(low + 1, high) if r != row and behind[r] <= RIVAL_NATS]
        near = [r for r in near if row not in ways.way_through(r)]
        near.sort(key=lambda r: (behind[r], r))
        rivals = tuple(
            Rival(self._others(ways.way_through(r)), float(behind[r])) for r in near[:MAX_RIVALS]
        )
        return (float(ways.worth - worth) if worth > -math.inf else None), rivals

    def _others(self, way: Sequence[int]) -> tuple[int, ...]:
        """Tracklets of a way that the best one does not have."""
        ids = self.laid.pool.tracklet_ids
        best = set(self.laid.ways.best)
        return tuple(int(ids[row]) for row in way if row not in best and ids[row] >= 0)

    def _hop(self, hop: Hop, sightings: Sequence[Sighting]) -> Hop:
        before, after = sightings[hop.start], sightings[hop.end]
        nats = self._nats.get((before.tracklet_id, after.tracklet_id), -math.inf)
        network = self.laid.network
        changed = before.family != after.family
        return replace(
            hop,
            change=f"{before.family} to {after.family}" if changed else "",
            llr=nats if nats > -math.inf else None,
            missed=tuple(network.between(before.camera_id, after.camera_id)),
        )

    @cached_property
    def _nats(self) -> dict[tuple[int, int], float]:
        """Of the best way's hops, by the tracklets of both ends."""
        ids = [int(self.laid.pool.tracklet_ids[row]) for row in self.laid.ways.best]
        return dict(zip(pairwise(ids), self.laid.hops.tolist(), strict=True))

    def _margin(self) -> float | None:
        """How far the best way is ahead of the second."""
        ways = self.laid.ways.ways
        return ways[0][1] - ways[1][1] if len(ways) > 1 else None
