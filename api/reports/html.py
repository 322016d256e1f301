"""A report as one HTML file: pictures inside, no script, nothing fetched, marked on every page."""

from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Final

from api.reports.document import (
    Block,
    Document,
    Facts,
    Heading,
    Hop,
    Image,
    Images,
    Inset,
    MapFigure,
    Paragraph,
    Points,
    Signs,
    Table,
)
from api.reports.drawing import Drawing

CONTENT_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE: Final = Path(__file__).with_name("report.css")


def html_of(document: Document) -> bytes:
    """The file, UTF-8. The same document always gives the same bytes."""
    mark = escape(document.mark)
    foot = f"{escape(document.reference)} · {escape(document.footer)}"
    body = "\n".join(_block(block) for block in document.blocks)
    return f"""<!doctype html>
<html lang="{"zh-CN" if document.language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(document.title)} {escape(document.reference)}</title>
<style>
{_STYLE.read_text("utf-8")}</style>
</head>
<body>
<p class="mark top" aria-hidden="true">{mark}</p>
<p class="mark bottom" aria-hidden="true">{mark}<span class="foot">{foot}</span></p>
<table class="pages" role="presentation">
<thead><tr><td><p>{mark}</p></td></tr></thead>
<tfoot><tr><td><p>{mark}<span class="foot">{foot}</span></p></td></tr></tfoot>
<tbody><tr><td>
<main>
<header>
<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.reference)} · {escape(document.subtitle)}</p>
</header>
{body}
</main>
</td></tr></tbody>
</table>
</body>
</html>
""".encode()


def _block(block: Block) -> str:
    return _MAKERS[type(block)](block)


def _heading(block: Heading) -> str:
    level = block.level + 1
    note = f'<span class="note">{escape(block.note)}</span>' if block.note else ""
    return f"<h{level}>{escape(block.text)}{note}</h{level}>"


def _paragraph(block: Paragraph) -> str:
    return f'<p class="{block.tone}">{escape(block.text)}</p>'


def _points(block: Points) -> str:
    items = "".join(f'<li class="{tone}">{escape(text)}</li>' for text, tone in block.points)
    return f"<ul>{items}</ul>"


def _facts(block: Facts) -> str:
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in block.rows
    )
    return f"<dl>{rows}</dl>"


def _table(block: Table) -> str:
    if not block.rows:
        return f'<p class="muted">{escape(block.empty)}</p>' if block.empty else ""
    widths = "".join(f'<col style="width:{100 * width:.0f}%">' for width in block.widths)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in block.rows
    )
    return (
        f"<table><colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody></table>"
    )


def _images(block: Images) -> str:
    inset = _inset(block.inset) if block.inset else ""
    return f'<div class="images">{"".join(map(_image, block.images))}{inset}</div>'


def _image(image: Image) -> str:
    caption = "<br>".join(escape(line) for line in image.caption)
    wide = ' class="wide"' if image.wide else ""
    alt = escape(image.caption[0] if image.caption else "")
    if not image.jpeg:
        shown = f'<div class="missing">{escape(image.missing)}</div>'
    elif image.box is not None and image.size_hw is not None:
        shown = _boxed(image, alt)
    else:
        shown = f'<img src="{_inline(image.jpeg)}" alt="{alt}">'
    return f"<figure{wide}>{shown}<figcaption>{caption}</figcaption></figure>\n"


def _boxed(image: Image, alt: str) -> str:
    height, width = image.size_hw or (1, 1)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{alt}">'
        f'<image href="{_inline(image.jpeg)}" width="{width}" height="{height}"/>'
        f"{_rectangle(image.box or (0, 0, 0, 0), width)}</svg>"
    )


def _rectangle(box: tuple[float, float, float, float], width: int) -> str:
    left, top, right, bottom = box
    return (
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" stroke-width="{width / 250:.1f}"/>'
    )


def _inline(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"


def _inset(block: Inset) -> str:
    height, width = block.size_hw
    boxes = "".join(_rectangle(box, width) for box in block.boxes)
    caption = escape(block.caption)
    return (
        f'<figure class="inset"><svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{caption}"><rect class="screen" width="{width}" height="{height}" '
        f'stroke-width="{width / 250:.1f}"/>{boxes}</svg>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _signs(block: Signs) -> str:
    signs = "".join(
        f'<div class="{sign.tone}"><b>{escape(sign.text)}</b><span>{escape(sign.chance)}</span>'
        f"<small>{'<br>'.join(escape(other) for other in sign.others)}</small></div>"
        for sign in block.signs
    )
    return (
        f'<figure class="signs"><div class="plate">{signs}</div>'
        f"<figcaption>{escape(block.caption)}</figcaption></figure>"
    )


def _hop(block: Hop) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in block.lines)
    return f'<div class="hop {block.tone}"><p><b>{escape(block.title)}</b></p>{lines}</div>'


def _map(block: MapFigure) -> str:
    caption = escape(block.caption)
    return (
        f'<figure class="map">{_svg(block.drawing, caption)}'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _svg(drawing: Drawing, label: str) -> str:
    """Thousandths of the width as units."""
    height = 1000 * drawing.height
    roads = "".join(_line(a, b, "road") for a, b in drawing.roads)
    way = "".join(_line(a, b, "way" if fits else "way broken") for a, b, fits in drawing.way)
    dots = "".join(
        f'<circle class="camera" cx="{1000 * dot.at[0]:.1f}" cy="{1000 * dot.at[1]:.1f}" r="5"/>'
        for dot in drawing.dots
        if not dot.number
    )
    seen = "".join(_numbered(dot.at, dot.numbers, dot.label) for dot in drawing.dots if dot.number)
    bar = 1000 * drawing.scale_width
    scale = (
        f'<path class="scale" d="M30 {height - 30:.0f}v10h{bar:.1f}v-10"/>'
        f'<text x="30" y="{height - 38:.0f}">{drawing.scale_m} m</text>'
    )
    return (
        f'<svg viewBox="0 0 1000 {height:.0f}" role="img" aria-label="{label}">'
        f"{roads}{dots}{way}{seen}{scale}</svg>"
    )


def _line(a: tuple[float, float], b: tuple[float, float], name: str) -> str:
    return (
        f'<line class="{name}" x1="{1000 * a[0]:.1f}" y1="{1000 * a[1]:.1f}" '
        f'x2="{1000 * b[0]:.1f}" y2="{1000 * b[1]:.1f}"/>'
    )


def _numbered(at: tuple[float, float], numbers: str, label: str) -> str:
    x, y = 1000 * at[0], 1000 * at[1]
    wide = 16 + 6 * (len(numbers) - 1)
    return (
        f'<rect class="seen" x="{x - wide:.1f}" y="{y - 16:.1f}" width="{2 * wide}" height="32" '
        f'rx="16"/><text class="number" x="{x:.1f}" y="{y + 7:.1f}">{escape(numbers)}</text>'
        f'<text class="name" x="{x:.1f}" y="{y + 38:.1f}">{escape(label)}</text>'
    )


_MAKERS: Final[dict[type, Callable[..., str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Points: _points,
    Facts: _facts,
    Table: _table,
    Images: _images,
    Signs: _signs,
    Hop: _hop,
    MapFigure: _map,
}
