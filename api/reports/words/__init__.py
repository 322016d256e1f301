"""A report's words by language. Both tables have the same keys and the same blanks, by test."""

from collections.abc import Mapping
from typing import Final, Literal

from api.reports.words import en, zh

Language = Literal["zh", "en"]

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"zh": zh.WORDS, "en": en.WORDS}
