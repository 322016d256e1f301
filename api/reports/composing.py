"""From a report's content to its document in one language."""

from datetime import tzinfo

from api.reports.closing import closing
from api.reports.document import Document
from api.reports.evidence import evidence
from api.reports.opening import opening
from api.reports.telling import Telling
from api.reports.words import WORDS, Language
from cases.report_content import Report


def composed(report: Report, language: Language, zone: tzinfo) -> Document:
    """The document; the same report, language and zone always give the same one."""
    say = Telling(language, zone, report.places)
    words, case = WORDS[language], report.papers.case
    other: Language = "en" if language == "zh" else "zh"
    return Document(
        language=language,
        title=words["title"],
        subtitle=case.offence,
        mark=f"{words['mark']} · {WORDS[other]['mark']}",
        reference=case.reference,
        footer=f"{say.minute(report.making.at_ns)} · SHA-256 {report.digest()[:16]}",
        page_words=words["page"],
        made_ns=report.making.at_ns,
        blocks=(*opening(report, say), *evidence(report, say), *closing(report, say)),
    )
