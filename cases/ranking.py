"""Hits of several probes to one ranked list: per tracklet the best match, never the sum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cases.answers import VectorQuery
from core.protocols import Calibration
from core.types import Decision, Hits, Verdict


@dataclass(frozen=True, slots=True)
class Match:
    """A tracklet's best shot by one model, and the probe it is most like."""

    tracklet_id: int
    shot_id: int
    probe_id: int
    model: str
    cosine: float
    llr: float | None = None


def best_matches(queries: Sequence[VectorQuery], hits: Sequence[Hits]) -> dict[str, list[Match]]:
    """Per model each tracklet's best match over all probes and families, best first.

    Probes of one subject are correlated, and so are the shots of one tracklet: the best one
    counts, once. Equal cosines fall back on the lower tracklet id, so that order is stable.
    """
    best: dict[str, dict[int, Match]] = {}
    for query, hit in zip(queries, hits, strict=True):
        known = best.setdefault(query.model, {})
        for row, slot in zip(*np.nonzero(hit.ids >= 0), strict=True):
            match = Match(
                int(hit.ids[row, slot]),
                int(hit.shots[row, slot]),
                query.probe_ids[row],
                query.model,
                float(hit.scores[row, slot]),
            )
            if _order(match) < _order(known.get(match.tracklet_id)):
                known[match.tracklet_id] = match
    return {model: sorted(known.values(), key=_order) for model, known in best.items()}


def ranked(
    by_model: Mapping[str, Sequence[Match]], calibrations: Mapping[str, Calibration]
) -> list[Match]:
    """One list of distinct tracklets, best first, with `llr` where the match's model has one.

    Cosines of different models cannot be compared. Where all models are calibrated their llr can;
    otherwise the models' lists are interleaved: a tracklet stands where its best rank puts it.
    """
    lists = [_calibrated(matches, calibrations.get(model)) for model, matches in by_model.items()]
    comparable = all(model in calibrations for model in by_model)
    placed: dict[int, tuple[tuple[float, float, int], Match]] = {}
    for matches in lists:
        for rank, match in enumerate(matches):
            first = -match.llr if comparable and match.llr is not None else float(rank)
            place = (first, -match.cosine, match.tracklet_id)
            if match.tracklet_id not in placed or place < placed[match.tracklet_id][0]:
                placed[match.tracklet_id] = (place, match)
    return [match for _, match in sorted(placed.values(), key=lambda item: item[0])]


def verdicts_for(actor: int, decisions: Iterable[Decision]) -> dict[int, Verdict]:
    """What the actor is told of each tracklet: one's own newest verdict, else anybody's reject.

    Another's confirmation stays unsaid, so that a second person can confirm without having seen
    it (EU AI Act 14(5)).
    """
    told: dict[int, Verdict] = {}
    for (person, tracklet_id), decision in newest(decisions).items():
        if person == actor:
            told[tracklet_id] = decision.verdict
        elif decision.verdict is Verdict.REJECT:
            told.setdefault(tracklet_id, Verdict.REJECT)
    return told


def decided_for(actor: int, decisions: Iterable[Decision]) -> list[Decision]:
    """What the actor's own answers go by, as `verdicts_for`: one's own, and anybody's rejects.

    So a second person's ways are laid from what that person found, not from what the first said.
    """
    return [
        decision
        for (person, _), decision in newest(decisions).items()
        if person == actor or decision.verdict is Verdict.REJECT
    ]


def newest(decisions: Iterable[Decision]) -> dict[tuple[int, int], Decision]:
    """The newest decision per (actor, tracklet)."""
    ordered = sorted(decisions, key=lambda d: (d.at_ns, d.decision_id))
    return {(decision.actor, decision.tracklet_id): decision for decision in ordered}


def confirmed(decisions: Iterable[Decision]) -> list[int]:
    """Tracklets that somebody's newest verdict confirms and nobody's rejects, ascending."""
    verdicts: dict[int, set[Verdict]] = {}
    for (_, tracklet_id), decision in newest(decisions).items():
        verdicts.setdefault(tracklet_id, set()).add(decision.verdict)
    return sorted(
        tracklet_id
        for tracklet_id, said in verdicts.items()
        if Verdict.CONFIRM in said and Verdict.REJECT not in said
    )


def _order(match: Match | None) -> tuple[float, int]:
    return (float("inf"), 0) if match is None else (-match.cosine, match.tracklet_id)


def _calibrated(matches: Sequence[Match], calibration: Calibration | None) -> list[Match]:
    if calibration is None or not matches:
        return list(matches)
    llrs = calibration.llr(np.array([match.cosine for match in matches], np.float32))
    return [
        Match(m.tracklet_id, m.shot_id, m.probe_id, m.model, m.cosine, float(llr))
        for m, llr in zip(matches, llrs, strict=True)
    ]
