"""The whole way on a generated street, with the small honest fakes in place of real models."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cases.search import SearchRequest
from core.clocks import DAY_NS, NS, Now, ns_of, system_now
from core.errors import Conflict
from core.geometry import interpolated, iou
from core.types import (
    Camera,
    CameraGraph,
    CameraSpan,
    Case,
    Family,
    SearchAnswer,
    TimeSpan,
    Tracklet,
    Trajectory,
    Verdict,
)
from ingest.folders import TimedFile
from pipeline.build import FAKE
from pipeline.cameras import CameraDraft
from pipeline.ingest import Job, run_ingest
from pipeline.people import People, make_people, open_case
from pipeline.service import Service, open_service
from pipeline.settings import FILE_NAME, checked_settings
from scenes.street import SECONDS, Crossing, Street, plan_street, render

Say = Callable[[str], None]
_MORNING_NS = ns_of(7 * 3600 + 55 * 60)
_APART_M = 20.0
_ROUNDS = 3  # search, confirm, and search again from what was confirmed


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was found beside the truth: per camera the crossing's middle and the sighting's span."""

    right: bool
    truth: tuple[tuple[str, int], ...]
    found: tuple[tuple[str, TimeSpan], ...]
    timings_s: tuple[tuple[str, float], ...]
    passwords: dict[str, str]
    case_id: int


def run_demo(folder: Path, *, seed: int = 1, say: Say, now: Now = system_now) -> DemoReport:
    """Render, ingest, search and reconstruct in `folder`, which must be new or empty."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"demo: want a new or empty folder, {folder} holds files")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(_SETTINGS)
    settings = checked_settings("demo", {"data_dir": folder, "detector": FAKE} | _FAKES)
    watch = _Watch(say)
    street = plan_street(seed)
    clips = _rendered(street, folder / "clips", watch)
    service = open_service(settings, now=now)
    try:
        return _investigated(service, street, clips, watch)
    finally:
        service.close()


_FAKES = {"person_embedder": FAKE, "vehicle_embedder": FAKE, "record": True}
_SETTINGS = f"""# A demo: its detector and embedders are the small fakes that see coloured shapes.
detector = "{FAKE}"
person_embedder = "{FAKE}"
vehicle_embedder = "{FAKE}"
"""


class _Watch:
    """Says each step and how long it took."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.timings_s: list[tuple[str, float]] = []

    def time(self, step: str, since_s: float) -> None:
        self.timings_s.append((step, time.monotonic() - since_s))
        self.say(f"{step}: {self.timings_s[-1][1]:.1f} s")


def _rendered(street: Street, folder: Path, watch: _Watch) -> list[Path]:
    since_s = time.monotonic()
    folder.mkdir()
    paths = [folder / f"camera-{row}.mp4" for row in range(len(street.names))]
    for row, path in enumerate(paths):
        render(street, row, path)
    watch.time(f"rendered {len(paths)} clips of {SECONDS} s", since_s)
    return paths


@dataclass(frozen=True, slots=True)
class _Truth:
    """The street on the clips' clock. Asked only where a person would look and decide."""

    street: Street
    cameras: tuple[Camera, ...]
    start_ns: int

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(self.start_ns, self.start_ns + SECONDS * NS)

    def crossings(self) -> list[tuple[Camera, Crossing]]:
        return [(self.cameras[one.camera], one) for one in self.street.truth()]

    def middle_ns(self, crossing: Crossing) -> int:
        return self.start_ns + ns_of(crossing.middle_s)

    def is_wanted(self, parts: Sequence[Tracklet]) -> bool:
        """Whether one of a tracklet's parts lies on the wanted subject as it crosses the middle."""
        return any(
            part.camera_id == camera.camera_id and self._overlaps(part, crossing)
            for part in parts
            for camera, crossing in self.crossings()
        )

    def _overlaps(self, part: Tracklet, crossing: Crossing) -> bool:
        at_ns = self.middle_ns(crossing)
        box = crossing.box(crossing.middle_s)
        if box is None or not part.span.holds(at_ns):
            return False
        seen = interpolated(np.array([at_ns], np.int64), part.device_ns, part.xyxy)
        return bool(iou(seen, np.array([box], np.float32))[0, 0] >= 0.5)


def _investigated(service: Service, street: Street, clips: list[Path], watch: _Watch) -> DemoReport:
    people = make_people(service)
    start_ns = service.now() // DAY_NS * DAY_NS - DAY_NS + _MORNING_NS
    truth = _Truth(street, _cameras(service, people, street), start_ns)
    since_s = time.monotonic()
    run_ingest(service.settings, _jobs(truth, clips), name="demo", now=service.now)
    watch.time("ingested", since_s)
    grants = tuple(CameraSpan(camera.camera_id, truth.span) for camera in truth.cameras)
    case = open_case(service, people, grants)
    watch.say(f"case {case.case_id} asked for by the investigator, approved by the approver")
    since_s = time.monotonic()
    _searched(service, people, case, truth, watch)
    trajectory = service.trajectories.reconstruct(people.investigator, case.case_id)
    watch.time("searched, confirmed and reconstructed", since_s)
    found = _found(truth, trajectory)
    wanted = tuple((camera.name, truth.middle_ns(one)) for camera, one in truth.crossings())
    return DemoReport(
        right=_right(wanted, found, trajectory),
        truth=wanted,
        found=found,
        timings_s=tuple(watch.timings_s),
        passwords=people.passwords,
        case_id=case.case_id,
    )


def _cameras(service: Service, people: People, street: Street) -> tuple[Camera, ...]:
    """The street's cameras, and the road that runs past them."""
    drafts = zip(street.names, street.lon_lat_deg, strict=True)
    cameras = tuple(
        service.cameras.add(people.operator, CameraDraft(name, lon_lat_deg=place))
        for name, place in drafts
    )
    rows = [(row, row + step) for row in range(len(cameras)) for step in (-1, 1)]
    edges = np.array([(a, b) for a, b in rows if 0 <= b < len(cameras)], np.int32)
    ids = np.array([camera.camera_id for camera in cameras], np.int64)
    roads = CameraGraph(ids, edges, np.full(len(edges), _APART_M, np.float32))
    service.cameras.import_roads(people.operator, roads)
    return cameras


def _jobs(truth: _Truth, clips: list[Path]) -> list[Job]:
    return [
        Job(camera.camera_id, (TimedFile(clip, truth.start_ns),))
        for camera, clip in zip(truth.cameras, clips, strict=True)
    ]


def _searched(service: Service, people: People, case: Case, truth: _Truth, watch: _Watch) -> None:
    """A box drawn on the scene's frame, then search and decide, and again from the confirmed."""
    who, case_id = people.investigator, case.case_id
    camera, scene = truth.crossings()[0]
    at_ns = truth.middle_ns(scene)
    box = scene.box(scene.middle_s)
    assert box is not None  # noqa: S101 - it is in the middle of the view then
    probe = service.search.probe_from_frame(
        who, case_id, camera.camera_id, at_ns, box, Family.PERSON
    )
    probe_ids: tuple[int, ...] = (probe.probe_id,)
    for _ in range(_ROUNDS):
        answer = service.search.search(who, case_id, SearchRequest(probe_ids, k=20))
        watch.say(f"{len(answer.candidates)} tracklets of similar appearance")
        _decide(service, people, case_id, answer, truth)
        confirmed = service.search.probes_from_confirmed(who, case_id)
        probe_ids = (probe.probe_id, *(one.probe_id for one in confirmed))


def _decide(
    service: Service, people: People, case_id: int, answer: SearchAnswer, truth: _Truth
) -> None:
    who = people.investigator
    for candidate in answer.candidates:
        if candidate.verdict is None:
            parts = service.door.tracklets(who, case_id, ids=[candidate.tracklet_id])
            verdict = Verdict.CONFIRM if truth.is_wanted(parts) else Verdict.REJECT
            service.search.decide(who, case_id, candidate.tracklet_id, verdict)


def _found(truth: _Truth, trajectory: Trajectory) -> tuple[tuple[str, TimeSpan], ...]:
    names = {camera.camera_id: camera.name for camera in truth.cameras}
    return tuple((names[one.camera_id], one.span) for one in trajectory.sightings)


def _right(
    truth: tuple[tuple[str, int], ...],
    found: tuple[tuple[str, TimeSpan], ...],
    trajectory: Trajectory,
) -> bool:
    """Every crossing found once, in order, and every hop possible."""
    same = len(truth) == len(found) and all(
        name == camera and span.holds(at_ns)
        for (name, at_ns), (camera, span) in zip(truth, found, strict=True)
    )
    return same and all(hop.feasible for hop in trajectory.hops)
