"""The report of a case: what was confirmed, how it is known, what is missing; for the file inside.

It is read through the one door under an entry of its own, holds no picture but those of confirmed
sightings and of probes, and its hash is in the audit log before it leaves.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cases import kept
from cases.answers import Ask, Reported
from cases.audit import AuditLog
from cases.case_log import CaseLog, case_log
from cases.events import EventKind, event_by
from cases.plates import reading_of
from cases.probes import bare
from cases.ranking import confirmed, newest
from cases.reading import ReadingDoor
from cases.report_content import (
    ClockShown,
    DecisionShown,
    Making,
    ModelShown,
    Papers,
    Person,
    PictureShown,
    Place,
    PlateShown,
    Report,
    RoadMap,
    SceneShown,
    SearchShown,
    ShotShown,
    SightingShown,
    SignShown,
)
from cases.report_lacks import lacks_of
from cases.trajectory import best_candidates, laid_out
from core.clocks import Now
from core.errors import Conflict, InvalidInput, ModelError, NotFound, TooLarge
from core.plates.alphabet import ABSENT, ALPHABET
from core.protocols import Store
from core.types import (
    Account,
    Camera,
    CameraGraph,
    Candidate,
    Case,
    Decision,
    ObjectClass,
    Plate,
    Probe,
    Reconstruction,
    Sighting,
)

MAX_SIGHTINGS = 100
MAX_PROBES = 32
SHOTS_EACH = 3
"""Of each sighting the best so many; fewer where there are many sightings."""

MAX_SHOTS = 150
MAX_FRAMES = 3
"""Whole frames of the scene: the first probes' own."""

_OTHER_SIGNS = 2
_WORTH_SAYING = 0.02  # a sign less likely than this is no doubt worth a reader's time

Reconstruct = Callable[[Account, int], Reconstruction]


@dataclass(frozen=True, slots=True)
class Filed:
    """A rendered report, about to leave."""

    format: str
    language: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Reports:
    """Makes a case's report. `reconstruct` lays out the likeliest trajectory with its rivals."""

    door: ReadingDoor
    store: Store
    audit: AuditLog
    now: Now
    reconstruct: Reconstruct | None = None
    models: Callable[[], Sequence[ModelShown]] = tuple

    def make(self, actor: Account, case_id: int, *, pictures: bool = True) -> Report:
        """The report as of now; without `pictures` the same, to see what is still missing.

        Raises `TooLarge` beyond `MAX_SIGHTINGS` confirmed ones; otherwise as any read does.
        """
        decisions = self.store.cases.decisions(case_id)
        probes = self.store.cases.probes(case_id)[:MAX_PROBES]
        wanted = confirmed(decisions)
        if len(wanted) > MAX_SIGHTINGS:
            raise TooLarge(f"report: want at most {MAX_SIGHTINGS} sightings, got {len(wanted)}")
        reconstruction, why_none = self._reconstructed(actor, case_id, wanted)
        search_id = reconstruction.answer.search_id if reconstruction else None
        read = self._read(actor, case_id, wanted, probes, pictures, search_id)
        case = read.traced.passage.case
        log = case_log(self.store.audit, case)
        maker = _Maker(self.store, read, decisions, log, _people_of(self.store))
        trajectory = laid_out(
            read.traced, self.store.cameras.graph(), decisions, self._best(case_id, probes, log)
        )
        frames = self._frames(actor, log, probes) if pictures else {}
        report = Report(
            making=Making(
                self.now(),
                maker.person(actor.account_id),
                read.traced.passage.audit_seq,
                log.shown(),
                search_id,
            ),
            papers=maker.papers(case),
            scenes=tuple(maker.scene(probe, frames.get(probe.probe_id)) for probe in probes),
            sightings=tuple(map(maker.sighting, trajectory.sightings)),
            trajectory=trajectory,
            reconstruction=reconstruction,
            why_none=why_none,
            decisions=maker.decisions_shown(),
            searches=maker.searches(),
            places=maker.places(),
            road_map=maker.road_map(self.store.cameras.graph(), trajectory.sightings),
            models=tuple(self.models()),
            lacks=(),
        )
        return replace(report, lacks=lacks_of(report, pictures=pictures))

    def filed(self, actor: Account, report: Report, out: Filed) -> None:
        """Write to the log that the rendered report leaves; do this before it does."""
        detail = {
            "report_seq": report.making.audit_seq,
            "content_sha256": report.digest(),
            "sha256": out.sha256,
            "bytes": len(out.content),
            "format": out.format,
            "language": out.language,
            "tracklet_ids": [one.sighting.tracklet_id for one in report.sightings],
            "shot_ids": list(report.shot_ids),
            "probe_ids": [scene.probe.probe_id for scene in report.scenes],
        }
        case = report.papers.case
        self.audit.write(event_by(actor, EventKind.REPORT_MADE, detail, case=case))

    # --- inside: what is read -------------------------------------------------------------------

    def _read(
        self,
        actor: Account,
        case_id: int,
        wanted: Sequence[int],
        probes: Sequence[Probe],
        pictures: bool,
        search_id: int | None,
    ) -> Reported:
        detail: dict[str, object] = {
            "tracklet_ids": list(wanted),
            "probe_ids": [probe.probe_id for probe in probes],
            "pictures": pictures,
        }
        if search_id is not None:
            detail["search_id"] = search_id
        ask = Ask(actor, case_id, EventKind.READ_REPORT, detail=detail)
        each = min(SHOTS_EACH, MAX_SHOTS // max(1, len(wanted))) if pictures else 0
        shown = [probe.probe_id for probe in probes] if pictures else []
        return self.door.report(ask, wanted, shots_each=each, probe_ids=shown)

    def _reconstructed(
        self, actor: Account, case_id: int, wanted: Sequence[int]
    ) -> tuple[Reconstruction | None, str]:
        """The reconstruction from what was confirmed, or why there is none.

        It is blind to what others confirmed: who confirmed nothing has none.
        """
        if self.reconstruct is None or not wanted:
            return None, ""
        try:
            return self.reconstruct(actor, case_id), ""
        except (Conflict, InvalidInput, ModelError, NotFound) as error:
            return None, str(error)

    def _best(self, case_id: int, probes: Sequence[Probe], log: CaseLog) -> Mapping[int, Candidate]:
        """What searches found of each tracklet; those made for reports would say it again."""
        cases = self.store.cases
        ids = [i for i in cases.searches(case_id) if i not in log.for_reports]
        return best_candidates((kept.read(cases.search(case_id, i)) for i in ids), probes)

    def _frames(
        self, actor: Account, log: CaseLog, probes: Iterable[Probe]
    ) -> dict[int, tuple[bytes, tuple[int, int]]]:
        """JPEG and size of the frames that the first probes were cut from, if still kept."""
        frames: dict[int, tuple[bytes, tuple[int, int]]] = {}
        for probe in probes:
            added = log.probes.get(probe.probe_id)
            if added is None or added.at_ns is None or added.camera_id is None:
                continue
            if len(frames) == MAX_FRAMES:
                break
            try:
                frame = self.door.frame(actor, probe.case_id, added.camera_id, added.at_ns)
            except NotFound:
                continue  # retention took it; the probe's own picture stays
            frames[probe.probe_id] = frame.surface.jpeg(), frame.surface.size
        return frames


@dataclass(frozen=True, slots=True)
class _Maker:
    """One report: the rows that were read, and the people who are named in it."""

    store: Store
    read: Reported
    decisions: Sequence[Decision]
    log: CaseLog
    people: Mapping[int, Person]

    def person(self, account_id: int) -> Person:
        return self.people.get(account_id, Person(account_id, f"#{account_id}", "", ""))

    def papers(self, case: Case) -> Papers:
        approver = None if case.approver is None else self.person(case.approver)
        members = tuple(self.person(i) for i in sorted(case.members - {case.requester}))
        return Papers(case, self.person(case.requester), members, approver)

    def scene(self, probe: Probe, frame: tuple[bytes, tuple[int, int]] | None) -> SceneShown:
        added = self.log.probes.get(probe.probe_id)
        shown = SceneShown(
            bare(probe),
            PictureShown.of(self.read.probe_jpegs.get(probe.probe_id, b"")),
            self.person(added.actor) if added and added.actor is not None else None,
            camera_id=probe.camera_id,
            at_ns=self._probe_time(probe),
        )
        if added is None:
            return shown
        return replace(
            shown,
            at_ns=added.at_ns if added.at_ns is not None else shown.at_ns,
            box=added.box,
            upload_sha256=added.upload_sha256,
            frame=PictureShown.of(frame[0]) if frame else None,
            frame_hw=frame[1] if frame else None,
        )

    def _probe_time(self, probe: Probe) -> int | None:
        camera = self.cameras.get(probe.camera_id) if probe.camera_id is not None else None
        if camera is None or probe.device_ns is None:
            return None
        return camera.utc_of(probe.device_ns)

    @property
    def cameras(self) -> Mapping[int, Camera]:
        return self.read.traced.passage.cameras

    def sighting(self, sighting: Sighting) -> SightingShown:
        rows = self.read.traced.rows
        tracklet_id = sighting.tracklet_id
        shots = rows.shots.get(tracklet_id, [])
        plate = rows.plates.get(tracklet_id)
        return SightingShown(
            sighting=sighting,
            class_label=ObjectClass(rows.parts[tracklet_id][0].class_id).label,
            clock=self.clock(sighting),
            shots=tuple(
                ShotShown(
                    shot.shot_id,
                    self.cameras[shot.camera_id].utc_of(shot.device_ns),
                    shot.device_ns,
                    shot.xyxy,
                    PictureShown.of(self.read.shot_jpegs.get(shot.shot_id, b"")),
                )
                for shot in shots
            ),
            shots_kept=self.read.shots_kept.get(tracklet_id, 0),
            plate=None if plate is None else PlateShown(reading_of(plate, shots), signs_of(plate)),
            decisions=tuple(
                one for one in self.decisions_shown() if one.decision.tracklet_id == tracklet_id
            ),
        )

    def clock(self, sighting: Sighting) -> ClockShown:
        """Of the part whose time line is the least sure."""
        epochs = self.read.traced.epochs
        parts = self.read.traced.rows.parts[sighting.tracklet_id]
        lines = [epochs[part.epoch] for part in parts if part.epoch in epochs]
        line = max(lines, key=lambda epoch: epoch.clock_sigma_s, default=None)
        camera = self.cameras[sighting.camera_id]
        first_ns = min(part.span.start_ns for part in parts)
        known = any(one.since_ns <= first_ns for one in camera.clocks)
        return ClockShown(
            line.clock if line else None,
            line.clock_sigma_s if line else 0.0,
            camera.correction_at(first_ns) if known else None,
            line.size_hw if line else None,
        )

    def decisions_shown(self) -> tuple[DecisionShown, ...]:
        counting = set(newest(self.decisions).values())
        return tuple(
            DecisionShown(
                one, self.person(one.actor), one in counting, self.log.had_seen(one.actor, one)
            )
            for one in sorted(self.decisions, key=lambda d: (d.at_ns, d.decision_id))
        )

    def searches(self) -> tuple[SearchShown, ...]:
        """All but those that were made for reports."""
        case_id = self.read.traced.passage.case.case_id
        cases = self.store.cases
        ids = [i for i in cases.searches(case_id) if i not in self.log.for_reports]
        found = (kept.read(cases.search(case_id, i)) for i in ids)
        return tuple(
            SearchShown(
                one.answer.search_id,
                one.at_ns,
                self.person(one.actor),
                len(one.probe_ids),
                one.plate,
                len(one.answer.candidates),
                one.answer.audit_seq,
                self.log.compared.get(one.answer.search_id, ()),
                one.answer.search_id in self.log.of_scenes,
            )
            for one in found
        )

    def places(self) -> dict[int, Place]:
        return {i: Place.of(camera) for i, camera in sorted(self.cameras.items())}

    def road_map(self, graph: CameraGraph, sightings: Iterable[Sighting]) -> RoadMap:
        """The granted cameras that have a place, and the roads between any that have one."""
        every = {camera.camera_id: camera for camera in self.store.cameras.all()}
        ends = np.sort(graph.camera_ids[graph.edges], axis=1) if len(graph.edges) else ()
        roads = sorted({(int(a), int(b)) for a, b in ends if a != b})
        drawn = {i for road in roads for i in road} | set(self.cameras)
        placed = {
            i: Place.of(every[i])
            for i in sorted(drawn)
            if i in every and every[i].lon_lat_deg is not None
        }
        known = tuple((a, b) for a, b in roads if a in placed and b in placed)
        return RoadMap(tuple(placed.values()), known)


def signs_of(plate: Plate) -> tuple[SignShown, ...]:
    """Each position that was read, with what else it could be."""
    shown: list[SignShown] = []
    for row in plate.log_probs:
        order = np.argsort(-row, kind="stable")
        if order[0] == ABSENT:
            continue
        chances = [(_sign(int(i)), round(float(np.exp(row[i])), 4)) for i in order]
        others = [one for one in chances[1 : 1 + _OTHER_SIGNS] if one[1] >= _WORTH_SAYING]
        shown.append(SignShown(chances[0][0], chances[0][1], tuple(others)))
    return tuple(shown)


def _sign(column: int) -> str:
    return "" if column == ABSENT else ALPHABET[column]


def _people_of(store: Store) -> dict[int, Person]:
    return {
        one.account_id: Person(one.account_id, one.name, one.full_name, one.organisation)
        for one in store.accounts.all()
    }
