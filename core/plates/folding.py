"""One way to write each plate: what people type and print, brought to the alphabet's signs."""

import unicodedata

from core.plates.layouts import Layout

_DOTS = ".·•‧∙⋅・●。"
_TRADITIONAL = dict(
    zip("滬蘇遼粵贛魯貴雲陝寧閩學領應試臨賽掛", "沪苏辽粤赣鲁贵云陕宁闽学领应试临赛挂", strict=True)
)
# Russian, Serbian, Ukrainian and Greek plates use only letters that have a Latin look-alike.
_CYRILLIC = dict(zip("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS", strict=True))  # noqa: RUF001
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
_FOLDS = str.maketrans(_TRADITIONAL | _CYRILLIC | _GREEK | {"Ø": "O", "Đ": "D", "Ł": "L"})

TWINS = {"O": "0", "0": "O", "I": "1", "1": "I"}
"""Signs that many countries print alike."""


def folded(text: str) -> str:
    """`text` upper-case and half-width, without spaces, dots, hyphens and accents.

    Traditional characters become simplified ones, Cyrillic and Greek letters their Latin
    look-alikes. What has no place on a plate stays, so that whoever asks can say so.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not _is_silent(sign))
    return unicodedata.normalize("NFC", bare.upper().translate(_FOLDS))


def comparable(text: str, layout: Layout) -> str:
    """`folded` text in which signs that `layout` prints alike are written alike.

    Where the layout says by position what is a letter and what a digit, O and 0, I and 1 are put
    right; where nothing tells them apart, both become the digit.
    """
    text = folded(text)
    if not layout.tells_twins:
        return text.translate(str.maketrans("OI", "01"))
    return _placed(text, layout)


def _placed(text: str, layout: Layout) -> str:
    for form in layout.forms:
        allowed = layout.allowed(form)
        if len(allowed) != len(text):
            continue
        placed = "".join(
            sign if sign in signs else TWINS.get(sign, sign)
            for sign, signs in zip(text, allowed, strict=True)
        )
        if all(sign in signs for sign, signs in zip(placed, allowed, strict=True)):
            return placed
    return text


def _is_silent(sign: str) -> bool:
    """Whether a sign only parts or adorns: spaces, dots, dashes, accents, invisible marks."""
    return sign in _DOTS or sign.isspace() or unicodedata.category(sign) in {"Pd", "Mn", "Me", "Cf"}
