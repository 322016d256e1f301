"""The demo's film in an installation that answers HTTP from this process: for a browser to open."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from api.app import create_app
from api.demo_screen import Screen
from api.logs import configure_logs
from benchmarks.common import PROJECT
from cases.papers import CaseRequest
from core.clocks import HOUR_NS, ns_of
from core.types import Account, CameraSpan, Case, Role, TimeSpan
from pipeline.demo import DemoPlan, Film, Steps, demo_settings, films, prepared_film
from pipeline.demo.eye import Eye
from pipeline.demo.investigation import Investigation, Worked
from pipeline.demo.watching import Watched, watched_files
from pipeline.people import People, make_people
from pipeline.service import Service, open_service

FILMS: Final = PROJECT / "build" / "films"
"""Where the films of tests and benchmarks are kept; each is made once."""
SMALL: Final = DemoPlan(cameras=3, seconds=75.0, live=False)
REVIEWER: Final = "reviewer"
_START_S, _END_S = 30.0, 60
_REVIEWER_NAME = "Chen Li"


@dataclass(frozen=True, slots=True)
class Served:
    """An installation with the film in it, at `url`. `passwords` are those of each account."""

    service: Service
    people: People
    reviewer: Account
    passwords: Mapping[str, str]
    watched: Watched
    eye: Eye
    url: str

    @property
    def span(self) -> TimeSpan:
        """The film's time, UTC."""
        start_ns = self.watched.start_ns
        return TimeSpan(start_ns, start_ns + ns_of(self.eye.film.seconds))

    def case(self, reference: str) -> Case:
        """A case of the investigator and the reviewer over everything, approved."""
        grants = tuple(CameraSpan(one.camera_id, self.span) for one in self.watched.cameras)
        asked = CaseRequest(
            reference=reference,
            offence="Theft of a phone, Criminal Law art. 264",
            legal_basis="Criminal Procedure Law art. 115",
            purpose="Find where the thief went after the theft",
            grants=grants,
            expires_ns=self.service.now() + 24 * HOUR_NS,
            members=frozenset({self.reviewer.account_id}),
        )
        case = self.service.desk.request(self.people.investigator, asked)
        return self.service.desk.approve(self.people.approver, case.case_id)

    def worked(self, case: Case) -> Worked:
        """The investigator finds the thief in a case, without a page."""
        return Investigation(self.service, self.people, case, self.eye, quiet()).worked()

    def shows_thief(self, case_id: int, tracklet_id: int) -> bool:
        """What somebody who looks at a tracklet says of it."""
        door, who = self.service.door, self.people.investigator
        return self.eye.is_thief(door.tracklets(who, case_id, ids=[tracklet_id]))


def quiet() -> Steps:
    """Steps that nobody is shown."""
    return Steps(Screen(quiet=True))


def small_film(cache: Path = FILMS, plan: DemoPlan = SMALL) -> Film:
    """The film of the small demo, from the cache where it was made before."""
    return prepared_film(plan, cache, films, quiet())


@contextmanager
def served(film: Film, folder: Path) -> Iterator[Served]:
    """Ingest the film into a new installation in `folder` and answer until the block ends."""
    configure_logs("error")
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        service = stack.enter_context(closing(open_service(demo_settings(folder, port=port))))
        people, watched = filled(service, film)
        reviewer = with_reviewer(service, people)
        stack.enter_context(_answering(service, listener))
        yield Served(
            service,
            people,
            reviewer,
            {**people.passwords, REVIEWER: people.passwords["investigator"]},
            watched,
            Eye(film, watched.cameras, watched.start_ns),
            f"http://127.0.0.1:{port}/",
        )


def filled(service: Service, film: Film) -> tuple[People, Watched]:
    """Accounts, streets, cameras and all that they saw, in an installation that is new."""
    people = make_people(service)
    service.settings.ground_map.write_text(json.dumps(film.ground))
    return people, watched_files(service, people.operator, film, lambda _share: None)


def with_reviewer(service: Service, people: People) -> Account:
    """A second investigator, who has the first one's password."""
    admin = service.store.accounts.by_name("admin")
    password = people.passwords["investigator"]
    return service.accounts.create(
        admin, REVIEWER, password, [Role.INVESTIGATOR], full_name=_REVIEWER_NAME
    )


class _Announced(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def _answering(service: Service, listener: socket.socket) -> Iterator[None]:
    """Answer HTTP until the block ends; what is under way then is waited for."""
    config = uvicorn.Config(
        create_app(service), log_config=None, access_log=False, timeout_graceful_shutdown=_END_S
    )
    server = _Announced(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="served", daemon=True)
    thread.start()
    try:
        if not server.up.wait(_START_S):
            raise TimeoutError(f"the service did not answer within {_START_S:g} s")
        yield
    finally:
        server.should_exit = True
        thread.join()
