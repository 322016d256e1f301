"""Plates in a search: what each reading says of the plate asked for, beside how tracklets look.

Log-likelihood ratios of plate and appearance add up, tracklet by tracklet. Each side knows its own
hits only, so the other's share is found or stated:

- A tracklet that its looks brought up and of which a plate was read: the ratio of that reading, the
  one of the most reads. Where none was read: 0, for that says nothing for or against.
- A tracklet that its plate brought up and that is not among the most alike: what the least of those
  has, and 0 at most; for it is no more alike than they are. 0 where all that have a picture were
  among them.

Where a model of appearance is not calibrated nothing can be added: the two lists are interleaved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cases.answers import PlateQuery, VectorQuery
from cases.ranking import Match
from core.arrays import F32
from core.plates.alphabet import ABSENT, ALPHABET
from core.plates.explaining import SignMatch, explained
from core.plates.likelihood import PlateLikelihood, stacked
from core.protocols import Calibration
from core.types import Hits, Plate, PlateHit, PlateReading, Shot

NO_PLATE = "no plate was read: it counts neither for nor against"
NOT_ALIKE = "not among the most alike: its appearance counts as the least of theirs, 0 at most"


@dataclass(frozen=True, slots=True)
class Joint:
    """A tracklet with what looks and plate say of it; None for what was not asked or is unknown."""

    tracklet_id: int
    match: Match | None = None
    llr: float | None = None
    plate_llr: float | None = None
    notes: tuple[str, ...] = ()


def plate_llrs(
    asked: PlateQuery,
    hits: Iterable[PlateHit],
    plates: Mapping[int, Plate],
    likelihood: PlateLikelihood,
) -> dict[int, float]:
    """The ratio of each tracklet that has a plate: of a hit as found, else of its reading."""
    found = {hit.tracklet_id: hit for hit in hits}
    llrs: dict[int, float] = {}
    rest: list[Plate] = []
    for tracklet_id, plate in plates.items():
        hit = found.get(tracklet_id)
        if hit is not None and hit.plate_id == plate.plate_id:
            llrs[tracklet_id] = hit.llr
        else:
            rest.append(plate)
    if rest:
        computed = likelihood.llr(asked.pattern, stacked([plate.log_probs for plate in rest]))
        llrs |= {one.tracklet_id: float(x) for one, x in zip(rest, computed, strict=True)}
    return llrs


def least_llr(
    queries: Sequence[VectorQuery], hits: Sequence[Hits], calibrations: Mapping[str, Calibration]
) -> float:
    """What appearance may count at most for a tracklet outside the hits; 0 or less."""
    bounds: list[float] = []
    for query, hit in zip(queries, hits, strict=True):
        calibration = calibrations.get(query.model)
        full = hit.ids[:, -1] >= 0 if hit.ids.shape[1] else np.zeros(len(hit.ids), np.bool_)
        if calibration is not None and full.any():
            bounds.append(float(calibration.llr(hit.scores[full, -1]).max()))
    return min(0.0, max(bounds, default=0.0))


def joined(
    matches: Sequence[Match], llrs: Mapping[int, float], *, by_looks: bool, least: float
) -> list[Joint]:
    """One list, best first, of `matches` (best first) and of tracklets with a plate's ratio.

    `by_looks` says whether probes were asked for at all; `least` is `least_llr`.
    """
    by_plate = sorted(llrs, key=lambda tracklet_id: (-llrs[tracklet_id], tracklet_id))
    if not by_looks:
        return [Joint(tracklet_id, plate_llr=llrs[tracklet_id]) for tracklet_id in by_plate]
    comparable = all(match.llr is not None for match in matches)
    looks = {match.tracklet_id: match for match in matches}
    least_alike = least if comparable else None
    every = [_joint(i, looks.get(i), llrs.get(i), least_alike) for i in (looks.keys() | llrs)]
    if comparable:
        return sorted(every, key=_by_sum)
    ranks = [{i: rank for rank, i in enumerate(ids)} for ids in (looks, by_plate)]
    last = len(every)

    def place(one: Joint) -> tuple[int, int, int]:
        low, high = sorted(rank.get(one.tracklet_id, last) for rank in ranks)
        return low, high, one.tracklet_id

    return sorted(every, key=place)


def reading_of(
    plate: Plate, shots: Iterable[Shot], signs: Sequence[SignMatch] = ()
) -> PlateReading:
    """A plate as people are shown it, its evidence among `shots` if it is still there."""
    text, chances = likeliest(plate.log_probs)
    shot = next((one for one in shots if one.shot_id == plate.shot_id), None)
    corners: tuple[tuple[float, float], ...] = ()
    if shot is not None and plate.corners is not None:
        left, top = shot.xyxy[:2]
        corners = tuple((float(x) - left, float(y) - top) for x, y in plate.corners)
    return PlateReading(
        plate_id=plate.plate_id,
        text=text,
        chances=chances,
        layout=plate.layout,
        colour=plate.colour,
        reads=plate.reads,
        shot_id=None if shot is None else shot.shot_id,
        corners=corners,
        signs=tuple(signs),
    )


def signs_of(asked: PlateQuery, plate: Plate, likelihood: PlateLikelihood) -> tuple[SignMatch, ...]:
    """How the plate answers what was asked, sign by sign."""
    return explained(likelihood, asked.pattern, plate.log_probs).signs


def likeliest(log_probs: F32) -> tuple[str, tuple[float, ...]]:
    """The likeliest text of a reading (P, A), and the chance of each of its signs."""
    best = log_probs.argmax(axis=1)
    there = np.flatnonzero(best != ABSENT)
    text = "".join(ALPHABET[column] for column in best[there].tolist())
    chances = np.exp(log_probs[there, best[there]].astype(np.float64))
    return text, tuple(round(chance, 4) for chance in chances.tolist())


def _joint(
    tracklet_id: int, match: Match | None, plate_llr: float | None, least: float | None
) -> Joint:
    notes = [*([NO_PLATE] if plate_llr is None else []), *([NOT_ALIKE] if match is None else [])]
    return Joint(
        tracklet_id,
        match,
        least if match is None else match.llr,
        0.0 if plate_llr is None else plate_llr,
        tuple(notes),
    )


def _by_sum(one: Joint) -> tuple[float, float, int]:
    plate = one.plate_llr or 0.0
    return -(plate + (one.llr or 0.0)), -plate, one.tracklet_id
