"""The same drill from pixels: a filmed city is ingested by the bundled models and worked on.

Five cameras of 75 seconds a seed, six minutes of film; the theft's way is short, so it is the
recall of hops that counts here, all true visits with what was missed. A tracklet is the subject if
most of its looks lie on it, as in `benchmarks.city`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.city import ingested
from benchmarks.drill_desk import Doubts, Investigator, Looked, Searcher, Stops, work
from benchmarks.drill_score import Drilled, refused_hops
from benchmarks.drill_searchers import (
    ByAppearance,
    ByDistance,
    ByTime,
    CaseDesk,
    Engine,
    Simple,
)
from benchmarks.filmed import FilmedCity
from benchmarks.scoring import joined
from benchmarks.site import START_NS, Site
from benchmarks.thefts import (
    CameraTruth,
    TheftDesk,
    TheftTruth,
    Visit,
    laid_out,
    visit_row,
    visits_of,
    way_score,
)
from core.clocks import ns_of
from core.types import Probe, Tracklet


@dataclass(frozen=True, slots=True, eq=False)
class FilmedTheft:
    """An ingested city with a theft: which tracklet shows the subject, and in which true visit, and
    the number of each tracklet by camera and time."""

    site: Site
    truth: TheftTruth
    seed: int
    visits: tuple[Visit, ...]
    stop_of: Mapping[int, int]
    number_of: Mapping[int, int]
    linked: int

    @property
    def subject_links(self) -> tuple[int, int]:
        """Changes of carrier in view, and how many of them the tracker linked rightly."""
        seen = [one for one in self.truth.subject.mounts if one.camera is not None]
        return len(seen), self.linked


def filmed_theft(site: Site, city: FilmedCity) -> FilmedTheft | None:
    """The city ingested; None if nobody steals in it."""
    if city.theft is None or city.subject is None:
        return None
    ingested(site, city)
    cameras = tuple(
        CameraTruth(site.cameras[one.name].camera_id, one.size_hw, one.boxes, one.at_ns)
        for one in city.cameras
    )
    truth = TheftTruth(city.theft, city.subject, cameras, START_NS)
    visits = tuple(visits_of(city.subject.appearances))
    parts = [part for camera in site.tracklets().values() for part in camera]
    stop_of = dict(_stops(site, truth, visits, parts))
    linked = sum(
        link.tracklet_id in stop_of
        for part in parts
        if part.tracklet_id in stop_of
        for link in part.links
    )
    return FilmedTheft(site, truth, city.seed, visits, stop_of, numbered(site.tracklets()), linked)


def numbered(tracklets: Mapping[str, Sequence[Tracklet]]) -> dict[int, int]:
    """A number for each tracklet, by its camera's name and its start: the ids of an ingest hang on
    the clock that it ran by."""
    starts: dict[int, tuple[str, int, int]] = {}
    for name, parts in tracklets.items():
        for one in parts:
            start = (name, int(one.device_ns[0]), one.tracklet_id)
            starts[one.tracklet_id] = min(start, starts.get(one.tracklet_id, start))
    return {place[2]: number for number, place in enumerate(sorted(starts.values()))}


def _stops(
    site: Site, truth: TheftTruth, visits: tuple[Visit, ...], parts: list[Tracklet]
) -> Iterator[tuple[int, int]]:
    cameras = {one.camera_id: one for one in site.cameras.values()}
    for whole in joined(parts):
        if truth.is_wanted([whole]):
            camera = cameras[whole.camera_id]
            span = (camera.utc_of(whole.span.start_ns), camera.utc_of(whole.span.end_ns))
            row = visit_row(visits, truth.visit_of(whole.camera_id, *span))
            if row >= 0:
                yield whole.tracklet_id, row


# --- the case ------------------------------------------------------------------------------------


def drilled(found: FilmedTheft, doubts: Doubts, most_looks: int) -> Iterator[Drilled]:
    """All searchers on one film, each in its own case."""
    desk, theft_desk, probe = _opened(found)
    engine = Engine(desk, (probe.probe_id,), _Drawn(theft_desk).entered)
    looked = _worked(found, engine, doubts, most_looks)
    outcome = _outcome(found, desk, engine.name, looked)
    list(engine.ranked())
    assert engine.last is not None
    proposed = way_score(found.visits, laid_out(found.truth, engine.last.trajectory))
    yield replace(outcome, answers=tuple(engine.answers), proposed=proposed, stop_of=found.stop_of)
    for kind in (ByAppearance, ByTime, ByDistance):
        desk, theft_desk, probe = _opened(found)
        simple: Simple = kind(desk, _Drawn(theft_desk))
        simple.probe_ids.append(probe.probe_id)
        theft_ns = START_NS + ns_of(found.truth.theft.contact_s)
        simple.start(found.truth.cameras[found.truth.theft.camera].camera_id, theft_ns)
        looked = _worked(found, simple, doubts, most_looks)
        yield _outcome(found, desk, simple.name, looked)


def _opened(found: FilmedTheft) -> tuple[CaseDesk, TheftDesk, Probe]:
    """A case of its own, with the thief boxed at the scene."""
    site = found.site
    case = site.open_case()
    theft_desk = TheftDesk(site, found.truth, case.case_id)
    desk = CaseDesk(site.service, site.people.investigator, case)
    return desk, theft_desk, theft_desk.scene_probe()


@dataclass
class _Drawn:
    """Probes of what was confirmed, and of what the subject was seen to become."""

    theft_desk: TheftDesk
    known: set[int] = field(default_factory=set)

    def __call__(self, desk: CaseDesk, tracklet_id: int) -> list[int]:
        search, who = desk.service.search, desk.actor
        made = [one.probe_id for one in search.probes_from_confirmed(who, desk.case_id)]
        return self._fresh(made) + self.entered(desk, tracklet_id)

    def entered(self, desk: CaseDesk, tracklet_id: int) -> list[int]:
        """Boxes on what the subject became where it is seen in that tracklet."""
        parts = desk.service.door.tracklets(desk.actor, desk.case_id, ids=[tracklet_id])
        return self._fresh([one.probe_id for one in self.theft_desk.entered(parts[:1])])

    def _fresh(self, made: list[int]) -> list[int]:
        fresh = [one for one in made if one not in self.known]
        self.known |= set(fresh)
        return fresh


def _worked(
    found: FilmedTheft, searcher: Searcher, doubts: Doubts, most_looks: int
) -> tuple[list[Looked], bool]:
    investigator = Investigator(
        found.stop_of.__contains__, found.seed, doubts, number_of=found.number_of
    )
    stops = Stops(dict(found.stop_of))
    return work(searcher, investigator, stops=stops, most_looks=most_looks), stops.complete


def _outcome(
    found: FilmedTheft, desk: CaseDesk, name: str, looked: tuple[list[Looked], bool]
) -> Drilled:
    trajectory = desk.trajectory()
    way = way_score(found.visits, laid_out(found.truth, trajectory))
    return Drilled(name, tuple(looked[0]), looked[1], way, refused_hops(found.stop_of, trajectory))
