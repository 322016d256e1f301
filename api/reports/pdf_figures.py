"""Pictures, plates and the map on a PDF's page."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.reports.document import Image, Images, Inset, MapFigure, Sign, Signs
from api.reports.drawing import Dot, Point
from api.reports.press import (
    BLUE,
    BOTTOM,
    GREY,
    INK,
    LEFT,
    LINE,
    RED,
    TONES,
    TOP,
    WHITE,
    WIDTH,
    Press,
    leading,
    size_of,
)

_CAPTION = 6.5
_NARROW = 41.0
_WIDE = 116.0
_BETWEEN = 4.0
_TALL = 54.0
_SIGN = 13.0


@dataclass(frozen=True, slots=True)
class _Placed:
    """An image or an inset at its size, with its caption's lines."""

    of: Image | Inset
    width: float
    height: float
    room: float
    caption: list[str]

    @property
    def below(self) -> float:
        return 1.2 + len(self.caption) * leading(_CAPTION)


def images(page: Press, block: Images) -> None:
    """Beside each other as far as they fit, their lower edges in one line."""
    row: list[_Placed] = []
    for placed in _all_placed(page, block):
        if row and sum(p.room + _BETWEEN for p in row) + placed.room > WIDTH:
            _image_row(page, row)
            row = []
        row.append(placed)
    if row:
        _image_row(page, row)
    page.top_y += 1


def _all_placed(page: Press, block: Images) -> Iterator[_Placed]:
    for image in block.images:
        yield _placed(page, image)
    if block.inset is not None:
        down, across = block.inset.size_hw
        caption = page.lines(block.inset.caption, _NARROW, _CAPTION)
        yield _Placed(block.inset, _NARROW, _NARROW * down / across, _NARROW, caption)


def _placed(page: Press, image: Image) -> _Placed:
    room = _WIDE if image.wide else _NARROW
    caption = [line for text in image.caption for line in page.lines(text, room, _CAPTION)]
    if not image.jpeg:
        return _Placed(image, room, 24.0, room, caption)
    across, down = size_of(image.jpeg)
    tall = _WIDE * 0.75 if image.wide else _TALL
    scale = min(room / across, tall / down)
    return _Placed(image, across * scale, max(down * scale, 1.0), room, caption)


def _image_row(page: Press, row: list[_Placed]) -> None:
    height = max(placed.height for placed in row)
    below = max(placed.below for placed in row)
    page.room(height + below)
    x = LEFT
    for placed in row:
        _image(page, placed, x, page.top_y + height - placed.height)
        page.write(x, page.top_y + height + 1.2, placed.caption, _CAPTION, colour=GREY)
        x += placed.room + _BETWEEN
    page.top_y += height + below + 1.5


def _image(page: Press, placed: _Placed, x: float, y: float) -> None:
    image = placed.of
    if isinstance(image, Inset):
        _inset(page, image, (x, y, placed.width, placed.height))
        return
    if not image.jpeg:
        with page.pen(LINE, 0.2, dashed=True):
            page.rect(x, y, placed.width, placed.height)
        lines = page.lines(image.missing, placed.width - 4, 8)
        page.write(x + 2, y + placed.height / 2 - 2, lines, 8, colour=GREY)
        return
    page.picture(image.jpeg, x, y, placed.width, placed.height)
    with page.pen(LINE, 0.1):
        page.rect(x, y, placed.width, placed.height)
    if image.box is not None and image.size_hw is not None:
        _box(page, image.box, image.size_hw, (x, y, placed.width, placed.height))


def _box(
    page: Press,
    box: tuple[float, float, float, float],
    size_hw: tuple[int, int],
    on: tuple[float, float, float, float],
) -> None:
    """A box of the picture, in red, on the place `on` (x, y, width, height) of the page."""
    down, across = size_hw
    x, y, width, height = on
    left, top, right, bottom = box
    with page.pen((214, 32, 42), 0.4):
        page.rect(
            x + left / across * width,
            y + top / down * height,
            (right - left) / across * width,
            (bottom - top) / down * height,
        )


def _inset(page: Press, block: Inset, on: tuple[float, float, float, float]) -> None:
    """Outlines only."""
    with page.local_context(fill_color=(244, 245, 247), draw_color=GREY, line_width=0.2):
        page.rect(*on, style="DF")
    for box in block.boxes:
        _box(page, box, block.size_hw, on)


def signs(page: Press, block: Signs) -> None:
    """Each sign in a frame with its chance and what else it could be."""
    most = max((len(sign.others) for sign in block.signs), default=0)
    height = 10.5 + most * leading(_CAPTION)
    caption = page.lines(block.caption, WIDTH, _CAPTION)
    page.room(height + 2 + len(caption) * leading(_CAPTION))
    for place, sign in enumerate(block.signs):
        _sign(page, sign, LEFT + place * (_SIGN + 1), height)
    page.top_y += height + 1.2
    page.top_y += page.write(LEFT, page.top_y, caption, _CAPTION, colour=GREY) + 2.5


def _sign(page: Press, sign: Sign, x: float, height: float) -> None:
    colour = TONES[sign.tone]
    with page.pen(colour if sign.tone == "bad" else LINE, 0.25):
        page.rect(x, page.top_y, _SIGN, height)
    _centred(page, sign.text, x, page.top_y + 0.4, 13, colour=colour, bold=True)
    _centred(page, sign.chance, x, page.top_y + 6.8, 7, colour=colour)
    for row, other in enumerate(sign.others):
        y = page.top_y + 10.0 + row * leading(_CAPTION)
        _centred(page, other, x, y, 6, colour=GREY)


def _centred(
    page: Press,
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    colour: tuple[int, int, int] = INK,
    bold: bool = False,
    width: float = _SIGN,
) -> None:
    page.write_line(
        x + (width - page.measured(text, size)) / 2, y, text, size, colour=colour, bold=bold
    )


# --- the map ----------------------------------------------------------------------------------


def map_figure(page: Press, block: MapFigure) -> None:
    """Roads, cameras and the way between them, cut off at the frame."""
    drawing = block.drawing
    height = WIDTH * drawing.height
    caption = page.lines(block.caption, WIDTH, _CAPTION)
    page.room(min(height + 2 + len(caption) * leading(_CAPTION), BOTTOM - TOP))
    frame = (LEFT, page.top_y, WIDTH, height)
    with page.local_context(fill_color=(250, 251, 252), draw_color=LINE, line_width=0.2):
        page.rect(*frame, style="DF")
    with page.rect_clip(*frame):
        for a, b in drawing.roads:
            _stroke(page, a, b, (195, 201, 208), 0.7)
        for dot in drawing.dots:
            if not dot.number:
                _disc(page, dot.at, 0.9, (141, 149, 158))
        for a, b, fits in drawing.way:
            _stroke(page, a, b, BLUE if fits else RED, 0.7, dashed=not fits)
        for dot in drawing.dots:
            if dot.number:
                _numbered(page, dot)
    _scale(page, drawing.scale_width, f"{drawing.scale_m} m", page.top_y + height - 4)
    page.top_y += height + 1.2
    page.top_y += page.write(LEFT, page.top_y, caption, _CAPTION, colour=GREY) + 3


def _put(page: Press, at: Point) -> Point:
    return LEFT + at[0] * WIDTH, page.top_y + at[1] * WIDTH


def _stroke(
    page: Press,
    a: Point,
    b: Point,
    colour: tuple[int, int, int],
    width: float,
    *,
    dashed: bool = False,
) -> None:
    (x1, y1), (x2, y2) = _put(page, a), _put(page, b)
    with page.pen(colour, width, dashed=dashed):
        page.line(x1, y1, x2, y2)


def _disc(page: Press, at: Point, radius: float, colour: tuple[int, int, int]) -> None:
    x, y = _put(page, at)
    with page.local_context(fill_color=colour):
        page.circle(x, y, radius, style="F")


def _numbered(page: Press, dot: Dot) -> None:
    x, y = _put(page, dot.at)
    half = max(2.8, page.measured(dot.numbers, 8) / 2 + 1.6)
    with page.local_context(fill_color=INK, draw_color=WHITE, line_width=0.4):
        page.rect(
            x - half, y - 2.8, 2 * half, 5.6, style="DF", round_corners=True, corner_radius=2.8
        )
    _centred(page, dot.numbers, x - half, y - 1.7, 8, colour=WHITE, bold=True, width=2 * half)
    wide = page.measured(dot.label, 7)
    with page.local_context(fill_color=(250, 251, 252)):
        page.rect(x - wide / 2 - 0.5, y + 3.3, wide + 1, 3.4, "F")
    _centred(page, dot.label, x - half, y + 3.2, 7, width=2 * half)


def _scale(page: Press, width: float, words: str, y: float) -> None:
    x = LEFT + 4
    with page.pen(INK, 0.3):
        page.line(x, y, x + width * WIDTH, y)
        page.line(x, y - 1.2, x, y)
        page.line(x + width * WIDTH, y - 1.2, x + width * WIDTH, y)
    page.write_line(x, y - 5, words, 7)
