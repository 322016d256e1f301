"""What a request for a case must say, checked field by field before anybody is asked."""

import unicodedata
from collections.abc import Iterable, Set
from dataclasses import dataclass

from cases.authority import CaseLimits, flattened, grants_by_camera
from cases.events import is_text
from core.clocks import DAY_NS, HOUR_NS, format_utc
from core.errors import InvalidInput, OutOfScope, TooLarge
from core.types import CameraSpan, Case, TimeSpan, merged

MAX_FIELD = 2000
MAX_MEMBERS = 100

# How much a field must say, in letters; a wide character (Chinese, Japanese, Korean) counts for
# three. Own assumption: "theft" and its Chinese word both pass, "x" and "....." do not.
_LEAST = {"reference": 3, "offence": 4, "legal_basis": 5, "purpose": 10}


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What somebody asks to look at, and why. `grants` are UTC spans per camera."""

    reference: str
    offence: str
    legal_basis: str
    purpose: str
    grants: tuple[CameraSpan, ...]
    expires_ns: int
    members: frozenset[int] = frozenset()
    emergency: bool = False
    hold: bool = False


def checked_field(field: str, text: str) -> str:
    """The text without blanks around it; `InvalidInput` names a field that says too little."""
    said = " ".join(text.split()) if isinstance(text, str) else ""
    letters = [letter for letter in said if letter.isalnum()]
    weight = sum(3 if unicodedata.east_asian_width(x) in "WF" else 1 for x in letters)
    if weight < _LEAST.get(field, 3) or len(set(letters)) < 2:
        raise InvalidInput(
            f"{field}: want at least {_LEAST.get(field, 3)} letters that say something"
        )
    if len(said) > MAX_FIELD or not is_text(said):
        raise InvalidInput(f"{field}: want at most {MAX_FIELD} plain characters, got {len(said)}")
    return said


def checked_grants(
    grants: Iterable[CameraSpan], known: Set[int], at_ns: int, limits: CaseLimits
) -> tuple[CameraSpan, ...]:
    """The grants merged, by camera and time.

    Raises `InvalidInput` for none or for an unknown camera, `OutOfScope` for a span that does not
    end before `at_ns`, `TooLarge` beyond the limits.
    """
    asked = list(grants)
    if not asked:
        raise InvalidInput("grants: want one camera and span at least, got none")
    if len(asked) > limits.max_grants:
        raise TooLarge(f"grants: want at most {limits.max_grants}, got {len(asked)}")
    by_camera = grants_by_camera(asked)
    if strange := sorted(set(by_camera) - known):
        raise InvalidInput(f"grants: no camera {strange[0]}")
    latest = max(spans[-1].end_ns for spans in by_camera.values())
    if latest > at_ns:
        raise OutOfScope(f"grants: want them to end before now, got {format_utc(latest)}")
    _check_size(by_camera, limits)
    return flattened(by_camera)


def _check_size(by_camera: dict[int, list[TimeSpan]], limits: CaseLimits) -> None:
    if len(by_camera) > limits.max_cameras:
        raise TooLarge(f"grants: want at most {limits.max_cameras} cameras, got {len(by_camera)}")
    together = merged(span for spans in by_camera.values() for span in spans)
    total_ns = sum(span.end_ns - span.start_ns for span in together)
    if total_ns > limits.max_hours * HOUR_NS:
        hours = total_ns / HOUR_NS
        raise TooLarge(f"grants: want at most {limits.max_hours} hours together, got {hours:.2f}")


def checked_expiry(expires_ns: int, at_ns: int, limits: CaseLimits) -> int:
    """The expiry, if it lies ahead and within the limit of days; else `InvalidInput`."""
    latest = at_ns + limits.max_days_open * DAY_NS
    if not at_ns < expires_ns <= latest:
        raise InvalidInput(
            f"expires: want it ahead and by {format_utc(latest)}, got {format_utc(expires_ns)}"
        )
    return expires_ns


def same_reference(a: str, b: str) -> bool:
    """Whether two references name the same matter, however they were typed."""
    return _bare(a) == _bare(b)


def _bare(reference: str) -> str:
    folded = unicodedata.normalize("NFKC", reference).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def widens(before: Case, after: Case) -> bool:
    """Whether the later version asks for more: another instant of a camera, longer, or a hold."""
    had = grants_by_camera(before.grants)
    more = any(
        not any(span.covers(grant.span) for span in had.get(grant.camera_id, []))
        for grant in after.grants
    )
    return more or after.expires_ns > before.expires_ns or (after.hold and not before.hold)
