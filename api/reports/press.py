"""The page that a PDF is written on: a cursor that goes down, one font, the mark on every page."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from PIL import Image as Pillow

from api.reports.document import Document, Tone
from api.reports.typesetting import lines_of, showable
from core.clocks import NS

FONT: Final = Path(__file__).with_name("fonts") / "noto-sans-sc-gbk.woff"
LEFT: Final = 17.0
WIDTH: Final = 176.0
TOP: Final = 22.0
BOTTOM: Final = 275.0
"""Millimetres on A4: text lies between these."""

Colour = tuple[int, int, int]
INK: Final[Colour] = (22, 25, 29)
GREY: Final[Colour] = (86, 93, 102)
LINE: Final[Colour] = (185, 191, 198)
FAINT: Final[Colour] = (228, 231, 235)
RED: Final[Colour] = (163, 22, 29)
BLUE: Final[Colour] = (42, 93, 159)
WHITE: Final[Colour] = (255, 255, 255)
TONES: Final[dict[Tone, Colour]] = {
    "plain": INK,
    "muted": GREY,
    "good": (29, 107, 58),
    "bad": RED,
    "warn": (122, 79, 0),
}

_FAMILY: Final = "NotoSansSC"
_POINT_MM: Final = 25.4 / 72
_LEADING: Final = 1.42
_BOLD: Final = 0.022  # outline by size: one weight is carried, headings are thickened


class Press(FPDF):
    """Draws at `y`, the top of what comes next. What is wanted whole asks for `room` first."""

    def __init__(self, document: Document) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.document = document
        self.set_auto_page_break(False)
        self.set_margins(LEFT, TOP, LEFT)
        self.add_font(_FAMILY, fname=str(FONT))
        self.set_font(_FAMILY, size=9)
        self._widths: dict[str, float] = {}
        self._about(document)
        self.top_y = TOP
        self.add_page()

    def _about(self, document: Document) -> None:
        self.set_title(f"{document.title} {document.reference}")
        self.set_subject(document.mark)
        self.set_creator("CaseTrace")
        self.set_producer("CaseTrace")
        self.set_lang("zh-CN" if document.language == "zh" else "en")
        made = datetime.fromtimestamp(document.made_ns // NS, UTC)
        self.set_creation_date(made)

    # --- every page -----------------------------------------------------------------------------

    def header(self) -> None:
        """The mark and the case's reference."""
        self.write_line(LEFT, 9.0, self.document.mark, 9, colour=RED, bold=True)
        self.write_line(LEFT, 9.0, self.document.reference, 8, colour=GREY, right=True)
        self.rule(15.0, RED)
        self.top_y = TOP

    def footer(self) -> None:
        """The mark again, and what was made when."""
        self.rule(280.0, RED)
        self.write_line(LEFT, 281.5, self.document.mark, 8, colour=RED, bold=True)
        self.write_line(LEFT, 285.5, self.document.footer, 7, colour=GREY)

    def number_pages(self) -> None:
        """Write on every page which of how many it is, once there are no more."""
        total = len(self.pages)
        for number in range(1, total + 1):
            self.page = number
            words = self.document.page_words.format(page=number, pages=total)
            self.set_font(_FAMILY, size=1)  # a page begins with no font of the one before
            self.write_line(LEFT, 281.5, words, 8, colour=GREY, right=True)

    def room(self, height: float) -> None:
        """Begin a new page unless so much is left of this one."""
        if self.top_y + height > BOTTOM and self.top_y > TOP:
            self.add_page()

    # --- text -----------------------------------------------------------------------------------

    @cached_property
    def known(self) -> frozenset[int]:
        """The code points that the font has."""
        return frozenset(cast("TTFFont", self.fonts[_FAMILY.lower()]).cmap)

    def measured(self, text: str, size: float) -> float:
        """Its width in millimetres."""
        return sum(map(self._unit_width, text)) * size

    def _unit_width(self, letter: str) -> float:
        if letter not in self._widths:
            self.set_font(_FAMILY, size=100)
            self._widths[letter] = self.get_string_width(letter) / 100
        return self._widths[letter]

    def lines(self, text: str, width: float, size: float) -> list[str]:
        """The text broken to that width, every character of it one that can be seen."""
        return lines_of(showable(text, self.known), width, lambda part: self.measured(part, size))

    def write_line(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: Colour = INK,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """One line whose top is `y`; `right` sets it to the right edge of the page's text."""
        text = showable(text, self.known)
        if right:
            x = LEFT + WIDTH - self.measured(text, size)
        self.set_font(_FAMILY, size=size)
        self.set_text_color(*colour)
        baseline = y + size * _POINT_MM * 1.06
        if not bold:
            self.text(x, baseline, text)
            return
        width = _BOLD * size * _POINT_MM
        with self.local_context(
            text_mode=TextMode.FILL_STROKE, line_width=width, draw_color=colour
        ):
            self.text(x, baseline, text)

    def write(  # type: ignore[override]
        self,
        x: float,
        y: float,
        lines: list[str],
        size: float,
        *,
        colour: Colour = INK,
        bold: bool = False,
    ) -> float:
        """Lines below each other; the height that they took."""
        step = leading(size)
        for row, line in enumerate(lines):
            self.write_line(x, y + row * step, line, size, colour=colour, bold=bold)
        return step * len(lines)

    # --- lines and pictures ---------------------------------------------------------------------

    def rule(self, y: float, colour: Colour = LINE, *, width: float = 0.2) -> None:
        """A line over the whole width."""
        with self.local_context(draw_color=colour, line_width=width):
            self.line(LEFT, y, LEFT + WIDTH, y)

    @contextmanager
    def pen(self, colour: Colour, width: float, *, dashed: bool = False) -> Iterator[None]:
        """Draw with this; afterwards as before."""
        dash = {"dash": 1.6, "gap": 1.0} if dashed else {"dash": 0, "gap": 0}
        with self.local_context(draw_color=colour, line_width=width, dash_pattern=dash):
            yield

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A JPEG, its bytes as they are."""
        self.image(io.BytesIO(jpeg), x, y, width, height)


def leading(size: float) -> float:
    """From one line to the next, millimetres."""
    return size * _POINT_MM * _LEADING


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    with Pillow.open(io.BytesIO(jpeg)) as picture:
        return picture.size
