"""JSON in text columns: the same bytes on every database, order and whole numbers kept."""

import json
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInput, StorageCorrupt


def written(what: str, content: object) -> str:
    """Compact JSON; `InvalidInput` for what JSON cannot say (NaN, objects)."""
    try:
        return json.dumps(
            content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
        )
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{what}: want plain JSON: {error}") from error


def _plain(content: object) -> object:
    if isinstance(content, Mapping):
        return dict(content)
    raise TypeError(f"cannot write {type(content).__name__}")


def read(what: str, text: str) -> Any:
    """What `written` was given, tuples as lists; `StorageCorrupt` for anything else."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise StorageCorrupt(f"{what}: a row does not hold JSON: {error}") from error


def mapping(what: str, text: str) -> dict[str, Any]:
    """`read` of a JSON object."""
    content = read(what, text)
    if not isinstance(content, dict):
        raise StorageCorrupt(f"{what}: want a JSON object, got {type(content).__name__}")
    return content
