"""The demo from a seed to a trajectory: film, watch, open a case, search, lay the way out."""

import json
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path

from core.clocks import ns_of
from core.errors import InvalidInput
from core.types import CameraSpan, Case, TimeSpan
from pipeline.demo.cache import filmed
from pipeline.demo.city import check_plan, variations
from pipeline.demo.eye import Eye
from pipeline.demo.film import Film, film_in, hidden_stop
from pipeline.demo.footprint import Steps, Timing
from pipeline.demo.ground import ground_map
from pipeline.demo.investigation import Investigation
from pipeline.demo.studio import Filming
from pipeline.demo.watching import Watched, watched_files, watched_live
from pipeline.demo.way import Way, way_of
from pipeline.people import People, make_people, open_case
from pipeline.service import Service
from pipeline.settings import FILE_NAME, Settings, checked_settings
from scenes.city import City

_RESERVE_MB = 256
_SETTINGS = f"""# A demo. Its cameras are on this machine, and it needs little of its disk.
camera_networks = ["127.0.0.0/8"]
disk_reserve_mb = {_RESERVE_MB}
port = {{port}}
"""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Which theft is shown, and whether live or from files."""

    seed: int = 1
    cameras: int = 5
    seconds: float = 90.0
    live: bool = True


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What came of it: the way beside the truth, what it cost, and who may look at it."""

    way: Way
    start_ns: int
    looked_at: int
    looks: int
    shed: int
    case_id: int
    passwords: dict[str, str]
    timings: tuple[Timing, ...]


def demo_settings(folder: Path, *, port: int = 8470) -> Settings:
    """The settings of a demo's own installation in `folder`, written down there.

    What the environment says of models and the like holds; where it is kept does not.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / FILE_NAME).write_text(_SETTINGS.format(port=port))
    return checked_settings("demo", {"data_dir": folder}).model_copy(
        update={
            "database_url": "",
            "camera_networks": (IPv4Network("127.0.0.0/8"),),
            "disk_reserve_mb": _RESERVE_MB,
            "port": port,
        }
    )


def prepared_film(plan: DemoPlan, cache: Path, filming: Filming, steps: Steps) -> Film:
    """The film of a theft that its cameras see well, from the cache where it was made before.

    A seed whose own city is no fair question gives way to a variation of it, and that is said.
    """
    check_plan(plan.seed, plan.cameras, plan.seconds)
    planned = variations(plan.seed, plan.cameras, plan.seconds)
    for variation, (city, weak) in enumerate(planned):
        if city is not None and not weak:
            _say_which(plan, city, variation, steps)
            with steps.step("film") as share:
                film = film_in(filmed(city, cache, filming, share))
            weak = hidden_stop(film)
            if not weak:
                return replace(film, ground=ground_map(city.roads))
        steps.say(f"seed {plan.seed}, variation {variation}: {weak}; passed over")
    raise InvalidInput(f"seed: want one whose cameras can see a theft, got {plan.seed}")


def _say_which(plan: DemoPlan, city: City, variation: int, steps: Steps) -> None:
    which = f"seed {plan.seed}" + (f", variation {variation}" if variation else "")
    steps.say(
        f"{which}: {len(city.cameras)} cameras, {city.seconds:g} s, {city.light}, {city.weather}"
    )


def worked(service: Service, film: Film, *, live: bool, steps: Steps) -> DemoReport:
    """The whole way in an installation that is new: accounts, cameras, ingest, case, trajectory."""
    people = make_people(service)
    if film.ground is not None:
        service.settings.ground_map.write_text(json.dumps(film.ground))
    watch, name = (watched_live, "watch live") if live else (watched_files, "ingest")
    with steps.step(name) as share:
        watched = watch(service, people.operator, film, share)
    case = _case(service, people, film, watched)
    steps.say(f"case {case.case_id}: asked for by the investigator, approved by the approver")
    eye = Eye(film, watched.cameras, watched.start_ns)
    with steps.step("search and reconstruct"):
        done = Investigation(service, people, case, eye, steps).worked()
    way = way_of(
        [camera.name for camera in film.cameras],
        film.stops,
        done.trajectory,
        camera_ids=[camera.camera_id for camera in watched.cameras],
        start_ns=watched.start_ns,
        glimpsed=eye.glimpsed,
    )
    return DemoReport(
        way=way,
        start_ns=watched.start_ns,
        looked_at=done.looked_at,
        looks=watched.looked,
        shed=watched.shed,
        case_id=case.case_id,
        passwords=people.passwords,
        timings=steps.timings,
    )


def _case(service: Service, people: People, film: Film, watched: Watched) -> Case:
    """Over the film's time, which is over by now."""
    end_ns = min(watched.start_ns + ns_of(film.seconds), service.now())
    span = TimeSpan(watched.start_ns, end_ns)
    return open_case(service, people, tuple(CameraSpan(c.camera_id, span) for c in watched.cameras))
