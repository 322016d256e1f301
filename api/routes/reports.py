"""The report of a case for the file inside: what it lacks, and the report itself."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.access import Caller, SignedInRoute, Wired
from api.reports.filing import MEDIA_TYPES, Format, filed_report, name_of
from api.reports.html import CONTENT_POLICY
from api.reports.words import Language
from api.routes.answers import IN_A_CASE, failures, media
from api.schemas.report import ReportStatus
from api.schemas.scalars import Id

router = APIRouter(prefix="/cases/{case_id}", tags=["report"], route_class=SignedInRoute)

Zone = Annotated[
    str,
    Query(
        max_length=60,
        description="Zone of local times: a name such as Asia/Shanghai, or an offset.",
        examples=["Asia/Shanghai"],
    ),
]
# The report is shown inside the page, in a frame that may do nothing but be read.
_SHOWN: Final = {
    "Content-Security-Policy": f"{CONTENT_POLICY}; frame-ancestors 'self'; sandbox",
    "X-Frame-Options": "SAMEORIGIN",
}


@router.get("/report", responses={**IN_A_CASE, **failures(413, 503)})
def get_report_status(wired: Wired, caller: Caller, case_id: Id) -> ReportStatus:
    """What a report would hold and what it still lacks; no picture is read."""
    report = wired.reports.make(caller, case_id, pictures=False)
    return ReportStatus.of(report, caller.account_id)


@router.get("/report.html", responses=media("text/html", "The report.", 413, 503))
def get_report_html(
    wired: Wired, caller: Caller, case_id: Id, language: Language = "zh", zone: Zone = "UTC"
) -> Response:
    """The report as one HTML file: pictures inside, no script."""
    return _answered(wired, caller, case_id, "html", language, zone)


@router.get("/report.pdf", responses=media("application/pdf", "The report.", 413, 503))
def get_report_pdf(
    wired: Wired, caller: Caller, case_id: Id, language: Language = "zh", zone: Zone = "UTC"
) -> Response:
    """The report as PDF with its font inside."""
    return _answered(wired, caller, case_id, "pdf", language, zone)


def _answered(
    wired: Wired, caller: Caller, case_id: int, form: Format, language: Language, zone: str
) -> Response:
    report, out = filed_report(wired, caller, case_id, form, language=language, zone=zone)
    kind = "inline" if form == "html" else "attachment"
    headers = {
        "Content-Disposition": f'{kind}; filename="{name_of(report, out)}"',
        "X-CaseTrace-SHA256": out.sha256,
        **(_SHOWN if form == "html" else {}),
    }
    return Response(out.content, media_type=MEDIA_TYPES[form], headers=headers)
