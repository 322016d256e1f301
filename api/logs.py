"""Structured logs: one JSON object a line on stderr, with the request's id and no secret.

A secret is kept out three times: nothing logs a body or a header, known names are blanked
wherever they appear as keys, and user and password are cut out of anything like a URL.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog

BLANK: Final = "[hidden]"
_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?$|secret|token|credential|authorization|cookie")
_URL_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)


def hidden(value: Any) -> Any:
    """The value without user and password in URLs, and without what secret names name."""
    if isinstance(value, str):
        return _URL_USER.sub(rf"\g<scheme>{BLANK}@", value)
    if isinstance(value, Mapping):
        return {key: _by_name(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [hidden(part) for part in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value


def _by_name(name: str, value: Any) -> Any:
    return BLANK if _SECRET_KEY.search(name.lower()) else hidden(value)


def without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last processor before rendering; tracebacks are text by then and are cleaned too."""
    return {key: _by_name(key, value) for key, value in event.items()}


_SHARED: Final = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Send our lines and those of libraries that use `logging` to `stream` (stderr) as JSON."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_SHARED, without_secrets, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.WriteLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_library_lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def _library_lines() -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_SHARED),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            without_secrets,
            structlog.processors.JSONRenderer(),
        ],
    )
