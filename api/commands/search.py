"""`casetrace search`, `look`, `decide`, `trajectory`: the work inside a case."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.cases import grant_of, instant_from
from api.commands.options import here
from api.commands.plates import answered, marked
from api.console import say, show_json, table
from api.schemas.searches import Box, DecisionOut, SearchOut, box_of
from api.schemas.trajectory import TrajectoryOut
from cases.search import SearchRequest
from core.clocks import format_utc
from core.errors import Conflict, InvalidInput
from core.types import Account, Candidate, Coverage, Family, SearchAnswer, TimeSpan, Verdict

if TYPE_CHECKING:
    from pipeline.service import Service

CaseId = Annotated[int, typer.Option("--case", min=1, help="The case's number.")]
_FRAME_WORDS = "CAMERA@TIME"
_MOST_MISSING = 20  # rows of coverage shown; JSON has them all


def add_to(app: typer.Typer) -> None:
    """Give `app` these commands."""
    app.command()(search)
    app.command()(look)
    app.command()(decide)
    app.command()(trajectory)


def search(
    context: typer.Context,
    case: CaseId,
    image: Annotated[list[Path] | None, typer.Option(help="A picture of the subject.")] = None,
    frame: Annotated[
        list[str] | None, typer.Option(metavar=_FRAME_WORDS, help="A frame of a camera.")
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X1,Y1,X2,Y2",
            help="Where the subject is: one per --image and --frame, in the order images, frames.",
        ),
    ] = None,
    shot: Annotated[list[int] | None, typer.Option(help="A shot that the case shows.")] = None,
    probe: Annotated[list[int] | None, typer.Option(help="A probe made before.")] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="What was confirmed in this case.")
    ] = False,
    plate: Annotated[
        str | None,
        typer.Option(help="A plate, a part of one, or a pattern: ? is one sign, * any number."),
    ] = None,
    family: Annotated[Family, typer.Option(help="What the subject is.")] = Family.PERSON,
    camera: Annotated[list[int] | None, typer.Option(help="Only these cameras.")] = None,
    start: Annotated[str, typer.Option(metavar="TIME", help="Only from here.")] = "",
    end: Annotated[str, typer.Option(metavar="TIME", help="Only up to here.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 20,
) -> None:
    """Find tracklets of similar appearance, by plate, or both. All probes are of ONE subject."""
    installation = here(context)
    span = span_from(start, end)
    boxes = _boxes(box or [], images=len(image or []), frames=len(frame or []))
    with installation.signed_in() as (service, actor):
        maker = _ProbeMaker(service, actor, case, family)
        probe_ids = [
            *(probe or []),
            *(maker.of_image(path, boxes.pop(0)) for path in image or []),
            *(maker.of_frame(words, boxes.pop(0)) for words in frame or []),
            *(maker.of_shot(shot_id) for shot_id in shot or []),
            *(maker.of_confirmed() if confirmed else []),
        ]
        asked = SearchRequest(
            tuple(probe_ids), k=limit, cameras=tuple(camera or ()), span=span, plate=plate
        )
        answer = service.search.search(actor, case, asked)
    if installation.as_json:
        show_json(SearchOut.of(answer).model_dump(mode="json"))
        return
    _show_answer(answer, by_looks=bool(probe_ids), by_plate=plate is not None)
    show_coverage(answer.coverage)


def _show_answer(answer: SearchAnswer, *, by_looks: bool, by_plate: bool) -> None:
    """The candidates; a column only where it was asked for or there is something in it."""
    plates = any(one.plate for one in answer.candidates)
    candidates = answer.candidates
    columns = ["tracklet", "camera", "from", "to", "class"]
    columns += ["cosine", "llr"] if by_looks else []
    columns += ["plate llr"] if by_plate else []
    columns += ["plate"] if by_plate or plates else []
    columns += ["asked and read"] if by_plate else []
    columns += ["shot", "verdict"]
    found = "similar appearance" if by_looks else "plates like that"
    table(
        f"search {answer.search_id}: {found}, best first",
        columns,
        ([_cell_of(one, name) for name in columns] for one in candidates),
    )
    if by_plate or plates:
        say("a sign in (brackets) is doubtful; JSON has each one's chance")
    for note in sorted({note for one in candidates for note in one.notes}):
        about = [str(one.tracklet_id) for one in candidates if note in one.notes]
        say(f"{note}: {', '.join(about)}")


def _cell_of(one: Candidate, column: str) -> object:
    match column:
        case "from":
            return format_utc(one.span.start_ns)
        case "to":
            return format_utc(one.span.end_ns)
        case "class":
            return one.class_label
        case "cosine":
            return None if one.cosine is None else f"{one.cosine:.3f}"
        case "llr" | "plate llr":
            llr = one.llr if column == "llr" else one.plate_llr
            return None if llr is None else f"{llr:+.2f}"
        case "plate":
            return marked(one.plate) if one.plate else None
        case "asked and read":
            return answered(one.plate) if one.plate else None
        case "verdict":
            return one.verdict
        case _:
            ids = {"tracklet": one.tracklet_id, "camera": one.camera_id, "shot": one.shot_id}
            return ids[column]


class _ProbeMaker:
    """Makes probes of one subject for one case."""

    def __init__(self, service: "Service", actor: Account, case_id: int, family: Family) -> None:
        self._search = service.search
        self._actor = actor
        self._case_id = case_id
        self._family = family

    def of_image(self, path: Path, box: Box | None) -> int:
        content = _content_of(path)
        return self._search.probe_from_upload(
            self._actor, self._case_id, content, box, self._family
        ).probe_id

    def of_frame(self, words: str, box: Box | None) -> int:
        if box is None:
            raise InvalidInput("box: want one for each --frame")
        camera_id, at_ns = frame_of(words)
        return self._search.probe_from_frame(
            self._actor, self._case_id, camera_id, at_ns, box, self._family
        ).probe_id

    def of_shot(self, shot_id: int) -> int:
        return self._search.probe_from_shot(self._actor, self._case_id, shot_id).probe_id

    def of_confirmed(self) -> Iterator[int]:
        for probe in self._search.probes_from_confirmed(self._actor, self._case_id):
            yield probe.probe_id


def look(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    shot: Annotated[int, typer.Option(help="A shot, as JPEG.")] = 0,
    frame: Annotated[str, typer.Option(metavar=_FRAME_WORDS, help="A frame, as JPEG.")] = "",
    clip: Annotated[
        str, typer.Option(metavar="CAMERA@START/END", help="The camera's own packets, as MP4.")
    ] = "",
) -> None:
    """Write one picture or clip of the case to a file, to look at it."""
    if sum(map(bool, (shot, frame, clip))) != 1:
        raise InvalidInput("look: want exactly one of --shot, --frame and --clip")
    with here(context).signed_in() as (service, actor):
        if shot:
            content = service.door.shot_jpeg(actor, case, shot)
        elif frame:
            camera_id, at_ns = frame_of(frame)
            content = service.door.frame_jpeg(actor, case, camera_id, at_ns)
        else:
            wanted = grant_of(clip)
            content = service.door.clip(actor, case, wanted.camera_id, wanted.span)
    write_new(out, content)
    say(f"{out}: {len(content)} bytes")


def decide(
    context: typer.Context,
    tracklet: Annotated[int, typer.Argument(min=1, help="The tracklet's id.")],
    verdict: Annotated[Verdict, typer.Argument(help="What you see.")],
    case: CaseId,
    note: Annotated[str, typer.Option(help="What it rests on.")] = "",
) -> None:
    """Say whether a tracklet is the subject; your newest verdict counts."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        decision = service.search.decide(actor, case, tracklet, verdict, note)
    if installation.as_json:
        show_json(DecisionOut.of(decision).model_dump(mode="json"))
    else:
        say(f"tracklet {tracklet}: {verdict.value}, by {actor.name}")


def trajectory(context: typer.Context, case: CaseId) -> None:
    """The confirmed sightings in time order, and how each hop could be."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        found = service.trajectories.reconstruct(actor, case)
    if installation.as_json:
        show_json(TrajectoryOut.of(found).model_dump(mode="json"))
        return
    table(
        "sightings, as people confirmed them",
        ("", "from", "to", "camera", "tracklet", "family", "clock +- s"),
        (
            (
                row,
                format_utc(one.span.start_ns),
                format_utc(one.span.end_ns),
                one.camera_id,
                one.tracklet_id,
                one.family,
                f"{one.clock_sigma_s:.2f}",
            )
            for row, one in enumerate(found.sightings)
        ),
    )
    table(
        "hops",
        ("from", "to", "gap s", "feasible", "why", "could stand between"),
        (
            (hop.start, hop.end, f"{hop.gap_s:.1f}", hop.feasible, hop.why, hop.between)
            for hop in found.hops
        ),
    )
    for title, lines in (("gap", found.gaps), ("contradiction", found.contradictions)):
        for line in lines:
            say(f"{title}: {line}")
    show_coverage(found.coverage)


def frame_of(words: str) -> tuple[int, int]:
    """`CAMERA@TIME` as camera and UTC nanoseconds."""
    camera, at_sign, time = words.partition("@")
    if not at_sign or not camera.isdecimal():
        raise InvalidInput(f"frame: want {_FRAME_WORDS}, got {words!r}")
    return int(camera), instant_from(time)


def _boxes(words: list[str], *, images: int, frames: int) -> list[Box | None]:
    """One per image and frame; images alone may go without."""
    if not words and not frames:
        return [None] * images
    if len(words) != images + frames:
        raise InvalidInput(
            f"box: want one per --image and --frame, {images + frames}, got {len(words)}"
        )
    return [box_of(one) for one in words]


def span_from(start: str, end: str) -> TimeSpan | None:
    """The span between two instants as typed; None where neither is given."""
    if not start and not end:
        return None
    if not start or not end:
        raise InvalidInput("span: want --start and --end, got one of them")
    start_ns, end_ns = instant_from(start), instant_from(end)
    if start_ns >= end_ns:
        raise InvalidInput(f"span: want start before end, got {start} to {end}")
    return TimeSpan(start_ns, end_ns)


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: want a file that can be read: {error.strerror}") from error


def write_new(path: Path, content: bytes) -> None:
    """What people are to see only inside the case is for its reader's eyes alone on disk too."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict(f"{path} is there already; nothing was written") from error
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def show_coverage(coverage: Coverage) -> None:
    """Always shown: what was not searched is part of the answer."""
    say(f"searched {coverage.searched_s:.0f} s of {coverage.asked_s:.0f} s, summed over cameras")
    if not coverage.missing:
        return
    rows = (
        (part.camera_id, format_utc(part.span.start_ns), format_utc(part.span.end_ns), why)
        for part, why in coverage.missing[:_MOST_MISSING]
    )
    table("NOT searched", ("camera", "from", "to", "why"), rows)
    if (more := len(coverage.missing) - _MOST_MISSING) > 0:
        say(f"and {more} more spans; --json shows all")
