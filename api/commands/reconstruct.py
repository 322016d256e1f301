"""`casetrace reconstruct`: what the evidence and the decisions together propose."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import typer

from api.commands.options import here
from api.commands.search import CaseId, show_coverage, span_from
from api.console import say, show_json, table
from api.schemas.reconstruction import ReconstructionOut
from cases.search import SearchRequest
from core.clocks import format_utc
from core.types import Candidate, NextCamera, Pruned, Reconstruction, Trajectory, Verdict

_STANDING: Final = {
    "in_scope": "searched, nothing found",
    "down": "no pictures then",
    "outside": "not granted: ask the approver",
}


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(reconstruct)


def reconstruct(
    context: typer.Context,
    case: CaseId,
    probe: Annotated[
        list[int] | None,
        typer.Option(help="A probe made before; none is needed once something is confirmed."),
    ] = None,
    plate: Annotated[
        str | None,
        typer.Option(help="A plate, a part of one, or a pattern: ? is one sign, * any number."),
    ] = None,
    camera: Annotated[list[int] | None, typer.Option(help="Only these cameras.")] = None,
    start: Annotated[str, typer.Option(metavar="TIME", help="Only from here.")] = "",
    end: Annotated[str, typer.Option(metavar="TIME", help="Only up to here.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many candidates.")] = 20,
) -> None:
    """The likeliest trajectory by all evidence and decisions, its rivals, and where to look."""
    installation = here(context)
    asked = SearchRequest(
        tuple(probe or ()),
        k=limit,
        cameras=tuple(camera or ()),
        span=span_from(start, end),
        plate=plate,
        from_confirmed=True,
    )
    with installation.signed_in() as (service, actor):
        found = service.reconstructions.reconstruct(actor, case, asked)
    if installation.as_json:
        show_json(ReconstructionOut.of_reconstruction(found).model_dump(mode="json"))
    else:
        _show(found)


def _show(found: Reconstruction) -> None:
    trajectory = found.trajectory
    _show_candidates(found)
    _show_sightings(trajectory)
    _show_hops(trajectory)
    for title, lines in (("gap", trajectory.gaps), ("contradiction", trajectory.contradictions)):
        for line in lines:
            say(f"{title}: {line}")
    for one in found.doubted:
        chance = _chance(one.probability)
        say(
            f"look again: tracklet {one.tracklet_id} is confirmed, but the rest speaks against it: "
            f"had nobody confirmed it, its chance would be {chance}"
        )
    table(
        "ways, the likeliest first",
        ("", "llr", "tracklets in time order"),
        ((rank, _signed(way.llr), way.tracklet_ids) for rank, way in enumerate(found.ways, 1)),
    )
    table(
        "where to look next",
        ("camera", "chance", "from", "to", "not searched s", "standing"),
        map(_next_row, found.next_cameras),
    )
    say(_pruned_words(found.pruned))
    show_coverage(found.answer.coverage)


def _show_candidates(found: Reconstruction) -> None:
    proposed = {one.tracklet_id for one in found.trajectory.sightings if one.proposed}
    table(
        f"search {found.answer.search_id}: candidates, the likeliest first",
        ("", "tracklet", "camera", "from", "class", "chance", *_EVIDENCE, "stands as"),
        (
            (
                rank,
                one.tracklet_id,
                one.camera_id,
                format_utc(one.span.start_ns),
                one.class_label,
                _chance(one.probability),
                *map(_signed, (one.llr, one.plate_llr, one.transit_llr)),
                _stands(one, proposed),
            )
            for rank, one in enumerate(found.answer.candidates, 1)
        ),
    )
    if found.answer.candidates and all(c.probability is None for c in found.answer.candidates):
        say("no chances: a model that they rest on has no calibration; llr only ranks")


_EVIDENCE: Final = ("appearance llr", "plate llr", "transit llr")


def _show_sightings(trajectory: Trajectory) -> None:
    table(
        "likeliest trajectory: what people confirmed, and what is proposed between",
        ("", "from", "to", "camera", "tracklet", "family", "stands as", "chance", "margin", "else"),
        (
            (
                row,
                format_utc(one.span.start_ns),
                format_utc(one.span.end_ns),
                one.camera_id,
                one.tracklet_id,
                one.family,
                "proposed" if one.proposed else "confirmed",
                _chance(one.probability),
                _signed(one.margin),
                _rival_words(one.rivals[0].tracklet_ids) if one.rivals else None,
            )
            for row, one in enumerate(trajectory.sightings)
        ),
    )
    if trajectory.margin is not None:
        say(f"ahead of the best other trajectory by {trajectory.margin:.2f} nats")


def _show_hops(trajectory: Trajectory) -> None:
    columns = ("from", "to", "gap s", "feasible", "why", "change", "llr", "missed cameras")
    table("hops", columns, _hop_rows(trajectory))


def _hop_rows(trajectory: Trajectory) -> Iterator[Sequence[object]]:
    for hop in trajectory.hops:
        yield (
            hop.start,
            hop.end,
            f"{hop.gap_s:.1f}",
            hop.feasible,
            hop.why,
            hop.change or None,
            _signed(hop.llr),
            hop.missed or None,
        )


def _next_row(one: NextCamera) -> Sequence[object]:
    return (
        one.camera_id,
        _chance(one.probability),
        format_utc(one.expected.start_ns),
        format_utc(one.expected.end_ns),
        f"{one.unseen_s:.0f}",
        _STANDING.get(one.standing, one.standing),
    )


def _pruned_words(pruned: Pruned) -> str:
    if pruned.kept >= pruned.candidates:
        return f"all {pruned.candidates} candidates took part"
    return (
        f"{pruned.kept} of {pruned.candidates} candidates took part; no way through the others "
        f"can be more than {pruned.lost:.2f} nats better"
    )


def _stands(one: Candidate, proposed: set[int]) -> str | None:
    if one.verdict is Verdict.CONFIRM:
        return "confirmed"
    if one.verdict is not None:
        return one.verdict.value
    return "proposed" if one.tracklet_id in proposed else None


def _rival_words(tracklet_ids: Sequence[int]) -> str:
    return ", ".join(map(str, tracklet_ids)) if tracklet_ids else "nobody seen"


def _chance(probability: float | None) -> str | None:
    return None if probability is None else f"{probability:.0%}"


def _signed(nats: float | None) -> str | None:
    return None if nats is None else f"{nats:+.2f}"
