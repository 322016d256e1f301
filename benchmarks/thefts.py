"""A theft worked on as a case: probe, search, decide, reconstruct; and how right the way is.

Truth answers only where a person would look: whether a tracklet that was offered shows the subject,
and where the vehicle stands that the subject was seen to enter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.judging import LEAST_OVERLAP, TruthBoxes
from benchmarks.passages import shot_quality
from benchmarks.site import Site
from cases.search import MAX_PROBES, SearchRequest
from core.arrays import F32, I64
from core.clocks import ns_of, s_of
from core.errors import InvalidInput
from core.geometry import iou
from core.types import Camera, Family, ObjectClass, Probe, Tracklet, Trajectory, Verdict
from scenes.theft import Appearance, Mount, Subject, Theft

_ROUNDS = 6
_OFFERED = 50
_SLACK_S = 1.0
"""By how much a sighting may miss an appearance: boxes begin and end a little early or late."""
_ENTERED_S = 6.0
"""How long after the subject got in the vehicle is pointed at."""

FrameBox = tuple[float, float, float, float]


# --- the way, scored ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """The subject in one camera's view, seconds of the city; getting on a bicycle is no break."""

    camera: int
    in_s: float
    out_s: float


def visits_of(appearances: Sequence[Appearance]) -> list[Visit]:
    """Appearances in order of time, those that follow each other in one camera as one."""
    found: list[Visit] = []
    for one in sorted(appearances, key=lambda one: one.in_s):
        if found and found[-1].camera == one.camera:
            last = found.pop()
            found.append(Visit(one.camera, last.in_s, max(last.out_s, one.out_s)))
        else:
            found.append(Visit(one.camera, one.in_s, one.out_s))
    return found


@dataclass(frozen=True, slots=True)
class WayScore:
    """Right hops among those laid out and among the true ones, and how much stands in order."""

    laid: int
    true: int
    right: int
    order: float

    @property
    def precision(self) -> float:
        return self.right / self.laid if self.laid else float(not self.true)

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def way_score(visits: Sequence[Visit], sighted: Sequence[Visit]) -> WayScore:
    """The laid out `sighted` (one for each sighting, in the trajectory's order) against `visits`.

    A hop leads from one visit to another; it is right if the truth has just that hop, so a missed
    visit costs both of its hops and a false one breaks the hop that it stands in. Order is the
    share of pairs of found visits that stand as they were.
    """
    rows = _without_repeats([visit_row(visits, one) for one in sighted])
    laid = list(pairwise(rows))
    right = {hop for hop in laid if hop[0] >= 0 and hop[1] == hop[0] + 1}
    return WayScore(len(laid), max(0, len(visits) - 1), len(right), _order(rows))


def visit_row(visits: Sequence[Visit], sighting: Visit) -> int:
    """The visit that a sighting overlaps the longest, or -1."""
    shared = [
        min(one.out_s, sighting.out_s) - max(one.in_s, sighting.in_s)
        if one.camera == sighting.camera
        else -np.inf
        for one in visits
    ]
    best = int(np.argmax(shared)) if shared else -1
    return best if best >= 0 and shared[best] > -_SLACK_S else -1


def _without_repeats(rows: Sequence[int]) -> list[int]:
    return [row for place, row in enumerate(rows) if not place or row != rows[place - 1]]


def _order(rows: Sequence[int]) -> float:
    found = list(dict.fromkeys(row for row in rows if row >= 0))
    pairs = [(a, b) for place, a in enumerate(found) for b in found[place + 1 :]]
    return sum(a < b for a, b in pairs) / len(pairs) if pairs else 1.0


# --- the truth, asked --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class CameraTruth:
    """What truth knows of one camera: its boxes, and the device time of each picture (P,)."""

    camera_id: int
    size_hw: tuple[int, int]
    boxes: TruthBoxes
    at_ns: I64

    def family_of(self, actor_id: int) -> Family | None:
        """The family that an actor is of, None if it was never in view."""
        kinds = self.boxes.class_id[self.boxes.subject == actor_id]
        return ObjectClass(int(kinds[0])).family if len(kinds) else None

    def of_subject(self, actor_ids: Sequence[int]) -> TruthBoxes:
        return self.boxes.rows(np.isin(self.boxes.subject, actor_ids))

    def shows(self, parts: Sequence[Tracklet], actor_ids: Sequence[int]) -> bool:
        """Whether most looks of a tracklet lie on one of these actors."""
        mine = self.of_subject(actor_ids)
        looks = [
            _lies_on_one(box, mine.of_picture(number))
            for part in parts
            for box, number in zip(part.xyxy, self._numbers(part).tolist(), strict=True)
        ]
        return bool(looks) and sum(looks) >= len(looks) / 2

    def _numbers(self, part: Tracklet) -> I64:
        """The picture nearest to each look (T,)."""
        after = np.clip(np.searchsorted(self.at_ns, part.device_ns), 1, len(self.at_ns) - 1)
        earlier = part.device_ns - self.at_ns[after - 1] < self.at_ns[after] - part.device_ns
        return np.asarray(after - earlier, np.int64)

    def best_box(self, actor_id: int, first_ns: int, last_ns: int) -> tuple[int, FrameBox] | None:
        """Device time and box of an actor's best picture in a time, None if it has none."""
        mine = self.of_subject([actor_id])
        mine = mine.rows(mine.counted)
        at_ns = self.at_ns[mine.picture]
        mine = mine.rows((at_ns >= first_ns) & (at_ns <= last_ns))
        if not len(mine):
            return None
        row = int(shot_quality(mine, self.size_hw).argmax())
        x1, y1, x2, y2 = (float(side) for side in mine.xyxy[row])
        return int(self.at_ns[mine.picture[row]]), (x1, y1, x2, y2)


def _lies_on_one(box: F32, truth: TruthBoxes) -> bool:
    return bool((iou(box[None], truth.xyxy) >= LEAST_OVERLAP).any())


# --- the case ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TheftTruth:
    """The theft and its thief, and the cameras by row; the city began at `start_ns`."""

    theft: Theft
    subject: Subject
    cameras: tuple[CameraTruth, ...]
    start_ns: int

    def visit_of(self, camera_id: int, first_ns: int, last_ns: int) -> Visit:
        """A span in UTC as seconds of the city."""
        row = next(row for row, one in enumerate(self.cameras) if one.camera_id == camera_id)
        return Visit(row, s_of(first_ns - self.start_ns), s_of(last_ns - self.start_ns))

    def is_wanted(self, parts: Sequence[Tracklet]) -> bool:
        """What a person who compares the pictures would say."""
        camera = next(one for one in self.cameras if one.camera_id == parts[0].camera_id)
        return camera.shows(parts, self.subject.actor_ids)


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a case: its trajectory, and how many tracklets were looked at for it."""

    trajectory: Trajectory
    looked_at: int


def work_on(site: Site, truth: TheftTruth) -> Worked:
    """Search from a box on the scene, decide on what is offered, and again from what was confirmed
    and from the vehicles seen to be entered, until nothing new is found."""
    case = site.case or site.open_case()
    who, case_id = site.people.investigator, case.case_id
    desk = TheftDesk(site, truth, case_id)
    drawn = [desk.scene_probe()]
    probe_ids = [drawn[0].probe_id]
    looked_at = 0
    for _ in range(_ROUNDS):
        confirmed, seen = desk.decided(probe_ids)
        looked_at += seen
        if not confirmed:
            break
        drawn += desk.entered(confirmed)
        again = site.service.search.probes_from_confirmed(who, case_id)
        probe_ids = [one.probe_id for one in (*drawn, *again)][:MAX_PROBES]
    return Worked(site.service.trajectories.reconstruct(who, case_id), looked_at)


@dataclass(frozen=True, slots=True)
class TheftDesk:
    """The investigator at work on one case, with the truth to be asked."""

    site: Site
    truth: TheftTruth
    case_id: int

    def scene_probe(self) -> Probe:
        """The thief, boxed where the theft is seen best."""
        theft, camera = self.truth.theft, self.truth.cameras[self.truth.theft.camera]
        contact_ns = int(camera.at_ns[0]) + ns_of(theft.contact_s)
        for reach_s in (10.0, theft.contact_s + 60.0):
            reach_ns = ns_of(reach_s)
            for actor_id in self.truth.subject.actor_ids:
                box = camera.best_box(actor_id, contact_ns - reach_ns, contact_ns + reach_ns)
                if box is not None and camera.family_of(actor_id) is Family.PERSON:
                    return self._drawn(camera, Family.PERSON, box)
        raise InvalidInput(f"theft: want the thief in view of camera {theft.camera} on foot")

    def decided(self, probe_ids: Sequence[int]) -> tuple[list[Tracklet], int]:
        """First parts of the tracklets newly confirmed, and how many were looked at."""
        who, service = self.site.people.investigator, self.site.service
        asked = SearchRequest(tuple(probe_ids), k=_OFFERED)
        confirmed, seen = [], 0
        for candidate in service.search.search(who, self.case_id, asked).candidates:
            if candidate.verdict is not None:
                continue
            parts = service.door.tracklets(who, self.case_id, ids=[candidate.tracklet_id])
            right = self.truth.is_wanted(parts)
            verdict = Verdict.CONFIRM if right else Verdict.REJECT
            service.search.decide(who, self.case_id, candidate.tracklet_id, verdict)
            confirmed += parts[:1] if right else []
            seen += 1
        return confirmed, seen

    def entered(self, confirmed: Sequence[Tracklet]) -> list[Probe]:
        """Boxes on what the subject became in the view of a camera in which it was confirmed."""
        rows = {camera.camera_id: row for row, camera in enumerate(self.truth.cameras)}
        here = {rows[one.camera_id] for one in confirmed}
        drawn = [self._after(one) for one in self.truth.subject.mounts if one.camera in here]
        return [probe for probe in drawn if probe is not None]

    def _after(self, mount: Mount) -> Probe | None:
        assert mount.camera is not None
        camera = self.truth.cameras[mount.camera]
        family = camera.family_of(mount.after)
        if family is Family.VEHICLE and not self.site.settings.vehicle_embedder:
            return None
        first_ns = int(camera.at_ns[0]) + ns_of(mount.at_s)
        box = camera.best_box(mount.after, first_ns, first_ns + ns_of(_ENTERED_S))
        return None if box is None or family is None else self._drawn(camera, family, box)

    def _drawn(self, camera: CameraTruth, family: Family, box: tuple[int, FrameBox]) -> Probe:
        kept: Camera = next(
            one for one in self.site.cameras.values() if one.camera_id == camera.camera_id
        )
        at_ns, xyxy = box
        return self.site.service.search.probe_from_frame(
            self.site.people.investigator,
            self.case_id,
            camera.camera_id,
            kept.utc_of(at_ns),
            xyxy,
            family,
        )


def laid_out(truth: TheftTruth, trajectory: Trajectory) -> list[Visit]:
    """The trajectory's sightings as visits, in its order."""
    return [
        truth.visit_of(one.camera_id, one.span.start_ns, one.span.end_ns)
        for one in trajectory.sightings
    ]
