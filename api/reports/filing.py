"""From a case to the bytes of its report, with the entry that says what left."""

from typing import Final, Literal

from api.reports.composing import composed
from api.reports.html import html_of
from api.reports.pdf import pdf_of
from api.reports.times import zone_of
from api.reports.words import Language
from cases.report import Filed
from cases.report_content import Report
from core.clocks import NS
from core.types import Account
from pipeline.service import Service

Format = Literal["html", "pdf"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
_RENDER: Final = {"html": html_of, "pdf": pdf_of}


def filed_report(
    service: Service,
    actor: Account,
    case_id: int,
    form: Format,
    *,
    language: Language,
    zone: str,
) -> tuple[Report, Filed]:
    """The report and its file; its hash is in the audit log when this returns.

    `InvalidInput` for a zone that nobody knows, before anything is read.
    """
    local = zone_of(zone)
    report = service.reports.make(actor, case_id)
    content = _RENDER[form](composed(report, language, local))
    out = Filed(form, language, content)
    service.reports.filed(actor, report, out)
    return report, out


def name_of(report: Report, out: Filed) -> str:
    """A file name of plain letters: what a browser or a shell makes no trouble of."""
    made = report.making.at_ns // NS
    return f"casetrace-case-{report.papers.case.case_id}-{out.language}-{made}.{out.format}"
