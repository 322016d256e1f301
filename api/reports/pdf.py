"""A report as PDF: A4, the font inside, pictures as they are kept, the mark on every page."""

from collections.abc import Callable
from typing import Final

from api.reports.document import (
    Block,
    Document,
    Facts,
    Heading,
    Hop,
    Images,
    MapFigure,
    Paragraph,
    Points,
    Signs,
    Table,
)
from api.reports.pdf_figures import images, map_figure, signs
from api.reports.press import (
    BLUE,
    BOTTOM,
    FAINT,
    GREY,
    INK,
    LEFT,
    LINE,
    RED,
    TONES,
    TOP,
    WIDTH,
    Press,
    leading,
)

_TEXT = 9.0
_SMALL = 8.0
_CELL = 7.5
_NAME_WIDTH = 34.0
_TOGETHER = 3  # rows that stay with a table's head


def pdf_of(document: Document) -> bytes:
    """The file. The same document always gives the same bytes."""
    page = Press(document)
    page.write_line(LEFT, TOP, document.title, 20, bold=True)
    subtitle = f"{document.reference}  {document.subtitle}"
    page.top_y = TOP + leading(20)
    page.top_y += page.write(LEFT, page.top_y, page.lines(subtitle, WIDTH, 11), 11, colour=GREY)
    page.rule(page.top_y + 1, INK, width=0.5)
    page.top_y += 4
    for i, block in enumerate(document.blocks):
        if isinstance(block, Heading):
            page.room(_with_next(page, document.blocks[i : i + 4]))
        _MAKERS[type(block)](page, block)
    page.number_pages()
    return bytes(page.output())


def _with_next(page: Press, blocks: tuple[Block, ...]) -> float:
    """How much room a heading wants: never the last thing on a page."""
    wanted = 22.0 if isinstance(blocks[0], Heading) and blocks[0].level == 1 else 16.0
    for block in blocks[1:]:
        if isinstance(block, Paragraph):
            wanted += 8.0
            continue
        if isinstance(block, Images):
            return wanted + 62.0
        if isinstance(block, MapFigure):
            return wanted + WIDTH * block.drawing.height
        if not isinstance(block, Heading):
            return wanted + 6.0
    return wanted


def _heading(page: Press, block: Heading) -> None:
    if block.level == 1:
        page.start_section(block.text)
        page.top_y += 4 if page.top_y > TOP else 0
        page.write_line(LEFT, page.top_y, block.text, 13, bold=True)
        page.top_y += leading(13)
        page.rule(page.top_y)
        page.top_y += 2
        return
    page.top_y += 2.5 if page.top_y > TOP else 0
    note_width = page.measured(block.note, _SMALL) + 4 if block.note else 0.0
    lines = page.lines(block.text, WIDTH - note_width, 10)
    if block.note:
        page.write_line(LEFT, page.top_y + 0.6, block.note, _SMALL, colour=GREY, right=True)
    page.top_y += page.write(LEFT, page.top_y, lines, 10, bold=True) + 1


def _flow(
    page: Press, text: str, *, x: float = LEFT, size: float = _TEXT, tone: str = "plain"
) -> None:
    """Lines that may run over to the next page."""
    for line in page.lines(text, LEFT + WIDTH - x, size):
        page.room(leading(size))
        page.write_line(x, page.top_y, line, size, colour=TONES[tone])  # type: ignore[index]
        page.top_y += leading(size)


def _paragraph(page: Press, block: Paragraph) -> None:
    _flow(page, block.text, size=_SMALL if block.tone == "muted" else _TEXT, tone=block.tone)
    page.top_y += 1.5


def _points(page: Press, block: Points) -> None:
    for text, tone in block.points:
        page.room(leading(_TEXT))
        page.write_line(LEFT + 1, page.top_y, "•", _TEXT, colour=TONES[tone])
        _flow(page, text, x=LEFT + 5, tone=tone)
    page.top_y += 1.5


def _facts(page: Press, block: Facts) -> None:
    for name, value in block.rows:
        names = page.lines(name, _NAME_WIDTH - 3, _SMALL)
        values = page.lines(value, WIDTH - _NAME_WIDTH, _TEXT)
        height = max(len(names) * leading(_SMALL), len(values) * leading(_TEXT)) + 0.8
        if height < BOTTOM - TOP:
            page.room(height)
        page.write(LEFT, page.top_y + 0.3, names, _SMALL, colour=GREY)
        start = page.top_y
        for line in values:
            page.room(leading(_TEXT))
            start = min(start, page.top_y)
            page.write_line(LEFT + _NAME_WIDTH, page.top_y, line, _TEXT)
            page.top_y += leading(_TEXT)
        page.top_y = max(page.top_y + 0.8, start + height)
        page.rule(page.top_y - 0.4, FAINT, width=0.1)
    page.top_y += 2


def _table(page: Press, block: Table) -> None:
    if not block.rows:
        if block.empty:
            _paragraph(page, Paragraph(block.empty, "muted"))
        return
    widths = [WIDTH * share / sum(block.widths) for share in block.widths]
    rows = [
        [page.lines(cell, width - 2, _CELL) for cell, width in zip(row, widths, strict=True)]
        for row in block.rows
    ]
    head = [
        page.lines(name, width - 2, _CELL)
        for name, width in zip(block.columns, widths, strict=True)
    ]
    page.room(_row_height(head) + sum(map(_row_height, rows[:_TOGETHER])) + 2)
    _row(page, head, widths, head=True)
    for row in rows:
        for piece in _pieces(row):
            before = page.page
            page.room(_row_height(piece))
            if page.page != before:
                _row(page, head, widths, head=True)
            _row(page, piece, widths)
    page.top_y += 2.5


def _pieces(row: list[list[str]]) -> list[list[list[str]]]:
    """A row that is longer than a page, as several."""
    most = int((BOTTOM - TOP - 20) / leading(_CELL))
    longest = max(map(len, row))
    return [[cell[i : i + most] for cell in row] for i in range(0, longest, most)]


def _row_height(cells: list[list[str]]) -> float:
    return max(map(len, cells)) * leading(_CELL) + 1.4


def _row(page: Press, cells: list[list[str]], widths: list[float], *, head: bool = False) -> None:
    x = LEFT
    for lines, width in zip(cells, widths, strict=True):
        page.write(x, page.top_y + 0.6, lines, _CELL, colour=GREY if head else INK, bold=head)
        x += width
    page.top_y += _row_height(cells)
    page.rule(page.top_y, LINE if head else FAINT, width=0.2 if head else 0.1)


def _hop(page: Press, block: Hop) -> None:
    inside = LEFT + 7
    title = page.lines(block.title, WIDTH - 7, _TEXT)
    lines = [line for text in block.lines for line in page.lines(text, WIDTH - 7, _SMALL)]
    height = len(title) * leading(_TEXT) + len(lines) * leading(_SMALL) + 1
    page.room(height + 4)
    page.top_y += 2
    bad = block.tone == "bad"
    with page.pen(RED if bad else BLUE, 0.8, dashed=bad):
        page.line(LEFT + 3, page.top_y, LEFT + 3, page.top_y + height)
    page.top_y += page.write(
        inside, page.top_y, title, _TEXT, bold=True, colour=RED if bad else INK
    )
    page.top_y += page.write(inside, page.top_y, lines, _SMALL, colour=GREY) + 3


_MAKERS: Final[dict[type, Callable[..., None]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Points: _points,
    Facts: _facts,
    Table: _table,
    Images: images,
    Signs: signs,
    Hop: _hop,
    MapFigure: map_figure,
}
