"""The report's first part: what it lacks, the case's papers, and where the probes came from."""

from collections.abc import Iterator
from dataclasses import replace

from api.reports.document import (
    Block,
    Facts,
    Heading,
    Image,
    Images,
    Paragraph,
    Points,
    Table,
    Tone,
)
from api.reports.telling import Telling
from cases.report_content import Lack, Report, SceneShown

_GRANTS_SHOWN = 60


def opening(report: Report, say: Telling) -> Iterator[Block]:
    yield from _lacks(report, say)
    yield from _papers(report, say)
    yield from _scene(report, say)


def _lacks(report: Report, say: Telling) -> Iterator[Block]:
    making = report.making
    made = say.t("made_value", at=say.local(making.at_ns), person=say.person(making.person))
    yield Facts(((say.t("made"), made), (say.t("content_sha256"), report.digest())))
    yield Paragraph(say.t("content_sha256_note"), "muted")
    yield Heading(say.t("lacks"))
    if not report.lacks:
        yield Paragraph(say.t("lacks.none"), "good")
    else:
        ready = report.worth_filing
        words = say.t("lacks.ready" if ready else "lacks.not_ready")
        yield Paragraph(words, "good" if ready else "bad")
        yield Points(tuple(_point(lack, say) for lack in report.lacks))
    yield Paragraph(say.t("similar"), "muted")


def _point(lack: Lack, say: Telling) -> tuple[str, Tone]:
    words = say.t(f"lack.{lack.kind.value}", count=lack.count)
    ids = say.join.join(str(i) for i in lack.tracklet_ids[:12])
    if len(lack.tracklet_ids) > 12:
        ids += " ..."
    about = say.t("lacks.about", words=words, ids=ids) if ids else words
    return about, "bad" if lack.blocking else "warn"


def _papers(report: Report, say: Telling) -> Iterator[Block]:
    papers, case = report.papers, report.papers.case
    approver = say.person(papers.approver) if papers.approver else say.t("papers.not_approved")
    if papers.approver and case.decided_ns is not None:
        approver = f"{approver}{say.join}{say.local(case.decided_ns)}"
    state = say.t(
        "papers.state_value", state=say.known("state", case.state.value), version=case.version
    )
    flags = [name for name in ("emergency", "hold") if getattr(case, name)]
    state = say.join.join([state, *(say.t(f"papers.{flag}") for flag in flags)])
    members = say.semicolon.join(map(say.person, papers.members)) or say.t("none")
    yield Heading(say.t("papers"))
    yield Facts(
        (
            (say.t("papers.reference"), case.reference),
            (say.t("papers.number"), str(case.case_id)),
            (say.t("papers.offence"), case.offence),
            (say.t("papers.legal_basis"), case.legal_basis),
            (say.t("papers.purpose"), case.purpose),
            (say.t("papers.requester"), say.person(papers.requester)),
            (say.t("papers.opened"), say.local(case.opened_ns)),
            (say.t("papers.approver"), approver),
            (say.t("papers.members"), members),
            (say.t("papers.expires"), say.local(case.expires_ns)),
            (say.t("papers.state"), state),
            (say.t("papers.scope"), _scope(report, say)),
        )
    )
    yield Heading(say.t("papers.grants"), 2)
    yield _grants(report, say)
    if (more := len(case.grants) - _GRANTS_SHOWN) > 0:
        yield Paragraph(say.t("papers.more_grants", count=more), "muted")


def _scope(report: Report, say: Telling) -> str:
    grants = report.papers.case.grants
    return say.t(
        "papers.scope_value",
        cameras=len({grant.camera_id for grant in grants}),
        spans=len(grants),
        hours=f"{sum(grant.span.duration_s for grant in grants) / 3600:.1f}",
    )


def _grants(report: Report, say: Telling) -> Table:
    """Cameras of the same span in one row: the usual case is one window for all."""
    by_span: dict[tuple[int, int], list[str]] = {}
    for grant in report.papers.case.grants[:_GRANTS_SHOWN]:
        key = (grant.span.start_ns, grant.span.end_ns)
        by_span.setdefault(key, []).append(say.camera(grant.camera_id))
    return Table(
        (say.t("coverage.from"), say.t("coverage.to"), say.t("way.camera")),
        tuple(
            (say.minute(start_ns), say.minute(end_ns), say.join.join(names))
            for (start_ns, end_ns), names in sorted(by_span.items())
        ),
        (0.22, 0.22, 0.56),
    )


def _scene(report: Report, say: Telling) -> Iterator[Block]:
    yield Heading(say.t("scene"))
    if not report.scenes:
        yield Paragraph(say.t("scene.none"), "muted")
    beside: list[Image] = []
    for number, scene in enumerate(report.scenes, 1):
        title = say.t("scene.probe", number=number, family=say.known("family", scene.probe.family))
        if scene.probe.origin == "frame":
            yield Heading(title, 2)
            yield Images(tuple(_images(scene, say)))
        else:
            (own,) = _images(scene, say)
            beside.append(replace(own, caption=(title, *own.caption)))
    if beside:
        yield Heading(say.t("scene.others"), 2)
        yield Images(tuple(beside))


def _images(scene: SceneShown, say: Telling) -> Iterator[Image]:
    yield Image(scene.picture.jpeg, tuple(_caption(scene, say)), say.t("scene.picture_gone"))
    if scene.probe.origin != "frame":
        return
    yield Image(
        scene.frame.jpeg if scene.frame else b"",
        (say.t("scene.frame_caption"), say.camera(scene.camera_id), *_when(scene, say)),
        say.t("scene.frame_gone"),
        box=scene.box,
        size_hw=scene.frame_hw,
        wide=True,
    )


def _when(scene: SceneShown, say: Telling) -> tuple[str, ...]:
    return () if scene.at_ns is None else (say.local(scene.at_ns), say.utc(scene.at_ns))


def _caption(scene: SceneShown, say: Telling) -> Iterator[str]:
    origin = scene.probe.origin
    camera = say.camera(scene.camera_id)
    yield say.t(f"scene.origin.{origin}", camera=camera, sha256=scene.upload_sha256)
    yield from _when(scene, say)
    if scene.box is not None:
        box = box_text(scene.box)
        if scene.frame_hw is not None:
            height, width = scene.frame_hw
            yield say.t("scene.box", box=box, width=width, height=height)
        else:
            yield say.t("scene.box_bare", box=box)
    if scene.added_by is not None:
        at = say.local(scene.probe.created_ns)
        yield say.t("scene.added", at=at, person=say.name(scene.added_by))


def box_text(box: tuple[float, float, float, float]) -> str:
    """`412, 220 - 455, 371`: left, top, right, bottom."""
    left, top, right, bottom = (round(side) for side in box)
    return f"{left}, {top} - {right}, {bottom}"
