"""A report as blocks of text, tables and pictures in one language, for every format alike."""

from dataclasses import dataclass
from typing import Literal

from api.reports.drawing import Drawing

Tone = Literal["plain", "muted", "good", "bad", "warn"]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 opens a section, 2 a part of one."""

    text: str
    level: int = 1
    note: str = ""  # at the right end of the line


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """A list; each point with its tone."""

    points: tuple[tuple[str, Tone], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with values, `across` of them beside each other."""

    rows: tuple[tuple[str, str], ...]
    across: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares of the line. An empty table says `empty` instead."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A JPEG, or why there is none; `box` is drawn on it, in pixels of `size_hw`."""

    jpeg: bytes
    caption: tuple[str, ...]
    missing: str
    box: tuple[float, float, float, float] | None = None
    size_hw: tuple[int, int] | None = None
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Inset:
    """Where in a camera's picture some boxes lay: outlines only, no pixels."""

    size_hw: tuple[int, int]
    boxes: tuple[tuple[float, float, float, float], ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Images:
    """Beside each other, the inset last."""

    images: tuple[Image, ...]
    inset: Inset | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    text: str
    chance: str
    others: tuple[str, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class Signs:
    """A plate, sign by sign."""

    signs: tuple[Sign, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Hop:
    """The way from one sighting to the next, drawn as a link between their blocks."""

    title: str
    lines: tuple[str, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class MapFigure:
    drawing: Drawing
    caption: str


Block = Heading | Paragraph | Points | Facts | Table | Images | Signs | Hop | MapFigure


@dataclass(frozen=True, slots=True)
class Document:
    """`mark` stands on every page. `made_ns` is the stated time of making, the only clock in it."""

    language: str
    title: str
    subtitle: str
    mark: str
    reference: str
    footer: str
    page_words: str  # with {page} and {pages}
    made_ns: int
    blocks: tuple[Block, ...]
