"""`casetrace series`: several scenes of one case compared with each other."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer

from api.commands.cases import instant_from
from api.commands.options import here
from api.commands.search import CaseId, show_coverage
from api.console import say, show_json, table
from api.schemas.series import SeriesOut
from cases.series import SceneWindow, SeriesAnswer
from core.clocks import format_utc
from core.errors import InvalidInput
from core.types import Family, TimeSpan

_SCENE_WORDS: Final = "CAMERA,CAMERA@START/END"


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(series)


def series(
    context: typer.Context,
    case: CaseId,
    scene: Annotated[
        list[str],
        typer.Option(
            metavar=_SCENE_WORDS,
            help="One of the acts: its cameras (none before the @: all granted) and its window.",
        ),
    ],
    family: Annotated[list[Family] | None, typer.Option(help="Only these families.")] = None,
    least: Annotated[
        int | None, typer.Option(min=2, help="Groups of so many scenes or more; else of all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many groups.")] = 20,
) -> None:
    """Find who looks alike at several scenes, weighed against what chance alone would give."""
    installation = here(context)
    windows = [scene_of(words) for words in scene]
    with installation.signed_in() as (service, actor):
        answer = service.series.compare(
            actor, case, windows, families=tuple(family or ()), least=least, k=limit
        )
    if installation.as_json:
        show_json(SeriesOut.of(answer).model_dump(mode="json"))
    else:
        _show(answer)


def scene_of(words: str) -> SceneWindow:
    """`CAMERA,CAMERA@START/END` as a scene; `InvalidInput` names what was wanted."""
    cameras, at_sign, span = words.partition("@")
    start, slash, end = span.partition("/")
    ids = [one.strip() for one in cameras.split(",") if one.strip()]
    if not at_sign or not slash or not all(one.isdecimal() for one in ids):
        raise InvalidInput(f"scene: want {_SCENE_WORDS}, got {words!r}")
    window = TimeSpan(instant_from(start), instant_from(end))
    return SceneWindow(tuple(map(int, ids)), window)


def _show(answer: SeriesAnswer) -> None:
    table(
        f"search {answer.search_id}: similar appearance across scenes, best first",
        ("group", "scene", "tracklet", "camera", "from", "class", "llr", "by chance"),
        _rows(answer),
    )
    say(f"{answer.pairs} pairs were compared; by chance: how many of as many may look so alike")
    if not any(group.stands_out for group in answer.groups):
        say("no group stands out from chance: these are suggestions for the eye, no finding")
    for row, seen in enumerate(answer.scenes):
        say(f"scene {row}: {seen.tracklets} of {seen.passed} tracklets could be compared")
        show_coverage(seen.coverage)


def _rows(answer: SeriesAnswer) -> Iterator[tuple[object, ...]]:
    for number, group in enumerate(answer.groups, 1):
        for row, one in enumerate(group.members):
            first = row == 0
            yield (
                number if first else "",
                one.scene,
                one.tracklet_id,
                one.camera_id,
                format_utc(one.span.start_ns),
                one.class_label,
                f"{group.llr:+.2f}" if first else "",
                f"{group.by_chance:.3g} of {group.combinations}" if first else "",
            )
