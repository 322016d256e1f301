"""`casetrace demo`: the whole way on a generated street, with small honest fakes."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console import say, table
from core.clocks import format_utc

if TYPE_CHECKING:
    from pipeline.demo import DemoReport

_PEOPLE = ("name", "password")


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="New or empty; kept afterwards. Else a folder that goes.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which street.")] = 1,
) -> None:
    """Render clips, ingest, search and reconstruct; compare with the truth. No real model runs."""
    if folder is not None:
        report = _run(folder, seed)
        say(f"Case {report.case_id} stays. Its people, with passwords made up for this demo:")
        table(f"casetrace --data-dir {folder} login NAME", _PEOPLE, report.passwords.items())
        raise typer.Exit(0 if report.right else 1)
    with tempfile.TemporaryDirectory(prefix="casetrace-demo-") as made:
        report = _run(Path(made) / "installation", seed)
    raise typer.Exit(0 if report.right else 1)


def _run(folder: Path, seed: int) -> "DemoReport":
    # Imported here because it loads decoders: `--help` should not wait for them.
    from pipeline.demo import run_demo

    say("A generated street. Its detector and embedders are small fakes that see coloured shapes:")
    say("this shows the way of the data, not how well real models recognise people.")
    report = run_demo(folder, seed=seed, say=say)
    table(
        "truth",
        ("camera", "crosses at"),
        ((name, format_utc(at_ns)) for name, at_ns in report.truth),
    )
    table(
        "trajectory",
        ("camera", "from", "to"),
        ((name, format_utc(span.start_ns), format_utc(span.end_ns)) for name, span in report.found),
    )
    say("The trajectory is the true one." if report.right else "The trajectory differs.")
    return report
