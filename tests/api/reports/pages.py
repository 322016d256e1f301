"""What a PDF's pages say, line by line, as they are written."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from api.reports.document import Document
from api.reports.pdf import pdf_of
from api.reports.press import Press


@dataclass
class Pages:
    """Lines by page, and the file."""

    content: bytes = b""
    lines: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __len__(self) -> int:
        return max(self.lines)

    @property
    def text(self) -> str:
        return "\n".join(line for page in sorted(self.lines) for line in self.lines[page])


def written(document: Document, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """The document as PDF, with what was written on each page."""
    pages = Pages()
    write = Press.text

    def noted(self: Press, x: float, y: float, text: str = "") -> None:
        assert 0 <= x <= 210
        assert 0 <= y <= 297
        pages.lines[self.page].append(text)
        write(self, x, y, text)

    monkeypatch.setattr(Press, "text", noted)
    pages.content = pdf_of(document)
    return pages
