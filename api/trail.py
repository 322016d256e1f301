"""Audit entries of what the API and the command line do beside a case."""

from typing import TYPE_CHECKING

from cases.authority import check_role
from cases.events import EventKind, event_by, event_of_system
from core.errors import Forbidden, StorageCorrupt
from core.types import Account, AuditEvent, ModelSpec, Role

if TYPE_CHECKING:
    from pipeline.service import Service


def check_auditor(service: "Service", actor: Account, event: AuditEvent) -> None:
    """`Forbidden`, with its DENY entry, unless the actor is an auditor."""
    try:
        check_role(actor, Role.AUDITOR)
    except Forbidden as error:
        service.audit.refuse(event, error)
        raise


def verify_audit(service: "Service", actor: Account) -> tuple[int, str]:
    """How many entries hold, and what was found wrong (empty if nothing), for an auditor."""
    check_auditor(service, actor, event_by(actor, EventKind.AUDIT_VERIFIED, {"entries": 0}))
    try:
        entries, fault = service.audit.verify(), ""
    except StorageCorrupt as error:
        entries, fault = 0, str(error)
    service.audit.write(event_by(actor, EventKind.AUDIT_VERIFIED, {"entries": entries}))
    return entries, fault


def record_model_change(
    service: "Service", actor: Account | None, spec: ModelSpec, step: str
) -> None:
    """Note which model file was taken in, and by whom, where somebody was logged in."""
    detail = {"model": spec.name, "sha256": spec.sha256, "step": step}
    kind = EventKind.MODEL_CHANGED
    event = event_by(actor, kind, detail) if actor else event_of_system(kind, detail)
    service.audit.write(event)
