"""Both formats of a report in both languages: the mark, the same content, the same bytes."""

import html.parser
import re
from dataclasses import replace
from datetime import UTC
from html import unescape

import pytest

from api.reports.composing import composed
from api.reports.document import Document
from api.reports.html import html_of
from api.reports.pdf import pdf_of
from api.reports.times import zone_of
from api.reports.words import WORDS, Language
from cases.report_content import Report
from core.types import Trajectory
from tests.api.reports.pages import written
from tests.api.reports.sample import coverage, decision, hop, report, scene, sighting

LANGUAGES: tuple[Language, ...] = ("zh", "en")
SHANGHAI = zone_of("+08:00")


def document(language: Language = "en", made: Report | None = None) -> Document:
    return composed(made or report(), language, SHANGHAI)


def html_text(content: bytes) -> str:
    """What a reader sees of it."""
    text = content.decode().split("</style>")[1]
    return unescape(re.sub(r"<[^>]+>", "\n", text))


def plain(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_bears_both_marks_and_its_number_on_every_page(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = written(document(language), monkeypatch)
    words = WORDS[language]
    assert len(pages) >= 5
    for number, lines in pages.lines.items():
        marks = [line for line in lines if words["mark"] in line]
        assert len(marks) == 2  # head and foot
        assert all(WORDS["zh"]["mark"] in mark and WORDS["en"]["mark"] in mark for mark in marks)
        assert words["page"].format(page=number, pages=len(pages)) in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_bears_the_mark_on_the_screen_and_on_every_printed_page(language: Language) -> None:
    content = html_of(document(language)).decode()
    mark = WORDS[language]["mark"]
    for place in (
        r'<p class="mark top"[^>]*>',
        r'<p class="mark bottom"[^>]*>',
        r"<thead><tr><td><p>",
    ):
        assert re.search(f"{place}{mark}", content)
    assert re.search(rf"<tfoot><tr><td><p>{mark}", content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_fetches_nothing_and_runs_nothing(language: Language) -> None:
    content = html_of(document(language)).decode()
    assert "<script" not in content
    assert not re.search(r"""(?:src|href)=["'](?!data:image/jpeg)""", content)
    assert "url(" not in content
    assert "default-src 'none'" in unescape(content)


class Balanced(html.parser.HTMLParser):
    """Raises at an end tag that ends nothing."""

    VOID = frozenset({"meta", "br", "img", "col", "line", "rect", "circle", "path", "image"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_html_is_balanced() -> None:
    parser = Balanced()
    parser.feed(html_of(document()).decode())
    assert parser.open == []


def test_what_people_typed_is_text_and_no_markup() -> None:
    made = report()
    case = replace(made.papers.case, purpose="<script>alert(1)</script> & more")
    content = html_of(document(made=replace(made, papers=replace(made.papers, case=case))))
    assert b"<script>" not in content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in content


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("render", [html_of, pdf_of])
def test_same_content_gives_the_same_bytes(render: object, language: Language) -> None:
    assert callable(render)
    assert render(document(language)) == render(document(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_formats_say_the_same(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    made = document(language)
    shown = plain(html_text(html_of(made)))
    pages = written(made, monkeypatch)
    for page, lines in pages.lines.items():
        for line in lines:
            words = plain(line)
            assert words in shown or words == "•" or f"{page}" in words, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_states_what_was_asked_of_it(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = report()
    text = plain(written(document(language, made), monkeypatch).text)
    for wanted in (
        made.papers.case.reference,
        made.papers.case.legal_basis,
        "陈峰",  # who approved
        "2026-05-0415:01:40.000+08:00",  # seen, local
        "2026-05-0407:01:40.000UTC",  # and in UTC
        made.digest(),
        "ab" * 8,  # a model's hash
        "0.404",  # its calibration's loss
        "12-14,30",  # numbers of audit entries
        "86%",  # the chance of a sign
        "1.40",  # the margin
        made.sightings[0].shots[0].picture.sha256,
    ):
        assert plain(wanted) in text, wanted


def test_time_of_making_is_the_only_difference_between_two_makings() -> None:
    made = report()
    later = replace(made, making=replace(made.making, at_ns=made.making.at_ns + 3_600 * 10**9))
    first, second = document(made=made), document(made=later)
    assert first != second
    assert made.digest() == later.digest()
    same = [a == b for a, b in zip(first.blocks, second.blocks, strict=True)]
    assert same.count(False) == 1  # the line that states it


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("render", [html_of, pdf_of])
def test_empty_case_gives_a_report_that_says_so(render: object, language: Language) -> None:
    assert callable(render)
    none = replace(coverage(), missing=(), searched_s=10_800.0)
    bare = report(
        scenes=(),
        sightings=(),
        trajectory=Trajectory((), (), (), (), none),
        reconstruction=None,
        decisions=(),
        searches=(),
        models=(),
    )
    made = document(language, bare)
    assert render(made)
    assert WORDS[language]["way.none"] in plain_text(made)
    assert WORDS[language]["coverage.all"] in plain_text(made)


def test_picture_that_is_gone_leaves_its_place_and_says_so() -> None:
    made = report(scenes=(scene(kept=False),))
    assert "the frame is not kept any more" in html_text(html_of(document(made=made)))


def test_sightings_in_plenty_run_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(sighting(1 + i % 5, 100.0 * i, shots=1) for i in range(40))
    made = report(
        sightings=many,
        trajectory=Trajectory(
            tuple(s.sighting for s in many), tuple(map(hop, range(39))), (), (), coverage()
        ),
    )
    pages = written(document(made=made), monkeypatch)
    assert len(pages) >= 15
    assert pages.text.count("Sighting ") >= 40


def test_long_note_runs_over_the_page_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"word{i}" for i in range(3000)]
    made = report(decisions=(decision(1, note=" ".join(words)),))
    text = written(document(made=made), monkeypatch).text.split()
    assert [word for word in text if word.startswith("word")] == words


def test_character_that_the_font_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made = report()
    rare = replace(made.papers.requester, full_name="\U00020bb7田")
    papers = replace(made.papers, requester=rare)
    text = written(document("zh", replace(made, papers=papers)), monkeypatch).text
    assert "[U+20BB7]田" in text


def test_utc_alone_is_a_zone_too() -> None:
    made = composed(report(), "en", UTC)
    assert "2026-05-04 07:01:40.000 +00:00" in plain_text(made)


def plain_text(made: Document) -> str:
    return str(made.blocks)
