"""The report's middle: each sighting with its evidence, the hops between them, and their rivals."""

from collections.abc import Iterator

from api.reports.document import (
    Block,
    Facts,
    Heading,
    Hop,
    Image,
    Images,
    Inset,
    MapFigure,
    Paragraph,
    Points,
    Sign,
    Signs,
    Table,
    Tone,
)
from api.reports.drawing import drawn
from api.reports.opening import box_text
from api.reports.telling import Telling
from cases.report_content import ClockShown, DecisionShown, PlateShown, Report, SightingShown
from core.types import Hop as CaseHop
from core.types import Reconstruction, Sighting

_DOUBTFUL = 0.9
_RIVALS_SHOWN = 3
_NEXT_SHOWN = 10


def evidence(report: Report, say: Telling) -> Iterator[Block]:
    yield from _overview(report, say)
    yield from _sightings(report, say)
    yield from _rivals(report, say)
    yield from _gaps(report, say)


# --- at a glance ---------------------------------------------------------------------------------


def _overview(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("way"))
    if not report.sightings:
        yield Paragraph(say.t("way.none"), "muted")
        return
    way = [one.sighting.camera_id for one in report.sightings]
    drawing = drawn(report.road_map, way, [hop.feasible for hop in report.trajectory.hops])
    if drawing is None:
        yield Paragraph(say.t("way.no_map"), "muted")
    else:
        yield MapFigure(drawing, say.t("way.map"))
    columns = ("number", "seen", "seen_utc", "camera", "class", "confirmed_by", "clock_error")
    yield Table(
        tuple(say.t(f"way.{name}") for name in columns),
        tuple(_row(number, one, say) for number, one in enumerate(report.sightings, 1)),
        (0.06, 0.21, 0.21, 0.17, 0.1, 0.15, 0.1),
    )


def _row(number: int, one: SightingShown, say: Telling) -> tuple[str, ...]:
    span = one.sighting.span
    by = [say.name(d.person) for d in one.decisions if d.counts and d.decision.verdict == "confirm"]
    return (
        str(number),
        f"{say.local(span.start_ns)[:10]} {say.clock(span.start_ns)} - {say.clock(span.end_ns)}",
        say.utc(span.start_ns).removesuffix(" UTC"),
        say.camera(one.sighting.camera_id),
        say.known("class", one.class_label),
        say.join.join(by),
        say.t("seconds", value=f"{one.sighting.clock_sigma_s:.2f}"),
    )


# --- one by one ----------------------------------------------------------------------------------


def _sightings(report: Report, say: Telling) -> Iterator[Block]:
    if not report.sightings:
        return
    yield Heading(say.t("sightings"))
    hops = {hop.end: hop for hop in report.trajectory.hops}
    for row, one in enumerate(report.sightings):
        if row in hops:
            yield _hop(hops[row], say)
        yield from _sighting(row + 1, one, say)


def _sighting(number: int, one: SightingShown, say: Telling) -> Iterator[Block]:
    camera = say.camera(one.sighting.camera_id)
    when = say.local(one.sighting.span.start_ns)
    yield Heading(say.t("sighting.title", number=number, camera=camera), 2, note=when)
    if one.shots:
        yield Images(tuple(_shots(one, say)), _inset(one, say))
    yield Facts(tuple(_facts(one, say)))
    if one.plate is not None:
        yield _plate(one.plate, say)


def _inset(one: SightingShown, say: Telling) -> Inset | None:
    if one.clock.frame_hw is None:
        return None
    boxes = tuple(shot.xyxy for shot in one.shots)
    return Inset(one.clock.frame_hw, boxes, say.t("sighting.inset"))


def _shots(one: SightingShown, say: Telling) -> Iterator[Image]:
    for shot in one.shots:
        caption = (
            say.local(shot.at_ns),
            say.utc(shot.at_ns),
            say.t("sighting.shot_box", box=box_text(shot.xyxy)),
            say.t("sighting.shot_caption", id=shot.shot_id),
        )
        yield Image(shot.picture.jpeg, caption, say.t("sighting.shot_gone"))


def _facts(one: SightingShown, say: Telling) -> Iterator[tuple[str, str]]:
    sighting, span = one.sighting, one.sighting.span
    yield say.t("sighting.local"), say.span(say.local(span.start_ns), say.local(span.end_ns))
    yield say.t("sighting.utc"), say.span(say.utc(span.start_ns), say.utc(span.end_ns))
    yield say.t("sighting.clock"), _clock(one.clock, sighting.clock_sigma_s, say)
    yield say.t("sighting.camera"), _camera(sighting, say)
    yield say.t("sighting.class"), say.known("class", one.class_label)
    yield say.t("sighting.tracklet"), str(sighting.tracklet_id)
    yield say.t("sighting.evidence"), _llrs(sighting, say)
    yield say.t("sighting.decided"), _decided(one.decisions, say)
    yield say.t("sighting.shots"), _shots_said(one, say)


def _clock(clock: ClockShown, sigma_s: float, say: Telling) -> str:
    source = say.t(f"clock.{clock.source.value if clock.source else 'unknown'}")
    said = say.t("sighting.clock_value", source=source, sigma=f"{sigma_s:.2f}")
    known = clock.correction
    if known is None:
        return f"{said}{say.semicolon}{say.t('sighting.no_correction')}"
    ahead = say.t("sighting.ahead" if known.offset_s >= 0 else "sighting.behind")
    correction = say.t(
        "sighting.correction",
        offset=f"{abs(known.offset_s):.2f}",
        ahead=ahead,
        sigma=f"{known.sigma_s:.2f}",
        since=_since(known.since_ns, say),
    )
    return f"{said}{say.semicolon}{correction}"


def _since(since_ns: int, say: Telling) -> str:
    if since_ns <= 0:
        return say.t("sighting.always")
    return say.t("sighting.since", at=say.minute(since_ns))


def _camera(sighting: Sighting, say: Telling) -> str:
    place = say.places.get(sighting.camera_id)
    at = ""
    if place and place.lon_lat_deg:
        lon_deg, lat_deg = place.lon_lat_deg
        at = f"{say.join}{lat_deg:.6f}° {lon_deg:.6f}°"
    kind = say.known("kind", place.kind if place else "street")
    name = say.camera(sighting.camera_id)
    return say.t("sighting.camera_value", name=name, id=sighting.camera_id, kind=kind, place=at)


def _llrs(sighting: Sighting, say: Telling) -> str:
    known = [f"{say.known('evidence', name)} {llr:+.2f}" for name, llr in sighting.llr.items()]
    return say.join.join(known) or say.t("sighting.no_evidence")


def _decided(decisions: tuple[DecisionShown, ...], say: Telling) -> str:
    said = [
        f"{say.name(one.person)} {say.t(f'verdict.{one.decision.verdict.value}')} "
        f"{say.local(one.decision.at_ns)}"
        + (f" ({say.t('decisions.informed')})" if one.informed else "")
        for one in decisions
        if one.counts
    ]
    return say.semicolon.join(said) or say.t("none")


def _shots_said(one: SightingShown, say: Telling) -> str:
    counts = {"shown": len(one.shots), "kept": one.shots_kept}
    if one.clock.frame_hw is None:
        return say.t("sighting.shots_bare", **counts)
    height, width = one.clock.frame_hw
    return say.t("sighting.shots_value", **counts, width=width, height=height)


def _plate(plate: PlateShown, say: Telling) -> Signs:
    reading = plate.reading
    signs = tuple(
        Sign(
            sign.read,
            f"{sign.chance:.0%}",
            tuple(
                f"{other or say.t('plate.absent')} {chance:.0%}" for other, chance in sign.others
            ),
            "bad" if sign.chance < _DOUBTFUL else "plain",
        )
        for sign in plate.signs
    )
    return Signs(
        signs,
        say.t("plate.caption", text=reading.text, reads=reading.reads, layout=reading.layout),
    )


def _hop(hop: CaseHop, say: Telling) -> Hop:
    gap = say.seconds(hop.gap_s) if hop.gap_s >= 0 else _overlap(hop, say)
    metres = hop.distance_m
    distance = say.t("hop.distance", metres=f"{metres:.0f}") if metres else ""
    title = say.t("hop.title", start=hop.start + 1, end=hop.end + 1, gap=gap, distance=distance)
    fits = say.t("hop.feasible" if hop.feasible else "hop.infeasible")
    return Hop(
        f"{title}{say.semicolon}{fits}",
        tuple(_hop_lines(hop, say)),
        "plain" if hop.feasible else "bad",
    )


def _overlap(hop: CaseHop, say: Telling) -> str:
    return say.t("hop.overlap", seconds=f"{-hop.gap_s:.1f}")


def _hop_lines(hop: CaseHop, say: Telling) -> Iterator[str]:
    yield say.engine(hop.why)
    if hop.fastest_s is not None and hop.slowest_s is not None and hop.slowest_s > 0:
        fastest, slowest = say.seconds(hop.fastest_s), say.seconds(hop.slowest_s)
        yield say.t("hop.limits", fastest=fastest, slowest=slowest)
    if hop.change:
        yield say.t("hop.change", change=say.engine(hop.change))
    if hop.llr is not None:
        yield say.t("hop.llr", llr=f"{hop.llr:+.2f}")
    if hop.missed:
        yield say.t("hop.missed", cameras=say.join.join(map(say.camera, hop.missed)))


# --- rivals --------------------------------------------------------------------------------------


def _rivals(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("rivals"))
    made = report.reconstruction
    if made is None:
        why = say.engine(report.why_none)
        yield Paragraph(say.t("rivals.why_none", why=why) if why else say.t("rivals.none"), "muted")
        return
    yield Paragraph(say.t("rivals.about"), "muted")
    yield Facts(tuple(_margins(made, say)))
    columns = ("row", "status", "probability", "own_margin", "rival")
    yield Table(
        tuple(say.t(f"rivals.{name}") for name in columns),
        tuple(_rival_row(one, say) for one in made.trajectory.sightings),
        (0.32, 0.14, 0.1, 0.12, 0.32),
    )
    if made.next_cameras:
        yield Heading(say.t("rivals.next"), 2)
        yield _next(made, say)


def _margins(made: Reconstruction, say: Telling) -> Iterator[tuple[str, str]]:
    margin = made.trajectory.margin
    if margin is not None:
        yield say.t("rivals.margin"), say.t("rivals.nats", value=f"{margin:.2f}")
    pruned = made.pruned
    considered = say.t(
        "rivals.considered_value",
        candidates=pruned.candidates,
        kept=pruned.kept,
        lost=f"{pruned.lost:.3g}",
    )
    yield say.t("rivals.considered"), considered


def _rival_row(one: Sighting, say: Telling) -> tuple[str, ...]:
    rivals = [
        f"{' + '.join(map(str, rival.tracklet_ids))} ({rival.margin:.1f})"
        for rival in one.rivals[:_RIVALS_SHOWN]
    ]
    return (
        f"{say.clock(one.span.start_ns)} {say.camera(one.camera_id)}",
        say.t("rivals.proposed" if one.proposed else "rivals.confirmed"),
        "-" if one.probability is None else f"{one.probability:.0%}",
        "-" if one.margin is None else f"{one.margin:.1f}",
        say.semicolon.join(rivals) or "-",
    )


def _next(made: Reconstruction, say: Telling) -> Table:
    columns = (
        say.t("way.camera"),
        say.t("rivals.next_chance"),
        say.t("rivals.next_when"),
        say.t("rivals.next_standing"),
    )
    rows = tuple(
        (
            say.camera(one.camera_id),
            f"{one.probability:.0%}",
            say.span(say.clock(one.expected.start_ns), say.clock(one.expected.end_ns)),
            say.known("standing", one.standing),
        )
        for one in made.next_cameras[:_NEXT_SHOWN]
    )
    return Table(columns, rows, (0.34, 0.12, 0.28, 0.26))


def _gaps(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("gaps"))
    trajectory = report.trajectory
    told: list[tuple[str, Tone]] = [
        (say.t("gaps.gap", text=say.engine(text)), "warn") for text in trajectory.gaps
    ]
    told += [
        (say.t("gaps.contradiction", text=say.engine(text)), "bad")
        for text in trajectory.contradictions
    ]
    if not trajectory.gaps:
        told.append((say.t("gaps.none"), "plain"))
    if not trajectory.contradictions:
        told.append((say.t("contradictions.none"), "plain"))
    yield Points(tuple(told))
