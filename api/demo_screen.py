"""What a person sees of the demo: a bar for each step, the way beside the truth, what it cost."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.console import say, table
from core.clocks import format_utc, ns_of
from pipeline.demo import DemoReport, Share, Stay, Stop, Way

_DID: Mapping[str, str] = {
    "admin": "made the accounts",
    "operator": "added the cameras",
    "investigator": "asked for the case and worked on it",
    "approver": "approved the case",
}
_TIME = slice(11, 21)  # the hour to the tenth of a second in ISO 8601
_WAY = ("stop", "camera", "by", "truth", "found", "tracklets", "hop", "")


class Screen:
    """Shows steps and lines; nothing at all when `quiet`, no moving bars where no terminal is."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(quiet=quiet)

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    @contextmanager
    def showing(self, step: str) -> Iterator[Share]:
        """A bar until the block ends; a line where no terminal is."""
        if not self._console.is_terminal:
            self.say(f"{step} ...")
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
        )
        with Progress(
            *columns,
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        ) as progress:
            bar = progress.add_task(step, total=1.0)
            yield lambda share: progress.update(bar, completed=share)


def show_report(report: DemoReport, *, peak_mb: float) -> None:
    """The way stop by stop beside the truth, what differs, and what it cost."""
    table("the thief's way, hop by hop (UTC)", _WAY, way_rows(report.way, report.start_ns))
    costs = [(one.step, f"{one.wall_s:.1f}", f"{one.cpu_s:.1f}") for one in report.timings]
    whole = [sum(one.wall_s for one in report.timings), sum(one.cpu_s for one in report.timings)]
    rows = [*costs, ("together", *(f"{seconds:.1f}" for seconds in whole))]
    table(f"what it cost; memory at most {peak_mb:.0f} MB", ("step", "s", "processor s"), rows)
    table("looks", ("what", "how many"), look_rows(report))
    for difference in report.way.differences:
        say(difference)
    say("The trajectory is the true one." if report.way.right else "The trajectory differs.")


def way_rows(way: Way, start_ns: int) -> Iterator[tuple[object, ...]]:
    """A row for each true stop, then one for each sighting that is none."""
    for row, stop in enumerate(way.stops):
        stay = way.found(row)
        truth = _span(start_ns, stop.in_s, stop.out_s)
        ahead = (row + 1, way.names[stop.camera], _modes(stop), truth)
        if stay is None:
            yield (*ahead, "-", 0, "-", "missing")
        else:
            found = _span(start_ns, stay.in_s, stay.out_s)
            yield (*ahead, found, stay.tracklets, _hop(stay), "right")
    for stay in way.stays:
        if stay.stop < 0:
            found = _span(start_ns, stay.in_s, stay.out_s)
            verdict = "wrong" if stay.wrong else "seen small"
            yield ("-", way.names[stay.camera], "-", "-", found, stay.tracklets, "-", verdict)


def look_rows(report: DemoReport) -> Iterator[tuple[str, int]]:
    """How much was looked at, and by whom."""
    yield "pictures looked at by the detector", report.looks
    yield "left out because the machine was too slow", report.shed
    yield "tracklets looked at by the investigator", report.looked_at


def password_rows(report: DemoReport) -> Iterator[tuple[str, str, str]]:
    """The accounts of the demo."""
    for name, password in report.passwords.items():
        yield name, password, _DID.get(name, "")


def as_json(report: DemoReport, *, peak_mb: float) -> dict[str, Any]:
    """The report for machines; no password is in it."""
    way = report.way
    return {
        "right": way.right,
        "differences": list(way.differences),
        "truth": [_stop_json(way, stop) for stop in way.stops],
        "found": [_stay_json(way, stay) for stay in way.stays],
        "looks": report.looks,
        "shed": report.shed,
        "looked_at": report.looked_at,
        "timings": [asdict(one) for one in report.timings],
        "peak_mb": peak_mb,
    }


def _stop_json(way: Way, stop: Stop) -> dict[str, Any]:
    return {**asdict(stop), "camera": way.names[stop.camera]}


def _stay_json(way: Way, stay: Stay) -> dict[str, Any]:
    return {**asdict(stay), "camera": way.names[stay.camera]}


def _span(start_ns: int, in_s: float, out_s: float) -> str:
    first, last = (format_utc(start_ns + ns_of(at_s))[_TIME] for at_s in (in_s, out_s))
    return f"{first}-{last}"


def _modes(stop: Stop) -> str:
    return ", ".join(stop.modes)


def _hop(stay: Stay) -> str:
    if stay.hop is None:
        return "-"
    metres = "" if stay.hop.distance_m is None else f"{stay.hop.distance_m:.0f} m in "
    return f"{metres}{stay.hop.gap_s:.0f} s"
