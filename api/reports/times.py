"""Instants and durations as a report writes them: in UTC, and in one zone that it names."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.clocks import NS
from core.errors import InvalidInput

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def zone_of(name: str) -> tzinfo:
    """The zone of a name such as `Asia/Shanghai`, or of an offset such as `+08:00`."""
    if name.upper() in ("", "UTC", "Z"):
        return UTC
    if match := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
        if ahead < timedelta(hours=24):
            return timezone(ahead if match[1] == "+" else -ahead)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"zone: want a name such as Asia/Shanghai or an offset like +08:00, got {name[:60]!r}"
        ) from error


def local(at_ns: int, zone: tzinfo) -> str:
    """`2026-05-04 15:55:02.120 +08:00`."""
    moment = datetime.fromtimestamp(at_ns // NS, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at_ns % NS // 1_000_000:03d} {_offset(moment)}"


def clock(at_ns: int, zone: tzinfo) -> str:
    """`15:55:02`: where the day is clear."""
    return f"{datetime.fromtimestamp(at_ns // NS, UTC).astimezone(zone):%H:%M:%S}"


def minute(at_ns: int, zone: tzinfo) -> str:
    """`2026-05-04 15:55 +08:00`."""
    moment = datetime.fromtimestamp(at_ns // NS, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M} {_offset(moment)}"


def utc(at_ns: int) -> str:
    """`2026-05-04 07:55:02.120 UTC`."""
    moment = datetime.fromtimestamp(at_ns // NS, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at_ns % NS // 1_000_000:03d} UTC"


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"
