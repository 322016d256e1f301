"""The characters that a plate may bear, in one order that models, files and postings rely on.

Digits, Latin letters, the 31 provinces of mainland China in the order of GB/T 2260, then the signs
of its special plates. A distribution over a position has one column more, `ABSENT`, the last: the
chance that there is no character at all. The order is part of every kept file: append, never move.
"""

from collections.abc import Iterable

import numpy as np

from core.arrays import F32, I64
from core.errors import InvalidInput

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
SPECIALS = "学警挂港澳领使应急试超临赛民航"
"""Learner, police, trailer, Hong Kong, Macau, consulate, embassy, emergency (two signs), trial,
oversize, temporary, rally, airport (two signs)."""

ALPHABET = DIGITS + LETTERS + PROVINCES + SPECIALS
ABSENT = len(ALPHABET)
"""The column of "no character here"."""
COLUMNS = len(ALPHABET) + 1
"""A, the width of `PlateRead.log_probs`."""

_INDEX = {character: column for column, character in enumerate(ALPHABET)}


def index_of(text: str) -> I64:
    """The column of each character of a canonical text, (len(text),).

    Raises `InvalidInput` that names the first character outside the alphabet.
    """
    try:
        return np.array([_INDEX[character] for character in text], dtype=np.int64)
    except KeyError as error:
        raise InvalidInput(
            f"plate: want digits, letters, provinces and {SPECIALS}, got {error.args[0]!r}"
        ) from error


def text_of(rows: Iterable[int] | I64) -> str:
    """The text of columns, `ABSENT` left out; `InvalidInput` for a column that does not exist."""
    columns = [int(row) for row in rows]
    wrong = next((column for column in columns if not 0 <= column <= ABSENT), None)
    if wrong is not None:
        raise InvalidInput(f"plate column: want 0 to {ABSENT}, got {wrong}")
    return "".join(ALPHABET[column] for column in columns if column != ABSENT)


def likeliest_text(log_probs: F32) -> str:
    """The text whose every position is the likeliest of `log_probs` (P, A)."""
    return text_of(np.argmax(log_probs, axis=1))


def likely_right(log_probs: F32) -> float:
    """How many signs of the likeliest text of `log_probs` (P, A) are right, to be expected."""
    return float(np.exp(log_probs[:, :ABSENT].max(axis=1, initial=-np.inf)).sum())
