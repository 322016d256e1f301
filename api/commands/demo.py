"""`casetrace demo`: a theft in a city of its own, from the cameras to the trajectory."""

import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from api.commands.options import here
from api.console import say, show_json, table
from api.logs import configure_logs
from core.errors import Conflict, InvalidInput
from core.runtime.answering import ready_to_answer

if TYPE_CHECKING:
    from pipeline.demo import DemoPlan, DemoReport
    from pipeline.service import Service

_HOST = "127.0.0.1"
DEFAULT_PORT = 8470
_ENDS = (signal.SIGTERM, signal.SIGHUP)


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(demo)


def demo(
    context: typer.Context,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help="Take the clips as files, shed nothing, and end: 0 if the trajectory is right.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Which city and theft.")] = 1,
    cameras: Annotated[int, typer.Option(help="How many cameras, 3 to 12.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long the film is, 75 to 300.")] = 90.0,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the service listens; 0 finds one.")
    ] = DEFAULT_PORT,
    folder: Annotated[
        Path | None, typer.Option(help="New or empty; kept afterwards. Else a folder that goes.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where films are kept. Else the user's cache folder.")
    ] = None,
) -> None:
    """Film a theft, watch it, find the thief, compare with the truth; then serve. No network."""
    # Imported here because it loads decoders and models: `--help` should not wait for them.
    from pipeline.demo import DemoPlan, default_cache

    configure_logs("error")
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        listener = None if once else stack.enter_context(listening(port))
        place = stack.enter_context(workplace(folder))
        asked = _Asked(
            DemoPlan(seed, cameras, seconds, live=not once),
            place,
            cache or default_cache(),
            kept=folder is not None,
            as_json=here(context).as_json,
        )
        right = _shown(asked, listener)
    raise typer.Exit(0 if right else 1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: which theft, and the folders of this installation and of all films."""

    plan: "DemoPlan"
    place: Path
    cache: Path
    kept: bool
    as_json: bool


def _shown(asked: _Asked, listener: socket.socket | None) -> bool:
    """Whether the trajectory is right; with a `listener` the service stays up until stopped."""
    from api.demo_screen import Screen, as_json, show_report
    from pipeline import demo
    from pipeline.service import open_service

    steps = demo.Steps(Screen(quiet=asked.as_json))
    port = listener.getsockname()[1] if listener else DEFAULT_PORT
    with ExitStack() as stack:
        with demo.MemoryWatch() as memory:
            film = demo.prepared_film(asked.plan, asked.cache, demo.films, steps)
            settings = demo.demo_settings(asked.place, port=port)
            service = stack.enter_context(closing(open_service(settings)))
            report = demo.worked(service, film, live=asked.plan.live, steps=steps)
        if asked.as_json:
            show_json(as_json(report, peak_mb=memory.peak_mb))
        else:
            show_report(report, peak_mb=memory.peak_mb)
        if listener is not None:
            _serve(service, report, asked, listener)
    return report.way.right


def _serve(
    service: "Service", report: "DemoReport", asked: _Asked, listener: socket.socket
) -> None:
    """Answer HTTP until Ctrl-C, which is the way to end a demo."""
    from api.app import create_app
    from api.demo_screen import password_rows

    host, port = listener.getsockname()
    table(
        "accounts, with passwords shown this once",
        ("name", "password", "did"),
        password_rows(report),
    )
    say(f"Open http://{host}:{port}/ in a browser: the investigator has case {report.case_id}.")
    say(f"The API answers at http://{host}:{port}/api/v1.")
    say(f"In another terminal: casetrace --data-dir {asked.place} login investigator")
    say("Stop with Ctrl-C. " + _what_stays(asked))
    config = uvicorn.Config(
        create_app(service), log_config=None, access_log=False, server_header=False
    )
    ready_to_answer()
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _what_stays(asked: _Asked) -> str:
    films = f"the film stays in {asked.cache}"
    return f"{asked.place} and {films}." if asked.kept else f"Then only {films}."


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """The port, ours from now on: a demo that cannot answer at its end should not begin."""
    try:
        listener = socket.create_server((_HOST, port))
    except PermissionError as error:
        raise InvalidInput(
            f"port {port} needs rights that are missing; choose another with --port (0 finds one)"
        ) from error
    except OSError as error:
        raise Conflict(
            f"port {port} on {_HOST} is in use; free it, or choose another with --port "
            "(0 finds one)"
        ) from error
    with listener:
        yield listener


@contextmanager
def workplace(folder: Path | None) -> Iterator[Path]:
    """Where the demo's installation lies: `folder`, or one that goes when the block ends.

    What was broken off goes too. `Conflict` if there are files in `folder`.
    """
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise Conflict(f"folder: want a new or empty one, {folder} holds files")
    place = folder or Path(tempfile.mkdtemp(prefix="casetrace-demo-"))
    kept = False
    try:
        yield place
        kept = folder is not None
    finally:
        if not kept:
            _removed(place)


def _removed(place: Path) -> None:
    """Gone, however often somebody presses Ctrl-C."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_ENDS)}
    try:
        shutil.rmtree(place, ignore_errors=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A closed terminal and a `kill` end the demo in order, as Ctrl-C does."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
