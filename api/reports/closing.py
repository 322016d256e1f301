"""The report's end: what was not searched, who decided what, which models, and the proof."""

from collections.abc import Iterator

from api.reports.document import Block, Heading, Paragraph, Table
from api.reports.telling import Telling
from cases.report_content import DecisionShown, ModelShown, Report, SearchShown
from core.types import CameraSpan

_CAMERAS_SHOWN = 60


def closing(report: Report, say: Telling) -> Iterator[Block]:
    yield from _coverage(report, say)
    yield from _decisions(report, say)
    yield from _searches(report, say)
    yield from _models(report, say)
    yield from _audit(report, say)
    yield from _hashes(report, say)


def _coverage(report: Report, say: Telling) -> Iterator[Block]:
    coverage = report.trajectory.coverage
    yield Heading(say.t("coverage"))
    if not coverage.missing:
        yield Paragraph(say.t("coverage.all"))
        return
    share = coverage.searched_s / coverage.asked_s if coverage.asked_s else 0.0
    yield Paragraph(
        say.t(
            "coverage.share",
            searched=f"{coverage.searched_s / 3600:.2f}",
            asked=f"{coverage.asked_s / 3600:.2f}",
            percent=f"{100 * share:.1f}",
        )
    )
    by_camera: dict[tuple[int, str], list[CameraSpan]] = {}
    for part, why in coverage.missing:
        by_camera.setdefault((part.camera_id, why), []).append(part)
    rows = [_missing(camera_id, why, parts, say) for (camera_id, why), parts in by_camera.items()]
    yield Table(
        (
            say.t("way.camera"),
            say.t("coverage.from"),
            say.t("coverage.to"),
            say.t("coverage.spans"),
            say.t("coverage.length"),
            say.t("coverage.why"),
        ),
        tuple(rows[:_CAMERAS_SHOWN]),
        (0.17, 0.25, 0.25, 0.07, 0.12, 0.14),
    )
    if (more := len(rows) - _CAMERAS_SHOWN) > 0:
        yield Paragraph(say.t("coverage.more", count=more), "muted")


def _missing(camera_id: int, why: str, parts: list[CameraSpan], say: Telling) -> tuple[str, ...]:
    return (
        say.camera(camera_id),
        say.local(min(part.span.start_ns for part in parts)),
        say.local(max(part.span.end_ns for part in parts)),
        str(len(parts)),
        say.seconds(sum(part.span.duration_s for part in parts)),
        say.known("why", why),
    )


def _decisions(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("decisions"))
    yield Paragraph(say.t("decisions.about"), "muted")
    columns = ("when", "person", "tracklet", "verdict", "note")
    yield Table(
        tuple(say.t(f"decisions.{name}") for name in columns),
        tuple(_decision(one, say) for one in report.decisions),
        (0.25, 0.17, 0.17, 0.15, 0.26),
        say.t("decisions.none"),
    )


def _decision(one: DecisionShown, say: Telling) -> tuple[str, ...]:
    verdict = [say.t(f"verdict.{one.decision.verdict.value}")]
    verdict += [say.t("decisions.superseded")] if not one.counts else []
    verdict += [say.t("decisions.informed")] if one.informed else []
    return (
        say.local(one.decision.at_ns),
        say.name(one.person),
        str(one.decision.tracklet_id),
        say.join.join(verdict),
        one.decision.note,
    )


def _searches(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("searches"))
    columns = ("when", "person", "asked", "found", "models", "seq")
    yield Table(
        tuple(say.t(f"searches.{name}") for name in columns),
        tuple(_search(one, say) for one in report.searches),
        (0.25, 0.14, 0.18, 0.08, 0.26, 0.09),
        say.t("searches.none"),
    )


def _search(one: SearchShown, say: Telling) -> tuple[str, ...]:
    asked = [say.t("searches.asked_probes", count=one.probes)] if one.probes else []
    asked += [say.t("searches.asked_plate", plate=one.plate)] if one.plate else []
    asked += [say.t("searches.asked_scenes")] if one.of_scenes else []
    return (
        say.local(one.at_ns),
        say.name(one.person),
        say.join.join(asked) or say.t("searches.asked_confirmed"),
        str(one.candidates),
        say.join.join(one.compared) or "-",
        str(one.audit_seq),
    )


def _models(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("models"))
    yield Paragraph(say.t("models.about"), "muted")
    yield Table(
        tuple(
            say.t(f"models.{name}") for name in ("task", "name", "licence", "sha256", "calibration")
        ),
        tuple(_model(one, say) for one in report.models),
        (0.13, 0.19, 0.17, 0.26, 0.25),
        say.t("none"),
    )


def _model(one: ModelShown, say: Telling) -> tuple[str, ...]:
    calibration = say.t("models.uncalibrated") if one.task == "embed" else "-"
    if one.calibration and one.cllr_bits is not None:
        calibration = say.t("models.cllr", fitted_on=one.calibration, cllr=f"{one.cllr_bits:.3f}")
    return (
        say.known("task", one.task),
        f"{one.name} {one.version}".strip(),
        one.licence or "-",
        one.sha256 or "-",
        calibration,
    )


def _audit(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("audit"))
    yield Paragraph(say.t("audit.about", seq=report.making.audit_seq), "muted")
    yield Table(
        tuple(say.t(f"audit.{name}") for name in ("kind", "count", "seqs")),
        tuple(
            (
                say.t("audit.refused", kind=one.kind) if one.denied else one.kind,
                str(len(one.seqs)),
                ranges(one.seqs),
            )
            for one in report.making.audit
        ),
        (0.26, 0.1, 0.64),
    )


def ranges(seqs: tuple[int, ...], *, most: int = 60) -> str:
    """`3, 7-9, 12`; cut with the last one after so many runs."""
    runs: list[list[int]] = []
    for seq in seqs:
        if runs and seq == runs[-1][1] + 1:
            runs[-1][1] = seq
        else:
            runs.append([seq, seq])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in runs]
    if len(words) > most:
        words = [*words[:most], "...", words[-1]]
    return ", ".join(words)


def _hashes(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("hashes"))
    yield Paragraph(say.t("hashes.about"), "muted")
    yield Table(
        (say.t("hashes.what"), say.t("hashes.sha256")),
        tuple(_pictures(report, say)),
        (0.36, 0.64),
        say.t("hashes.none"),
    )


def _pictures(report: Report, say: Telling) -> Iterator[tuple[str, str]]:
    for number, scene in enumerate(report.scenes, 1):
        if scene.picture.jpeg:
            yield say.t("hashes.probe", number=number), scene.picture.sha256
        if scene.frame is not None and scene.frame.jpeg:
            yield say.t("hashes.frame", number=number), scene.frame.sha256
    for number, one in enumerate(report.sightings, 1):
        for shot in one.shots:
            if shot.picture.jpeg:
                yield say.t("hashes.shot", number=number, id=shot.shot_id), shot.picture.sha256
