"""Who may look at what, right now: the rules alone, without any store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.clocks import HOUR_NS, format_utc
from core.errors import CaseNotActive, Forbidden, InvalidInput, OutOfScope
from core.types import Account, Camera, CameraSpan, Case, CaseState, Role, TimeSpan, merged


@dataclass(frozen=True, slots=True)
class CaseLimits:
    """How much one case may ask for. An operator may set less; `check` refuses more.

    `max_hours` counts the time that the grants cover together (one hour of 500 cameras is one
    hour). `emergency_hours` is at most 48: EU AI Act 26(10). `max_footage_hours` of one listing
    count every camera.
    """

    max_cameras: int = 500
    max_hours: int = 72
    emergency_hours: int = 48
    max_days_open: int = 90
    max_grants: int = 5000
    max_clip_s: float = 900.0
    max_footage_hours: int = 240

    def __post_init__(self) -> None:
        for field, most in (("max_cameras", 500), ("max_hours", 72), ("emergency_hours", 48)):
            if not 0 <= getattr(self, field) <= most:
                raise InvalidInput(f"{field}: want 0 to {most}, got {getattr(self, field)}")


DEFAULT_LIMITS = CaseLimits()


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A part of a case's grants: some cameras, a span of UTC, or both. Neither means all."""

    cameras: tuple[int, ...] = ()
    span: TimeSpan | None = None


EVERYTHING = Narrowing()


def authority_ends_ns(case: Case, limits: CaseLimits) -> int | None:
    """Until when the case may be read; None if its state gives no authority at all."""
    if case.state is CaseState.ACTIVE:
        return case.expires_ns
    if case.state is CaseState.REQUESTED and case.emergency:
        return min(case.expires_ns, case.opened_ns + limits.emergency_hours * HOUR_NS)
    return None


def check_standing(case: Case, at_ns: int, limits: CaseLimits) -> int:
    """Until when the case may be read; `CaseNotActive` if it may not be read at `at_ns`."""
    ends_ns = authority_ends_ns(case, limits)
    if ends_ns is None:
        raise CaseNotActive(f"case {case.case_id}: is {case.state}, want it active")
    if at_ns >= ends_ns:
        lapsed = "" if case.state is CaseState.ACTIVE else ", an emergency that nobody approved"
        raise CaseNotActive(f"case {case.case_id}: ended at {format_utc(ends_ns)}{lapsed}")
    if at_ns < case.opened_ns:
        raise CaseNotActive(f"case {case.case_id}: begins at {format_utc(case.opened_ns)}")
    return ends_ns


def check_unchanged(case: Case, version: int | None) -> None:
    """`CaseNotActive` if the caller worked from another version of the case."""
    if version is not None and version != case.version:
        raise CaseNotActive(
            f"case {case.case_id}: changed since; want version {case.version}, got {version}"
        )


def people_of(case: Case) -> frozenset[int]:
    """Who works in the case: its requester and its members."""
    return case.members | {case.requester}


def check_worker(actor: Account, case: Case) -> None:
    """`Forbidden` unless the actor is an investigator and works in the case."""
    if actor.account_id not in people_of(case):
        raise Forbidden(nothing_there(case.case_id))
    check_role(actor, Role.INVESTIGATOR)


def nothing_there(case_id: int) -> str:
    """What a stranger is told; the same whether the case exists or not."""
    return f"case {case_id}: you do not work in it, or there is none"


def check_role(actor: Account, *roles: Role) -> None:
    """`Forbidden` unless the actor is enabled and has one of the roles."""
    if actor.disabled:
        raise Forbidden("the account is disabled")
    if not actor.roles & set(roles):
        raise Forbidden(
            f"want the role {' or '.join(roles)}, have {', '.join(sorted(actor.roles))}"
        )


def grants_by_camera(grants: Iterable[CameraSpan]) -> dict[int, list[TimeSpan]]:
    """Each granted camera with its spans, merged; both ascending."""
    ordered = sorted(grants, key=_camera)
    groups = groupby(ordered, key=_camera)
    return {camera_id: merged(grant.span for grant in group) for camera_id, group in groups}


def flattened(by_camera: Mapping[int, Sequence[TimeSpan]]) -> tuple[CameraSpan, ...]:
    """The same as camera spans, by camera and time."""
    return tuple(
        CameraSpan(camera_id, span)
        for camera_id in sorted(by_camera)
        for span in by_camera[camera_id]
    )


def narrowed(case: Case, within: Narrowing, at_ns: int) -> tuple[CameraSpan, ...]:
    """What of the case's grants is asked for, in UTC, by camera and time, merged.

    Nothing that was asked for by name is silently left out: a camera that is not granted, or a
    span that is not granted throughout (of the named camera; of any camera when none is named),
    raises `OutOfScope`. So does a grant that reaches past `at_ns`.
    """
    granted = grants_by_camera(case.grants)
    if strange := sorted(set(within.cameras) - set(granted)):
        raise OutOfScope(f"case {case.case_id}: camera {strange[0]} is not granted")
    if any(spans[-1].end_ns > at_ns for spans in granted.values()):
        raise OutOfScope(f"case {case.case_id}: grants reach into the future")
    asked = {camera: granted[camera] for camera in within.cameras or granted}
    if within.span is None:
        return flattened(asked)
    _check_granted(case, within, asked)
    cut = {camera: _cut(spans, within.span) for camera, spans in asked.items()}
    return flattened(cut)


def _check_granted(case: Case, within: Narrowing, asked: Mapping[int, Sequence[TimeSpan]]) -> None:
    span = within.span
    assert span is not None  # noqa: S101  (for the type checker; the caller has looked)
    if within.cameras:
        bounds = [list(spans) for spans in asked.values()]
    else:
        bounds = [merged(part for spans in asked.values() for part in spans)]
    for spans in bounds:
        if not any(part.covers(span) for part in spans):
            raise OutOfScope(f"case {case.case_id}: {span} is not granted throughout")


def _cut(spans: Iterable[TimeSpan], by: TimeSpan) -> list[TimeSpan]:
    parts = (span.intersection(by) for span in spans)
    return [part for part in parts if part is not None]


def device_spans(
    asked: Iterable[CameraSpan], cameras: Mapping[int, Camera]
) -> tuple[CameraSpan, ...]:
    """The device times of UTC spans by each camera's clock history, by camera and time, merged."""
    parts = (
        CameraSpan(part.camera_id, device)
        for part in asked
        if part.camera_id in cameras
        for device in cameras[part.camera_id].device_spans(part.span)
    )
    return flattened(grants_by_camera(parts))


def _camera(grant: CameraSpan) -> int:
    return grant.camera_id
