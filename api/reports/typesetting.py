# ruff: noqa: RUF001  (Chinese punctuation is meant)
"""Lines of text for a page: where Chinese and Latin may break, and what no font can show."""

from collections.abc import Callable, Container, Iterator

# A line begins with none of these and ends with none of those (Chinese line breaking, GB/T 15834).
_NOT_FIRST = frozenset("、。，．：；！？）」』】》〉〕…％’”,.:;!?)]}%°")
_NOT_LAST = frozenset("（「『【《〈〔‘“([{")


def showable(text: str, known: Container[int]) -> str:
    """The text with each character that the font lacks named by its number: none just vanishes."""
    return "".join(
        letter if ord(letter) in known else _named(letter) for letter in " ".join(text.split())
    )


def _named(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"


def lines_of(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text as lines no wider than `width`; one line at least.

    Breaks lie at blanks and beside Chinese characters; a word longer than a line is cut.
    """
    lines: list[str] = []
    line, used = "", 0.0
    for piece in _pieces(text):
        wide = measure(piece)
        if line and used + measure(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if not line:
            piece = piece.lstrip()
            wide = measure(piece)
        while wide > width and len(piece) > 1:
            head = _fitting(piece, width, measure)
            lines.append(head)
            piece = piece[len(head) :]
            wide = measure(piece)
        line, used = line + piece, used + wide
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _fitting(piece: str, width: float, measure: Callable[[str], float]) -> str:
    """As much of it as fits, one character at least."""
    used, count = 0.0, 0
    for letter in piece:
        used += measure(letter)
        if used > width:
            break
        count += 1
    return piece[: max(1, count)]


def _pieces(text: str) -> Iterator[str]:
    """What stays together on a line: words with the blank after them, Chinese one by one."""
    piece = ""
    for i, letter in enumerate(text):
        piece += letter
        after = text[i + 1] if i + 1 < len(text) else ""
        if not after or _may_break(letter, after):
            yield piece
            piece = ""


def _may_break(before: str, after: str) -> bool:
    if after in _NOT_FIRST or before in _NOT_LAST or after == " ":
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"
