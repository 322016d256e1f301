"""What a report still lacks, from its own content: nothing is read for it."""

from collections.abc import Iterator

from cases.report_content import Lack, LackKind, Report
from core.types import Verdict

NEAR_NATS = 3.0
"""A rival nearer than this to the best trajectory (about 20 to 1) has to be looked at. Own
assumption."""

_SEARCHED_SHARE = 0.999


def lacks_of(report: Report, *, pictures: bool = True) -> tuple[Lack, ...]:
    """What is missing, the weightiest first; empty where a report can be filed without a remark."""
    found = [*_of_decisions(report), *_of_reconstruction(report), *_of_evidence(report)]
    if pictures:
        found += _of_pictures(report)
    kept = [lack for lack in found if lack.count]
    return tuple(
        sorted(kept, key=lambda lack: (not lack.blocking, list(LackKind).index(lack.kind)))
    )


def _about(kind: LackKind, tracklet_ids: list[int]) -> Lack:
    return Lack(kind, len(tracklet_ids), tuple(tracklet_ids))


def _of_decisions(report: Report) -> Iterator[Lack]:
    yield Lack(LackKind.NOTHING_CONFIRMED, int(not report.sightings))
    alone = [s.sighting.tracklet_id for s in report.sightings if len(s.confirmed_by) < 2]
    yield _about(LackKind.ONE_REVIEWER, alone)
    said: dict[int, set[Verdict]] = {}
    for one in report.decisions:
        if one.counts:
            said.setdefault(one.decision.tracklet_id, set()).add(one.decision.verdict)
    contested = [i for i, by in said.items() if {Verdict.CONFIRM, Verdict.REJECT} <= by]
    yield _about(LackKind.CONTESTED, sorted(contested))
    yield _about(LackKind.UNSURE, sorted(i for i, by in said.items() if by == {Verdict.UNSURE}))


def _of_reconstruction(report: Report) -> Iterator[Lack]:
    made = report.reconstruction
    if made is None:
        yield Lack(LackKind.NO_RECONSTRUCTION, int(bool(report.sightings)))
        return
    decided = {one.decision.tracklet_id for one in report.decisions}
    sightings = made.trajectory.sightings
    proposed = [s.tracklet_id for s in sightings if s.proposed and s.tracklet_id not in decided]
    yield _about(LackKind.PROPOSED, proposed)
    confirmed = {one.sighting.tracklet_id for one in report.sightings}
    doubted = [one.tracklet_id for one in made.doubted if one.tracklet_id in confirmed]
    yield _about(LackKind.DOUBTED, sorted(doubted))
    near = {
        tracklet_id
        for sighting in sightings
        for rival in sighting.rivals
        if rival.margin < NEAR_NATS
        for tracklet_id in rival.tracklet_ids
    }
    yield _about(LackKind.RIVAL, sorted(near - decided - set(proposed)))


def _of_evidence(report: Report) -> Iterator[Lack]:
    trajectory = report.trajectory
    yield Lack(LackKind.INFEASIBLE, sum(not hop.feasible for hop in trajectory.hops))
    yield Lack(LackKind.CONTRADICTION, len(trajectory.contradictions))
    unchecked = [s.sighting.tracklet_id for s in report.sightings if s.clock.correction is None]
    yield _about(LackKind.CLOCK_UNCHECKED, unchecked)
    coverage = trajectory.coverage
    blind = coverage.searched_s < _SEARCHED_SHARE * coverage.asked_s
    yield Lack(LackKind.NOT_SEARCHED, len(coverage.missing) if blind else 0)
    yield Lack(LackKind.NO_SCENE, int(all(scene.box is None for scene in report.scenes)))


def _of_pictures(report: Report) -> Iterator[Lack]:
    gone = [
        s.sighting.tracklet_id
        for s in report.sightings
        if not s.shots or any(not shot.picture.jpeg for shot in s.shots)
    ]
    yield _about(LackKind.PICTURE_GONE, gone)
